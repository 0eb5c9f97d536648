"""`smokejumper explain` on the zip of a run's logs, and on packed files that mean harm."""

import io
from pathlib import Path

import pytest

from bot.cli.explaining.blocks import gunzipped
from bot.cli.explaining.ending import Sign, sign_in
from bot.cli.explaining.zips import jobs_of
from bot.domain.errors import UserError
from tests.unit.cli.conftest import Run, objects
from tests.unit.cli.logs import failing_test, gzipped, log, zipped

GREEN = log("all is well", ended="")


def test_each_failed_job_has_its_answer(run: Run, tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "logs_812.zip",
        {
            "0_build (linux, arm64).txt": failing_test("a.py::test_a"),
            "1_lint.txt": GREEN,
            "2_test.txt": failing_test("b.py::test_b"),
            "build (linux, arm64)/1_Set up job.txt": b"ready\n",
            "build (linux, arm64)/2_Run make test.txt": failing_test("a.py::test_a"),
            "lint/1_Set up job.txt": b"ready\n",
        },
    )
    result = run("explain", "--json", path)
    assert result.exit_code == 0
    assert [answer["file"] for answer in objects(result)] == [
        f"{path}:build (linux, arm64)",
        f"{path}:test",
    ]


def test_steps_stand_in_for_the_log_of_their_job(run: Run, tmp_path: Path) -> None:
    """Step 10 comes after step 2; the lines count through."""
    path = zipped(
        tmp_path / "steps.zip",
        {
            "test/10_Post checkout.txt": b"Post job cleanup.\n",
            "test/1_Set up job.txt": b"ready",
            "test/2_Run make test.txt": failing_test(),
            "lint/1_Set up job.txt": GREEN,
        },
    )
    [answer] = objects(run("explain", "--json", path))
    assert answer["file"] == f"{path}:test"
    assert 6 in [line["line"] for line in answer["excerpt"]]


def test_without_a_final_error_any_error_will_do(run: Run, tmp_path: Path) -> None:
    noisy = log("##[error]src/a.c:1: no", "and then it went on", ended="")
    path = zipped(tmp_path / "x.zip", {"0_a.txt": noisy, "1_b.txt": GREEN})
    assert [answer["file"] for answer in objects(run("explain", "--json", path))] == [f"{path}:a"]


def test_a_green_run_has_nothing_to_explain(run: Run, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"0_a.txt": GREEN, "1_b.txt": GREEN})
    result = run("explain", "--json", path)
    assert objects(result) == [
        {
            "file": str(path),
            "error": "None of the 2 jobs in it failed, as far as their logs tell.",
        }
    ]
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("content", "sign"),
    [
        pytest.param(GREEN, Sign.NONE, id="green"),
        pytest.param(failing_test(), Sign.ENDED, id="exit-code"),
        pytest.param(log(ended="Input required: token"), Sign.ENDED, id="the-clean-up-follows"),
        pytest.param(b"##[error]Input required\n", Sign.ENDED, id="nothing-follows"),
        pytest.param(
            b"##[error]no\n##[group]Run actions/upload-artifact@v4\n", Sign.ENDED, id="next-step"
        ),
        pytest.param(b"##[error]The operation was canceled.\nx\n", Sign.ENDED, id="cancelled"),
        pytest.param(log("##[error]a", "b", ended=""), Sign.ERROR, id="a-problem-matcher"),
        pytest.param(log("print '##[error]a'", ended=""), Sign.NONE, id="in-a-line"),
    ],
)
def test_an_error_counts_where_a_step_ended_with_it(content: bytes, sign: Sign) -> None:
    assert sign_in([content]) is sign
    assert sign_in([content[at : at + 1] for at in range(len(content))]) is sign


def test_a_zip_of_something_else_says_what_is_wanted(run: Run, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"picture.png": b"\x89PNG"})
    [answer] = objects(run("explain", "--json", path))
    assert "holds no log" in answer["error"]


@pytest.mark.parametrize("name", ["x.gz", "x.zip"])
def test_a_name_that_promises_what_is_not_there(run: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(failing_test())
    result = run("explain", "--json", name)
    assert "whatever its name says" in objects(result)[0]["error"]
    assert result.exit_code == 2


@pytest.mark.parametrize("cut", [10, -4])
def test_a_broken_gzip_is_an_error(run: Run, tmp_path: Path, cut: int) -> None:
    path = gzipped(tmp_path / "x.gz", failing_test())
    path.write_bytes(path.read_bytes()[:cut])
    [answer] = objects(run("explain", "--json", path))
    assert answer["error"].startswith("The gzip file is broken: ")


def test_a_broken_zip_is_an_error(run: Run, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"0_a.txt": failing_test(), "1_b.txt": failing_test()})
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    cut = objects(run("explain", "--json", path))
    path.write_bytes(whole[:45] + bytes([whole[45] ^ 0xFF]) + whole[46:])
    damaged = objects(run("explain", "--json", path))
    assert cut[0]["error"].startswith("The zip file is broken: ")
    assert damaged[0]["error"].startswith("The zip file is broken: ")


def test_a_gzip_bomb_ends_in_time(tmp_path: Path) -> None:
    with (
        gzipped(tmp_path / "bomb.gz", bytes(10_000_000)).open("rb") as file,
        pytest.raises(UserError, match=r"It unpacks to more than 0\.001 GB"),
    ):
        list(gunzipped(file, most_bytes=1_000_000))


def test_a_zip_bomb_is_not_even_begun(tmp_path: Path) -> None:
    members = {f"{number}_job.txt": bytes(400_000) for number in range(3)}
    bomb = io.BytesIO(zipped(tmp_path / "bomb.zip", members).read_bytes())
    with pytest.raises(UserError, match=r"It unpacks to more than 0\.001 GB"):
        jobs_of(bomb, most_bytes=1_000_000)
