"""The only one that writes notices: messages that speak of more than one incident."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from bot.domain.errors import NotFoundError, OperatorError, PermanentError
from bot.domain.ids import NoticeId
from bot.domain.person import Platform
from bot.domain.run import Repository
from bot.domain.storm import StormPolicy
from bot.domain.work import Due
from bot.messages.digest import SHOWN_ROWS, DigestFacts, digest_call, digest_card, digest_title
from bot.messages.views import Note, View
from bot.ports.chat import ChatPlatform, MessageRef
from bot.ports.clock import Clock
from bot.ports.hearing import HearingRows
from bot.ports.notices import Notice, NoticeKind, NoticeState
from bot.ports.rows import IncidentRows, RepositoryRows
from bot.ports.store import Store
from bot.services.access import AccessRules
from bot.services.blindness import note_of_blind
from bot.services.drawing import Drawer
from bot.services.holding import HoldingRows, release
from bot.services.scrubbing import scrubbed
from bot.services.telling import REQUEST_TIMEOUT

log = structlog.get_logger()

FORGET_AFTER: Final = timedelta(days=1)  # a notice that is over in a channel that is lost
READ_ROWS: Final = 10 * SHOWN_ROWS  # some of them may be hidden from the channel
ALL: Final = 10_000


class NoticeTx(HoldingRows, IncidentRows, RepositoryRows, HearingRows, Protocol):
    """Rows that a notice is drawn from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A notice and all that it should say, read at one moment."""

    notice: Notice
    view: View | None
    """None where there is nothing to say."""
    title: str = ""
    """Of its thread, should it have to be opened."""
    call: Note | None = None
    """The line that calls people."""
    lasts: bool = False
    """Whether it still matters, and is posted anew if somebody deletes it."""


class Notices:
    def __init__(  # noqa: PLR0913 - what a notice is made of, and its two policies
        self,
        store: Store[NoticeTx],
        platforms: Mapping[Platform, ChatPlatform],
        rules: AccessRules,
        clock: Clock,
        *,
        storm: StormPolicy,
        patience: timedelta = REQUEST_TIMEOUT,
    ) -> None:
        self._store = store
        self._platforms = platforms
        self._rules = rules
        self._clock = clock
        self._storm = storm
        self._drawer = Drawer(platforms, clock, patience=patience, save=self._save)

    async def draw(self, due: Due) -> datetime | None:
        """Post or edit a notice, and call people once; a storm that is over ends its digest."""
        notice, again = await self._settle(NoticeId(int(due.id)))
        if notice is None or notice.place.platform not in self._platforms:
            return again
        if (until := await self._drawer.wait(notice)) is not None:
            return until
        unfinished = notice.tries > 0
        try:
            notice = await self._show(await self._drawing(notice), unfinished=unfinished)
        except OperatorError:
            await self._forget(notice)
            raise
        except PermanentError:
            await self._give_up(notice)
            raise
        if unfinished and notice.message:
            return await self._drawer.look_once_more(notice)
        return again

    async def _settle(self, notice_id: NoticeId) -> tuple[Notice | None, datetime | None]:
        """End a digest whose storm is over; return it with when to look again, if it is not."""
        now = self._clock.now()
        async with self._store.begin() as tx:
            notice = await tx.notice(notice_id)
            if notice is None or notice.state is NoticeState.DROPPED:
                return None, None
            if notice.kind is not NoticeKind.DIGEST or notice.closed_at:
                return notice, None
            # Whoever holds an incident back locks the digest first, so none comes in between.
            newest = [tally.newest for tally in await tx.tallies(notice_id)]
            over_at = self._storm.over_at(max([notice.opened_at, *newest]))
            if now < over_at:
                return notice, over_at
            closed = replace(notice, closed_at=now)
            await tx.save_notice(closed)
        return closed, None

    async def _drawing(self, notice: Notice) -> Drawing:
        """Read what a channel may know of by now; a repository may have turned private."""
        async with self._store.read() as tx:
            repos = {
                repo.id: repo
                for repo in await tx.repositories()
                if self._rules.subscription(notice.place, repo)
            }
            if notice.kind is NoticeKind.BLIND:
                note = await note_of_blind(tx, notice, [*repos.values()])
                return Drawing(notice=notice, view=note)
            listed = await tx.gathered(notice.id, most=READ_ROWS)
            facts = DigestFacts(
                since=notice.opened_at,
                until=notice.closed_at,
                tallies=tuple(one for one in await tx.tallies(notice.id) if one.repo in repos),
                names={id: repo.full_name for id, repo in repos.items()},
                listed=tuple(one for one in listed if one.lane.repo in repos),
            )
        needy = [repos[tally.repo] for tally in facts.tallies if tally.calling]
        return Drawing(
            notice=notice,
            view=scrubbed(digest_card(facts)) if notice.message or facts.total else None,
            title=digest_title(facts),
            call=digest_call(facts, self._called(notice, needy)) if needy else None,
            lasts=facts.broken > 0,
        )

    def _called(self, notice: Notice, needy: Sequence[Repository]) -> tuple[str, ...]:
        """Say who is rung: whom a subscription names that reaches a build in need."""
        named = [
            f"{notice.place.platform}:{name}"
            for subscription in self._rules.subscriptions
            if subscription.place == notice.place and any(map(subscription.reaches, needy))
            for name in subscription.mention
        ]
        return tuple(dict.fromkeys(named))

    async def _show(self, drawing: Drawing, *, unfinished: bool) -> Notice:
        notice = drawing.notice
        if drawing.view is None:
            return notice
        view, key = drawing.view, f"notice-{notice.id}"
        notice = await self._drawer.post(notice, view, key=key, unfinished=unfinished)
        try:
            notice = await self._drawer.edit(notice, view, urgent=False, unfinished=unfinished)
        except NotFoundError:
            if not drawing.lasts:
                return await self._save(replace(notice, state=NoticeState.DROPPED, tries=0))
            anew = replace(notice, message="")
            notice = await self._drawer.post(anew, view, key=key, unfinished=False)
        if drawing.call is None or notice.called_at is not None:
            return notice
        await self._call(notice, drawing.call, title=drawing.title, unfinished=unfinished)
        called = replace(notice, called_at=self._clock.now(), tries=0, tried_at=None)
        return await self._save(called)

    async def _call(self, notice: Notice, call: Note, *, title: str, unfinished: bool) -> None:
        """Ring people by a new line, since an edit notifies nobody."""
        platform, key = self._platforms[notice.place.platform], f"call-{notice.id}"
        ref = MessageRef(place=notice.place, message=notice.message)
        try:
            thread = await platform.open_thread(ref, title)
            if unfinished and await self._drawer.find(notice, key=key, thread=thread):
                return
            async with self._drawer.acting(notice):
                await platform.post(notice.place, call, key=key, thread=thread)
        except PermanentError as error:
            log.error("line_refused", notice=notice.id, key=key, why=str(error))

    async def _forget(self, notice: Notice) -> None:
        """Give up a notice in a channel that is lost, once nothing that broke hangs on it."""
        now = self._clock.now()
        if notice.closed_at is None or now - notice.closed_at <= FORGET_AFTER:
            return
        async with self._store.begin() as tx:
            if not await tx.held_cards(notice.id, most=1):
                await _drop(tx, notice, at=now)

    async def _give_up(self, notice: Notice) -> None:
        """Show by itself what a digest can't tell of: nothing that broke may be silent."""
        now = self._clock.now()
        # One commit: a digest that is dropped never comes back to its cards.
        async with self._store.begin() as tx:
            await _drop(tx, notice, at=now)
            for card in await tx.held_cards(notice.id, most=ALL):
                await release(tx, card, at=now)

    async def _save(self, notice: Notice) -> Notice:
        if notice.message and notice.state is NoticeState.WANTED:
            notice = replace(notice, state=NoticeState.SHOWN)
        async with self._store.begin() as tx:
            await tx.save_notice(notice)
        return notice


async def _drop(tx: NoticeTx, notice: Notice, *, at: datetime) -> None:
    current = await tx.notice(notice.id)
    if current is not None:
        closed_at = current.closed_at or at
        await tx.save_notice(replace(current, state=NoticeState.DROPPED, closed_at=closed_at))
