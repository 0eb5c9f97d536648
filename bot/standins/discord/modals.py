"""Forms: what an application may open, and what a person's answer looks like."""

from collections.abc import Mapping

from bot.standins.discord.components import (
    LABEL,
    OTHER_SELECTS,
    ROW,
    STRING_SELECT,
    TEXT_INPUT,
    leaves,
)
from bot.standins.discord.form import Form
from bot.standins.discord.refusal import Json
from bot.standins.discord.rules import Rules
from bot.standins.discord.typed import CannotError


def check_modal(rules: Rules, body: Json) -> None:
    """Refuse a form that breaks a rule.

    Raises:
        RefusalError: 50035 with every error.
    """
    form = Form()
    form.text("custom_id", body.get("custom_id"), longest=rules.custom_id_chars, shortest=1)
    form.text("title", body.get("title"), longest=rules.modal_title_chars, shortest=1)
    rows = form.rows("components", body.get("components"))
    form.size("components", rows, most=rules.modal_rows, least=1)
    for index, row in enumerate(rows):
        place = f"components.{index}"
        if not form.one_of(f"{place}.type", row.get("type"), (ROW, LABEL)):
            continue
        if row["type"] == LABEL:
            form.text(f"{place}.label", row.get("label"), longest=45, shortest=1)
            _check_input(form, rules, f"{place}.component", row.get("component") or {})
            continue
        inputs = form.rows(f"{place}.components", row.get("components"))
        form.size(f"{place}.components", inputs, most=1, least=1)
        for each in inputs:
            form.text(f"{place}.components.0.label", each.get("label"), longest=45, shortest=1)
            _check_input(form, rules, f"{place}.components.0", each)
    form.check()


def _check_input(form: Form, rules: Rules, place: str, each: Json) -> None:
    kinds = (TEXT_INPUT, STRING_SELECT, *OTHER_SELECTS)
    if not form.one_of(f"{place}.type", each.get("type"), kinds):
        return
    form.text(
        f"{place}.custom_id", each.get("custom_id"), longest=rules.custom_id_chars, shortest=1
    )
    form.text(f"{place}.value", each.get("value"), longest=rules.input_chars)
    longest = 100 if each["type"] == TEXT_INPUT else rules.placeholder_chars
    form.text(f"{place}.placeholder", each.get("placeholder"), longest=longest)


def filled_in(modal: Json, values: Mapping[str, str]) -> Json:
    """Return the data of a form that a person sent.

    Raises:
        CannotError: A value is for no input, missing, or of a length the input does not take.
    """
    inputs = {each["custom_id"] for each in leaves(modal["components"])}
    if set(values) - inputs:
        msg = f"The form asks for {sorted(inputs)}, not for {sorted(set(values) - inputs)}."
        raise CannotError(msg)
    rows = [_filled_row(row, values, number) for number, row in enumerate(modal["components"])]
    return {"custom_id": modal["custom_id"], "components": rows}


def _filled_row(row: Json, values: Mapping[str, str], number: int) -> Json:
    shown: Json = {"type": row["type"], "id": 2 * number + 1}
    if row["type"] == LABEL:
        return shown | {"component": _filled_input(row["component"], values, 2 * number + 2)}
    filled = [_filled_input(each, values, 2 * number + 2) for each in row["components"]]
    return shown | {"components": filled}


def _filled_input(each: Json, values: Mapping[str, str], number: int) -> Json:
    key = each["custom_id"]
    shown: Json = {"type": each["type"], "id": number, "custom_id": key}
    value = values.get(key, each.get("value") or "")
    if not value and each.get("required", True):
        msg = f"The form requires {key}."
        raise CannotError(msg)
    if each["type"] != TEXT_INPUT:
        return shown | {"values": [value] if value else []}
    least, most = each.get("min_length") or 0, each.get("max_length") or 4_000
    if value and not least <= len(value) <= most:
        msg = f"{key} takes {least} to {most} characters."
        raise CannotError(msg)
    return shown | {"value": value}
