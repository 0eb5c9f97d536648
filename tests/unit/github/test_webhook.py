"""The door: what gets in, what is turned away, and that storing is all that happens there."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web

from bot.adapters.github.webhook import Webhook, signed
from bot.adapters.web.door import Door, Readiness
from bot.adapters.web.server import serving
from bot.domain.errors import PermanentError, TransientError
from bot.domain.events import Delivery
from tests import payloads
from tests.payload_parts import NOON, number_of

SECRET = "It's a Secret to Everybody"
BODY = json.dumps(payloads.workflow_run()).encode()
GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"


@dataclass
class Inbox:
    """What was stored, and whether there is room for more."""

    stored: list[Delivery] = field(default_factory=list)
    full: TransientError | None = None

    async def store(self, delivery: Delivery) -> bool:
        if self.full:
            raise self.full
        known = any(other.id == delivery.id for other in self.stored)
        if not known:
            self.stored.append(delivery)
        return not known


@asynccontextmanager
async def door(inbox: Inbox, **limits: Any) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    async def ready() -> Readiness:
        return Readiness(found={}, needed=frozenset())

    webhook = Webhook(secret=SECRET, store=inbox.store, now=lambda: NOON, **limits)
    opened = Door()
    opened.open({"/github": webhook.handle}, ready=ready)
    async with (
        serving(opened.application(), host="127.0.0.1", port=0) as url,
        aiohttp.ClientSession() as session,
    ):
        yield session, url


def headers(body: bytes = BODY, **changed: str | None) -> dict[str, str]:
    said = {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": GUID,
        "X-GitHub-Event": "workflow_run",
        "X-Hub-Signature-256": signed(body, secret=SECRET.encode()),
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return {name: value for name, value in said.items() if value is not None}


async def post(inbox: Inbox, body: bytes, said: dict[str, str]) -> tuple[int, str]:
    async with (
        door(inbox) as (session, url),
        session.post(f"{url}/github", data=body, headers=said) as response,
    ):
        return response.status, await response.text()


def test_the_signature_is_githubs_own_example() -> None:
    assert signed(b"Hello, World!", secret=SECRET.encode()) == (
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    )


def test_an_empty_secret_is_refused_at_the_start() -> None:
    with pytest.raises(PermanentError, match="GITHUB_WEBHOOK_SECRET"):
        Webhook(secret="", store=Inbox().store, now=lambda: NOON)


async def test_a_delivery_is_stored_then_accepted() -> None:
    inbox = Inbox()
    assert await post(inbox, BODY, headers()) == (202, "Stored.")
    [stored] = inbox.stored
    assert (stored.id, stored.event, stored.body) == (GUID, "workflow_run", BODY)
    assert (stored.repo, stored.received_at) == (number_of("acme/app"), NOON)


async def test_the_same_delivery_again_is_welcome_and_changes_nothing() -> None:
    inbox = Inbox()
    await post(inbox, BODY, headers())
    assert await post(inbox, BODY, headers()) == (202, "Known already.")
    assert len(inbox.stored) == 1


async def test_a_hook_set_to_forms_is_read_too() -> None:
    inbox = Inbox()
    body = urlencode({"payload": BODY.decode()}).encode()
    said = headers(body, Content_Type="application/x-www-form-urlencoded")
    assert (await post(inbox, body, said))[0] == 202
    assert inbox.stored[0].body == BODY


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(None, id="missing"),
        pytest.param("", id="empty"),
        pytest.param("sha256=" + "0" * 64, id="wrong"),
        pytest.param(signed(BODY, secret=b"other"), id="other-secret"),
        pytest.param(signed(BODY, secret=SECRET.encode()).upper(), id="misspelt"),
        pytest.param("sha1=" + "0" * 40, id="weaker"),
        pytest.param("sha256=é" + "0" * 63, id="not-ascii"),
    ],
)
async def test_a_forged_delivery_learns_nothing(signature: str | None) -> None:
    inbox = Inbox()
    said = headers(X_Hub_Signature_256=signature, X_GitHub_Delivery=None)
    assert await post(inbox, b"{" + BODY, said) == (401, "401: Unauthorized")
    assert inbox.stored == []


@pytest.mark.parametrize(
    ("body", "changed", "status", "told"),
    [
        pytest.param(b"{", {}, 400, "no JSON object", id="malformed"),
        pytest.param(b"[]", {}, 400, "no JSON object", id="no-object"),
        pytest.param(b"", {}, 400, "no JSON object", id="nothing"),
        pytest.param(BODY, {"X_GitHub_Delivery": None}, 400, "X-GitHub-Delivery", id="no-id"),
        pytest.param(BODY, {"X_GitHub_Delivery": "x" * 101}, 400, "X-GitHub-Del", id="long-id"),
        pytest.param(BODY, {"X_GitHub_Event": None}, 400, "X-GitHub-Event", id="no-event"),
        pytest.param(BODY, {"X_GitHub_Event": "../x"}, 400, "X-GitHub-Event", id="odd-event"),
        pytest.param(BODY, {"Content_Type": "text/xml"}, 415, "application/json", id="xml"),
        pytest.param(
            b"a=1",
            {"Content_Type": "application/x-www-form-urlencoded"},
            400,
            "no payload",
            id="empty-form",
        ),
    ],
)
async def test_what_cant_be_a_delivery_is_told_why(
    body: bytes, changed: dict[str, str | None], status: int, told: str
) -> None:
    inbox = Inbox()
    answer = await post(inbox, body, headers(body, **changed))
    assert answer[0] == status
    assert told in answer[1]
    assert inbox.stored == []


async def test_more_than_github_sends_is_not_read() -> None:
    inbox = Inbox()
    body = b" " * 25_000_001
    async with door(inbox) as (session, url):
        large = BytesIO(body)
        async with session.post(f"{url}/github", data=large, headers=headers(body)) as response:
            assert response.status == 413

        async def unsized() -> AsyncIterator[bytes]:
            for _ in range(26):
                yield b" " * 1_000_000

        async with session.post(f"{url}/github", data=unsized(), headers=headers(body)) as response:
            assert response.status == 413
    assert inbox.stored == []


@asynccontextmanager
async def dripping(url: str, *, promised: int, sent: int) -> AsyncIterator[asyncio.StreamReader]:
    """A stranger who promises a body and stops in the middle of it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    said = "\r\n".join(f"{name}: {value}" for name, value in headers().items())
    head = f"POST /github HTTP/1.1\r\nHost: x\r\nContent-Length: {promised}\r\n{said}\r\n\r\n"
    writer.write(head.encode() + b" " * sent)
    try:
        yield reader
    finally:
        writer.close()
        await writer.wait_closed()


