"""Faults at every kind of call, drawn by lot: cut before and after the act, refused, slow."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeAlias

from bot.standins import discord as discords
from bot.standins import slack as slacks
from bot.standins.discord.faults import Fault as DiscordFault
from bot.standins.github.faults import Fault as GitHubFault
from bot.standins.slack.faults import Fault as SlackFault
from tests.chaos.estate import REQUEST_TIMEOUT, Estate

Fault: TypeAlias = GitHubFault | SlackFault | DiscordFault

GITHUB: Final = (
    ("GET", "*/jobs"),
    ("GET", "*/actions/runs/*"),
    ("GET", "*/jobs/*/logs"),
    ("GET", "/logs/*"),  # where the redirect of a log leads
    ("GET", "*/compare/*"),
    ("GET", "*/git/*"),
    ("GET", "*/actions/workflows/*"),
    ("GET", "*"),
    ("POST", "*/rerun*"),
    ("POST", "*/rerun-failed-jobs"),
)
SLACK: Final = (
    r"chat\.postMessage",
    r"chat\.postMessage",
    r"chat\.update",
    r"conversations\.history",
    r"conversations\.replies",
    r"conversations\.open",
    r"chat\.postEphemeral",
    r"files\.",
    "/upload/",
    "/actions/",
    r"auth\.test",
    r"users\.info",
    r"apps\.connections\.open",
)
DISCORD: Final = (
    ("POST", "/channels/*/messages"),
    ("POST", "/channels/*/messages"),
    ("PATCH", "/channels/*/messages/*"),
    ("POST", "/channels/*/messages/*/threads"),
    ("GET", "/channels/*/messages"),
    ("POST", "/interactions/*/callback"),
    ("GET", "/webhooks/*"),
    ("PATCH", "/webhooks/*"),
    ("POST", "/webhooks/*"),
    ("GET", "/users/@me"),
)
KINDS: Final = ("cut_before", "cut_after", "cut_after", "error", "limited", "slow")
SLOW: Final = REQUEST_TIMEOUT * 1.3  # the client has given up by then
SLOWISH: Final = REQUEST_TIMEOUT / 2


@dataclass(slots=True)
class Trouble:
    """Gives the stand-ins faults, and counts those that struck."""

    estate: Estate
    lot: random.Random
    given: list[Fault] = field(default_factory=list)
    drops: int = 0

    @property
    def struck(self) -> int:
        return self.drops + sum(fault.times <= 0 for fault in self.given)

    def add(self) -> None:
        """Give one more fault to one of the three."""
        kind = self.lot.choice(KINDS)
        (who,) = self.lot.choices(("github", "slack", "discord", "drop"), (3, 4, 4, 0.5))
        match who:
            case "github":
                self._github(kind)
            case "slack":
                self._slack(kind)
            case "discord":
                self._discord(kind)
            case _:
                self._drop()

    def end(self) -> None:
        """Take back what has not struck."""
        for fault in self.given:
            fault.times = max(fault.times, 0)
            if fault.times:
                fault.status = 200 if isinstance(fault, SlackFault) else None
                fault.cut = None
                self._soothe(fault)

    @staticmethod
    def _soothe(fault: Fault) -> None:
        if isinstance(fault, DiscordFault):
            fault.wait = timedelta()
        else:
            fault.delay = timedelta()

    def _github(self, kind: str) -> None:
        method, path = self.lot.choice(GITHUB)
        fault = GitHubFault(method=method, path=path)
        match kind:
            case "cut_before":
                fault.cut = "before"
            case "cut_after":
                fault.cut = "after"
            case "error":
                fault.status = self.lot.choice((500, 502, 503))
            case "limited":
                fault.status, fault.headers = 429, {"Retry-After": "1"}
            case _:
                # This stand-in waits before it acts, and a re-run that starts when its client has
                # long looked for it is a window that nobody can close.
                fault.delay = SLOW if method == "GET" else SLOWISH
        self.estate.town.github.faults.add(fault)
        self.given.append(fault)

    def _slack(self, kind: str) -> None:
        fault = SlackFault(method="*", path_pattern=self.lot.choice(SLACK), times=1)
        match kind:
            case "cut_before":
                fault.cut = slacks.Cut.BEFORE
            case "cut_after":
                fault.cut = slacks.Cut.AFTER
            case "error":
                fault.status = self.lot.choice((500, 503))
            case "limited":
                fault.status, fault.retry_after = 429, timedelta(seconds=1)
            case _:
                fault.delay = SLOW
        self.estate.town.slack.faults.add(fault)
        self.given.append(fault)

    def _discord(self, kind: str) -> None:
        method, path = self.lot.choice(DISCORD)
        fault = DiscordFault(method=method, path=path)
        match kind:
            case "cut_before":
                fault.cut = discords.Cut.BEFORE
            case "cut_after":
                fault.cut = discords.Cut.AFTER
            case "error":
                fault.status = self.lot.choice((500, 503))
            case "limited":
                fault.status = 429
            case _:
                fault.wait = SLOWISH  # it waits before it acts, as GitHub's does
        self.estate.town.discord.faults.add(fault)
        self.given.append(fault)

    def _drop(self) -> None:
        """Break the connections by which a chat tells of presses."""
        self.drops += 1
        if self.lot.random() < 0.5:
            self.estate.town.slack.sockets.drop()
        else:
            self.estate.town.discord.gateway.drop()
