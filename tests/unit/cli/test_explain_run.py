"""`smokejumper explain` on the address of a run, before the stand-in for GitHub."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from click.testing import Result

from bot.cli.explaining.run_page import Page, page_of
from bot.domain.errors import UserError
from bot.domain.failure import Cause
from tests.unit.cli.conftest import Run, objects
from tests.unit.cli.logs import failing_test
from tests.unit.github.hub import Hub, hub


@pytest.fixture
async def github() -> AsyncIterator[Hub]:
    async with hub() as it:
        yield it


async def explain(github: Hub, run: Run, page: str, *options: str, token: str = "") -> Result:
    """Run the command in a thread; GitHub answers in this one."""
    github.there.grant("smokejumper", "write")
    address = f"{github.server.url}/acme/app/actions/runs/{page}"
    environment = {
        "GITHUB_API_URL": github.server.url,
        "GITHUB_TOKEN": token or github.server.token("smokejumper"),
    }
    return await asyncio.to_thread(run, "explain", *options, address, env=environment)


async def test_each_failed_job_has_its_answer(github: Hub, run: Run) -> None:
    red = github.there.workflow("CI").start(jobs=["build", "lint", "test"])
    red.finish_job("build", "failure", log=failing_test("a.py::test_a"))
    red.finish_job("lint")
    red.finish_job("test", "failure", log=failing_test("b.py::test_b"))
    red.finish("failure")
    result = await explain(github, run, f"{red.id}?pr=1", "--json")
    answers = objects(result)
    assert result.exit_code == 0
    assert [answer["file"].rpartition(":")[2] for answer in answers] == ["build", "test"]
    for answer, name in zip(answers, ["a.py::test_a", "b.py::test_b"], strict=True):
        assert any(name in line["text"] for line in answer["excerpt"])


async def test_an_address_can_name_one_job_and_people_see_around(github: Hub, run: Run) -> None:
    red = github.there.workflow("CI").start(jobs=["build", "test"])
    red.finish_job("build", "failure", log=failing_test("a.py::test_a"))
    red.finish_job("test", "failure", log=failing_test("b.py::test_b"))
    red.finish("failure")
    result = await explain(github, run, f"{red.id}/job/{red.job('test').id}#step:2:5")
    assert result.exit_code == 0
    assert "a.py::test_a" not in result.stdout
    assert "> 5  FAILED b.py::test_b" in result.stdout
    assert "  4  collected 3 items" in result.stdout


async def test_a_green_run_and_an_older_attempt_are_errors(github: Hub, run: Run) -> None:
    green = github.there.workflow("CI").start()
    green.finish()
    [answer] = objects(await explain(github, run, f"{green.id}", "--json"))
    assert answer["error"] == "No job of this run has failed."
    [answer] = objects(await explain(github, run, f"{green.id}/attempts/3", "--json"))
    assert answer["error"].startswith("Only the newest attempt can be read by its address")
    [answer] = objects(await explain(github, run, f"{green.id}/job/1", "--json"))
    assert answer["error"].startswith("Job 1 is none of the failed jobs")


async def test_a_job_without_a_log_is_judged_by_its_annotations(github: Hub, run: Run) -> None:
    red = github.there.workflow("CI").start()
    told = "The hosted runner lost communication with the server."
    red.finish_job("build", "failure", annotations=[told]).expire_log()
    red.finish("failure")
    result = await explain(github, run, f"{red.id}", "--json")
    [answer] = objects(result)
    assert (answer["cause"], answer["excerpt"]) == (Cause.RUNNER_LOST, [])
    assert result.exit_code == 0


async def test_an_unknown_run_and_a_wrong_token_say_so(github: Hub, run: Run) -> None:
    unknown = await explain(github, run, "4", "--json")
    assert "GitHub has no run 4 of acme/app" in objects(unknown)[0]["error"]
    wrong = await explain(github, run, "4", "--json", token="ghp_wrong")
    assert "Check GITHUB_TOKEN" in objects(wrong)[0]["error"]
    assert unknown.exit_code == wrong.exit_code == 2


def test_without_a_token_it_says_how_else(run: Run) -> None:
    result = run("explain", "https://github.com/acme/app/actions/runs/812")
    assert "Set GITHUB_TOKEN" in result.stderr
    assert "explain the zip file" in result.stderr
    assert result.exit_code == 2


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("", Page(repo="acme/app", run=812, attempt=None, job=None)),
        ("/", Page(repo="acme/app", run=812, attempt=None, job=None)),
        ("/attempts/2", Page(repo="acme/app", run=812, attempt=2, job=None)),
        ("/job/99?pr=4#step:3:5", Page(repo="acme/app", run=812, attempt=None, job=99)),
        ("/workflow", Page(repo="acme/app", run=812, attempt=None, job=None)),
    ],
)
def test_addresses_as_browsers_show_them(path: str, page: Page) -> None:
    address = f"https://github.com/acme/app/actions/runs/812{path}"
    assert page_of(address, api="https://api.github.com") == page


@pytest.mark.parametrize(
    ("address", "api", "error"),
    [
        ("https://github.com/acme/app", "https://api.github.com", "not the address of a run"),
        ("https://evil.example/a/b/actions/runs/1", "https://api.github.com", "not on github.com"),
        (
            "https://github.com@evil.example/a/b/actions/runs/1",
            "https://api.github.com",
            "not on github.com",
        ),
        ("https://github.com/a/b/actions/runs/1", "https://ghe.example/api/v3", "ghe.example"),
    ],
)
def test_a_token_goes_only_to_its_own_server(address: str, api: str, error: str) -> None:
    with pytest.raises(UserError, match=error):
        page_of(address, api=api)


@pytest.mark.parametrize("api", ["https://ghe.example/api/v3", "https://api.ghe.example"])
def test_an_enterprise_server_is_known_by_its_api(api: str) -> None:
    assert page_of("https://ghe.example/a/b/actions/runs/1", api=api).run == 1
