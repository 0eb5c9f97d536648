"""What was asked and what was done: exchanges for checkers, acts for counting."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.standins.slack.model import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer.

    *name* is a Web API method, `response_url`, or `ack:` and the kind of envelope for what
    the app answered to Slack.
    """

    name: str
    request: Json
    status: int
    answer: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A call that succeeded."""

    method: str
    channel: str
    ts: str


Observer: TypeAlias = Callable[[Exchange], None]


class Ledger:
    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.acts: list[Act] = []
        self._observers: list[Observer] = []

    def observe(self, observer: Observer) -> None:
        self._observers.append(observer)

    def note(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if exchange.answer.get("ok"):
            self.acts.append(_act(exchange))
        for observer in self._observers:
            observer(exchange)

    def count(self, method: str, *, channel: str | None = None, ts: str | None = None) -> int:
        """Count the successful calls of *method*, in one channel or on one message."""
        return sum(
            act.method == method and channel in (None, act.channel) and ts in (None, act.ts)
            for act in self.acts
        )


def _act(exchange: Exchange) -> Act:
    said = {**exchange.request, **exchange.answer}
    channel = said.get("channel") or said.get("channel_id") or ""
    if isinstance(channel, dict):
        channel = channel.get("id", "")
    ts = said.get("ts") or said.get("timestamp") or said.get("message_ts") or ""
    return Act(method=exchange.name, channel=str(channel), ts=str(ts))
