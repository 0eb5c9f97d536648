"""Each port's contract runs over every implementation."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.adapters.storage.store import SqlStore
from bot.adapters.storage.transaction import Transaction
from bot.domain.ids import LaneId
from bot.domain.incident import Incident
from bot.domain.lane import Lane
from bot.domain.work import DueKind
from tests.contract.made import LANE, OPEN


@dataclass
class Wakes:
    """A waker that only remembers."""

    heard: list[tuple[DueKind, str, str, datetime | None]] = field(default_factory=list)

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        self.heard.append((kind, id, key, at))

    async def run(self, handle: object, queues: object = None) -> None: ...


@pytest.fixture(params=["file", "memory", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty database of each kind that the store speaks to."""
    match str(request.param):
        case "file":
            return f"sqlite:///{tmp_path / 'data' / 'smokejumper.db'}"
        case "postgres":
            return str(request.getfixturevalue("postgres"))
        case _:
            return "sqlite://"


@pytest.fixture
def wakes() -> Wakes:
    return Wakes()


@pytest.fixture
async def store(database: str, wakes: Wakes) -> AsyncIterator[SqlStore]:
    async with SqlStore(database, waker=wakes) as store:
        yield store


async def an_incident(
    tx: Transaction, incident: Incident = OPEN, *, lane: Lane = LANE
) -> tuple[LaneId, Incident]:
    """Store an incident with the lane that it needs."""
    lane_id = await tx.lock_lane(lane)
    return lane_id, await tx.new_incident(replace(incident, lane_id=lane_id, lane=lane))
