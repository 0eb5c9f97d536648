"""Whether we hear GitHub at all: our own life, the schedules that ask, how fresh answers are."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.hearing import HearingPolicy, pace
from bot.domain.run import Repository
from bot.domain.work import DueKind
from bot.messages.blindness import blind_line, freshness
from bot.messages.text import Text
from bot.ports.clock import Clock
from bot.ports.hearing import Cursor
from bot.ports.store import Store
from bot.services.blindness import LIFE, RUNS, BlindRows, end_blind
from bot.services.polling import HOURLY, busy

GAP: Final = timedelta(minutes=2)  # longer than a restart; we say that we live every 30 s
FIRST_ROUND: Final = timedelta(seconds=60)  # to ask all repositories at a start
SAID_FOR: Final = timedelta(days=1)


class Hearing:
    def __init__(
        self,
        store: Store[BlindRows],
        clock: Clock,
        policy: HearingPolicy,
        *,
        since_boot: Callable[[], float],
    ) -> None:
        """Live from the start on.

        Args:
            since_boot: Seconds that pass while the machine is suspended, too, and that nobody sets.
        """
        self._store = store
        self._clock = clock
        self._policy = policy
        self._since_boot = since_boot
        self._lived = float("-inf")

    async def start(self) -> None:
        """Ask GitHub what we missed, and make the schedules; harmless to repeat."""
        async with self._store.begin() as tx:
            now = self._clock.now()
            gap = await self._live(tx, now=now)
            await self._ask_everything(tx, now=now, check_at=now if gap else now + HOURLY)
        self._lived = self._since_boot()

    async def alive(self) -> None:
        """Record that we live; after a gap, as of a suspended machine, ask what we missed."""
        async with self._store.begin() as tx:
            now = self._clock.now()
            if await self._live(tx, now=now):
                await self._ask_everything(tx, now=now, check_at=now)
        self._lived = self._since_boot()

    async def _live(self, tx: BlindRows, *, now: datetime) -> bool:
        """Move our life on; True where we did not live for a while, or never before."""
        before = await tx.cursor(LIFE)
        await tx.save_cursor(Cursor(name=LIFE, heard_until=now, asked_at=now))
        last = before.heard_until if before else None
        if last is None:
            return True
        lived_on = self._since_boot() - self._lived < GAP.total_seconds()
        if now - last < GAP or lived_on:  # if both differ, the clock was set
            return False
        blind = await tx.open_blind(LIFE, since=last)
        await end_blind(tx, blind, until=now, now=now)
        return True

    async def _ask_everything(self, tx: BlindRows, *, now: datetime, check_at: datetime) -> None:
        """Bring forward all that asks GitHub.

        Args:
            check_at: When all that is broken is read again, at the latest; it is dear, so that
                a bot that restarts again and again should not.
        """
        await tx.due(DueKind.RECONCILE, "repositories", key="reconcile:repositories", at=now)
        await tx.due(DueKind.CHECK, "all", key="check:all", at=check_at)
        if self._policy.webhooks:
            await tx.due(DueKind.RECONCILE, "hooks", key="reconcile:hooks", at=now)
        mine = [repo for repo in await tx.repositories() if self._policy.hears(repo)]
        for place, repo in enumerate(mine):
            at = now + FIRST_ROUND * place / len(mine)
            await tx.due(DueKind.POLL, str(repo.id), key=f"poll:{repo.id}", at=at)

    async def about(self, repo: Repository) -> Sequence[Text]:
        """Say how fresh our picture of a repository is, and when we were blind lately."""
        now = self._clock.now()
        async with self._store.read() as tx:
            cursors = {one.name: one for one in await tx.cursors(RUNS)}
            lately = [
                (blind, await tx.recovered(blind))
                for blind in await tx.blinds(since=now - SAID_FOR)
                if (blind.until or now) - blind.since >= self._policy.say_blind_after
            ]
        said = []
        if self._policy.polls and not self._policy.webhooks:
            mine = cursors.get(f"{RUNS}{repo.id}")
            every = pace(self._policy.poll_every, busy=busy([*cursors.values()], now))
            said.append(freshness(mine.asked_at if mine else None, every=every))
        for blind, found in lately[:1]:
            here = [one for one in found if one.repo == repo.id]
            said.append(
                blind_line(
                    since=blind.since,
                    until=blind.until,
                    runs=sum(one.runs for one in here),
                    failures=sum(one.failures for one in here),
                )
            )
        return said
