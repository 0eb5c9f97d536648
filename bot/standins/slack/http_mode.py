"""HTTP mode: signed requests to the app's one address."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from urllib.parse import urlencode

from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.standins.slack.delivery import Kind
from bot.standins.slack.errors import UndeliveredError
from bot.standins.slack.limits import Limits
from bot.standins.slack.model import Json


class HttpMode:
    def __init__(
        self,
        url: str,
        secret: str,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.url = url
        self._secret = secret
        self._limits = limits
        self._clock = clock

    async def verify(self, token: str) -> None:
        """Ask the app to echo a challenge, as when someone saves the address.

        Raises:
            UndeliveredError: It did not.
        """
        challenge = hashlib.sha256(self.url.encode()).hexdigest()
        asked = {"type": "url_verification", "token": token, "challenge": challenge}
        answer = await self.send(Kind.EVENT, asked)
        if challenge not in (answer.get("challenge"), answer.get("text")):
            code = "challenge_failed"
            raise UndeliveredError(code)

    async def send(self, kind: Kind, payload: Json, *, retry: int = 0, reason: str = "") -> Json:
        body, content_type = _encoded(kind, payload)
        headers = {"Content-Type": content_type, **self.signed(body)}
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": reason}
        timeout = ClientTimeout(total=self._limits.ack_within.total_seconds())
        try:
            async with (
                ClientSession(timeout=timeout) as session,
                session.post(self.url, data=body, headers=headers) as response,
            ):
                text = await response.text()
        except TimeoutError as error:
            code = "operation_timeout"
            raise UndeliveredError(code) from error
        except ClientError as error:
            code = "dispatch_failed"
            raise UndeliveredError(code) from error
        if not response.ok:
            code = "http_service_error"
            raise UndeliveredError(code)
        return _decoded(text, is_json=response.content_type == "application/json")

    def signed(self, body: str) -> dict[str, str]:
        moment = str(int(self._clock()))
        base = f"v0:{moment}:{body}".encode()
        digest = hmac.new(self._secret.encode(), base, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}


def _encoded(kind: Kind, payload: Json) -> tuple[str, str]:
    form = "application/x-www-form-urlencoded"
    match kind:
        case Kind.EVENT:
            return json.dumps(payload), "application/json"
        case Kind.INTERACTIVE:
            return urlencode({"payload": json.dumps(payload)}), form
        case Kind.COMMAND:
            return urlencode(payload), form


def _decoded(text: str, *, is_json: bool) -> Json:
    """Return an answer as an object; plain text is what a command replies with."""
    if not text.strip():
        return {}
    if not is_json:
        return {"text": text}
    try:
        answer = json.loads(text)
    except json.JSONDecodeError as error:
        code = "dispatch_unknown_error"
        raise UndeliveredError(code) from error
    return answer if isinstance(answer, dict) else {}
