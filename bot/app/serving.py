"""Runs one process of the bot until it is told to stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

import structlog

from bot.adapters.github.payloads import read
from bot.adapters.github.webhook import Webhook
from bot.adapters.storage.intake import GroupCommit
from bot.adapters.storage.store import Apart
from bot.adapters.web.door import GITHUB, Handler
from bot.app.assembly import Assembled, Policies, assemble
from bot.app.base import Base, open_base
from bot.app.counting import CountedRoutes, counted_intake
from bot.app.heartbeat import heartbeat
from bot.app.listening import Listening
from bot.app.outside import Outside, heard, open_outside
from bot.app.rounds import rounds
from bot.app.standing import GitHubStanding, Standing
from bot.app.tenure import STOPPED_WITHIN
from bot.app.waking import open_waker
from bot.config.environment import Environment
from bot.config.values import Role
from bot.domain.person import Platform
from bot.domain.work import DueKind, Queue
from bot.ports.finding import Finding
from bot.worker import Worker

log = structlog.get_logger()

ASKS: Final = frozenset({Queue.TRIAGE, Queue.GITHUB})
SPEAKS: Final = frozenset({Queue.CHAT})
DEAF_WITHIN: Final = timedelta(seconds=4)  # presses that are being noted down are acknowledged
QUIET_WITHIN: Final = timedelta(seconds=1)

Works = Mapping[str, Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Running:
    """A bot at work."""

    url: str
    """Where its web door is."""
    ready: Callable[[], Awaitable[Mapping[str, Finding]]]
    ended: Callable[[], Awaitable[None]]
    """Returns only by raising why the bot can't go on."""


async def serve(env: Environment, policies: Policies, *, stop: asyncio.Event) -> None:
    """Run until *stop* is set; then take no more work, finish or leave what there is.

    Raises:
        PermanentError: The database is held by another, or the address is taken.
    """
    living = asyncio.create_task(_live(env, policies))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait([living, stopped], return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not living.done():
        log.info("stopping")
        living.cancel()
        await asyncio.wait([living])
    if not living.cancelled():
        living.result()  # its failure is ours: better restarted than alive and idle


async def _live(env: Environment, policies: Policies) -> None:
    async with running(env, policies) as bot:
        log.info("serving", url=bot.url, roles=",".join(env.roles))
        await bot.ended()


@asynccontextmanager
async def running(env: Environment, policies: Policies) -> AsyncIterator[Running]:
    """Run a bot for as long as the block lasts."""
    async with AsyncExitStack() as stack:
        base = await stack.enter_async_context(open_base(env))
        parts = await _assembled(stack, base, policies)
        presence, look = base.presence, parts.standing.findings
        await presence.beat(look)
        stack.push_async_callback(presence.leave)
        beats = presence.beat_forever(look, found_dead=parts.worker.sweep_soon)
        for works, within in (
            ({"beat": beats}, QUIET_WITHIN),
            (_rounds(base, parts, policies), QUIET_WITHIN),
            (_works(base, parts), STOPPED_WITHIN),
            (_ears(base, parts), DEAF_WITHIN),
        ):
            await stack.enter_async_context(base.crew.on_duty(works, within=within))
        _open_door(base, parts)
        stack.callback(base.door.shut)
        yield Running(base.url, look, base.crew.ended)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    bot: Assembled
    worker: Worker
    writer: GroupCommit
    outside: Outside
    ears: Mapping[Platform, Listening]
    standing: Standing


async def _assembled(stack: AsyncExitStack, base: Base, policies: Policies) -> _Parts:
    clock, presence = base.clock, base.presence
    writer = await stack.enter_async_context(GroupCommit(base.store))
    waking = await stack.enter_async_context(
        open_waker(base.env.database_url, base.store, clock, busy=writer.pouring)
    )
    github = GitHubStanding(clock)
    outside = await stack.enter_async_context(open_outside(base, policies, github.answered))
    bot = assemble(
        store=base.store,
        code_host=outside.github,
        platforms=outside.chats,
        policies=policies,
        read_event=read,
        clock=clock,
        counted=lambda routes: CountedRoutes(routes, base.metrics),
    )
    receive = presence.unhindered(bot.inbox.receive)
    ears = {name: Listening(name, outside.chats[name], receive) for name in heard(base.env)}
    return _Parts(
        bot=bot,
        worker=Worker(
            base.store,
            waking.waker,
            bot.due,
            clock,
            set_aside={DueKind.DELIVERY: bot.inbox.gave_up},
            note=base.metrics.worked,
            shared_commits=not base.store.is_shared,
        ),
        writer=writer,
        outside=outside,
        ears=ears,
        standing=Standing(
            store=Apart(base.store),
            clock=clock,
            process=base.process,
            presence=presence,
            crew=base.crew,
            github=github,
            ears=ears,
            connected=waking.connected,
        ),
    )


def _rounds(base: Base, parts: _Parts, policies: Policies) -> Works:
    """Return what says that we hear: where nobody takes deliveries we hear nothing."""
    works: dict[str, Coroutine[Any, Any, None]] = {}
    if base.env.serves(Role.WEB if policies.hearing.webhooks else Role.WORKER):
        hearing, pruning = parts.bot.hearing, parts.bot.pruning
        works["rounds"] = rounds(hearing.start, pruning.start, alive=hearing.alive)
    if policies.heartbeat and base.env.serves(Role.CHAT):
        works["heartbeat"] = base.presence.leading.during(
            partial(heartbeat, policies.heartbeat, parts.standing.well)
        )
    return works


def _works(base: Base, parts: _Parts) -> Works:
    """Return what this process works on in its roles, while it may."""
    run, presence = parts.worker.run, base.presence
    if not base.store.is_shared:
        return {"worker": presence.alive.during(run)}
    works: dict[str, Coroutine[Any, Any, None]] = {}
    if base.env.serves(Role.WORKER):
        works["worker"] = presence.alive.during(partial(run, ASKS))
    if base.env.serves(Role.CHAT):
        works["chat"] = presence.leading.during(partial(run, SPEAKS))
    return works


def _ears(base: Base, parts: _Parts) -> Works:
    """Return what hears each chat: Discord tells each press to every connection of a bot."""
    return {
        f"listen to {name}": base.presence.leading.during(ear.run)
        if name is Platform.DISCORD
        else ear.run()
        for name, ear in parts.ears.items()
    }


def _open_door(base: Base, parts: _Parts) -> None:
    async def metrics() -> bytes:
        found, now = await parts.standing.findings(), base.clock.now()
        leads = base.presence.leading.held
        base.metrics.show(parts.standing.overview, found, leads=leads, now=now)
        return base.metrics.page()

    secret = base.env.github_webhook_secret.get_secret_value()
    posts: dict[str, Handler] = {}
    if base.env.serves(Role.WEB):
        posts |= parts.outside.posts
    if base.env.serves(Role.WEB) and secret:
        store = counted_intake(parts.writer.store, base.metrics)
        webhook = Webhook(secret=secret, store=store, now=base.clock.now)
        posts[GITHUB] = webhook.handle
    base.door.open(
        posts,
        ready=parts.standing.readiness,
        metrics=metrics,
        stuck=lambda: base.presence.stuck,
    )
