"""DueRows: who holds a row may cross it off, unless somebody wished again meanwhile."""

from datetime import timedelta

from bot.adapters.storage.store import SqlStore
from bot.domain.work import Due, DueKind, Queue
from bot.ports.rows import SetAside
from tests.contract.conftest import Wakes
from tests.contract.made import BEFORE, LATER, NOW, SOON

LEASE = timedelta(minutes=1)
CARD = DueKind.CARD


async def test_what_is_due_is_claimed_once(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="incident:1", at=NOW)
        first = await tx.claim(CARD, "1", now=NOW, lease=LEASE)
        second = await tx.claim(CARD, "1", now=NOW, lease=LEASE)

    assert first == Due(kind=CARD, id="1", key="incident:1", due_at=NOW + LEASE, tries=1)
    assert second is None


async def test_what_is_not_due_yet_is_not_claimed(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="incident:1", at=SOON)
        assert await tx.claim(CARD, "1", now=NOW, lease=LEASE) is None
        assert await tx.claim(CARD, "2", now=NOW, lease=LEASE) is None
        assert await tx.claim(DueKind.RETRY, "1", now=LATER, lease=LEASE) is None


async def test_the_earlier_of_two_wishes_wins(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="incident:1", at=SOON)
        await tx.due(CARD, "1", key="incident:1", at=LATER)
        assert await tx.next_due() == SOON
        await tx.due(CARD, "1", key="incident:1", at=NOW)
        assert await tx.next_due() == NOW


async def test_what_is_wanted_already_is_left_to_who_wants_it(
    store: SqlStore, wakes: Wakes
) -> None:
    """Also while somebody holds it: what its holder says of the next time counts."""
    due = await _claimed(store)
    wakes.heard.clear()
    async with store.begin() as tx:
        await tx.due_if_none(CARD, "1", key="incident:1", at=NOW)
        assert await tx.finish(due, again=LATER)
        assert await tx.next_due() == LATER
        await tx.due_if_none(CARD, "2", key="incident:2", at=SOON)
        assert await tx.next_due() == SOON
    assert (CARD, "2", "incident:2", SOON) in wakes.heard


async def test_finished_is_crossed_off(store: SqlStore, wakes: Wakes) -> None:
    due = await _claimed(store)
    wakes.heard.clear()
    async with store.begin() as tx:
        assert await tx.finish(due, again=None)
        assert await tx.next_due() is None
    assert wakes.heard == []


async def test_finished_until_later_starts_counting_anew(store: SqlStore, wakes: Wakes) -> None:
    due = await _claimed(store)
    wakes.heard.clear()
    async with store.begin() as tx:
        assert await tx.finish(due, again=LATER)
        assert await tx.claim(CARD, "1", now=SOON, lease=LEASE) is None
        again = await tx.claim(CARD, "1", now=LATER, lease=LEASE)
    assert again
    assert again.tries == 1
    assert wakes.heard == [(CARD, "1", "incident:1", LATER)]


async def test_postponed_keeps_its_tries(store: SqlStore, wakes: Wakes) -> None:
    due = await _claimed(store)
    wakes.heard.clear()
    async with store.begin() as tx:
        await tx.postpone(due, until=LATER)
        assert await tx.claim(CARD, "1", now=SOON, lease=LEASE) is None
        again = await tx.claim(CARD, "1", now=LATER, lease=LEASE)
    assert again
    assert again.tries == 2
    assert wakes.heard == [(CARD, "1", "incident:1", LATER)]


async def test_a_wish_made_while_a_handler_works_survives_it(store: SqlStore) -> None:
    due = await _claimed(store)
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="incident:1", at=NOW)
    async with store.begin() as tx:
        assert not await tx.finish(due, again=None)
    async with store.begin() as tx:
        again = await tx.claim(CARD, "1", now=NOW, lease=LEASE)
    assert again
    assert again.tries == 1, "the handler before did record an outcome"


