"""Who may do what; chat can't give rights, only settings and GitHub can."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Final

from bot.domain.person import Member, Person, Platform

GITHUB_WRITERS: Final = "github:write"
ANYONE_LISTENING: Final = "channel"  # members of a subscribed channel


class Right(StrEnum):
    READ = "read"
    RETRY = "retry"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One `[[access]]` entry; names are "slack:user:U1", "discord:role:42", "github:write"."""

    repositories: tuple[str, ...]
    read: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    admin: tuple[str, ...] = ()

    def names(self, right: Right) -> tuple[str, ...]:
        """Return who has *right*; each right includes those below it."""
        match right:
            case Right.READ:
                return (*self.read, *self.retry, *self.admin)
            case Right.RETRY:
                return (*self.retry, *self.admin)
            case Right.ADMIN:
                return self.admin

    def settles(self, right: Right) -> bool:
        """Whether *right* itself is given to somebody, so that the default does not hold."""
        given = {Right.READ: self.read, Right.RETRY: self.retry, Right.ADMIN: self.admin}
        return bool(given[right])


DEFAULTS: Final = {
    Right.READ: (ANYONE_LISTENING,),
    Right.RETRY: (GITHUB_WRITERS,),
    Right.ADMIN: (),
}


def who_may(right: Right, repository: str, grants: Sequence[Grant]) -> frozenset[str]:
    """Return the names of all who have *right* in *repository*."""
    mine = [grant for grant in grants if matches(repository, grant.repositories)]
    given = frozenset(name for grant in mine for name in grant.names(right))
    settled = any(grant.settles(right) for grant in mine)
    return given if settled else given | frozenset(DEFAULTS[right])


def holds(names: frozenset[str], person: Person, member: Member) -> bool:
    """Whether *person* is among *names* by themself or by a group; GitHub is asked elsewhere.

    A guest or stranger counts only where settings name them in person.
    """
    if person.key in names:
        return True
    if member.outsider:
        return False
    kind = "group" if person.platform is Platform.SLACK else "role"
    groups = {f"{person.platform}:{kind}:{group}" for group in member.groups}
    return ANYONE_LISTENING in names or not groups.isdisjoint(names)


def matches(name: str, patterns: Sequence[str]) -> bool:
    """Whether a repository's full name fits; GitHub's names know no upper or lower case."""
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
