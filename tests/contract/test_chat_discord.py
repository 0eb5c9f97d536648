"""The chat contract, and what is Discord's own, over the real discord.py and the stand-in."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.adapters.discord.addresses import point_at
from bot.adapters.discord.check import check, invite_link
from bot.adapters.discord.gateway import NOT_NOTED
from bot.adapters.discord.platform import DiscordPlatform
from bot.domain.errors import NotFoundError, OperatorError, PermanentError, TransientError
from bot.domain.press import Press, PressKind
from bot.messages.text import say
from bot.messages.views import Answer, Choice, Choices, Note
from bot.ports.chat import Acknowledgement
from bot.ports.commands import FOCUSED
from bot.standins.discord import Cut, DiscordServer, Exchange, Permission
from bot.standins.discord.world import Event
from tests.contract.chat_contract import CARD, ChatContract, Heard, card
from tests.contract.discord_stage import (
    COMMANDS,
    ClockByHand,
    DiscordStage,
    platform,
    running,
    until,
)
from tests.vendor_specs.discord import FOLDER, DiscordSpec


@pytest.fixture
async def stage() -> AsyncIterator[DiscordStage]:
    """A channel, alice in it, and the bot; every exchange must fit Discord's description."""
    spec = DiscordSpec()
    async with DiscordServer() as server:
        if FOLDER is not None:
            server.observe(spec.look)
        clock = ClockByHand()
        async with platform(server, clock) as chat:
            yield DiscordStage(
                server=server,
                builds=server.estate.add_channel(server.guild, "builds"),
                alice=server.estate.add_member(server.guild, "alice"),
                fighters=server.estate.add_role(server.guild, "fighters", mentionable=True),
                clock=clock,
                chat=chat,
            )
    assert spec.problems == []


class TestDiscord(ChatContract):
    """Discord keeps the chat contract."""


async def test_buttons_live_through_a_restart(stage: DiscordStage) -> None:
    """Nothing is registered for a button: its id says all."""
    ref = await card(stage)
    heard = Heard()
    async with platform(stage.server, stage.clock) as second:
        async with running(second, heard.receive):
            await until(lambda: second.connected)
            reply = await stage.press(ref, "retry")
        await second.answer(heard.presses[0], Answer(text=say("Done.")))

    assert reply.private
    assert reply.text == "Done."


async def test_who_cannot_be_noted_down_is_told(stage: DiscordStage) -> None:
    """An acknowledged press is never sent again, so a lost one must not be acknowledged."""

    async def receive(_: Press) -> Acknowledgement:
        msg = "the disk is full"
        raise OSError(msg)

    ref = await card(stage)
    async with stage.listening(receive):
        reply = await stage.press(ref, "retry")

    assert reply.private
    assert reply.text == NOT_NOTED


async def test_a_press_under_way_is_acknowledged_before_we_leave(stage: DiscordStage) -> None:
    """It is committed already; the person should not read that it failed."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def receive(_: Press) -> Acknowledgement:
        begun.set()
        await go_on.wait()
        return Acknowledgement.PRIVATE

    ref = await card(stage)
    async with stage.listening(receive):
        pressing = asyncio.create_task(stage.press(ref, "retry"))
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, go_on.set)
    reply = await pressing

    assert "thinking" in reply.text


async def test_an_answer_waits_for_the_acknowledgement(stage: DiscordStage) -> None:
    """A worker in the same process can be faster than Discord's network."""
    async with asyncio.TaskGroup() as work:

        async def receive(press: Press) -> Acknowledgement:
            work.create_task(stage.chat.answer(press, Answer(text=say("Done."))))
            await asyncio.sleep(0.05)
            return Acknowledgement.PRIVATE

        ref = await card(stage)
        async with stage.listening(receive):
            reply = await stage.press(ref, "retry")
            await reply.settled()

    assert reply.text == "Done."


async def test_an_answer_from_another_process_is_tried_again(stage: DiscordStage) -> None:
    """It can't know that the acknowledgement is under way, only that the press is fresh."""
    tried: list[str] = []

    async def receive(press: Press) -> Acknowledgement:
        async with platform(stage.server, stage.clock) as other:
            with pytest.raises(TransientError):
                await other.answer(press, Answer(text=say("Done.")))
        tried.append(press.id)
        return Acknowledgement.PRIVATE

    ref = await card(stage)
    async with stage.listening(receive):
        await stage.press(ref, "retry")

    assert len(tried) == 1


async def test_a_press_in_the_thread_belongs_to_its_channel(stage: DiscordStage) -> None:
    """Subscriptions and rights are of channels."""
    ref = await card(stage)
    thread = await stage.chat.open_thread(ref, "#12")
    below = await stage.chat.post(stage.place, CARD, key="card-2", thread=thread)
    heard = Heard()
    async with stage.listening(heard.receive):
        await stage.press(below, "retry")

    assert heard.presses[0].place == stage.place
    assert heard.presses[0].message == below.message


