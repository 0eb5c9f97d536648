"""The facts of `smokejumper status`, and what is wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.app.presence import BURIED_AFTER, CHATS
from bot.config.values import Role
from bot.ports.hearing import Blind
from bot.ports.overview import Overview
from bot.ports.rows import SetAside
from bot.ports.running import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    processes: Sequence[Process]
    overview: Overview
    set_aside: Sequence[SetAside] = ()
    blinds: Sequence[Blind] = ()

    @property
    def alive(self) -> list[Process]:
        return [one for one in self.processes if self.silence(one) <= BURIED_AFTER]

    @property
    def troubles(self) -> list[str]:
        """Return what is wrong now, a sentence each."""
        return [*self._missing(), *self._failing()]

    def silence(self, process: Process) -> timedelta:
        return max(self.overview.now - process.seen_at, timedelta(0))

    def leads(self, process: Process) -> bool:
        return self.overview.leaders.get(CHATS) == process.id

    def _missing(self) -> Iterator[str]:
        if not self.alive:
            yield "Nothing runs."
            return
        for role in Role:
            if not any(role in one.roles for one in self.alive):
                yield f'No process has the role "{role}".'
        if not any(self.leads(one) for one in self.alive):
            yield "Nobody leads the chats, so no card is drawn."

    def _failing(self) -> Iterator[str]:
        failing = {
            finding.text: None
            for one in self.alive
            for finding in one.standing.values()
            if not finding.ok
        }
        yield from failing

    def as_json(self) -> dict[str, Any]:
        return {
            "troubles": self.troubles,
            "processes": self.processes,
            "overview": self.overview,
            "set_aside": self.set_aside,
            "blinds": self.blinds,
        }
