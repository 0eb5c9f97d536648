"""Processes side by side on one PostgreSQL: who lives, who leads, who may still write."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.clock import SystemClock
from bot.adapters.storage.store import SqlStore
from bot.app.presence import Presence, Times, new_process
from bot.config.values import ALL_ROLES, Role
from bot.domain.errors import TransientError
from bot.domain.press import Press
from bot.domain.work import DueKind
from bot.ports.chat import Acknowledgement
from bot.ports.finding import Finding
from tests.contract.made import PRESS
from tests.postgres import Postgres

SHORT = Times(
    beat_every=timedelta(milliseconds=50),
    look_every=timedelta(milliseconds=50),
    holds_for=timedelta(seconds=1),
    buried_after=timedelta(seconds=1.5),
)
LONG = timedelta(minutes=5)

MakePeer = Callable[..., Awaitable["Peer"]]


async def look() -> Mapping[str, Finding]:
    return {"slack": Finding(ok=False, text="Slack is not connected.")}


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not happened():  # noqa: ASYNC110 - another process would have no event for us
            await asyncio.sleep(0.01)


class Peer:
    """One process, as far as it says that it lives."""

    def __init__(self, url: str, *roles: Role) -> None:
        self.process = new_process(roles or ALL_ROLES, SystemClock())
        self.store = SqlStore(url, process=self.process.id)
        self.presence = Presence(
            self.store, self.process, alone=not self.store.is_shared, times=SHORT
        )
        self.store.guard = self.presence.guard
        self.buried: list[str] = []
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        beats = self.presence.beat_forever(look, found_dead=lambda: self.buried.append("somebody"))
        self._beating = asyncio.create_task(beats)

    async def die(self) -> None:
        """End without a word."""
        if self._beating:
            self._beating.cancel()
            await asyncio.wait([self._beating])

    async def claim(self, id: str) -> object:
        now = datetime.now(UTC)
        async with self.store.begin() as tx:
            return await tx.claim(DueKind.CARD, id, now=now, lease=LONG)

    async def want(self, id: str) -> None:
        async with self.store.begin() as tx:
            await tx.due(DueKind.CARD, id, key=f"card:{id}", at=datetime.now(UTC))

    async def known(self) -> set[str]:
        async with self.store.read() as tx:
            return {one.id for one in await tx.processes()}


@pytest.fixture
async def peers(postgres: str) -> AsyncIterator[MakePeer]:
    async with AsyncExitStack() as stack:

        async def peer(*roles: Role) -> Peer:
            made = Peer(postgres, *roles)
            stack.push_async_callback(made.store.close)
            stack.push_async_callback(made.die)
            await made.known()  # the first connection takes longer than a beat may
            return made

        yield peer


async def test_one_leads_and_another_takes_over_when_it_dies(peers: MakePeer) -> None:
    first, second = await peers(), await peers()
    await first.presence.beat(look)
    assert first.presence.leading.held
    second.start()
    await until(lambda: second.presence.alive.held)
    assert not second.presence.leading.held

    await until(lambda: second.presence.leading.held)
    assert not first.presence.leading.held


async def test_only_a_chat_process_leads(peers: MakePeer) -> None:
    worker = await peers(Role.WORKER)
    await worker.presence.beat(look)

    assert (worker.presence.alive.held, worker.presence.leading.held) == (True, False)


async def test_the_dead_are_buried_and_what_they_held_is_free(peers: MakePeer) -> None:
    first, second = await peers(), await peers()
    await first.presence.beat(look)
    await first.want("7")
    assert await first.claim("7")
    second.start()
    await until(lambda: second.presence.alive.held)
    assert await second.claim("7") is None

    await until(lambda: second.buried)
    assert await second.known() == {second.process.id}
    assert await second.claim("7")


async def test_who_leaves_is_gone_at_once(peers: MakePeer) -> None:
    first, second = await peers(), await peers()
    await first.presence.beat(look)
    await first.want("7")
    await first.claim("7")
    await first.presence.leave()

    await second.presence.beat(look)
    assert second.presence.leading.held
    assert await second.known() == {second.process.id}
    assert await second.claim("7")


async def test_late_writes_of_one_who_was_silent_are_refused(peers: MakePeer) -> None:
    """A suspended process wakes up in the middle of a handler that another has done since."""
    peer = await peers()
    await peer.presence.beat(look)
    await peer.want("7")
    await until(lambda: not peer.presence.alive.held)
    with pytest.raises(TransientError, match="silent for too long"):
        await peer.want("8")

    await peer.presence.beat(look)
    await peer.want("9")
    async with peer.store.read() as tx:
        found = await tx.due_now(datetime.now(UTC), limit=9)
    assert [id for _, id, _ in found] == ["7", "9"]


async def test_a_press_is_noted_down_however_long_we_were_silent(peers: MakePeer) -> None:
    peer = await peers()
    await peer.presence.beat(look)
    await until(lambda: not peer.presence.alive.held)

    async def receive(press: Press) -> Acknowledgement:
        await peer.want(press.id)
        return Acknowledgement.QUIET

    assert await peer.presence.unhindered(receive)(PRESS) is Acknowledgement.QUIET
    with pytest.raises(TransientError):
        await peer.want("8")


async def test_who_comes_back_frees_what_it_held_and_begins_anew(
    peers: MakePeer,
) -> None:
    peer = await peers()
    await peer.presence.beat(look)
    await peer.want("7")
    await peer.claim("7")
    await until(lambda: not peer.presence.alive.held)

    await peer.presence.beat(look)
    assert peer.presence.leading.held
    assert await peer.claim("7")


async def test_after_an_outage_nobody_is_buried_for_it(
    bare_postgres: str, postgres_server: Postgres
) -> None:
    """Everyone was silent; whoever is back first must not take the rest for dead."""
    first, second = Peer(bare_postgres), Peer(bare_postgres)
    async with first.store, second.store:
        first.start()
        await second.presence.beat(look)
        await until(lambda: first.presence.alive.held)
        postgres_server.stop()
        await until(lambda: first.presence.trouble)
        await asyncio.sleep(SHORT.buried_after.total_seconds())
        postgres_server.start()
        await until(lambda: first.presence.alive.held)
        assert await first.known() == {first.process.id, second.process.id}
        await first.die()


async def test_its_row_says_how_it_does(peers: MakePeer) -> None:
    peer = await peers(Role.CHAT)
    await peer.presence.beat(look)
    async with peer.store.read() as tx:
        (row,) = await tx.processes()
        overview = await tx.overview(datetime.now(UTC))

    assert replace(row, started_at=row.seen_at) == replace(
        peer.process, seen_at=row.seen_at, started_at=row.seen_at, standing=await look()
    )
    assert overview.leaders == {"chat": peer.process.id}
    assert abs(overview.now - row.seen_at) < LONG


async def test_on_sqlite_a_new_start_leads_at_once(tmp_path: object) -> None:
    """Nobody else can live, whatever the rows of the one before say."""
    url = f"sqlite:///{tmp_path}/smokejumper.db"
    first, second = Peer(url), Peer(url)
    async with first.store:
        await first.presence.beat(look)
    async with second.store:
        await second.presence.beat(look)
        assert second.presence.leading.held
        await asyncio.sleep(SHORT.holds_for.total_seconds() * 1.5)
        assert second.presence.leading.held
        second.presence.guard()
        await second.presence.beat(look)
        assert await second.known() == {second.process.id}
