"""Which incidents wait for their log, an installation by itself."""

from collections.abc import Sequence
from dataclasses import replace

from bot.adapters.storage.store import SqlStore
from bot.domain.ids import IncidentId, InstallationId, RepoId
from bot.domain.incident import Ending
from bot.domain.lane import Lane, LaneKind
from bot.domain.work import DueKind
from bot.ports.rows import Waiting
from tests.contract.conftest import an_incident
from tests.contract.made import LANE, LATER, NOW, REPOSITORY

OURS, THEIRS = InstallationId(5), InstallationId(6)
FEATURE = replace(LANE, name="feature")
TAG = Lane(repo=LANE.repo, workflow=LANE.workflow, kind=LaneKind.TAG, name="v1")


async def to_diagnose(store: SqlStore, lane: Lane, *, ended: bool = False) -> IncidentId:
    async with store.begin() as tx:
        _, incident = await an_incident(tx, lane=lane)
        if ended:
            await tx.save_incident(incident.end(Ending.RESOLVED, by="ana", at=NOW))
        key = f"incident:{incident.id}"
        await tx.due(DueKind.DIAGNOSIS, str(incident.id), key=key, at=LATER)
        await tx.due(DueKind.WATCH, str(incident.id), key=key, at=NOW)
    return incident.id


async def waiting(store: SqlStore, whose: InstallationId | None = OURS) -> Sequence[Waiting]:
    async with store.read() as tx:
        return await tx.undiagnosed(whose)


async def test_the_default_branch_and_tags_go_first_then_the_newest(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.save_repository(REPOSITORY)
    made = [await to_diagnose(store, lane) for lane in (LANE, FEATURE, TAG)]
    other = await to_diagnose(store, replace(FEATURE, name="other"))
    ranked = sorted(await waiting(store), key=lambda one: one.rank, reverse=True)
    assert [one.incident for one in ranked] == [made[2], made[0], other, made[1]]


async def test_only_what_is_open_and_due_waits(store: SqlStore) -> None:
    async with store.begin() as tx:
        await tx.save_repository(REPOSITORY)
    await to_diagnose(store, LANE, ended=True)
    done = await to_diagnose(store, FEATURE)
    async with store.begin() as tx:
        await tx.not_due(DueKind.DIAGNOSIS, str(done))
    assert await waiting(store) == []


async def test_each_installation_has_its_own_line(store: SqlStore) -> None:
    theirs = replace(REPOSITORY, id=RepoId(8), installation=THEIRS)
    nobodys = replace(REPOSITORY, id=RepoId(9), installation=None)
    async with store.begin() as tx:
        for repo in (REPOSITORY, theirs, nobodys):
            await tx.save_repository(repo)
    for repo in (REPOSITORY, theirs, nobodys):
        await to_diagnose(store, replace(LANE, repo=repo.id))
    for whose, repo in ((OURS, REPOSITORY), (THEIRS, theirs), (None, nobodys)):
        assert [one.lane.repo for one in await waiting(store, whose)] == [repo.id]