async def test_a_wish_survives_even_if_the_handler_wants_to_be_called_later(
    store: SqlStore,
) -> None:
    due = await _claimed(store)
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="incident:1", at=SOON)
        assert not await tx.finish(due, again=LATER)
        assert await tx.next_due() == SOON


async def test_a_wish_wins_over_a_postponement(store: SqlStore) -> None:
    due = await _claimed(store)
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="incident:1", at=NOW)
        await tx.postpone(due, until=LATER)
        assert await tx.next_due() == NOW


async def test_what_a_dead_process_held_comes_back_with_its_tries(store: SqlStore) -> None:
    await _claimed(store)
    async with store.begin() as tx:
        assert await tx.claim(CARD, "1", now=NOW + LEASE / 2, lease=LEASE) is None
        again = await tx.claim(CARD, "1", now=NOW + LEASE, lease=LEASE)
    assert again
    assert again.tries == 2


async def test_a_start_alone_takes_over_what_a_dead_process_held(store: SqlStore) -> None:
    dead = await _claimed(store)
    async with store.begin() as tx:
        await tx.due(CARD, "waits", key="incident:2", at=LATER)
        assert await tx.free_claims(now=NOW) == 1
    async with store.begin() as tx:
        assert await tx.due_now(NOW, limit=9) == [(CARD, "1", "incident:1")]
        assert not await tx.finish(dead, again=None)
        assert await tx.next_due() == NOW


async def test_who_lost_their_claim_cannot_cross_off_the_new_holders(store: SqlStore) -> None:
    """A process that was suspended past its lease wakes up late."""
    late = await _claimed(store)
    async with store.begin() as tx:
        holder = await tx.claim(CARD, "1", now=late.due_at, lease=LEASE)
    assert holder
    async with store.begin() as tx:
        assert not await tx.finish(late, again=None)
        await tx.postpone(late, until=BEFORE)
    async with store.begin() as tx:
        assert await tx.next_due() == holder.due_at
        await tx.postpone(holder, until=LATER)
        again = await tx.claim(CARD, "1", now=LATER, lease=LEASE)
    assert again
    assert again.tries == 3, "no outcome was recorded for the holder"


async def test_not_due_crosses_off_whoever_holds_it(store: SqlStore) -> None:
    due = await _claimed(store)
    async with store.begin() as tx:
        await tx.not_due(CARD, "1")
        assert await tx.next_due() is None
        assert not await tx.finish(due, again=LATER)
        assert await tx.next_due() is None


