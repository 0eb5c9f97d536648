"""A bot that is asked to stop, and started again."""

import asyncio
from datetime import timedelta

from bot.cli.stage.town import SLACK_ALICE
from tests.e2e.far_sides import FAILED_TEST, FarSides


async def test_after_a_restart_old_buttons_still_work(sides: FarSides) -> None:
    """SIGTERM comes while GitHub is slow to answer; the work is left, and done later."""
    async with sides.bot() as bot:
        for workflow in ("Tests", "Lint"):
            sides.break_build(workflow)
            await sides.shown("BROKEN", f"{workflow} on main")
        sides.town.github.delay_next("GET", "*/jobs", timedelta(minutes=1))
        sides.break_build("Docs")
        await sides.shown("BROKEN", "Docs on main")
        assert await bot.stop() == 0

    async with sides.bot():
        answers = await asyncio.gather(
            sides.press_in_slack(SLACK_ALICE, "Retry failed jobs", "Tests on main"),
            sides.press_in_discord(sides.town.bo, "Retry failed jobs", "Lint on main"),
        )
        assert {*answers} == {"The failed jobs run again (attempt 2)."}
        await sides.shown("Docs on main", FAILED_TEST)
    assert sides.reruns() == 2
    assert [len(sides.cards(chat)) for chat in ("Slack", "Discord")] == [3, 3]
