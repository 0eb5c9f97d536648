"""Rows of messages that speak of more than one incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.ids import NoticeId
from bot.domain.incident import Incident
from bot.domain.storm import Tally
from bot.domain.subscription import Place
from bot.ports.rows import Card


class NoticeKind(StrEnum):
    DIGEST = "digest"  # many new incidents in a few minutes; source: when it was opened
    BLIND = "blind"  # we heard nothing for a while; source: id of that time


class NoticeState(StrEnum):
    WANTED = "wanted"
    SHOWN = "shown"
    DROPPED = "dropped"  # the channel is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message in one channel, drawn from what it speaks of."""

    id: NoticeId
    kind: NoticeKind
    source: str
    """What it speaks of; unique with kind and place, so that it is said once."""
    place: Place
    opened_at: datetime
    closed_at: datetime | None = None
    """When it stopped to grow; None while it gathers."""
    state: NoticeState = NoticeState.WANTED
    message: str = ""
    shown: str = ""
    """Digest of what the message shows; equal means there is nothing to edit."""
    tries: int = 0
    """Posts or edits begun since one was last recorded; above 0: look before repeating."""
    tried_at: datetime | None = None
    called_at: datetime | None = None
    """When people were called for what it tells of; once."""


class NoticeRows(Protocol):
    async def notice(self, id: NoticeId) -> Notice | None: ...

    async def gathering(self, place: Place) -> Notice | None:
        """Return the digest of a channel that still gathers."""
        ...

    async def want_notice(self, notice: Notice) -> Notice:
        """Return the notice of that kind, source and place, made if new.

        Of digests a channel has one that gathers, whatever its source.
        """
        ...

    async def save_notice(self, notice: Notice) -> None: ...

    async def tallies(self, notice: NoticeId) -> Sequence[Tally]:
        """Return what a digest tells of, counted."""
        ...

    async def gathered(self, notice: NoticeId, *, most: int) -> Sequence[Incident]:
        """Return what a digest tells of, broken before ended and the newest first."""
        ...

    async def held_cards(self, notice: NoticeId, *, most: int) -> Sequence[Card]:
        """Return the cards held back of what is broken, the newest first."""
        ...
