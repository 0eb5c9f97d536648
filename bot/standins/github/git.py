"""Commits and who descends from whom; enough of Git to compare two of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.standins.github.world import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit; the tree is only a name here."""

    sha: str
    tree: str
    message: str
    author: Account
    at: datetime
    parents: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.author.login}@users.example"


class History:
    """All commits of a repository and its forks, oldest first."""

    def __init__(self) -> None:
        self._commits: dict[str, Commit] = {}

    def add(self, commit: Commit) -> None:
        self._commits[commit.sha] = commit

    def find(self, sha: str) -> Commit | None:
        """Return the commit of this full or shortened (7 or more digits) name."""
        if sha in self._commits or len(sha) < len("abcdef0"):
            return self._commits.get(sha)
        return next((c for name, c in self._commits.items() if name.startswith(sha)), None)

    def reachable(self, sha: str) -> set[str]:
        """Return the commit and all it descends from."""
        seen: set[str] = set()
        waiting = [sha]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting.extend(self._commits[name].parents)
        return seen

    def between(self, base: str, head: str) -> list[Commit]:
        """Return what *head* has and *base* has not, oldest first."""
        only = self.reachable(head) - self.reachable(base)
        return [commit for sha, commit in self._commits.items() if sha in only]

    def merge_base(self, base: str, head: str) -> Commit | None:
        """Return the newest commit that both have."""
        shared = self.reachable(base) & self.reachable(head)
        return next((c for sha, c in reversed(self._commits.items()) if sha in shared), None)
