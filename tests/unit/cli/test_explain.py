"""`smokejumper explain` on files, for programs and for people."""

import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.explaining.logs import Log
from bot.domain.failure import Cause
from tests.unit.cli.conftest import Run, objects
from tests.unit.cli.logs import RED, failing_test, gzipped, log

FIELDS = [
    *("file", "cause", "transient", "confidence", "reason", "rule"),
    *("fingerprint", "excerpt", "redacted"),
]


@pytest.fixture
def red(tmp_path: Path) -> Path:
    path = tmp_path / "red.log"
    path.write_bytes(failing_test())
    return path


def test_json_is_one_object_an_input_in_order(run: Run, red: Path, tmp_path: Path) -> None:
    packed = gzipped(tmp_path / "red.log.gz", failing_test())
    result = run("explain", "--json", red, "missing.log", "-", packed, input=failing_test())
    answers = objects(result)
    assert [answer["file"] for answer in answers] == [str(red), "missing.log", "-", str(packed)]
    assert [list(answer) for answer in answers] == [FIELDS, ["file", "error"], FIELDS, FIELDS]
    assert answers[0] | {"file": ""} == answers[2] | {"file": ""} == answers[3] | {"file": ""}
    assert result.exit_code == 2


def test_json_says_what_the_engine_found(run: Run, red: Path) -> None:
    result = run("explain", "--json", red)
    [answer] = objects(result)
    assert result.exit_code == 0
    assert answer["cause"] == Cause.TEST_FAILURE
    assert answer["transient"] is False
    assert 0 < answer["confidence"] <= 1
    assert {
        "line": 5,
        "text": "FAILED tests/test_cart.py::test_total - AssertionError: assert 3 == 4",
    } in answer["excerpt"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(b"", "It is empty.", id="empty"),
        pytest.param(b" \r\n\n", "It is empty.", id="blank"),
        pytest.param(bytes(range(256)) * 9, "binary", id="every-byte"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(60), "binary", id="picture"),
        pytest.param(bytes(5000), "binary", id="only-zeros"),
    ],
)
def test_what_is_no_log_is_an_error(run: Run, tmp_path: Path, content: bytes, error: str) -> None:
    path = tmp_path / "x.log"
    path.write_bytes(content)
    result = run("explain", "--json", path)
    assert error in objects(result)[0]["error"]
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\0\0\0" + failing_test(), id="zeros-first"),
        pytest.param(bytes(200_000) + failing_test(), id="a-hole"),
        pytest.param(failing_test() + b"\xff\xfe\xe4\n", id="bad-bytes"),
        pytest.param(b"\xef\xbb\xbf" + failing_test(), id="byte-order-mark"),
        pytest.param(failing_test().decode().encode("utf-16"), id="utf-16"),
        pytest.param(failing_test().decode().encode("utf-16-be"), id="utf-16-without-mark"),
        pytest.param(log("Wörter: äöü").decode().encode("latin-1"), id="latin-1"),
        pytest.param(log("\b\b\b\x1b[1m|\x1b[0m" * 500), id="a-spinner"),
    ],
)
def test_odd_bytes_do_not_make_a_log_binary(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.log"
    path.write_bytes(content)
    result = run("explain", "--json", path)
    assert result.exit_code == 0, result.output


def test_a_folder_is_an_error_and_the_others_are_still_explained(run: Run, red: Path) -> None:
    result = run("explain", red.parent, red)
    assert result.exit_code == 2
    assert "It is a folder. Name the files in it." in result.stderr
    assert "test failure: " in result.stdout


def test_a_broken_rule_file_stops_before_anything_is_read(run: Run, red: Path) -> None:
    red.with_name("own.toml").write_text('[[rule]]\nname = "x"\ncause = "nonsense"\n')
    result = run("explain", "--rules", "own.toml", red)
    assert result.exit_code == 2
    assert "own.toml: rule 'x': cause is 'nonsense'" in result.stderr


def test_own_rules_decide_as_the_built_in_ones(run: Run, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        '[[rule]]\nname = "license"\ncause = "auth_permission"\nweight = 90\n'
        'patterns = ["^No seat left on the license server"]\n'
        'matches = ["No seat left on the license server"]\n'
    )
    (tmp_path / "seat.log").write_bytes(log("No seat left on the license server"))
    [answer] = objects(run("explain", "--json", "--rules", "own.toml", "seat.log"))
    assert answer["rule"] == "own/license"


def test_start_loads_nothing_that_it_does_not_need() -> None:
    """What speaks to chats, databases and GitHub takes longer to load than a log to read."""
    heavy = ["discord", "slack_sdk", "sqlalchemy", "github", "aiohttp", "pydantic"]
    code = f"import sys, bot.cli.explain; print(sorted(sys.modules.keys() & set({heavy})))"
    found = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout == "[]\n"


def test_a_log_is_read_from_its_beginning_each_time(red: Path) -> None:
    with red.open("rb") as file:
        one = Log(name="red", start=lambda: iter([file.read()]))
        assert b"".join(one.blocks()).endswith(b"Post job cleanup.\n")
    assert RED.encode() in failing_test()
