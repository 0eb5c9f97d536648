"""Check a message's buttons and menus, and write them as they are kept."""

from collections.abc import Iterator
from itertools import count
from typing import Final

from bot.standins.discord.form import Form
from bot.standins.discord.refusal import Json
from bot.standins.discord.rules import Rules

ROW: Final = 1
BUTTON: Final = 2
STRING_SELECT: Final = 3
TEXT_INPUT: Final = 4
OTHER_SELECTS: Final = (5, 6, 7, 8)
LABEL: Final = 18
LINK: Final = 5
PREMIUM: Final = 6
STYLES: Final = (1, 2, 3, 4, LINK, PREMIUM)
IN_A_ROW: Final = (BUTTON, STRING_SELECT, *OTHER_SELECTS)


def check_components(form: Form, rules: Rules, value: object) -> None:
    """Note every error in a body's `components`."""
    rows = form.rows("components", value)
    form.size("components", rows, most=rules.rows)
    ids: set[str] = set()
    for index, row in enumerate(rows):
        place = f"components.{index}"
        if not form.one_of(f"{place}.type", row.get("type"), (ROW,)):
            continue
        children = form.rows(f"{place}.components", row.get("components"))
        form.size(f"{place}.components", children, most=rules.buttons_in_a_row, least=1)
        if len(children) > 1 and any(child.get("type") != BUTTON for child in children):
            message = "A row holds one menu or up to five buttons."
            form.wrong(f"{place}.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED", message)
        for number, child in enumerate(children):
            _check_child(form, rules, f"{place}.components.{number}", child)
            _check_unique(form, f"{place}.components.{number}", child, ids)


def _check_child(form: Form, rules: Rules, place: str, child: Json) -> None:
    if not form.one_of(f"{place}.type", child.get("type"), IN_A_ROW):
        return
    if child["type"] == BUTTON:
        _check_button(form, rules, place, child)
        return
    form.text(
        f"{place}.custom_id", child.get("custom_id"), longest=rules.custom_id_chars, shortest=1
    )
    form.text(f"{place}.placeholder", child.get("placeholder"), longest=rules.placeholder_chars)
    if child["type"] == STRING_SELECT:
        _check_options(form, rules, f"{place}.options", child.get("options"))


def _check_button(form: Form, rules: Rules, place: str, button: Json) -> None:
    if not form.one_of(f"{place}.style", button.get("style"), STYLES):
        return
    form.text(f"{place}.label", button.get("label"), longest=rules.label_chars)
    if not button.get("label") and not button.get("emoji"):
        form.wrong(place, "BUTTON_COMPONENT_INVALID", "A button needs a label or an emoji.")
    custom_id, url = button.get("custom_id"), button.get("url")
    if button["style"] == LINK:
        form.text(f"{place}.url", url, longest=rules.button_url_chars, shortest=1)
        if isinstance(url, str) and url:
            form.url(f"{place}.url", url, schemes=("http", "https", "discord"))
        if custom_id is not None:
            message = "A custom id and url cannot both be specified"
            form.wrong(
                f"{place}.custom_id", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message
            )
        return
    form.text(f"{place}.custom_id", custom_id, longest=rules.custom_id_chars, shortest=1)
    if url is not None:
        message = "A custom id and url cannot both be specified"
        form.wrong(f"{place}.url", "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)


def _check_options(form: Form, rules: Rules, place: str, value: object) -> None:
    options = form.rows(place, value)
    form.size(place, options, most=rules.select_options, least=1)
    seen: list[object] = []
    for index, option in enumerate(options):
        most = rules.select_option_chars
        form.text(f"{place}.{index}.label", option.get("label"), longest=most, shortest=1)
        form.text(f"{place}.{index}.value", option.get("value"), longest=most, shortest=1)
        form.text(f"{place}.{index}.description", option.get("description"), longest=most)
        if option.get("value") in seen:
            message = "The specified option value is already used"
            form.wrong(
                f"{place}.{index}.value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message
            )
        seen.append(option.get("value"))


def _check_unique(form: Form, place: str, child: Json, ids: set[str]) -> None:
    custom_id = child.get("custom_id")
    if not isinstance(custom_id, str):
        return
    if custom_id in ids:
        message = "Component custom id cannot be duplicated"
        form.wrong(f"{place}.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", message)
    ids.add(custom_id)


def kept_components(rows: list[Json]) -> list[Json]:
    """Return the rows as Discord keeps them: numbered, without nulls, with defaults."""
    numbers = count(1)
    return [_numbered(row, numbers) for row in rows]


def _numbered(component: Json, numbers: Iterator[int]) -> Json:
    kept: Json = {name: value for name, value in component.items() if value is not None}
    kept["id"] = component.get("id") or next(numbers)
    if "components" in kept:
        kept["components"] = [_numbered(each, numbers) for each in kept["components"]]
    if kept["type"] in (STRING_SELECT, *OTHER_SELECTS):
        kept = {"min_values": 1, "max_values": 1} | kept
    return kept


def leaves(rows: list[Json]) -> Iterator[Json]:
    """Go through every button, menu and input, also those inside labels."""
    for row in rows:
        inside = row.get("components") or ([row["component"]] if "component" in row else [])
        if inside:
            yield from leaves(inside)
        else:
            yield row
