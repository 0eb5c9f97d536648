"""Outages, refused tokens, full disks, a stopped machine: right afterwards, without a person."""

import asyncio
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.stage.town import SLACK_ALICE
from tests.e2e.bot_process import Bot, serving, until
from tests.e2e.curl import post, told
from tests.e2e.far_sides import FAILED_TEST, FarSides, far_sides
from tests.postgres import a_postgres

CHATS = ("Slack", "Discord")
A_WHILE = 5  # seconds that stand for an hour: several tries of everything fail meanwhile


def set_down(sides: FarSides, names: tuple[str, ...], *, down: bool) -> None:
    for name in names:
        getattr(sides.town, name).down = down
    if down and "slack" in names:
        sides.town.slack.sockets.drop()
    if down and "discord" in names:
        sides.town.discord.gateway.drop()


async def an_outage(folder: Path, *names: str) -> None:
    """Let builds break, mend and break again while others are down; look at them afterwards."""
    async with far_sides(folder) as sides, sides.bot() as bot:
        before = sides.break_build("Before")
        await sides.shown("BROKEN", "Before on main", FAILED_TEST)
        set_down(sides, names, down=True)
        sides.break_build("During")
        flaps = sides.break_build("Flaps")
        flaps.rerun_failed(before.world.account("dave"))
        flaps.finish("success")
        before.rerun_failed(before.world.account("dave"))
        before.finish("success")
        await sides.town.github.delivered()
        await asyncio.sleep(A_WHILE)
        set_down(sides, names, down=False)
        await sides.shown("BROKEN", "During on main", FAILED_TEST)
        await sides.shown("FIXED", "Before on main")
        for chat in CHATS:
            broken = [card.text for card in sides.cards(chat, "BROKEN", "on main")]
            assert ["During on main" in text for text in broken if "Flaps" not in text] == [True]
        await until(lambda: not any(sides.cards(chat, "BROKEN", "Flaps") for chat in CHATS))
        await bot.ready()
        answer = await sides.press_in_slack(SLACK_ALICE, "Retry failed jobs", "During on main")
        assert answer == "The failed jobs run again (attempt 2)."
        for chat in CHATS:
            assert len(sides.cards(chat, "Before on main")) == 1
            assert len(sides.cards(chat, "During on main")) == 1
            assert len(sides.cards(chat, "Flaps on main")) <= 1


async def test_an_hour_without_one_of_the_three_or_all(tmp_path: Path) -> None:
    outages = [("github",), ("slack",), ("discord",), ("github", "slack", "discord")]
    async with asyncio.TaskGroup() as group:
        for number, names in enumerate(outages):
            folder = tmp_path / str(number)
            folder.mkdir()
            group.create_task(an_outage(folder, *names))


async def test_an_hour_in_which_all_are_slow(sides: FarSides) -> None:
    """Every answer takes its time; presses and cards still come, and once."""
    async with sides.bot():
        slowly = timedelta(seconds=0.4)
        sides.town.github.delay_next("*", "*", slowly, times=1_000)
        sides.town.slack.delay_next("/api/", slowly, times=1_000)
        sides.town.discord.delay_next("*", "*", by=slowly, times=1_000)
        sides.break_build("Tests")
        await sides.shown("BROKEN", "Tests on main", FAILED_TEST)
        answer = await sides.press_in_slack(SLACK_ALICE, "Retry failed jobs", "Tests on main")
        assert answer  # at once, or that GitHub does not answer and it keeps trying
        await until(sides.reruns)
    assert sides.reruns() == 1
    assert [len(sides.cards(chat)) for chat in CHATS] == [1, 1]


def revoke(sides: FarSides, platform: str) -> dict[str, str]:
    """Take a token away; return the one that the operator makes then."""
    town = sides.town
    match platform:
        case "GitHub":
            town.github.hub.tokens.revoke(sides.variables["GITHUB_TOKEN"])
            return {"GITHUB_TOKEN": town.github.token("smokejumper-bot")}
        case "Slack":
            new = "xoxb-2-renewed"
            town.slack.revoke(sides.variables["SLACK_BOT_TOKEN"])
            town.slack.workspace.app = replace(town.slack.workspace.app, bot_token=new)
            return {"SLACK_BOT_TOKEN": new}
        case _:
            town.discord.world.application.token = "renewed"
            return {"DISCORD_BOT_TOKEN": "renewed"}


