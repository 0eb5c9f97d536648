"""A pattern is left out of the sieve only if a word surely lets its lines through."""

import pytest

from bot.diagnosis.implied import Words
from bot.diagnosis.loading import BUILT_IN, read_rules
from bot.diagnosis.rule import Role
from bot.diagnosis.ruleset import built_in_rules
from bot.diagnosis.scanner import Scanner
from bot.diagnosis.windows import Window

WORDS = Words([r"(?i)\b(?:errors?|fail(?:ed|ure)?)\b", r"(?i)\b(?:cannot|not found)\b"])


@pytest.mark.parametrize(
    "pattern",
    [
        r"^error\[E\d+\]: ",
        r"\bfailed\b",
        r"\b(?:error|failed): x",
        r"^\S+ (?:not found|cannot be)\b",
        r"it\x27s an error\.$",
        r"(?i)^fail(?:ed|ure)?: ",
        r"^a{0,3} error x",
    ],
)
def test_implied(pattern: str) -> None:
    assert WORDS.imply(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        "FAILED",
        "terror: ",
        r"\w+error: ",
        r"\b(?:error|note): ",
        "(?:error|failed): x",
        "(?: failed)? x",
        r"[^]]error ",
        "errors?",
        r" error\d",
        "(?:a|b)(?:c|d)(?:e|f)(?:g|h)(?:i|j)(?:k|l)(?:m|n) (?:failed|done)",
    ],
)
def test_not_implied(pattern: str) -> None:
    assert not WORDS.imply(pattern)


def test_without_words_nothing_is_implied() -> None:
    assert not Words([]).imply(" error ")


def test_the_whole_sieve_lets_the_lines_of_every_rule_through() -> None:
    matcher = built_in_rules().matcher()
    lost = []
    for file in sorted(BUILT_IN.glob("*.toml")):
        for rule in read_rules(file):
            for line in rule.matches:
                page = Scanner(matcher).read(Window(1, f"{line}\n".encode()))
                known = {hit.rule.name for found in page.lines for hit in found.hits}
                if rule.role is not Role.NOISE and rule.name not in known:
                    lost.append((rule.name, line))
    assert lost == []
