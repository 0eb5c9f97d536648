"""A small Slack for the tests of its stand-in, and the real clients that talk to it."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.standins.slack import Channel, Limits, SlackServer, User, UserGroup, Workspace
from tests.vendor_specs.slack import SlackSpec, specs_folder

CI, SECRET, OLD = "C0CI", "C0SECRET", "C0OLD"
ANA, BO, GUEST, STRANGER = "U0ANA", "U0BO", "U0GUEST", "U0STRANGER"


class HandClock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def a_workspace(**parts: Any) -> Workspace:
    bot = "U0SMOKE"
    return Workspace(
        users=[
            User(id=ANA, name="ana", email="ana@example.org", tz="Europe/Prague", tz_offset=7200),
            User(id=BO, name="bo"),
            User(id=GUEST, name="guest", is_ultra_restricted=True),
            User(id=STRANGER, name="stranger", is_stranger=True, team_id="T0OTHER"),
        ],
        channels=[
            Channel(id=CI, name="ci", members={bot, ANA, BO}),
            Channel(id=SECRET, name="secret", private=True, members={ANA}),
            Channel(id=OLD, name="old", archived=True, members={bot, ANA}),
            Channel(id="C0QUIET", name="quiet", members={ANA}),
        ],
        groups=[UserGroup(id="S0OPS", handle="ops", users=[ANA])],
        **parts,
    )


@asynccontextmanager
async def served(
    workspace: Workspace | None = None, limits: Limits | None = None
) -> AsyncIterator[SlackServer]:
    """Serve a workspace, and hold every exchange against the schema if it is at hand."""
    spec = SlackSpec.read() if specs_folder() else None
    async with SlackServer(workspace or a_workspace(), limits=limits) as slack:
        if spec:
            slack.observe(spec)
        yield slack
    assert spec is None or spec.violations == []


def client_of(slack: SlackServer, **parts: Any) -> AsyncWebClient:
    token = parts.pop("token", slack.workspace.app.bot_token)
    return AsyncWebClient(token=token, base_url=slack.api_url, **parts)


def app_of(slack: SlackServer) -> AsyncApp:
    # Bolt ignores the token it is given where this names an app of its own.
    os.environ.pop("SLACK_CLIENT_ID", None)
    return AsyncApp(client=client_of(slack), signing_secret=slack.workspace.app.signing_secret)


@asynccontextmanager
async def connected(slack: SlackServer, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """Connect *app* by Socket Mode."""
    handler = AsyncSocketModeHandler(app, slack.workspace.app.app_token, ping_interval=1)
    await handler.connect_async()  # type: ignore[no-untyped-call] # bolt does not annotate it
    try:
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # nor this


def button(action_id: str, text: str = "Retry", **parts: object) -> dict[str, object]:
    words = {"type": "plain_text", "text": text}
    return {"type": "button", "action_id": action_id, "text": words, **parts}


def section(text: str) -> dict[str, object]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def card(*controls: dict[str, object]) -> list[dict[str, object]]:
    elements = list(controls) or [button("retry", value="run 812")]
    return [section("*BROKEN* acme/app"), {"type": "actions", "elements": elements}]


async def refused(call: object) -> str:
    """Await *call*, which must be refused, and return Slack's word for it."""
    with pytest.raises(SlackApiError) as caught:
        await call  # type: ignore[misc] # any method of the client
    return str(caught.value.response["error"])