@pytest.mark.parametrize("platform", ["GitHub", "Slack", "Discord"])
async def test_a_token_is_revoked_and_renewed(sides: FarSides, platform: str) -> None:
    """What could not be said or asked meanwhile is, once, as soon as there is a new token."""
    async with sides.bot() as bot:
        sides.break_build("Before")
        await sides.shown("BROKEN", "Before on main", FAILED_TEST)
        renewed = revoke(sides, platform)
        sides.break_build("During")
        await bot.says("event=operator_needed")
        works = [chat for chat in CHATS if chat != platform]
        await sides.shown("BROKEN", "During on main", chats=works)
        assert await bot.stop() == 0
    async with sides.bot(**renewed):
        await sides.shown("BROKEN", "During on main", FAILED_TEST)
        await sides.shown("BROKEN", "Before on main", FAILED_TEST)
    assert [len(sides.cards(chat)) for chat in CHATS] == [2, 2]


@contextmanager
def a_full_disk(bot: Bot) -> Iterator[None]:
    """Let the bot write no byte into any file; its lines go through a pipe."""
    pid = bot.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_refuses_deliveries_and_is_survived(sides: FarSides) -> None:
    """GitHub is told to come again; nothing is taken that is not stored."""
    async with sides.bot() as bot:
        sides.break_build("Before")
        await sides.shown("BROKEN", "Before on main", FAILED_TEST)
        sides.deliver_nothing()
        body = told(sides, sides.break_build("During"))
        with a_full_disk(bot):
            status, _ = await post(bot, body, delivery="during")
            assert status == 503
            await asyncio.sleep(1)
            assert (await post(bot, body, delivery="during"))[0] == 503
        assert await post(bot, body, delivery="during") == (202, "Stored.")
        await sides.shown("BROKEN", "During on main", FAILED_TEST)
        await bot.ready()
    assert [len(sides.cards(chat)) for chat in CHATS] == [2, 2]


async def test_a_machine_that_is_suspended_goes_on_where_it_was(sides: FarSides) -> None:
    """It sleeps in the middle of a request, and in the middle of its waits."""
    async with sides.bot() as bot:
        sides.town.slack.delay_next(r"chat\.postMessage", timedelta(seconds=2))
        sides.town.github.delay_next("GET", "*/jobs", timedelta(seconds=2))
        sides.break_build("Tests")
        await sides.shown("BROKEN", chats=["Slack"])
        os.kill(bot.process.pid, signal.SIGSTOP)
        run = sides.start("Tests")
        await asyncio.sleep(6)
        os.kill(bot.process.pid, signal.SIGCONT)
        await sides.shown("BROKEN", "Tests on main", FAILED_TEST)
        await bot.ready()
        run.finish("success")
        await sides.shown("FIXED", "Tests on main")
    assert [len(sides.cards(chat)) for chat in CHATS] == [1, 1]


async def test_a_database_that_is_restarted_is_waited_for(sides: FarSides) -> None:
    """Deliveries are refused meanwhile, and what was begun goes on."""
    with a_postgres() as server:
        async with sides.bot(DATABASE_URL=server.migrated()) as bot:
            sides.break_build("Before")
            await sides.shown("BROKEN", "Before on main")
            sides.deliver_nothing()
            body = told(sides, sides.break_build("During"))
            server.stop()
            assert (await post(bot, body, delivery="during"))[0] == 503
            await asyncio.sleep(A_WHILE)
            server.start()
            await bot.ready()
            assert await post(bot, body, delivery="during") == (202, "Stored.")
            await sides.shown("BROKEN", "During on main", FAILED_TEST)
            await sides.shown("BROKEN", "Before on main", FAILED_TEST)
    assert [len(sides.cards(chat)) for chat in CHATS] == [2, 2]


async def test_who_is_suspended_is_replaced_and_doubles_nothing_when_it_wakes(
    sides: FarSides,
) -> None:
    """It stops while it posts; the other takes its work over, and then both go on."""
    with a_postgres() as server:
        shared = sides.variables | {"DATABASE_URL": server.migrated()}
        async with sides.bot(**shared) as stopped, serving(sides.folder, shared) as other:
            sides.town.slack.delay_next(r"chat\.postMessage", timedelta(seconds=2))
            sides.town.discord.delay_next("POST", "*/messages", by=timedelta(seconds=2))
            sides.break_build("Before")
            await sides.shown("BROKEN", "Before on main", chats=["Slack"])
            os.kill(stopped.process.pid, signal.SIGSTOP)
            sides.deliver_to(other)
            sides.break_build("During")
            await sides.shown("BROKEN", "During on main", FAILED_TEST)
            await sides.shown("BROKEN", "Before on main", FAILED_TEST)
            os.kill(stopped.process.pid, signal.SIGCONT)
            await stopped.ready()
            sides.break_build("After")
            await sides.shown("BROKEN", "After on main", FAILED_TEST)
            await other.ready()
    assert [len(sides.cards(chat)) for chat in CHATS] == [3, 3]
