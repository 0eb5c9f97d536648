"""Which builds belong together: what can be red or green by itself."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.ids import RepoId, WorkflowId
from bot.domain.run import Run

QUEUE_BRANCH: Final = re.compile(r"gh-readonly-queue/(?P<base>.+)/pr-\d+-[0-9a-f]+")


class RefKind(StrEnum):
    BRANCH = "branch"
    TAG = "tag"


class LaneKind(StrEnum):
    PUSH = "push"
    SCHEDULE = "schedule"
    TAG = "tag"
    RELEASE = "release"
    PULL = "pull"
    QUEUE = "queue"
    MANUAL = "manual"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A workflow on a branch, tag or pull request.

    The name is the branch, the tag or the base branch of a merge queue; for pulls the id
    of the head repository and the branch; for other events the event and the branch.
    """

    repo: RepoId
    workflow: WorkflowId
    kind: LaneKind
    name: str

    @property
    def is_release(self) -> bool:
        return self.kind in (LaneKind.TAG, LaneKind.RELEASE)

    @property
    def title(self) -> str:
        """What a person would call it: a stranger's pull request is no branch of ours."""
        forms = {
            LaneKind.PULL: "pull request branch {}",
            LaneKind.SCHEDULE: "{} (scheduled)",
            LaneKind.QUEUE: "the merge queue of {}",
            LaneKind.MANUAL: "{} (started by hand)",
            LaneKind.TAG: "tag {}",
            LaneKind.RELEASE: "release {}",
        }
        return forms.get(self.kind, "{}").format(self.branch)

    @property
    def branch(self) -> str:
        """What a person would call the place: a branch or a tag."""
        if self.kind in (LaneKind.PULL, LaneKind.OTHER):
            return self.name.split(":", 1)[1]
        return self.name


def lane_of(run: Run, ref: RefKind | None) -> Lane | None:
    """Return the lane of *run*, or None while nobody knows whether its name is a tag.

    A branch name alone is not a lane: a fork's `main` is not ours, and a nightly run of
    `main` can be red while its pushes are green.

    Args:
        ref: What `run.head_branch` is; only runs started by a push need it.
    """
    place = _place(run, ref)
    if place is None:
        return None
    kind, name = place
    return Lane(repo=run.repo, workflow=run.workflow, kind=kind, name=name)


def _place(run: Run, ref: RefKind | None) -> tuple[LaneKind, str] | None:
    branch = run.head_branch or ""
    if run.event.startswith("pull_request"):
        return LaneKind.PULL, f"{run.head_repo or 0}:{branch}"
    if run.from_fork:
        return LaneKind.OTHER, f"{run.event} by {run.head_repo or 0}:{branch}"
    if entry := QUEUE_BRANCH.fullmatch(branch):
        return LaneKind.QUEUE, entry["base"]
    if run.event == "push":
        return _pushed(branch, ref)
    named = {
        "schedule": LaneKind.SCHEDULE,
        "release": LaneKind.RELEASE,
        "workflow_dispatch": LaneKind.MANUAL,
    }
    if kind := named.get(run.event):
        return kind, branch
    return LaneKind.OTHER, f"{run.event}:{branch}"


def _pushed(name: str, ref: RefKind | None) -> tuple[LaneKind, str] | None:
    if not name:
        return LaneKind.TAG, ""  # nobody can say what it is, and a release must not be silent
    match ref:
        case RefKind.BRANCH:
            return LaneKind.PUSH, name
        case RefKind.TAG:
            return LaneKind.TAG, name
        case None:
            return None
