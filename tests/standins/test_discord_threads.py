"""Threads, through the real client."""

import discord
import pytest

from bot.standins.discord import Permission, Thread
from tests.standins.discord_town import Town, online, town


async def _thread(t: Town) -> discord.Thread:
    card = await t.channel.send("broken")
    return await card.create_thread(name="incident 12", auto_archive_duration=1440)


def _kept(t: Town, thread: discord.Thread) -> Thread:
    kept = t.discord.channel(thread.id)
    assert isinstance(kept, Thread)
    return kept


async def test_a_thread_has_the_id_of_its_message_and_there_is_one() -> None:
    async with town() as t:
        thread = await _thread(t)
        await thread.send("reading the log")

        assert thread.id == t.builds.messages[0].id
        assert [t.discord.text_of(m) for m in _kept(t, thread).messages[1:]] == ["reading the log"]
        card = await t.channel.fetch_message(thread.id)
        assert card.thread == thread
        with pytest.raises(discord.HTTPException) as refused:
            await card.create_thread(name="again")
        assert refused.value.code == 160004


async def test_speaking_opens_an_archived_thread_but_editing_does_not() -> None:
    async with town() as t:
        thread = await _thread(t)
        said = await thread.send("one")
        t.discord.estate.archive(thread.id)

        with pytest.raises(discord.HTTPException) as refused:
            await said.edit(content="two")
        assert refused.value.code == 50083
        await thread.send("three")
        assert not _kept(t, thread).archived
        await said.edit(content="two")


async def test_a_locked_thread_is_for_moderators() -> None:
    async with town() as t:
        thread = await _thread(t)
        t.discord.estate.archive(thread.id, locked=True)
        t.discord.estate.forbid(t.builds, t.discord.bot, Permission.MANAGE_THREADS)
        with pytest.raises(discord.Forbidden) as refused:
            await thread.send("hello?")
        assert refused.value.code == 160005

        t.discord.estate.allow(t.builds, t.discord.bot, Permission.MANAGE_THREADS)
        await thread.send("hello")
        assert (_kept(t, thread).archived, _kept(t, thread).locked) == (False, True)


async def test_archiving_renaming_and_locking() -> None:
    async with town() as t:
        thread = await _thread(t)
        await thread.edit(name="incident 12, ended", archived=True, locked=True)
        kept = _kept(t, thread)
        assert (kept.name, kept.archived, kept.locked) == ("incident 12, ended", True, True)

        t.discord.estate.forbid(t.builds, t.discord.bot, Permission.MANAGE_THREADS)
        with pytest.raises(discord.Forbidden):
            await thread.edit(archived=False)
        assert kept.archived


async def test_the_owner_may_archive_but_not_lock() -> None:
    async with town() as t:
        thread = await _thread(t)
        t.discord.estate.forbid(t.builds, t.discord.bot, Permission.MANAGE_THREADS)
        with pytest.raises(discord.Forbidden):
            await thread.edit(locked=True)
        await thread.edit(archived=True)
        with pytest.raises(discord.HTTPException) as refused:
            await thread.edit(name="other")

        assert refused.value.code == 50083
        assert _kept(t, thread).archived


async def test_a_thread_without_a_message_and_its_members() -> None:
    async with town() as t:
        kind = discord.ChannelType.public_thread
        thread = await t.channel.create_thread(name="chat", type=kind)
        await thread.add_user(discord.Object(t.alice.id))

        assert set(_kept(t, thread).members) == {t.discord.bot.id, t.alice.id}
        active = await t.channel.guild.active_threads()
        assert [each.id for each in active] == [thread.id]


async def test_a_name_too_long_and_missing_rights() -> None:
    async with town() as t:
        card = await t.channel.send("broken")
        with pytest.raises(discord.HTTPException) as long:
            await card.create_thread(name="x" * 101)
        t.discord.estate.forbid(t.builds, t.discord.bot, Permission.CREATE_PUBLIC_THREADS)
        with pytest.raises(discord.Forbidden) as refused:
            await card.create_thread(name="x")

        assert (long.value.code, refused.value.code) == (50035, 50013)


async def test_sending_in_a_thread_is_a_right_of_its_own() -> None:
    async with town() as t:
        thread = await _thread(t)
        t.discord.estate.forbid(t.builds, t.discord.bot, Permission.SEND_MESSAGES_IN_THREADS)
        with pytest.raises(discord.Forbidden):
            await thread.send("one")
        t.discord.estate.forbid(t.builds, t.discord.bot, Permission.SEND_MESSAGES)
        await thread.send("one")


async def test_a_deleted_thread_is_gone_and_the_client_hears_it() -> None:
    async with town() as t:
        thread = await _thread(t)
        t.discord.estate.remove_channel(t.discord.channel(thread.id))

        with pytest.raises(discord.NotFound) as refused:
            await thread.send("hello?")
        assert refused.value.code == 10003


async def test_a_client_that_comes_later_knows_open_threads() -> None:
    async with town() as t:
        thread = await _thread(t)
        await t.client.close()
        t.client = type(t.client)()
        async with online(t):
            assert isinstance(t.client.get_channel(thread.id), discord.Thread)
