"""A broken rule file is told by file, rule and key; a good one is kept compiled."""

from pathlib import Path

import pytest

from bot.diagnosis import Reader, RuleError, RuleSet, load_rules
from bot.diagnosis.loading import read_rules

GOOD = """
[[rule]]
name = "own"
cause = "config_error"
weight = 99
patterns = ['^acme-tool: no such thing (?:here|there)$']
stable = 'thing (\\w+)'
reason = "acme-tool does not know what is {stable}"
matches = ["acme-tool: no such thing here"]
"""


def load(*files: Path, cache: Path) -> RuleSet:
    """Load *files* alone; the built-in rules take too long to compile for every test."""
    return load_rules(files[1:], built_in=files[0], cache=cache)


def write(folder: Path, text: str) -> Path:
    file = folder / "own.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('name = "own"', "", 'own.toml: a [[rule]] has no "name"'),
        ('cause = "config_error"', "", "own.toml: rule 'own': cause is missing"),
        ("config_error", "confg_error", "cause is 'confg_error', which is none of"),
        ("weight", "wieght", "own.toml: rule 'own': unknown key wieght; did you mean weight?"),
        ("99", "101", "weight must lie between 0 and 100"),
        ("99", '"much"', "weight must be int, not 'much'"),
        ("99", "true", "weight must be int, not True"),
        ("(?:here|there)", "here|^there", "alternative at its top"),
        ("thing (?:here|there)", "thing [\u2018]", "in a class"),
        ("(\\w+)", "\\w+", "stable has 'thing \\\\w+': needs exactly one (group)"),
        ("{stable}", "{stabel}", "reason knows only {stable}"),
        ("[[rule]]", "[rule]", "rule must be written as [[rule]]"),
        ('["acme-tool: no such thing here"]', "[]", "matches needs at least one line"),
        ("[[rule]]", "[[rule", "own.toml: "),
        ("[[rule]]", "[[rules]]", "unknown key rules; did you mean rule?"),
    ],
)
def test_broken(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(RuleError) as caught:
        read_rules(file)
    assert words in str(caught.value)


def test_a_pattern_that_hyperscan_refuses_names_its_rule(tmp_path: Path) -> None:
    """Look-around would not be linear, so it does not exist here."""
    file = write(tmp_path, GOOD.replace("^acme-tool", "(?=acme)acme-tool"))
    with pytest.raises(RuleError, match="rule 'own/own'"):
        load(file, cache=tmp_path)


def test_the_same_name_twice(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD + GOOD)
    with pytest.raises(RuleError, match="'own/own' exists twice"):
        load(file, cache=tmp_path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match=r"gone\.toml"):
        load(tmp_path / "gone.toml", cache=tmp_path)


def test_own_rules_are_asked_and_kept(tmp_path: Path) -> None:
    folder = tmp_path / "rules"
    folder.mkdir()
    write(folder, GOOD)
    cache = tmp_path / "cache"
    first = load(folder, cache=cache)
    again = load(folder, cache=cache)
    assert [rule.name for rule in again.rules] == [rule.name for rule in first.rules]
    for rules in (first, again):
        reader = Reader(rules=rules)
        reader.feed(b"acme-tool: no such thing there\n")
        diagnosis = reader.finish()
        assert diagnosis.rule == "own/own"
        assert diagnosis.reason == "acme-tool does not know what is there"


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    load(file, cache=tmp_path)
    (stored,) = tmp_path.glob("rules-*.bin")
    stored.write_bytes(stored.read_bytes()[:500])
    assert load(file, cache=tmp_path).rules


def test_a_cache_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    assert load(file, cache=file / "folder").rules


def test_a_home_that_cannot_be_written_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user's cache folder lies there; in this one not even root may write."""
    file = write(tmp_path, GOOD)
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert load_rules(built_in=file).rules