async def test_choices_are_offered_while_typing(stage: DiscordStage) -> None:
    """Built from rows, never stored."""
    offered = tuple(Choice(label=f"acme/{n}", value=f"acme/{n}") for n in range(30))
    heard = Heard(taken=Choices(options=offered))
    async with stage.listening(heard.receive):
        seen = await stage.server.autocomplete(
            stage.alice, stage.builds.id, "build status", {"repo": "ac"}, focused="repo"
        )

    assert [each["value"] for each in seen.choices] == [each.value for each in offered[:25]]
    (press,) = heard.presses
    assert (press.kind, press.name) == (PressKind.CHOICES, "status")
    assert press.arguments == {"repo": "ac", FOCUSED: "repo"}


async def test_commands_are_registered_when_they_change(stage: DiscordStage) -> None:
    """Discord counts registrations by the day."""
    for commands in (COMMANDS, COMMANDS, COMMANDS[:1]):
        chat = DiscordPlatform(
            token=stage.server.token,
            clock=stage.clock,
            commands=commands,
            api_url=stage.server.api_url,
            gateway_url=stage.server.gateway_url,
        )
        async with chat, running(chat, Heard().receive):
            await until(lambda chat=chat: chat.connected)  # type: ignore[misc]

    assert stage.server.count("sync") == 2


async def test_a_post_whose_answer_was_lost_is_not_doubled(stage: DiscordStage) -> None:
    """The nonce holds for minutes, the key in the message for good."""
    since = datetime.now(UTC)
    stage.server.cut_next("POST", "/channels/*/messages", when=Cut.AFTER)
    with pytest.raises(TransientError):
        await card(stage)

    found = await stage.chat.find(stage.place, key="card-1", since=since)
    again = await card(stage)

    assert found == again
    assert stage.messages() == 1


async def test_a_card_is_found_though_much_was_said_around_it(stage: DiscordStage) -> None:
    """We may have been down for hours, and the channel loud."""

    async def talk() -> None:
        for number in range(150):
            await stage.server.say(stage.alice, stage.builds.id, f"what is it {number}")

    since = datetime.now(UTC)
    await talk()
    ref = await card(stage)
    await talk()

    assert await stage.chat.find(stage.place, key="card-1", since=since) == ref
    assert await stage.chat.find(stage.place, key="card-2", since=since) is None
    later = since + timedelta(minutes=2)
    assert await stage.chat.find(stage.place, key="card-1", since=later) is None


async def test_a_server_error_below_us_doubles_nothing(stage: DiscordStage) -> None:
    """discord.py repeats posts by itself."""
    stage.server.fail_next("POST", "/channels/*/messages", status=502)

    await card(stage)

    assert stage.messages() == 1


async def test_an_archived_thread_takes_the_next_line(stage: DiscordStage) -> None:
    """Days may pass between two lines of a story."""
    ref = await card(stage)
    thread = await stage.chat.open_thread(ref, "#12")
    stage.server.estate.archive(int(thread))

    await stage.chat.post(stage.place, Note(text=say("ended")), key="line-1", thread=thread)

    assert list(stage.thread(ref)) == ["ended"]


async def test_a_deleted_thread_is_gone(stage: DiscordStage) -> None:
    """The channel is still there, so this is no matter for the operator."""
    ref = await card(stage)
    thread = await stage.chat.open_thread(ref, "#12")
    stage.server.estate.remove_channel(stage.server.channel(int(thread)))

    with pytest.raises(NotFoundError):
        await stage.chat.post(stage.place, Note(text=say("ended")), key="line-1", thread=thread)


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        pytest.param(Permission.VIEW_CHANNEL, '"View Channel"', id="unseen"),
        pytest.param(Permission.SEND_MESSAGES, '"Send Messages"', id="mute"),
    ],
)
async def test_a_missing_permission_is_named(
    stage: DiscordStage, rights: Permission, words: str
) -> None:
    """The operator should know what to click, and where."""
    stage.server.estate.forbid(stage.builds, stage.server.bot, rights)

    with pytest.raises(OperatorError, match=words) as refused:
        await card(stage)

    assert stage.place.channel in str(refused.value)


async def test_everyone_is_never_called(stage: DiscordStage) -> None:
    """A role whose id is the server's is everyone."""
    call = (f"discord:role:{stage.server.guild.id}", stage.callee)

    ref = await stage.chat.post(stage.place, replace(CARD, call=call), key="card-1")

    assert list(stage.rung(ref)) == [stage.callee]
    assert f"<@&{stage.server.guild.id}>" not in stage.message(ref).content


