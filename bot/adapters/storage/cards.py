"""Cards: one an incident and channel."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, bindparam, func, select, update

from bot.adapters.storage.part import Part, Values, row_of
from bot.adapters.storage.tables import CARD, DUE, INCIDENT
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import CardId, IncidentId
from bot.domain.subscription import Place
from bot.domain.work import DueKind
from bot.ports.rows import Card, CardRows

_THERE = (CARD.c.platform == bindparam("of_platform"), CARD.c.channel == bindparam("of_channel"))
_ONE = select(CARD).where(CARD.c.id == bindparam("of_id"))
_OF_INCIDENT = select(CARD).where(CARD.c.incident == bindparam("of_incident")).order_by(CARD.c.id)
_IN_PLACE = select(CARD).where(CARD.c.incident == bindparam("of_incident"), *_THERE)
_MESSAGE = select(CARD).where(*_THERE, CARD.c.message == bindparam("of_message"))
# A card is made when its incident opens, so the newest cards are of the newest incidents.
_NEWEST = (
    select(INCIDENT.c.opened_at)
    .join_from(CARD, INCIDENT, CARD.c.incident == INCIDENT.c.id)
    .where(*_THERE)
    .order_by(CARD.c.id.desc())
    .limit(bindparam("most"))
    .subquery()
)
_FRESH = (
    select(func.count().label("count"))
    .select_from(_NEWEST)
    .where(_NEWEST.c.opened_at > bindparam("since"))
)
_DRAWN = select(DUE.c.id).where(DUE.c.kind == DueKind.CARD).limit(bindparam("most")).subquery()
_WAITING = select(func.count().label("count")).select_from(_DRAWN)
_WANT = upsert(CARD, keys=("incident", "platform", "channel"))
_SAVE = update(CARD).where(CARD.c.id == bindparam("of_id"))


class Cards(Part):
    async def card(self, id: CardId) -> Card | None:
        row = await self._held(_ONE, of_id=id)
        return card_of(row) if row else None

    async def cards(self, incident: IncidentId) -> Sequence[Card]:
        return [card_of(row) for row in await self._all(_OF_INCIDENT, of_incident=incident)]

    async def card_at(self, place: Place, message: str) -> Card | None:
        row = await self._one(_MESSAGE, **_there(place), of_message=message) if message else None
        return card_of(row) if row else None

    async def want_card(self, incident: IncidentId, place: Place) -> Card:
        if (known := await self._in_place(incident, place)) is not None:
            return known
        await self._write(_WANT, _values(Card(id=CardId(0), incident=incident, place=place)))
        made = await self._in_place(incident, place)
        if made is None:
            msg = f"the card of incident {incident} in {place} was deleted while it was made"
            raise LookupError(msg)
        return made

    async def _in_place(self, incident: IncidentId, place: Place) -> Card | None:
        row = await self._held(_IN_PLACE, of_incident=incident, **_there(place))
        return card_of(row) if row else None

    async def fresh_cards(self, place: Place, *, since: datetime, most: int) -> int:
        row = await self._one(_FRESH, **_there(place), since=since, most=most)
        return int(row["count"]) if row else 0

    async def cards_waiting(self, *, most: int) -> int:
        row = await self._one(_WAITING, most=most)
        return int(row["count"]) if row else 0

    async def save_card(self, card: Card) -> None:
        await self._write_one(_SAVE, {**_values(card), "of_id": card.id})


def _there(place: Place) -> Values:
    return {"of_platform": place.platform, "of_channel": place.channel}


def _values(card: Card) -> Values:
    values = row_of(card)
    del values["id"]
    return values | row_of(values.pop("place"))


def card_of(row: RowMapping) -> Card:
    values = dict(row)
    place = Place(platform=values.pop("platform"), channel=values.pop("channel"))
    return Card(place=place, **values)


def _promise(rows: Cards) -> CardRows:
    return rows
