"""Rate limits and faults, with the real client where it shows."""

from datetime import timedelta

import aiohttp
import discord
import pytest

from bot.standins.discord import Bucket, Cut, Rules
from bot.standins.discord.limits import RateLimits
from tests.standins.discord_town import Clock, Town, quiet_town, town

POST = "POST /channels/{channel}/messages"


def _tight(requests: int) -> Rules:
    return Rules(buckets={POST: Bucket(requests=requests, per=timedelta(seconds=5))})


def _headers(t: Town) -> dict[str, str]:
    return {"Authorization": f"Bot {t.discord.token}", "User-Agent": "DiscordBot (x, 1)"}


async def test_a_full_bucket_answers_429_with_everything_a_client_needs() -> None:
    clock = Clock()
    async with quiet_town(_tight(1), clock=clock) as t, aiohttp.ClientSession() as http:
        url = f"{t.discord.api_url}/channels/{t.builds.id}/messages"
        async with http.post(url, json={"content": "1"}, headers=_headers(t)) as first:
            assert (first.status, first.headers["X-RateLimit-Remaining"]) == (200, "0")
        async with http.post(url, json={"content": "2"}, headers=_headers(t)) as second:
            body = await second.json()
            shown = {name: second.headers[name] for name in ("Retry-After", "X-RateLimit-Scope")}
        clock.now += 5
        async with http.post(url, json={"content": "3"}, headers=_headers(t)) as third:
            assert third.status == 200

        assert second.status == 429
        assert (body["retry_after"], body["global"]) == (5.0, False)
        assert shown == {"Retry-After": "5", "X-RateLimit-Scope": "user"}
        assert second.headers["Via"]
        assert [m.content for m in t.builds.messages] == ["1", "3"]


def test_each_place_has_its_own_bucket_and_interactions_are_outside_the_global_limit() -> None:
    limits = RateLimits(Rules(requests_a_second=2, buckets=_tight(1).buckets), Clock())

    def take(place: str, *, counts: bool = True) -> bool:
        return limits.take(POST, place, counts_globally=counts).passed

    assert [take("1"), take("1", counts=False)] == [True, False]
    assert take("2")
    assert limits.take("GET /x", "", counts_globally=True).body["global"]
    assert take("3", counts=False)


async def test_the_real_client_waits_out_a_429() -> None:
    clock = Clock()
    rules = Rules(requests_a_second=3)
    async with town(rules, clock=clock) as t:
        clock.now += 2

        def second_passes(_: object) -> None:
            if t.discord.limits.refused:
                clock.now += 1

        t.discord.observe(second_passes)
        for n in range(4):
            await t.channel.send(f"{n}")

        assert t.discord.limits.refused == 1
        assert [m.content for m in t.builds.messages] == ["0", "1", "2", "3"]


async def test_a_cut_after_the_act_leaves_the_act_and_a_nonce_finds_it() -> None:
    async with town() as t:
        t.discord.cut_next("POST", "/channels/*/messages", when=Cut.AFTER)
        with pytest.raises(aiohttp.ClientError):
            await t.channel.send("once", nonce="n")
        again = await t.channel.send("once", nonce="n")

        assert [m.id for m in t.builds.messages] == [again.id]


async def test_a_cut_before_the_act_leaves_nothing() -> None:
    async with town() as t:
        t.discord.cut_next("POST", "/channels/*/messages", when=Cut.BEFORE)
        with pytest.raises(aiohttp.ClientError):
            await t.channel.send("lost")

        assert t.builds.messages == []


async def test_an_outage_refuses_everything_until_it_ends() -> None:
    async with town() as t:
        t.discord.down = True
        with pytest.raises(discord.DiscordServerError) as refused:
            await t.channel.send("a")
        t.discord.down = False
        t.discord.fail_next("POST", "/channels/*/messages", status=503, times=1)
        with pytest.raises(discord.DiscordServerError):
            await t.channel.send("b")
        await t.channel.send("c")

        assert refused.value.status == 503
        assert [m.content for m in t.builds.messages] == ["c"]
