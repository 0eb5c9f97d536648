"""Without a public address: GitHub is asked, and what it answers is as good as a delivery."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from bot.adapters.memory.code_host import MemoryCodeHost
from bot.domain.hearing import HearingPolicy
from bot.domain.run import Repository
from bot.messages.text import plain
from bot.ports.code_host import RunList
from bot.ports.purpose import Purpose, present_purpose
from tests.scenarios.world import TEST_FAILURE, World, a_job, a_world, policies

POLLS = policies(hearing=HearingPolicy(webhooks=False, polls=True))


@pytest.fixture(params=[False, True], ids=["woken", "deaf"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(POLLS, deaf=request.param) as world:
        world.happens("green", run=800, number=40, at=world.clock.now() - timedelta(hours=3))
        await world.bot.hearing.start()
        await world.settle()
        yield world


async def test_a_run_that_breaks_is_shown_within_two_polls(world: World) -> None:
    world.happens("red", log=TEST_FAILURE, at=world.clock.now() + timedelta(seconds=30))
    await world.live(minutes=2)
    assert "BROKEN" in plain(world.card().headline)
    world.happens("green", run=813, number=43, at=world.clock.now())
    await world.live(minutes=2)
    assert await world.open_incidents() == []
    assert "FIXED" in plain(world.card().headline)


async def test_a_failed_job_is_shown_while_its_run_still_runs(world: World) -> None:
    world.happens("running")
    job = a_job(812, 1, "build", "failure")  # type: ignore[arg-type]
    world.github.jobs_of[job.run]["build"] = job
    world.github.logs[job.id] = TEST_FAILURE
    await world.live(minutes=3)
    (incident,) = await world.open_incidents()
    assert incident.early


async def test_what_had_ended_before_is_no_news(world: World) -> None:
    world.happens("red", run=801, number=41, at=world.clock.now() - timedelta(hours=2))
    await world.live(minutes=3)
    assert await world.open_incidents() == []


async def test_a_quiet_repository_costs_nothing(world: World) -> None:
    await world.live(minutes=10)
    asked = world.github.calls.count("runs_since")
    assert asked >= 9
    assert world.github.unchanged == asked - 1


async def test_both_ways_at_once_tell_everything_once() -> None:
    both = policies(hearing=HearingPolicy(webhooks=True, polls=True))
    async with a_world(both) as world:
        await world.run("green", run=811, number=41)
        await world.bot.hearing.start()
        await world.run("red", log=TEST_FAILURE)
        await world.live(minutes=5)
        assert len(world.slack.cards) == 1
        async with world.store.read() as tx:
            (incident,) = await tx.open_incidents()
            told = [line.kind for line in await tx.timeline(incident.id)]
        assert len(told) == len(set(told))


class Listening(MemoryCodeHost):
    """GitHub, which hears what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.purposes: set[Purpose] = set()

    async def runs_since(
        self, repo: Repository, *, since: datetime, etag: str = ""
    ) -> RunList | None:
        self.purposes.add(present_purpose())
        return await super().runs_since(repo, since=since, etag=etag)


@pytest.mark.parametrize(
    ("webhooks", "purpose"), [(False, Purpose.TRIAGE), (True, Purpose.RECONCILE)]
)
async def test_our_only_ear_is_not_stopped_first(*, webhooks: bool, purpose: Purpose) -> None:
    """Below half of GitHub's hour, what is asked for safety's sake alone stops."""
    github = Listening()
    told = policies(hearing=HearingPolicy(webhooks=webhooks, polls=True))
    async with a_world(told, github=github) as world:
        world.happens("green", run=800, number=40)
        await world.bot.hearing.start()
        await world.live(minutes=2)
    assert github.purposes == {purpose}


async def test_an_answer_says_how_fresh_it_is(world: World) -> None:
    await world.live(minutes=2)
    answer = await world.type("status")
    assert "I ask GitHub every 60 s." in answer
    assert "As of 2026-11-24 12:0" in answer


async def test_an_hour_without_github_is_a_blind_time(world: World) -> None:
    await world.live(minutes=2)
    world.github.down = True
    await world.live(minutes=60)
    world.happens("red", log=TEST_FAILURE, at=world.clock.now() - timedelta(minutes=30))
    world.github.down = False
    await world.live(minutes=20)
    assert len(await world.open_incidents()) == 1
    (note,) = (note for note in world.slack.notes if "blind" in note)
    assert note.endswith("I have asked GitHub since: 1 run recovered, 1 failure.")


async def test_a_repository_that_is_new_is_heard_within_the_hour(world: World) -> None:
    world.happens(
        "running", repo="acme/new", head_repo="acme/new", run=900, number=1, at=world.clock.now()
    )
    await world.live(minutes=65)
    world.happens(
        "red", repo="acme/new", head_repo="acme/new", run=900, number=1, at=world.clock.now()
    )
    await world.live(minutes=3)
    (incident,) = await world.open_incidents()
    assert incident.run == 900


async def test_who_came_while_the_clock_was_ahead_hears_once_it_is_right() -> None:
    async with a_world(POLLS) as world:
        world.happens("green")
        world.clock.at += timedelta(hours=1)
        await world.bot.hearing.start()
        await world.live(minutes=2)
        world.clock.at -= timedelta(hours=1)
        async with world.store.begin() as tx:
            await tx.call_all(now=world.clock.now())
        await world.live(minutes=2)
        world.happens("red", run=900, number=50, at=world.clock.now())
        await world.live(minutes=3)
        (incident,) = await world.open_incidents()
        assert incident.run == 900
