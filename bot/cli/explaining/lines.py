"""The lines of a log as bytes of UTF-8; numbers count line feeds, as those of excerpts do."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Final

PROBE_BYTES: Final = 512
LINE_BYTES: Final = 4_000  # of a longer line the rest may be missing
STAMP: Final = rb"(?:\xef\xbb\xbf)?(?:\d{4}-\d\d-\d\dT[\d:.]{8,18}Z )?"
_STAMPED: Final = re.compile(STAMP)


def lines_of(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a log at its line feeds; what follows the last one is a line if it holds anything."""
    rest = b""
    for block in as_utf8(blocks):
        *whole, rest = (rest + block).split(b"\n")
        yield from whole
        rest = rest[:LINE_BYTES]
    if rest:
        yield rest


def as_utf8(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Decode UTF-16, which PowerShell writes; all else stays as it is."""
    it = iter(blocks)
    head = next(it, b"")
    encoding = _utf16(head[:PROBE_BYTES])
    if encoding is None:
        yield head
        yield from it
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for block in (head, *it):
        yield decoder.decode(block).encode("utf-8", "replace")


def without_stamp(line: bytes) -> bytes:
    """Drop the time that GitHub writes before each line."""
    found = _STAMPED.match(line)
    return line[found.end() :] if found else line


def _utf16(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Of plain ASCII every other byte is zero, and hardly any of the others.
    for encoding, zeros, others in (
        ("utf-16-le", head[1::2], head[0::2]),
        ("utf-16-be", head[0::2], head[1::2]),
    ):
        if zeros and zeros.count(0) > 0.7 * len(zeros) and others.count(0) < 0.1 * len(others):
            return encoding
    return None
