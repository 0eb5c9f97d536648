"""What Slack says of a person, remembered for a minute."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.elements import Json
from bot.adapters.slack.failures import code_of, telling
from bot.adapters.slack.identity import Identity
from bot.domain.person import Member
from bot.ports.clock import Clock

REMEMBERED: Final = timedelta(minutes=1)
NO_GROUP: Final = frozenset({"no_such_subteam", "subteam_not_found", "subteam_disabled"})
T = TypeVar("T")


class People:
    def __init__(self, client: AsyncWebClient, *, identity: Identity, clock: Clock) -> None:
        self._client = client
        self._identity = identity
        self._clock = clock
        self._outsiders: dict[str, tuple[datetime, bool]] = {}
        self._groups: dict[str, tuple[datetime, frozenset[str]]] = {}

    async def member(self, user: str, *, groups: frozenset[str]) -> Member:
        """Return which of *groups* a person is in, and whether they belong here at all."""
        outsider = await self._recall(self._outsiders, user, self._is_outsider)
        found = [
            group
            for group in sorted(groups)
            if user in await self._recall(self._groups, group, self._members)
        ]
        return Member(groups=frozenset(found), outsider=outsider)

    async def _recall(
        self,
        known: dict[str, tuple[datetime, T]],
        key: str,
        ask: Callable[[str], Awaitable[T]],
    ) -> T:
        now = self._clock.now()
        if key in known and now - known[key][0] < REMEMBERED:
            return known[key][1]
        for old in [name for name, (at, _) in known.items() if now - at >= REMEMBERED]:
            del known[old]
        answer = await ask(key)
        known[key] = (now, answer)
        return answer

    async def _is_outsider(self, user: str) -> bool:
        team = await self._identity.team()
        with telling(f"look up {user}"):
            try:
                response = await self._client.users_info(user=user)
            except SlackApiError as error:
                if code_of(error) in ("user_not_found", "user_not_visible"):
                    return True
                raise
        return _is_foreign(response["user"], team)

    async def _members(self, group: str) -> frozenset[str]:
        with telling(f"list the members of the user group {group}"):
            try:
                response = await self._client.usergroups_users_list(usergroup=group)
            except SlackApiError as error:
                if code_of(error) in NO_GROUP:
                    return frozenset()
                raise
        return frozenset(response["users"])


def _is_foreign(user: Json, team: str) -> bool:
    """Whether *user* is a guest, left, or came through a shared channel."""
    marks = ("is_restricted", "is_ultra_restricted", "is_stranger", "deleted")
    teams = {user.get("team_id"), *user.get("enterprise_user", {}).get("teams", ())}
    return any(user.get(mark) for mark in marks) or team not in teams
