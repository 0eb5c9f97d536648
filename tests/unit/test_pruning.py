"""Pruning as a schedule: a batch at a time, then again tomorrow."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from bot.adapters.storage.store import SqlStore
from bot.domain.ids import PressId
from bot.domain.retention import RetentionPolicy
from bot.domain.work import Due, DueKind
from bot.ports.pruning import Prunable
from bot.services import pruning
from bot.services.pruning import EVERY, FIRST, OLD_RUNS, ROWS, Pruning
from tests.contract.made import NOW, PRESS


@dataclass
class HandClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    async with SqlStore("sqlite://") as store:
        yield store


def a_due(what: str) -> Due:
    return Due(kind=DueKind.PRUNE, id=what, key="prune", due_at=NOW, tries=1)


async def test_a_full_batch_is_followed_at_once_by_the_next(store: SqlStore) -> None:
    kept = RetentionPolicy(presses=timedelta(days=2))
    clock = HandClock(NOW + timedelta(days=2, seconds=1))
    prune = Pruning(store, kept, clock)
    async with store.begin() as tx:
        for number in range(ROWS + 1):
            await tx.new_press(replace(PRESS, id=PressId(str(number))))
            await tx.press_done(PressId(str(number)), at=NOW, outcome="answered")

    assert await prune.prune(a_due(Prunable.PRESSES)) == clock.at
    assert await prune.prune(a_due(Prunable.PRESSES)) == clock.at + EVERY
    async with store.read() as tx:
        assert await tx.press(PressId(str(ROWS))) is None


async def test_what_is_young_stays(store: SqlStore) -> None:
    prune = Pruning(store, RetentionPolicy(), HandClock(NOW + timedelta(days=30)))
    async with store.begin() as tx:
        await tx.new_press(PRESS)
        await tx.press_done(PRESS.id, at=NOW, outcome="answered")
    await prune.prune(a_due(Prunable.PRESSES))
    async with store.read() as tx:
        assert await tx.press(PRESS.id)


async def test_each_start_makes_the_same_schedule(store: SqlStore) -> None:
    clock = HandClock()
    prune = Pruning(store, RetentionPolicy(), clock)
    await prune.start()
    clock.at += timedelta(minutes=1)
    await prune.start()
    async with store.read() as tx:
        assert await tx.next_due() == NOW + FIRST
        rows = await tx.due_now(NOW + FIRST, limit=99)
    assert {id for _, id, _ in rows} == {OLD_RUNS, *Prunable}
    assert {key for _, _, key in rows} == {"prune"}, "one at a time"
    for _, id, _ in rows:
        assert await prune.prune(a_due(id)) == clock.at + EVERY


async def test_what_only_a_newer_program_prunes_is_left_to_it(store: SqlStore) -> None:
    prune = Pruning(store, RetentionPolicy(), HandClock())
    assert await prune.prune(a_due("charts")) == NOW + pruning.EVERY
