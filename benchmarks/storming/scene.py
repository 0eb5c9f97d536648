"""Four organisations, many repositories and channels, and what GitHub tells when all break."""

import json
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli.stage.logs import PUSH, TESTS, log_of
from bot.cli.stage.town import SLACK_ALICE, Town, a_town
from bot.standins import discord as discords
from bot.standins import slack as slacks
from bot.standins.github.apps import Installation
from bot.standins.github.happenings import Happening, JobChanged, RunChanged
from bot.standins.github.payloads import of, with_installation
from bot.standins.github.repository import Repository
from bot.standins.github.runs import Run
from bot.standins.github.views.urls import Urls
from tests.e2e.far_sides import variables_of

PERMISSIONS: Final = {
    "actions": "write",
    "checks": "read",
    "contents": "read",
    "deployments": "read",
    "metadata": "read",
    "pull_requests": "read",
}
LOGS: Final = (log_of(TESTS), log_of(TESTS), log_of(PUSH))
QUIET: Final = "quiet"

Delivery = tuple[str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    runs: int = 5_000
    minutes: float = 5
    repositories: int = 200
    organisations: int = 4
    channels: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    town: Town
    folder: Path
    variables: dict[str, str]
    places: dict[str, str]
    """Name of each room and its channel's id."""
    repositories: Sequence[Repository]
    quiet: Repository
    installations: Sequence[Installation]

    def break_one(self, number: int, lot: random.Random) -> list[Delivery]:
        """Let one workflow of one repository fail; return what GitHub tells of it."""
        repository = self.repositories[number % len(self.repositories)]
        workflow = f"CI {number // len(self.repositories)}"
        return self.told(repository, workflow, lot.choice(LOGS))

    def told(self, repository: Repository, workflow: str, log: bytes) -> list[Delivery]:
        """Return the deliveries of a run that fails: begun, its job, ended."""
        run = repository.workflow(workflow).start(event="push", branch="main", jobs=["unit"])
        begun = self._payload(_of(run, "in_progress"))
        run.finish_job("unit", "failure", log=log, failed_step="Run tests")
        run.finish("failure")
        job = JobChanged(
            sender=run.actor, repository=repository, job=run.job("unit"), action="completed"
        )
        return [begun, self._payload(job), self._payload(_of(run, "completed"))]

    def _payload(self, happening: Happening) -> Delivery:
        event, payload = of(happening, Urls(self.town.github.url, "https://github.com"))
        owner = happening.repository.owner if happening.repository else None
        (installation,) = (one for one in self.installations if one.account is owner)
        return event, json.dumps(with_installation(payload, installation)).encode()


def _of(run: Run, action: str) -> RunChanged:
    return RunChanged(sender=run.actor, repository=run.repository, run=run, action=action)


@asynccontextmanager
async def a_scene(folder: Path, size: Size, *, database: str = "") -> AsyncIterator[Scene]:
    """Open the stand-ins with the vendors' limits, and write settings.toml; no bot runs yet."""
    async with a_town(folder) as town:
        app = town.github.app("smokejumper", permissions=PERMISSIONS)
        owners = [town.github.user(f"org{number}") for number in range(size.organisations)]
        repositories = [
            town.github.repository(f"{owners[number % len(owners)].login}/app{number}")
            for number in range(size.repositories)
        ]
        quiet = town.github.repository(f"{owners[0].login}/{QUIET}")
        key = folder / "key.pem"
        key.write_text(app.private_key, encoding="ascii")
        variables = variables_of(town)
        del variables["GITHUB_TOKEN"]
        variables |= {"GITHUB_APP_ID": str(app.id), "GITHUB_APP_PRIVATE_KEY_FILE": str(key)}
        if database:
            variables["DATABASE_URL"] = database
        rooms = list(_rooms(repositories, quiet, size))
        places = {name: _channel(town, name) for name, _ in rooms}
        settings = [_subscription(places[name], heard) for name, heard in rooms]
        (folder / "settings.toml").write_text("\n".join(settings), encoding="utf-8")
        yield Scene(
            town=town,
            folder=folder,
            variables=variables,
            places=places,
            repositories=repositories,
            quiet=quiet,
            installations=[app.install(owner) for owner in owners],
        )


def _rooms(
    repositories: Sequence[Repository], quiet: Repository, size: Size
) -> Iterator[tuple[str, list[str]]]:
    """Yield the name of each room and what it hears of; every second one is in Discord."""
    for number in range(size.channels):
        yield f"room{number}", [one.full_name for one in repositories[number :: size.channels]]
    yield QUIET, [quiet.full_name]


def _channel(town: Town, name: str) -> str:
    """Open a channel; return its id."""
    if name.removeprefix("room").isdecimal() and int(name[4:]) % 2:
        room: discords.Channel = town.discord.estate.add_channel(town.discord.guild, name)
        return str(room.id)
    people = {town.slack.workspace.app.bot_user, SLACK_ALICE}
    channel = slacks.Channel(id=f"C0{name.upper()}", name=name, members=people)
    town.slack.workspace.channels[channel.id] = channel
    return channel.id


def _subscription(channel: str, repositories: Sequence[str]) -> str:
    platform = "discord" if channel.isdecimal() else "slack"
    return (
        f'[[subscriptions]]\nplatform = "{platform}"\nchannel = "{channel}"\n'
        f"repositories = {json.dumps(repositories)}\n"
    )
