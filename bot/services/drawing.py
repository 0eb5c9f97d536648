"""Making one message say what a row says, once, whatever fails between the act and its record."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from bot.domain.errors import BusyError, OperatorError, TransientError
from bot.domain.person import Platform
from bot.messages.views import View
from bot.ports.chat import ChatPlatform, MessageRef
from bot.ports.clock import Clock
from bot.ports.notices import Notice
from bot.ports.rows import Card

LOOK_BACK: Final = timedelta(days=1)

Row = TypeVar("Row", Card, Notice)


class Drawer(Generic[Row]):
    """Posts and edits; what is about to be done is committed first, and what was done after."""

    def __init__(
        self,
        platforms: Mapping[Platform, ChatPlatform],
        clock: Clock,
        *,
        patience: timedelta,
        save: Callable[[Row], Awaitable[Row]],
    ) -> None:
        """Draw rows that *save* keeps.

        Args:
            patience: After it, an unanswered request has acted or never will.
        """
        self._platforms = platforms
        self._clock = clock
        self._patience = patience
        self._save: Callable[[Row], Awaitable[Row]] = save

    async def wait(self, row: Row) -> datetime | None:
        """Return until when a try without an outcome may still act; None where none does."""
        if not row.tries or row.tried_at is None:
            return None
        now = self._clock.now()
        if now < row.tried_at:  # the clock was set back: nobody knows when that was
            await self._save(replace(row, tried_at=now - LOOK_BACK))
            return now + self._patience
        over = row.tried_at + self._patience
        return over if now < over else None

    async def find(self, row: Row, *, key: str, thread: str = "") -> MessageRef | None:
        """Look for what an unfinished try may have posted."""
        if row.tried_at is None:
            return None
        platform = self._platforms[row.place.platform]
        return await platform.find(row.place, key=key, since=row.tried_at, thread=thread)

    async def look_once_more(self, row: Row) -> datetime:
        """Forget what is shown, so that no late edit of a crashed try can freeze an old state."""
        await self._save(replace(row, shown="", tries=0, tried_at=None))
        return self._clock.now() + self._patience

    async def post(self, row: Row, view: View, *, key: str, unfinished: bool) -> Row:
        """Post *view* if the row has no message yet; after an unfinished try, look for it first."""
        if row.message:
            return row
        platform = self._platforms[row.place.platform]
        if unfinished and (found := await self.find(row, key=key)):
            # It shows what was true when it was posted, and what hangs on it is to be looked for.
            return await self._save(replace(row, message=found.message, shown=""))
        async with self.acting(row):
            posted = await platform.post(row.place, view, key=key)
        fresh = replace(row, message=posted.message, shown=digest_of(view))
        return await self._save(replace(fresh, tries=0, tried_at=None))

    async def edit(self, row: Row, view: View, *, urgent: bool, unfinished: bool = False) -> Row:
        """Show *view* instead, if it is another.

        Args:
            unfinished: Something else was tried and may have been done: that is not forgotten.

        Raises:
            NotFoundError: Somebody deleted the message.
        """
        if row.shown == digest_of(view):
            return row
        async with self.acting(row, since=row.tried_at if unfinished else None):
            ref = MessageRef(place=row.place, message=row.message)
            await self._platforms[row.place.platform].edit(ref, view, urgent=urgent)
        edited = replace(row, shown=digest_of(view))
        return await self._save(edited if unfinished else replace(edited, tries=0, tried_at=None))

    @asynccontextmanager
    async def acting(self, row: Row, *, since: datetime | None = None) -> AsyncIterator[None]:
        """Commit that something is about to be sent; what crashes now is looked for first.

        A plain refusal uncounts it: then nothing was done.

        Args:
            since: The moment of an earlier try, which is still to be looked for.
        """
        tried = replace(row, tries=row.tries + 1, tried_at=since or self._clock.now())
        try:
            await self._save(tried)
            yield
        except TransientError as error:
            if isinstance(error, OperatorError | BusyError) or error.after is not None:
                await self._save(row)
            raise


def digest_of(view: View) -> str:
    """Tell two drawings apart; views are values, so their text is their identity."""
    return hashlib.blake2b(repr(view).encode(), digest_size=12).hexdigest()
