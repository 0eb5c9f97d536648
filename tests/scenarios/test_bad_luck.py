"""What others do in the middle, what fails between an act and its answer, what is late."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.access import Grant
from bot.domain.ids import IncidentId
from bot.domain.lane import LaneKind
from bot.domain.person import Member
from bot.domain.press import PressKind
from bot.domain.retry import RetryState
from bot.domain.run import Commit, Conclusion, Status
from bot.domain.work import DueKind
from bot.messages.text import plain
from tests import payloads
from tests.scenarios.world import (
    ANA,
    BO,
    REGISTRY_503,
    STRANGER,
    TEST_FAILURE,
    World,
    a_job,
    a_world,
    policies,
    subscriptions,
)

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def somebody_reran(world: World, conclusion: Conclusion) -> None:
    """Let attempt 2 of run 812 be over on GitHub, its deliveries still under way."""
    run = world.github.runs[812]  # type: ignore[index]
    later = world.clock.now() + timedelta(seconds=30)
    world.github.runs[run.id] = replace(
        run, attempt=2, status=Status.COMPLETED, conclusion=conclusion, updated_at=later
    )
    world.github.jobs_of[run.id]["build"] = a_job(run.id, 2, "build", conclusion)


async def test_a_deployment_is_offered_and_not_done(world: World) -> None:
    """Only a delivery of the job says that it deploys."""
    await world.run("running")
    job = payloads.workflow_job(job=a_job(812, 1, "build", "failure").id, name="build")  # type: ignore[arg-type]
    job["deployment"] = {"id": 1, "environment": "production"}
    await world.deliver("workflow_job", job)
    await world.run("red")
    await world.after(minutes=25)
    assert world.github.reruns == []
    assert "Retry it?" in await world.press("retry")


async def test_a_late_delivery_of_what_the_bot_saw_itself_changes_nothing(world: World) -> None:
    """The bot looks at the run before its retry, and finds it green already."""
    await world.run("red")
    at = world.clock.now() + timedelta(seconds=30)
    somebody_reran(world, Conclusion.SUCCESS)
    await world.after(minutes=8)
    assert await world.open_incidents() == []
    await world.run("green", attempt=2, at=at)
    assert "re-run by" in plain(world.card().headline)


async def test_a_red_attempt_that_the_bot_saw_itself_is_taken_up(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    somebody_reran(world, Conclusion.FAILURE)
    world.clock.at += timedelta(minutes=1)
    await world.press("retry")
    (incident,) = await world.open_incidents()
    assert incident.attempt == 2


@pytest.mark.parametrize("button", ["retry", "retry_all"])
async def test_a_run_that_ends_green_is_not_run_again(world: World, button: str) -> None:
    """Its failed job was allowed to fail."""
    await world.run("running")
    await world.job_fails("optional")
    await world.press(button)
    jobs = {"build": "success", "optional": "failure"}
    await world.run("green", at=world.clock.now() + timedelta(minutes=1), jobs=jobs)
    await world.after(minutes=30)
    assert world.github.reruns == []
    assert "its failed job may fail" in plain(world.card().headline)


async def test_a_press_whose_answer_fails_is_not_acted_on_twice(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    world.slack.answers_fail = True
    await world.press("retry")
    assert len(world.github.reruns) == 1
    await world.run("cancelled", attempt=2)
    await world.after(minutes=1)
    world.slack.answers_fail = False
    await world.after(minutes=6)
    assert len(world.github.reruns) == 1
    assert "run again" in plain(world.slack.answers[-1][1].text)


async def test_an_answer_told_late_takes_an_incident_from_nobody(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    target = world.button("acknowledge").target
    world.slack.answers_fail = True
    await world.send(ANA, PressKind.BUTTON, "acknowledge", target=target)
    await world.send(BO, PressKind.BUTTON, "acknowledge", target=target)
    world.slack.answers_fail = False
    await world.after(minutes=5)
    (incident,) = await world.open_incidents()
    assert incident.owner == BO


async def test_a_deleted_thread_does_not_freeze_the_card(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    world.discord.threads_gone = True
    await world.run("red", run=813, number=43, log=REGISTRY_503)
    await world.after(minutes=5)
    world.discord.threads_gone = False
    await world.run("green", run=814, number=44)
    await world.after(minutes=1)
    assert "FIXED" in world.discord.cards[-1].text


async def test_a_reopened_incident_is_shown_where_its_old_card_was_deleted(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    world.slack.messages.remove(world.slack.cards[-1])
    await world.run("green", run=813, number=43)
    await world.after(minutes=5)
    await world.run("red", run=814, number=44, log=TEST_FAILURE)
    await world.after(minutes=1)
    assert len(world.slack.cards) == 1


async def test_the_bot_retries_a_run_once_whatever_others_do_to_it(world: World) -> None:
    await world.run("red")
    await world.after(minutes=8)
    await world.run("cancelled", attempt=2)
    await world.run("red", attempt=3, triggering_actor="bo")
    await world.after(minutes=40)
    assert len(world.github.reruns) == 1


async def test_the_bot_retries_a_run_once_also_over_two_incidents(world: World) -> None:
    await world.run("red")
    await world.after(minutes=8)
    await world.run("green", attempt=2)
    await world.after(hours=7)
    await world.run("red", attempt=3, triggering_actor="bo")
    await world.after(minutes=40)
    assert len(world.github.reruns) == 1


async def test_a_pushed_name_that_github_refuses_to_explain_counts_as_a_tag(world: World) -> None:
    world.github.no_refs = "GitHub did not understand our question (409)."
    await world.run("red", branch="v1.2.3", log=TEST_FAILURE)
    assert len(world.slack.cards) == 1


async def test_who_may_not_read_is_told_nothing() -> None:
    reader = Grant(repositories=("acme/*",), read=(ANA.key,), retry=(ANA.key,))
    async with a_world(policies(grants=(reader,))) as world:
        await world.run("red", log=TEST_FAILURE)
        world.slack.members["U9"] = Member(outsider=True)
        assert await world.type("incidents", by=STRANGER) == "Nothing is broken here."
        assert "no build yet" in await world.type("status", by=STRANGER)
        assert "I know no run 812" in await world.type("retry what=812", by=STRANGER)
        for command in ("retry", "status"):
            offered = await world.complete(command, by=STRANGER, repo="", what="", focused="repo")
            assert offered.options == ()


async def test_secrets_in_names_that_strangers_chose_are_scrubbed(world: World) -> None:
    await world.run("green", run=811, number=41, sha="a" * 40)
    world.github.history = [
        Commit(sha="a" * 40, title="Begin", author="ana"),
        Commit(sha=payloads.SHA, title=f"Use {TOKEN}", author="eve"),
    ]
    await world.run("red", log=TEST_FAILURE, jobs={f"build {TOKEN}": "failure"})
    shown = repr([message.view for message in world.slack.messages])
    assert TOKEN not in shown
    assert "[redacted: GitHub token]" in shown


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x\x00y", id="nul"),
        pytest.param("a" * 60_000, id="long"),
        pytest.param("`@everyone](x) <!channel> <@U1> \u202e\r\n# hi", id="markup"),
    ],
)
async def test_no_name_stops_the_card(name: str) -> None:
    async with a_world(policies(subscribed=subscriptions(branches=("*",)))) as world:
        await world.deliver("create", payloads.create(name=name, kind="branch"))
        about: dict[str, Any] = {"branch": name, "message": name, "workflow": name, "actor": name}
        await world.run("red", log=TEST_FAILURE, jobs={name: "failure"}, **about)
        await world.run("green", run=813, number=43, **about)
        await world.after(minutes=5)
        assert len(world.slack.cards) == 1


async def test_a_rerun_that_was_never_sent_is_not_ours(world: World) -> None:
    """Our own budget refused it each time; whoever re-ran it by hand gets the credit."""
    await world.run("red")
    world.github.spent = {"rerun"}
    await world.after(minutes=12)
    somebody_reran(world, Conclusion.SUCCESS)
    world.github.spent = set()
    await world.after(hours=2)
    assert world.github.reruns == []
    assert "retry by the bot" not in plain(world.card().headline)


@pytest.mark.parametrize("conclusion", [Conclusion.SUCCESS, Conclusion.FAILURE])
async def test_what_became_of_a_retry_is_learned_without_its_delivery(
    world: World, conclusion: Conclusion
) -> None:
    """GitHub delivers once; the bot looks itself at the attempt that it started."""
    await world.run("red")
    await world.after(minutes=6)
    assert len(world.github.reruns) == 1
    somebody_reran(world, conclusion)
    await world.after(hours=2)
    if conclusion is Conclusion.SUCCESS:
        assert "retry by the bot (attempt 2)" in plain(world.card().headline)
    else:
        (incident,) = await world.open_incidents()
        assert incident.attempt == 2


async def test_another_cause_calls_again_those_who_were_called(world: World) -> None:
    """The first job's registry trouble is not why the run is red in the end."""
    await world.run("running")
    await world.job_fails("push", log=REGISTRY_503)
    await world.after(minutes=16)
    assert world.slack.rung == ["slack:group:S1"]
    jobs = {"unit": "failure", "integration": "failure", "push": "failure"}
    await world.run("red", jobs=jobs, log=TEST_FAILURE)
    assert world.slack.rung == ["slack:group:S1", "slack:group:S1"]


