"""Whose log is read next while GitHub's budget is short, and who need not ask so soon."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.adapters.storage.store import SqlStore
from bot.domain.errors import BusyError
from bot.domain.ids import InstallationId, RepoId, WorkflowId
from bot.domain.incident import Incident
from bot.domain.lane import Lane, LaneKind
from bot.domain.run import Repository
from bot.domain.work import DueKind
from bot.services.turns import LONGEST, ROUND, Turns
from tests.contract.made import OPEN, REPOSITORY
from tests.scenarios.world import HandClock

SECOND = timedelta(seconds=1)
BUSY = BusyError("used up", after=8 * SECOND)
NONE = timedelta(0)


@dataclass
class Line:
    store: SqlStore
    clock: HandClock = field(default_factory=HandClock)

    def __post_init__(self) -> None:
        self.turns = Turns(self.store, self.clock)

    async def stand(
        self, *names: str, kind: LaneKind = LaneKind.PUSH, repo: Repository = REPOSITORY
    ) -> Sequence[Incident]:
        made = []
        async with self.store.begin() as tx:
            await tx.save_repository(repo)
            for name in names:
                lane = Lane(repo=repo.id, workflow=WorkflowId(3), kind=kind, name=name)
                lane_id = await tx.lock_lane(lane)
                incident = await tx.new_incident(replace(OPEN, lane_id=lane_id, lane=lane))
                key = f"incident:{incident.id}"
                await tx.due(DueKind.DIAGNOSIS, str(incident.id), key=key, at=self.clock.now())
                made.append(incident)
        return made

    async def wait(self, incident: Incident) -> timedelta:
        return await self.turns.wait(incident, REPOSITORY)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with SqlStore("sqlite://") as store:
        yield Line(store)


def names(number: int) -> Sequence[str]:
    return [f"feature-{each}" for each in range(number)]


async def test_nobody_waits_while_there_is_enough(line: Line) -> None:
    made = await line.stand(*names(ROUND + 5))
    assert [await line.wait(one) for one in made] == [NONE] * len(made)


async def test_who_is_refused_comes_when_those_before_him_are_through(line: Line) -> None:
    made = await line.stand(*names(60))
    (main,) = await line.stand("main")
    waits = [
        await line.turns.refused(one, REPOSITORY, BUSY)
        for one in (main, made[-1], made[-2], made[0])
    ]
    assert waits == [8 * SECOND, 8.5 * SECOND, 9 * SECOND, 38 * SECOND]


async def test_a_tag_goes_first_too(line: Line) -> None:
    await line.stand(*names(3))
    (tag,) = await line.stand("v1", kind=LaneKind.TAG)
    await line.stand("newer")
    assert await line.turns.refused(tag, REPOSITORY, BUSY) == 8 * SECOND


async def test_only_the_first_try_when_there_is_some_again(line: Line) -> None:
    made = await line.stand(*names(ROUND + 2))
    await line.turns.refused(made[0], REPOSITORY, BUSY)
    line.clock.at += 8 * SECOND
    waits = [await line.wait(one) for one in reversed(made)]
    assert waits == [NONE] * ROUND + [ROUND / 2 * SECOND, (ROUND + 1) / 2 * SECOND]


async def test_after_half_a_minute_without_a_refusal_all_is_well(line: Line) -> None:
    made = await line.stand(*names(ROUND + 2))
    await line.turns.refused(made[0], REPOSITORY, BUSY)
    line.clock.at += 38 * SECOND
    assert await line.wait(made[0]) == NONE
    assert not line.turns.is_short(REPOSITORY)


async def test_one_who_came_since_we_looked_has_his_place(line: Line) -> None:
    made = await line.stand(*names(4))
    await line.turns.refused(made[0], REPOSITORY, BUSY)
    (newest,) = await line.stand("newest")
    assert await line.wait(newest) == 8 * SECOND
    assert await line.wait(made[0]) == 9.5 * SECOND


async def test_no_wait_is_longer_than_ten_minutes_beyond_the_limit(line: Line) -> None:
    made = await line.stand(*names(1_300))
    hour = BusyError("used up", after=timedelta(minutes=40))
    assert await line.turns.refused(made[0], REPOSITORY, hour) == timedelta(minutes=40) + LONGEST


async def test_another_installation_has_another_line(line: Line) -> None:
    theirs = replace(REPOSITORY, id=RepoId(8), installation=InstallationId(6))
    made = await line.stand(*names(3))
    (other,) = await line.stand("feature", repo=theirs)
    await line.turns.refused(made[0], REPOSITORY, BUSY)
    assert await line.turns.wait(other, theirs) == NONE
    assert await line.turns.refused(other, theirs, BUSY) == 8 * SECOND