async def pieces() -> AsyncIterator[bytes]:
    """A delivery that does not come whole with its headers."""
    for start in range(0, len(BODY), 1_000):
        yield BODY[start : start + 1_000]
        await asyncio.sleep(0)


async def test_who_promises_much_and_sends_little_keeps_nobody_out() -> None:
    inbox = Inbox()
    async with door(inbox, most_held_bytes=100_000) as (session, url), AsyncExitStack() as crowd:
        for _ in range(20):
            await crowd.enter_async_context(dripping(url, promised=25_000_000, sent=10))
        async with session.post(f"{url}/github", data=BODY, headers=headers()) as response:
            assert response.status == 202


async def test_bodies_that_still_come_are_held_up_to_a_bound() -> None:
    inbox = Inbox()
    async with door(inbox, most_held_bytes=100_000) as (session, url):
        async with dripping(url, promised=25_000_000, sent=500_000) as stranger:
            assert b" 503 " in await stranger.readline()
        async with session.post(f"{url}/github", data=pieces(), headers=headers()) as response:
            assert response.status == 202, "what was held is let go"


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    inbox = Inbox()
    async with (
        door(inbox, body_within=timedelta(milliseconds=20)) as (_, url),
        dripping(url, promised=10_000, sent=10) as stranger,
    ):
        assert b" 408 " in await stranger.readline()
    assert inbox.stored == []


async def test_a_body_in_pieces_is_put_together() -> None:
    inbox = Inbox()
    async with (
        door(inbox) as (session, url),
        session.post(f"{url}/github", data=pieces(), headers=headers()) as response,
    ):
        assert response.status == 202
    assert inbox.stored[0].body == BODY


async def test_what_changes_nothing_is_settled_at_the_door() -> None:
    inbox = Inbox()
    body = json.dumps(payloads.workflow_job(conclusion="success")).encode()
    await post(inbox, body, headers(body, X_GitHub_Event="workflow_job"))
    await post(inbox, BODY, headers(X_GitHub_Delivery="another"))
    assert [one.settled for one in inbox.stored] == ["not red", ""]


async def test_overload_is_said_and_says_when_to_come_back() -> None:
    inbox = Inbox(full=TransientError("full", after=timedelta(seconds=1.5)))
    async with (
        door(inbox) as (session, url),
        session.post(f"{url}/github", data=BODY, headers=headers()) as response,
    ):
        assert (response.status, response.headers["Retry-After"]) == (503, "2")


async def test_a_taken_port_is_named() -> None:
    async with door(Inbox()) as (_, url):
        port = int(url.rpartition(":")[2])
        second = serving(web.Application(), host="127.0.0.1", port=port)
        with pytest.raises(PermanentError, match=f"127.0.0.1:{port}"):
            await second.__aenter__()
