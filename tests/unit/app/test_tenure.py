"""A right that must be renewed: work that needs it runs in its time alone."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.app.tenure import Tenure, since_boot

LASTS = timedelta(hours=1)  # by the hand-moved clock; no test waits for it


@dataclass
class Stopwatch:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds

    def pass_(self, time: timedelta) -> None:
        self.seconds += time.total_seconds()


@dataclass
class Work:
    """Runs until it is cancelled; may need a second word before it ends."""

    stubborn: bool = False
    began: int = 0
    asked: int = 0
    dropped: int = 0
    finished: int = 0
    finish: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> None:
        self.began += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.asked += 1
            if self.stubborn:
                await self._finish()
            raise

    async def _finish(self) -> None:
        try:
            await self.finish.wait()
            self.finished += 1
        except asyncio.CancelledError:
            self.dropped += 1
            raise


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(5):  # less than work is given to finish
        while not happened():  # noqa: ASYNC110 - work tells nobody that it was cancelled
            await asyncio.sleep(0)


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])


async def test_work_waits_until_the_right_is_ours() -> None:
    now, work = Stopwatch(), Work()
    tenure = Tenure(lasts=LASTS, now=now)
    doing = asyncio.create_task(tenure.during(work))
    await asyncio.sleep(0.01)
    assert (tenure.held, work.began) == (False, 0)

    tenure.renew(since=now())
    await until(lambda: work.began == 1)
    assert tenure.held
    await ended(doing)


async def test_it_lasts_from_when_it_was_asked_for() -> None:
    """The answer of a slow database must not make the lease any longer."""
    now = Stopwatch(100.0)
    tenure = Tenure(lasts=timedelta(seconds=10), now=now)

    tenure.renew(since=92.0)
    assert tenure.held
    now.pass_(timedelta(seconds=2))
    assert not tenure.held


async def test_renewed_in_time_work_goes_on() -> None:
    now, work = Stopwatch(), Work()
    tenure = Tenure(lasts=LASTS, now=now)
    tenure.renew(since=now())
    doing = asyncio.create_task(tenure.during(work))
    for _ in range(3):
        await asyncio.sleep(0.01)
        now.pass_(LASTS / 2)
        tenure.renew(since=now())

    await asyncio.sleep(0.01)
    assert (work.began, work.asked) == (1, 0)
    await ended(doing)


async def test_what_runs_is_dropped_when_it_ends_and_begun_when_it_comes_back() -> None:
    """Another may do it by now, so it is not even asked to finish."""
    now, work = Stopwatch(), Work(stubborn=True)
    tenure = Tenure(lasts=LASTS, now=now)
    tenure.renew(since=now())
    doing = asyncio.create_task(tenure.during(work))
    await until(lambda: work.began)

    tenure.end()
    await until(lambda: work.dropped == 1)
    await tenure.vacated()
    tenure.renew(since=now())
    await until(lambda: work.began == 2)
    assert work.finished == 0
    work.finish.set()
    await ended(doing)


async def test_an_end_that_nobody_noticed_still_drops_what_ran() -> None:
    """A suspended machine's timers stand still, and the first thing it does may be to renew."""
    now, work = Stopwatch(), Work()
    tenure = Tenure(lasts=LASTS, now=now)
    tenure.renew(since=now())
    doing = asyncio.create_task(tenure.during(work))
    await until(lambda: work.began)

    now.pass_(LASTS * 2)
    tenure.renew(since=now())
    await until(lambda: work.began == 2)
    assert work.asked == 1
    await ended(doing)


async def test_an_end_comes_by_itself() -> None:
    work = Work()
    tenure = Tenure(lasts=timedelta(milliseconds=20))
    tenure.renew(since=since_boot())
    doing = asyncio.create_task(tenure.during(work))
    await until(lambda: work.asked)
    await tenure.vacated()
    assert not tenure.held
    await ended(doing)


async def test_asked_to_stop_it_lets_work_finish() -> None:
    now, work = Stopwatch(), Work(stubborn=True)
    tenure = Tenure(lasts=LASTS, now=now)
    tenure.renew(since=now())
    doing = asyncio.create_task(tenure.during(work))
    await until(lambda: work.began)

    doing.cancel()
    await until(lambda: work.asked)
    work.finish.set()
    await asyncio.wait([doing])
    assert (work.finished, work.dropped) == (1, 0)
    assert doing.cancelled()


async def test_work_that_breaks_is_told() -> None:
    async def breaks() -> None:
        raise LookupError

    tenure = Tenure(lasts=timedelta.max)
    tenure.renew(since=since_boot())
    with pytest.raises(LookupError):
        await tenure.during(breaks)
