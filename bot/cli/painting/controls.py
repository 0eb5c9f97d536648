"""What both apps draw alike: menus, and how a press of a control finds its way back."""

from collections.abc import Callable, Iterable

Press = Callable[[str, str], str]
"""Attributes of the control with that id, and of the option with that value in it."""


def no_press(_control: str, _option: str) -> str:
    return 'type="button"'


def menu(label: str, options: Iterable[tuple[str, str]]) -> str:
    """Draw a menu; each option is the attributes of its button and its label, as HTML."""
    rows = "".join(f"<li><button {inside}>{shown}</button></li>" for inside, shown in options)
    summary = f'<summary class="button">{label}</summary>'
    return f'<details class="menu">{summary}<ul>{rows}</ul></details>'
