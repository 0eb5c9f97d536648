"""Read a log once, from its first byte to its last, and say why the job failed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bot.diagnosis.conclusion import conclude, with_annotations
from bot.diagnosis.context import Context
from bot.diagnosis.evidence import Evidence
from bot.diagnosis.rule import MARKS, Role, Rule
from bot.diagnosis.ruleset import RuleSet, built_in_rules
from bot.diagnosis.scanner import Line, Page, Scanner
from bot.diagnosis.shelf import Shelf
from bot.diagnosis.spots import Spot
from bot.diagnosis.steps import Steps
from bot.diagnosis.text import alike, stamp_of
from bot.diagnosis.windows import Window, Windows
from bot.domain.failure import Diagnosis

ECHO_LINES: Final = 400  # an echo that has not ended by then was cut off
RETRY_LINES: Final = 4  # so close above a line that speaks of another try stands what failed
OF_EVIDENCE: Final = frozenset({Role.EVIDENCE, Role.SUMMARY})


@dataclass(frozen=True, slots=True)
class Kept:
    """What a reader holds of a log."""

    spots: int
    lines: int


def diagnose(blocks: Iterable[bytes], context: Context | None = None) -> Diagnosis:
    """Say why the job failed whose log is *blocks*; without a log the context alone decides."""
    reader = Reader(context)
    for block in blocks:
        reader.feed(block)
    return reader.finish()


class Reader:
    """The same for a log that arrives in pieces; memory stays bounded whatever comes."""

    def __init__(self, context: Context | None = None, rules: RuleSet | None = None) -> None:
        self._context = context or Context()
        self._rules = rules or built_in_rules()
        self._scanner = Scanner(self._rules.matcher())
        self._windows = Windows()
        self._steps = Steps()
        self._shelf = Shelf()
        self._echo_until = 0
        self._lines = 0

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the log."""
        for window in self._windows.feed(block):
            self._read(window)

    def finish(self) -> Diagnosis:
        """Judge what was read."""
        for window in self._windows.finish():
            self._read(window)
        evidence = Evidence(self._steps, self._shelf, self._lines)
        diagnosis = conclude(evidence, self._context)
        return with_annotations(diagnosis, self._annotated(), self._context)

    def kept(self) -> Kept:
        """Say how much of the log is in memory."""
        spots = sum(len(step.pile.spots) for step in self._steps.all)
        return Kept(spots, len(self._shelf.lines))

    def _annotated(self) -> Diagnosis | None:
        """Judge what GitHub itself noted about the job, as if it were a log."""
        messages = [note.message for note in self._context.annotations if note.level == "failure"]
        if not messages:
            return None
        reader = Reader(rules=self._rules)
        reader.feed("\n".join(messages).encode("utf-8", "replace"))
        return reader.finish()

    def _read(self, window: Window) -> None:
        page = self._scanner.read(window)
        self._shelf.begin(page.number, page.text)
        for line in page.lines:
            self._take(line, page)
        self._shelf.end(page.number, page.text)
        self._lines = page.number + page.text.count(b"\n")

    def _take(self, line: Line, page: Page) -> None:
        rules = [hit.rule for hit in line.hits]
        roles = {rule.role for rule in rules}
        marked = not MARKS.isdisjoint(roles)
        if marked:
            for rule in rules:
                self._follow(rule, line)
        if line.number < self._echo_until:
            return
        pile = self._steps.current.pile
        if Role.RETRYING in roles:
            pile.retried_since(line.number - RETRY_LINES)
        proof, weight = _weigh(rules)
        if not proof:
            self._shelf.add_noise(line.number)
        if not proof or weight < pile.floor:
            return
        spot = Spot(
            number=line.number,
            text=line.text,
            said=line.said,
            rules=proof,
            weight=weight,
            retried=Role.RETRYING in roles,
            key=alike(line.said[:400]),
        )
        green = self._context.green
        spot.new = None if green is None else spot.said not in green
        pile.add(spot)
        self._shelf.around(line.number, page.text, line.start)

    def _follow(self, rule: Rule, line: Line) -> None:
        """Keep step with the structure of the log."""
        match rule.role:
            case Role.STEP:
                self._steps.begin(line.said[:200].decode(errors="replace"), line.number)
            case Role.ECHO:
                self._steps.begin(line.said[:200].decode(errors="replace"), line.number)
                self._echo_until = line.number + ECHO_LINES
            case Role.ECHO_END:
                self._echo_until = 0
            case Role.CLEANUP:
                self._steps.begin("", line.number, cleanup=True)
            case Role.STOP:
                self._echo_until = 0
                self._steps.stop(line.number, stamp_of(line.text))
            case _:
                pass


def _weigh(rules: list[Rule]) -> tuple[tuple[Rule, ...], int]:
    """Return what speaks for a line; noise takes away what weighs no more than the noise."""
    noise = max((rule.weight for rule in rules if rule.role is Role.NOISE), default=-1)
    proof = [rule for rule in rules if rule.role in OF_EVIDENCE and rule.weight > noise]
    return tuple(proof), max((rule.weight for rule in proof), default=0)
