"""Messages, through the real client."""

import io
from datetime import timedelta

import aiohttp
import discord
import pytest

from bot.standins.discord import Permission, Rules
from tests.standins.discord_town import Clock, town


def _code(refused: pytest.ExceptionInfo[discord.HTTPException]) -> int:
    return refused.value.code


async def test_a_message_comes_back_as_it_was_sent() -> None:
    async with town() as t:
        embed = discord.Embed(title="CI", description="503", colour=0xCC0000)
        embed.add_field(name="run", value="812")
        view = discord.ui.View(timeout=None)
        view.add_item(discord.ui.Button(label="Retry", custom_id="retry:1"))
        view.add_item(discord.ui.Button(label="Open", url="https://ci.example/812"))
        sent = await t.channel.send("broken", embed=embed, view=view)

        read = await t.channel.fetch_message(sent.id)

        assert (read.content, read.embeds, read.author.id) == ("broken", [embed], t.discord.bot.id)
        shown = t.discord.text_of(t.builds.messages[0]).splitlines()
        assert shown == ["broken", "CI", "503", "run: 812", "[Retry] [Open]"]


async def test_history_is_paged_newest_first() -> None:
    async with town() as t:
        sent = [await t.channel.send(f"{n}") for n in range(4)]

        before = [m.content async for m in t.channel.history(limit=2, before=sent[3])]
        after = [m.content async for m in t.channel.history(limit=2, after=sent[0])]

        assert (before, after) == (["2", "1"], ["1", "2"])


async def test_one_nonce_makes_one_message_for_a_while() -> None:
    """The client sends `enforce_nonce` with every nonce."""
    clock = Clock()
    async with town(Rules(nonce_memory=timedelta(minutes=3)), clock=clock) as t:
        first = await t.channel.send("once", nonce="card-12")
        again = await t.channel.send("once", nonce="card-12")
        clock.now += 181
        later = await t.channel.send("once", nonce="card-12")

        assert first.id == again.id != later.id
        assert t.discord.count("post", nonce="card-12") == 2


async def test_only_allowed_mentions_call_and_an_edit_never_does() -> None:
    async with town() as t:
        oncall = t.discord.estate.add_role(t.discord.guild, "oncall", mentionable=True)
        text = f"@everyone <@{t.alice.id}> <@{t.bo.id}> <@&{oncall.id}>"
        just_alice = discord.AllowedMentions(
            everyone=True, users=[discord.Object(t.alice.id)], roles=False
        )
        quiet = await t.channel.send(text)
        await t.channel.send(text, allowed_mentions=just_alice)
        await t.channel.send(text, allowed_mentions=discord.AllowedMentions.all())
        await quiet.edit(content=text, allowed_mentions=discord.AllowedMentions.all())

        edited, one, all_of_them = (message.pings for message in t.builds.messages)
        assert not edited
        assert (set(one.users), set(one.roles)) == ({t.alice.id}, set())
        assert set(all_of_them.users) == {t.alice.id, t.bo.id}
        assert set(all_of_them.roles) == {oncall.id}
        assert not one.everyone  # this bot has no right to call everyone


async def test_everyone_needs_the_right() -> None:
    async with town() as t:
        t.discord.estate.allow(t.builds, t.discord.bot, Permission.MENTION_EVERYONE)
        await t.channel.send("@here", allowed_mentions=discord.AllowedMentions(everyone=True))

        assert t.builds.messages[0].pings.everyone


async def test_files_are_served_and_an_embedded_one_is_not_listed() -> None:
    async with town() as t:
        log = discord.File(io.BytesIO(b"line 1\n"), "full.log", description="the log")
        with_file = await t.channel.send(file=log)
        chart = discord.File(io.BytesIO(b"png"), "chart.png")
        embed = discord.Embed(title="health").set_image(url="attachment://chart.png")
        with_chart = await t.channel.send(embed=embed, file=chart)

        assert await with_file.attachments[0].read() == b"line 1\n"
        assert with_file.attachments[0].description == "the log"
        assert with_chart.attachments == []
        assert str(with_chart.embeds[0].image.url).endswith("/chart.png")


async def test_a_file_too_big_is_refused() -> None:
    async with town(Rules(file_bytes=8)) as t:
        with pytest.raises(discord.HTTPException) as refused:
            await t.channel.send(file=discord.File(io.BytesIO(b"123456789"), "full.log"))

        assert (refused.value.status, _code(refused)) == (413, 40005)


