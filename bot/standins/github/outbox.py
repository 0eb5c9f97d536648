"""The sender of webhooks: in order for each hook, once, and never again by itself."""

from __future__ import annotations

import asyncio
import time
import uuid
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

import aiohttp

from bot.standins.github.hooks import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from bot.standins.github.hooks import Hook
    from bot.standins.github.views.urls import Json
    from bot.standins.github.world import World


class Outbox:
    """Queues of deliveries, one a hook, each with a task that sends them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queues: dict[Hook, asyncio.Queue[Delivery]] = {}
        self._senders: list[asyncio.Task[None]] = []
        self._lost: dict[str, int] = {}
        self._watchers: list[Callable[[Delivery], None]] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=self._world.limits.delivery_timeout.total_seconds())
        self._session = await self._stack.enter_async_context(
            aiohttp.ClientSession(timeout=timeout)
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for sender in self._senders:
            sender.cancel()
        await asyncio.gather(*self._senders, return_exceptions=True)
        await self._stack.aclose()

    def watch(self, callback: Callable[[Delivery], None]) -> None:
        """Call *callback* with each delivery when it is made."""
        self._watchers.append(callback)

    def lose_next(self, event: str, times: int) -> None:
        """Let the next deliveries of this event fail before they leave."""
        self._lost[event] = self._lost.get(event, 0) + times

    def put(
        self,
        hook: Hook,
        event: str,
        payload: Json,
        *,
        installation_id: int | None = None,
        repository_id: int | None = None,
    ) -> None:
        """Queue an event for a hook."""
        if len(hook.body(payload)) <= self._world.limits.payload_bytes:
            self._queue(
                hook,
                Delivery(
                    id=self._world.next_id("delivery"),
                    guid=str(uuid.uuid4()),
                    event=event,
                    payload=payload,
                    delivered_at=self._world.now(),
                    installation_id=installation_id,
                    repository_id=repository_id,
                ),
            )

    def again(self, hook: Hook, earlier: Delivery) -> None:
        """Queue a delivery once more, under the same GUID."""
        self._queue(
            hook,
            Delivery(
                id=self._world.next_id("delivery"),
                guid=earlier.guid,
                event=earlier.event,
                payload=earlier.payload,
                delivered_at=self._world.now(),
                installation_id=earlier.installation_id,
                repository_id=earlier.repository_id,
                redelivery=True,
            ),
        )

    async def settled(self) -> None:
        """Wait until everything queued was sent, or failed."""
        await asyncio.gather(*[queue.join() for queue in self._queues.values()])

    def _queue(self, hook: Hook, delivery: Delivery) -> None:
        for watcher in self._watchers:
            watcher(delivery)
        hook.deliveries.append(delivery)
        if hook not in self._queues:
            self._queues[hook] = asyncio.Queue()
            self._senders.append(asyncio.create_task(self._send_all(hook)))
        self._queues[hook].put_nowait(delivery)

    async def _send_all(self, hook: Hook) -> None:
        queue = self._queues[hook]
        while True:
            delivery = await queue.get()
            try:
                await self._send(hook, delivery)
            finally:
                queue.task_done()

    async def _send(self, hook: Hook, delivery: Delivery) -> None:
        body = hook.body(delivery.payload)
        delivery.request_headers = hook.headers(delivery, body)
        if self._lost.get(delivery.event, 0) > 0:
            self._lost[delivery.event] -= 1
            delivery.status = "failed to connect to host"
            return
        begun = time.monotonic()
        try:
            async with self._session.post(
                hook.url, data=body, headers=delivery.request_headers, allow_redirects=False
            ) as response:
                delivery.response = await response.text(errors="replace")
                delivery.status_code = response.status
                delivery.response_headers = dict(response.headers)
                fine = 200 <= response.status < 300  # noqa: PLR2004 - HTTP's own word for success
                delivery.status = "OK" if fine else f"Invalid HTTP Response: {response.status}"
        except TimeoutError:
            delivery.status = "timed out"
        except aiohttp.ClientError:
            delivery.status = "failed to connect to host"
        delivery.seconds = time.monotonic() - begun
