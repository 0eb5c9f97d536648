"""Read Discord's markdown well enough to see whether a stranger's words do something in it."""

import re
from typing import Final

ESCAPED: Final = re.compile(r"\\[^0-9A-Za-z\s]")
CODE: Final = re.compile(r"(`+)(?!`)(.*?[^`])\1(?!`)", re.DOTALL)
LINK: Final = re.compile(r"\[((?:\\.|[^\]\\])*)\]\(<https?://[^<>\s]+>\)")
STRONG: Final = re.compile(r"\*\*((?:\\.|[^*\\])+)\*\*")
ALIVE: Final = re.compile(
    r"[\\*~|<`\[]|__|\b_|_\b|@(?:everyone|here)|https?://"
    r"|discord(?:app)?\.(?:gg|com)",
    re.IGNORECASE,
)
STARTS: Final = re.compile(r"\s*(?:#{1,3}\s|-#?\s|[*+]\s|>|\d+\.\s)")
DEAD: Final = "\0"


def alive(line: str, *, ours: re.Pattern[str]) -> list[str]:
    """Return what Discord would act on in *line*, beside code, links, strong words and *ours*."""
    starting = STARTS.match(line)
    return [*([starting[0]] if starting else []), *ALIVE.findall(_rest(line, ours))]


def _rest(text: str, ours: re.Pattern[str]) -> str:
    rest, at = "", 0
    while at < len(text):
        if found := ESCAPED.match(text, at) or CODE.match(text, at) or ours.match(text, at):
            rest += DEAD
        elif found := LINK.match(text, at) or STRONG.match(text, at):
            rest += DEAD + _rest(found[1], ours) + DEAD
        else:
            rest += text[at]
        at = found.end() if found else at + 1
    return rest
