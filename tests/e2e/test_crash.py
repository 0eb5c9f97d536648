"""A process that is killed in the middle of its work."""

import asyncio
from datetime import timedelta

from bot.cli.stage.town import SLACK_BO
from bot.standins.discord import Cut
from tests.e2e.bot_process import until
from tests.e2e.curl import post, told
from tests.e2e.far_sides import FAILED_TEST, FarSides


async def called_for(incidents: int, sides: FarSides) -> None:
    """Wait until the threads of so many cards call for a person, the last that is told."""
    calls = "A person is needed"
    await until(
        lambda: all(len(sides.lines(chat, calls)) == incidents for chat in ("Slack", "Discord"))
    )


async def test_a_crash_loses_nothing_and_doubles_nothing(sides: FarSides) -> None:
    """The far sides have acted, and the bot dies before it could note that down.

    What was tried without an outcome is looked for one request time-out later.
    """
    github, slack, discord = sides.town.github, sides.town.slack, sides.town.discord
    async with sides.bot() as bot:
        retried = sides.break_build("Tests")
        await called_for(1, sides)
        slack.delay_next("chat.postMessage", timedelta(minutes=1))
        discord.cut_next("POST", "/channels/*/messages", when=Cut.AFTER)
        github.delay_next("GET", "*/jobs", timedelta(minutes=1), times=2)
        sides.break_build("Lint")
        await sides.shown("BROKEN", "Lint on main")
        sides.deliver_nothing()
        await post(bot, told(sides, sides.break_build("Docs")))
        await sides.shown("BROKEN", "Docs on main")

        github.cut_next("POST", "*/rerun-failed-jobs", when="after")
        pressing = asyncio.create_task(
            sides.press_in_slack(SLACK_BO, "Retry failed jobs", "Tests on main")
        )
        await until(lambda: sides.reruns(retried))
        stored = await post(bot, told(sides, sides.break_build("Site")))
        await bot.crash()
    assert stored == (202, "Stored.")

    async with sides.bot():
        await sides.shown("Site on main", FAILED_TEST)
        await sides.shown("Docs on main", FAILED_TEST)
        await sides.shown("Tests on main", "@bo retried it, attempt 2 runs")
        await called_for(4, sides)
        await pressing
        retried.finish("success")
        await sides.shown("FIXED", "Tests on main")
    assert sides.reruns() == 1
    assert [len(sides.cards(chat)) for chat in ("Slack", "Discord")] == [4, 4]
