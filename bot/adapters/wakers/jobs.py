"""The queue's table: what procrastinate does not offer, or not for many jobs at once."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Final

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from psycopg import OperationalError
from psycopg_pool import AsyncConnectionPool

from bot.adapters.wakers.later import Wish

TASK: Final = "smokejumper"

# Whoever fetches a job passes over all that wait for a key in use; thousands would take seconds.
MOST_OF_A_KEY: Final = 64

# One waiting job a wish: procrastinate's own function fails the whole batch on an equal one.
DEFER: Final = """
WITH wish AS (
    SELECT *, row_number() OVER (PARTITION BY key ORDER BY number) AS place
    FROM unnest(
        %(queues)s::text[], %(priorities)s::int[], %(keys)s::text[], %(kinds)s::text[],
        %(ids)s::text[]
    ) WITH ORDINALITY AS wish (queue, priority, key, kind, id, number)
), occupied AS (
    SELECT key, (
        SELECT count(*) FROM (
            SELECT FROM procrastinate_jobs WHERE lock = key AND status = 'todo' LIMIT %(most)s
        ) AS waiting
    ) AS places
    FROM wish GROUP BY key
), deferred AS (
    INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args)
    SELECT
        queue, %(task)s, priority, key, kind || ':' || id,
        jsonb_build_object('kind', kind, 'id', id)
    FROM wish JOIN occupied USING (key) WHERE places + place <= %(most)s
    ORDER BY number
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
)
SELECT number FROM wish JOIN occupied USING (key) WHERE places + place > %(most)s ORDER BY number
"""


class Jobs:
    def __init__(self, app: App, pool: AsyncConnectionPool) -> None:
        self._app = app
        self._pool = pool

    async def defer(self, wishes: Sequence[tuple[Wish, str]]) -> Sequence[tuple[Wish, str]]:
        """Queue wishes with their keys, and return those of keys for which enough wait already.

        One that equals a waiting one is merged with it.
        """
        values = {
            "task": TASK,
            "most": MOST_OF_A_KEY,
            "queues": [kind.queue.value for (kind, _), _ in wishes],
            "priorities": [int(kind.goes_first) for (kind, _), _ in wishes],
            "keys": [key for _, key in wishes],
            "kinds": [kind.value for (kind, _), _ in wishes],
            "ids": [id for (_, id), _ in wishes],
        }
        try:
            async with self._pool.connection() as connection:
                rows = await (await connection.execute(DEFER, values)).fetchall()
        except OperationalError:
            await self._pool.check()  # where one connection broke, all may have
            raise
        return [wishes[number - 1] for (number,) in rows]

    async def beat(self, workers: Collection[int]) -> None:
        """Say that these workers live: one whose loop is broken still waits for what it runs."""
        for worker in workers:
            await self._app.job_manager.update_heartbeat(worker)

    async def of_the_dead(self, *, silent_for: timedelta) -> Sequence[Job]:
        """Return the running jobs of workers that were silent for so long, or are gone."""
        seconds = silent_for.total_seconds()
        return list(await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=seconds))

    async def running(self, worker: int) -> Sequence[Job]:
        """Return what the table believes that a worker does."""
        manager = self._app.job_manager
        return list(await manager.list_jobs_async(status=Status.DOING.value, worker_id=worker))

    async def bury(self, job: Job) -> bool:
        """Remove a job and free its key; its row comes back by itself. False: another did it.

        It is not retried: that would collide with an equal job that waits.
        """
        try:
            await self._app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
        except ConnectorException:
            return False
        return True
