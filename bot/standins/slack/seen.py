"""What a person saw after they had done something."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from bot.standins.slack.changes import Changes
from bot.standins.slack.interactions import Interaction
from bot.standins.slack.model import Message, View
from bot.standins.slack.reading import text_of
from bot.standins.slack.workspace import Workspace

PATIENCE: Final = timedelta(seconds=20)


@dataclass(slots=True, kw_only=True)
class Seen:
    """What one interaction brought to the eyes of who made it; it grows as answers come."""

    interaction: Interaction
    workspace: Workspace
    changes: Changes
    since: str
    """Timestamp before which nothing counts."""
    warning: str | None = None
    """What Slack itself said, such as `operation_timeout`."""
    errors: dict[str, str] = field(default_factory=dict)
    """Complaints beside the fields of a modal, by block id."""

    @property
    def messages(self) -> list[Message]:
        """Return the answers that name this interaction, and all the bot whispered since."""
        channel = self.workspace.channels.get(self.interaction.channel or "")
        key, user = self.interaction.key, self.interaction.user
        return [
            message
            for message in (self.workspace.seen_by(user, channel) if channel else ())
            if message.answers == key
            or (message.to == user and message.answers is None and message.ts > self.since)
        ]

    @property
    def texts(self) -> list[str]:
        names = self.workspace.names()
        return [text_of(message, names) for message in self.messages]

    @property
    def view(self) -> View | None:
        return self.interaction.view

    async def reply(self, *, within: timedelta = PATIENCE) -> str:
        """Wait for the first answer in words and return it.

        Raises:
            TimeoutError: None came.
        """
        await self.changes.until(lambda: self.messages, within=within)
        return self.texts[0]

    async def opened(self, *, within: timedelta = PATIENCE) -> View:
        """Wait for the modal that this opens."""
        await self.changes.until(lambda: self.view, within=within)
        if self.view is None:
            raise TimeoutError
        return self.view
