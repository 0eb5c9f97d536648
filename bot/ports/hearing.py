"""Rows about how far we have heard, and when we heard nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.ids import DeliveryId, RepoId, RunId
from bot.domain.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a source was heard: a repository's runs, a hook's delivery log, our own life."""

    name: str
    heard_until: datetime
    """By the source's account: when the newest thing that it told of happened."""
    asked_at: datetime | None = None
    """When it last answered us."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """What a repository did while we heard nothing, and what we know of it now."""

    repo: RepoId
    runs: int
    failures: int


class HearingRows(Protocol):
    async def cursor(self, name: str) -> Cursor | None: ...

    async def cursors(self, prefix: str) -> Sequence[Cursor]: ...

    async def save_cursor(self, cursor: Cursor) -> None: ...

    async def open_blind(self, source: str, *, since: datetime) -> Blind:
        """Return the time without hearing that has not ended, begun if there is none."""
        ...

    async def blind(self, id: int) -> Blind | None: ...

    async def save_blind(self, blind: Blind) -> None: ...

    async def blinds(self, *, since: datetime) -> Sequence[Blind]:
        """Return those that had not ended then, the newest first."""
        ...

    async def recovered(self, blind: Blind) -> Sequence[Recovered]:
        """Count the runs that ended in a time without hearing and were heard of after it."""
        ...

    async def stored(self, ids: Collection[DeliveryId]) -> frozenset[DeliveryId]:
        """Return which deliveries have a row."""
        ...

    async def retold_waits(self, *, since: datetime) -> bool:
        """Whether something that we found out ourselves since then has not been judged yet."""
        ...

    async def known_runs(self, ids: Collection[RunId]) -> Mapping[RunId, Run]:
        """Return the newest attempt of each."""
        ...

    async def unfinished_runs(
        self, *, before: datetime, most: int, repo: RepoId | None = None
    ) -> Sequence[Run]:
        """Return newest attempts that have not ended and were last told of before then.

        The newest come first; those of one repository, where one is named.
        """
        ...
