"""The far sides of a chaos run: repositories, a room for each in both chats, two people."""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.cli.stage.town import SECRET, SLACK_ALICE, SLACK_BO, Town, a_town
from bot.standins import discord as discords
from bot.standins import github as hubs
from bot.standins import slack as slacks
from bot.standins.github.repository import Repository
from tests.e2e.bot_process import Bot
from tests.e2e.far_sides import variables_of

REPOSITORIES: Final = ("acme/app", "acme/images", "acme/site")
# Its hour and its minute are other tests' matter; a bot that is killed every second asks much.
GENEROUS: Final = hubs.Limits(
    requests_an_hour=10_000_000, points_a_minute=10_000_000, rerun_age=timedelta(days=30)
)
REQUEST_TIMEOUT: Final = timedelta(seconds=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Where both chats hear of one repository."""

    repository: Repository
    slack: slacks.Channel
    discord: discords.Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    town: Town
    folder: Path
    rooms: tuple[Room, ...]
    variables: dict[str, str]
    """What an operator writes into `.env`."""
    secret: str
    """Of its own webhooks: the port of a killed process may be another estate's next."""

    def deliver_to(self, bot: Bot) -> None:
        """Let GitHub post to the door of this process from now on."""
        for room in self.rooms:
            hooks = room.repository.hooks
            if not hooks:
                room.repository.hook(f"{bot.url}/github", secret=self.secret)
            hooks[0].url = f"{bot.url}/github"


@asynccontextmanager
async def an_estate(
    folder: Path, *, database: str = "", repositories: Sequence[str] = REPOSITORIES
) -> AsyncIterator[Estate]:
    """Open the stand-ins and write settings.toml; no bot runs yet.

    Args:
        database: DATABASE_URL; a SQLite file in *folder* if none is given.
    """
    async with a_town(folder, hub=GENEROUS) as town:
        rooms = tuple(_room(town, name) for name in repositories)
        secret = f"{SECRET}-{uuid.uuid4()}"
        variables = variables_of(town) | {"GITHUB_WEBHOOK_SECRET": secret}
        if database:
            variables["DATABASE_URL"] = database
        (folder / "settings.toml").write_text(_settings(town, rooms), encoding="utf-8")
        yield Estate(town=town, folder=folder, rooms=rooms, variables=variables, secret=secret)


def _room(town: Town, full_name: str) -> Room:
    repository = town.github.repository(full_name)
    repository.grant("smokejumper-bot", "admin")
    people = {town.slack.workspace.app.bot_user, SLACK_ALICE, SLACK_BO}
    slack = slacks.Channel(id=f"C0{repository.name.upper()}", name=repository.name, members=people)
    town.slack.workspace.channels[slack.id] = slack
    discord = town.discord.estate.add_channel(town.discord.guild, repository.name)
    return Room(repository=repository, slack=slack, discord=discord)


def _settings(town: Town, rooms: tuple[Room, ...]) -> str:
    who = [f"slack:user:{user}" for user in (SLACK_ALICE, SLACK_BO)]
    who += [f"discord:user:{user.id}" for user in (town.alice, town.bo)]
    parts = [
        f'[[access]]\nrepositories = ["acme/*"]\nretry = {who}\n',
        '[retry]\nmax_retries = 1\nfirst_wait = "1s"\nlongest_wait = "1s"\n',
        "[storm]\ndigest_from = 1000\n",
        f'[reliability]\nrequest_timeout = "{REQUEST_TIMEOUT.seconds}s"\n',
    ]
    for room in rooms:
        for platform, channel in (("slack", room.slack.id), ("discord", str(room.discord.id))):
            parts.append(
                f'[[subscriptions]]\nplatform = "{platform}"\nchannel = "{channel}"\n'
                f'repositories = ["{room.repository.full_name}"]\nbranches = ["*"]\n'
            )
    return "\n".join(parts)
