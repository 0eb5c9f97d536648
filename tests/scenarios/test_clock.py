"""The clock is set back: what waits is called at once, and each work minds its own moment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.ids import IncidentId
from bot.domain.retry import Retry, RetryState
from bot.domain.work import DueKind
from bot.messages.text import plain
from tests.scenarios.world import TEST_FAILURE, World

HOUR = timedelta(hours=1)


async def call_all(world: World) -> None:
    async with world.store.begin() as tx:
        await tx.call_all(now=world.clock.now())
    await world.settle()


async def set_back(world: World, by: timedelta) -> None:
    """Set the clock back, and do what the sweep does then."""
    world.clock.at -= by
    await call_all(world)


async def crash_before_the_last_record(world: World) -> None:
    """Let all cards be as if we had died between the last line's post and its record."""
    async with world.store.begin() as tx:
        last = (await tx.timeline(IncidentId(1)))[-1].seq
        for card in await tx.cards(IncidentId(1)):
            crashed = replace(card, told=last - 1, shown="", tries=1, tried_at=world.clock.now())
            await tx.save_card(crashed)
            await tx.due(DueKind.CARD, str(card.id), key=f"card:{card.id}", at=world.clock.now())


async def waiting_retry(world: World) -> Retry:
    async with world.store.read() as tx:
        (retry,) = await tx.retries(IncidentId(1))
    assert retry.state is RetryState.WAITING
    return retry


async def test_what_is_called_early_goes_back_to_its_moment(world: World) -> None:
    await world.run("red")
    retry = await waiting_retry(world)
    world.clock.at = retry.due_at - timedelta(seconds=5)
    await call_all(world)
    assert world.github.reruns == []
    await world.after(seconds=5)
    assert len(world.github.reruns) == 1


@pytest.mark.parametrize("by", [timedelta(minutes=2), HOUR, timedelta(days=9)])
async def test_a_retry_waits_neither_less_nor_for_as_long_as_the_clock_was_ahead(
    world: World, by: timedelta
) -> None:
    await world.run("red")
    retry = await waiting_retry(world)
    wait = retry.due_at - retry.created_at
    await world.after(seconds=30)
    await set_back(world, by)
    shown = await waiting_retry(world)
    assert shown.due_at - world.clock.now() == wait
    world.clock.at += wait - timedelta(seconds=1)
    await world.settle()
    assert world.github.reruns == []
    await world.after(seconds=1)
    assert len(world.github.reruns) == 1


async def test_a_request_without_an_outcome_is_looked_for_in_time(world: World) -> None:
    """When it was sent nobody knows any more, so it gets its time to act, and no hour."""
    await world.run("red", log=TEST_FAILURE)
    await world.press("retry")
    async with world.store.begin() as tx:
        (retry,) = await tx.retries(IncidentId(1))
        now = world.clock.now()
        tried = replace(retry, state=RetryState.WAITING, outcome="", tries=1, tried_at=now)
        await tx.save_retry(tried)
        await tx.due(DueKind.RETRY, str(retry.id), key=f"retry:{retry.id}", at=now)
    await set_back(world, HOUR)
    await world.after(seconds=29)
    await waiting_retry(world)
    await world.after(seconds=1)
    async with world.store.read() as tx:
        (retry,) = await tx.retries(IncidentId(1))
    assert retry.state is RetryState.SENT
    assert len(world.github.reruns) == 1


async def test_nobody_is_called_early(world: World) -> None:
    await world.run("running")
    await world.job_fails("push")
    await world.after(minutes=13)
    await call_all(world)
    await world.after(minutes=1)
    assert world.slack.rung == []
    await world.after(minutes=2)
    assert world.slack.rung == ["slack:group:S1"]


async def test_a_post_without_an_outcome_is_neither_doubled_nor_waited_for(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.press("acknowledge")
    lines = world.slack.notes
    await crash_before_the_last_record(world)
    await set_back(world, HOUR)
    await world.after(minutes=2)
    assert world.slack.notes == lines
    await world.run("green", run=813, number=43, at=world.clock.now() + HOUR)
    await world.after(minutes=1)
    assert "FIXED" in plain(world.card().headline)


async def test_an_edit_in_between_does_not_hide_since_when_to_look(world: World) -> None:
    """The line was posted long before the edit whose answer is lost too."""
    await world.run("red", log=TEST_FAILURE)
    await world.press("acknowledge")
    lines = world.slack.notes
    await crash_before_the_last_record(world)
    world.clock.at += timedelta(minutes=5)
    world.slack.answers_lost = True
    await world.settle()
    world.slack.answers_lost = False
    await world.after(minutes=5)
    assert world.slack.notes == lines
