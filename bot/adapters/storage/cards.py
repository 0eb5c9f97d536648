"""Cards: one an incident and channel."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, bindparam, select, update

from bot.adapters.storage.part import Part, Values, row_of
from bot.adapters.storage.tables import CARD
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import CardId, IncidentId
from bot.domain.subscription import Place
from bot.ports.rows import Card, CardRows

_THERE = (CARD.c.platform == bindparam("of_platform"), CARD.c.channel == bindparam("of_channel"))
_ONE = select(CARD).where(CARD.c.id == bindparam("of_id"))
_OF_INCIDENT = select(CARD).where(CARD.c.incident == bindparam("of_incident")).order_by(CARD.c.id)
_IN_PLACE = select(CARD).where(CARD.c.incident == bindparam("of_incident"), *_THERE)
_MESSAGE = select(CARD).where(*_THERE, CARD.c.message == bindparam("of_message"))
_WANT = upsert(CARD, keys=("incident", "platform", "channel"))
_SAVE = update(CARD).where(CARD.c.id == bindparam("of_id"))


class Cards(Part):
    async def card(self, id: CardId) -> Card | None:
        row = await self._held(_ONE, of_id=id)
        return _card(row) if row else None

    async def cards(self, incident: IncidentId) -> Sequence[Card]:
        return [_card(row) for row in await self._all(_OF_INCIDENT, of_incident=incident)]

    async def card_at(self, place: Place, message: str) -> Card | None:
        row = await self._one(_MESSAGE, **_there(place), of_message=message) if message else None
        return _card(row) if row else None

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
        return _card(row) if row else None

    async def save_card(self, card: Card) -> None:
        await self._write_one(_SAVE, {**_values(card), "of_id": card.id})


def _there(place: Place) -> Values:
    return {"of_platform": place.platform, "of_channel": place.channel}


def _values(card: Card) -> Values:
    values = row_of(card)
    del values["id"]
    return values | row_of(values.pop("place"))


def _card(row: RowMapping) -> Card:
    values = dict(row)
    place = Place(platform=values.pop("platform"), channel=values.pop("channel"))
    return Card(place=place, **values)


def _promise(rows: Cards) -> CardRows:
    return rows
