"""A deployment: what a job leaves behind that names an environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.standins.github.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """It names the commit, and not the run that made it."""

    id: int
    repository: Repository
    sha: str
    ref: str
    environment: str
    created_at: datetime
