"""Posts the sample card, the way that `serve` posts real ones."""

import secrets
from collections.abc import Iterable

from bot.app.outside import open_chats
from bot.cli.alerting.report import Report
from bot.config.environment import Environment
from bot.domain.errors import SmokejumperError
from bot.domain.subscription import Place
from bot.messages.sample import sample_card
from bot.ports.chat import ChatPlatform
from bot.ports.clock import Clock
from bot.ports.finding import Finding


async def post_samples(
    env: Environment, places: Iterable[Place], clock: Clock, report: Report
) -> None:
    """Post a sample card into each of *places*, and tell how it went."""
    async with open_chats(env, clock) as chats:
        for place in places:
            report.tell(await _post(chats.platforms[place.platform], place))


async def _post(chat: ChatPlatform, place: Place) -> Finding:
    where = f"{place.platform.capitalize()} channel {place.channel}"
    # Discord shows a key that it has met in the last minutes as the message posted then.
    key = f"test-{secrets.token_hex(8)}"
    try:
        await chat.post(place, sample_card(), key=key)
    except SmokejumperError as error:
        return Finding(ok=False, text=f"{where} got no sample card: {error}")
    return Finding(ok=True, text=f"{where} has a sample card.")
