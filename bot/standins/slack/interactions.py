"""Presses, commands and submissions as Slack remembers them: trigger ids and response URLs."""

import secrets
from dataclasses import dataclass

from bot.standins.slack.errors import SlackError
from bot.standins.slack.limits import Limits
from bot.standins.slack.model import Message, View
from bot.standins.slack.workspace import Workspace


@dataclass(slots=True, kw_only=True)
class Interaction:
    """One thing that a person did; *key* names its response URL."""

    key: str
    trigger_id: str
    at: float
    user: str
    channel: str | None = None
    message: Message | None = None
    view: View | None = None
    """What was opened with its trigger."""
    exchanged: bool = False
    uses: int = 0


class Interactions:
    def __init__(self, workspace: Workspace, limits: Limits) -> None:
        self._workspace = workspace
        self._limits = limits
        self._by_key: dict[str, Interaction] = {}
        self._by_trigger: dict[str, Interaction] = {}

    def begin(
        self, user: str, *, channel: str | None = None, message: Message | None = None
    ) -> Interaction:
        key = secrets.token_urlsafe(18)
        interaction = Interaction(
            key=key,
            trigger_id=f"{secrets.randbelow(10**13)}.{secrets.token_hex(16)}",
            at=self._workspace.clock(),
            user=user,
            channel=channel,
            message=message,
        )
        self._by_key[key] = self._by_trigger[interaction.trigger_id] = interaction
        return interaction

    def exchange(self, trigger_id: str) -> Interaction:
        """Use up *trigger_id*, which opens one view within 3 seconds."""
        interaction = self._by_trigger.get(trigger_id)
        if interaction is None:
            code = "invalid_trigger_id"
            raise SlackError(code)
        if interaction.exchanged:
            code = "exchanged_trigger_id"
            raise SlackError(code)
        age = self._workspace.clock() - interaction.at
        if age > self._limits.trigger_life.total_seconds():
            code = "expired_trigger_id"
            raise SlackError(code)
        interaction.exchanged = True
        return interaction

    def use_url(self, key: str) -> Interaction:
        """Count one use of a response URL."""
        interaction = self._by_key.get(key)
        if interaction is None:
            code = "invalid_url"
            raise SlackError(code)
        age = self._workspace.clock() - interaction.at
        if age > self._limits.response_url_life.total_seconds():
            code = "expired_url"
            raise SlackError(code)
        if interaction.uses >= self._limits.response_url_uses:
            code = "used_url"
            raise SlackError(code)
        interaction.uses += 1
        return interaction
