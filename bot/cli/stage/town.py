"""A small world on loopback: one organisation, two chat rooms, and the real bot between them."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.app.assembly import Policies
from bot.app.serving import Running, running
from bot.config.environment import Environment
from bot.domain.access import Grant
from bot.domain.person import Identity, Platform
from bot.domain.retry import RetryPolicy
from bot.domain.subscription import Place, Subscription
from bot.services.access import AccessRules
from bot.standins import discord as discords
from bot.standins import github as hubs
from bot.standins import slack as slacks
from bot.standins.discord import DiscordServer
from bot.standins.github import GitHubServer
from bot.standins.slack import SlackServer

SECRET: Final = "demo-webhook-secret"  # noqa: S105 - between two ends on this machine
SLACK_ROOM: Final = "C0BUILDS"
SLACK_ALICE: Final = "U0ALICE"
SLACK_BO: Final = "U0BO"
ON_CALL: Final = "S0ONCALL"
PATIENCE: Final = timedelta(seconds=20)
A_MOMENT: Final = timedelta(milliseconds=50)
# Bolt would ignore the token it is given where these name an app of its own.
HIJACKERS: Final = ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET")


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The far sides and their people; what a person sees is read from here."""

    github: GitHubServer
    slack: SlackServer
    discord: DiscordServer
    discord_room: discords.Channel
    alice: discords.User
    bo: discords.User
    env: Environment
    policies: Policies


@asynccontextmanager
async def a_town(
    folder: Path,
    *,
    retry: RetryPolicy | None = None,
    limits: slacks.Limits | None = None,
    rules: discords.Rules | None = None,
    hub: hubs.Limits | None = None,
) -> AsyncIterator[Town]:
    """Open the far sides; the bot is not running yet.

    Args:
        folder: Where the bot keeps its database.
    """
    for name in HIJACKERS:
        os.environ.pop(name, None)
    async with (
        GitHubServer(limits=hub) as github,
        SlackServer(_workspace(), limits=limits) as slack,
        DiscordServer(rules=rules or discords.Rules()) as discord,
    ):
        room = discord.estate.add_channel(discord.guild, "builds")
        alice = discord.estate.add_member(discord.guild, "alice")
        bo = discord.estate.add_member(discord.guild, "bo")
        on_call = discord.estate.add_role(discord.guild, "on-call")
        discord.estate.give_roles(discord.guild, bo, on_call)
        token = github.token("smokejumper-bot")
        for repo in ("acme/app", "acme/images"):
            github.repository(repo).grant("smokejumper-bot", "admin")
        yield Town(
            github=github,
            slack=slack,
            discord=discord,
            discord_room=room,
            alice=alice,
            bo=bo,
            env=_environment(folder, github=github.url, token=token, slack=slack, discord=discord),
            policies=Policies(
                rules=_rules(room=str(room.id), role=str(on_call.id), alice=str(alice.id)),
                retry=retry or RetryPolicy(),
            ),
        )
        await github.delivered()


@asynccontextmanager
async def the_bot(town: Town) -> AsyncIterator[Running]:
    """Run the bot in *town*, and let GitHub deliver to it."""
    async with running(town.env, town.policies) as bot:
        for repo in ("acme/app", "acme/images"):
            repository = town.github.repository(repo)
            if not repository.hooks:
                repository.hook(f"{bot.url}/github", secret=SECRET)
        async with asyncio.timeout(PATIENCE.total_seconds()):
            while not all(found.ok for found in (await bot.ready()).values()):  # noqa: ASYNC110 - three far sides have no common event
                await asyncio.sleep(A_MOMENT.total_seconds())
        yield bot


def _workspace() -> slacks.Workspace:
    bot = slacks.App().bot_user
    return slacks.Workspace(
        users=[
            slacks.User(id=SLACK_ALICE, name="alice"),
            slacks.User(id=SLACK_BO, name="bo"),
        ],
        channels=[
            slacks.Channel(id=SLACK_ROOM, name="builds", members={bot, SLACK_ALICE, SLACK_BO})
        ],
        groups=[slacks.UserGroup(id=ON_CALL, handle="on-call", users=[SLACK_BO])],
    )


def _environment(
    folder: Path, *, github: str, token: str, slack: SlackServer, discord: DiscordServer
) -> Environment:
    app = slack.workspace.app
    return Environment.model_validate(
        {
            "github_api_url": github,
            "github_token": token,
            "github_webhook_secret": SECRET,
            "slack_bot_token": app.bot_token,
            "slack_app_token": app.app_token,
            "slack_api_url": slack.api_url,
            "discord_bot_token": discord.token,
            "discord_api_url": discord.api_url,
            "discord_gateway_url": discord.gateway_url,
            "database_url": f"sqlite:///{folder / 'smokejumper.db'}",
            "listen": "127.0.0.1:0",
        }
    )


def _rules(*, room: str, role: str, alice: str) -> AccessRules:
    here = Subscription(
        place=Place(platform=Platform.SLACK, channel=SLACK_ROOM),
        repositories=("acme/*",),
        mention=(f"group:{ON_CALL}",),
    )
    there = Place(platform=Platform.DISCORD, channel=room)
    return AccessRules(
        subscriptions=(here, replace(here, place=there, mention=(f"role:{role}",))),
        grants=(
            Grant(
                repositories=("acme/*",),
                retry=(
                    f"slack:user:{SLACK_ALICE}",
                    f"slack:group:{ON_CALL}",
                    f"discord:user:{alice}",
                    f"discord:role:{role}",
                ),
            ),
        ),
        people=(Identity(slack=SLACK_ALICE, discord=alice, github="alice"),),
    )


SHORT_WAITS: Final = RetryPolicy(
    waits=(timedelta(seconds=2),) * 3, longest_wait=timedelta(seconds=2)
)
