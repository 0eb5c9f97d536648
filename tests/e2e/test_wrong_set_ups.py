"""What is set up wrong is said in one clear line, and the rest goes on."""

from pathlib import Path

import pytest

from tests.e2e.bot_process import refused, serving
from tests.e2e.far_sides import FarSides

ENOUGH = {
    "GITHUB_TOKEN": "ghp_made_up",
    "GITHUB_WEBHOOK_SECRET": "made-up",
    "DISCORD_BOT_TOKEN": "made-up",
}
ROOM = '[[subscriptions]]\nplatform = "discord"\nchannel = "42"\nrepositories = ["acme/*"]\n'
NO_KEY = "no-such.pem"


@pytest.mark.parametrize(
    ("changed", "settings", "words"),
    [
        pytest.param(
            {"GITHUB_WEBHOOK_SECRET": ""}, ROOM, "GITHUB_WEBHOOK_SECRET is not set", id="no-secret"
        ),
        pytest.param({"GITHUB_TOKEN": ""}, ROOM, "Set GITHUB_TOKEN, or GITHUB_APP_ID", id="no-hub"),
        pytest.param(
            {"DISCORD_BOT_TOKEN": ""},
            ROOM,
            "Set SLACK_BOT_TOKEN or DISCORD_BOT_TOKEN",
            id="no-chat",
        ),
        pytest.param(
            {"SLACK_BOT_TOKEN": "xoxb-made-up"},
            ROOM,
            "SLACK_BOT_TOKEN needs SLACK_APP_TOKEN",
            id="half-a-slack",
        ),
        pytest.param(
            {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY_FILE": NO_KEY},
            ROOM,
            f"GITHUB_APP_PRIVATE_KEY_FILE: there is no file {NO_KEY}",
            id="no-key",
        ),
        pytest.param(
            {}, ROOM.replace("discord", "slack"), "SLACK_BOT_TOKEN is not set", id="no-slack-token"
        ),
        pytest.param(
            {},
            f"{ROOM}\n[retry]\nmax_retrys = 1\n",
            "settings.toml: unknown key retry.max_retrys. Did you mean max_retries?",
            id="misspelt",
        ),
        pytest.param(
            {},
            ROOM.replace("channel", "chanel"),
            '[[subscriptions]] number 1 has no "channel". Add it.',
            id="no-channel",
        ),
        pytest.param({}, "[retry", "settings.toml is no valid TOML", id="no-toml"),
        pytest.param({}, "", "settings.toml has no [[subscriptions]]", id="deaf"),
    ],
)
async def test_serve_refuses_with_what_to_do(
    tmp_path: Path, changed: dict[str, str], settings: str, words: str
) -> None:
    (tmp_path / "settings.toml").write_text(settings, encoding="utf-8")
    said = await refused(tmp_path, ENOUGH | changed)
    assert words in said
    assert all(line.startswith(("Error: ", "settings.toml: ")) for line in said.splitlines())


async def test_without_settings_it_says_where_to_begin(tmp_path: Path) -> None:
    said = await refused(tmp_path, ENOUGH)
    assert said == (
        "Error: There is no settings.toml. Copy settings.example.toml to it and name your "
        "channels.\n"
    )


@pytest.mark.parametrize(
    ("variable", "told", "works"),
    [
        pytest.param("SLACK_BOT_TOKEN", "Check SLACK_BOT_TOKEN", "Discord", id="slack-bot"),
        pytest.param(
            "SLACK_APP_TOKEN",
            "Check SLACK_BOT_TOKEN and SLACK_APP_TOKEN",
            "Discord",
            id="slack-app",
        ),
        pytest.param("DISCORD_BOT_TOKEN", "into DISCORD_BOT_TOKEN", "Slack", id="discord"),
    ],
)
async def test_a_wrong_token_stops_only_its_chat(
    sides: FarSides, variable: str, told: str, works: str
) -> None:
    async with serving(sides.folder, sides.variables | {variable: "xoxb-wrong"}) as bot:
        sides.deliver_to(bot)
        sides.break_build("Tests")
        await sides.shown("BROKEN", chats=[works])
        await bot.says(told)
        assert await bot.stop() == 0
    told_lines = [line for line in bot.lines if told in line]
    assert len(told_lines) <= 2, bot.log


async def test_a_channel_that_is_not_there_stops_only_itself(sides: FarSides) -> None:
    """The id is of no channel in Slack, and of one that Discord hides from the bot."""
    town = sides.town
    hidden = town.discord.estate.add_channel(town.discord.guild, "secret")
    town.discord.estate.forbid(hidden, town.discord.bot)
    sides.settle_also(("slack", "C0NOWHERE"), ("discord", str(hidden.id)))
    async with sides.bot() as bot:
        sides.break_build("Tests")
        await sides.shown("BROKEN")
        await bot.says("there is no such channel")
        await bot.says('Give the bot the permission \\"View Channel\\" there')
        assert await bot.stop() == 0
