"""`smokejumper test-alert`: one line a finding, and a sample card where all is well."""

import asyncio
import os
import sys
from dataclasses import replace

import pytest

from bot.adapters.slack.scopes import needed
from bot.cli.alerting.report import Report
from bot.cli.stage.town import SLACK_ROOM
from bot.cli.test_alert import look
from bot.config.environment import read_environment
from bot.config.loading import read_settings
from bot.domain.person import Platform
from bot.standins.discord import Permission
from tests.e2e.bot_process import INHERITED, PATIENCE, ROOT
from tests.e2e.far_sides import FarSides

SAMPLE = "This is a sample card: no build is broken."


async def told(sides: FarSides, capsys: pytest.CaptureFixture[str], **changed: str) -> list[str]:
    """Return the findings that are bad, as they are printed."""
    env = read_environment(sides.variables | changed, env_file=None)
    report = Report()
    await look(env, read_settings(sides.settings).subscribed(), report)
    lines = capsys.readouterr().out.splitlines()
    bad = [line.removeprefix("problem  ") for line in lines if line.startswith("problem  ")]
    assert len(bad) == report.wrong
    assert all(line.startswith(("problem  ", "ok       ")) for line in lines)
    return bad


def samples(sides: FarSides) -> dict[str, int]:
    return {chat: len(sides.cards(chat, "TEST", SAMPLE)) for chat in ("Slack", "Discord")}


async def command(sides: FarSides, **changed: str) -> tuple[int | None, str]:
    """Run the real command; return how it ended and what it printed."""
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "test-alert"),
        cwd=sides.folder,
        env={**inherited, "PYTHONPATH": str(ROOT), **sides.variables, **changed},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(PATIENCE):
        printed, _ = await process.communicate()
    return process.returncode, printed.decode()


async def test_all_is_well(sides: FarSides) -> None:
    """The sample shows every part of a card, calls nobody, and nothing on it can be pressed."""
    ended, printed = await command(sides)
    assert (ended, "problem" in printed) == (0, False), printed
    for words in (
        "GitHub: The token works; it is smokejumper-bot's.",
        "GitHub: acme/* is a pattern; a token can't tell what fits it.",
        "Slack knows the bot as smokejumper",
        "Slack opened a socket for the app token.",
        "The bot is in #builds (C0BUILDS).",
        'Discord takes the token; the bot is "smokejumper".',
        f"Channel #builds ({sides.town.discord_room.id}) can be written to.",
        "Slack channel C0BUILDS has a sample card.",
        f"Discord channel {sides.town.discord_room.id} has a sample card.",
    ):
        assert f"ok       {words}" in printed
    assert samples(sides) == {"Slack": 1, "Discord": 1}
    assert sides.called() == set()
    assert not sides.in_discord(SAMPLE).components
    assert not any(block["type"] == "actions" for block in sides.in_slack(SAMPLE).blocks)

    ended, printed = await command(sides, DISCORD_BOT_TOKEN="wrong", SLACK_BOT_TOKEN="xoxb-wrong")
    assert ended == 1
    assert samples(sides) == {"Slack": 1, "Discord": 1}


async def test_a_second_run_posts_again(
    sides: FarSides, capsys: pytest.CaptureFixture[str]
) -> None:
    """Discord would answer a key that it knows with the message that is there."""
    sides.settle(Platform.DISCORD)
    assert await told(sides, capsys) == []
    assert await told(sides, capsys) == []
    assert samples(sides) == {"Slack": 0, "Discord": 2}


@pytest.mark.parametrize(
    ("variable", "words", "posted"),
    [
        pytest.param("SLACK_BOT_TOKEN", "take SLACK_BOT_TOKEN", {"Slack": 0, "Discord": 1}),
        pytest.param("SLACK_APP_TOKEN", "open a socket with", {"Slack": 1, "Discord": 1}),
        pytest.param("DISCORD_BOT_TOKEN", "into DISCORD_BOT_TOKEN", {"Slack": 1, "Discord": 0}),
        pytest.param("GITHUB_TOKEN", "GitHub: GitHub refuses", {"Slack": 1, "Discord": 1}),
    ],
)
async def test_a_wrong_token_is_one_problem(
    sides: FarSides,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    words: str,
    posted: dict[str, int],
) -> None:
    (bad,) = await told(sides, capsys, **{variable: "wrong"})
    assert words in bad
    assert samples(sides) == posted


