"""What the far sides saw: each message once, the pace kept, the budgets obeyed."""

import time
from collections import Counter
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from benchmarks.storming.scene import Scene
from bot.standins.discord import Exchange as DiscordExchange
from bot.standins.github.exchange import Exchange as GitHubExchange
from bot.standins.slack import Exchange as SlackExchange

BEYOND: Final = b"rate limit"
RAN_OUT: Final = (HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)


@dataclass(slots=True)
class Watch:
    posts: Counter[str] = field(default_factory=Counter)
    """How often each message was posted, by its key."""
    in_channel: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many messages of a kind ("card", "notice", "line", "call") a channel has."""
    edits: int = 0
    too_many: Counter[str] = field(default_factory=Counter)
    """How often a far side said that it was too much."""
    asked: Counter[str] = field(default_factory=Counter)
    """Requests to GitHub by who asked: each installation's token, and the App itself."""
    first_at: dict[str, float] = field(default_factory=dict)
    """When a channel got its first message."""

    @classmethod
    def over(cls, scene: Scene) -> "Watch":
        watch = cls()
        scene.town.slack.observe(watch.slack)
        scene.town.discord.observe(watch.discord)
        scene.town.github.observe(watch.github)
        return watch

    def slack(self, exchange: SlackExchange) -> None:
        if exchange.status == HTTPStatus.TOO_MANY_REQUESTS:
            self.too_many[f"Slack {exchange.name}"] += 1
        elif exchange.answer.get("ok") and exchange.name == "chat.postMessage":
            key = exchange.request["metadata"]["event_payload"]["key"]
            self._posted(str(exchange.request["channel"]), str(key))
        elif exchange.answer.get("ok") and exchange.name == "chat.update":
            self.edits += 1

    def discord(self, exchange: DiscordExchange) -> None:
        _, _, channel, *rest = [*exchange.path.split("/"), "", ""]
        if exchange.status == HTTPStatus.TOO_MANY_REQUESTS:
            self.too_many[f"Discord {exchange.method}"] += 1
        elif exchange.method == "POST" and rest[:1] == ["messages"] and "nonce" in exchange.request:
            self._posted(channel, str(exchange.request["nonce"]))
        elif exchange.method == "PATCH" and rest[:1] == ["messages"]:
            self.edits += 1

    def github(self, exchange: GitHubExchange) -> None:
        if exchange.status in RAN_OUT and BEYOND in exchange.body:
            self.too_many["GitHub"] += 1
        if exchange.status != HTTPStatus.NOT_MODIFIED:
            headers = {name.lower(): text for name, text in exchange.request_headers.items()}
            token = headers.get("authorization", "nobody").split()[-1]
            self.asked["the App itself" if token.count(".") == 2 else token] += 1  # noqa: PLR2004 - a JWT has three parts

    @property
    def doubled(self) -> int:
        return sum(times - 1 for times in self.posts.values())

    def counts(self, kind: str, channels: list[str]) -> list[int]:
        return [self.in_channel[kind, channel] for channel in channels]

    def _posted(self, channel: str, key: str) -> None:
        self.posts[key] += 1
        self.in_channel[key.partition("-")[0], channel] += 1
        self.first_at.setdefault(channel, time.monotonic())
