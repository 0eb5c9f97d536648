"""Application commands: what may be registered, and how it is kept."""

import re
from enum import IntEnum
from typing import Final

from bot.standins.discord.form import Form
from bot.standins.discord.refusal import Code, Json, RefusalError
from bot.standins.discord.world import Act, World

CHAT_INPUT: Final = 1
KINDS: Final = (1, 2, 3)
NAME: Final = re.compile(r"^[-_'\w]{1,32}$")


class OptionType(IntEnum):
    """What an option holds; the first two hold options."""

    SUBCOMMAND = 1
    GROUP = 2
    STRING = 3
    INTEGER = 4
    BOOLEAN = 5
    USER = 6
    CHANNEL = 7
    ROLE = 8
    MENTIONABLE = 9
    NUMBER = 10
    ATTACHMENT = 11


NESTED: Final = (OptionType.SUBCOMMAND, OptionType.GROUP)


def overwrite(world: World, guild_id: int | None, bodies: list[Json]) -> list[Json]:
    """Replace all commands; one that keeps its name keeps its id.

    Raises:
        RefusalError: A body breaks a rule (50035).
    """
    form = Form()
    form.size("_", bodies, most=world.rules.commands)
    names: set[tuple[object, int]] = set()
    for index, body in enumerate(bodies):
        _check_command(form, world, f"{index}", body)
        name = (body.get("name"), body.get("type") or CHAT_INPUT)
        if name in names:
            message = "Application command names must be unique"
            form.wrong(f"{index}", "APPLICATION_COMMANDS_DUPLICATE_NAME", message)
        names.add(name)
    form.check()
    before = {(each["name"], each["type"]): each for each in listed(world, guild_id)}
    kept = [_kept(world, guild_id, body, before) for body in bodies]
    _store(world, guild_id, kept)
    world.acts.append(Act(kind="sync"))
    return kept


def register(world: World, guild_id: int | None, body: Json) -> tuple[Json, bool]:
    """Add one command, or replace the one of that name; say whether it is new.

    Raises:
        RefusalError: The body breaks a rule (50035).
    """
    form = Form()
    _check_command(form, world, "", body)
    form.check()
    commands = listed(world, guild_id)
    before = {(each["name"], each["type"]): each for each in commands}
    kept = _kept(world, guild_id, body, before)
    others = [each for each in commands if each["id"] != kept["id"]]
    _store(world, guild_id, [*others, kept])
    return kept, len(others) == len(commands)


def listed(world: World, guild_id: int | None) -> list[Json]:
    """Return the global commands, or those of one guild."""
    if guild_id is None:
        return world.global_commands
    return world.guild_commands.get(guild_id, [])


def unregister(world: World, guild_id: int | None, command_id: int) -> None:
    """Take one command away.

    Raises:
        RefusalError: There is none.
    """
    commands = listed(world, guild_id)
    others = [each for each in commands if each["id"] != str(command_id)]
    if len(others) == len(commands):
        raise RefusalError(Code.UNKNOWN_COMMAND)
    _store(world, guild_id, others)


def _store(world: World, guild_id: int | None, commands: list[Json]) -> None:
    if guild_id is None:
        world.global_commands = commands
    else:
        world.guild_commands[guild_id] = commands


def _kept(
    world: World, guild_id: int | None, body: Json, before: dict[tuple[str, int], Json]
) -> Json:
    kind = body.get("type") or CHAT_INPUT
    known = before.get((body["name"], kind))
    permissions = body.get("default_member_permissions")
    kept: Json = {
        "id": known["id"] if known else str(world.new_id()),
        "application_id": str(world.application.id),
        "version": str(world.new_id()),
        "type": kind,
        "name": body["name"],
        "description": body.get("description") or "",
        "options": [_kept_option(option) for option in body.get("options") or []],
        "default_member_permissions": None if permissions is None else str(permissions),
        "nsfw": bool(body.get("nsfw")),
        "integration_types": body.get("integration_types") or [0],
        "contexts": body.get("contexts"),
    }
    return kept if guild_id is None else kept | {"guild_id": str(guild_id)}


def _kept_option(option: Json) -> Json:
    kept: Json = {name: value for name, value in option.items() if value is not None}
    if "options" in kept:
        kept["options"] = [_kept_option(each) for each in kept["options"]]
    return kept


def _check_command(form: Form, world: World, place: str, body: Json) -> None:
    dot = f"{place}." if place else ""
    kind = body.get("type") or CHAT_INPUT
    form.one_of(f"{dot}type", kind, KINDS)
    if kind == CHAT_INPUT:
        _check_named(form, world, dot, body)
        _check_options(form, world, f"{dot}options", body.get("options"))
    else:
        form.text(
            f"{dot}name", body.get("name"), longest=world.rules.command_name_chars, shortest=1
        )


def _check_named(form: Form, world: World, dot: str, body: Json) -> None:
    rules = world.rules
    name, description = body.get("name"), body.get("description")
    form.text(f"{dot}name", name, longest=rules.command_name_chars, shortest=1)
    if isinstance(name, str) and name and (not NAME.match(name) or name != name.lower()):
        message = "Command name is invalid"
        form.wrong(f"{dot}name", "APPLICATION_COMMAND_INVALID_NAME", message)
    longest = rules.command_description_chars
    form.text(f"{dot}description", description, longest=longest, shortest=1)


def _check_options(form: Form, world: World, place: str, value: object) -> None:
    options = form.rows(place, value)
    form.size(place, options, most=world.rules.command_options)
    optional_seen = False
    for index, option in enumerate(options):
        here = f"{place}.{index}"
        if not form.one_of(f"{here}.type", option.get("type"), tuple(map(int, OptionType))):
            continue
        _check_named(form, world, f"{here}.", option)
        if option["type"] in NESTED:
            _check_options(form, world, f"{here}.options", option.get("options"))
            continue
        _check_choices(form, world, here, option)
        if option.get("required") and optional_seen:
            message = "Required options must be placed before non-required options"
            form.wrong(here, "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        optional_seen = optional_seen or not option.get("required")


def _check_choices(form: Form, world: World, place: str, option: Json) -> None:
    choices = form.rows(f"{place}.choices", option.get("choices"))
    form.size(f"{place}.choices", choices, most=world.rules.choices)
    if choices and option.get("autocomplete"):
        message = "Choices and autocomplete exclude each other"
        form.wrong(
            f"{place}.autocomplete", "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE", message
        )
    check_choices(form, world, f"{place}.choices", choices)


def check_choices(form: Form, world: World, place: str, choices: list[Json]) -> None:
    """Check choices, of an option or of an autocomplete answer."""
    form.size(place, choices, most=world.rules.choices)
    longest = world.rules.choice_chars
    for index, choice in enumerate(choices):
        form.text(f"{place}.{index}.name", choice.get("name"), longest=longest, shortest=1)
        value = choice.get("value")
        if isinstance(value, str):
            form.text(f"{place}.{index}.value", value, longest=longest)
        elif value is None:
            form.required(f"{place}.{index}.value")
