"""What tests of every kind may ask for."""

from collections.abc import Iterator

import pytest

from tests.postgres import Postgres, a_postgres


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
