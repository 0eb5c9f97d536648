"""Buttons and the menu "More", and what their ids say once they are pressed."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from bot.adapters.discord.escaping import link_target
from bot.adapters.discord.lines import cut
from bot.domain.ids import IncidentId, RunId
from bot.domain.press import Target
from bot.messages.views import Button, LinkButton, Style

Json = dict[str, Any]

ROW: Final = 1
BUTTON: Final = 2
SELECT: Final = 3
LINK: Final = 5
STYLES: Final = {Style.PRIMARY: 1, Style.PLAIN: 2, Style.DANGER: 4}

ROWS: Final = 5
BUTTONS_IN_A_ROW: Final = 5
LABEL_CHARS: Final = 80
OPTIONS: Final = 25
OPTION_CHARS: Final = 100

MENU: Final = "sj:menu"
MENU_LABEL: Final = "More"
PRESSED: Final = re.compile(
    r"sj:(?P<action>[a-z_]{1,40}):(?P<incident>\d+):(?P<run>\d+):(?P<attempt>\d+)"
)


def custom_id(button: Button) -> str:
    """Name a button so that its press can be read after a restart, from nothing else."""
    target = button.target
    return f"sj:{button.action}:{target.incident}:{target.run}:{target.attempt}"


def pressed(custom_id: str) -> tuple[str, Target] | None:
    """Return action and target of a pressed button; None where it is not one of ours."""
    found = PRESSED.fullmatch(custom_id)
    if found is None:
        return None
    target = Target(
        incident=IncidentId(int(found["incident"])),
        run=RunId(int(found["run"])),
        attempt=int(found["attempt"]),
    )
    return found["action"], target


def rows(
    buttons: Sequence[Button], menu: Sequence[Button], links: Sequence[LinkButton]
) -> list[Json]:
    """Lay out everything that can be pressed; what does not fit is left out."""
    side_by_side = [*_pressable(buttons), *_links(links)]
    most = ROWS - bool(menu)
    starts = range(0, len(side_by_side), BUTTONS_IN_A_ROW)
    laid = [_row(side_by_side[start : start + BUTTONS_IN_A_ROW]) for start in starts][:most]
    return [*laid, _row([_select(menu)])] if menu else laid


def _row(inside: list[Json]) -> Json:
    return {"type": ROW, "components": inside}


def _pressable(buttons: Iterable[Button]) -> list[Json]:
    # Two buttons of one id would make Discord refuse the whole message.
    by_id = {custom_id(button): button for button in buttons}
    return [
        {
            "type": BUTTON,
            "style": STYLES[button.style],
            "label": _label(button.label, LABEL_CHARS),
            "custom_id": id,
        }
        for id, button in by_id.items()
    ]


def _links(links: Iterable[LinkButton]) -> list[Json]:
    return [
        {"type": BUTTON, "style": LINK, "label": _label(link.label, LABEL_CHARS), "url": url}
        for link in links
        if (url := link_target(link.url))
    ]


def _select(menu: Sequence[Button]) -> Json:
    by_id = {custom_id(button): button for button in menu}
    options = [
        {"label": _label(button.label, OPTION_CHARS), "value": id} for id, button in by_id.items()
    ]
    return {
        "type": SELECT,
        "custom_id": MENU,
        "placeholder": MENU_LABEL,
        "options": options[:OPTIONS],
    }


def _label(text: str, room: int) -> str:
    return cut(text, room=room) or "…"