async def test_an_edit_keeps_what_it_does_not_name() -> None:
    async with town() as t:
        sent = await t.channel.send("a", embed=discord.Embed(title="CI"))
        await sent.edit(content="b")
        await sent.edit(content=None)

        kept = t.builds.messages[0]
        assert (kept.content, kept.embeds[0]["title"], kept.edits) == ("", "CI", 2)
        with pytest.raises(discord.HTTPException) as refused:
            await sent.edit(embed=None)
        assert _code(refused) == 50006


async def test_deleted_and_foreign_messages() -> None:
    async with town() as t:
        said = await t.discord.say(t.alice, t.builds.id, "hello")
        foreign = t.channel.get_partial_message(said.id)
        with pytest.raises(discord.Forbidden) as refused:
            await foreign.edit(content="mine now")
        assert _code(refused) == 50005

        mine = await t.channel.send("a")
        await mine.delete()
        with pytest.raises(discord.NotFound) as gone:
            await mine.edit(content="b")
        assert _code(gone) == 10008


async def test_missing_rights_and_places() -> None:
    async with town() as t:
        t.discord.estate.forbid(t.builds, t.discord.bot, Permission.SEND_MESSAGES)
        with pytest.raises(discord.Forbidden) as silent:
            await t.channel.send("a")
        t.discord.estate.forbid(t.builds, t.discord.bot)
        with pytest.raises(discord.Forbidden) as blind:
            await t.channel.send("a")
        channel = t.channel
        t.discord.estate.remove_channel(t.builds)
        with pytest.raises(discord.NotFound) as gone:
            await channel.send("a")

        assert (_code(silent), _code(blind), _code(gone)) == (50013, 50001, 10003)


async def test_embeds_and_files_need_rights_of_their_own() -> None:
    async with town() as t:
        t.discord.estate.forbid(
            t.builds, t.discord.bot, Permission.EMBED_LINKS | Permission.ATTACH_FILES
        )
        await t.channel.send("plain")
        with pytest.raises(discord.Forbidden):
            await t.channel.send(embed=discord.Embed(title="CI"))
        with pytest.raises(discord.Forbidden):
            await t.channel.send(file=discord.File(io.BytesIO(b"x"), "x.log"))


async def test_reactions_reach_the_gateway_whole() -> None:
    async with town() as t:
        sent = await t.channel.send("a")
        await sent.add_reaction("👀")
        read = await t.channel.fetch_message(sent.id)
        await sent.remove_reaction("👀", discord.Object(t.discord.bot.id))

        assert [str(r.emoji) for r in read.reactions] == ["👀"]
        assert t.builds.messages[0].reactions == {}


async def test_a_stranger_is_refused() -> None:
    """Neither a wrong token, nor a client without a bot's name, nor an odd route gets far."""
    async with town() as t, aiohttp.ClientSession() as http:
        agent = {"User-Agent": "DiscordBot (https://bot.example, 1)"}
        right = {"Authorization": f"Bot {t.discord.token}"}
        url = f"{t.discord.api_url}/users/@me"

        async with http.get(url, headers=agent | {"Authorization": "Bot no"}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (401, 0)
        async with http.get(url, headers=right) as answer:
            assert answer.status == 403
        async with http.get(url, headers=agent | right) as answer:
            assert answer.headers["Content-Type"] == "application/json"
        async with http.get(url[:-1], headers=agent | right) as answer:
            assert answer.status == 400  # "@m" is no id
        async with http.post(
            f"{t.discord.api_url}/channels/{t.builds.id}/messages",
            headers=agent | right,
            data=b"{",
        ) as answer:
            assert (await answer.json())["code"] == 50109


async def test_guild_member_and_application_can_be_asked_for() -> None:
    async with town() as t:
        role = t.discord.estate.add_role(t.discord.guild, "release")
        t.discord.estate.give_roles(t.discord.guild, t.alice, role)

        guild = await t.client.fetch_guild(t.discord.guild.id)
        member = await guild.fetch_member(t.alice.id)
        channel = await t.client.fetch_channel(t.builds.id)
        info = await t.client.application_info()

        assert {r.id for r in member.roles} == {role.id, guild.default_role.id}
        assert guild.default_role.id == guild.id
        assert (channel.id, info.id) == (t.builds.id, t.discord.bot.id)
        with pytest.raises(discord.NotFound) as unknown:
            await guild.fetch_member(1)
        assert _code(unknown) == 10013
