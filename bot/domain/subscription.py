"""Which channel hears of what."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from bot.domain.access import matches
from bot.domain.ids import InstallationId
from bot.domain.lane import Lane, LaneKind
from bot.domain.person import Platform
from bot.domain.run import Repository

# Events whose runs carry the default branch and are as much ours as a push is.
FOLLOW_UPS: Final = ("workflow_run", "repository_dispatch")

STRANGERS: Final = re.compile(r"\w+ by \d+:")  # how lane_of names a run of a fork


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A channel of one platform."""

    platform: Platform
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a channel hears of, and all that commands typed there can reach."""

    place: Place
    repositories: tuple[str, ...]
    branches: tuple[str, ...] = ()
    """Patterns beside what is always heard: the default branch, tags, releases, schedules, merge
    queues and runs started by hand."""
    pull_requests: bool = False
    private: bool = False
    """May show private repositories."""
    installations: frozenset[InstallationId] = frozenset()
    """The App installations that the patterns speak of; empty: any."""
    mention: tuple[str, ...] = ()
    """Who is called when a person is needed: "group:S1", "user:U1", "role:42"."""

    def reaches(self, repo: Repository) -> bool:
        """Whether this channel may know anything of *repo*."""
        ours = not self.installations or repo.installation in self.installations
        named = ours and matches(repo.full_name, self.repositories)
        return named and (self.private or not repo.private)

    def hears(self, lane: Lane, repo: Repository) -> bool:
        """Whether a red lane is shown here."""
        return self.reaches(repo) and self._wants(lane, repo.default_branch)

    def _wants(self, lane: Lane, default_branch: str) -> bool:
        match lane.kind:
            case LaneKind.TAG | LaneKind.RELEASE | LaneKind.SCHEDULE | LaneKind.QUEUE:
                return True
            case LaneKind.MANUAL:
                return True
            case LaneKind.PULL:
                return self.pull_requests
            case LaneKind.PUSH:
                return lane.name == default_branch or self._names(lane.name)
            case LaneKind.OTHER:
                followed = {f"{event}:{default_branch}" for event in FOLLOW_UPS}
                ours = not STRANGERS.match(lane.name)
                return lane.name in followed or (ours and self._names(lane.branch))

    def _names(self, branch: str) -> bool:
        return any(fnmatchcase(branch, pattern) for pattern in self.branches)


def audience(
    lane: Lane, repo: Repository, subscriptions: Sequence[Subscription]
) -> tuple[Subscription, ...]:
    """Return who is told of a red lane, one subscription a channel."""
    return first_of_each(sub for sub in subscriptions if sub.hears(lane, repo))


def first_of_each(subscriptions: Iterable[Subscription]) -> tuple[Subscription, ...]:
    """Return the first subscription of each channel; its card is one, whoever asked twice."""
    by_place: dict[Place, Subscription] = {}
    for subscription in subscriptions:
        by_place.setdefault(subscription.place, subscription)
    return tuple(by_place.values())
