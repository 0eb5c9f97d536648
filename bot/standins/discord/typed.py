"""What a person typed after a slash, as the platform's own form would send it."""

from collections.abc import Mapping
from typing import Any, Final

from bot.standins.discord.commands import CHAT_INPUT, NESTED, OptionType
from bot.standins.discord.model import Guild
from bot.standins.discord.refusal import Json
from bot.standins.discord.wire import channel_json, member_json, role_json

MENTIONS: Final = (
    OptionType.USER,
    OptionType.CHANNEL,
    OptionType.ROLE,
    OptionType.MENTIONABLE,
)


class CannotError(Exception):
    """A person can't do that: the client would not offer or send it."""


def find(commands: list[Json], name: str) -> tuple[Json, list[Json]]:
    """Return the command of *name* ("build retry") and the path of options below it.

    Raises:
        CannotError: No such command is registered.
    """
    first, *rest = name.split()
    found = [c for c in commands if c["name"] == first and c["type"] == CHAT_INPUT]
    if not found:
        names = ", ".join(sorted(each["name"] for each in commands)) or "none"
        msg = f"There is no command /{first}; registered: {names}."
        raise CannotError(msg)
    path: list[Json] = []
    here = found[0]
    for word in rest:
        inside = [o for o in here.get("options", []) if o["name"] == word]
        if not inside or inside[0]["type"] not in NESTED:
            msg = f"/{first} has no {word}."
            raise CannotError(msg)
        here = inside[0]
        path.append(here)
    if any(o["type"] in NESTED for o in here.get("options", [])):
        msg = f"/{name} needs a subcommand."
        raise CannotError(msg)
    return found[0], path


def command_data(command: Json, path: list[Json], options: list[Json]) -> Json:
    """Nest the filled-in options under their subcommands."""
    for step in reversed(path):
        options = [{"name": step["name"], "type": step["type"], "options": options}]
    return {
        "id": command["id"],
        "name": command["name"],
        "type": command["type"],
        "options": options,
    }


def filled(guild: Guild, asked: list[Json], given: Mapping[str, object]) -> list[Json]:
    """Return the options as they are sent, each of its registered type.

    Raises:
        CannotError: One is missing, unknown, or no value that its type takes.
    """
    _refuse_unknown(asked, given)
    missing = [o["name"] for o in asked if o.get("required") and o["name"] not in given]
    if missing:
        msg = f"Required and not given: {', '.join(missing)}."
        raise CannotError(msg)
    return [
        {"name": o["name"], "type": o["type"], "value": _value(guild, o, given[o["name"]])}
        for o in asked
        if o["name"] in given
    ]


def half_filled(asked: list[Json], given: Mapping[str, object], *, focused: str) -> list[Json]:
    """Return the options while *focused* is being typed: raw, the others unchecked.

    Raises:
        CannotError: That option completes nothing by itself.
    """
    _refuse_unknown(asked, given)
    known = {option["name"]: option for option in asked}
    if not known.get(focused, {}).get("autocomplete"):
        msg = f"Option {focused} has no autocomplete."
        raise CannotError(msg)
    typed = {focused: ""} | dict(given)
    return [
        {"name": name, "type": known[name]["type"], "value": value}
        | ({"focused": True} if name == focused else {})
        for name, value in typed.items()
    ]


def resolved(guild: Guild, options: list[Json]) -> Json:
    """Return the people, roles and channels that the options name."""
    found: Json = {}
    for option in options:
        if option["type"] not in MENTIONS:
            continue
        key = int(option["value"])
        if key in guild.members:
            member = member_json(guild.members[key], permissions=0)
            user = member.pop("user")
            found.setdefault("users", {})[str(key)] = user
            found.setdefault("members", {})[str(key)] = member
        elif key in guild.roles:
            found.setdefault("roles", {})[str(key)] = role_json(guild.roles[key])
        else:
            channel = channel_json(guild.channels[key]) | {"permissions": "0"}
            found.setdefault("channels", {})[str(key)] = channel
    return found


def _refuse_unknown(asked: list[Json], given: Mapping[str, object]) -> None:
    unknown = set(given) - {option["name"] for option in asked}
    if unknown:
        msg = f"No such options: {', '.join(sorted(unknown))}."
        raise CannotError(msg)


def _value(guild: Guild, option: Json, given: object) -> Any:  # noqa: ANN401 - JSON: text, number or truth
    text = str(given)
    choices = {choice["name"]: choice["value"] for choice in option.get("choices", [])}
    if choices:
        if given not in choices.values() and text not in choices:
            msg = f"{option['name']} offers {', '.join(choices)}, not {text}."
            raise CannotError(msg)
        return choices.get(text, given)
    try:
        return _typed(guild, option, given)
    except (ValueError, KeyError) as error:
        msg = f"{option['name']} does not take {text!r}."
        raise CannotError(msg) from error


def _typed(guild: Guild, option: Json, given: object) -> Any:  # noqa: ANN401 - JSON: text, number or truth
    text = str(given)
    match option["type"]:
        case OptionType.STRING:
            return _in_range(option, text, size=len(text), bounds=("min_length", "max_length"))
        case OptionType.INTEGER:
            number = int(text)
            return _in_range(option, number, size=number, bounds=("min_value", "max_value"))
        case OptionType.NUMBER:
            real = float(text)
            return _in_range(option, real, size=real, bounds=("min_value", "max_value"))
        case OptionType.BOOLEAN:
            return {"true": True, "false": False}[text.lower()]
        case _:
            return _known_id(guild, option, text)


def _in_range(option: Json, value: object, *, size: float, bounds: tuple[str, str]) -> object:
    least, most = option.get(bounds[0]), option.get(bounds[1])
    if (least is not None and size < least) or (most is not None and size > most):
        raise ValueError(size)
    return value


def _known_id(guild: Guild, option: Json, text: str) -> str:
    places: dict[int, list[Mapping[int, object]]] = {
        OptionType.USER: [guild.members],
        OptionType.CHANNEL: [guild.channels],
        OptionType.ROLE: [guild.roles],
        OptionType.MENTIONABLE: [guild.members, guild.roles],
    }
    if not any(int(text) in place for place in places[option["type"]]):
        raise KeyError(text)
    return text
