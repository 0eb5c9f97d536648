"""POST /github: verify, store, answer; nothing is processed before GitHub has its answer."""

import asyncio
import hmac
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qs

from aiohttp import web

from bot.adapters.github.payloads import repo_of, settled
from bot.domain.errors import PermanentError, TransientError
from bot.domain.events import Delivery
from bot.domain.ids import DeliveryId

MOST_BYTES: Final = 25_000_000  # GitHub sends no larger payload
MOST_HELD_BYTES: Final = 200_000_000
BODY_TIMEOUT: Final = timedelta(seconds=10)  # GitHub gives up after as long
COME_BACK: Final = timedelta(seconds=5)
SIGNATURE: Final = re.compile(r"sha256=[0-9a-f]{64}")
DELIVERY_ID: Final = re.compile(r"[\w.:-]{1,100}", re.ASCII)  # a UUID, by all that is known
EVENT: Final = re.compile(r"[a-z0-9_]{1,64}")
JSON: Final = "application/json"
FORM: Final = "application/x-www-form-urlencoded"

STORED: Final = b"Stored."
KNOWN: Final = b"Known already."

StoreDelivery = Callable[[Delivery], Awaitable[bool]]


class Webhook:
    """The handler of GitHub's deliveries.

    Args:
        store: Commits a delivery; False where it was known. Its TransientError is overload.
        most_held_bytes: Of bodies that are still coming, so whose signature is not checked yet.
        body_within: How long a body may take to come.
    """

    def __init__(
        self,
        *,
        secret: str,
        store: StoreDelivery,
        now: Callable[[], datetime],
        most_held_bytes: int = MOST_HELD_BYTES,
        body_within: timedelta = BODY_TIMEOUT,
    ) -> None:
        if not secret:
            msg = "GITHUB_WEBHOOK_SECRET is empty, so that anybody could send deliveries."
            raise PermanentError(msg)
        self._secret = secret.encode()
        self._store = store
        self._now = now
        self._most_held_bytes = most_held_bytes
        self._body_within = body_within
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
            raise _come_back(error.after or COME_BACK) from error
        return web.Response(status=202, body=STORED if new else KNOWN)

    async def _body(self, request: web.Request) -> bytes:
        """Read the body, unless strangers have us hold too much already.

        Only what has come counts: a stranger who promises much and sends nothing holds nothing.
        """
        length, content = request.content_length or 0, request.content
        if length > MOST_BYTES:
            raise _too_large(length)
        if content.is_eof():  # most come whole with their headers
            return content.read_nowait()
        body = bytearray()
        try:
            async with asyncio.timeout(self._body_within.total_seconds()):
                async for block in content.iter_any():
                    self._held_bytes += len(block)
                    body += block
                    if len(body) > MOST_BYTES:
                        raise _too_large(len(body))
                    if self._held_bytes > self._most_held_bytes:
                        raise _come_back(self._body_within)
        except TimeoutError as error:
            raise web.HTTPRequestTimeout from error
        finally:
            self._held_bytes -= len(body)
        return bytes(body)

    def _delivery(self, request: web.Request, body: bytes) -> Delivery:
        try:
            repo = repo_of(body)
        except PermanentError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        delivery = Delivery(
            id=DeliveryId(_header(request.headers, "X-GitHub-Delivery", DELIVERY_ID)),
            event=_header(request.headers, "X-GitHub-Event", EVENT),
            repo=repo,
            received_at=self._now(),
            body=body,
        )
        words = settled(delivery)
        return replace(delivery, settled=words) if words else delivery


def signed(body: bytes, *, secret: bytes) -> str:
    """Return the signature header of *body*."""
    return f"sha256={hmac.digest(secret, body, 'sha256').hex()}"


def _too_large(size: int) -> web.HTTPRequestEntityTooLarge:
    return web.HTTPRequestEntityTooLarge(max_size=MOST_BYTES, actual_size=size)


def _come_back(after: timedelta) -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(
        text="Too much at once; deliver it again later.",
        headers={"Retry-After": f"{math.ceil(after.total_seconds())}"},
    )


def _json(request: web.Request, body: bytes) -> bytes:
    """Return the payload, whichever content type the hook is set to."""
    # As GitHub writes it; to parse the header of each request would be seen in a profile.
    if request.headers.get("Content-Type") == JSON or request.content_type == JSON:
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
