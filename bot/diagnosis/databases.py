"""All patterns of all rules, compiled: sieves for blocks, and one exact database for lines."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import hyperscan

from bot.diagnosis.implied import Words
from bot.diagnosis.patterns import PatternError, compiled, exact_form, sieve_form
from bot.diagnosis.rule import MARKS, Role, Rule

FLAGS: Final = hyperscan.HS_FLAG_MULTILINE
NEVER: Final = rb"\n\n\n\n\n\n"  # Hyperscan compiles no empty set
TELLING: Final = 82  # what weighs less is not looked for where a log is full of candidates
WORDS: Final = 30  # a generic class that weighs so little is one of words that let a line through


@dataclass(frozen=True, slots=True)
class Databases:
    """A rule set's compiled forms."""

    sieves: tuple[hyperscan.Database, ...]
    """The sieve of everything, of what tells something, and of the log's structure alone."""
    exact: hyperscan.Database

    def dump(self) -> list[bytes]:
        return [hyperscan.dumpb(database) for database in (*self.sieves, self.exact)]


def restore(dumped: Iterable[bytes]) -> Databases:
    """Load what `Databases.dump` gave.

    Raises:
        hyperscan.error: It was made by another version, or is damaged.
    """
    # Its documentation says bytearray; it takes bytes alone.
    loaded = [hyperscan.loadb(data, hyperscan.HS_MODE_BLOCK) for data in dumped]
    return Databases(tuple(loaded[:-1]), loaded[-1])


def compile_rules(rules: Sequence[Rule]) -> Databases:
    """Compile every pattern of *rules*.

    Raises:
        PatternError: A pattern is not valid; the message names its rule.
    """
    exact = [exact_form(pattern) for pattern, _ in entries(rules)]
    excluded = [exact_form(pattern) for rule in rules for pattern in rule.excludes]
    try:
        sieves = [_database(list(map(sieve_form, patterns))) for patterns in _sieves(rules)]
        return Databases(tuple(sieves), _database(exact + excluded))
    except hyperscan.error as error:
        raise _culprit(rules) or PatternError(str(error)) from error


def entries(rules: Iterable[Rule]) -> Iterator[tuple[str, Rule]]:
    """Yield each pattern with its rule, in the order in which they are numbered."""
    for rule in rules:
        for pattern in rule.patterns:
            yield pattern, rule


def marks(rules: Iterable[Rule]) -> list[str]:
    """Return the patterns of a log's structure; each sieve has them first."""
    return [pattern for pattern, rule in entries(rules) if rule.role in MARKS]


def _sieves(rules: Sequence[Rule]) -> tuple[list[str], list[str], list[str]]:
    """Return the patterns of each sieve, from all to few; noise is asked only of what came out."""
    words = Words(
        pattern for pattern, rule in entries(rules) if rule.generic and rule.weight <= WORDS
    )
    first = marks(rules)
    rest = [e for e in entries(rules) if e[1].role not in MARKS and e[1].role is not Role.NOISE]
    everything = [
        pattern
        for pattern, rule in rest
        if (rule.generic and rule.weight <= WORDS) or not words.imply(pattern)
    ]
    telling = [pattern for pattern, rule in rest if rule.weight >= TELLING]
    return first + everything, first + telling, first


def _database(expressions: Sequence[bytes]) -> hyperscan.Database:
    expressions = expressions or [NEVER]
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=list(expressions),
        ids=list(range(len(expressions))),
        flags=[FLAGS] * len(expressions),
    )
    return database


def _culprit(rules: Iterable[Rule]) -> PatternError | None:
    for rule in rules:
        for pattern in (*rule.patterns, *rule.excludes):
            try:
                compiled(sieve_form(pattern))
                compiled(exact_form(pattern))
            except PatternError as error:
                return PatternError(f"rule {rule.name!r}: {pattern!r}: {error}")
    return None
