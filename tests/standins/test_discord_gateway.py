"""The gateway: signing in, losing the line, coming back."""

import json
import zlib
from datetime import timedelta
from typing import Any

import aiohttp
import discord
import pytest

from bot.standins.discord import Intent, Rules
from bot.standins.discord.gateway import Op
from tests.standins.discord_town import Client, Town, quiet_town, town


async def test_the_real_client_asks_for_zstd_and_reads_it() -> None:
    async with town() as t:
        assert t.discord.gateway.compressions == ["zstd-stream"]
        assert t.client.get_channel(t.builds.id) is not None


async def test_a_wrong_token_is_refused() -> None:
    async with quiet_town() as t:
        with pytest.raises(discord.LoginFailure):
            await t.client.start("wrong")
        await t.client.close()


async def test_an_intent_that_was_not_granted_ends_the_connection() -> None:
    async with quiet_town() as t:
        client = Client(intents=discord.Intents.all())
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await client.start(t.discord.token)
        await client.close()


async def test_message_content_is_for_those_who_were_granted_it() -> None:
    async def heard(client: Client, privileged: Intent | None) -> list[str]:
        async with town(client=client, privileged=privileged) as t:
            await t.discord.say(t.alice, t.builds.id, "is it broken?")
            await t.discord.say(t.alice, t.builds.id, f"<@{t.discord.bot.id}> hello")
            await t.channel.send("end")
            await t.client.hears("end")
            return [text.split()[-1] if text else text for text in client.heard]

    intents = discord.Intents.default()
    intents.message_content = True
    assert await heard(Client(), None) == ["", "hello", "end"]
    granted = await heard(Client(intents=intents), Intent.MESSAGE_CONTENT)
    assert granted == ["broken?", "hello", "end"]


async def test_a_broken_line_is_resumed_and_nothing_is_missed() -> None:
    async with town() as t:
        t.discord.gateway.drop()
        await t.discord.until(lambda: not t.discord.gateway.connections)
        await t.discord.say(t.alice, t.builds.id, f"<@{t.discord.bot.id}> while you were away")
        await t.discord.until(lambda: t.discord.gateway.sessions.resumed)
        await t.channel.send("end")
        await t.client.hears("end")

        assert [text.split()[-1] for text in t.client.heard] == ["away", "end"]
        assert (t.client.resumes, t.discord.gateway.sessions.identified) == (1, 1)


async def test_a_client_that_is_asked_to_reconnect_resumes() -> None:
    async with town() as t:
        t.discord.gateway.reconnect()
        await t.discord.until(lambda: t.discord.gateway.sessions.resumed)

        assert t.discord.gateway.sessions.identified == 1


async def test_an_invalid_session_starts_anew() -> None:
    async with town() as t:
        t.discord.gateway.invalidate()
        await t.discord.until(lambda: t.discord.gateway.sessions.identified > 1)

        assert t.discord.gateway.sessions.resumed == 0


async def test_a_session_that_forgot_too_much_can_not_be_resumed() -> None:
    async with town(Rules(replayed_events=2)) as t:
        t.discord.gateway.drop()
        await t.discord.until(lambda: not t.discord.gateway.connections)
        for _ in range(3):
            await t.discord.say(t.alice, t.builds.id, "more than it keeps")
        await t.discord.until(lambda: t.discord.gateway.sessions.identified > 1)

        assert t.discord.gateway.sessions.resumed == 0


async def test_the_client_sees_places_come_and_go() -> None:
    async with town() as t:
        news = t.discord.estate.add_channel(t.discord.guild, "news")
        t.discord.estate.remove_channel(t.builds)
        oncall = t.discord.estate.add_role(t.discord.guild, "oncall")
        await t.discord.say(t.alice, news.id, f"<@{t.discord.bot.id}> end")
        await t.client.hears("end")

        guild = t.client.get_guild(t.discord.guild.id)
        assert guild is not None
        assert [channel.name for channel in guild.text_channels] == ["news"]
        assert guild.get_role(oncall.id) is not None


async def _raw(t: Town, *frames: object, query: str = "v=10&encoding=json") -> int | None:
    """Send frames and return the code with which the gateway closes."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(f"{t.discord.gateway_url}/?{query}") as socket,
    ):
        for frame in frames:
            await socket.send_str(frame if isinstance(frame, str) else json.dumps(frame))
        while not socket.closed:
            await socket.receive(timeout=10)
        return socket.close_code


def _identify(t: Town, **changes: object) -> dict[str, Any]:
    data = {"token": t.discord.token, "intents": 1, "properties": {}} | changes
    return {"op": Op.IDENTIFY, "d": data}


async def test_bad_manners_close_the_socket_with_a_code() -> None:
    async with quiet_town() as t:
        good = _identify(t)

        assert await _raw(t, {"op": 99, "d": None}) == 4001
        assert await _raw(t, "{") == 4002
        assert await _raw(t, {"op": Op.PRESENCE, "d": {}}) == 4003
        assert await _raw(t, _identify(t, token="no")) == 4004
        assert await _raw(t, good, good) == 4005
        assert await _raw(t, query="v=9&encoding=json") == 4012
        assert await _raw(t, _identify(t, intents=1 << 40)) == 4013
        assert await _raw(t, _identify(t, intents=int(Intent.MESSAGE_CONTENT))) == 4014


async def test_silence_times_out() -> None:
    async with quiet_town(Rules(heartbeat=timedelta(milliseconds=50))) as t:
        assert await _raw(t, _identify(t)) == 4009


async def test_zlib_is_one_stream_over_the_connection() -> None:
    async with quiet_town() as t, aiohttp.ClientSession() as http:
        url = f"{t.discord.gateway_url}/?v=10&encoding=json&compress=zlib-stream"
        async with http.ws_connect(url) as socket:
            unpack = zlib.decompressobj()
            await socket.send_str(json.dumps(_identify(t)))
            frames = [
                json.loads(unpack.decompress((await socket.receive(timeout=10)).data))
                for _ in range(3)
            ]

    assert frames[0]["op"] == Op.HELLO
    assert [frame["t"] for frame in frames[1:]] == ["READY", "GUILD_CREATE"]


async def test_a_session_hears_only_what_it_asked_for() -> None:
    async with quiet_town() as t, aiohttp.ClientSession() as http:
        url = f"{t.discord.gateway_url}?v=10&encoding=json"
        async with http.ws_connect(url) as socket:
            await socket.send_str(json.dumps(_identify(t, intents=int(Intent.GUILDS))))
            await t.discord.online()
            await t.discord.say(t.alice, t.builds.id, "not heard")
            t.discord.estate.add_channel(t.discord.guild, "news")
            frames = [json.loads((await socket.receive(timeout=10)).data) for _ in range(4)]

    assert [frame["t"] for frame in frames[1:]] == ["READY", "GUILD_CREATE", "CHANNEL_CREATE"]
