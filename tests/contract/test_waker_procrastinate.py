"""The queue of several processes: one key at a time over all of them, whoever dies or is away."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

import psycopg
import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.storage.store import SqlStore
from bot.adapters.wakers.jobs import MOST_OF_A_KEY
from bot.adapters.wakers.procrastinate import ProcrastinateWaker
from bot.domain.work import Due, DueKind
from bot.worker import Worker
from tests.postgres import Postgres

CARD = DueKind.CARD
SILENT = timedelta(seconds=1.5)
PATIENCE = 30  # seconds, for what takes less than one

# Takes a job and says so; then it is killed.
VICTIM = """
import asyncio, sys
from datetime import timedelta
from bot.adapters.clock import SystemClock
from bot.adapters.storage.store import SqlStore
from bot.adapters.wakers.jobs import MOST_OF_A_KEY
from bot.adapters.wakers.procrastinate import ProcrastinateWaker

async def handle(kind, id):
    print(id, flush=True)
    await asyncio.Event().wait()

async def main():
    async with ProcrastinateWaker(sys.argv[1], SystemClock()) as waker:
        await waker.run(handle)

asyncio.run(main())
"""


class Work:
    """What is done, by whichever process, and whether a key was ever worked on twice at once."""

    def __init__(self) -> None:
        self.did: list[str] = []
        self.doing: set[str] = set()
        self.clashes: list[str] = []
        self.go = asyncio.Event()
        self.go.set()

    async def handle(self, _kind: DueKind, id: str) -> None:
        key, _, _ = id.partition("-")
        if key in self.doing:
            self.clashes.append(id)
        self.doing.add(key)
        await asyncio.sleep(0.002)
        await self.go.wait()
        self.doing.discard(key)
        self.did.append(id)


async def until(happened: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110 - it happens in a database
            await asyncio.sleep(0.01)


@pytest.fixture
def work() -> Work:
    return Work()


@asynccontextmanager
async def a_process(url: str, work: Work) -> AsyncIterator[ProcrastinateWaker]:
    """Run a waker of its own, as a process would."""
    async with ProcrastinateWaker(url, SystemClock(), silent_for=SILENT) as waker:
        running = asyncio.create_task(waker.run(work.handle))
        yield waker
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running


def jobs(url: str) -> list[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT queueing_lock, status::text FROM procrastinate_jobs ORDER BY id"
        )
        return [(str(row[0]), str(row[1])) for row in rows]


async def test_a_key_is_worked_on_by_one_process_at_a_time(postgres: str, work: Work) -> None:
    ids = [f"{key}-{number}" for number in range(12) for key in "xyz"]
    async with a_process(postgres, work) as one, a_process(postgres, work) as other:
        for number, id in enumerate(ids):
            waker = one if number % 2 else other
            waker.wake(CARD, id, key=id.partition("-")[0])
        await until(lambda: len(work.did) == len(ids))

    assert work.clashes == []
    assert sorted(work.did) == sorted(ids)
    assert jobs(postgres) == []


async def test_equal_wakes_of_two_processes_are_one(postgres: str, work: Work) -> None:
    async with AsyncExitStack() as stack:
        for ids in ("ab", "bc"):
            waker = ProcrastinateWaker(postgres, SystemClock())
            await stack.enter_async_context(waker)
            for id in ids:
                waker.wake(CARD, id, key=id)
    assert sorted(jobs(postgres)) == [("card:a", "todo"), ("card:b", "todo"), ("card:c", "todo")]

    async with a_process(postgres, work):
        await until(lambda: sorted(work.did) == ["a", "b", "c"])


async def test_many_wishes_for_one_key_come_little_by_little(postgres: str, work: Work) -> None:
    """To pass over thousands that wait for a key would cost more than the work."""
    ids = [f"x-{number}" for number in range(MOST_OF_A_KEY + 6)]
    work.go.clear()
    async with a_process(postgres, work) as waker:
        for id in ids:
            waker.wake(CARD, id, key="x")
        waker.wake(CARD, "y-1", key="y")
        await until(lambda: work.doing == {"x", "y"})
        assert len(jobs(postgres)) == MOST_OF_A_KEY + 1
        work.go.set()
        await until(lambda: len(work.did) == len(ids) + 1)

    assert sorted(work.did) == sorted([*ids, "y-1"])
    assert work.clashes == []


async def test_what_is_sent_at_the_end_is_there_for_others(postgres: str, work: Work) -> None:
    """The last thing a process did may be another's next."""
    async with ProcrastinateWaker(postgres, SystemClock()) as waker:
        waker.wake(CARD, "a", key="x")

    async with a_process(postgres, work):
        await until(lambda: work.did == ["a"])


async def test_the_key_of_a_killed_process_is_freed(postgres: str, work: Work) -> None:
    victim = subprocess.Popen(  # noqa: S603, ASYNC220 - our own words, and it starts at once
        [sys.executable, "-c", VICTIM, postgres], stdout=subprocess.PIPE
    )
    async with ProcrastinateWaker(postgres, SystemClock()) as waker:
        waker.wake(CARD, "x-1", key="x")
    assert victim.stdout is not None
    assert await asyncio.to_thread(victim.stdout.readline) == b"x-1\n"
    victim.kill()
    victim.communicate()

    async with a_process(postgres, work) as waker:
        waker.wake(CARD, "x-2", key="x")
        await until(lambda: work.did == ["x-2"])
    assert jobs(postgres) == []


