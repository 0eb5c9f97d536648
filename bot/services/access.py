"""Whether a person may do something; asked anew each time, cached only by the far sides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.domain.access import GITHUB_WRITERS, Grant, Right, holds, who_may
from bot.domain.errors import TransientError, UserError
from bot.domain.ids import IncidentId
from bot.domain.incident import Incident
from bot.domain.lane import Lane
from bot.domain.person import Identity, Person, Platform
from bot.domain.press import Press
from bot.domain.run import Repository
from bot.domain.subscription import Place, Subscription
from bot.messages.text import sentence
from bot.ports.chat import ChatPlatform
from bot.ports.code_host import CodeHost
from bot.ports.rows import CardRows, IncidentRows, RepositoryRows
from bot.ports.store import Store


class AccessTx(RepositoryRows, IncidentRows, CardRows, Protocol):
    """Rows that a right depends on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRules:
    """What settings say of channels, rights and people."""

    subscriptions: Sequence[Subscription]
    grants: Sequence[Grant] = ()
    people: Sequence[Identity] = ()

    def subscription(self, place: Place, repo: Repository) -> Subscription | None:
        """Return what lets *place* know of *repo*; None where it may not."""
        mine = (sub for sub in self.subscriptions if sub.place == place)
        return next((sub for sub in mine if sub.reaches(repo)), None)

    def hearing(self, place: Place, lane: Lane, repo: Repository) -> Subscription | None:
        """Return what makes *place* hear of a lane, else what lets it know of the repository."""
        mine = [sub for sub in self.subscriptions if sub.place == place]
        heard = next((sub for sub in mine if sub.hears(lane, repo)), None)
        return heard or self.subscription(place, repo)

    def login(self, person: Person) -> str:
        """Return the GitHub login of a person whom settings list; empty where they do not."""
        return next((known.github for known in self.people if known.is_same(person)), "")


class Access:
    def __init__(
        self,
        store: Store[AccessTx],
        rules: AccessRules,
        platforms: Mapping[Platform, ChatPlatform],
        code_host: CodeHost,
    ) -> None:
        self._store = store
        self._rules = rules
        self._platforms = platforms
        self._code_host = code_host

    async def gate(self, press: Press, right: Right) -> None:
        """Let a press on a card through.

        Raises:
            UserError: The card is of another channel, or the presser lacks the right.
        """
        if press.target is None:
            return
        incident = await self.visible(press.target.incident, press.place)
        async with self._store.read() as tx:
            repo = await tx.repository(incident.lane.repo)
        if repo is not None:
            await self.require(right, press.by, repo)

    async def visible(self, incident_id: IncidentId, place: Place) -> Incident:
        """Return an incident that *place* may know of.

        Raises:
            UserError: There is none with that number, or not for this channel.
        """
        async with self._store.read() as tx:
            incident = await tx.incident(incident_id)
            repo = await tx.repository(incident.lane.repo) if incident else None
        if incident is None or repo is None or not self._rules.subscription(place, repo):
            msg = f"There is no incident #{incident_id} in this channel. Try /build incidents."
            raise UserError(msg)
        return incident

    async def readable(
        self, person: Person, place: Place, repositories: Iterable[Repository]
    ) -> list[Repository]:
        """Return those that *place* hears of and *person* may read, in their order."""
        found = []
        for repo in repositories:
            if not self._rules.subscription(place, repo):
                continue
            if await self.allows(Right.READ, person, repo):
                found.append(repo)
        return found

    async def require(self, right: Right, person: Person, repo: Repository) -> None:
        """Return if *person* has *right* in *repo* now.

        Raises:
            UserError: They have not, or nobody could be asked; the message says whom to ask.
        """
        try:
            allowed = await self.allows(right, person, repo)
        except TransientError as error:
            msg = f"I could not check whether you may do that. {sentence(error)} Try again."
            raise UserError(msg) from error
        if not allowed:
            names = who_may(right, repo.full_name, self._rules.grants)
            raise UserError(self._refusal(right, names, person, repo))

    async def allows(self, right: Right, person: Person, repo: Repository) -> bool:
        """Whether *person* has *right* in *repo* now.

        Raises:
            TransientError: It could not be looked up.
        """
        names = who_may(right, repo.full_name, self._rules.grants)
        return person.key in names or await self._holds(names, person, repo)

    async def _holds(self, names: frozenset[str], person: Person, repo: Repository) -> bool:
        platform = self._platforms.get(person.platform)
        if platform is None:
            return False  # it is not set up any more
        member = await platform.member(person, groups=_groups(names, person.platform))
        if holds(names, person, member):
            return True
        login = self._rules.login(person)
        if member.outsider or GITHUB_WRITERS not in names or not login:
            return False
        return await self._code_host.may_write(repo, login)

    def _refusal(
        self, right: Right, names: frozenset[str], person: Person, repo: Repository
    ) -> str:
        what = {
            Right.READ: f"see {repo.full_name}",
            Right.RETRY: f"retry {repo.full_name}",
            Right.ADMIN: f"change what happens to {repo.full_name}",
        }[right]
        writers = f"those who may write to {repo.full_name} on GitHub may {what}"
        others = "Only " if names == {GITHUB_WRITERS} else "Those named in settings.toml and "
        if GITHUB_WRITERS in names and not self._rules.login(person):
            return (
                f"{others}{writers}, and I do not know your GitHub name. "
                "The operator can add you to [[people]] in settings.toml."
            )
        if GITHUB_WRITERS in names:
            return f"{others}{writers}. Ask one of them."
        if not names:
            return f"Nobody may {what} from here. The operator can add [[access]] in settings.toml."
        return f"You may not {what}. [[access]] in settings.toml says who may; ask the operator."


def _groups(names: frozenset[str], platform: Platform) -> frozenset[str]:
    kind = "group" if platform is Platform.SLACK else "role"
    prefix = f"{platform}:{kind}:"
    return frozenset(name.removeprefix(prefix) for name in names if name.startswith(prefix))