async def test_the_one_who_hears_is_rung_where_a_channel_has_two_subscriptions() -> None:
    every = subscriptions()[0]
    quiet = replace(every, mention=())
    loud = replace(every, branches=("release/*",), mention=("group:S9",))
    async with a_world(policies(subscribed=(quiet, loud))) as world:
        await world.deliver("create", payloads.create(name="release/1", kind="branch"))
        await world.run("red", branch="release/1", log=TEST_FAILURE)
        assert world.slack.rung == ["slack:group:S9"]


async def test_a_retry_whose_answer_was_lost_gets_the_credit(world: World) -> None:
    """We die between the request and its record, and the run is green before we look."""
    await world.run("red")
    await world.press("retry")
    async with world.store.begin() as tx:
        (incident,) = await tx.open_incidents()
        (retry,) = await tx.retries(incident.id)
        await tx.save_retry(replace(retry, state=RetryState.WAITING, outcome=""))
    world.clock.at += timedelta(minutes=1)
    await world.run("green", attempt=2)
    assert "retry by ana (attempt 2)" in plain(world.card().headline)
    assert not any("dropped" in note for note in world.slack.notes)


async def test_a_branch_that_was_taken_for_a_tag_becomes_one_incident() -> None:
    """GitHub did not say what it is, and a release that broke must not be silent."""
    heard = policies(subscribed=subscriptions(branches=("feature",)))
    async with a_world(heard) as world:
        world.github.no_refs = "GitHub does not let us see refs."
        await world.run("red", branch="feature", log=TEST_FAILURE)
        await world.after(minutes=3)
        (taken,) = await world.open_incidents()
        assert taken.lane.kind is LaneKind.TAG

        await world.deliver("push", payloads.push(branch="feature"))
        (incident,) = await world.open_incidents()
        assert (incident.lane.kind, incident.run) == (LaneKind.PUSH, taken.run)
        assert "turned out to be a branch" in plain(world.card(0).headline)
        await world.run("green", run=813, number=43, branch="feature")
        assert await world.open_incidents() == []


