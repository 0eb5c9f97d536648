"""Where things are: the API's own address, and that of the web pages."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from datetime import datetime

    from bot.standins.github.repository import Repository

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Urls:
    """Both without a final slash; *api* is the one that the request was sent to."""

    api: str
    web: str = "https://github.com"

    def repo(self, repository: Repository) -> str:
        return f"{self.api}/repos/{repository.full_name}"

    def page(self, repository: Repository) -> str:
        return f"{self.web}/{repository.full_name}"


def moment(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def node(kind: str, number: int) -> str:
    return base64.b64encode(f"0{len(kind)}:{kind}{number}".encode()).decode()


def path(name: str) -> str:
    return quote(name, safe="/")
