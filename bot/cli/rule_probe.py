"""Which lines a rule knows, asked of the engine's own matcher.

The reader itself would not do: of lines that keep coming again it looks at the first few.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.diagnosis import Rule
from bot.diagnosis.databases import compile_rules
from bot.diagnosis.matcher import Matcher, Owners
from bot.diagnosis.rule import Role
from bot.diagnosis.text import bare, without_escapes, without_lead

REDRAWS: Final = 200  # of a progress bar in one line, from its end


class Probe:
    """Knows what a rule alone in the engine would know."""

    def __init__(self, rule: Rule) -> None:
        """Compile the rule.

        Raises:
            PatternError: A pattern is not valid.
        """
        self.rule = rule
        self._matcher = Matcher(Owners.of([rule]), compile_rules([rule]))

    def knows(self, line: str) -> bool:
        return bool(self.known([line.encode()]))

    def known(self, lines: Sequence[bytes]) -> list[int]:
        """Return the places of those of *lines* that the rule knows."""
        clean = [without_escapes(line) for line in lines]
        asked = [(at, form) for at, line in enumerate(clean) for form in _forms(line)]
        hits = self._matcher.hits([form for _, form in asked])
        found = {at for (at, _), known in zip(asked, hits, strict=True) if known}
        return [at for at in sorted(found) if self._is_let_through(clean[at])]

    def problems(self) -> Iterator[str]:
        """Say which of its own test lines the rule takes wrongly."""
        for line in self.rule.matches:
            if not self.knows(line):
                yield f"{self.rule.name} does not know: {line}"
        for line in self.rule.misses:
            if self.knows(line):
                yield f"{self.rule.name} should not know: {line}"

    def _is_let_through(self, line: bytes) -> bool:
        """Whether the coarse sieve, which runs first, lets the line through."""
        # Noise is only asked about what other rules let through.
        return self.rule.role is Role.NOISE or bool(
            self._matcher.candidates(line + b"\n", last=True)
        )


def _forms(line: bytes) -> Iterator[bytes]:
    """Yield what the engine asks about: each redraw without the mark of an error, and with it."""
    for said in bare(line.rstrip(b"\r")).split(b"\r")[-REDRAWS:]:
        yield said
        yield without_lead(said)
