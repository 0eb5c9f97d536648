"""`test-alert` says in one sentence each what Slack lacks."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.check import check
from bot.standins.slack import SlackServer
from tests.contract.slack_stage import world
from tests.standins.slack_world import CI, OLD

Slack = tuple[SlackServer, AsyncWebClient]


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with world() as both:
        yield both


async def bad(slack: Slack, *channels: str) -> list[str]:
    """Return what is wrong, in words."""
    server, client = slack
    token = server.workspace.app.app_token
    return [
        found.text
        for found in await check(client, app_token=token, channels=channels)
        if not found.ok
    ]


async def test_all_is_well(slack: Slack) -> None:
    server, client = slack
    found = await check(client, app_token=server.workspace.app.app_token, channels=[CI])
    assert [each.text for each in found] == [
        "Slack knows the bot as smokejumper in acme.",
        "The Slack app has all 10 scopes.",
        "Slack opened a socket for the app token.",
        "The bot is in #ci (C0CI).",
    ]
    assert all(each.ok for each in found)


async def test_a_wrong_token_is_the_only_thing_to_say(slack: Slack) -> None:
    server, _ = slack
    server.revoke(server.workspace.app.bot_token)
    (text,) = await bad(slack, CI)
    assert text.startswith("Slack refused to take SLACK_BOT_TOKEN: the token")


async def test_each_missing_scope_is_named(slack: Slack) -> None:
    server, _ = slack
    app = server.workspace.app
    server.workspace.app = replace(app, scopes=app.scopes - {"files:write", "usergroups:read"})
    texts = await bad(slack)
    assert [text.split(",")[0] for text in texts] == [
        "The Slack app lacks the scope files:write",
        "The Slack app lacks the scope usergroups:read",
    ]


async def test_a_wrong_app_token(slack: Slack) -> None:
    server, _ = slack
    server.revoke(server.workspace.app.app_token)
    (text,) = await bad(slack)
    assert text.startswith("Slack refused to open a socket with SLACK_APP_TOKEN")


async def test_by_http_no_app_token_is_asked_for(slack: Slack) -> None:
    _, client = slack
    assert all(each.ok for each in await check(client, app_token="", channels=[]))


async def test_each_channel_is_looked_at(slack: Slack) -> None:
    texts = await bad(slack, CI, "C0QUIET", OLD, "C0NONE")
    assert [text.split(".")[0] for text in texts] == [
        "The bot is not in #quiet (C0QUIET)",
        "#old (C0OLD) is archived",
        (
            "Slack refused to show the channel C0NONE: there is no such channel, "
            "or it is private and the bot is not in it"
        ),
    ]
