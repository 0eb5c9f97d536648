"""Which roles somebody has, remembered for a minute."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from discord.http import Route

from bot.adapters.discord.refusals import Attempt, Code
from bot.adapters.discord.rest import Rest
from bot.domain.errors import NotFoundError
from bot.domain.person import Member, Person
from bot.ports.clock import Clock

REMEMBERED: Final = timedelta(minutes=1)
ATTEMPT: Final = Attempt(
    what="look up a member", gone=frozenset({Code.UNKNOWN_MEMBER, Code.UNKNOWN_USER})
)


class Members:
    """What an interaction says of its sender is not kept: roles are taken away in between."""

    def __init__(self, rest: Rest, clock: Clock) -> None:
        self._rest = rest
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[datetime, frozenset[str]]] = {}

    async def member(self, person: Person, guilds: Iterable[str]) -> Member:
        """Return all roles of *person* in these guilds; ids of roles are unique over all."""
        roles: set[str] = set()
        for guild in guilds:
            roles |= await self._roles(guild, person.id)
        return Member(groups=frozenset(roles))

    async def _roles(self, guild: str, user: str) -> frozenset[str]:
        now = self._clock.now()
        self._known = {who: known for who, known in self._known.items() if now < known[0]}
        if (guild, user) not in self._known:
            self._known[guild, user] = now + REMEMBERED, await self._ask(guild, user)
        return self._known[guild, user][1]

    async def _ask(self, guild: str, user: str) -> frozenset[str]:
        path = "/guilds/{guild_id}/members/{member_id}"
        try:
            found = await self._rest.request(
                Route("GET", path, guild_id=guild, member_id=user), ATTEMPT
            )
        except NotFoundError:
            return frozenset()
        return frozenset(str(role) for role in found["roles"]) - {guild}  # that one is everyone
