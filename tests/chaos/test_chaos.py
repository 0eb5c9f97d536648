"""Killed at random instants, hindered at every call, and right afterwards: ten seeds."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.chaos.play import Plan, play

KILLS = 3


@pytest.mark.usefixtures("compiled_rules")
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seeds", [range(1, 6), range(6, 11)], ids=["1-to-5", "6-to-10"])
async def test_nothing_is_lost_and_nothing_doubled(tmp_path: Path, seeds: Sequence[int]) -> None:
    """Worlds that mostly wait are played side by side."""
    folders = {seed: tmp_path / str(seed) for seed in seeds}
    for folder in folders.values():
        folder.mkdir()
    async with asyncio.TaskGroup() as group:
        playing = [
            group.create_task(play(Plan(seed=seed, kills=KILLS), folder))
            for seed, folder in folders.items()
        ]
    tallies = [task.result() for task in playing]
    assert {tally.seed: tally.findings for tally in tallies if tally.wrong} == {}
    assert all(tally.kills == KILLS for tally in tallies)
    assert sum(tally.cards for tally in tallies) > 0