async def test_a_time_from_the_future_does_not_beat_what_comes_later(world: World) -> None:
    """A runner's clock, or a server's, may be hours ahead of ours."""
    await world.run("running", at=world.clock.now() + timedelta(hours=5))
    await world.run("red", log=TEST_FAILURE, at=world.clock.now() + timedelta(hours=4))
    (incident,) = await world.open_incidents()
    assert incident.red_since <= world.clock.now()
    world.clock.at += timedelta(minutes=1)
    await world.run("green", attempt=2)
    assert await world.open_incidents() == []


async def test_a_renamed_repository_keeps_its_incident(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    again = payloads.workflow_run(run=813, number=43)
    again["repository"]["full_name"] = "acme/renamed"
    await world.deliver("workflow_run", again)
    (incident,) = await world.open_incidents()
    assert incident.number == 43
    await world.after(minutes=1)
    assert "acme/renamed" in plain(world.card().headline)


async def test_a_delivery_of_a_foreign_repository_opens_nothing(world: World) -> None:
    await world.run("red", repo="other/app", head_repo="other/app")
    assert await world.open_incidents() == []
    assert world.slack.messages == []


async def test_a_line_that_was_posted_is_looked_for_though_the_card_was_edited_since(
    world: World,
) -> None:
    """We crashed after the post, edited the card after that, and could not search at once."""
    await world.run("red", log=TEST_FAILURE)
    await world.press("acknowledge")
    lines = world.slack.notes
    async with world.store.begin() as tx:
        for card in await tx.cards(IncidentId(1)):
            last = (await tx.timeline(IncidentId(1)))[-1].seq
            crashed = replace(card, told=last - 1, shown="", tries=1, tried_at=world.clock.now())
            await tx.save_card(crashed)
            await tx.due(DueKind.CARD, str(card.id), key=f"card:{card.id}", at=world.clock.now())
    world.slack.history_busy = True
    await world.after(minutes=1)
    world.slack.history_busy = False
    await world.after(minutes=1)
    assert world.slack.notes == lines


async def test_a_crash_is_no_search_for_each_line_that_was_told_after_it(world: World) -> None:
    """Slack lets us read 50 times a minute; where one line is missing, those after it are too."""
    await world.run("red", log=TEST_FAILURE)
    await world.press("acknowledge")
    async with world.store.begin() as tx:
        for card in await tx.cards(IncidentId(1)):
            crashed = replace(card, told=0, shown="", tries=1, tried_at=world.clock.now())
            await tx.save_card(crashed)
            await tx.due(DueKind.CARD, str(card.id), key=f"card:{card.id}", at=world.clock.now())
    told = len(world.slack.notes)
    world.slack.messages = [one for one in world.slack.messages if one.thread == ""]
    await world.after(minutes=2)
    assert len(world.slack.notes) == told > 1
    assert world.slack.searches == 1


async def test_a_press_that_was_answered_is_not_answered_again(world: World) -> None:
    """We crashed after it was crossed off, and before its due row was."""
    await world.run("red", log=TEST_FAILURE)
    await world.press("acknowledge")
    answers = list(world.slack.answers)
    (press, _) = answers[-1]
    async with world.store.begin() as tx:
        await tx.due(DueKind.PRESS, press.id, key=f"press:{press.id}", at=world.clock.now())
    await world.settle()
    assert world.slack.answers == answers
