"""A published release, as far as its tag and name go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.standins.github.repository import Repository
    from bot.standins.github.world import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    id: int
    repository: Repository
    tag: str
    author: Account
    published_at: datetime
    prerelease: bool = False
