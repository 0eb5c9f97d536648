"""Opens the real adapters that the environment names."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.adapters.discord.platform import DiscordPlatform
from bot.adapters.github.client import GitHub
from bot.adapters.github.credentials import AppCredentials, Credentials, TokenCredentials
from bot.adapters.slack.client import slack_client
from bot.adapters.slack.http import HttpGateway
from bot.adapters.slack.platform import SlackPlatform
from bot.adapters.slack.sockets import SocketGateway
from bot.adapters.web.door import SLACK, Handler
from bot.app.assembly import Policies
from bot.app.base import Base
from bot.app.counting import Connected, CountedGitHub, LedChat
from bot.config.environment import Environment
from bot.config.values import Role
from bot.domain.errors import PermanentError
from bot.domain.person import Platform
from bot.ports.clock import PATIENCE, Clock
from handlers import COMMANDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The far sides, as this process may use them."""

    github: GitHub
    chats: Mapping[Platform, Connected]
    posts: Mapping[str, Handler]
    """What the web door serves for them."""


@asynccontextmanager
async def open_outside(
    base: Base, policies: Policies, answered: Callable[[int], None]
) -> AsyncIterator[Outside]:
    """Open GitHub and the chats of our roles; nothing is asked of them yet.

    Args:
        answered: Told of each status that GitHub answers with.
    """

    def leads() -> bool:
        return base.presence.leading.held

    def told(status: int) -> None:
        base.metrics.answered(status)
        answered(status)

    env, clock, patience = base.env, base.clock, policies.patience
    github = CountedGitHub(
        credentials=credentials_of(env, clock, patience=patience),
        base_url=env.github_api_url.rstrip("/"),
        clock=clock,
        store=base.store,
        patience=patience,
        answered=told,
        reran=base.metrics.reran,
    )
    async with (
        github,
        open_chats(env, clock, patience=patience, only=spoken_with(env)) as chats,
    ):
        yield Outside(
            github=github,
            chats={
                name: LedChat(name, chat, base.metrics, leads)
                for name, chat in chats.platforms.items()
            },
            posts=chats.posts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chats:
    platforms: Mapping[Platform, Connected]
    posts: Mapping[str, Handler] = field(default_factory=dict)
    """What the web door serves for them: Slack's HTTP mode."""


def spoken_with(env: Environment) -> frozenset[Platform]:
    """Return the chats that this process speaks with in its roles."""
    speaks = env.serves(Role.CHAT)
    slack = env.uses_slack and (speaks or (env.slack_by_http and env.serves(Role.WEB)))
    discord = env.uses_discord and speaks
    named = {Platform.SLACK: slack, Platform.DISCORD: discord}
    return frozenset(platform for platform, used in named.items() if used)


def heard(env: Environment) -> frozenset[Platform]:
    """Return the chats whose presses reach this process, by its own connection or its door."""
    by_door = env.slack_by_http and not env.serves(Role.WEB)
    return spoken_with(env) - ({Platform.SLACK} if by_door else set())


@asynccontextmanager
async def open_chats(
    env: Environment,
    clock: Clock,
    *,
    patience: timedelta = PATIENCE,
    only: Collection[Platform] = tuple(Platform),
) -> AsyncIterator[Chats]:
    """Open the chats that have a token; nothing is asked of them yet."""
    async with AsyncExitStack() as stack:
        platforms: dict[Platform, Connected] = {}
        posts: dict[str, Handler] = {}
        if env.uses_slack and Platform.SLACK in only:
            platforms[Platform.SLACK] = await _slack(env, clock, patience, stack, posts)
        if env.uses_discord and Platform.DISCORD in only:
            platforms[Platform.DISCORD] = await stack.enter_async_context(
                DiscordPlatform(
                    token=env.discord_bot_token.get_secret_value(),
                    clock=clock,
                    patience=patience,
                    commands=COMMANDS,
                    api_url=env.discord_api_url,
                    gateway_url=env.discord_gateway_url,
                )
            )
        yield Chats(platforms=platforms, posts=posts)


def github_of(env: Environment, clock: Clock) -> GitHub:
    """Return GitHub as an App, or with a token."""
    return GitHub(
        credentials=credentials_of(env, clock),
        base_url=env.github_api_url.rstrip("/"),
        clock=clock,
    )


def credentials_of(
    env: Environment, clock: Clock, *, patience: timedelta = PATIENCE
) -> Credentials:
    key_file = env.github_app_private_key_file
    if not env.github_app_id or key_file is None:
        return TokenCredentials(env.github_token.get_secret_value())
    return AppCredentials(
        app_id=int(env.github_app_id),
        private_key=_read_key(key_file),
        base_url=env.github_api_url.rstrip("/"),
        now=clock.now,
        timeout=patience / 3,
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
    patience: timedelta,
    stack: AsyncExitStack,
    posts: dict[str, Handler],
) -> SlackPlatform:
    client = await stack.enter_async_context(
        slack_client(
            token=env.slack_bot_token.get_secret_value(),
            api_url=env.slack_api_url.rstrip("/") + "/",
            patience=patience,
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
    posts[SLACK] = door.serve
    return SlackPlatform(client, gateway=door, clock=clock)
