"""What tests of every kind may ask for."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from bot.diagnosis import load_rules
from tests.postgres import Postgres, a_postgres

LONG: Final = frozenset({"chaos", "e2e"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no test process ends far behind the other."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


@pytest.fixture(scope="session")
def compiled_rules() -> None:
    """Compile the rules once for all: many bots that start at the same time would each do it."""
    lock = Path(tempfile.gettempdir()) / f"smokejumper-tests-{os.getuid()}.lock"
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        load_rules()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """One server a test process, started when the first test asks for it."""
    with a_postgres() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: Postgres) -> Iterator[str]:
    """Address of a PostgreSQL database that has the schema and no rows."""
    url = postgres_server.migrated()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def bare_postgres(postgres_server: Postgres) -> Iterator[str]:
    """Address of a PostgreSQL database in which nothing was ever made."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)