async def test_a_missing_scope_is_named(
    sides: FarSides, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = sides.town.slack.workspace
    workspace.app = replace(workspace.app, scopes=needed() - {"chat:write", "users:read"})
    writes, reads, refused = await told(sides, capsys)
    assert writes.startswith("The Slack app lacks the scope chat:write, needed to post")
    assert reads.startswith("The Slack app lacks the scope users:read, needed to tell members")
    assert refused.startswith("Slack channel C0BUILDS got no sample card: Slack refused to post")
    assert samples(sides) == {"Slack": 0, "Discord": 1}


async def test_what_is_wrong_with_one_channel_leaves_the_others(
    sides: FarSides, capsys: pytest.CaptureFixture[str]
) -> None:
    """Slack has no such channel, Discord hides one and lets the bot only read another."""
    discord = sides.town.discord
    hidden, silent = (discord.estate.add_channel(discord.guild, each) for each in ("hid", "mute"))
    discord.estate.forbid(hidden, discord.bot)
    discord.estate.forbid(silent, discord.bot, Permission.SEND_MESSAGES | Permission.EMBED_LINKS)
    rooms = [("slack", "C0NOWHERE"), ("discord", hidden.id), ("discord", silent.id)]
    sides.settle_also(*((platform, str(channel)) for platform, channel in rooms))

    unknown, unseen, mute = await told(sides, capsys)
    assert "C0NOWHERE: there is no such channel" in unknown
    assert 'permission "View Channel"' in unseen
    assert f'Channel #mute ({silent.id}): give the bot "Send Messages", "Embed Links".' in mute
    assert samples(sides) == {"Slack": 1, "Discord": 1}


async def test_the_bot_is_to_be_invited(
    sides: FarSides, capsys: pytest.CaptureFixture[str]
) -> None:
    slack = sides.town.slack
    slack.channel(SLACK_ROOM).members.discard(slack.workspace.app.bot_user)
    (bad,) = await told(sides, capsys)
    assert bad.startswith("The bot is not in #builds (C0BUILDS). Invite it there with /invite")
    assert samples(sides) == {"Slack": 0, "Discord": 1}


async def test_a_token_that_only_reads_is_told_of(
    sides: FarSides, capsys: pytest.CaptureFixture[str]
) -> None:
    sides.town.github.repository("acme/app").grant("smokejumper-bot", "read")
    sides.settings.write_text(sides.settings.read_text().replace("acme/*", "acme/app"))
    (bad,) = await told(sides, capsys)
    assert bad == (
        "GitHub: acme/app: the token reads it but can't re-run; give smokejumper-bot write access."
    )


async def test_what_is_not_set_is_told_and_the_rest_is_looked_at(
    sides: FarSides, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = {"GITHUB_WEBHOOK_SECRET": "", "SLACK_BOT_TOKEN": ""}
    secret, slack = await told(sides, capsys, **changed)
    assert secret.startswith("GITHUB_WEBHOOK_SECRET is not set")
    assert slack == (
        "settings.toml names channels of Slack, but SLACK_BOT_TOKEN is not set. Set it in .env."
    )
    assert samples(sides) == {"Slack": 0, "Discord": 1}


async def test_a_key_that_is_none_does_not_stop_the_chats(
    sides: FarSides, capsys: pytest.CaptureFixture[str]
) -> None:
    key = sides.folder / "key.pem"
    key.write_text("nonsense")
    changed = {"GITHUB_APP_ID": "7", "GITHUB_APP_PRIVATE_KEY_FILE": str(key)}
    (bad,) = await told(sides, capsys, **changed)
    assert "GITHUB_APP_PRIVATE_KEY_FILE holds no private key" in bad
    assert samples(sides) == {"Slack": 1, "Discord": 1}