async def test_a_role_taken_away_is_gone_within_a_minute(stage: DiscordStage) -> None:
    """An interaction's own list of roles would be as old as the press."""
    async with stage.listening(Heard().receive):
        group = frozenset({stage.give_group()})
        assert (await stage.chat.member(stage.person, groups=group)).groups == group
        stage.server.estate.give_roles(stage.server.guild, stage.alice)

        assert (await stage.chat.member(stage.person, groups=group)).groups == group
        stage.clock.moment += timedelta(minutes=1)
        assert (await stage.chat.member(stage.person, groups=group)).groups == frozenset()


async def test_roles_cannot_be_told_while_disconnected(stage: DiscordStage) -> None:
    """Nobody is refused, and nobody let in, by what we do not know."""
    with pytest.raises(TransientError):
        await stage.chat.member(stage.person, groups=frozenset({"1"}))


async def test_an_old_press_cannot_be_answered(stage: DiscordStage) -> None:
    """Discord forgets a press after 15 minutes."""
    heard = Heard()
    ref = await card(stage)
    async with stage.listening(heard.receive):
        await stage.press(ref, "retry")
    stage.server.world.interactions.clear()
    stage.clock.moment += timedelta(minutes=15)

    with pytest.raises(PermanentError, match="too old"):
        await stage.chat.answer(heard.presses[0], Answer(text=say("Done.")))


async def test_a_wrong_token_is_one_clear_line(stage: DiscordStage) -> None:
    """Sending and hearing say the same."""
    async with DiscordPlatform(
        token="wrong",
        clock=stage.clock,
        api_url=stage.server.api_url,
        gateway_url=stage.server.gateway_url,
    ) as chat:
        with pytest.raises(PermanentError, match="DISCORD_BOT_TOKEN"):
            await chat.listen(Heard().receive)
        with pytest.raises(OperatorError, match="DISCORD_BOT_TOKEN"):
            await chat.post(stage.place, CARD, key="card-1")


async def test_an_outage_at_start_is_waited_for(stage: DiscordStage) -> None:
    """discord.py gives up when its first connection fails."""
    stage.down(down=True)
    async with running(stage.chat, Heard().receive):
        await asyncio.sleep(0.05)
        stage.down(down=False)
        await until(lambda: stage.chat.connected)


async def test_a_gateway_that_cannot_be_reached_is_tried_again(stage: DiscordStage) -> None:
    """discord.py's own answer to that is an AttributeError."""
    logins: list[Exchange] = []
    stage.server.observe(logins.append)
    point_at(api_url=stage.server.api_url, gateway_url="ws://127.0.0.1:9/gateway")
    async with running(stage.chat, Heard().receive):
        await until(lambda: bool(logins))
        point_at(api_url=stage.server.api_url, gateway_url=stage.server.gateway_url)
        await until(lambda: stage.chat.connected)


async def test_an_event_that_nobody_can_read_is_survived(stage: DiscordStage) -> None:
    """It ends discord.py's connection for good, so there is a new one."""
    ref = await card(stage)
    heard = Heard()
    async with stage.listening(heard.receive):
        stage.server.world.hear(Event(name="INTERACTION_CREATE", data={"type": 3}))
        await until(lambda: not stage.chat.connected)
        await until(lambda: stage.chat.connected)
        await stage.press(ref, "retry")

    assert len(heard.presses) == 1


async def test_the_check_names_what_is_wrong(stage: DiscordStage) -> None:
    """One sentence a channel, and the token first."""
    quiet = stage.server.estate.add_channel(stage.server.guild, "quiet")
    stage.server.estate.forbid(
        quiet, stage.server.bot, Permission.SEND_MESSAGES | Permission.EMBED_LINKS
    )
    channels = [stage.place.channel, str(quiet.id), "1"]

    found = await check(token=stage.server.token, channels=channels, api_url=stage.server.api_url)

    assert [each.ok for each in found] == [True, True, False, False]
    assert "smokejumper" in found[0].text
    assert '"Send Messages", "Embed Links"' in found[2].text
    assert "https://discord.com/oauth2/authorize" in found[3].text


async def test_the_check_of_a_wrong_token_stops_there(stage: DiscordStage) -> None:
    """Nothing else could be looked at."""
    (finding,) = await check(token="wrong", channels=["1"], api_url=stage.server.api_url)

    assert not finding.ok
    assert "DISCORD_BOT_TOKEN" in finding.text


def test_the_invite_link_asks_for_what_is_needed() -> None:
    """No more: an administrator reads this list."""
    link = invite_link("42")

    assert "client_id=42" in link
    assert "scope=bot+applications.commands" in link
    assert "permissions=309237730304" in link
