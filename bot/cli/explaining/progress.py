"""A bar on a terminal, once something takes so long that one begins to wonder."""

import time
from collections.abc import Callable
from typing import Final, Self, TextIO

from bot.cli.explaining.terminal import printable

PATIENCE_SECONDS: Final = 1.0
REDRAW_SECONDS: Final = 0.1
BAR_CHARS: Final = 30
NAME_CHARS: Final = 30
MEGABYTE: Final = 1_000_000
ERASE: Final = "\r\x1b[K"


class Progress:
    """Use as a context manager; it leaves nothing behind."""

    def __init__(
        self,
        stream: TextIO,
        *,
        name: str,
        size: int | None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._name = printable(name)[:NAME_CHARS]
        self._size = size
        self._now = now
        self._read = 0
        self._draws = stream.isatty()
        self._drawn = False

    def __enter__(self) -> Self:
        self._next = self._now() + PATIENCE_SECONDS
        return self

    def __exit__(self, *_: object) -> None:
        if self._drawn:
            self._write(ERASE)

    def moved(self, count: int) -> None:
        """Tell that *count* more bytes were read."""
        self._read += count
        if self._draws and self._now() >= self._next:
            self._next = self._now() + REDRAW_SECONDS
            self._drawn = True
            self._write(f"{ERASE}{self._name} {self._bar()}")

    def _bar(self) -> str:
        read = f"{self._read // MEGABYTE} MB"
        if not self._size:
            return read
        share = min(1.0, self._read / self._size)
        filled = "#" * int(share * BAR_CHARS)
        return f"[{filled:<{BAR_CHARS}}] {share:.0%} of {self._size // MEGABYTE} MB"

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
