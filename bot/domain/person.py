"""One human, as a platform names them."""

from dataclasses import dataclass
from enum import StrEnum


class Platform(StrEnum):
    SLACK = "slack"
    DISCORD = "discord"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    platform: Platform
    id: str
    """The platform's own id; names change."""
    name: str = ""

    @property
    def key(self) -> str:
        """How settings and stored rows name them: "slack:user:U123"."""
        return f"{self.platform}:user:{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What a platform says of a person now."""

    groups: frozenset[str] = frozenset()
    """Ids of their Slack user groups or Discord roles, never that of everyone."""
    outsider: bool = False
    """A guest, or somebody of another organisation in a shared channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The ids of one human, as `[[people]]` in settings lists them."""

    slack: str = ""
    discord: str = ""
    github: str = ""

    def is_same(self, person: Person) -> bool:
        mine = self.slack if person.platform is Platform.SLACK else self.discord
        return bool(mine) and mine == person.id
