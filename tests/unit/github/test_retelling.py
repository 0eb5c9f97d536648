"""What is told again must be read as if GitHub had told it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.adapters.github.payloads import read
from bot.adapters.github.retelling import GitHubRetelling
from bot.domain.events import JobReported, RunReported
from tests import payloads
from tests.payload_parts import NOON

LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "about",
    [
        pytest.param({}, id="red"),
        pytest.param({"status": "in_progress", "conclusion": None}, id="running"),
        pytest.param({"status": "queued", "conclusion": None}, id="queued"),
        pytest.param({"conclusion": "surprise"}, id="unknown-word"),
        pytest.param({"attempt": 3, "triggering_actor": "bo"}, id="re-run"),
        pytest.param({"event": "pull_request", "head_repo": "bo/app"}, id="of-a-fork"),
        pytest.param({"event": "pull_request", "head_repo": None}, id="of-a-deleted-fork"),
        pytest.param({"branch": None}, id="no-branch"),
        pytest.param({"installation": 7, "private": True}, id="private-in-an-app"),
        pytest.param({"message": "\x00💥\n<@U1> & " + "long " * 90}, id="hostile-title"),
    ],
)
def test_a_run_comes_back_as_it_was(about: dict[str, Any]) -> None:
    told = read(payloads.delivery("workflow_run", payloads.workflow_run(**about)))
    assert isinstance(told, RunReported)
    delivery = GitHubRetelling().run(told.repo, told.run, at=LATER)
    assert read(delivery) == replace(told, heard_at=LATER)
    assert delivery.repo == told.repo.id


def test_a_job_comes_back_as_one_of_which_nothing_was_delivered() -> None:
    """What it deploys to is not known where only the API told of it."""
    told = read(payloads.delivery("workflow_job", payloads.workflow_job()))
    assert isinstance(told, JobReported)
    assert told.job.delivered
    again = read(GitHubRetelling().job(told.repo, told.job, at=LATER))
    assert again == replace(told, job=replace(told.job, delivered=False))


def test_the_same_news_has_the_same_name() -> None:
    told = read(payloads.delivery("workflow_run", payloads.workflow_run()))
    assert isinstance(told, RunReported)
    names = [
        GitHubRetelling().run(told.repo, run, at=at).id
        for run, at in [
            (told.run, NOON),
            (told.run, LATER),
            (replace(told.run, attempt=2), NOON),
        ]
    ]
    assert names[0] == names[1] != names[2]
