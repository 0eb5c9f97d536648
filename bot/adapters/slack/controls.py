"""Buttons and menus, and how a press of one is read again."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from bot.adapters.slack.elements import Json, is_web_address
from bot.adapters.slack.words import cut, one_line
from bot.domain.ids import IncidentId, RunId
from bot.domain.press import Target
from bot.messages.views import Button, LinkButton, Style

PREFIX: Final = "sj"
LINK: Final = "link"
MENU: Final = "more"
LABEL_CHARS: Final = 75
IN_ONE_ROW: Final = 25
IN_ONE_MENU: Final = 5
MENUS: Final = 4  # more choices than that would crowd out the text
STYLES: Final = {Style.PRIMARY: "primary", Style.DANGER: "danger"}


def controls(
    buttons: Sequence[Button], *, links: Sequence[LinkButton] = (), menu: Sequence[Button] = ()
) -> list[Json]:
    """Return the block of what can be pressed, or none if nothing can."""
    more = _menus(menu[: MENUS * IN_ONE_MENU])
    opened = [_link(link) for link in links if is_web_address(link.url)]
    row = [*map(_button, buttons), *opened][: IN_ONE_ROW - len(more)] + more
    return [{"type": "actions", "elements": _told_apart(row)}] if row else []


def read_control(action: Json) -> tuple[str, Target | None] | None:
    """Return what was pressed and for which target; None for a link, which opens by itself."""
    _, kind, *_ = f"{action.get('action_id')}::".split(":")
    if kind == LINK:
        return None
    if kind == MENU:
        kind, _, value = _chosen(action).partition(":")
        return kind, _target(value)
    return kind, _target(str(action.get("value")))


def _menus(menu: Sequence[Button]) -> list[Json]:
    """Return the rest as menus of five; a menu with one choice is a button."""
    groups = [menu[start : start + IN_ONE_MENU] for start in range(0, len(menu), IN_ONE_MENU)]
    return [_menu(group) if len(group) > 1 else _button(group[0]) for group in groups]


def _menu(group: Sequence[Button]) -> Json:
    options = [
        {"text": _label(each.label), "value": f"{each.action}:{_value(each.target)}"}
        for each in group
    ]
    return {"type": "overflow", "action_id": f"{PREFIX}:{MENU}", "options": options}


def _button(button: Button) -> Json:
    return {
        "type": "button",
        "text": _label(button.label),
        "action_id": f"{PREFIX}:{button.action}",
        "value": _value(button.target),
        **({"style": STYLES[button.style]} if button.style in STYLES else {}),
    }


def _link(link: LinkButton) -> Json:
    return {
        "type": "button",
        "text": _label(link.label),
        "action_id": f"{PREFIX}:{LINK}",
        "url": link.url,
    }


def _label(label: str) -> Json:
    # `emoji` off: a stranger's `:name:` stays what they wrote.
    text = cut(one_line(label).strip(), LABEL_CHARS) or "…"
    return {"type": "plain_text", "text": text, "emoji": False}


def _told_apart(row: Sequence[Json]) -> list[Json]:
    """Number equal action ids from the second on; Slack refuses two in one block."""
    met: Counter[str] = Counter()
    unique = []
    for element in row:
        name = element["action_id"]
        met[name] += 1
        unique.append({**element, "action_id": f"{name}:{met[name]}"} if met[name] > 1 else element)
    return unique


def _value(target: Target) -> str:
    return f"{target.incident}:{target.run}:{target.attempt}"


def _target(value: str) -> Target | None:
    numbers = value.split(":")
    if len(numbers) != 3 or not all(number.isdecimal() for number in numbers):  # noqa: PLR2004 - incident, run, attempt
        return None
    incident, run, attempt = map(int, numbers)
    return Target(incident=IncidentId(incident), run=RunId(run), attempt=attempt)


def _chosen(action: Json) -> str:
    option = action.get("selected_option")
    return str(option.get("value", "")) if isinstance(option, dict) else ""
