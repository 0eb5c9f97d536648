"""A restored bot finds what it posted after the backup, and posts it no second time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.adapters.memory.chat import MemoryChat
from bot.adapters.storage.backup import back_up, restore
from bot.adapters.storage.store import SqlStore
from bot.domain.ids import CardId, NoticeId
from bot.domain.person import Platform
from bot.domain.subscription import Subscription
from bot.domain.work import Due, DueKind
from bot.ports.hearing import Cursor
from bot.ports.notices import Notice, NoticeKind
from bot.ports.rows import CardState
from bot.services.access import AccessRules
from bot.services.blindness import LIFE
from bot.services.cards import Cards
from tests.contract.conftest import an_incident
from tests.contract.made import HERE, NOW, OPEN, REPOSITORY, RUN, TOLD, a_delivery

RULES = AccessRules(subscriptions=(Subscription(place=HERE, repositories=("*/*",), private=True),))
HOUR = timedelta(hours=1)


@dataclass
class HandClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class Bot:
    """One that runs on a database, and the card that it shows."""

    store: SqlStore
    chat: MemoryChat
    clock: HandClock
    card: CardId

    async def draw(self) -> list[str]:
        """Draw the card; return the keys of all that stands in the channel."""
        cards = Cards(self.store, {HERE.platform: self.chat}, RULES, self.clock)
        now, id = self.clock.now(), str(self.card)
        await cards.draw(Due(kind=DueKind.CARD, id=id, key="x", due_at=now, tries=1))
        return [message.key for message in self.chat.messages]


@asynccontextmanager
async def a_bot(tmp_path: Path) -> AsyncIterator[Bot]:
    """Run a bot that wants a card with two lines, and was heard of at NOW."""
    clock = HandClock()
    chat = MemoryChat(platform=Platform.SLACK, clock=clock)
    async with SqlStore(f"sqlite:///{tmp_path / 'old.db'}") as store:
        async with store.begin() as tx:
            await tx.save_repository(REPOSITORY)
            await tx.save_run(RUN)
            lane, incident = await an_incident(tx, replace(OPEN, opened_at=NOW - HOUR))
            await tx.place_run(RUN.id, lane)
            await tx.tell(replace(TOLD, incident=incident.id))
            await tx.tell(replace(TOLD, incident=incident.id, source="812/2"))
            await tx.save_cursor(Cursor(name=LIFE, heard_until=NOW))
            card = await tx.want_card(incident.id, HERE)
        yield Bot(store, chat, clock, card.id)


@asynccontextmanager
async def restored(bot: Bot, tmp_path: Path) -> AsyncIterator[Bot]:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    await restore(url, tmp_path / "backup.db")
    async with SqlStore(url) as store:
        yield replace(bot, store=store)


async def test_what_was_posted_since_the_backup_is_found(tmp_path: Path) -> None:
    async with a_bot(tmp_path) as bot:
        await back_up(str(bot.store.url), tmp_path / "backup.db")
        bot.clock.at += HOUR
        posted = await bot.draw()
    assert posted == ["card-1", "line-1-1", "line-1-2"]
    bot.clock.at += HOUR
    async with restored(bot, tmp_path) as again:
        assert await again.draw() == posted
        async with again.store.read() as tx:
            card = await tx.card(again.card)
    assert card
    assert (card.state, card.told, card.tries, card.tried_at) == (CardState.SHOWN, 2, 0, None)


async def test_a_line_told_since_the_backup_is_found(tmp_path: Path) -> None:
    """The backup knows the card's message."""
    async with a_bot(tmp_path) as bot:
        await bot.draw()
        async with bot.store.begin() as tx:
            card = await tx.card(bot.card)
            assert card
            await tx.save_card(replace(card, told=0))
        await back_up(str(bot.store.url), tmp_path / "backup.db")
    posted = [message.key for message in bot.chat.messages]
    bot.clock.at += HOUR
    async with restored(bot, tmp_path) as again:
        assert await again.draw() == posted


async def test_what_was_not_posted_is_posted(tmp_path: Path) -> None:
    async with a_bot(tmp_path) as bot:
        await back_up(str(bot.store.url), tmp_path / "backup.db")
    bot.clock.at += HOUR
    async with restored(bot, tmp_path) as again:
        assert await again.draw() == ["card-1", "line-1-1", "line-1-2"]


@pytest.mark.parametrize(
    ("life", "delivery", "since"),
    [
        pytest.param(NOW, NOW - HOUR, NOW, id="by-our-life"),
        pytest.param(NOW - HOUR, NOW, NOW, id="by-a-delivery"),
        pytest.param(None, None, NOW - HOUR, id="by-the-incident"),
    ],
)
async def test_one_looks_back_to_the_backup(
    tmp_path: Path, life: datetime | None, delivery: datetime | None, since: datetime
) -> None:
    """Nothing says when a backup was made but the newest that it knows of."""
    url, new = f"sqlite:///{tmp_path / 'old.db'}", f"sqlite:///{tmp_path / 'new.db'}"
    tried_at = NOW - 5 * HOUR
    async with SqlStore(url) as store:
        async with store.begin() as tx:
            if life:
                await tx.save_cursor(Cursor(name=LIFE, heard_until=life))
            await tx.save_cursor(Cursor(name="runs:7", heard_until=NOW + HOUR))
            if delivery:
                await tx.take_in([replace(a_delivery(), received_at=delivery)])
            _, incident = await an_incident(tx, replace(OPEN, opened_at=NOW - HOUR))
            card = await tx.want_card(incident.id, HERE)
            other = await tx.want_card(incident.id, replace(HERE, channel="C2"))
            await tx.save_card(replace(other, tries=3, tried_at=tried_at))
            third = await tx.want_card(incident.id, replace(HERE, channel="C3"))
            held = replace(third, state=CardState.HELD, notice=NoticeId(1))
            await tx.save_card(held)
            at = NOW - 2 * HOUR
            notice = await tx.want_notice(
                Notice(id=NoticeId(0), kind=NoticeKind.DIGEST, source="1", place=HERE, opened_at=at)
            )
        await back_up(url, tmp_path / "backup.db")
    await restore(new, tmp_path / "backup.db")
    async with SqlStore(new) as store, store.read() as tx:
        assert await tx.card(card.id) == replace(card, tries=1, tried_at=since)
        assert await tx.card(other.id) == replace(other, tries=3, tried_at=tried_at)
        assert await tx.card(held.id) == held, "nobody would take it for a fresh one any more"
        assert await tx.notice(notice.id) == replace(notice, tries=1, tried_at=since)
