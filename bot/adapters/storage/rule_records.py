"""What came of each rule: how often it gave the cause, and whether retries then passed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.storage.engine import database_url, engine_for
from bot.adapters.storage.tables import ATTEMPT, DIAGNOSIS, JOB, RETRY
from bot.domain.errors import PermanentError
from bot.domain.retry import RetryState
from bot.domain.run import Conclusion

SENT: Final = (RetryState.SENT, RetryState.DONE_ELSEWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    hits: int = 0
    retried: int = 0
    """Hits whose attempt was then run again by a retry of ours."""
    passed: int = 0
    """Those whose job was green in the next attempt."""


async def read_records(url: str, *, since: datetime) -> Mapping[str, Record]:
    """Ask the database at *url*, which is left as it is.

    Raises:
        PermanentError: It can't be read.
    """
    retried = exists().where(
        RETRY.c.run == DIAGNOSIS.c.run,
        RETRY.c.attempt == DIAGNOSIS.c.attempt,
        RETRY.c.state.in_(SENT),
    )
    question = (
        select(
            DIAGNOSIS.c.rule, func.count(), _count(retried), _count(and_(retried, _green_next()))
        )
        .where(DIAGNOSIS.c.at >= since, DIAGNOSIS.c.rule.is_not(None))
        .group_by(DIAGNOSIS.c.rule)
    )
    engine = engine_for(database_url(url))
    try:
        async with engine.connect() as connection:
            rows = (await connection.execute(question)).all()
    except SQLAlchemyError as error:
        first = str(error).partition("\n")[0]
        raise PermanentError(first) from error
    finally:
        await engine.dispose()
    return {
        rule: Record(hits=hits, retried=retried, passed=passed)
        for rule, hits, retried, passed in rows
    }


def _green_next() -> ColumnElement[bool]:
    """Whether the next attempt's job was green; a run that is green has no other jobs."""
    job = exists().where(
        JOB.c.run == DIAGNOSIS.c.run,
        JOB.c.attempt == DIAGNOSIS.c.attempt + 1,
        JOB.c.name == DIAGNOSIS.c.job_name,
        JOB.c.conclusion == Conclusion.SUCCESS,
    )
    run = exists().where(
        ATTEMPT.c.id == DIAGNOSIS.c.run,
        ATTEMPT.c.attempt == DIAGNOSIS.c.attempt + 1,
        ATTEMPT.c.conclusion == Conclusion.SUCCESS,
    )
    return or_(job, run)


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))
