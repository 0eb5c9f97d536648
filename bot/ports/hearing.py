"""Rows about how far we have heard, and when we heard nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a source was heard: a repository's runs, a hook's delivery log, our own life."""

    name: str
    heard_until: datetime | None = None
    asked_at: datetime | None = None
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blind:
    """A time in which a source told us nothing, and what was found out about it afterwards."""

    id: int
    source: str
    since: datetime
    until: datetime | None = None
    """None while it lasts."""
    runs: int = 0
    failures: int = 0
    said_at: datetime | None = None


class HearingRows(Protocol):
    async def cursor(self, name: str) -> Cursor | None: ...

    async def save_cursor(self, cursor: Cursor) -> None: ...

    async def open_blind(self, source: str, *, since: datetime) -> Blind:
        """Return the time without hearing that has not ended, begun if there is none."""
        ...

    async def blind(self, id: int) -> Blind | None: ...

    async def save_blind(self, blind: Blind) -> None: ...

    async def blinds(self, *, since: datetime) -> Sequence[Blind]: ...
