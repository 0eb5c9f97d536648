"""Each story is told twice: as it is, and with every wake after a commit lost."""

from collections.abc import AsyncIterator

import pytest

from tests.scenarios.world import World, a_world


@pytest.fixture(params=[False, True], ids=["woken", "deaf"])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with a_world(deaf=request.param) as world:
        yield world
