"""What belongs together: a fork's main is not ours, a nightly is no push, tag v1 no branch v1."""

from typing import Any

import pytest

from bot.domain.lane import LaneKind, RefKind, lane_of
from tests.unit.made import FORK, MAIN, a_lane, a_run

QUEUE = "gh-readonly-queue/main/pr-104-0123456789abcdef"


@pytest.mark.parametrize(
    ("about", "ref", "kind", "name", "branch"),
    [
        pytest.param({}, RefKind.BRANCH, LaneKind.PUSH, "main", "main", id="push-to-a-branch"),
        pytest.param({"head_branch": "v1"}, RefKind.TAG, LaneKind.TAG, "v1", "v1", id="pushed-tag"),
        pytest.param(
            {"head_branch": "v1"}, RefKind.BRANCH, LaneKind.PUSH, "v1", "v1", id="branch-like-a-tag"
        ),
        pytest.param({"event": "schedule"}, None, LaneKind.SCHEDULE, "main", "main", id="nightly"),
        pytest.param(
            {"event": "release", "head_branch": "v1"},
            None,
            LaneKind.RELEASE,
            "v1",
            "v1",
            id="published-release",
        ),
        pytest.param(
            {"event": "workflow_dispatch"}, None, LaneKind.MANUAL, "main", "main", id="by-hand"
        ),
        pytest.param(
            {"event": "merge_group", "head_branch": QUEUE},
            None,
            LaneKind.QUEUE,
            "main",
            "main",
            id="merge-queue",
        ),
        pytest.param(
            {"event": "push", "head_branch": QUEUE.replace("main", "release/2.x")},
            None,
            LaneKind.QUEUE,
            "release/2.x",
            "release/2.x",
            id="push-to-a-queue-branch",
        ),
        pytest.param(
            {"event": "pull_request"}, None, LaneKind.PULL, "7:main", "main", id="our-pull-request"
        ),
        pytest.param(
            {"event": "pull_request", "head_repo": FORK},
            None,
            LaneKind.PULL,
            "8:main",
            "main",
            id="fork-with-a-branch-called-main",
        ),
        pytest.param(
            {"event": "pull_request_target", "head_repo": FORK},
            None,
            LaneKind.PULL,
            "8:main",
            "main",
            id="target-event-of-a-fork",
        ),
        pytest.param(
            {"event": "pull_request", "head_repo": None},
            None,
            LaneKind.PULL,
            "0:main",
            "main",
            id="deleted-fork",
        ),
        pytest.param(
            {"event": "pull_request", "head_repo": FORK, "head_branch": QUEUE},
            None,
            LaneKind.PULL,
            f"8:{QUEUE}",
            QUEUE,
            id="fork-that-plays-merge-queue",
        ),
        pytest.param(
            {"head_repo": FORK},
            RefKind.BRANCH,
            LaneKind.OTHER,
            "push by 8:main",
            "main",
            id="push-in-a-fork",
        ),
        pytest.param(
            {"event": "workflow_run"},
            None,
            LaneKind.OTHER,
            "workflow_run:main",
            "main",
            id="followed-run",
        ),
        pytest.param(
            {"event": "issue_comment", "head_branch": None},
            None,
            LaneKind.OTHER,
            "issue_comment:",
            "",
            id="no-branch-at-all",
        ),
        pytest.param(
            {"event": "pull_request", "head_branch": "a:b"},
            None,
            LaneKind.PULL,
            "7:a:b",
            "a:b",
            id="colon-in-a-name",
        ),
    ],
)
def test_a_run_has_one_lane(
    about: dict[str, Any], ref: RefKind | None, kind: LaneKind, name: str, branch: str
) -> None:
    lane = lane_of(a_run(**about), ref)

    assert lane == a_lane(kind, name)
    assert lane.branch == branch


def test_a_pushed_name_of_unknown_kind_has_no_lane_yet() -> None:
    """Only GitHub, or a later delivery, can tell whether it is a tag."""
    assert lane_of(a_run(head_branch="v1"), None) is None


@pytest.mark.parametrize("event", ["pull_request", "push", "workflow_dispatch", "schedule"])
def test_nothing_of_a_fork_reaches_our_main(event: str) -> None:
    """Whoever names a branch like ours must not turn ours green, nor red."""
    theirs = a_run(event=event, head_repo=FORK)

    assert lane_of(theirs, RefKind.BRANCH) != MAIN
    assert lane_of(theirs, RefKind.BRANCH) != lane_of(a_run(event=event), RefKind.BRANCH)


def test_only_tags_and_releases_are_releases() -> None:
    releases = {kind for kind in LaneKind if a_lane(kind, "1:x").is_release}

    assert releases == {LaneKind.TAG, LaneKind.RELEASE}
