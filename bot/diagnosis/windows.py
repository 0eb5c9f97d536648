"""Cut a stream of bytes into windows of whole lines, whatever the blocks it came in."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

WINDOW_BYTES: Final = 256 * 1024
_PROBE_BYTES: Final = 512
_ENOUGH: Final = 8  # letters, to tell UTF-16 without its mark from stray zeros


@dataclass(frozen=True, slots=True)
class Window:
    """Some lines in a row; a line longer than a window comes in pieces of one number."""

    number: int
    """The 1-based number of its first line."""
    data: bytes
    continued: bool = False
    """Its first line began in the window before."""
    last: bool = False


class Windows:
    """Collects blocks; gives windows whose borders depend on the log alone."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._number = 1
        self._decoder: codecs.IncrementalDecoder | None = None
        self._probed = False
        self._continued = False

    def feed(self, block: bytes) -> Iterator[Window]:
        for start in range(0, len(block), WINDOW_BYTES):  # so that a huge block is never doubled
            self._rest += self._as_utf8(block[start : start + WINDOW_BYTES])
            yield from self._full()

    def _full(self) -> Iterator[Window]:
        if not self._probed:
            if len(self._rest) < _PROBE_BYTES:
                return
            self._probe()
        start = 0
        while len(self._rest) - start >= WINDOW_BYTES:
            end = self._rest.rfind(b"\n", start, start + WINDOW_BYTES) + 1 or start + WINDOW_BYTES
            yield self._window(bytes(self._rest[start:end]))
            start = end
        del self._rest[:start]

    def finish(self) -> Iterator[Window]:
        if not self._probed:
            self._probe()
        yield from self._full()
        if self._rest:
            yield replace(self._window(bytes(self._rest)), last=True)
            self._rest.clear()

    def _window(self, data: bytes) -> Window:
        window = Window(self._number, data, self._continued)
        self._continued = not data.endswith(b"\n")
        self._number += data.count(b"\n")
        return window

    def _as_utf8(self, block: bytes) -> bytes:
        if self._decoder is None:
            return block
        return self._decoder.decode(block).encode("utf-8", "replace")

    def _probe(self) -> None:
        """Find out about UTF-16, which PowerShell writes, from the first bytes."""
        self._probed = True
        head = bytes(self._rest[:_PROBE_BYTES])
        encoding = _utf16(head)
        if encoding:
            self._decoder = codecs.getincrementaldecoder(encoding)("replace")
            self._rest = bytearray(self._as_utf8(bytes(self._rest)))


def _utf16(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and 0 in head:
        return "utf-16"
    half = len(head) // 2
    for encoding, zeros in (("utf-16-le", head[1::2]), ("utf-16-be", head[0::2])):
        if half >= _ENOUGH and zeros.count(0) * 10 > half * 7 and head.count(0) < len(head) * 0.6:
            return encoding
    return None
