"""Showing what a digest holds back, because a person wants to see it in their channel."""

from datetime import timedelta
from typing import Final, Protocol

from bot.domain.ids import IncidentId, NoticeId
from bot.domain.subscription import Place
from bot.ports.clock import Clock
from bot.ports.store import Store
from bot.services.holding import HoldingRows, release
from bot.services.telling import draw_notice

EACH: Final = timedelta(milliseconds=1_200)  # a channel takes about one message a second
ALL: Final = 10_000


class UnfoldingTx(HoldingRows, Protocol):
    """Rows that change when a digest is unfolded."""


class Unfolding:
    def __init__(self, store: Store[UnfoldingTx], clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def unfold(self, incident: IncidentId, place: Place, *, most: int | None) -> int:
        """Show the cards that the digest of an incident holds back in a channel; return how many.

        Args:
            most: Show only so many, the newest; None for all.
        """
        async with self._store.begin() as tx:
            cards = await tx.cards(incident)
            told_by = next((card.notice for card in cards if card.place == place), None)
            if told_by is None:
                return 0
            return await self._release(tx, told_by, most=ALL if most is None else most)

    async def _release(self, tx: UnfoldingTx, digest: NoticeId, *, most: int) -> int:
        now = self._clock.now()
        held = await tx.held_cards(digest, most=most)
        for place_in_line, card in enumerate(held):
            await release(tx, card, at=now + EACH * place_in_line)
        await draw_notice(tx, digest, at=now)
        return len(held)
