"""Which channel hears of what."""

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.ids import InstallationId
from bot.domain.lane import LaneKind
from bot.domain.person import Platform
from bot.domain.run import Repository
from bot.domain.subscription import Place, Subscription, audience
from tests.unit.made import MAIN, REPO, ROOM, a_lane

OTHER_ROOM = Place(platform=Platform.DISCORD, channel="99")
OURS = InstallationId(1)
THEIRS = InstallationId(2)


def a_subscription(**changes: Any) -> Subscription:
    return replace(Subscription(place=ROOM, repositories=("acme/*",)), **changes)


@pytest.mark.parametrize(
    ("kind", "name", "heard"),
    [
        pytest.param(LaneKind.PUSH, "main", True, id="default-branch"),
        pytest.param(LaneKind.PUSH, "feature", False, id="other-branch"),
        pytest.param(LaneKind.TAG, "v1", True, id="tag"),
        pytest.param(LaneKind.RELEASE, "v1", True, id="release"),
        pytest.param(LaneKind.SCHEDULE, "main", True, id="nightly"),
        pytest.param(LaneKind.QUEUE, "main", True, id="merge-queue"),
        pytest.param(LaneKind.MANUAL, "feature", True, id="by-hand"),
        pytest.param(LaneKind.PULL, "7:main", False, id="pull-request"),
        pytest.param(LaneKind.OTHER, "workflow_run:main", True, id="follow-up"),
        pytest.param(LaneKind.OTHER, "repository_dispatch:main", True, id="dispatched"),
        pytest.param(LaneKind.OTHER, "workflow_run:feature", False, id="follow-up-elsewhere"),
        pytest.param(LaneKind.OTHER, "issue_comment:main", False, id="comment"),
        pytest.param(LaneKind.OTHER, "dynamic:main", False, id="dependabot"),
        pytest.param(LaneKind.OTHER, "push by 8:main", False, id="a-forks-main"),
    ],
)
def test_what_is_heard_unasked(kind: LaneKind, name: str, *, heard: bool) -> None:
    assert a_subscription().hears(a_lane(kind, name), REPO) is heard


@pytest.mark.parametrize(
    ("changes", "kind", "name", "heard"),
    [
        pytest.param({"branches": ("release/*",)}, LaneKind.PUSH, "release/2", True, id="named"),
        pytest.param({"branches": ("release/*",)}, LaneKind.PUSH, "Release/2", False, id="case"),
        pytest.param({"branches": ("release/*",)}, LaneKind.PUSH, "main", True, id="and-main"),
        pytest.param({"branches": ("dev",)}, LaneKind.OTHER, "dynamic:dev", True, id="any-event"),
        pytest.param({"branches": ("*",)}, LaneKind.PULL, "7:dev", False, id="pulls-stay-silent"),
        pytest.param({"pull_requests": True}, LaneKind.PULL, "8:main", True, id="pull-requests"),
    ],
)
def test_what_is_heard_where_asked(
    changes: dict[str, Any], kind: LaneKind, name: str, *, heard: bool
) -> None:
    assert a_subscription(**changes).hears(a_lane(kind, name), REPO) is heard


@pytest.mark.parametrize(
    ("changes", "repo", "reached"),
    [
        pytest.param({}, REPO, True, id="public"),
        pytest.param({}, replace(REPO, full_name="evil/app"), False, id="another-owner"),
        pytest.param({}, replace(REPO, private=True), False, id="private"),
        pytest.param({"private": True}, replace(REPO, private=True), True, id="private-allowed"),
        pytest.param(
            {"installations": frozenset({OURS})},
            replace(REPO, installation=OURS),
            True,
            id="our-installation",
        ),
        pytest.param(
            {"installations": frozenset({OURS})},
            replace(REPO, installation=THEIRS),
            False,
            id="a-strangers-installation-of-the-public-app",
        ),
        pytest.param(
            {"installations": frozenset({OURS})}, REPO, False, id="no-installation-at-all"
        ),
    ],
)
def test_which_repositories_are_reached(
    changes: dict[str, Any], repo: Repository, *, reached: bool
) -> None:
    subscription = a_subscription(**changes)

    assert subscription.reaches(repo) is reached
    assert subscription.hears(MAIN, repo) is reached


def test_a_channel_that_asked_twice_is_told_once() -> None:
    first = a_subscription(mention=("group:S1",))
    twice = a_subscription(repositories=("acme/app",))
    there = a_subscription(place=OTHER_ROOM)
    deaf = a_subscription(place=OTHER_ROOM, repositories=("acme/web",))

    assert audience(MAIN, REPO, [deaf, first, twice, there]) == (first, there)
