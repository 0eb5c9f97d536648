"""SQLAlchemy drops values that no column takes, without a word: so each field is asked for."""

from dataclasses import MISSING, fields, replace
from typing import Any

import pytest
from sqlalchemy import Table

from bot.adapters.storage import tables
from tests.contract import made

# Fields that are not a column of that name, and where they are kept instead.
ELSEWHERE = {"lane": "lane_id", "place": "channel", "settled": "outcome"}
GIVEN_BY_THE_STORE = frozenset({"id", "incident", "lane_id", "seq"})

STORED = [
    pytest.param(made.REPOSITORY, tables.REPOSITORY, id="repository"),
    pytest.param(made.LANE, tables.LANE, id="lane"),
    pytest.param(made.RUN, tables.ATTEMPT, id="attempt"),
    pytest.param(made.JOB, tables.JOB, id="job"),
    pytest.param(made.DETAILED, tables.INCIDENT, id="incident"),
    pytest.param(made.TOLD, tables.TIMELINE, id="timeline"),
    pytest.param(made.FOUND, tables.DIAGNOSIS, id="diagnosis"),
    pytest.param(made.SKETCH, tables.SKETCH, id="sketch"),
    pytest.param(made.RETRY, tables.RETRY, id="retry"),
    pytest.param(made.CARD, tables.CARD, id="card"),
    pytest.param(made.NOTICE, tables.NOTICE, id="notice"),
    pytest.param(made.PRESS, tables.PRESS, id="press"),
    pytest.param(replace(made.a_delivery(), settled="not red"), tables.DELIVERY, id="delivery"),
]


@pytest.mark.parametrize(("value", "table"), STORED)
def test_each_field_has_a_column(value: Any, table: Table) -> None:
    columns = set(table.columns.keys())
    lost = {field.name for field in fields(value)} - columns
    assert {ELSEWHERE.get(name, name) for name in lost} <= columns


@pytest.mark.parametrize(("value", "table"), STORED)
def test_each_field_of_the_samples_is_set(value: Any, table: Table) -> None:
    """A default comes back by itself, so a test with defaults alone would not see a loss."""
    unset = [
        field.name
        for field in fields(value)
        if field.name not in GIVEN_BY_THE_STORE
        and getattr(value, field.name)
        == (field.default if field.default_factory is MISSING else field.default_factory())
    ]
    assert unset == [], f"set them in made.py, for the columns of {table.name}"
