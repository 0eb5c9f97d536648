"""Repositories, as the newest payload has them."""

from collections.abc import Sequence

from sqlalchemy import bindparam, case, func, or_, select

from bot.adapters.storage.part import Part, loaded, row_of
from bot.adapters.storage.tables import REPOSITORY
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import RepoId
from bot.domain.run import Repository
from bot.ports.rows import RepositoryRows

_OLD = REPOSITORY.c
_ALL = select(REPOSITORY).order_by(_OLD.full_name)
_ONE = select(REPOSITORY).where(_OLD.id == bindparam("of_id"))
_FACTS = ("full_name", "private", "default_branch", "url")
# Answers of the API name no installation, and some payloads no time of update.
_KEPT = ("installation", "updated_at")
_SAVE = upsert(
    REPOSITORY,
    keys=("id",),
    update=lambda new: {
        **{name: new[name] for name in _FACTS},
        # What tells no time may be old: it can hide a repository, and not show it again.
        "private": case(
            (new.updated_at.is_(None), or_(new.private, _OLD.private)), else_=new.private
        ),
        **{name: func.coalesce(new[name], _OLD[name]) for name in _KEPT},
    },
    where=lambda new: (
        or_(_OLD.updated_at.is_(None), new.updated_at.is_(None), new.updated_at >= _OLD.updated_at)
        # An update that changes nothing would still cost a write to the disk.
        & or_(
            *(new[name].is_distinct_from(_OLD[name]) for name in _FACTS),
            *(func.coalesce(new[name], _OLD[name]).is_distinct_from(_OLD[name]) for name in _KEPT),
        )
    ),
)


class Repositories(Part):
    async def repository(self, id: RepoId) -> Repository | None:
        row = await self._one(_ONE, of_id=id)
        return loaded(Repository, row) if row else None

    async def repositories(self) -> Sequence[Repository]:
        return [loaded(Repository, row) for row in await self._all(_ALL)]

    async def save_repository(self, repo: Repository) -> None:
        await self._write(_SAVE, row_of(repo))


def _promise(rows: Repositories) -> RepositoryRows:
    return rows
