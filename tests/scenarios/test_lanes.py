"""Which runs belong together, and what turns a lane green."""

from typing import Any

from bot.domain.incident import Ending
from bot.domain.lane import LaneKind, RefKind
from bot.messages.text import plain
from tests import payloads, payloads_about
from tests.scenarios.world import TEST_FAILURE, World, a_world, policies, subscriptions


async def test_a_forks_branch_called_main_is_not_our_main(world: World) -> None:
    """Red or green, told by its run or by its job alone: main's incident is untouched."""
    await world.run("red", log=TEST_FAILURE)
    fork: dict[str, Any] = {"event": "pull_request", "head_repo": "eve/app"}
    await world.run("green", run=900, number=50, **fork)
    await world.deliver(
        "workflow_run",
        payloads.workflow_run(run=901, number=51, status="in_progress", **fork),
    )
    await world.job_fails("build", run=901)
    await world.run("red", run=901, number=51, **fork)
    (incident,) = await world.open_incidents()
    assert incident.run == 812
    assert len(world.slack.cards) == 1


async def test_a_pull_request_alarms_only_where_it_is_wanted() -> None:
    async with a_world(policies(subscribed=subscriptions(pull_requests=True))) as world:
        await world.run("red", event="pull_request", head_repo="eve/app", log=TEST_FAILURE)
        (incident,) = await world.open_incidents()
        assert incident.lane.kind is LaneKind.PULL
        await world.after(minutes=10)
        assert world.github.reruns == []  # a fork's run is never retried by the bot

        await world.deliver(
            "pull_request",
            payloads_about.pull_request(head_repo="eve/app", branch="main"),
        )
        assert "the pull request is closed" in plain(world.card().headline)


