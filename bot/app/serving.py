"""Runs a bot until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.adapters.clock import SystemClock
from bot.adapters.github.payloads import read
from bot.adapters.github.webhook import Webhook
from bot.adapters.storage.alone import hold_alone
from bot.adapters.storage.intake import GroupCommit
from bot.adapters.storage.store import SqlStore
from bot.adapters.wakers.embedded import EmbeddedWaker
from bot.adapters.web.app import application, serving
from bot.app.assembly import Policies, assemble
from bot.app.outside import Connected, Outside, open_outside
from bot.config.environment import Environment
from bot.domain.errors import OperatorError, PermanentError
from bot.ports.chat import Receive
from bot.ports.finding import Finding
from bot.worker import Worker

log = structlog.get_logger()

FINISH_WITHIN: Final = timedelta(seconds=8)  # what runs may end by itself; the rest is left due
OPERATOR_ACTS: Final = timedelta(minutes=1)  # how soon we try what only they can mend
LISTEN_AGAIN: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Running:
    """A bot at work."""

    url: str
    """Where its web door is."""
    ready: Callable[[], Awaitable[Mapping[str, Finding]]]
    working: "asyncio.Task[None]"
    """Ends only when the bot does."""


async def serve(env: Environment, policies: Policies, *, stop: asyncio.Event) -> None:
    """Run until *stop* is set; then take no more work, finish or leave what there is.

    Raises:
        PermanentError: The database is held by another, or the address is taken.
    """
    async with running(env, policies) as bot:
        log.info("serving", url=bot.url)
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait([stopped, bot.working], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if bot.working.done():
            await bot.working  # its failure is ours: better restarted than alive and idle
        log.info("stopping")


@asynccontextmanager
async def running(env: Environment, policies: Policies) -> AsyncIterator[Running]:
    """Run a bot for as long as the block lasts."""
    clock = SystemClock()
    waker = EmbeddedWaker(clock)
    store = SqlStore(env.database_url, waker=waker)
    async with AsyncExitStack() as stack:
        if store.file is not None:
            stack.enter_context(hold_alone(store.file))
        await stack.enter_async_context(store)
        if store.file is not None:
            async with store.begin() as tx:  # nobody else lives, so no claim is anybody's
                await tx.free_claims(now=clock.now())
        writer = await stack.enter_async_context(GroupCommit(store))
        outside = await stack.enter_async_context(open_outside(env, clock))
        bot = assemble(
            store=store,
            code_host=outside.github,
            platforms=outside.chats.platforms,
            policies=policies,
            read_event=read,
            clock=clock,
        )
        webhook = Webhook(
            secret=env.github_webhook_secret.get_secret_value(),
            store=writer.store,
            now=clock.now,
        )
        working = await stack.enter_async_context(
            _at_work(Worker(store, waker, bot.due, clock), outside, bot.inbox.receive)
        )
        ready = _readiness(store, outside, working)
        door = application(github=webhook.handle, ready=ready, routes=outside.chats.routes)
        url = await stack.enter_async_context(serving(door, host=env.host, port=env.port))
        yield Running(url, ready, working)


@asynccontextmanager
async def _at_work(
    worker: Worker, outside: Outside, receive: Receive
) -> AsyncIterator["asyncio.Task[None]"]:
    """Work and listen in the background; stop listening first, then let work finish."""
    working = asyncio.create_task(worker.run())
    listening = [
        asyncio.create_task(_listen(name, chat, receive))
        for name, chat in outside.chats.platforms.items()
    ]
    try:
        yield working
    finally:
        for task in listening:
            task.cancel()
        await asyncio.wait(listening or [working], timeout=FINISH_WITHIN.total_seconds() / 2)
        await _finish(working)


async def _finish(working: "asyncio.Task[None]") -> None:
    """Let what runs end by itself for a while; then leave it, its rows are still due."""
    working.cancel()
    await asyncio.wait([working], timeout=FINISH_WITHIN.total_seconds())
    if not working.done():
        working.cancel()
        await asyncio.wait([working], timeout=FINISH_WITHIN.total_seconds() / 2)


async def _listen(name: str, chat: Connected, receive: Receive) -> None:
    """Hear a chat for ever; one that refuses us is said once, and the rest goes on."""
    told = ""
    while True:
        try:
            await chat.listen(receive)
        except PermanentError as error:
            log.error("chat_refused", chat=name, why=str(error))
            return
        except OperatorError as error:
            if str(error) != told:
                log.error("operator_needed", chat=name, why=str(error))
            told = str(error)
            await asyncio.sleep(OPERATOR_ACTS.total_seconds())
        except Exception:
            log.exception("chat_broke", chat=name)
        await asyncio.sleep(LISTEN_AGAIN.total_seconds())


def _readiness(
    store: SqlStore, outside: Outside, working: "asyncio.Task[None]"
) -> Callable[[], Awaitable[Mapping[str, Finding]]]:
    async def ready() -> Mapping[str, Finding]:
        found = {"database": await _database(store), "worker": _worker(working)}
        for name, chat in outside.chats.platforms.items():
            words = "connected" if chat.connected else "not connected, so presses are not heard"
            found[name] = Finding(ok=chat.connected, text=f"{name.capitalize()} is {words}.")
        return found

    return ready


def _worker(working: "asyncio.Task[None]") -> Finding:
    alive = not working.done()
    return Finding(ok=alive, text="The worker works." if alive else "The worker has died.")


async def _database(store: SqlStore) -> Finding:
    try:
        async with store.read() as tx:
            await tx.next_due()
    except SQLAlchemyError as error:
        log.error("database_lost", why=str(error))
        return Finding(ok=False, text="The database does not answer; see the log.")
    return Finding(ok=True, text="The database answers.")
