"""The rules ready for use: read, checked, compiled, and kept on disk for the next start."""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import hyperscan

from bot.diagnosis.databases import Databases, compile_rules, restore
from bot.diagnosis.loading import BUILT_IN, RuleError, read_rules, rule_files, sorted_rules
from bot.diagnosis.matcher import Matcher, Owners
from bot.diagnosis.patterns import PatternError
from bot.diagnosis.rule import Role, Rule
from bot.domain.failure import Advice, Cause

# What these modules make of a rule file is in the cache too.
MAKERS: Final = (
    *(
        "causes.py",
        "databases.py",
        "implied.py",
        "loading.py",
        "patterns.py",
        "rule.py",
        "ruleset.py",
    ),
)
HEAD_BYTES: Final = 80


@dataclass(frozen=True)
class RuleSet:
    """Rules in their order, and the databases that find their lines."""

    rules: tuple[Rule, ...]
    databases: Databases

    @cached_property
    def owners(self) -> Owners:
        return Owners.of(self.rules)

    def matcher(self) -> Matcher:
        return Matcher(self.owners, self.databases)


def load_rules(
    extra: Sequence[Path] = (), *, built_in: Path = BUILT_IN, cache: Path | None = None
) -> RuleSet:
    """Return the built-in rules and those of *extra* files or folders, compiled.

    Args:
        extra: More rule files, or folders of them.
        built_in: Where the rules lie that come with the program.
        cache: Where compiled rules are kept; the user's cache folder where it is not said.

    Raises:
        RuleError: A rule file is broken.
    """
    files = tuple(rule_files((built_in, *extra)))
    key = _key(files)
    stored = (cache or _cache_folder()) / f"rules-{key}.bin"
    return _read(stored) or _build(files, stored)


@lru_cache(maxsize=1)
def built_in_rules() -> RuleSet:
    """Return the rules that come with the program, loaded once a process."""
    return load_rules()


def _build(files: Sequence[Path], stored: Path) -> RuleSet:
    rules = sorted_rules([rule for file in files for rule in read_rules(file)])
    try:
        made = RuleSet(rules, compile_rules(rules))
    except PatternError as error:
        raise RuleError(str(error)) from error
    _write(stored, made)
    return made


def _key(files: Sequence[Path]) -> str:
    digest = hashlib.sha256(version("hyperscan").encode())
    here = Path(__file__).parent
    for file in (*(here / maker for maker in MAKERS), *files):
        try:
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        except OSError as error:
            msg = f"{file}: {error.strerror or error}"
            raise RuleError(msg) from error
    return digest.hexdigest()[:24]


def _cache_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "smokejumper"


def _read(stored: Path) -> RuleSet | None:
    """Return what is stored, or nothing where it is absent, damaged or of another machine."""
    try:
        with stored.open("rb") as file:
            sizes = [int(size) for size in file.read(HEAD_BYTES).split()]
            rules = tuple(_thawed(row) for row in json.loads(file.read(sizes[0])))
            # One after the other, so that no database is in memory twice for long.
            return RuleSet(rules, restore(file.read(size) for size in sizes[1:]))
    except (OSError, ValueError, KeyError, IndexError, TypeError, hyperscan.error):
        return None


def _write(stored: Path, made: RuleSet) -> None:
    """Keep *made* for the next start; a folder that cannot be written only costs time."""
    rows = json.dumps([_frozen(rule) for rule in made.rules]).encode()
    parts = [rows, *made.databases.dump()]
    head = b" ".join(str(len(part)).encode() for part in parts).ljust(HEAD_BYTES)
    draft = stored.with_suffix(f".{os.getpid()}")
    try:
        stored.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(head + b"".join(parts))
        draft.replace(stored)
        for old in _older(stored):
            old.unlink(missing_ok=True)
    except OSError:
        with suppress(OSError):
            draft.unlink()


def _older(stored: Path) -> Iterator[Path]:
    kept = sorted(stored.parent.glob("rules-*.bin"), key=lambda file: file.stat().st_mtime)
    yield from kept[:-8]


def _frozen(rule: Rule) -> dict[str, Any]:
    row = asdict(rule)
    row["wait"] = rule.wait.total_seconds()
    return row | {"matches": (), "misses": ()}


def _thawed(row: dict[str, Any]) -> Rule:
    return Rule(
        **row
        | {
            "patterns": tuple(row["patterns"]),
            "excludes": tuple(row["excludes"]),
            "matches": (),
            "misses": (),
            "role": Role(row["role"]),
            "cause": row["cause"] and Cause(row["cause"]),
            "retry": Advice(row["retry"]),
            "wait": timedelta(seconds=row["wait"]),
        }
    )
