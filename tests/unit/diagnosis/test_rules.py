"""Every rule knows the lines that its author said it knows, and no line it should not."""

from functools import cache
from pathlib import Path

import pytest

from bot.diagnosis.captures import capture
from bot.diagnosis.databases import compile_rules
from bot.diagnosis.loading import BUILT_IN, read_rules
from bot.diagnosis.matcher import Matcher, Owners
from bot.diagnosis.rule import Role, Rule
from bot.diagnosis.scanner import Scanner
from bot.diagnosis.text import bare, without_lead
from bot.diagnosis.windows import Window

FILES = sorted(BUILT_IN.glob("*.toml"))


@cache
def matcher_of(stem: str) -> Matcher:
    rules = read_rules(BUILT_IN / f"{stem}.toml")
    return Matcher(Owners.of(rules), compile_rules(rules))


def known(rule: Rule, line: str) -> bool:
    """Say whether *rule* knows *line*, in an engine that has the rules of its file."""
    matcher = matcher_of(rule.name.partition("/")[0])
    if rule.role is Role.NOISE:  # noise is only asked about lines that other rules let through
        found = matcher.hits([bare(line.encode()), said(line)])
        return any(hit.rule == rule for hits in found for hit in hits)
    page = Scanner(matcher).read(Window(1, f"{line}\n".encode()))
    return any(hit.rule == rule for found in page.lines for hit in found.hits)


def said(line: str) -> bytes:
    return without_lead(bare(line.encode()))


@cache
def rules() -> list[Rule]:
    return [rule for file in FILES for rule in read_rules(file)]


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_file_can_be_read(file: Path) -> None:
    assert read_rules(file)


@pytest.mark.parametrize("rule", rules(), ids=[rule.name for rule in rules()])
def test_rule_knows_its_lines(rule: Rule) -> None:
    assert [line for line in rule.matches if not known(rule, line)] == []
    assert [line for line in rule.misses if known(rule, line)] == []


@pytest.mark.parametrize(
    "rule",
    [rule for rule in rules() if rule.stable or rule.names],
    ids=[rule.name for rule in rules() if rule.stable or rule.names],
)
def test_captures_find_something_in_some_line(rule: Rule) -> None:
    """A capture that finds nothing in any test line is a slip of the pen."""
    for pattern in filter(None, (rule.stable, rule.names)):
        assert any(list(capture(pattern, said(line))) for line in rule.matches), pattern


def test_retryable_rules_show_what_they_must_not_take() -> None:
    """A false retry costs trust, so a transient rule has a counter-example."""
    assert [rule.name for rule in rules() if rule.transient and not rule.misses] == []