async def test_a_green_run_that_skipped_the_broken_job_ends_nothing(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.run("green", run=813, number=43, jobs={"build": "skipped", "docs": "success"})
    (incident,) = await world.open_incidents()
    assert incident.green_run is None
    await world.after(seconds=15)
    assert "it skipped build" in world.slack.notes[-1]

    await world.run("green", run=814, number=44, sha="b" * 40)
    assert await world.open_incidents() == []
    assert "commit bbbbbbb by ana" in plain(world.card().headline)


async def test_a_late_delivery_of_an_older_run_changes_nothing(world: World) -> None:
    await world.run("green", run=813, number=43)
    await world.run("red", run=812, number=42)
    assert await world.open_incidents() == []
    assert world.slack.cards == []


async def test_the_same_delivery_twice_opens_one_incident(world: World) -> None:
    payload = payloads.workflow_run()
    world.know(payload, {"build": "failure"}, TEST_FAILURE)
    await world.deliver("workflow_run", payload, id="same")
    await world.deliver("workflow_run", payload, id="same")
    await world.deliver("workflow_run", payload, id="other")
    assert len(await world.open_incidents()) == 1
    assert len(world.slack.cards) == 1
    assert len(world.slack.notes) == len(set(world.slack.notes))


async def test_a_pushed_tag_is_a_release_and_not_a_branch(world: World) -> None:
    """The bot only offers; a person confirms; a green newer release supersedes."""
    world.github.refs |= {"v1.0.0": RefKind.TAG, "v1.0.1": RefKind.TAG}
    await world.deliver("create", payloads.create(name="v1.0.0", kind="tag"))
    await world.run("red", branch="v1.0.0")
    (incident,) = await world.open_incidents()
    assert incident.lane.kind is LaneKind.TAG
    await world.after(minutes=20)
    assert world.github.reruns == []
    assert "a person decides" in plain(world.card().action)

    assert "Retry it?" in await world.press("retry")
    assert world.github.reruns == []
    assert "run again" in await world.confirm()
    assert len(world.github.reruns) == 1

    await world.deliver("create", payloads.create(name="v1.0.1", kind="tag"))
    await world.run("green", run=820, number=50, branch="v1.0.1")
    assert await world.open_incidents() == []
    assert "SUPERSEDED" in plain(world.card().headline)


async def test_a_name_that_no_delivery_explained_is_asked_for(world: World) -> None:
    world.github.refs["v2.0.0"] = RefKind.TAG
    await world.run("red", branch="v2.0.0")
    (incident,) = await world.open_incidents()
    assert incident.lane.kind is LaneKind.TAG


async def test_a_name_that_github_does_not_explain_counts_as_a_tag(world: World) -> None:
    """A release that broke must not be silent because GitHub's API is down."""
    world.github.down = True
    await world.run("red", branch="v3.0.0")
    assert await world.open_incidents() == []
    await world.after(minutes=3)
    (incident,) = await world.open_incidents()
    assert incident.lane.kind is LaneKind.TAG


async def test_a_schedule_alarms_at_its_second_red(world: World) -> None:
    await world.run("red", event="schedule", run=1, number=1)
    assert world.slack.cards == []
    await world.run("red", event="schedule", run=2, number=2)
    assert len(world.slack.cards) == 1


async def test_a_nightly_run_does_not_end_a_broken_push(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.run("green", event="schedule", run=900, number=60)
    assert len(await world.open_incidents()) == 1


async def test_red_again_within_six_hours_reopens(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.run("green", run=813, number=43)
    await world.after(hours=1)
    await world.run("red", run=814, number=44)
    (incident,) = await world.open_incidents()
    assert incident.id == 1
    assert any(note.startswith("Reopened") for note in world.slack.notes)
    assert len(world.slack.cards) == 1


async def test_red_again_a_day_later_is_a_new_incident(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.run("green", run=813, number=43)
    await world.after(hours=24)
    await world.run("red", run=814, number=44)
    (incident,) = await world.open_incidents()
    assert incident.id == 2


async def test_a_deleted_branch_ends_what_broke_on_it() -> None:
    async with a_world(policies(subscribed=subscriptions(branches=("feature",)))) as world:
        await world.deliver("create", payloads.create(name="feature", kind="branch"))
        await world.run("red", branch="feature", log=TEST_FAILURE)
        assert len(await world.open_incidents()) == 1
        await world.deliver("delete", payloads.delete(name="feature"))
        assert await world.open_incidents() == []
        async with world.store.read() as tx:
            incident = await tx.incident(1)  # type: ignore[arg-type]
        assert incident is not None
        assert incident.ending is Ending.SUPERSEDED


async def test_a_job_that_may_fail_opens_nothing_the_second_time(world: World) -> None:
    """With continue-on-error a job fails while its run stays green."""
    await world.run("running")
    await world.job_fails("flaky")
    await world.run("green", jobs={"flaky": "failure", "build": "success"})
    assert await world.open_incidents() == []
    await world.run("running", run=813, number=43)
    await world.job_fails("flaky", run=813)
    assert await world.open_incidents() == []


async def test_a_job_that_is_told_before_its_run_waits_for_it(world: World) -> None:
    await world.job_fails("build")
    assert world.slack.cards == []
    await world.run("running")
    assert len(world.slack.cards) == 1


async def test_twelve_cells_that_fail_alike_are_one_line(world: World) -> None:
    jobs = {f"build (linux/{n})": "failure" for n in range(12)}
    await world.run("red", jobs=jobs | {"lint": "success"}, log=TEST_FAILURE)
    assert "12 of 13 jobs failed" in plain(world.card().failed[0])
    assert "and 11 more" in plain(world.card().failed[0])


async def test_a_forgotten_incident_expires(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.after(days=31)
    assert await world.open_incidents() == []
    assert "EXPIRED" in plain(world.card().headline)


async def test_a_transient_break_that_nobody_sees_calls_after_a_while(world: World) -> None:
    """GitHub's API is down: the card comes at once, people after a quarter of an hour."""
    world.github.down = True
    await world.run("red")
    assert len(world.slack.cards) == 1
    assert world.slack.rung == []
    await world.after(minutes=16)
    assert world.slack.rung == ["slack:group:S1"]
    assert "The log waits" in plain(world.card().action)
    world.github.down = False
    await world.after(minutes=6)
    assert "answered with a server error" in plain(world.card().headline)


async def test_a_chat_that_was_down_catches_up(world: World) -> None:
    world.slack.down = True
    await world.run("red", log=TEST_FAILURE)
    assert len(world.discord.cards) == 1
    await world.after(minutes=10)
    world.slack.down = False
    await world.after(minutes=10)
    assert len(world.slack.cards) == 1
    assert len(world.slack.notes) == len(world.discord.notes)


async def test_a_lost_channel_does_not_stop_the_other(world: World) -> None:
    world.slack.lost_channels.add("C1")
    await world.run("red", log=TEST_FAILURE)
    assert world.slack.cards == []
    assert len(world.discord.cards) == 1


async def test_a_private_repository_is_not_shown(world: World) -> None:
    await world.run("red", private=True, log=TEST_FAILURE)
    assert world.slack.cards == []
