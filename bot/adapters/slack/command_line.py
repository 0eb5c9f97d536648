"""What was typed behind a slash command, split as a shell would, but forgiving."""

import html
import re
import shlex
from collections.abc import Sequence
from typing import Final

from bot.ports.commands import CommandSpec

HELP: Final = "help"
NAME_CHARS: Final = 80
# What phones make of a plain quotation mark.
QUOTES: Final = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'))
# Slack may send an address as <https://...> or <https://...|what was typed>.
LINK: Final = re.compile(r"<(https?://[^|>\s]+)(?:\|[^>]*)?>")
NAMED: Final = re.compile(r"(?:--)?([a-z_]+)[:=](.+)", re.DOTALL)


def read_command(text: str, commands: Sequence[CommandSpec]) -> tuple[str, dict[str, str]]:
    """Return the word and its arguments; an unknown word is for the router to answer."""
    words = split(html.unescape(LINK.sub(r"\1", text)))
    if not words:
        return HELP, {}
    word = words[0].lower()[:NAME_CHARS]
    known = [one.name for spec in commands if spec.name == word for one in spec.options]
    return word, _arguments(words[1:], known)


def split(text: str) -> list[str]:
    """Split at spaces outside of double quotes; a lone quote is a character like others."""
    lexer = shlex.shlex(text.translate(QUOTES), posix=True)
    lexer.whitespace_split = True
    lexer.quotes, lexer.escape, lexer.commenters = '"', "", ""
    try:
        return list(lexer)
    except ValueError:
        return text.split()


def _arguments(words: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """Give each word its name: as typed ("branch:main"), else by place; the last takes the rest."""
    found: dict[str, str] = {}
    unnamed: list[str] = []
    for word in words:
        match = NAMED.fullmatch(word)
        if match and match[1] in names:
            found[match[1]] = match[2]
        else:
            unnamed.append(word)
    free = [name for name in names if name not in found]
    for place, name in enumerate(free):
        rest = unnamed[place:] if name == free[-1] else unnamed[place : place + 1]
        if rest:
            found[name] = " ".join(rest)
    return found
