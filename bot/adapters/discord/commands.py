"""The `/build` command as Discord registers it, and what somebody typed into it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bot.adapters.discord.lines import cut
from bot.ports.commands import FOCUSED, CommandSpec, OptionSpec

Json = dict[str, Any]

GROUP: Final = "build"
GROUP_DESCRIPTION: Final = "Failed builds: what is red, why, and retry"
DESCRIPTION_CHARS: Final = 100

CHAT_INPUT: Final = 1
SUBCOMMAND: Final = 1
STRING: Final = 3


def registration(specs: Sequence[CommandSpec]) -> list[Json]:
    """Return the body that registers everything as one command group; nothing for no specs."""
    if not specs:
        return []
    return [
        {
            "type": CHAT_INPUT,
            "name": GROUP,
            "description": GROUP_DESCRIPTION,
            "options": [_subcommand(spec) for spec in specs],
        }
    ]


def is_registered(specs: Sequence[CommandSpec], known: Iterable[Mapping[str, Any]]) -> bool:
    """Whether Discord has these commands already; it adds ids and defaults that say nothing."""
    wanted = [_meaning(each) for each in registration(specs)]
    return wanted == [_meaning(each) for each in known]


def typed(data: Mapping[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the word after `/build` and its arguments."""
    for option in data.get("options") or ():
        if option.get("type") == SUBCOMMAND:
            return str(option.get("name", "")), _arguments(option.get("options") or ())
    return str(data.get("name", "")), _arguments(data.get("options") or ())


def _arguments(options: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    arguments: dict[str, str] = {}
    for option in options:
        name = str(option.get("name", ""))
        arguments[name] = str(option.get("value", ""))
        if option.get("focused"):
            arguments[FOCUSED] = name
    return arguments


def _subcommand(spec: CommandSpec) -> Json:
    return {
        "type": SUBCOMMAND,
        "name": spec.name,
        "description": cut(spec.description, room=DESCRIPTION_CHARS),
        "options": [_option(option) for option in spec.options],
    }


def _option(spec: OptionSpec) -> Json:
    return {
        "type": STRING,
        "name": spec.name,
        "description": cut(spec.description, room=DESCRIPTION_CHARS),
        "required": spec.required,
        "autocomplete": spec.suggests,
    }


def _meaning(command: Mapping[str, Any]) -> Json:
    return {
        "type": command.get("type", CHAT_INPUT),
        "name": command.get("name"),
        "description": command.get("description"),
        "required": bool(command.get("required")),
        "autocomplete": bool(command.get("autocomplete")),
        "options": [_meaning(option) for option in command.get("options") or ()],
    }
