"""The lines around spots, cut short and within bounds, so that a block can be shown."""

from typing import Final

from bot.diagnosis.text import SCAFFOLD

BEFORE: Final = 14
AFTER: Final = 24
LINE_BYTES: Final = 700
MAX_LINES: Final = 10_000
_CONTINUATION: Final = frozenset(bytes([byte]) for byte in range(0x80, 0xC0))
CUT: Final = "…".encode()


class Shelf:
    """Numbered lines; filled window by window, with what a spot needs of the next window."""

    def __init__(self) -> None:
        self.lines: dict[int, bytes] = {}
        self.noise: set[int] = set()
        """Lines that are known to mean nothing; a block ends before one."""
        self._wanted_to = 0
        self._kept_to = 0  # the last kept line of the window at hand, and where it ends in there
        self._kept_at = 0
        self._tail: list[tuple[int, bytes]] = []

    def begin(self, number: int, data: bytes) -> None:
        """Take from a new window what the last spots still wanted, before it is read."""
        self._kept_to, self._kept_at = number - 1, 0
        self._keep_to(self._wanted_to, data)

    def add_noise(self, number: int) -> None:
        if len(self.noise) < MAX_LINES:
            self.noise.add(number)

    def around(self, number: int, data: bytes, start: int) -> None:
        """Keep the lines around the one that begins at *start* of *data*."""
        if len(self.lines) > MAX_LINES:
            self._wanted_to = 0
            return
        at, line = start, number
        while at > 0 and number - line < BEFORE:
            previous = data.rfind(b"\n", 0, at - 1) + 1
            line -= 1
            if line in self.lines:
                break
            self.lines[line] = clipped(data[previous : at - 1])
            at = previous
        if at == 0:
            for before, text in self._tail:
                if number - BEFORE <= before < number:
                    self.lines.setdefault(before, text)
        if number > self._kept_to:
            self._kept_to, self._kept_at = number - 1, start
        self._keep_to(number + AFTER, data)

    def end(self, number: int, data: bytes) -> None:
        """Remember the last lines of a window; *number* is that of its first line."""
        tail = data[-BEFORE * LINE_BYTES :].split(b"\n")
        last = number + data.count(b"\n")
        whole = tail[1:] if len(data) > BEFORE * LINE_BYTES else tail
        numbered = [(last - back, text) for back, text in enumerate(reversed(whole))]
        self._tail = [(at, clipped(text)) for at, text in reversed(numbered[: BEFORE + 1]) if text]

    def add_last_lines(self) -> None:
        """Put the last lines of the log on the shelf as well."""
        for number, text in self._tail:
            self.lines.setdefault(number, text)

    def above(self, number: int, count: int) -> list[int]:
        """Return the last *count* kept lines that are not blank, up to line *number*."""
        kept = sorted(
            line
            for line, text in self.lines.items()
            if line <= number
            and text.strip()
            and line not in self.noise
            and not SCAFFOLD.search(text)
        )
        return kept[-count:]

    def _keep_to(self, to: int, data: bytes) -> None:
        """Keep the lines that follow the last kept one, up to line *to*."""
        while self._kept_at < len(data) and self._kept_to < to:
            end = data.find(b"\n", self._kept_at)
            end = len(data) if end < 0 else end
            self._kept_to += 1
            self.lines.setdefault(self._kept_to, clipped(data[self._kept_at : end]))
            self._kept_at = end + 1
        self._wanted_to = max(self._wanted_to, to)


def clipped(line: bytes) -> bytes:
    """Cut a long line; what is left out shows as an ellipsis."""
    line = line.rstrip(b"\r")
    if len(line) <= LINE_BYTES:
        return line
    return line[: whole_character(line, LINE_BYTES)] + CUT


def whole_character(line: bytes, at: int) -> int:
    """Move a cut back to where a UTF-8 character begins."""
    for back in range(min(4, at)):
        if line[at - back : at - back + 1] not in _CONTINUATION:
            return at - back
    return at
