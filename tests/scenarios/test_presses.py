"""What people press and type, and who may."""

from bot.domain.access import Grant
from bot.domain.person import Member
from bot.domain.press import PressKind
from bot.domain.retry import RetryState, Scope
from bot.messages.text import plain
from tests import payloads
from tests.scenarios.world import (
    ANA,
    BO,
    DISCORD_ANA,
    STRANGER,
    TEST_FAILURE,
    World,
    a_world,
    policies,
)


async def test_a_press_is_seen_by_all_and_done_once(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    target = world.button("retry").target
    assert await world.press("retry") == "The failed jobs run again (attempt 2)."
    assert world.github.reruns == [(812, Scope.FAILED, False)]
    assert "ana retried it" in plain(world.card().action)

    again = await world.send(ANA, PressKind.BUTTON, "retry", target=target)
    assert again == "The failed jobs run again (attempt 2)."
    assert (
        await world.send(BO, PressKind.BUTTON, "retry", target=target)
        == "@ana was first; one retry is enough."
    )
    assert len(world.github.reruns) == 1


async def test_a_press_takes_over_the_bots_waiting_retry(world: World) -> None:
    await world.run("red")
    assert await world.press("retry_all") == "All jobs run again (attempt 2)."
    await world.after(minutes=30)
    assert world.github.reruns == [(812, Scope.ALL, False)]
    await world.run("green", attempt=2)
    assert "retry by ana (attempt 2)" in plain(world.card().headline)


async def test_debug_logging_is_asked_for(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    await world.press("retry_debug")
    assert world.github.reruns == [(812, Scope.FAILED, True)]


async def test_githubs_refusal_reaches_the_presser(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    world.github.refusal = "GitHub allows 50 re-runs of one run, and they are used up."
    answer = await world.press("retry")
    assert answer == "GitHub allows 50 re-runs of one run, and they are used up."
    async with world.store.read() as tx:
        (retry,) = await tx.retries(1)  # type: ignore[arg-type]
    assert retry.state is RetryState.REFUSED
    await world.press("retry")  # a refusal does not block the next
    assert len(world.github.reruns) == 1


async def test_somebody_was_faster_on_github(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    repo = next(iter(world.github.repositories.values()))
    await world.github.rerun(repo, 812, scope=Scope.FAILED, debug=False)  # type: ignore[arg-type]
    assert "re-run it on GitHub already" in await world.press("retry")


async def test_a_card_that_shows_an_old_run_asks_first(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    target = world.button("retry").target
    await world.run("red", run=813, number=43, log=TEST_FAILURE)
    answer = await world.send(ANA, PressKind.BUTTON, "retry", target=target)
    assert "has failed since this card was drawn" in answer
    await world.confirm()
    assert [run for run, _, _ in world.github.reruns] == [813]


async def test_a_strangers_press_is_refused_in_private(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    assert "You may not retry acme/app" in await world.press("retry", by=STRANGER)
    assert world.github.reruns == []


async def test_a_guest_never_counts(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    world.slack.members["U9"] = Member(outsider=True)
    assert "may not" in await world.press("acknowledge", by=STRANGER)


async def test_without_an_entry_github_says_who_may() -> None:
    async with a_world(policies(grants=())) as world:
        await world.run("red", log=TEST_FAILURE)
        assert "may write to acme/app on GitHub" in await world.press("retry")
        world.github.writers.add("ana")
        assert "run again" in await world.press("retry")
        assert "I do not know your GitHub name" in await world.send(
            BO, PressKind.BUTTON, "retry", target=world.button("resolve").target
        )


async def test_a_group_or_role_may() -> None:
    grants = (Grant(repositories=("acme/*",), retry=("slack:group:S7", "discord:role:8")),)
    async with a_world(policies(grants=grants)) as world:
        await world.run("red", log=TEST_FAILURE)
        assert "may not" in await world.press("retry", by=BO)
        world.slack.members["U2"] = Member(groups=frozenset({"S7"}))
        assert "run again" in await world.press("retry", by=BO)


async def test_acknowledge_names_the_owner_and_resolve_ends(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    assert await world.press("acknowledge", by=DISCORD_ANA) == "You have #1 now."
    assert "ana has it." in plain(world.card().action)
    assert await world.press("resolve") == "#1 is resolved."
    assert "RESOLVED" in plain(world.card().headline)
    # The same red run, told again, does not open it anew.
    await world.run("red", log=TEST_FAILURE)
    assert await world.open_incidents() == []


async def test_the_full_log_goes_to_the_asker_redacted(world: World) -> None:
    token = "ghp_" + "a1B2c3D4e5" * 4
    await world.run("red", log=f"export TOKEN={token}\n".encode() + TEST_FAILURE)
    await world.press("full_log")
    _, answer = world.slack.answers[-1]
    assert answer.file is not None
    import gzip  # noqa: PLC0415 - only here

    body = gzip.decompress(answer.file.body).decode()
    assert token not in body
    assert "FAILED tests/test_sum.py" in body


async def test_a_press_found_after_a_long_night_is_not_acted_on(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    press = world.a_press(ANA, PressKind.BUTTON, "retry", target=world.button("retry").target)
    await world.bot.inbox.receive(press)
    world.clock.at = world.clock.at.replace(hour=20)
    await world.settle()
    assert world.github.reruns == []
    assert "I was down" in world.answer_to(press)
    await world.after(seconds=15)
    assert 'ana pressed "Retry" while I was down; nothing was done.' in world.slack.notes


async def test_status_lists_red_first(world: World) -> None:
    await world.run("green", run=1, number=1, workflow="Docs")
    await world.run("red", log=TEST_FAILURE)
    lines = (await world.type("status")).splitlines()
    assert lines[0] == "acme/app"
    assert lines[1].startswith("RED  CI on main")
    assert lines[1].endswith("incident #1")
    assert lines[2].startswith("GREEN  Docs on main")


async def test_commands_reach_only_what_the_channel_hears(world: World) -> None:
    await world.run("red", log=TEST_FAILURE, repo="other/app", head_repo="other/app")
    assert "heard of no build" in await world.type("status")
    assert "No open incident #1 here" in await world.type("retry what=#1")
    assert await world.type("incidents") == "Nothing is broken here."


async def test_retry_by_number_by_run_and_by_url(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    for nonsense in ("what=first", "what=", "what=" + "9" * 40):
        assert "Name an incident (#12)" in await world.type(f"retry {nonsense}")
    assert "No open incident #99 here. Open ones: #1." in await world.type("retry what=#99")
    strange = "https://github.com/evil/x/actions/runs/812"
    assert "I know no run 812" in await world.type(f"retry what={strange}")
    assert world.github.reruns == []
    assert "run again" in await world.type("retry what=#1")
    assert "run again" in await world.type("retry what=812")
    url = "https://github.com/acme/app/actions/runs/812"
    assert "run again" in await world.type(f"retry what={url}")
    assert len(world.github.reruns) == 1


async def test_help_and_typos_help(world: World) -> None:
    assert "/build retry <what>" in await world.type("help")
    assert "Did you mean /build status?" in await world.type("statsu")
    assert "/build help" in await world.type("xyzzy")


async def test_completion_offers_what_fits(world: World) -> None:
    await world.run("red", log=TEST_FAILURE)
    offered = await world.complete("retry", what="", focused="what")
    assert [choice.value for choice in offered.options] == ["#1"]
    offered = await world.complete("status", repo="ac", focused="repo")
    assert [choice.value for choice in offered.options] == ["acme/app"]


async def test_every_button_on_any_card_has_a_handler(world: World) -> None:
    await world.deliver("create", payloads.create(name="v1.0.0", kind="tag"))
    await world.run("red", branch="v1.0.0")
    await world.run("red", run=2, number=2, workflow="Other", log=TEST_FAILURE)
    for message in world.slack.cards:
        for button in (*message.view.buttons, *message.view.menu):  # type: ignore[union-attr]
            assert button.action in world.bot.router.buttons


async def test_a_cancelled_retry_may_be_asked_for_again(world: World) -> None:
    """The card must not say for ever that attempt 2 runs."""
    await world.run("red")
    await world.after(minutes=6)
    assert len(world.github.reruns) == 1
    await world.run("cancelled", attempt=2)
    assert "attempt 2 ended cancelled" in plain(world.card().action)
    assert world.slack.rung == ["slack:group:S1"]

    assert "run again (attempt 3)" in await world.press("retry")
    assert len(world.github.reruns) == 2


async def test_a_retry_that_github_does_not_take_is_said(world: World) -> None:
    await world.run("red")
    world.github.down = True
    await world.after(minutes=7)
    assert "GitHub has not taken the retry yet" in plain(world.card().action)
    world.github.down = False
    await world.after(minutes=6)
    assert len(world.github.reruns) == 1


async def test_an_old_press_that_comes_again_takes_nothing_back(world: World) -> None:
    """We crashed between the act and its record, and others have acted since."""
    await world.run("red", log=TEST_FAILURE)
    take, resolve = (
        world.a_press(ANA, PressKind.BUTTON, name, target=world.button(name).target)
        for name in ("acknowledge", "resolve")
    )
    await world.bot.router.press(take)
    await world.press("acknowledge", by=BO)
    await world.bot.router.press(take)
    await world.settle()
    assert "bo has it" in plain(world.card().action)

    await world.bot.router.press(resolve)
    await world.run("red", run=813, number=43, log=TEST_FAILURE)
    await world.bot.router.press(resolve)
    await world.settle()
    assert "BROKEN" in plain(world.card().headline)
