"""What happens while nobody tells us: it is found out afterwards, and said once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count

from bot.adapters.memory.code_host import MemoryCodeHost
from bot.domain.errors import BusyError
from bot.domain.events import Delivery
from bot.domain.hearing import Hook, LoggedDelivery
from bot.domain.incident import Ending
from bot.domain.run import Conclusion, Run, Status
from bot.messages.text import plain
from tests import payloads
from tests.payload_parts import Json
from tests.scenarios.world import TEST_FAILURE, HandClock, World, a_world

numbers = count(1)


async def asleep(world: World, **time: float) -> datetime:
    """Let time pass in which the bot does not run; return the middle of it."""
    begun = world.clock.at
    world.clock.at += timedelta(**time)
    return begun + timedelta(**time) / 2


async def wake_up(world: World) -> None:
    await world.bot.hearing.start()
    await world.settle()


def lost(
    world: World, event: str, payload: Json, *, status: int = 0, at: datetime | None = None
) -> Delivery:
    """Let a delivery get lost on its way; GitHub's log knows it."""
    number = next(numbers)
    delivery = replace(
        payloads.delivery(event, payload, id=f"lost-{number}"), received_at=world.clock.now()
    )
    world.github.bodies[number] = delivery
    world.github.log.append(
        LoggedDelivery(
            number=number,
            id=delivery.id,
            event=event,
            action=payload.get("action", ""),
            at=at or world.clock.now(),
            status=status,
            said="timed out",
            repo=delivery.repo,
        )
    )
    return delivery


async def redeliver(world: World) -> None:
    """Let what was asked for again arrive."""
    asked, world.github.redelivered = world.github.redelivered, []
    bodies = {delivery.id: delivery for delivery in world.github.bodies.values()}
    for place, id in enumerate(asked, start=next(numbers)):
        await world.writer.store(replace(bodies[id], received_at=world.clock.now()))
        first = next(one for one in world.github.log if one.id == id)
        again = replace(first, number=place, again=True, status=202, at=world.clock.now())
        world.github.log.append(again)
    await world.settle()


def blind_notes(world: World) -> list[str]:
    return [note for note in world.slack.notes if "blind" in note]


async def test_what_broke_while_we_were_down_is_found_and_said_once(world: World) -> None:
    await world.run("green")
    await wake_up(world)
    middle = await asleep(world, minutes=35)
    world.happens("green", run=813, number=43, at=middle)
    world.happens("red", run=814, number=44, at=middle)
    await wake_up(world)
    await world.live(minutes=5)

    (incident,) = await world.open_incidents()
    assert incident.run == 814
    (note,) = blind_notes(world)
    assert note == (
        "I was blind from 2026-11-24 12:00 UTC to 2026-11-24 12:35 UTC (35 min). I have asked "
        "GitHub since: 2 runs recovered, 1 failure."
    )
    assert [one for one in world.discord.notes if "blind" in one] == [note]
    await wake_up(world)
    await world.live(minutes=70)
    assert blind_notes(world) == [note]
    assert "Blind from 2026-11-24 12:00 UTC to 2026-11-24 12:35 UTC: 2 runs recovered" in (
        await world.type("status")
    )


async def test_what_broke_and_was_mended_meanwhile_is_not_shown(world: World) -> None:
    await world.run("green")
    await wake_up(world)
    middle = await asleep(world, minutes=35)
    world.happens("red", run=813, number=43, at=middle)
    world.happens("green", run=814, number=44, at=middle + timedelta(minutes=5))
    await wake_up(world)
    await world.live(minutes=5)
    assert world.slack.cards == []
    (note,) = blind_notes(world)
    assert note.endswith("2 runs recovered, 1 failure.")


async def test_reds_in_a_row_are_counted_although_nobody_told_them(world: World) -> None:
    await world.run("green")
    await wake_up(world)
    middle = await asleep(world, minutes=35)
    for run in (813, 814, 815):
        world.happens("red", run=run, number=run - 770, at=middle + timedelta(seconds=run))
    await wake_up(world)
    await world.after(minutes=1)
    (incident,) = await world.open_incidents()
    assert (incident.run, incident.streak, incident.last_green_run) == (815, 3, 812)


