"""POST /github: verify, store, answer; nothing is processed before GitHub has its answer."""

import asyncio
import hashlib
import hmac
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from bot.adapters.github.payloads import repo_of
from bot.domain.errors import PermanentError, TransientError
from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId

MOST_BYTES: Final = 25_000_000  # GitHub sends no larger payload
MOST_HELD_BYTES: Final = 200_000_000  # of bodies whose signature is not checked yet
BODY_TIMEOUT: Final = timedelta(seconds=10)  # GitHub gives up after as long
COME_BACK: Final = timedelta(seconds=5)
SIGNATURE: Final = re.compile(r"sha256=[0-9a-f]{64}")
DELIVERY_ID: Final = re.compile(r"[\w.:-]{1,100}", re.ASCII)  # a UUID, by all that is known
EVENT: Final = re.compile(r"[a-z0-9_]{1,64}")
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

StoreDelivery = Callable[[Delivery], Awaitable[bool]]


class Webhook:
    """The handler of GitHub's deliveries.

    Args:
        store: Commits a delivery; False where it was known. Its TransientError is overload.
    """

    def __init__(self, *, secret: str, store: StoreDelivery, now: Callable[[], datetime]) -> None:
        if not secret:
            msg = "GITHUB_WEBHOOK_SECRET is empty, so that anybody could send deliveries."
            raise PermanentError(msg)
        self._secret = secret.encode()
        self._store = store
        self._now = now
        self._held_bytes = 0

    async def handle(self, request: web.Request) -> web.Response:
        signature = request.headers.get("X-Hub-Signature-256", "")
        if not SIGNATURE.fullmatch(signature):
            raise web.HTTPUnauthorized
        body = await self._body(request)
        if not hmac.compare_digest(signature, signed(body, secret=self._secret)):
            raise web.HTTPUnauthorized
        delivery = self._delivery(request, _json(request, body))
        try:
            new = await self._store(delivery)
        except TransientError as error:
            seconds = math.ceil((error.after or COME_BACK).total_seconds())
            raise web.HTTPServiceUnavailable(
                text="Too much at once; deliver it again later.",
                headers={"Retry-After": f"{seconds}"},
            ) from error
        return web.Response(status=202, text="Stored." if new else "Known already.")

    async def _body(self, request: web.Request) -> bytes:
        """Read the body, unless strangers have us hold too much already."""
        expected = request.content_length or MOST_BYTES
        if self._held_bytes + expected > MOST_HELD_BYTES:
            raise web.HTTPServiceUnavailable(
                text="Too much at once; deliver it again later.", headers={"Retry-After": "10"}
            )
        self._held_bytes += expected
        try:
            return await _body(request)
        finally:
            self._held_bytes -= expected

    def _delivery(self, request: web.Request, body: bytes) -> Delivery:
        try:
            repo = repo_of(body)
        except PermanentError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return Delivery(
            id=DeliveryId(_header(request.headers, "X-GitHub-Delivery", DELIVERY_ID)),
            event=_header(request.headers, "X-GitHub-Event", EVENT),
            repo=repo,
            received_at=self._now(),
            body=body,
        )


def signed(body: bytes, *, secret: bytes) -> str:
    """Return the signature header of *body*."""
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


async def _body(request: web.Request) -> bytes:
    too_large = web.HTTPRequestEntityTooLarge(
        max_size=MOST_BYTES, actual_size=request.content_length or MOST_BYTES
    )
    if (request.content_length or 0) > MOST_BYTES:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT.total_seconds()):
            async for block in request.content.iter_any():
                body += block
                if len(body) > MOST_BYTES:
                    raise too_large
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    return bytes(body)


def _json(request: web.Request, body: bytes) -> bytes:
    """Return the payload, whichever content type the hook is set to."""
    if request.content_type == JSON:
        return body
    if request.content_type != FORM:
        raise web.HTTPUnsupportedMediaType(text=f"Set the hook's content type to {JSON}.")
    try:
        form = parse_qs(body.decode("ascii"), max_num_fields=10)
        return form["payload"][0].encode()
    except (ValueError, KeyError) as error:
        raise web.HTTPBadRequest(text="The form has no payload.") from error


def _header(headers: Mapping[str, str], name: str, form: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if not form.fullmatch(value):
        raise web.HTTPBadRequest(text=f"The header {name} is missing or malformed.")
    return value
