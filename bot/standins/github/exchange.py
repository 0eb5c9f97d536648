"""What went over the wire, for those who watch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its answer.

    Attributes:
        route: The path with the names of its parts, as GitHub's description writes it;
            None if there is no such path.
    """

    method: str
    path: str
    route: str | None
    parts: Mapping[str, str]
    query: Mapping[str, str]
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes
