"""The connection over which Discord tells what people do."""

import asyncio
import sys
from collections.abc import Awaitable, Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

import aiohttp
import discord
import structlog

from bot.adapters.discord import commands, presses
from bot.adapters.discord.lines import cut
from bot.domain.ids import PressId
from bot.messages.views import Choice, Choices
from bot.ports.chat import Acknowledgement, Receive
from bot.ports.clock import Clock
from bot.ports.commands import CommandSpec

log = structlog.get_logger()

NOT_NOTED: Final = "I could not note that down; please press again."
UNKNOWN_BUTTON: Final = "I do not know this button any more."
ANSWER_WITHIN: Final = timedelta(seconds=3)  # then Discord tells the person that it failed
CHOICES: Final = 25
CHOICE_CHARS: Final = 100
SERVER_ERROR: Final = 500


class Gateway(discord.Client):
    """One try at staying connected; buttons need no views, so old ones work after a restart."""

    def __init__(
        self,
        *,
        receive: Receive,
        clock: Clock,
        specs: Sequence[CommandSpec],
    ) -> None:
        super().__init__(
            # Interactions need no intent; guilds tell us which roles there are.
            intents=discord.Intents(guilds=True),
            max_messages=None,
            chunk_guilds_at_startup=False,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )
        self._receive = receive
        self._clock = clock
        self._specs = specs
        self._busy: set[asyncio.Task[Any]] = set()
        self._open: dict[PressId, asyncio.Event] = {}
        self.hears = False
        self.was_connected = False

    async def on_connect(self) -> None:
        self.hears = self.was_connected = True
        log.info("discord_connected")

    async def on_resumed(self) -> None:
        self.hears = True

    async def on_disconnect(self) -> None:
        self.hears = False

    @property
    def knows_roles(self) -> bool:
        """Whether all servers told their roles; one that is out of order is waited for shortly."""
        told = self.was_connected and not any(guild.unavailable for guild in self.guilds)
        return told or self.is_ready()

    async def setup_hook(self) -> None:
        """Register the commands, if Discord has others: it counts changes by the day."""
        application = self.application_id
        if application is None:
            return
        known = await self.http.get_global_commands(application)
        if commands.is_registered(self._specs, known):
            return
        wanted: Any = commands.registration(self._specs)
        try:
            await self.http.bulk_upsert_global_commands(application, wanted)
        except discord.HTTPException as error:
            if error.status >= SERVER_ERROR:
                raise
            # Without commands the cards and buttons still work.
            log.warning("discord_commands_refused", error=str(error))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        """Note a press down, then acknowledge it: an acknowledged press is never sent again."""
        self._own_this_task()
        press = presses.read(interaction, at=self._clock.now())
        if press is None:
            await _send(interaction.response.send_message(UNKNOWN_BUTTON, ephemeral=True))
            return
        acknowledged = self._open[press.id] = asyncio.Event()
        try:
            await _acknowledge(interaction, await self._receive(press))
        finally:
            del self._open[press.id]
            acknowledged.set()

    async def on_error(self, event_method: str, /, *args: object, **_: object) -> None:
        """Tell the person whose press could not be noted down."""
        log.error("discord_press_lost", happening=event_method, exc_info=sys.exception())
        for interaction in args:
            if isinstance(interaction, discord.Interaction):
                await _send(interaction.response.send_message(NOT_NOTED, ephemeral=True))

    async def acknowledged(self, press: PressId) -> None:
        """Wait for the acknowledgement that is under way: before it nothing can be answered."""
        if press in self._open:
            await self._open[press].wait()

    async def close(self) -> None:
        """Let presses that are being noted down be acknowledged, then disconnect."""
        self.hears = False
        if self._busy:
            _, late = await asyncio.wait(self._busy, timeout=ANSWER_WITHIN.total_seconds())
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late)
        await super().close()

    def guilds_with(self, roles: Iterable[str]) -> list[str]:
        """Return the ids of the guilds that have one of these roles."""
        wanted = [int(role) for role in roles if role.isdigit()]
        return [
            str(guild.id) for guild in self.guilds if any(guild.get_role(role) for role in wanted)
        ]

    def _own_this_task(self) -> None:
        # discord.py starts a task for each event and keeps no hold of it.
        task = asyncio.current_task()
        if task is not None:
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)


async def _acknowledge(
    interaction: discord.Interaction[Any], taken: Acknowledgement | Choices
) -> None:
    response = interaction.response
    match taken:
        case Choices(options=options):
            await _send(response.autocomplete([_choice(each) for each in options[:CHOICES]]))
        case Acknowledgement.PRIVATE:
            await _send(response.defer(ephemeral=True, thinking=True))
        case Acknowledgement.QUIET:
            await _send(response.defer(ephemeral=True))  # so that a command is not answered to all


def _choice(choice: Choice) -> discord.app_commands.Choice[str | int | float]:
    label = cut(choice.label, room=CHOICE_CHARS) or "…"
    return discord.app_commands.Choice(name=label, value=choice.value[:CHOICE_CHARS])


async def _send(response: Awaitable[object]) -> None:
    try:
        await response
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        # What was committed is handled all the same; only this person does not see it.
        log.warning("discord_interaction_not_answered", error=str(error))
