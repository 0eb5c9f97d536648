"""How the builds of a repository stand, for those who ask."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bot.domain.errors import UserError
from bot.domain.ids import IncidentId, RunId
from bot.domain.incident import Incident
from bot.domain.lane import Lane, LaneKind
from bot.domain.person import Person
from bot.domain.press import Target
from bot.domain.run import Repository, Run
from bot.domain.subscription import Place
from bot.ports.rows import IncidentRows, LaneRows, RepositoryRows, RunRows
from bot.ports.store import Store
from bot.services.access import Access

RUN_URL: Final = re.compile(r"([\w.-]+/[\w.-]+)/actions/runs/(\d+)")
LARGEST: Final = 2**63 - 1  # what a row can hold
HOW_TO_NAME: Final = "Name an incident (#12), a run id, or the URL of a run: /build retry #12"


class StatusTx(RepositoryRows, RunRows, LaneRows, IncidentRows, Protocol):
    """Rows that tell how builds stand."""


@dataclass(frozen=True, slots=True)
class LaneState:
    lane: Lane
    run: Run
    incident: Incident | None


class Status:
    """Tells a person no more than their channel hears of and they may read."""

    def __init__(self, store: Store[StatusTx], access: Access) -> None:
        self._store = store
        self._access = access

    async def repositories(self, place: Place, by: Person) -> Sequence[Repository]:
        """Return what *by* may know of in a channel, by name."""
        async with self._store.read() as tx:
            known = await tx.repositories()
        mine = await self._access.readable(by, place, known)
        return sorted(mine, key=lambda repo: repo.full_name)

    async def repository(self, place: Place, by: Person, name: str) -> Repository:
        """Return the repository that is meant; without a name, the only one.

        Raises:
            UserError: None, or several, could be meant here.
        """
        mine = await self.repositories(place, by)
        wanted = name.lower()
        found = [
            repo
            for repo in mine
            if not name
            or repo.full_name.lower() == wanted
            or repo.full_name.lower().endswith(f"/{wanted}")
        ]
        if len(found) == 1:
            return found[0]
        names = ", ".join(repo.full_name for repo in mine[:10])
        if not mine:
            msg = "I have heard of no build yet that this channel subscribes to and you may see."
        elif found:
            msg = f"Which repository? Here I know {names}."
        else:
            msg = f"I can tell you nothing of {name} here. I can of {names}."
        raise UserError(msg)

    async def lanes(self, repo: Repository, *, branch: str = "") -> Sequence[LaneState]:
        """Return the newest state of each lane, red first, then the newest."""
        async with self._store.read() as tx:
            open_by_lane = {one.lane_id: one for one in await tx.open_incidents()}
            states = []
            for lane_id, run in await tx.newest_runs(repo.id, branch=branch):
                lane = await tx.lane(lane_id)
                if lane is not None and not (branch and lane.kind is LaneKind.PULL):
                    states.append(LaneState(lane, run, open_by_lane.get(lane_id)))
        return sorted(
            states,
            key=lambda state: (state.incident is None, not state.run.red, -state.run.id),
        )

    async def incidents(self, place: Place, by: Person) -> Sequence[tuple[Incident, Repository]]:
        """Return the open incidents that *by* may know of in a channel, the newest first."""
        readable = {repo.id: repo for repo in await self.repositories(place, by)}
        async with self._store.read() as tx:
            open_ones = await tx.open_incidents()
        return [(one, readable[one.lane.repo]) for one in open_ones if one.lane.repo in readable]

    async def target(self, place: Place, by: Person, what: str) -> tuple[Target, bool]:
        """Return which attempt of which run is meant by "#12", a run id or a run's URL.

        The second value says whether a run was named, rather than an incident.

        Raises:
            UserError: Nothing that may be known of here is meant.
        """
        what = what.strip()
        url = RUN_URL.search(what)
        number = url[2] if url else what.removeprefix("#")
        if not number.isdecimal() or int(number) > LARGEST:
            raise UserError(HOW_TO_NAME)
        if what.startswith("#"):
            found = await self.incidents(place, by)
            return _newest(IncidentId(int(number)), found), False
        readable = [
            repo
            for repo in await self.repositories(place, by)
            if url is None or repo.full_name.lower() == url[1].lower()
        ]
        return await self._named(RunId(int(number)), readable), True

    async def _named(self, run_id: RunId, readable: Sequence[Repository]) -> Target:
        async with self._store.read() as tx:
            run = await tx.run(run_id)
            lane = await tx.lane_of_run(run_id)
            incident = await tx.lane_incident(lane) if lane else None
        if run is None or run.repo not in {repo.id for repo in readable}:
            msg = f"I know no run {run_id} of this channel's repositories. Try /build incidents."
            raise UserError(msg)
        if incident is None or incident.ended:
            msg = (
                f"Run #{run.number} belongs to no open incident, so there is nothing to retry "
                f"here. Open it on GitHub: {run.url}"
            )
            raise UserError(msg)
        return Target(incident=incident.id, run=run.id, attempt=run.attempt)


def _newest(wanted: IncidentId, found: Sequence[tuple[Incident, Repository]]) -> Target:
    for incident, _ in found:
        if incident.id == wanted:
            return incident.target
    names = ", ".join(f"#{incident.id}" for incident, _ in found[:10]) or "none"
    msg = f"No open incident #{wanted} here. Open ones: {names}. Try /build incidents."
    raise UserError(msg)
