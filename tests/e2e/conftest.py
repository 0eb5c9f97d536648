"""Far sides for each story; the bot is a process that the story starts."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.far_sides import FarSides, far_sides


@pytest.fixture(autouse=True)
def _compiled(compiled_rules: None) -> None:
    """No bot compiles them while a story waits for it."""


@pytest.fixture
async def sides(tmp_path: Path) -> AsyncIterator[FarSides]:
    async with far_sides(tmp_path) as opened:
        yield opened
