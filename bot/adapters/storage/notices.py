"""Notices: messages that speak of more than one incident, digests above all."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, func, or_, select, update

from bot.adapters.storage.cards import card_of
from bot.adapters.storage.incidents import ANY_INCIDENT, incident_of
from bot.adapters.storage.part import Part, Values, loaded, row_of
from bot.adapters.storage.tables import CARD, INCIDENT, IS_GATHERING, LANE, NOTICE
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import NoticeId
from bot.domain.incident import Incident
from bot.domain.lane import LaneKind
from bot.domain.storm import Tally
from bot.domain.subscription import Place
from bot.ports.notices import Notice, NoticeKind, NoticeRows
from bot.ports.rows import Card, CardState

_THERE = (
    NOTICE.c.platform == bindparam("of_platform"),
    NOTICE.c.channel == bindparam("of_channel"),
)
_ONE = select(NOTICE).where(NOTICE.c.id == bindparam("of_id"))
_GATHERING = select(NOTICE).where(*_THERE, IS_GATHERING)
_SAME = select(NOTICE).where(
    *_THERE,
    NOTICE.c.kind == bindparam("of_kind"),
    NOTICE.c.source == bindparam("of_source"),
)
_WANT = upsert(NOTICE, keys=("kind", "source", "platform", "channel"))
_WANT_DIGEST = upsert(NOTICE, keys=("platform", "channel"), keys_where=IS_GATHERING)
_SAVE = update(NOTICE).where(NOTICE.c.id == bindparam("of_id"))

_IN_IT = CARD.c.notice == bindparam("of_notice")
_HELD = CARD.c.state == CardState.HELD
_BROKEN = INCIDENT.c.ending.is_(None)
_CALLS = and_(
    _BROKEN,
    INCIDENT.c.called_at.is_not(None),
    INCIDENT.c.owner.is_(None),
    LANE.c.kind != LaneKind.PULL,  # for what one person started, nobody else is called
    # What breaks anew when the storm is over calls people by its own card.
    or_(NOTICE.c.closed_at.is_(None), INCIDENT.c.red_since <= NOTICE.c.closed_at),
)


def _count(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
    return func.count().filter(condition).label(name)


_TALLIES = (
    select(
        LANE.c.repo,
        INCIDENT.c.cause,
        INCIDENT.c.ending,
        func.count().label("incidents"),
        _count(and_(_HELD, _BROKEN), "held"),
        _count(_CALLS, "calling"),
        func.max(INCIDENT.c.opened_at).label("newest"),
    )
    .join_from(CARD, INCIDENT, CARD.c.incident == INCIDENT.c.id)
    .join(LANE, INCIDENT.c.lane_id == LANE.c.id)
    .join(NOTICE, CARD.c.notice == NOTICE.c.id)
    .where(_IN_IT)
    .group_by(LANE.c.repo, INCIDENT.c.cause, INCIDENT.c.ending)
)
_GATHERED = (
    ANY_INCIDENT.join(CARD, CARD.c.incident == INCIDENT.c.id)
    .where(_IN_IT)
    .order_by(INCIDENT.c.ending.is_not(None), INCIDENT.c.id.desc())
    .limit(bindparam("most"))
)
_HELD_CARDS = (
    select(CARD)
    .join(INCIDENT, CARD.c.incident == INCIDENT.c.id)
    .where(_IN_IT, _HELD, _BROKEN)
    .order_by(INCIDENT.c.id.desc())
    .limit(bindparam("most"))
)


class Notices(Part):
    async def notice(self, id: NoticeId) -> Notice | None:
        row = await self._held(_ONE, of_id=id)
        return _notice(row) if row else None

    async def gathering(self, place: Place) -> Notice | None:
        row = await self._held(_GATHERING, **_there(place))
        return _notice(row) if row else None

    async def want_notice(self, notice: Notice) -> Notice:
        digest = notice.kind is NoticeKind.DIGEST
        await self._write(_WANT_DIGEST if digest else _WANT, _values(notice))
        made = await (self.gathering(notice.place) if digest else self._same(notice))
        if made is None:
            msg = f"the {notice.kind} notice in {notice.place} was closed while it was made"
            raise LookupError(msg)
        return made

    async def _same(self, notice: Notice) -> Notice | None:
        about = {"of_kind": notice.kind, "of_source": notice.source}
        row = await self._held(_SAME, **about, **_there(notice.place))
        return _notice(row) if row else None

    async def save_notice(self, notice: Notice) -> None:
        await self._write_one(_SAVE, {**_values(notice), "of_id": notice.id})

    async def tallies(self, notice: NoticeId) -> Sequence[Tally]:
        return [loaded(Tally, row) for row in await self._all(_TALLIES, of_notice=notice)]

    async def gathered(self, notice: NoticeId, *, most: int) -> Sequence[Incident]:
        rows = await self._all(_GATHERED, of_notice=notice, most=most)
        return [incident_of(row) for row in rows]

    async def held_cards(self, notice: NoticeId, *, most: int) -> Sequence[Card]:
        rows = await self._all(_HELD_CARDS, of_notice=notice, most=most)
        return [card_of(row) for row in rows]


def _there(place: Place) -> Values:
    return {"of_platform": place.platform, "of_channel": place.channel}


def _values(notice: Notice) -> Values:
    values = row_of(notice)
    del values["id"]
    return values | row_of(values.pop("place"))


def _notice(row: RowMapping) -> Notice:
    values = dict(row)
    place = Place(platform=values.pop("platform"), channel=values.pop("channel"))
    return Notice(place=place, **values)


def _promise(rows: Notices) -> NoticeRows:
    return rows
