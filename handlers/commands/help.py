"""/build help: what can be typed, from the router's own table."""

from collections.abc import Sequence

from bot.domain.press import Press
from bot.messages.answers import help_text
from bot.messages.views import Answer
from bot.ports.commands import CommandSpec

SPEC = CommandSpec(name="help", description="What you can type and press")


async def handle(press: Press, specs: Sequence[CommandSpec]) -> Answer:  # noqa: ARG001 - a handler takes its press
    return help_text([(spec.usage, spec.description) for spec in specs])
