"""The pattern language of rules: what Hyperscan takes, in two forms.

A pattern is a regular expression without look-around and back-references, so that a scan is
linear whatever the log says. It is compiled twice: laxly for the sieve, which runs over raw
blocks, and exactly for the few lines that the sieve lets through.
"""

import re
from dataclasses import dataclass
from typing import Final

import hyperscan

CASELESS: Final = "(?i)"
PRECEDED: Final = r"(?:^|[\t\r\]: |\xbf])"  # what a prefix ends with, or the mark of a byte order
HEAD: Final = re.compile(r"^(?:\\s[*+]|\\S(?:[*+]|\{\d+,\d+\})|\.[*+]|\[\^\\n\][*+])+(?![?{])")
LINE_END: Final = r"(?:\r|[\t ]*$)"
TAILS: Final = (r"\s*", ".*", r"[^\n]*", "+")
OUTSIDE: Final = {r"\s": r"[\t\r\f\x0b ]", r"\W": r"[^\n\w]", r"\D": r"[^\n\d]"}
IN_CLASS: Final = {r"\s": r"\t\r\f\x0b "}


class PatternError(ValueError):
    """A pattern cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Split:
    """A pattern with one group, in three parts."""

    before: str
    group: str
    after: str


def sieve_form(pattern: str) -> bytes:
    """Loosen the anchors, as prefixes are cut off only after the sieve, and cut the tail short.

    Hyperscan tells every end of a match, so what may go on and on would be told on and on.
    """
    flag, body = _flag(pattern)
    if body.startswith("^"):
        body = body[1:].removeprefix(r"\s*")
        loose = HEAD.match(body)
        if loose is None:
            body = PRECEDED + body
        else:
            body = (r"\s" if loose[0] == r"\s+" else "") + body[loose.end() :]
    if body.endswith("$") and not body.endswith(r"\$"):
        body = body[:-1].removesuffix(r"\s*") + LINE_END
    for tail in TAILS:
        body = body.removesuffix(tail)
    return (flag + within_line(body)).encode()


def exact_form(pattern: str) -> bytes:
    """Keep a match within its line."""
    return within_line(pattern).encode()


def within_line(pattern: str) -> str:
    r"""Keep "\\s", "\\W", "\\D" and "[^...]" from matching the end of a line."""
    made: list[str] = []
    in_class, at = False, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            sign = pattern[at : at + 2]
            made.append((IN_CLASS if in_class else OUTSIDE).get(sign, sign))
            at += 2
            continue
        if not in_class and pattern.startswith("[^", at):
            made.append(r"[^\n")
            in_class, at = True, at + 2
            if pattern[at : at + 1] == "]":
                made.append(r"\]")
                at += 1
            continue
        in_class = (char != "]" or pattern[at - 1] == "[") if in_class else char == "["
        made.append(char)
        at += 1
    return "".join(made)


def check_pattern(pattern: str) -> None:
    """Refuse a pattern whose meaning is not what it looks like; Hyperscan judges the rest.

    Raises:
        PatternError: It has an alternative at its top, or a class that matches single bytes.
    """
    if any(depth == 0 and char == "|" for _, char, depth in _walk(pattern)):
        msg = "has an alternative at its top; write two patterns, or (?:a|b)"
        raise PatternError(msg)


def check_capture(pattern: str) -> None:
    """Refuse a capture without exactly one group.

    Raises:
        PatternError: It is not valid, or has not one group at its top.
    """
    split = split_capture(pattern)
    for part in (split.before, split.group, split.after):
        if part not in {"", "^", "$"}:
            compiled(exact_form(part), hyperscan.HS_FLAG_ALLOWEMPTY)


def split_capture(pattern: str) -> Split:
    """Cut a pattern at its one group: what stands before it, in it, and after it.

    Raises:
        PatternError: There is not exactly one group at its top.
    """
    opened = [
        at
        for at, char, depth in _walk(pattern)
        if char == "(" and depth == 0 and pattern[at + 1 : at + 2] != "?"
    ]
    if len(opened) != 1:
        msg = f"needs exactly one (group) at its top, has {len(opened)}"
        raise PatternError(msg)
    start = opened[0]
    closed = [at for at, char, depth in _walk(pattern) if char == ")" and depth == 0]
    end = next(at for at in closed if at > start)
    flag, before = _flag(pattern[:start])
    after = pattern[end + 1 :]
    return Split(flag + before, flag + pattern[start + 1 : end], flag + after if after else "")


def compiled(expression: bytes, flags: int = 0) -> hyperscan.Database:
    """Compile one expression.

    Raises:
        PatternError: Hyperscan refuses it.
    """
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    try:
        database.compile(
            expressions=[expression], ids=[0], flags=[hyperscan.HS_FLAG_MULTILINE | flags]
        )
    except hyperscan.error as error:
        raise PatternError(str(error)) from error
    return database


def _flag(pattern: str) -> tuple[str, str]:
    if pattern.startswith(CASELESS):
        return CASELESS, pattern[len(CASELESS) :]
    return "", pattern


def _walk(pattern: str) -> list[tuple[int, str, int]]:
    """List the signs outside classes and escapes, with their depth in groups.

    Raises:
        PatternError: A letter outside ASCII stands in a class, where it would match single bytes.
    """
    found: list[tuple[int, str, int]] = []
    depth, in_class, at = 0, False, 0
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        if in_class:
            if not char.isascii():
                msg = f"has {char!r} in a class; write an alternative (?:a|b) instead"
                raise PatternError(msg)
            # A "]" right after "[" or "[^" is a member.
            in_class = char != "]" or pattern[at - 1] == "[" or pattern[at - 2 : at] == "[^"
        elif char == "[":
            in_class = True
        else:
            depth -= char == ")"
            found.append((at, char, depth))
            depth += char == "("
        at += 1
    return found
