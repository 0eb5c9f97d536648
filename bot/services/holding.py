"""New incidents in a channel: a card each, or in a storm one digest that speaks for many."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from bot.domain.ids import NoticeId
from bot.domain.incident import Incident
from bot.domain.storm import StormPolicy
from bot.domain.subscription import Place, Subscription
from bot.ports.notices import Notice, NoticeKind, NoticeRows
from bot.ports.rows import Card, CardState, TimelineRows
from bot.services.telling import Showing, draw_card, draw_notice, merging


class HoldingRows(NoticeRows, TimelineRows, Showing, Protocol):
    """Rows that decide whether a card is held back."""


async def open_cards(
    tx: HoldingRows,
    incident: Incident,
    audience: Iterable[Subscription],
    *,
    storm: StormPolicy,
    at: datetime,
) -> None:
    """Want one card in each channel that hears of it, or hold it back for a digest."""
    for subscription in audience:
        card = await tx.want_card(incident.id, subscription.place)
        if card.state is CardState.SHOWN or card.tries:
            await draw_card(tx, card, at=at)  # people see it already, or are just about to
            continue
        digest = await _digest(tx, subscription.place, storm=storm, at=at)
        if digest is None:
            await release(tx, card, at=at)
        else:
            await _hold(tx, card, digest, at=at)


async def release(tx: HoldingRows, card: Card, *, at: datetime) -> None:
    """Want a card of its own, whose thread begins now: what was told elsewhere rings nobody.

    One that somebody else released, and that may be shown by now, stays as it is.
    """
    current = await tx.card(card.id)
    if current is None or current.state is CardState.SHOWN:
        return
    if current.state is not CardState.WANTED:
        story = await tx.timeline(current.incident, after=current.told)
        told = story[-1].seq if story else current.told
        fresh = replace(current, message="", thread="", shown="", told=told, tries=0, tried_at=None)
        await tx.save_card(replace(fresh, state=CardState.WANTED))
    await draw_card(tx, current, at=at)


async def _digest(
    tx: HoldingRows, place: Place, *, storm: StormPolicy, at: datetime
) -> Notice | None:
    """Return the digest that tells of one more incident; None where it is shown by itself."""
    gathering = await tx.gathering(place)
    if gathering is not None:
        return gathering
    most = storm.digest_from + 1
    if not storm.holds(await tx.fresh_cards(place, since=at - storm.window, most=most)):
        return None
    return await tx.want_notice(
        Notice(
            id=NoticeId(0),  # the store gives the next one
            kind=NoticeKind.DIGEST,
            source=at.isoformat(),
            place=place,
            opened_at=at,
        )
    )


async def _hold(tx: HoldingRows, card: Card, digest: Notice, *, at: datetime) -> None:
    held = replace(card, state=CardState.HELD, notice=digest.id, message="", thread="", shown="")
    await tx.save_card(held)
    begins = digest.opened_at == at
    await draw_notice(tx, digest.id, at=at if begins else at + await merging(tx))
