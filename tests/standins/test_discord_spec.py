"""The check against Discord's own description is no empty one."""

from dataclasses import replace

import pytest

from bot.standins.discord import Exchange
from tests.standins.discord_town import town
from tests.vendor_specs.discord import FOLDER, MISSING, DiscordSpec

pytestmark = pytest.mark.skipif(FOLDER is None, reason=MISSING)


async def test_wrong_requests_and_answers_are_told() -> None:
    spec, seen = DiscordSpec(), list[Exchange]()
    async with town() as t:
        t.discord.observe(spec.look)
        t.discord.observe(seen.append)
        await t.channel.send("broken")
    assert (spec.looked_at, spec.problems) == (1, [])

    (good,) = seen
    broken = dict(good.answer)
    del broken["author"]
    spec.look(replace(good, request={"content": 5}))
    spec.look(replace(good, answer=broken))
    spec.look(replace(good, path="/channel/1/messages"))
    spec.look(replace(good, query={"with_respons": "1"}))
    spec.look(replace(good, status=403, answer={"error": "no"}))
    spec.look(replace(good, status=299))

    assert [problem.split(": ", 1)[1].split(" ")[0] for problem in spec.problems] == [
        "request:",
        "answer:",
        "the",
        "unknown",
        "answer:",
        "answer:",
        "the",
    ]
