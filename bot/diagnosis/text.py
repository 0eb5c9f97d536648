"""Lines as people should read them: without colour, time stamp and the prefixes of tools."""

import re
from typing import Final

ESCAPE: Final = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]{0,400}(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[=>78cM])"
)
# GitHub: 2026-07-30T10:37:22.5238024Z; GitLab adds a stream: 2026-07-30T10:37:22.523802Z 01E .
STAMP: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z (?:\d\d[OE][ +])?"
)
# Compose "web-1  | ", BuildKit "#19 22.32 ", Taskcluster, xdist "[gw0] ", lerna and turbo are
# seen through for matching, but stay in what is quoted.
PREFIX: Final = re.compile(
    rb"(?:"
    rb"\[task \d[^\]\n]{10,40}\] (?:\d\d:\d\d:\d\d +[A-Z]+ - +)?"
    rb"|\d\d:\d\d:\d\d +(?:INFO|WARNING|ERROR|CRITICAL|FATAL) - +"
    rb"|[A-Za-z][\w.-]{0,60} +\| "
    rb"|#\d{1,4} (?:\d{1,5}\.\d{1,3} )?"
    rb"|\[gw\d+\] (?:\[ *\d+%\] )?"
    rb"|\[\d{1,4}:\d\d:\d\d\] "
    rb"|\[\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\]\n]{0,12}\] "
    rb"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?:? "
    rb")"
)
# What CI systems and build tools put before a message; a rule's "^" also means "after that".
LEAD: Final = re.compile(
    rb"(?:##\[(?:error|warning)\]|::(?:error|warning)[^:\n]{0,300}::)?"
    rb"(?:\[(?:ERROR|error|FATAL|javac|junit|exec|java|groovyc|scalac)\] ?)?"
)
# The lines by which CI systems structure a log; no part of what a tool said.
SCAFFOLD: Final = re.compile(
    rb"(?:^|Z )(?:travis_(?:time|fold):|section_(?:start|end):|##\[(?:group|endgroup|start-|end-))"
)
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]+")
ELLIPSIS: Final = "…"
DIGITS: Final = bytes(range(0x30, 0x3A))
_UNSTABLE: Final = re.compile(rb"\b[0-9a-f]{7,64}\b|0x[0-9a-fA-F]+")


def without_escapes(data: bytes) -> bytes:
    """Drop terminal escapes."""
    return ESCAPE.sub(b"", data) if b"\x1b" in data else data


def without_stamp(line: bytes) -> bytes:
    """Drop the time stamp that the CI system put before a line."""
    found = STAMP.match(line)
    return line[found.end() :] if found else line


def stamp_of(line: bytes) -> bytes:
    """Return the seconds of a line's time stamp as sortable text, or nothing."""
    found = STAMP.match(line)
    return line[found.start() : found.end()].removeprefix(b"\xef\xbb\xbf")[:19] if found else b""


def bare(line: bytes) -> bytes:
    """Return what the tool itself said: no stamp, and none of the prefixes around it."""
    line = without_stamp(line)
    found = PREFIX.match(line)
    return line[found.end() :] if found else line


def without_lead(said: bytes) -> bytes:
    """Drop the mark of an error that stands before a message: "##[error]", "[ERROR] "."""
    if said[:1] not in {b"#", b":", b"["}:
        return said
    found = LEAD.match(said)
    return said[found.end() :] if found else said


def alike(line: bytes) -> bytes:
    """Return what equal lines of different runs share: no digits, no hashes, no addresses."""
    return _UNSTABLE.sub(b"#", line).translate(None, DIGITS).strip()


def readable(line: bytes) -> str:
    """Decode a line; what no chat and no database can hold is shown as left out."""
    return CONTROL.sub(ELLIPSIS, line.decode("utf-8", "replace")).rstrip()
