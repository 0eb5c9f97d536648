"""Rows of messages that speak of more than one incident."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.ids import NoticeId
from bot.domain.subscription import Place


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


class NoticeRows(Protocol):
    async def notice(self, id: NoticeId) -> Notice | None: ...

    async def gathering(self, place: Place) -> Notice | None:
        """Return the digest of a channel that still gathers."""
        ...

    async def want_notice(self, notice: Notice) -> Notice:
        """Return the notice of that kind, source and place, made if new."""
        ...

    async def save_notice(self, notice: Notice) -> None: ...
