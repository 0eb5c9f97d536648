"""What the bot's database says, read beside the bot."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, RowMapping, Select, Table, create_engine, func, select

from bot.adapters.storage.tables import (
    CARD,
    DELIVERY,
    DUE,
    INCIDENT,
    LANE,
    PRESS,
    RETRY,
    TIMELINE,
)
from bot.domain.retry import RetryState
from bot.domain.work import DueKind

# What is looked at again and again, as long as a bot runs; all else must come to rest.
FOR_EVER: Final = (
    DueKind.WATCH,
    DueKind.RETRY,
    DueKind.CHECK,
    DueKind.RECONCILE,
    DueKind.POLL,
    DueKind.PRUNE,
)


@dataclass(frozen=True, slots=True)
class Rows:
    engine: Engine

    @classmethod
    def of(cls, url: str) -> "Rows":
        return cls(create_engine(url.replace("postgresql:", "postgresql+psycopg:")))

    def close(self) -> None:
        self.engine.dispose()

    def unrest(self) -> list[str]:
        """Say what is still to be done."""
        waiting = {
            "deliveries": self._count(DELIVERY, DELIVERY.c.done_at.is_(None)),
            "presses": self._count(PRESS, PRESS.c.done_at.is_(None)),
            "retries": self._count(RETRY, RETRY.c.state == RetryState.WAITING),
            "due": self._count(DUE, DUE.c.kind.not_in(FOR_EVER), DUE.c.set_aside_at.is_(None)),
        }
        return [f"{count} {what}" for what, count in waiting.items() if count]

    def deliveries(self) -> dict[str, RowMapping]:
        listed = (DELIVERY.c.id, DELIVERY.c.done_at, DELIVERY.c.outcome, DELIVERY.c.error)
        return {row["id"]: row for row in self._all(select(*listed))}

    def presses(self) -> dict[str, RowMapping]:
        return {row["id"]: row for row in self._all(select(PRESS))}

    def incidents(self) -> Sequence[RowMapping]:
        """Return every incident with its lane's repository, workflow and name."""
        joined = INCIDENT.join(LANE, INCIDENT.c.lane_id == LANE.c.id)
        lane = (LANE.c.repo, LANE.c.workflow.label("of_workflow"), LANE.c.name)
        return self._all(select(INCIDENT, *lane).select_from(joined).order_by(INCIDENT.c.id))

    def cards(self) -> Sequence[RowMapping]:
        return self._all(select(CARD))

    def timeline(self) -> Sequence[RowMapping]:
        return self._all(select(TIMELINE).order_by(TIMELINE.c.incident, TIMELINE.c.seq))

    def retries(self) -> Sequence[RowMapping]:
        return self._all(select(RETRY))

    def set_aside(self) -> Sequence[RowMapping]:
        return self._all(select(DUE).where(DUE.c.set_aside_at.is_not(None)))

    def diagnosed(self) -> int:
        """Count the incidents of which is known why they broke."""
        return self._count(INCIDENT, INCIDENT.c.diagnosed.is_not(None))

    def due(self) -> Sequence[RowMapping]:
        return self._all(select(DUE).where(DUE.c.kind.not_in(FOR_EVER)))

    def _count(self, table: Table, *which: Any) -> int:
        with self.engine.connect() as connection:
            counted = select(func.count()).select_from(table).where(*which)
            return int(connection.execute(counted).scalar_one())

    def _all(self, rows: Select[Any]) -> Sequence[RowMapping]:
        with self.engine.connect() as connection:
            return connection.execute(rows).mappings().all()