async def test_nobody_is_buried_while_it_lives(postgres: str, work: Work) -> None:
    """Work may take long; its process is heard of all the while."""
    work.go.clear()
    async with a_process(postgres, work) as one, a_process(postgres, work) as other:
        one.wake(CARD, "x-1", key="x")
        await until(lambda: work.doing == {"x"})
        other.wake(CARD, "x-2", key="x")
        await asyncio.sleep(3 * SILENT.total_seconds())
        assert jobs(postgres) == [("card:x-1", "doing"), ("card:x-2", "todo")]
        work.go.set()
        await until(lambda: work.did == ["x-1", "x-2"])

    assert work.clashes == []


async def test_a_database_that_restarts_is_found_again(
    postgres_server: Postgres, postgres: str, work: Work
) -> None:
    async with a_process(postgres, work) as waker:
        waker.wake(CARD, "before", key="x")
        await until(lambda: work.did == ["before"])
        await until(lambda: waker.connected)
        postgres_server.stop()
        await until(lambda: not waker.connected)
        waker.wake(CARD, "lost", key="x")
        postgres_server.start()
        await until(lambda: waker.connected)
        waker.wake(CARD, "after", key="x")
        await until(lambda: "after" in work.did)

    assert [id for id in work.did if id != "lost"] == ["before", "after"]


async def test_what_ended_while_the_database_was_away_holds_no_key(
    postgres_server: Postgres, postgres: str, work: Work
) -> None:
    """Its job could not be crossed off, and its process lives on."""
    work.go.clear()
    async with a_process(postgres, work) as waker:
        waker.wake(CARD, "x-1", key="x")
        await until(lambda: work.doing == {"x"})
        postgres_server.stop()
        work.go.set()
        await until(lambda: work.did == ["x-1"])
        postgres_server.start()
        await until(lambda: jobs(postgres) == [])
        waker.wake(CARD, "x-2", key="x")
        await until(lambda: work.did == ["x-1", "x-2"])


async def test_work_that_outlasts_a_restart_keeps_its_key(
    postgres_server: Postgres, postgres: str, work: Work
) -> None:
    """Its worker takes no more, and is silent unless we speak for it."""
    work.go.clear()
    async with a_process(postgres, work) as one, a_process(postgres, work) as other:
        one.wake(CARD, "x-1", key="x")
        await until(lambda: work.doing == {"x"})
        postgres_server.stop()
        postgres_server.start()
        await until(lambda: one.connected and other.connected)
        one.wake(CARD, "x-2", key="x")
        other.wake(CARD, "x-2", key="x")
        await asyncio.sleep(4 * SILENT.total_seconds())
        assert ("card:x-1", "doing") in jobs(postgres)
        work.go.set()
        await until(lambda: work.did == ["x-1", "x-2"])

    assert work.clashes == []


async def test_one_end_that_was_not_recorded_holds_no_key(postgres: str, work: Work) -> None:
    """One connection may break where all else goes on."""
    work.go.clear()
    async with a_process(postgres, work) as waker:
        waker.wake(CARD, "x-1", key="x")
        waker.wake(CARD, "y-1", key="y")
        await until(lambda: work.doing == {"x", "y"})
        with psycopg.connect(postgres, autocommit=True) as connection:
            # As if its worker had taken one more, and never knew of it.
            connection.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status, worker_id)"
                " SELECT 'chat', 'smokejumper', 'z', 'doing', worker_id"
                " FROM procrastinate_jobs WHERE lock = 'x'"
            )
        waker.wake(CARD, "z-1", key="z")
        await until(lambda: "z" in work.doing)
        work.go.set()
        await until(lambda: len(work.did) == 3)

    assert work.clashes == []


async def test_each_row_is_done_once_by_two_workers(postgres: str) -> None:
    """Rows, workers, queue and sweep as they run for real, in two processes."""
    did: list[str] = []

    async def do(due: Due) -> datetime | None:
        await asyncio.sleep(0.002)
        did.append(due.id)
        return None

    clock = SystemClock()
    async with AsyncExitStack() as stack:
        stores, working = [], []
        for name in ("one", "other"):
            store = await stack.enter_async_context(SqlStore(postgres, process=name))
            waker = await stack.enter_async_context(ProcrastinateWaker(postgres, clock))
            store.waker = waker
            worker = Worker(store, waker, {CARD: do}, clock, shared_commits=False)
            working.append(asyncio.create_task(worker.run()))
            stores.append(store)
        for number in range(40):
            async with stores[number % 2].begin() as tx:
                await tx.due(CARD, str(number), key=f"card:{number % 7}", at=clock.now())
        await until(lambda: len(did) >= 40)
        for task in working:
            task.cancel()
        await asyncio.wait(working)
        async with stores[0].read() as tx:
            assert await tx.next_due() is None

    assert sorted(did, key=int) == [str(number) for number in range(40)]


async def test_a_kind_of_work_from_a_newer_program_is_left_to_it(postgres: str, work: Work) -> None:
    """Old and new work side by side during an upgrade."""
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args)"
            " VALUES ('chat', 'smokejumper', 'x', '{\"kind\": \"news\", \"id\": \"1\"}')"
        )
    async with a_process(postgres, work) as waker:
        waker.wake(CARD, "x-1", key="x")
        await until(lambda: work.did == ["x-1"])
    assert jobs(postgres) == []
