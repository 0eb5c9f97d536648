"""One REST request as the route functions see it, and their answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bot.standins.discord.bodies import Draft, Upload
from bot.standins.discord.form import refuse, snowflake
from bot.standins.discord.refusal import Json, RefusalError
from bot.standins.discord.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that is authorized and read."""

    world: World
    path: Mapping[str, str]
    query: Mapping[str, str]
    json: Any = None
    files: Mapping[str, Upload] = field(default_factory=dict)

    def id(self, name: str) -> int:
        """Return an id of the path.

        Raises:
            RefusalError: It is no id.
        """
        return snowflake(f"{name}_id", self.path[name])

    def optional_id(self, name: str) -> int | None:
        """Return an id of the query, if it is there.

        Raises:
            RefusalError: It is no id.
        """
        return snowflake(name, self.query[name]) if name in self.query else None

    @property
    def body(self) -> Json:
        """Return the body, which must be an object.

        Raises:
            RefusalError: It is something else.
        """
        if self.json is None:
            return {}
        if not isinstance(self.json, dict):
            raise self._bad_body(wanted="dictionaries", kind="DictType")
        return self.json

    @property
    def rows(self) -> list[Json]:
        """Return the body, which must be a list of objects.

        Raises:
            RefusalError: It is something else.
        """
        if not isinstance(self.json, list) or not all(isinstance(r, dict) for r in self.json):
            raise self._bad_body(wanted="iterables", kind="ListType")
        return self.json

    def _bad_body(self, *, wanted: str, kind: str) -> RefusalError:
        why = f"Only {wanted} may be used in a {kind}"
        return refuse("_body", f"{kind.upper()}_CONVERT", why)

    @property
    def draft(self) -> Draft:
        """Return the body as a message to be."""
        return Draft(body=self.body, files=self.files)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the route answers; None as JSON is an empty answer."""

    status: int
    json: Any = None


Handler: TypeAlias = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the route tables."""

    method: str
    path: str
    handler: Handler
    with_bot_token: bool = True

    @property
    def name(self) -> str:
        """Return the name that rate limits go by."""
        return f"{self.method} {self.path}"
