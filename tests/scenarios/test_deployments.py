"""The bot deploys nothing by itself only because nobody told it that a run deploys."""

from datetime import timedelta

import pytest

from bot.domain.hearing import HearingPolicy
from bot.domain.ids import RunId
from bot.domain.retry import RetryPolicy
from bot.messages.text import plain
from tests import payloads
from tests.scenarios.world import REGISTRY_503, TEST_FAILURE, World, a_job, a_world, policies

BUILD = a_job(RunId(812), 1, "build", "failure").id
NOT_SEEN = "because I can't see whether this run deploys, so a person decides"
REFUSED = "GitHub does not let us see deployments of acme/app"


def deploys(world: World) -> None:
    """Let the job of run 812 deploy, of which GitHub alone knows."""
    run = world.github.runs[RunId(812)]
    world.github.deployments.append((run.sha, run.created_at + timedelta(seconds=5)))


async def job_is_told(world: World, *, environment: str = "", job: int = BUILD) -> None:
    about = payloads.workflow_job(job=job, name="build", at=world.clock.now())
    if environment:
        about["deployment"] = {"id": 1, "environment": environment}
    await world.deliver("workflow_job", about)


async def test_a_deployment_found_by_polling_is_offered_and_not_done() -> None:
    polls = policies(hearing=HearingPolicy(webhooks=False, polls=True))
    async with a_world(polls) as world:
        world.happens("green", run=800, number=40, at=world.clock.now() - timedelta(hours=3))
        await world.bot.hearing.start()
        await world.settle()
        world.happens("running", at=world.clock.now() + timedelta(seconds=30))
        world.github.jobs_of[RunId(812)]["build"] = a_job(RunId(812), 1, "build", "failure")
        world.github.logs[BUILD] = REGISTRY_503
        await world.live(minutes=3)
        assert (await world.open_incidents())[0].early
        assert "deployed" not in world.github.calls
        world.happens("red", at=world.clock.now())
        deploys(world)
        await world.live(minutes=30)
        assert world.github.reruns == []
        assert "because a person decides about releases" in plain(world.card().action)
        assert "Retry it? It builds or deploys" in await world.press("retry")


async def test_what_polling_finds_is_retried_where_nothing_was_deployed() -> None:
    polls = policies(hearing=HearingPolicy(webhooks=False, polls=True))
    async with a_world(polls) as world:
        world.happens("green", run=800, number=40, at=world.clock.now() - timedelta(hours=3))
        await world.bot.hearing.start()
        world.happens("red", at=world.clock.now() + timedelta(seconds=30))
        await world.live(minutes=15)
        assert len(world.github.reruns) == 1


async def test_a_deployment_whose_job_delivery_was_lost_is_not_done(world: World) -> None:
    await world.run("running")
    deploys(world)
    await world.run("red")
    await world.after(minutes=25)
    assert world.github.reruns == []
    assert "a person decides about releases" in plain(world.card().action)


async def test_one_lost_delivery_of_two_is_enough_to_ask(world: World) -> None:
    await world.run("running")
    deploys(world)
    await job_is_told(world)
    await world.run("red", jobs={"build": "failure", "deploy": "failure"})
    await world.after(minutes=25)
    assert world.github.reruns == []


async def test_where_all_was_told_nobody_is_asked(world: World) -> None:
    await world.run("running")
    await job_is_told(world)
    world.github.no_deployments = REFUSED
    await world.run("red")
    await world.after(minutes=10)
    assert len(world.github.reruns) == 1
    assert "deployed" not in world.github.calls


@pytest.mark.parametrize("state", ["green", "cancelled"])
async def test_what_is_not_red_costs_nothing(world: World, state: str) -> None:
    await world.run(state)
    assert "deployed" not in world.github.calls


async def test_what_is_not_retried_anyway_costs_nothing(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    assert "deployed" not in world.github.calls


async def test_a_setting_lets_deployments_be_retried_unasked() -> None:
    async with a_world(policies(retry=RetryPolicy(releases=True))) as world:
        await world.run("running")
        deploys(world)
        await world.run("red")
        await world.after(minutes=10)
        assert len(world.github.reruns) == 1
        assert "deployed" not in world.github.calls


async def test_without_the_right_a_person_decides(world: World) -> None:
    world.github.no_deployments = REFUSED
    await world.run("red")
    await world.after(minutes=25)
    assert world.github.reruns == []
    assert NOT_SEEN in plain(world.card().action)
    (line, *_) = [line for line in world.logs if line["event"] == "deployments_unseen"]
    assert line["why"] == REFUSED
    assert await world.press("retry") == "Retry it? I can't see whether it deploys."
    assert world.github.reruns == []


async def test_while_github_is_silent_nothing_is_decided(world: World) -> None:
    world.github.no_answer.add("deployed")
    await world.run("red")
    await world.after(minutes=10)
    assert world.github.reruns == []
    assert "The log waits" in plain(world.card().action)
    world.github.no_answer.clear()
    await world.after(minutes=30)
    assert len(world.github.reruns) == 1


async def test_a_person_need_not_wait_for_github_to_say_yes(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    world.github.no_answer.add("deployed")
    assert await world.press("retry") == "Retry it? I can't see whether it deploys."
    assert world.github.reruns == []


async def test_a_person_is_not_asked_where_nothing_was_deployed(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.press("retry")
    assert len(world.github.reruns) == 1
