"""PostgreSQL: several processes at once, each transaction locking the rows it may change."""

from typing import Final

from psycopg import AsyncConnection as Driver
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.adapters.storage.writing import writes

POOL: Final = 8  # as many as a process works on at once
POOL_MORE: Final = 8
POOL_SECONDS: Final = 20.0
APART: Final = 3  # the beat, deliveries that come in, and who asks how we are: one at a time each
CONNECTING: Final = {
    "application_name": "smokejumper",
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,  # milliseconds; a server that vanished says nothing
}
# Our transactions wait for nobody outside, so the time-outs only meet what went wrong: a process
# that was suspended in the middle must not keep its rows for itself. Whoever wants those must
# outlive it: GitHub waits 10 s for an answer, and a process that is silent for as long stops.
PREPARE: Final = """
SELECT set_config('timezone', 'UTC', false),
       set_config('lock_timeout', '4s', false),
       set_config('idle_in_transaction_session_timeout', '4s', false),
       set_config('synchronous_commit', CASE current_setting('synchronous_commit')
           WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)
"""


class TextDumper(StrDumperUnknown):
    """Write what strangers send: PostgreSQL's text takes every character but NUL."""

    def dump(self, obj: str) -> "bytes | bytearray | memoryview | None":
        return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def engine(url: URL) -> AsyncEngine:
    return _engine(url, pool_size=POOL, max_overflow=POOL_MORE)


def apart(url: URL) -> AsyncEngine:
    """Make connections that no handler ever holds."""
    return _engine(url, pool_size=APART, max_overflow=0)


def _engine(url: URL, *, pool_size: int, max_overflow: int) -> AsyncEngine:
    told = {name: value for name, value in CONNECTING.items() if name not in url.query}
    # The driver would begin by itself, one trip to the server earlier than needed; see _begin.
    made = create_async_engine(
        url,
        connect_args={"autocommit": True, **told},
        pool_size=pool_size,
        max_overflow=max_overflow,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,  # an error must not repeat what a person sent
    )
    event.listen(made.sync_engine, "connect", _prepare)
    event.listen(made.sync_engine, "begin", _begin)
    return made


def _prepare(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    driver = record.driver_connection
    if isinstance(driver, Driver):
        driver.adapters.register_dumper(str, TextDumper)
    cursor = connection.cursor()
    cursor.execute(PREPARE)
    cursor.close()


def _begin(connection: Connection) -> None:
    """Begin; this is also how a connection that broke while it waited is found out."""
    reads = "ISOLATION LEVEL REPEATABLE READ READ ONLY"
    wanted = "ISOLATION LEVEL READ COMMITTED" if writes(connection) else reads
    connection.exec_driver_sql(f"BEGIN {wanted}")
