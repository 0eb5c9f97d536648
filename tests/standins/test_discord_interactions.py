"""Buttons, menus, commands, forms: people on one side, the real client on the other."""

import asyncio
from datetime import timedelta
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.standins.discord import CannotError, Permission, Rules
from bot.standins.discord.seen import FAILED
from tests.standins.discord_town import Client, Clock, Town, online, town

HURRY = Rules(first_answer=timedelta(milliseconds=300))


class Card(discord.ui.View):
    """A card whose buttons live for ever; each answers in another way."""

    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.pressed: list[discord.Interaction] = []
        self.asleep = asyncio.Event()

    @discord.ui.button(label="Retry", custom_id="retry")
    async def retry(self, press: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        self.pressed.append(press)
        await press.response.defer(ephemeral=True, thinking=True)
        await press.edit_original_response(content=f"I retry it for {press.user.name}.")

    @discord.ui.button(label="Acknowledge", custom_id="acknowledge")
    async def acknowledge(self, press: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await press.response.edit_message(content=f"{press.user.name} has it", view=None)

    @discord.ui.button(label="Sleep", custom_id="sleep")
    async def sleep(self, press: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        self.pressed.append(press)
        self.asleep.set()

    @discord.ui.button(label="Note", custom_id="note")
    async def note(self, press: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        await press.response.send_modal(Note())

    @discord.ui.button(label="Dead", custom_id="dead", disabled=True)
    async def dead(self, press: discord.Interaction, _: discord.ui.Button[Any]) -> None:
        raise AssertionError(press)

    @discord.ui.select(
        custom_id="snooze",
        options=[discord.SelectOption(label=each) for each in ("30 min", "4 h")],
    )
    async def snooze(self, press: discord.Interaction, menu: discord.ui.Select[Any]) -> None:
        await press.response.send_message(f"quiet for {menu.values[0]}")


class Note(discord.ui.Modal, title="A note"):
    text: discord.ui.TextInput[Any] = discord.ui.TextInput(
        label="Note", custom_id="text", max_length=20
    )

    async def on_submit(self, press: discord.Interaction) -> None:
        await press.response.send_message(f"noted: {self.text.value}", ephemeral=True)


def _with_card(view: Card) -> Client:
    client = Client()
    client.views.append(view)
    return client


async def _card(t: Town) -> int:
    return (await t.channel.send("broken", view=t.client.views[0])).id


async def test_a_press_is_answered_in_private() -> None:
    async with town(client=_with_card(Card())) as t:
        card = await _card(t)
        seen = await t.discord.press(t.alice, t.builds.id, card, "retry")
        await seen.settled()

        assert (seen.text, seen.private) == ("I retry it for alice.", True)
        assert [m.id for m in t.builds.messages] == [card]
        assert len(t.discord.sees(t.alice, t.builds.id)) == 2
        assert len(t.discord.sees(t.bo, t.builds.id)) == 1


async def test_a_button_outlives_its_client() -> None:
    async with town(client=_with_card(Card())) as t:
        card = await _card(t)
        await t.client.close()
        t.client = _with_card(Card())
        async with online(t):
            seen = await t.discord.press(t.bo, t.builds.id, card, "retry")
            assert (await seen.settled()).text == "I retry it for bo."


async def test_a_press_can_change_the_message_itself() -> None:
    async with town(client=_with_card(Card())) as t:
        card = await _card(t)
        seen = await t.discord.press(t.alice, t.builds.id, card, "acknowledge")

        assert (seen.failed, seen.messages) == (False, ())
        assert t.discord.text_of(t.builds.messages[0]) == "alice has it"
        with pytest.raises(CannotError):
            await t.discord.press(t.bo, t.builds.id, card, "acknowledge")


async def test_only_living_buttons_that_one_sees_can_be_pressed() -> None:
    async with town(client=_with_card(Card())) as t:
        card = await _card(t)
        for custom_id in ("dead", "unknown", "snooze"):
            with pytest.raises(CannotError):
                await t.discord.press(t.alice, t.builds.id, card, custom_id)
        t.discord.estate.forbid(t.builds, t.alice)
        with pytest.raises(CannotError):
            await t.discord.press(t.alice, t.builds.id, card, "retry")


async def test_no_answer_in_time_is_a_failure_and_then_it_is_too_late() -> None:
    view, clock = Card(), Clock()
    async with town(HURRY, client=_with_card(view), clock=clock) as t:
        card = await _card(t)
        seen = await t.discord.press(t.alice, t.builds.id, card, "sleep")
        await asyncio.wait_for(view.asleep.wait(), 10)
        clock.now += 1

        assert (seen.failed, seen.text) == (True, FAILED)
        with pytest.raises(discord.NotFound) as late:
            await view.pressed[0].response.send_message("sorry")
        assert late.value.code == 10062


async def test_a_second_answer_is_refused() -> None:
    view = Card()
    async with town(client=_with_card(view)) as t:
        card = await _card(t)
        await (await t.discord.press(t.alice, t.builds.id, card, "retry")).settled()
        press = view.pressed[0]
        again = discord.InteractionResponse[Client](press)  # type: ignore[arg-type] # any client
        with pytest.raises(discord.HTTPException) as refused:
            await again.send_message("and again")

        assert refused.value.code == 40060
        assert t.discord.count("answer") == 1


async def test_a_token_lives_fifteen_minutes() -> None:
    view, clock = Card(), Clock()
    async with town(client=_with_card(view), clock=clock) as t:
        card = await _card(t)
        seen = await t.discord.press(t.alice, t.builds.id, card, "retry")
        await seen.settled()
        clock.now += 14 * 60
        await view.pressed[0].followup.send("still here", ephemeral=True)
        clock.now += 2 * 60
        with pytest.raises(discord.HTTPException) as refused:
            await view.pressed[0].followup.send("too late")

        assert (refused.value.status, refused.value.code) == (401, 50027)
        assert seen.text == "I retry it for alice.\nstill here"


async def test_a_menu_takes_what_it_offers() -> None:
    async with town(client=_with_card(Card())) as t:
        card = await _card(t)
        seen = await t.discord.choose(t.alice, t.builds.id, card, ("snooze", ["4 h"]))

        assert (seen.text, seen.private) == ("quiet for 4 h", False)
        with pytest.raises(CannotError):
            await t.discord.choose(t.alice, t.builds.id, card, ("snooze", ["a week"]))


async def test_a_form_opens_and_is_sent() -> None:
    async with town(client=_with_card(Card())) as t:
        card = await _card(t)
        opened = await t.discord.press(t.alice, t.builds.id, card, "note")
        assert opened.modal is not None
        assert opened.modal["title"] == "A note"
        for values in ({"text": "x" * 21}, {"text": ""}, {"other": "x"}):
            with pytest.raises(CannotError):
                await t.discord.submit(t.alice, opened, values)
        with pytest.raises(CannotError):
            await t.discord.submit(t.bo, opened, {"text": "not my form"})
        sent = await t.discord.submit(t.alice, opened, {"text": "the registry"})

        assert (sent.text, sent.private) == ("noted: the registry", True)


def _with_commands() -> Client:
    client = Client()
    build = app_commands.Group(name="build", description="Builds")

    @build.command(name="retry", description="Retry a run")
    @app_commands.describe(incident="Which")
    async def retry(asked: discord.Interaction, incident: str, twice: bool = False) -> None:  # noqa: FBT001, FBT002 - how a command declares an option
        assert isinstance(asked.channel, discord.abc.GuildChannel | discord.Thread)
        await asked.response.send_message(f"{asked.channel.name}: {incident} {twice}")

    @retry.autocomplete("incident")
    async def offer(_: discord.Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"#{n}", value=n) for n in ("12", "13") if typed in n]

    @build.command(name="slow", description="Takes its time")
    async def slow(asked: discord.Interaction) -> None:
        await asked.response.defer(thinking=True)
        await asked.followup.send("first", ephemeral=True)
        await asked.followup.send("second", ephemeral=True)

    @build.command(name="who", description="Names someone")
    async def who(asked: discord.Interaction, member: discord.Member) -> None:
        await asked.response.send_message(member.mention)

    client.tree.add_command(build)
    return client


async def test_a_command_works_in_channels_and_threads() -> None:
    async with town(client=_with_commands()) as t:
        await t.client.tree.sync()
        thread = await (await t.channel.send("broken")).create_thread(name="incident 12")
        here = await t.discord.command(t.alice, t.builds.id, "build retry", {"incident": "12"})
        there = await t.discord.command(
            t.alice, thread.id, "build retry", {"incident": "12", "twice": True}
        )

        assert (here.text, there.text) == ("builds: 12 False", "incident 12: 12 True")
        assert t.builds.messages[-1].metadata is not None


async def test_a_follow_up_takes_the_place_of_the_wait() -> None:
    """And it stays as public as the deferral was, whatever it asks for."""
    async with town(client=_with_commands()) as t:
        await t.client.tree.sync()
        seen = await t.discord.command(t.alice, t.builds.id, "build slow")
        first, second = await seen.replies(2)

        assert (first.content, first.ephemeral) == ("first", False)
        assert (second.content, second.ephemeral) == ("second", True)
        assert t.builds.messages == [first]


async def test_autocomplete_offers_choices() -> None:
    async with town(client=_with_commands()) as t:
        await t.client.tree.sync()
        seen = await t.discord.autocomplete(
            t.alice, t.builds.id, "build retry", {"incident": "13"}, focused="incident"
        )

        assert seen.choices == [{"name": "#13", "value": "13"}]
        with pytest.raises(CannotError):
            await t.discord.autocomplete(t.alice, t.builds.id, "build retry", focused="twice")


async def test_a_command_can_name_people() -> None:
    async with town(client=_with_commands()) as t:
        await t.client.tree.sync()
        seen = await t.discord.command(t.alice, t.builds.id, "build who", {"member": t.bo.id})

        assert seen.text == "@bo"


NOT_OFFERED = [
    pytest.param("build", {}, id="no-subcommand"),
    pytest.param("deploy", {}, id="unknown"),
    pytest.param("build redo", {}, id="unknown-subcommand"),
    pytest.param("build retry", {}, id="required-option"),
    pytest.param("build retry", {"incident": "1", "when": "now"}, id="unknown-option"),
    pytest.param("build retry", {"incident": "1", "twice": "perhaps"}, id="wrong-type"),
    pytest.param("build who", {"member": "1"}, id="unknown-member"),
]


@pytest.mark.parametrize(("name", "options"), NOT_OFFERED)
async def test_the_platform_sends_only_what_is_registered(
    name: str, options: dict[str, object]
) -> None:
    async with town(client=_with_commands()) as t:
        await t.client.tree.sync()
        with pytest.raises(CannotError):
            await t.discord.command(t.alice, t.builds.id, name, options)


async def test_commands_can_be_forbidden_in_a_channel() -> None:
    async with town(client=_with_commands()) as t:
        await t.client.tree.sync()
        t.discord.estate.forbid(t.builds, t.alice, Permission.USE_APPLICATION_COMMANDS)
        with pytest.raises(CannotError):
            await t.discord.command(t.alice, t.builds.id, "build slow")


async def test_a_second_sync_keeps_the_ids() -> None:
    async with town(client=_with_commands()) as t:
        first = await t.client.tree.sync()
        second = await t.client.tree.sync()
        guild = discord.Object(t.discord.guild.id)
        t.client.tree.copy_global_to(guild=guild)
        in_guild = await t.client.tree.sync(guild=guild)

        assert first[0].id == second[0].id != in_guild[0].id
        assert [c.name for c in await t.client.tree.fetch_commands()] == ["build"]
        assert t.discord.count("sync") == 3


async def test_a_command_without_a_good_name_is_refused() -> None:
    async with town() as t:
        with pytest.raises(discord.HTTPException) as refused:
            await t.client.http.bulk_upsert_global_commands(
                t.discord.bot.id, [{"name": "Not this", "description": "x", "type": 1}]
            )

        assert refused.value.code == 50035


async def test_two_people_at_once_get_an_answer_each() -> None:
    async with town(client=_with_card(Card())) as t:
        card = await _card(t)
        both = await asyncio.gather(
            *(t.discord.press(who, t.builds.id, card, "retry") for who in (t.alice, t.bo))
        )
        texts = [(await seen.settled()).text for seen in both]

        assert texts == ["I retry it for alice.", "I retry it for bo."]
