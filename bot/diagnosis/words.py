"""Say the reason in one clause that reads well after "acme/app CI on main: "."""

from collections.abc import Sequence
from typing import Final

from bot.diagnosis.causes import HABITS
from bot.diagnosis.verdict import Verdict
from bot.domain.failure import Cause

NAMED: Final = 3
NAME_CHARS: Final = 80
REASON_CHARS: Final = 240


def reason_of(verdict: Verdict, names: Sequence[str], line: str, stable: str) -> str:
    """Return the rule's own words where it has some, else those of the cause."""
    rule = verdict.rule
    if rule and rule.reason:
        text = _filled(rule.reason, names, line, stable)
        if text:
            return _short(text, REASON_CHARS)
    if verdict.cause is Cause.TEST_FAILURE and names:
        return _short(_tests(names), REASON_CHARS)
    words = HABITS[verdict.cause].words
    said = line.strip() or stable
    return _short(f"{words}: {said}" if said else words, REASON_CHARS)


def _filled(template: str, names: Sequence[str], line: str, stable: str) -> str:
    """Fill the placeholders; nothing where one has nothing to say."""
    values = {
        "{stable}": stable,
        "{name}": names[0] if names else "",
        "{names}": _listed(names),
        "{count}": str(len(names)),
        "{line}": line.strip(),
    }
    for placeholder, value in values.items():
        if placeholder in template:
            if not value:
                return ""
            template = template.replace(placeholder, _short(value, NAME_CHARS * NAMED))
    return template


def _tests(names: Sequence[str]) -> str:
    count = "a test failed" if len(names) == 1 else f"{len(names)} tests failed"
    return f"{count}: {_listed(names)}"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(_short(name, NAME_CHARS) for name in names[:NAMED])
    rest = len(names) - NAMED
    return f"{shown} and {rest} more" if rest > 0 else shown


def _short(text: str, chars: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= chars else text[: chars - 1].rstrip() + "…"
