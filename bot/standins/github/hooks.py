"""A registered webhook and what was delivered to it."""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from datetime import datetime

    from bot.standins.github.apps import App
    from bot.standins.github.repository import Repository
    from bot.standins.github.world import Account


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One try to tell one hook of one event; a redelivery is another with the same GUID."""

    id: int
    guid: str
    event: str
    payload: dict[str, object]
    delivered_at: datetime
    installation_id: int | None
    repository_id: int | None
    redelivery: bool = False
    status: str = "pending"
    status_code: int = 0
    seconds: float = 0.0
    request_headers: dict[str, str] = field(default_factory=dict)
    response_headers: dict[str, str] = field(default_factory=dict)
    response: str = ""

    @property
    def action(self) -> str | None:
        action = self.payload.get("action")
        return action if isinstance(action, str) else None


@dataclass(slots=True, kw_only=True, eq=False)
class Hook:
    """A webhook of a repository, of an organization or of an app."""

    id: int
    url: str
    secret: str
    events: frozenset[str]
    created_at: datetime
    repository: Repository | None = None
    app: App | None = None
    organization: Account | None = None
    content_type: Literal["json", "form"] = "json"
    deliveries: list[Delivery] = field(default_factory=list)

    def wants(self, event: str) -> bool:
        """Say whether it hears of this event; an app's hook hears of its installations anyway."""
        if self.app and event.startswith("installation"):
            return True
        return event == "ping" or "*" in self.events or event in self.events

    def body(self, payload: dict[str, object]) -> bytes:
        text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False)
        if self.content_type == "form":
            return urllib.parse.urlencode({"payload": text}).encode()
        return text.encode()

    def headers(self, delivery: Delivery, body: bytes) -> dict[str, str]:
        """Return the headers GitHub sends with this delivery, signatures included."""
        form = self.content_type == "form"
        target = self.app or self.organization or self.repository
        kind = "organization" if self.organization else "repository"
        return {
            "Accept": "*/*",
            "Content-Type": "application/x-www-form-urlencoded" if form else "application/json",
            "User-Agent": "GitHub-Hookshot/8f3c1d2",
            "X-GitHub-Delivery": delivery.guid,
            "X-GitHub-Event": delivery.event,
            "X-GitHub-Hook-ID": str(self.id),
            "X-GitHub-Hook-Installation-Target-ID": str(target.id if target else 0),
            "X-GitHub-Hook-Installation-Target-Type": "integration" if self.app else kind,
            "X-Hub-Signature": sign(self.secret, body, "sha1"),
            "X-Hub-Signature-256": sign(self.secret, body, "sha256"),
        }


def sign(secret: str, body: bytes, algorithm: Literal["sha1", "sha256"] = "sha256") -> str:
    """Return the signature header's value for a raw body."""
    return f"{algorithm}={hmac.new(secret.encode(), body, getattr(hashlib, algorithm)).hexdigest()}"
