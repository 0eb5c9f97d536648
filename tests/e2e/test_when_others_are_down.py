"""What others break: it only delays."""

from tests.e2e.far_sides import FAILED_TEST, FarSides


async def test_far_sides_that_are_down_only_delay(sides: FarSides) -> None:
    """Without GitHub's API the card comes from the webhook; each chat catches up.

    A post without an outcome is tried again one request time-out later.
    """
    github, slack, discord = sides.town.github, sides.town.slack, sides.town.discord
    async with sides.bot() as bot:
        github.down = True
        sides.break_build("Tests")
        await sides.shown("BROKEN", "Tests on main", "log not read yet")

        slack.down = discord.down = True
        sides.break_build("Lint")
        await bot.says("Slack did not post in")
        await bot.says("Discord answered 503: could not write")
        github.down = slack.down = discord.down = False
        await sides.shown("Tests on main", FAILED_TEST)
        await sides.shown("Lint on main", FAILED_TEST)
    assert [len(sides.cards(chat)) for chat in ("Slack", "Discord")] == [2, 2]
