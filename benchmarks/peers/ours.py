"""Smokejumper's door over a SQLite file, as `serve` opens it.

    python -m benchmarks.peers.ours alone|single|working FILE BODIES

"alone" stores and answers; "single" gives each delivery a commit of its own; "working" has the
whole bot at work in the same process, its far sides in memory. Prints its port.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

import uvloop

from bot.adapters.clock import SystemClock
from bot.adapters.github.payloads import read
from bot.adapters.github.webhook import StoreDelivery, Webhook
from bot.adapters.memory.chat import MemoryChat
from bot.adapters.memory.code_host import MemoryCodeHost
from bot.adapters.storage.intake import GroupCommit
from bot.adapters.storage.store import SqlStore
from bot.adapters.wakers.embedded import EmbeddedWaker
from bot.adapters.web.door import Door, Readiness
from bot.adapters.web.server import serving
from bot.app.assembly import Policies, assemble
from bot.cli.logging import log_lines
from bot.domain.events import Delivery, RunReported
from bot.domain.ids import DeliveryId, JobId
from bot.domain.lane import RefKind
from bot.domain.person import Platform
from bot.domain.run import Conclusion, Job, Status, Step
from bot.domain.subscription import Place, Subscription
from bot.services.access import AccessRules
from bot.worker import Worker

CHANNELS: Final = 4
LOG: Final = b"".join(
    b"2026-11-24T12:00:%02d.0000000Z %b\n" % (second, line)
    for second, line in enumerate(
        [
            *(b"#%d building a layer" % layer for layer in range(50)),
            b"#50 ERROR: failed to push ghcr.io/acme/app: unexpected status: 503",
            b"##[error]Process completed with exit code 1.",
        ]
    )
)

clock = SystemClock()


async def main(mode: str, file: str, bodies: Path) -> None:
    log_lines()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(SqlStore(f"sqlite:///{file}"))
        take = await stack.enter_async_context(_intake(store, mode, bodies))
        webhook = Webhook(secret=os.environ["SECRET"], store=take, now=clock.now)
        door = Door()
        door.open({"/github": webhook.handle}, ready=_ready)
        served = serving(door.application(), host="127.0.0.1", port=0)
        url = await stack.enter_async_context(served)
        print(url.rpartition(":")[2], flush=True)
        await asyncio.Event().wait()


@asynccontextmanager
async def _intake(store: SqlStore, mode: str, bodies: Path) -> AsyncIterator[StoreDelivery]:
    if mode == "single":
        yield lambda delivery: _one(store, delivery)
        return
    async with GroupCommit(store) as writer, asyncio.TaskGroup() as group:
        if mode == "working":
            group.create_task(_bot(store, writer, bodies).run())
        yield writer.store


async def _one(store: SqlStore, delivery: Delivery) -> bool:
    async with store.begin() as tx:
        return delivery.id in await tx.take_in([delivery])


def _bot(store: SqlStore, writer: GroupCommit, bodies: Path) -> Worker:
    store.waker = waker = EmbeddedWaker(clock, busy=writer.pouring)
    bot = assemble(
        store=store,
        code_host=_code_host(bodies),
        platforms={Platform.SLACK: MemoryChat(platform=Platform.SLACK)},
        policies=Policies(rules=AccessRules(subscriptions=_subscriptions(), grants=(), people=())),
        read_event=read,
        clock=clock,
    )
    return Worker(store, waker, bot.due, clock)


def _subscriptions() -> tuple[Subscription, ...]:
    return tuple(
        Subscription(
            place=Place(platform=Platform.SLACK, channel=f"C{number}"),
            repositories=(f"acme/app-*{number}",),
        )
        for number in range(CHANNELS)
    )


def _code_host(bodies: Path) -> MemoryCodeHost:
    """Return a GitHub that knows of each run what its delivery tells."""
    host = MemoryCodeHost(refs={"main": RefKind.BRANCH})
    for line in bodies.read_bytes().splitlines():
        event, _, body = line.split(b"\t")
        told = read(
            Delivery(
                id=DeliveryId(""),
                event=event.decode(),
                repo=None,
                received_at=clock.now(),
                body=body,
            )
        )
        if isinstance(told, RunReported):
            host.repositories[told.repo.id] = told.repo
            host.runs[told.run.id] = told.run
            job = _job(told)
            host.jobs_of[told.run.id] = {job.name: job}
            if job.red:
                host.logs[job.id] = LOG
    return host


def _job(told: RunReported) -> Job:
    conclusion = told.run.conclusion or Conclusion.UNKNOWN
    return Job(
        id=JobId(told.run.id),
        run=told.run.id,
        attempt=told.run.attempt,
        name="build",
        status=Status.COMPLETED,
        conclusion=conclusion,
        steps=(Step(number=1, name="Build and push", conclusion=conclusion),),
    )


async def _ready() -> Readiness:
    return Readiness(found={}, needed=frozenset())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as `serve` does
        runner.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
