"""Rows of notices: one digest gathers in a channel, and counts what it holds back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.failure import Cause
from bot.domain.ids import NoticeId
from bot.domain.incident import Ending, Incident
from bot.domain.lane import LaneKind
from bot.domain.storm import Tally
from bot.domain.work import DueKind
from bot.ports.notices import Notice, NoticeKind, NoticeState
from bot.ports.rows import Card, CardState
from tests.contract.conftest import an_incident
from tests.contract.made import ANA, BEFORE, HERE, LANE, LATER, NOTICE, NOW, OPEN, REPO, THERE

DIGEST = Notice(id=NoticeId(0), kind=NoticeKind.DIGEST, source="noon", place=HERE, opened_at=BEFORE)
MOMENT = timedelta(seconds=1)


async def test_a_notice_is_kept_whole(store: SqlStore) -> None:
    async with store.begin() as tx:
        made = await tx.want_notice(NOTICE)
        assert made == replace(NOTICE, id=made.id)
        assert await tx.notice(made.id) == made
        plain = replace(DIGEST, id=made.id, place=THERE)
        await tx.save_notice(plain)
        assert await tx.notice(made.id) == plain
        assert await tx.notice(NoticeId(99)) is None


async def test_a_notice_is_said_once_in_each_place(store: SqlStore) -> None:
    async with store.begin() as tx:
        made = await tx.want_notice(NOTICE)
        shown = replace(made, state=NoticeState.SHOWN, message="9.9")
        await tx.save_notice(shown)
        assert await tx.want_notice(NOTICE) == shown
        assert (await tx.want_notice(replace(NOTICE, place=THERE))).id != made.id
        assert (await tx.want_notice(replace(NOTICE, source="another"))).id != made.id


async def test_one_digest_gathers_in_a_channel(store: SqlStore) -> None:
    """Whoever opens one a moment later gets the one that is there."""
    async with store.begin() as tx:
        assert await tx.gathering(HERE) is None
        first = await tx.want_notice(DIGEST)
        assert await tx.want_notice(replace(DIGEST, source="later", opened_at=NOW)) == first
        assert await tx.gathering(HERE) == first
        assert await tx.gathering(THERE) is None
        await tx.save_notice(replace(first, closed_at=NOW))
        assert await tx.gathering(HERE) is None
        second = await tx.want_notice(replace(DIGEST, source="later", opened_at=LATER))
        assert second.id != first.id


async def test_two_processes_that_open_a_digest_at_once_open_one(postgres: str) -> None:
    """Each judges another repository; whoever is second waits, and finds the first one's."""

    async def open_one(store: SqlStore, source: str) -> NoticeId:
        async with store.begin() as tx:
            made = await tx.want_notice(replace(DIGEST, source=source))
            await asyncio.sleep(0)
            return made.id

    async with SqlStore(postgres) as one, SqlStore(postgres) as other:
        ids = await asyncio.gather(
            *(open_one(store, f"{n}") for n in range(4) for store in (one, other))
        )
    assert len(set(ids)) == 1


async def test_what_is_no_digest_gathers_nothing(store: SqlStore) -> None:
    async with store.begin() as tx:
        blind = replace(NOTICE, closed_at=None)
        await tx.want_notice(blind)
        assert await tx.gathering(HERE) is None
        await tx.want_notice(replace(blind, source="another"))


async def test_a_digest_counts_what_is_alike(store: SqlStore) -> None:
    async with store.begin() as tx:
        digest = await tx.want_notice(DIGEST)
        red = replace(OPEN, cause=Cause.REGISTRY_5XX)
        await _held(tx, digest, red, 1)
        await _held(tx, digest, replace(red, called_at=NOW, opened_at=LATER), 2)
        await _held(tx, digest, replace(red, called_at=NOW, owner=ANA), 3)
        await _held(tx, digest, replace(red, called_at=NOW), 4, kind=LaneKind.PULL)
        await _held(tx, digest, replace(red, called_at=NOW), 5, state=CardState.SHOWN)
        await _held(tx, digest, replace(red, ending=Ending.GREEN), 6)
        await an_incident(tx)
        await tx.save_notice(replace(digest, closed_at=NOW))
        await _held(tx, digest, replace(red, called_at=LATER, red_since=LATER), 7)

        assert sorted(await tx.tallies(digest.id), key=lambda one: one.incidents) == [
            _tally(1, held=0, ending=Ending.GREEN),
            _tally(6, held=5, calling=2, newest=LATER),
        ]
        assert await tx.tallies(NoticeId(99)) == []


async def test_a_digest_lists_what_is_broken_first_and_newest_first(store: SqlStore) -> None:
    async with store.begin() as tx:
        digest = await tx.want_notice(DIGEST)
        old, fixed, new, shown = [
            await _held(tx, digest, incident, number, state=state)
            for number, (incident, state) in enumerate(
                [
                    (OPEN, CardState.HELD),
                    (replace(OPEN, ending=Ending.GREEN), CardState.HELD),
                    (OPEN, CardState.HELD),
                    (OPEN, CardState.SHOWN),
                ]
            )
        ]
        listed = await tx.gathered(digest.id, most=9)
        assert [one.id for one in listed] == [card.incident for card in (shown, new, old, fixed)]
        assert len(await tx.gathered(digest.id, most=2)) == 2
        assert await tx.held_cards(digest.id, most=9) == [new, old]
        assert await tx.held_cards(digest.id, most=1) == [new]


async def test_new_cards_of_a_channel_are_counted(store: SqlStore) -> None:
    async with store.begin() as tx:
        for number, opened_at in enumerate([BEFORE, NOW, LATER]):
            lane = replace(LANE, name=f"branch-{number}")
            _, incident = await an_incident(tx, replace(OPEN, opened_at=opened_at), lane=lane)
            await tx.want_card(incident.id, HERE)
            if opened_at == LATER:
                await tx.want_card(incident.id, THERE)

        assert await tx.fresh_cards(HERE, since=NOW - MOMENT, most=9) == 2
        assert await tx.fresh_cards(HERE, since=NOW, most=9) == 1
        assert await tx.fresh_cards(HERE, since=BEFORE - MOMENT, most=2) == 2
        assert await tx.fresh_cards(THERE, since=BEFORE, most=9) == 1


async def test_cards_that_wait_are_counted(store: SqlStore) -> None:
    async with store.begin() as tx:
        assert await tx.cards_waiting(most=9) == 0
        for number in range(3):
            await tx.due(DueKind.CARD, str(number), key=f"card:{number}", at=LATER)
        await tx.due(DueKind.PRESS, "p", key="p", at=NOW)
        assert await tx.cards_waiting(most=9) == 3
        assert await tx.cards_waiting(most=2) == 2


def _tally(incidents: int, **about: object) -> Tally:
    alike = {"repo": REPO, "cause": Cause.REGISTRY_5XX, "ending": None, "calling": 0, "newest": NOW}
    return Tally(**alike | {"incidents": incidents} | about)  # type: ignore[arg-type]


async def _held(
    tx: Transaction,
    digest: Notice,
    incident: Incident,
    number: int,
    *,
    kind: LaneKind = LaneKind.PUSH,
    state: CardState = CardState.HELD,
) -> Card:
    lane = replace(LANE, kind=kind, name=f"lane-{number}")
    _, made = await an_incident(tx, incident, lane=lane)
    card = replace(await tx.want_card(made.id, HERE), state=state, notice=digest.id)
    await tx.save_card(card)
    return card
