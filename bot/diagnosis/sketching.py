"""Read a green log into a sketch of what it prints when all is well."""

from collections.abc import Iterable

from bot.diagnosis.ruleset import RuleSet, built_in_rules
from bot.diagnosis.scanner import Scanner
from bot.diagnosis.sketch import MAX_LINES, Sketch, line_hash
from bot.diagnosis.windows import Window, Windows


class Sketcher:
    """Takes a green log in pieces; only lines that could look like a reason are kept."""

    def __init__(self, rules: RuleSet | None = None) -> None:
        self._scanner = Scanner((rules or built_in_rules()).matcher())
        self._windows = Windows()
        self._hashes: set[int] = set()

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the log."""
        for window in self._windows.feed(block):
            self._read(window)

    def finish(self) -> Sketch:
        """Return the sketch."""
        for window in self._windows.finish():
            self._read(window)
        return Sketch(frozenset(self._hashes))

    def _read(self, window: Window) -> None:
        if len(self._hashes) < MAX_LINES:
            self._hashes.update(line_hash(line.said) for line in self._scanner.read(window).lines)


def green_sketch(blocks: Iterable[bytes]) -> Sketch:
    """Return the sketch of a whole green log."""
    sketcher = Sketcher()
    for block in blocks:
        sketcher.feed(block)
    return sketcher.finish()
