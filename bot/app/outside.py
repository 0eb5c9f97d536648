"""Opens the real adapters that the environment names."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web

from bot.adapters.discord.platform import DiscordPlatform
from bot.adapters.github.client import GitHub
from bot.adapters.github.credentials import AppCredentials, Credentials, TokenCredentials
from bot.adapters.slack.client import slack_client
from bot.adapters.slack.http import HttpGateway
from bot.adapters.slack.platform import SlackPlatform
from bot.adapters.slack.sockets import SocketGateway
from bot.config.environment import Environment
from bot.domain.errors import PermanentError
from bot.domain.person import Platform
from bot.ports.chat import ChatPlatform
from bot.ports.clock import Clock
from handlers import COMMANDS


class Connected(ChatPlatform, Protocol):
    """A chat that says whether it hears presses now."""

    @property
    def connected(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The far sides, opened."""

    github: GitHub
    chats: "Chats"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    platforms: Mapping[Platform, Connected]
    routes: Sequence[web.AbstractRouteDef] = ()
    """What the web door serves for them: Slack's HTTP mode."""


@asynccontextmanager
async def open_outside(env: Environment, clock: Clock) -> AsyncIterator[Outside]:
    """Open GitHub and the chats; nothing is asked of them yet."""
    async with github_of(env, clock) as github, open_chats(env, clock) as chats:
        yield Outside(github=github, chats=chats)


@asynccontextmanager
async def open_chats(env: Environment, clock: Clock) -> AsyncIterator[Chats]:
    """Open the chats that have a token."""
    async with AsyncExitStack() as stack:
        platforms: dict[Platform, Connected] = {}
        routes: list[web.AbstractRouteDef] = []
        if env.uses_slack:
            platforms[Platform.SLACK] = await _slack(env, clock, stack, routes)
        if env.uses_discord:
            platforms[Platform.DISCORD] = await stack.enter_async_context(
                DiscordPlatform(
                    token=env.discord_bot_token.get_secret_value(),
                    clock=clock,
                    commands=COMMANDS,
                    api_url=env.discord_api_url,
                    gateway_url=env.discord_gateway_url,
                )
            )
        yield Chats(platforms=platforms, routes=routes)


def github_of(env: Environment, clock: Clock) -> GitHub:
    """Return GitHub as an App, or with a token."""
    return GitHub(
        credentials=credentials_of(env, clock),
        base_url=env.github_api_url.rstrip("/"),
        clock=clock,
    )


def credentials_of(env: Environment, clock: Clock) -> Credentials:
    key_file = env.github_app_private_key_file
    if not env.github_app_id or key_file is None:
        return TokenCredentials(env.github_token.get_secret_value())
    return AppCredentials(
        app_id=int(env.github_app_id),
        private_key=_read_key(key_file),
        base_url=env.github_api_url.rstrip("/"),
        now=clock.now,
    )


def _read_key(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        msg = f"GITHUB_APP_PRIVATE_KEY_FILE: {file} is no readable private key ({error})."
        raise PermanentError(msg) from error


async def _slack(
    env: Environment,
    clock: Clock,
    stack: AsyncExitStack,
    routes: list[web.AbstractRouteDef],
) -> SlackPlatform:
    client = await stack.enter_async_context(
        slack_client(
            token=env.slack_bot_token.get_secret_value(),
            api_url=env.slack_api_url.rstrip("/") + "/",
        )
    )
    app_token = env.slack_app_token.get_secret_value()
    if app_token:
        sockets = SocketGateway(client, app_token=app_token, commands=COMMANDS, clock=clock)
        return SlackPlatform(client, gateway=sockets, clock=clock)
    door = HttpGateway(
        client,
        signing_secret=env.slack_signing_secret.get_secret_value(),
        commands=COMMANDS,
        clock=clock,
    )
    routes.append(web.post("/slack/events", door.serve))
    return SlackPlatform(client, gateway=door, clock=clock)
