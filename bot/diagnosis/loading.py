"""Rule files: TOML in, rules out, and a clear word about a broken one."""

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Final, TypeVar

from bot.diagnosis.causes import HABITS
from bot.diagnosis.patterns import PatternError, check_capture, check_pattern
from bot.diagnosis.rule import DEFAULT_WEIGHT, Role, Rule
from bot.domain.failure import Advice, Cause

BUILT_IN: Final = Path(__file__).parent / "rules"
PLACEHOLDERS: Final = ("{stable}", "{name}", "{names}", "{count}", "{line}")
KEYS: Final = {
    "rule": (
        *("name", "cause", "patterns", "excludes", "weight", "retry", "wait_minutes", "reason"),
        *("stable", "names", "matches", "misses"),
    ),
    "class": (
        *("name", "role", "cause", "patterns", "excludes", "weight", "names", "matches", "misses"),
    ),
}
T = TypeVar("T")


class RuleError(ValueError):
    """A rule file is broken; the message names file, rule and key."""


def rule_files(places: Sequence[Path]) -> Iterator[Path]:
    """Yield the rule files that *places*, files or folders, name."""
    for place in places:
        if place.is_dir():
            yield from sorted(place.glob("*.toml"))
        else:
            yield place


def sorted_rules(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Put rules in their order.

    Raises:
        RuleError: Two have the same name.
    """
    seen: set[str] = set()
    for rule in rules:
        if rule.name in seen:
            msg = f"rule {rule.name!r} exists twice; rename one, or the file that holds it"
            raise RuleError(msg)
        seen.add(rule.name)
    return tuple(sorted(rules, key=lambda rule: rule.order))


def read_rules(file: Path) -> list[Rule]:
    """Read one rule file.

    Raises:
        RuleError: The file cannot be read, or a rule in it is broken.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{file.name}: {error}"
        raise RuleError(msg) from error
    _only_known(table, ("order", "rule", "class"), file.name)
    order = _Table(table, file.name).get("order", int, 500)
    entries = [
        (kind, entry) for kind in ("class", "rule") for entry in _Table(table, file.name).rows(kind)
    ]
    return [
        _rule(kind, entry, file=file, order=order * 1000 + position)
        for position, (kind, entry) in enumerate(entries)
    ]


def _rule(kind: str, entry: Mapping[str, object], *, file: Path, order: int) -> Rule:
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        msg = f'{file.name}: a [[{kind}]] has no "name"'
        raise RuleError(msg)
    where = f"{file.name}: {kind} {name!r}"
    _only_known(entry, KEYS[kind], where)
    row = _Table(entry, where)
    cause = row.member("cause", Cause, None)
    if kind == "rule" and cause is None:
        row.fail("cause", "is missing")
    habit = HABITS[cause or Cause.UNKNOWN]
    wait = row.get("wait_minutes", int, -1)
    rule = Rule(
        name=f"{file.stem}/{name}",
        order=order,
        patterns=row.strings("patterns"),
        excludes=row.strings("excludes"),
        role=row.member("role", Role, None) or Role.EVIDENCE,
        weight=row.get("weight", int, DEFAULT_WEIGHT),
        cause=cause,
        generic=kind == "class",
        retry=row.member("retry", Advice, None) or habit.retry,
        wait=habit.wait if wait < 0 else timedelta(minutes=wait),
        reason=row.get("reason", str, ""),
        stable=row.get("stable", str, ""),
        names=row.get("names", str, ""),
        matches=row.strings("matches"),
        misses=row.strings("misses"),
    )
    _check(rule, row)
    return rule


def _check(rule: Rule, row: "_Table") -> None:
    if not rule.patterns:
        row.fail("patterns", "is missing or empty")
    if not rule.matches:
        row.fail("matches", "needs at least one line that the rule knows")
    if not 0 <= rule.weight <= 100:  # noqa: PLR2004 - a percentage
        row.fail("weight", "must lie between 0 and 100")
    row.checked("patterns", check_pattern, *rule.patterns)
    row.checked("excludes", check_pattern, *rule.excludes)
    row.checked("stable", check_capture, *filter(None, [rule.stable]))
    row.checked("names", check_capture, *filter(None, [rule.names]))
    rest = rule.reason
    for placeholder in PLACEHOLDERS:
        rest = rest.replace(placeholder, "")
    if "{" in rest or "}" in rest:
        row.fail("reason", f"knows only {', '.join(PLACEHOLDERS)}")


class _Table:
    """A TOML table that complains by name."""

    def __init__(self, table: Mapping[str, object], where: str) -> None:
        self._table = table
        self._where = where

    def fail(self, key: str, problem: str) -> None:
        msg = f"{self._where}: {key} {problem}"
        raise RuleError(msg)

    def get(self, key: str, kind: type[T], default: T) -> T:
        value = self._table.get(key, default)
        if not isinstance(value, kind) or isinstance(value, bool):  # a bool is an int to Python
            self.fail(key, f"must be {kind.__name__}, not {value!r}")
            return default
        return value

    def member(self, key: str, kind: type[T], default: T | None) -> T | None:
        value = self._table.get(key)
        if value is None:
            return default
        try:
            return kind(value)  # type: ignore[call-arg]  # an enum looks its value up
        except ValueError:
            self.fail(key, f"is {value!r}, which is none of {', '.join(kind)}")  # type: ignore[arg-type]  # an enum iterates
        return default

    def strings(self, key: str) -> tuple[str, ...]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(key, "must be a list of strings")
            return ()
        return tuple(value)

    def rows(self, key: str) -> list[Mapping[str, object]]:
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(key, f"must be written as [[{key}]]")
            return []
        return value

    def checked(self, key: str, check: Callable[[str], None], *patterns: str) -> None:
        for pattern in patterns:
            try:
                check(pattern)
            except PatternError as error:
                self.fail(key, f"has {pattern!r}: {error}")


def _only_known(table: Mapping[str, object], known: Sequence[str], where: str) -> None:
    for key in table:
        if key in known:
            continue
        close = get_close_matches(key, known, n=1)
        hint = f"; did you mean {close[0]}?" if close else f"; known are {', '.join(known)}"
        msg = f"{where}: unknown key {key}{hint}"
        raise RuleError(msg)