async def test_the_longest_waiting_comes_first(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.due(CARD, "young", key="b", at=NOW)
        await tx.due(DueKind.RETRY, "old", key="a", at=BEFORE)
        await tx.due(CARD, "future", key="c", at=LATER)
    async with store.read() as tx:
        assert await tx.due_now(NOW, limit=9) == [
            (DueKind.RETRY, "old", "a"),
            (CARD, "young", "b"),
        ]
        assert await tx.due_now(NOW, limit=1) == [(DueKind.RETRY, "old", "a")]
        assert await tx.next_due() == BEFORE


async def test_what_is_due_soon_is_seen_with_its_time(store: SqlStore) -> None:
    """But for what is due now, much later, held by somebody, or another queue's."""
    await _claimed(store)  # its lease ends in between
    async with store.begin() as tx:
        await tx.due(CARD, "now", key="a", at=NOW)
        await tx.due(CARD, "next", key="b", at=LATER)
        await tx.due(CARD, "first", key="c", at=SOON)
        await tx.due(CARD, "much later", key="d", at=LATER + LEASE)
        await tx.due(DueKind.DELIVERY, "another's", key="e", at=SOON)
    async with store.read() as tx:
        chats = frozenset({Queue.CHAT})
        assert await tx.due_soon(NOW, until=LATER, limit=9, queues=chats) == [
            (CARD, "first", "c", SOON),
            (CARD, "next", "b", LATER),
        ]
        assert len(await tx.due_soon(NOW, until=LATER, limit=1)) == 1
        assert len(await tx.due_soon(NOW, until=LATER, limit=9)) == 3


async def test_given_back_is_as_if_it_had_not_been_tried(store: SqlStore, wakes: Wakes) -> None:
    due = await _claimed(store)
    wakes.heard.clear()
    async with store.begin() as tx:
        await tx.give_back(due, until=LATER)
        assert await tx.claim(CARD, "1", now=SOON, lease=LEASE) is None
        again = await tx.claim(CARD, "1", now=LATER, lease=LEASE)
        assert again
        assert again.tries == 1
        await tx.due(CARD, "1", key="incident:1", at=NOW)
        await tx.give_back(again, until=LATER)
        assert await tx.next_due() == NOW, "a new wish wins"
    assert wakes.heard[0] == (CARD, "1", "incident:1", LATER)


async def test_what_is_set_aside_is_never_due(store: SqlStore) -> None:
    due = await _claimed(store)
    async with store.begin() as tx:
        assert await tx.set_aside(due, "KeyError: 'x'", at=SOON)
        assert not await tx.set_aside(due, "twice", at=SOON)
        assert await tx.due_now(LATER, limit=9) == []
        assert await tx.next_due() is None
        assert await tx.claim(CARD, "1", now=LATER, lease=LEASE) is None
        assert await tx.free_claims(now=NOW) == 0
        assert await tx.set_aside_rows() == [
            SetAside(kind=CARD, id="1", key="incident:1", set_aside_at=SOON, error="KeyError: 'x'")
        ]


async def test_a_new_wish_starts_anew_what_was_set_aside(store: SqlStore) -> None:
    due = await _claimed(store)
    async with store.begin() as tx:
        await tx.set_aside(due, "KeyError: 'x'", at=SOON)
        await tx.due(CARD, "1", key="incident:1", at=LATER)
        assert await tx.set_aside_rows() == []
        assert await tx.next_due() == LATER, "the wish before it was given up, with its time"
        again = await tx.claim(CARD, "1", now=LATER, lease=LEASE)
    assert again
    assert again.tries == 1


async def test_a_wish_keeps_a_row_from_being_set_aside(store: SqlStore) -> None:
    due = await _claimed(store)
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="incident:1", at=NOW)
        assert not await tx.set_aside(due, "KeyError: 'x'", at=SOON)
        assert await tx.next_due() == NOW


async def test_each_queue_is_asked_for_its_own(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="a", at=NOW)
        await tx.due(DueKind.DELIVERY, "1", key="b", at=BEFORE)
        await tx.due(DueKind.DIAGNOSIS, "1", key="c", at=NOW)
    async with store.read() as tx:
        both = frozenset({Queue.CHAT, Queue.TRIAGE})
        assert await tx.due_now(NOW, limit=9, queues=both) == [
            (DueKind.DELIVERY, "1", "b"),
            (CARD, "1", "a"),
        ]
        assert await tx.due_now(NOW, limit=9, queues=frozenset({Queue.GITHUB})) == [
            (DueKind.DIAGNOSIS, "1", "c")
        ]
        assert len(await tx.due_now(NOW, limit=9)) == 3


async def test_a_clock_that_was_set_back_calls_what_waits(store: SqlStore) -> None:
    due = await _claimed(store)
    async with store.begin() as tx:
        await tx.due(CARD, "waits", key="b", at=LATER)
        await tx.due(CARD, "given up", key="c", at=NOW)
        given_up = await tx.claim(CARD, "given up", now=NOW, lease=LEASE)
        assert given_up
        await tx.set_aside(given_up, "broken", at=NOW)
        assert await tx.call_all(now=NOW) == 1
        assert await tx.due_now(NOW, limit=9) == [(CARD, "waits", "b")]
        assert await tx.finish(due, again=None), "what is claimed is left to its holder"


async def _claimed(store: SqlStore) -> Due:
    async with store.begin() as tx:
        await tx.due(CARD, "1", key="incident:1", at=NOW)
        due = await tx.claim(CARD, "1", now=NOW, lease=LEASE)
    assert due
    return due