async def test_a_restart_is_not_worth_a_word(world: World) -> None:
    await world.run("green")
    await wake_up(world)
    middle = await asleep(world, minutes=3)
    world.happens("red", run=813, number=43, at=middle)
    await wake_up(world)
    await world.after(minutes=10)
    assert len(await world.open_incidents()) == 1
    assert blind_notes(world) == []
    assert "Blind" not in await world.type("status")


async def test_a_suspended_machine_finds_out_by_itself(world: World) -> None:
    await world.run("green")
    await wake_up(world)
    middle = await asleep(world, hours=1)
    world.happens("red", run=813, number=43, at=middle)
    await world.bot.hearing.alive()
    await world.after(minutes=5)
    assert len(await world.open_incidents()) == 1
    assert len(blind_notes(world)) == 1


async def test_a_clock_that_was_wrong_for_a_minute_is_no_blind_time(world: World) -> None:
    await world.run("green")
    await wake_up(world)
    world.clock.set_by(timedelta(hours=2))
    await world.live(minutes=1)
    world.clock.set_by(timedelta(hours=-2))
    await world.live(minutes=180)
    assert blind_notes(world) == []
    assert "Blind" not in await world.type("status")


async def test_a_channel_is_not_told_of_runs_that_it_may_not_see(world: World) -> None:
    await world.run("green")
    await wake_up(world)
    middle = await asleep(world, hours=1)
    world.happens("red", run=900, repo="other/secret", at=middle)
    await wake_up(world)
    await world.after(minutes=5)
    (note,) = blind_notes(world)
    assert note.endswith("nothing was missed.")


async def test_what_happened_before_we_first_came_is_no_news(world: World) -> None:
    world.happens("red", run=811, at=world.clock.now() - timedelta(hours=2))
    world.happens("running", run=812, number=43)
    await wake_up(world)
    await world.after(minutes=5)
    assert await world.open_incidents() == []
    world.happens("red", run=812, number=43, at=world.clock.now())
    await world.after(hours=1, minutes=10)
    (incident,) = await world.open_incidents()
    assert incident.run == 812


