"""Block Kit as Slack checks it on arrival: structure, lengths, unique ids."""

import secrets
from collections.abc import Iterator
from functools import cache

from bot.standins.slack.block_checks import (
    Check,
    among,
    complaint,
    flag,
    items,
    record,
    string,
    tagged,
)
from bot.standins.slack.block_elements import any_text, elements, plain_text
from bot.standins.slack.limits import BlockLimits
from bot.standins.slack.model import Json
from bot.standins.slack.rich_text import ANY_COUNT, rich_text_parts


def problems(blocks: object, limit: BlockLimits, *, in_view: bool = False) -> list[str]:
    """Return what Slack would say against *blocks*; nothing if it takes them."""
    most = limit.view_blocks if in_view else limit.message_blocks
    check = items(tagged(_shapes(limit)), most=most, least=0)
    return [*check(blocks, "/blocks"), *_twice(blocks)]


def total_text(part: object) -> int:
    """Count the characters of all texts in *part*."""
    if isinstance(part, list):
        return sum(total_text(each) for each in part)
    if not isinstance(part, dict):
        return 0
    own = part.get("text")
    length = len(own) if isinstance(own, str) else 0
    return length + sum(total_text(each) for each in part.values())


def with_ids(blocks: list[Json]) -> list[Json]:
    """Return *blocks* with the ids that Slack fills in where the app named none."""
    return [_named(block) for block in blocks]


def interactive(block: Json) -> Iterator[Json]:
    """Yield the elements of *block* that one can use."""
    single = (block.get("accessory"), block.get("element"))
    many = block.get("elements") if block.get("type") == "actions" else None
    for element in (*single, *(many or ())):
        if isinstance(element, dict) and element.get("type") != "image":
            yield element


def _named(block: Json) -> Json:
    named = {**block, "block_id": block.get("block_id") or secrets.token_urlsafe(4)}
    for key in ("accessory", "element"):
        if key in block and block[key].get("type") != "image":
            named[key] = _with_action_id(block[key])
    if block["type"] == "actions":
        named["elements"] = [_with_action_id(element) for element in block["elements"]]
    return named


def _with_action_id(element: Json) -> Json:
    return {**element, "action_id": element.get("action_id") or secrets.token_urlsafe(4)}


def _twice(blocks: object) -> Iterator[str]:
    """Yield a complaint for each id that stands twice where it must be alone."""
    block_ids: set[str] = set()
    for index, block in enumerate(blocks if isinstance(blocks, list) else ()):
        if not isinstance(block, dict):
            continue
        name = block.get("block_id")
        if isinstance(name, str) and name in block_ids:
            yield complaint(f"`block_id` {name} already exists", f"/blocks/{index}/block_id")
        elif isinstance(name, str):
            block_ids.add(name)
        yield from _twice_in(block, f"/blocks/{index}")


def _twice_in(block: Json, at: str) -> Iterator[str]:
    seen: set[str] = set()
    members = block.get("elements")
    if block.get("type") != "actions" or not isinstance(members, list):
        return
    for index, element in enumerate(members):
        name = element.get("action_id") if isinstance(element, dict) else None
        if isinstance(name, str) and name in seen:
            words = f"`action_id` {name} already exists"
            yield complaint(words, f"{at}/elements/{index}/action_id")
        elif isinstance(name, str):
            seen.add(name)


@cache
def _shapes(limit: BlockLimits) -> dict[str, Check]:
    parts = elements(limit)
    typed = {"plain_text_input", "number_input", "email_text_input", "url_text_input"}
    image = {"image_url": string(limit.url), "alt_text": string(limit.alt_text)}
    context = {
        "image": record({"type": among("image"), **image}),
        "mrkdwn": any_text(limit.section_text),
        "plain_text": any_text(limit.section_text),
    }
    accessory = {**parts, "image": context["image"]}
    own: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
        "section": (
            {},
            {
                "text": any_text(limit.section_text),
                "fields": items(any_text(limit.field_text), most=limit.fields),
                "accessory": tagged(accessory, accessory.keys() - typed - {"datetimepicker"}),
                "expand": flag,
            },
        ),
        "header": ({"text": plain_text(limit.header_text)}, {}),
        "divider": ({}, {}),
        "context": ({"elements": items(tagged(context), most=limit.context_elements)}, {}),
        "actions": (
            {"elements": items(tagged(parts, parts.keys() - typed), most=limit.actions)},
            {},
        ),
        "image": (image, {"title": plain_text(limit.alt_text)}),
        "input": (
            {
                "label": plain_text(limit.label),
                "element": tagged(parts, parts.keys() - {"button", "overflow"}),
            },
            {"hint": plain_text(limit.label), "optional": flag, "dispatch_action": flag},
        ),
        "markdown": ({"text": string(limit.markdown_text)}, {}),
        "rich_text": ({"elements": items(tagged(rich_text_parts()), most=ANY_COUNT, least=0)}, {}),
        "table": _table(limit),
    }
    shapes = {kind: _block(kind, *fields, limit) for kind, fields in own.items()}
    shapes["section"] = _with_words(shapes["section"])
    return shapes


def _block(
    kind: str, required: dict[str, Check], optional: dict[str, Check], limit: BlockLimits
) -> Check:
    name = string(limit.identifier)
    return record({"type": among(kind), **required}, {"block_id": name, **optional})


def _with_words(section: Check) -> Check:
    def check(value: object, at: str) -> Iterator[str]:
        if isinstance(value, dict) and not value.keys() & {"text", "fields"}:
            yield complaint("must define either `text` or `fields`", at)
        yield from section(value, at)

    return check


def _table(limit: BlockLimits) -> tuple[dict[str, Check], dict[str, Check]]:
    rich = items(tagged(rich_text_parts()), most=ANY_COUNT, least=0)
    cells = {
        "raw_text": record({"type": among("raw_text"), "text": string(limit.section_text)}),
        "rich_text": record({"type": among("rich_text"), "elements": rich}),
    }
    column = record({}, {"align": among("left", "center", "right"), "is_wrapped": flag})
    rows = items(items(tagged(cells), most=limit.table_cells), most=limit.table_rows)
    return {"rows": rows}, {"column_settings": items(column, most=limit.table_cells, least=0)}
