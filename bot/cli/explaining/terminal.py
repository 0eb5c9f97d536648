"""Text that strangers wrote, fit for a terminal."""

import unicodedata
from typing import Final

TAB: Final = 4
LEFT_OUT: Final = "\ufffd"


def printable(text: str) -> str:
    """Return *text* without what moves, colours, hides or turns around other text.

    That is more than the control characters below the space: U+009B begins a command as the
    escape does, and U+202E lets the rest of a line run backwards.
    """
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _instead(sign) for sign in text.expandtabs(TAB))


def _instead(sign: str) -> str:
    return " " if unicodedata.category(sign) == "Zs" else LEFT_OUT