async def test_only_lost_deliveries_that_matter_are_sent_again(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await wake_up(world)
    begun = payloads.workflow_run(run=813, number=43, status="in_progress")
    lost(world, "workflow_run", begun)
    lost(world, "push", payloads.push())
    lost(world, "check_run", begun)
    wanted = [
        lost(world, "delete", payloads.delete(name="feature")),
        lost(
            world, "workflow_run", payloads.workflow_run(run=700, number=20, conclusion="success")
        ),
    ]
    await world.after(hours=1, minutes=10)
    assert world.github.redelivered == [one.id for one in wanted]
    await redeliver(world)
    await world.after(hours=3)
    assert world.github.redelivered == []
    assert "workflow_run" not in world.github.calls


async def test_a_delivery_that_was_stored_is_not_sent_again(world: World) -> None:
    """GitHub gave up waiting, but it arrived."""
    await wake_up(world)
    late = lost(world, "workflow_run", payloads.workflow_run(at=world.clock.now()))
    await world.writer.store(late)
    await world.after(hours=1, minutes=10)
    assert world.github.redelivered == []


async def test_what_arrived_and_is_not_here_is_sent_again(world: World) -> None:
    """The database was restored, or a proxy answered in our name."""
    await wake_up(world)
    swallowed = lost(world, "workflow_run", payloads.workflow_run(), status=200)
    await world.after(hours=1, minutes=10)
    assert world.github.redelivered == [swallowed.id]


async def test_a_lost_job_is_read_and_taken_in_only_if_it_failed_or_deploys(world: World) -> None:
    await world.run("running")
    await wake_up(world)
    green = lost(world, "workflow_job", payloads.workflow_job(job=1, conclusion="success"))
    lost(world, "workflow_job", payloads.workflow_job(job=2, name="push"))
    await world.after(hours=1, minutes=10)
    (incident,) = await world.open_incidents()
    assert incident.early
    assert world.github.redelivered == []
    async with world.store.read() as tx:
        assert await tx.delivery(green.id) is None


async def test_a_door_that_stays_shut_is_only_knocked_at(world: World) -> None:
    await world.run("green")
    await wake_up(world)
    for run in range(820, 830):
        lost(world, "workflow_run", payloads.workflow_run(run=run))
    while not world.github.redelivered:
        await world.after(minutes=3)
    assert len(world.github.redelivered) == 10
    for id in world.github.redelivered:
        first = next(one for one in world.github.log if one.id == id)
        world.github.log.append(
            replace(first, number=next(numbers), again=True, at=world.clock.now())
        )
    world.github.redelivered.clear()
    await world.after(minutes=6)
    assert len(world.github.redelivered) == 3


async def test_lost_deliveries_are_a_blind_time_of_their_own(world: World) -> None:
    """We lived, and GitHub could not reach us for half an hour."""
    await world.run("green")
    await wake_up(world)
    begun = world.clock.now()
    lost(world, "push", payloads.push(), at=begun + timedelta(minutes=10))
    lost(world, "push", payloads.push(), at=begun + timedelta(minutes=40))
    world.happens("red", run=813, number=43, at=begun + timedelta(minutes=20))
    arrived = lost(world, "push", payloads.push(), status=202, at=begun + timedelta(minutes=50))
    await world.writer.store(arrived)
    for _ in range(45):
        world.clock.at += timedelta(minutes=1, seconds=45)
        await world.bot.hearing.alive()
        await world.settle()
    (note,) = blind_notes(world)
    assert note == (
        "I was blind from 2026-11-24 12:10 UTC to 2026-11-24 12:40 UTC (30 min). I have asked "
        "GitHub since: 1 run recovered, 1 failure."
    )


async def test_a_few_losses_among_what_arrives_are_no_blind_time(world: World) -> None:
    """A slow answer now and then is not worth a word in every channel."""
    await world.run("green")
    await wake_up(world)
    begun = world.clock.now()
    for minute in range(50):
        at = begun + timedelta(minutes=minute)
        if minute % 10 == 5:
            lost(world, "push", payloads.push(), at=at)
        else:
            await world.writer.store(lost(world, "push", payloads.push(), status=202, at=at))
    await world.live(minutes=130)
    assert blind_notes(world) == []


async def test_without_a_right_to_read_hooks_the_runs_are_asked_for(world: World) -> None:
    world.github.no_hooks = "GitHub does not let us read webhooks."
    await world.run("green")
    await wake_up(world)
    world.happens("red", run=813, number=43, at=world.clock.now())
    await world.after(hours=1, minutes=10)
    assert len(await world.open_incidents()) == 1
    assert any(line["event"] == "hooks_unreadable" for line in world.logs)


async def test_an_odd_answer_ends_no_schedule(world: World) -> None:
    """A proxy answers in GitHub's name for an hour; afterwards we hear as before."""
    await world.run("green")
    await wake_up(world)
    world.github.not_understood = {"reachable", "hooks", "runs_since"}
    await world.live(minutes=130)
    world.github.not_understood = set()
    world.happens("red", run=813, number=43, at=world.clock.now())
    wanted = lost(world, "delete", payloads.delete(name="feature"))
    await world.live(minutes=130)
    assert len(await world.open_incidents()) == 1
    assert world.github.redelivered == [wanted.id]
    world.github.calls.clear()
    await world.live(minutes=70)
    assert {"reachable", "logged", "runs_since"} <= {*world.github.calls}


async def test_a_hook_that_hides_its_log_keeps_no_other_unread(world: World) -> None:
    world.github.hook_names = ["acme/1", "acme/app/2"]
    await world.run("green")
    await wake_up(world)
    world.github.hidden = {"acme/1"}
    wanted = lost(world, "delete", payloads.delete(name="feature"))
    await world.live(minutes=70)
    assert world.github.redelivered == [wanted.id]
    assert any(line["event"] == "operator_needed" for line in world.logs)
    world.github.hidden = set()
    world.github.redelivered.clear()
    await world.live(minutes=10)
    assert world.github.redelivered == [wanted.id]


@dataclass(slots=True, kw_only=True)
class NarrowHost(MemoryCodeHost):
    """Our budget lets a few logs be read at a time."""

    clock: HandClock = field(default_factory=HandClock)
    asked: Counter[datetime] = field(default_factory=Counter)
    read: set[str] = field(default_factory=set)

    async def logged(
        self, hook: Hook, *, since: datetime, failed: bool
    ) -> Sequence[LoggedDelivery]:
        now = self.clock.now().replace(second=0, microsecond=0)
        self.asked[now] += 1
        if self.asked[now] > 10:
            msg = "GitHub was asked as much as it takes in a minute."
            raise BusyError(msg, after=timedelta(minutes=1))
        self.read.add(hook.name)
        return await MemoryCodeHost.logged(self, hook, since=since, failed=failed)


async def test_more_logs_than_our_budget_allows_at_once_are_read_all_the_same() -> None:
    github = NarrowHost(hook_names=[f"acme/{number}" for number in range(1, 21)])
    async with a_world(github=github) as world:
        github.clock = world.clock
        await world.run("green")
        await wake_up(world)
        await world.live(minutes=20)
        assert github.read == {*github.hook_names}
        asked = github.asked.total()
        await world.live(minutes=30)
        assert github.asked.total() == asked


async def test_what_was_lost_before_the_clock_was_set_back_is_looked_for(world: World) -> None:
    """It was ahead when we last listened, so that mark says nothing."""
    await world.run("green")
    world.clock.at += timedelta(hours=5)
    await wake_up(world)
    world.clock.at -= timedelta(hours=4)
    wanted = lost(world, "delete", payloads.delete(name="feature"))
    world.clock.at += timedelta(hours=1)
    await wake_up(world)
    assert world.github.redelivered == [wanted.id]


async def test_an_old_run_that_somebody_ran_again_is_found(world: World) -> None:
    """It is far down in the list of runs, so it is read by its own id."""
    await world.run("red", log=TEST_FAILURE)
    await wake_up(world)
    reran(world, Conclusion.SUCCESS)
    await world.after(hours=2)
    assert await world.open_incidents() == []
    assert "re-run by" in plain(world.card().headline)


def reran(world: World, conclusion: Conclusion) -> Run:
    """Let somebody have run 812 again on GitHub, and hide it from lists."""
    run = world.github.runs[812]  # type: ignore[index]
    world.github.unlisted.add(run.id)
    world.github.runs[run.id] = again = replace(
        run,
        attempt=2,
        status=Status.COMPLETED,
        conclusion=conclusion,
        updated_at=world.clock.now() + timedelta(minutes=1),
    )
    return again


async def test_a_run_whose_end_nobody_told_is_read_again(world: World) -> None:
    await world.run("running")
    await wake_up(world)
    run = world.github.runs[812]  # type: ignore[index]
    world.github.unlisted.add(run.id)
    await world.after(minutes=20)
    world.github.runs[run.id] = replace(
        run,
        status=Status.COMPLETED,
        conclusion=Conclusion.FAILURE,
        updated_at=world.clock.now(),
    )
    await world.after(hours=2)
    assert len(await world.open_incidents()) == 1


async def test_a_run_that_was_deleted_leaves_its_incident_open(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await wake_up(world)
    del world.github.runs[812]  # type: ignore[arg-type]
    await world.after(hours=5)
    assert len(await world.open_incidents()) == 1
    told = [note for note in world.slack.notes if "deleted" in note]
    assert told == ["Run #42 was deleted on GitHub; a newer green run ends this."]


async def test_a_repository_that_is_gone_ends_its_incident_without_a_word_of_its_run(
    world: World,
) -> None:
    await world.run("red", log=TEST_FAILURE)
    await wake_up(world)
    world.github.runs.clear()
    world.github.repositories.clear()
    await world.after(hours=2)
    assert await world.open_incidents() == []
    assert "GitHub does not show acme/app any more" in plain(world.card().headline)
    assert not [note for note in world.slack.notes if "deleted" in note]


async def test_a_workflow_that_was_disabled_ends_its_incident_within_the_hour(
    world: World,
) -> None:
    await world.run("red", log=TEST_FAILURE)
    await wake_up(world)
    (incident,) = await world.open_incidents()
    world.github.disabled.add(incident.lane.workflow)
    await world.after(hours=2)
    assert await world.open_incidents() == []
    async with world.store.read() as tx:
        ended = await tx.incident(incident.id)
    assert ended
    assert ended.ending is Ending.SUPERSEDED


async def test_a_state_that_nobody_confirms_is_unknown_until_github_answers(world: World) -> None:
    await world.run("running")
    await world.job_fails("build", log=TEST_FAILURE)
    await wake_up(world)
    await world.after(minutes=30)
    world.github.down = True
    await world.after(hours=4)
    (incident,) = await world.open_incidents()
    assert incident.is_unknown(world.clock.now())
    assert incident.unconfirmed_since
    assert "State unknown since" in plain(world.card().action)
    world.github.down = False
    await world.after(hours=1, minutes=10)
    (incident,) = await world.open_incidents()
    assert incident.unconfirmed_since is None
    assert "State unknown" not in plain(world.card().action)
