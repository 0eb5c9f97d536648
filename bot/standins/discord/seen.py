"""What one person saw of one thing they did."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.standins.discord.changes import Changes
from bot.standins.discord.model import Guild, Interaction, Message
from bot.standins.discord.plain import text_of
from bot.standins.discord.refusal import Json

FAILED: Final = "This interaction failed"
PATIENCE: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Read it any time: it shows what the person sees by now."""

    interaction: Interaction
    guild: Guild = field(repr=False)
    changes: Changes = field(repr=False)

    @property
    def failed(self) -> bool:
        """Say whether the application did not answer in time."""
        return self.interaction.answer is None

    @property
    def messages(self) -> tuple[Message, ...]:
        """Return the replies made so far; an edit of the pressed message is none."""
        first = self.interaction.original
        own = [first] if first is not None and first is not self.interaction.source else []
        return (*own, *self.interaction.followups)

    @property
    def text(self) -> str:
        """Return the replies as plain text."""
        if self.failed:
            return FAILED
        return "\n".join(text_of(self.guild, message) for message in self.messages)

    @property
    def private(self) -> bool:
        """Say whether only this person sees the replies."""
        return bool(self.messages) and all(message.ephemeral for message in self.messages)

    @property
    def modal(self) -> Json | None:
        """Return the form that opened."""
        return self.interaction.modal

    @property
    def choices(self) -> list[Json]:
        """Return what autocomplete offered, each with `name` and `value`."""
        return self.interaction.choices

    async def settled(self, within: timedelta = PATIENCE) -> "Seen":
        """Wait until no reply says "is thinking" any more.

        Raises:
            TimeoutError: One still does.
        """
        await self.changes.until(
            lambda: not any(message.loading for message in self.messages), within=within
        )
        return self

    async def replies(self, count: int, within: timedelta = PATIENCE) -> tuple[Message, ...]:
        """Wait for *count* replies that say something.

        Raises:
            TimeoutError: There are fewer.
        """
        await self.changes.until(
            lambda: sum(not message.loading for message in self.messages) >= count, within=within
        )
        return self.messages
