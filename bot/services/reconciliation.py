"""Asks GitHub what its webhooks did not tell: lost deliveries, and repositories unheard of."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.domain.errors import OperatorError, PermanentError, TransientError
from bot.domain.events import quiet
from bot.domain.hearing import (
    LOG_REACHES_BACK,
    HearingPolicy,
    Hook,
    LoggedDelivery,
    Missed,
    missed,
)
from bot.domain.ids import InstallationId
from bot.domain.run import Repository
from bot.domain.work import Due, DueKind
from bot.ports.clock import Clock
from bot.ports.code_host import CodeHost
from bot.ports.hearing import Cursor
from bot.ports.rows import DeliveryRows
from bot.ports.store import Store
from bot.services.blindness import HOOK, RUNS, BlindRows, covered, end_blind, say_blind
from bot.services.inbox import ReadEvent

log = structlog.get_logger()

HOURLY: Final = timedelta(hours=1)
SOON: Final = timedelta(minutes=5)  # while something is still wrong, or more than one round's work
OVERLAP: Final = timedelta(minutes=10)
REDELIVERED: Final = 200  # at most in one round; each costs as much as five questions
LOOKED_AT: Final = 100
PROBES: Final = 3  # while even what is sent again does not arrive
HOOKS_KEPT: Final = timedelta(days=1)  # until we look again for new ones


class ReconcileTx(DeliveryRows, BlindRows, Protocol):
    """Rows that reconciling touches."""


class Reconciliation:
    def __init__(
        self,
        store: Store[ReconcileTx],
        code_host: CodeHost,
        read_event: ReadEvent,
        clock: Clock,
        policy: HearingPolicy,
    ) -> None:
        self._store = store
        self._code_host = code_host
        self._read_event = read_event
        self._clock = clock
        self._policy = policy
        self._hooks: Sequence[Hook] = ()
        self._hooks_until: datetime | None = None

    async def reconcile(self, due: Due) -> datetime | None:
        match due.id.split(":", 1):
            case ["repositories"]:
                return await self._look_for_repositories()
            case ["hooks"]:
                return await self._look_for_hooks()
            case [("log" | "likely-log") as kind, name]:
                return await self._read_log(Hook(name=name, certain=kind == "log"))
            case ["blind", id]:
                async with self._store.begin() as tx:
                    return await say_blind(tx, int(id), self._policy, now=self._clock.now())
            case _:
                return None

    async def _look_for_repositories(self) -> datetime:
        """Keep what GitHub says of each repository that is heard, and ask each for its runs."""
        found = await self._code_host.reachable(
            self._policy.patterns, installations=self._installations()
        )
        now = self._clock.now()
        async with self._store.begin() as tx:
            heard = {cursor.name for cursor in await tx.cursors(RUNS)}
            for repo in found:
                if not self._policy.hears(repo):
                    continue
                await tx.save_repository(repo)
                # One that is heard has its own pace; a wish now would take its next turn away.
                want = tx.due_if_none if f"{RUNS}{repo.id}" in heard else tx.due
                await want(DueKind.POLL, str(repo.id), key=f"poll:{repo.id}", at=now)
            for repo in _nameless(await tx.repositories(), found):
                await tx.not_due(DueKind.POLL, str(repo.id))
        return now + _jittered(HOURLY)

    def _installations(self) -> frozenset[InstallationId]:
        """Return those that settings name; empty where any may be subscribed to."""
        named = [one.installations for one in self._policy.subscriptions]
        return frozenset().union(*named) if named and all(named) else frozenset()

    async def _look_for_hooks(self) -> datetime:
        """Want each log read; one a row, so that what hides or fails keeps no other unread."""
        try:
            hooks = await self._known_hooks()
        except OperatorError as error:
            log.warning("hooks_unreadable", why=str(error))  # runs are asked for all the same
            hooks = self._hooks = ()
            self._hooks_until = self._clock.now() + HOOKS_KEPT
        now = self._clock.now()
        async with self._store.begin() as tx:
            for hook in hooks:
                row = f"{'log' if hook.certain else 'likely-log'}:{hook.name}"
                await tx.due(DueKind.RECONCILE, row, key=f"reconcile:{row}", at=now)
        return now + _jittered(HOURLY)

    async def _known_hooks(self) -> Sequence[Hook]:
        """Return our hooks; which they are is asked once a day."""
        now = self._clock.now()
        if self._hooks_until is None or now >= self._hooks_until:
            async with self._store.read() as tx:
                repos = [repo for repo in await tx.repositories() if self._policy.hears(repo)]
            self._hooks = await self._code_host.hooks(repos, named=self._policy.hook)
            self._hooks_until = now + HOOKS_KEPT
        return self._hooks

    async def _read_log(self, hook: Hook) -> datetime | None:
        """Have sent again what was lost and matters; come again soon where something is left."""
        begun, name = self._clock.now(), f"{HOOK}{hook.name}"
        async with self._store.read() as tx:
            cursor = await tx.cursor(name)
        try:
            if cursor is None and not await self._is_ours(hook, begun):
                return None
            found = await self._compare(hook, since=_unread_since(cursor, begun))
        except PermanentError as error:
            log.warning("hook_unreadable", hook=hook.name, why=str(error))
            return None
        left = await self._recover(hook, found)
        now = self._clock.now()
        async with self._store.begin() as tx:
            await self._judge_hearing(tx, name, found, now=now)
            heard_until = min([begun, *(one.at for one in left)])
            await tx.save_cursor(Cursor(name=name, heard_until=heard_until, asked_at=now))
        return now + _jittered(SOON) if left or found.goes_on else None

    async def _is_ours(self, hook: Hook, now: datetime) -> bool:
        """Whether anything that this hook ever delivered has arrived here."""
        if hook.certain:
            return True
        log = await self._code_host.logged(hook, since=now - LOG_REACHES_BACK, failed=False)
        async with self._store.read() as tx:
            return bool(await tx.stored({one.id for one in log}))

    async def _compare(self, hook: Hook, *, since: datetime) -> Missed:
        """Lay a log beside our rows: all that failed, and the newest of the rest."""
        failed = await self._code_host.logged(hook, since=since, failed=True)
        newest = await self._code_host.logged(hook, since=since, failed=False)
        entries = {one.number: one for one in (*failed, *newest)}.values()
        async with self._store.read() as tx:
            stored = await tx.stored({one.id for one in entries})
        return missed(entries, stored=stored, now=self._clock.now())

    async def _recover(self, hook: Hook, found: Missed) -> Sequence[LoggedDelivery]:
        """Get what was lost; return what is left for the next round."""
        await self._take_jobs(hook, found.look[:LOOKED_AT])
        most = PROBES if found.broken else REDELIVERED
        for done, one in enumerate(found.redeliver[:most]):
            try:
                await self._code_host.redeliver(hook, one)
            except OperatorError as error:
                log.warning("redelivery_refused", hook=hook.name, why=str(error))
                return ()  # to ask again would not help, and the runs are asked for anyhow
            except TransientError:
                return found.redeliver[done:]
            except PermanentError as error:
                log.warning("delivery_lost", hook=hook.name, id=one.id, why=str(error))
            else:
                log.info("redelivery_asked", hook=hook.name, id=one.id, github_event=one.event)
        return found.redeliver[most:]

    async def _take_jobs(self, hook: Hook, ended: Sequence[LoggedDelivery]) -> None:
        """Take in the jobs that failed or deploy: only their payload tells, and then it is here."""
        for one in ended:
            try:
                delivery = await self._code_host.logged_delivery(hook, one)
                matters = not quiet(self._read_event(delivery))
            except TransientError:
                return
            except PermanentError:
                continue
            if matters:
                async with self._store.begin() as tx:
                    await tx.take_in([delivery])

    async def _judge_hearing(
        self, tx: ReconcileTx, name: str, found: Missed, *, now: datetime
    ) -> None:
        """Begin and end the blind times of this hook, as its log says."""
        blinds = await tx.blinds(since=now)
        blind = next((one for one in blinds if (one.source, one.until) == (name, None)), None)
        for stretch in found.lost:
            since, until = stretch[0].at, stretch[-1].at
            goes_on = found.goes_on and stretch is found.lost[-1]
            if blind is None:
                is_short = until - since < self._policy.say_blind_after and not goes_on
                if is_short or await covered(tx, since=since, until=until):
                    continue
                blind = await tx.open_blind(name, since=since)
                log.warning("deliveries_lost", hook=name, since=since, said=stretch[-1].said)
            if blind.since <= until and not goes_on:
                await end_blind(tx, blind, until=until, now=now)
                blind = None
        if blind is not None and not found.goes_on:
            await end_blind(tx, blind, until=now, now=now)


def _nameless(known: Sequence[Repository], found: Sequence[Repository]) -> list[Repository]:
    """Return those whose name another repository has now; they are gone, or hidden from us."""
    named = {repo.full_name.casefold(): repo.id for repo in found}
    return [repo for repo in known if named.get(repo.full_name.casefold(), repo.id) != repo.id]


def _unread_since(cursor: Cursor | None, now: datetime) -> datetime:
    """Return from when on a log is read; one that nobody read yet, from now on."""
    if cursor is None:
        return now
    if cursor.heard_until > now:  # the clock was ahead: how far we really heard, nobody knows
        return now - LOG_REACHES_BACK
    return max(cursor.heard_until - OVERLAP, now - LOG_REACHES_BACK)


def _jittered(wait: timedelta) -> timedelta:
    return wait * random.uniform(0.95, 1.05)  # noqa: S311 - jitter, not a secret
