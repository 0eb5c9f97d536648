"""A failed run becomes one incident, and a retry ends it."""

from bot.domain.press import PressKind
from bot.domain.retry import Scope
from bot.messages.text import plain
from tests.scenarios.world import ANA, BO, REGISTRY_503, TEST_FAILURE, World


async def test_a_transient_failure_is_retried_and_ends_by_itself(world: World) -> None:
    """Nobody is called for what passes by itself."""
    await world.run("red")
    assert len(world.slack.cards) == len(world.discord.cards) == 1
    assert "answered with a server error" in plain(world.card().headline)
    assert "I retry at" in plain(world.card().action)
    assert world.github.reruns == []

    await world.after(minutes=6)
    assert world.github.reruns == [(812, Scope.FAILED, False)]
    await world.run("green", attempt=2)
    assert "FIXED after" in plain(world.card().headline)
    assert "retry by the bot (attempt 2)" in plain(world.card().headline)
    assert world.slack.rung == world.discord.rung == []
    assert await world.open_incidents() == []


async def test_a_real_break_calls_people_and_is_not_retried(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.after(minutes=5)
    assert world.github.reruns == []
    assert world.slack.rung == ["slack:group:S1"]
    assert world.discord.rung == ["discord:role:42"]


async def test_presses_while_the_run_runs_are_kept(world: World) -> None:
    """The first presser's retry is done when the run ends; the second is told who was first."""
    await world.run("running")
    await world.job_fails("build")
    assert await world.press("retry", by=ANA) == "The run still runs; I retry it when it ends."
    # Ana's press redraws the card without the button; Bo saw it before.
    target = world.button("resolve").target
    answer = await world.send(BO, PressKind.BUTTON, "retry", target=target)
    assert answer == "@ana was first; one retry is enough."
    assert world.github.reruns == []

    await world.run("red", log=REGISTRY_503)
    assert [run for run, _, _ in world.github.reruns] == [812]


async def test_lines_that_the_last_green_run_did_not_print_are_said_to_be_new(
    world: World,
) -> None:
    """The green log is fetched once; a second failure uses its sketch."""
    noise = b"2026-11-24T12:00:00.0000000Z ERROR: deprecated flag --old, ignored\n"
    await world.run("green", run=811, number=41)
    green_job = world.github.jobs_of[811]["build"]  # type: ignore[index]
    world.github.logs[green_job.id] = noise
    await world.run("red", log=noise + TEST_FAILURE)
    assert world.github.calls.count("job_log") == 2
    assert "The last green run, 1a2b3c4, did not print this." in plain(world.card().proof_note)
    await world.run("red", run=813, number=43, log=noise + TEST_FAILURE)
    assert world.github.calls.count("job_log") == 3


async def test_the_card_says_how_often_that_was_seen(world: World) -> None:
    await world.run("red")
    await world.after(minutes=6)
    await world.run("green", attempt=2)
    await world.after(hours=8)
    await world.run("red", run=820, number=50)
    lines = [plain(line) for line in world.card().failed]
    assert "Seen 2 times in 21 days, first in run #42; 1 of 1 re-run passed." in lines
