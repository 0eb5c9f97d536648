"""Rows of incidents and what follows from them: each exists once, whoever asks twice."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from bot.adapters.storage.store import SqlStore
from bot.domain.ids import CardId, IncidentId, LaneId, PressId, RetryId
from bot.domain.incident import Ending, Fact, TimelineEntry
from bot.domain.press import PressKind
from bot.domain.retry import LIVE, RetryState
from bot.ports.rows import Card, CardState
from tests.contract.conftest import an_incident
from tests.contract.made import (
    CARD,
    DETAILED,
    HERE,
    LATER,
    NOW,
    OPEN,
    OTHER_LANE,
    PRESS,
    RETRY,
    RUN,
    THERE,
)


async def test_an_incident_is_kept_whole(store: SqlStore) -> None:
    async with store.begin() as tx:
        _, made = await an_incident(tx)
        lane, detailed = await an_incident(tx, DETAILED, lane=OTHER_LANE)
        assert await tx.incident(made.id) == made
        assert await tx.incident(detailed.id) == detailed
        assert detailed == replace(DETAILED, id=detailed.id, lane_id=lane, lane=OTHER_LANE)
        assert await tx.incident(IncidentId(99)) is None


async def test_each_field_can_change(store: SqlStore) -> None:
    async with store.begin() as tx:
        lane, made = await an_incident(tx)
        changed = replace(DETAILED, id=made.id, lane_id=lane)
        await tx.save_incident(changed)
        assert await tx.incident(made.id) == changed
        await tx.save_incident(made)
        assert await tx.incident(made.id) == made


async def test_a_lane_has_one_open_incident(store: SqlStore) -> None:
    async with store.begin() as tx:
        lane, made = await an_incident(tx)
    with pytest.raises(IntegrityError):
        async with store.begin() as tx:
            await an_incident(tx)
    async with store.begin() as tx:
        await tx.save_incident(made.end(Ending.GREEN, by="itself", at=LATER))
        _, second = await an_incident(tx)
        assert second.id > made.id
        assert await tx.lane_incident(lane) == second
        assert await tx.lane_incident(LaneId(99)) is None


async def test_an_ended_incident_cannot_reopen_beside_another(store: SqlStore) -> None:
    async with store.begin() as tx:
        _, made = await an_incident(tx, DETAILED)
        await an_incident(tx)
    with pytest.raises(IntegrityError):
        async with store.begin() as tx:
            await tx.save_incident(replace(made, state=OPEN.state))


async def test_open_incidents_newest_first(store: SqlStore) -> None:
    async with store.begin() as tx:
        _, one = await an_incident(tx)
        _, two = await an_incident(tx, lane=OTHER_LANE)
        assert await tx.open_incidents() == [two, one]
        await tx.save_incident(one.end(Ending.RESOLVED, by="ana", at=NOW))
        assert await tx.open_incidents() == [two]
        assert (await tx.lane_incident(one.lane_id)) == one.end(Ending.RESOLVED, by="ana", at=NOW)


async def test_what_is_gone_cannot_be_saved(store: SqlStore) -> None:
    """An update that changes no row is a bug, and must not look like success."""
    async with store.begin() as tx:
        lane = await tx.lock_lane(OPEN.lane)
        with pytest.raises(LookupError):
            await tx.save_incident(replace(OPEN, id=IncidentId(99), lane_id=lane))
        with pytest.raises(LookupError):
            await tx.save_retry(replace(RETRY, id=RetryId(99)))
        with pytest.raises(LookupError):
            await tx.save_card(replace(CARD, id=CardId(99)))


async def test_a_fact_is_told_once_and_in_order(store: SqlStore) -> None:
    async with store.begin() as tx:
        _, one = await an_incident(tx)
        _, two = await an_incident(tx, lane=OTHER_LANE)
        opened = TimelineEntry(incident=one.id, kind=Fact.OPENED, source="812/1", at=NOW)
        cause = replace(opened, kind=Fact.CAUSE, who="the bot", what="503")
        assert await tx.tell(opened)
        assert await tx.tell(replace(opened, incident=two.id))
        assert not await tx.tell(replace(opened, at=LATER, what="again"))
        assert await tx.tell(cause)
        assert await tx.tell(replace(opened, source="813/1"))

        assert await tx.timeline(one.id) == [
            replace(opened, seq=1),
            replace(cause, seq=2),
            replace(opened, source="813/1", seq=3),
        ]
        assert [entry.seq for entry in await tx.timeline(one.id, after=2)] == [3]
        assert await tx.timeline(two.id) == [replace(opened, incident=two.id, seq=1)]


async def test_a_retry_is_kept_whole(store: SqlStore) -> None:
    async with store.begin() as tx:
        _, incident = await an_incident(tx)
        made = await tx.new_retry(replace(RETRY, incident=incident.id))
        assert made
        assert made == replace(RETRY, id=made.id, incident=incident.id)
        assert await tx.retry(made.id) == made
        by_the_bot = replace(
            made, by=None, tried_at=None, outcome="", state=RetryState.WAITING, tries=2
        )
        await tx.save_retry(by_the_bot)
        assert await tx.retry(made.id) == by_the_bot
        assert await tx.retry(RetryId(99)) is None


@pytest.mark.parametrize("state", RetryState)
async def test_only_a_live_retry_blocks_another(store: SqlStore, state: RetryState) -> None:
    async with store.begin() as tx:
        _, incident = await an_incident(tx)
        wish = replace(RETRY, incident=incident.id, state=state)
        first = await tx.new_retry(wish)
        assert first
        assert await tx.live_retry(RUN.id, 1) == (first if state in LIVE else None)
        second = await tx.new_retry(replace(wish, state=RetryState.WAITING))
        assert (second is None) == (state in LIVE)
        assert await tx.new_retry(replace(wish, attempt=2)), "another attempt is another wish"
        assert (await tx.retries(incident.id))[0] == first


async def test_a_channel_has_one_card_of_an_incident(store: SqlStore) -> None:
    async with store.begin() as tx:
        _, incident = await an_incident(tx)
        wanted = await tx.want_card(incident.id, HERE)
        assert wanted == Card(id=wanted.id, incident=incident.id, place=HERE)
        shown = replace(CARD, id=wanted.id, incident=incident.id)
        await tx.save_card(shown)
        assert await tx.want_card(incident.id, HERE) == shown, "what is shown stays so"
        other = await tx.want_card(incident.id, THERE)
        assert await tx.cards(incident.id) == [shown, other]
        assert await tx.card(shown.id) == shown
        assert await tx.card(CardId(99)) is None


async def test_a_card_is_found_by_its_message(store: SqlStore) -> None:
    async with store.begin() as tx:
        _, incident = await an_incident(tx)
        wanted = await tx.want_card(incident.id, HERE)
        assert await tx.card_at(HERE, "") is None
        shown = replace(wanted, state=CardState.SHOWN, message="171.5")
        await tx.save_card(shown)
        assert await tx.card_at(HERE, "171.5") == shown
        assert await tx.card_at(THERE, "171.5") is None


async def test_a_press_is_kept_whole_and_once(store: SqlStore) -> None:
    command = replace(
        PRESS, id=PressId("2"), kind=PressKind.COMMAND, target=None, message="", arguments={}
    )
    async with store.begin() as tx:
        assert await tx.new_press(PRESS)
        assert await tx.new_press(command)
        assert not await tx.new_press(replace(PRESS, name="resolve"))
        assert await tx.press(PRESS.id) == PRESS
        assert await tx.press(command.id) == command
        assert not await tx.press_is_done(PRESS.id)
        await tx.press_done(PRESS.id, at=LATER, outcome="answered")
        assert await tx.press_is_done(PRESS.id)
        assert await tx.press(PRESS.id) == PRESS
        assert not await tx.new_press(PRESS)
        assert await tx.press(PressId("99")) is None
