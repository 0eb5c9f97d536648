"""`smokejumper explain` for people: words, context, colour, and nothing that a log can forge."""

from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import click
import pytest
from inline_snapshot import snapshot

from bot.cli.explaining.answers import Explained
from bot.cli.explaining.progress import Progress
from bot.cli.explaining.surroundings import surroundings
from bot.cli.explaining.terminal import printable
from bot.cli.explaining.view import confidence, human, retry_words
from bot.domain.failure import Advice, Cause, Diagnosis, ExcerptLine
from tests.unit.cli.conftest import Run
from tests.unit.cli.logs import failing_test, log

FOUND = Diagnosis(
    cause=Cause.REGISTRY_5XX,
    confidence=0.93,
    retry=Advice.YES,
    wait=timedelta(minutes=5),
    reason="the registry answered 503",
    rule="docker/push-5xx",
    fingerprint="registry_5xx-1",
)
PEM = ["-----BEGIN RSA PRIVATE KEY-----", *["c2VjcmV0IGtleSBieXRlcw=="] * 40]


def quoting(*numbers: int) -> Diagnosis:
    excerpt = tuple(ExcerptLine(number=at, text=f"line {at}") for at in numbers)
    return replace(FOUND, excerpt=excerpt)


def test_people_read_cause_advice_proof_and_source() -> None:
    found = replace(
        quoting(3, 9, 10), names=tuple(f"test_{number}" for number in range(12)), redacted=1
    )
    around = {2: "before", 4: "after [redacted: JWT]"}
    shown = click.unstyle(human(Explained(file="ci.log", diagnosis=found, around=around)))
    assert shown == snapshot("""\
ci.log
registry 5xx: the registry answered 503
That is almost certain (93%). A retry usually helps after 5 min.

   2  before
>  3  line 3
   4  after [redacted: JWT]
   ⋮
>  9  line 9
> 10  line 10

Named in the log:
  test_0
  test_1
  test_2
  test_3
  test_4
  test_5
  test_6
  test_7
  test_8
  test_9
  and 2 more
Rule: docker/push-5xx. 2 secrets were scrubbed.\
""")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param(replace(FOUND, confidence=0.8), "That is likely (80%).", id="likely"),
        pytest.param(
            replace(FOUND, confidence=0.5), "That is more likely than not (50%).", id="even"
        ),
        pytest.param(replace(FOUND, confidence=0.2), "That is a guess (20%).", id="guess"),
        pytest.param(
            replace(FOUND, cause=Cause.UNKNOWN), "No rule knows this failure.", id="unknown"
        ),
    ],
)
def test_confidence_is_said_in_words(found: Diagnosis, words: str) -> None:
    assert confidence(found) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        pytest.param(replace(FOUND, wait=timedelta(0)), "A retry usually helps.", id="at-once"),
        pytest.param(
            replace(FOUND, retry=Advice.ONCE, wait=timedelta(0)),
            "One retry may help; if it fails in the same way again, it is broken.",
            id="once",
        ),
        pytest.param(replace(FOUND, retry=Advice.NO), "A retry does not help.", id="no"),
        pytest.param(
            replace(FOUND, cause=Cause.UNKNOWN, retry=Advice.NO),
            "Whether a retry helps, the log does not say.",
            id="unknown",
        ),
    ],
)
def test_whether_a_retry_helps_is_said_in_words(found: Diagnosis, words: str) -> None:
    assert retry_words(found) == words


def test_two_lines_stand_around_each_place() -> None:
    content = "".join(
        f"2026-07-30T10:37:22.5238024Z \x1b[31mline {at}\x1b[0m\n" for at in range(1, 21)
    )
    around = surroundings([content.encode()], quoting(1, 10))
    assert list(around) == [2, 3, 8, 9, 11, 12]
    assert around[8] == "line 8"


def test_context_ends_where_the_log_does() -> None:
    assert surroundings([b"a\nb\nc\n"], quoting(3)) == {1: "a", 2: "b"}


def test_context_of_a_redrawn_or_endless_line_is_what_one_would_have_seen() -> None:
    content = b"10 %\r20 %\r100 %\r\nx\n" + b"y" * 25_000_000 + b"\nz\n"
    around = surroundings([content], quoting(2))
    assert around == {1: "100 %", 3: "y" * 240 + "…", 4: "z"}


def test_secrets_in_the_context_are_scrubbed() -> None:
    """A key that began long before is none of its last lines' business to show."""
    key = [*PEM, "-----END RSA PRIVATE KEY-----"]
    content = "\n".join([*key, "quoted", "token ghp_" + "a1B2" * 9, ""]).encode()
    around = surroundings([content], quoting(len(key) + 1))
    assert around == {
        len(key) - 1: "[redacted: private key]",
        len(key): "[redacted: private key]",
        len(key) + 2: "token [redacted: GitHub token]",
    }


def test_a_secret_reaches_neither_people_nor_programs(run: Run, tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    (tmp_path / "x.log").write_bytes(log(f"push {secret}", f"fatal: error: bad {secret}"))
    for arguments in (["x.log"], ["--json", "x.log"]):
        result = run("explain", *arguments)
        assert secret not in result.output
        assert "[redacted: GitHub token]" in result.output


HOSTILE = "\x1b]0;pwned\x07 \x1b[2J \x9b31m \u202eevil \x07\x08 \u2028 end"


def test_no_control_character_of_a_log_reaches_the_terminal(run: Run, tmp_path: Path) -> None:
    lines = [f"{HOSTILE}{number}" for number in range(4)]
    (tmp_path / "x.log").write_bytes(log(*lines, f"ERROR: {HOSTILE}", *lines))
    (tmp_path / "\x1b[2Jz.log").write_bytes(failing_test())
    result = run("explain", "x.log", "\x1b[2Jz.log", "\x1b[2Jmissing.log", color=True)
    rest = click.unstyle(result.stdout + result.stderr).replace("\n", "")
    assert rest.isprintable(), [sign for sign in rest if not sign.isprintable()]
    assert "\x1b[2J" not in result.output


def test_printable_text_stays_as_it_is() -> None:
    assert printable("Wörter, 語, 🔥\tund\u00a0mehr") == "Wörter, 語, 🔥    und mehr"


def test_colour_is_for_terminals_that_want_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x.log").write_bytes(failing_test())
    assert "\x1b[" in run("explain", "x.log", color=True).stdout
    assert "\x1b[" not in run("explain", "x.log").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in run("explain", "x.log", color=True).stdout


class Screen(StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def test_a_bar_comes_when_it_takes_long_and_goes_at_the_end() -> None:
    screen, seconds = Screen(terminal=True), iter([0.0, 0.9, 1.1, 1.1, 1.15, 1.3, 1.3])
    with Progress(screen, name="x\x1b.log", size=40_000_000, now=lambda: next(seconds)) as bar:
        bar.moved(10_000_000)
        assert screen.getvalue() == ""
        bar.moved(10_000_000)
        bar.moved(10_000_000)
        bar.moved(10_000_000)
    assert screen.getvalue().split("\r\x1b[K") == [
        "",
        "x\ufffd.log [###############               ] 50% of 40 MB",
        "x\ufffd.log [##############################] 100% of 40 MB",
        "",
    ]


def test_no_bar_where_nobody_looks() -> None:
    screen, seconds = Screen(terminal=False), iter([0.0, 5.0])
    with Progress(screen, name="x", size=None, now=lambda: next(seconds)) as bar:
        bar.moved(10)
    assert screen.getvalue() == ""
