"""What names are: a branch or a tag."""

from sqlalchemy import bindparam, delete, select

from bot.adapters.storage.part import Part
from bot.adapters.storage.tables import REF
from bot.adapters.storage.upsert import upsert
from bot.domain.ids import RepoId
from bot.domain.lane import RefKind
from bot.ports.rows import RefRows

_THIS = (REF.c.repo == bindparam("of_repo"), REF.c.name == bindparam("of_name"))
_ONE = select(REF.c.kind).where(*_THIS)
_FORGET = delete(REF).where(*_THIS)
_SAVE = upsert(
    REF,
    keys=("repo", "name"),
    update=lambda new: {"kind": new.kind},
    where=lambda new: new.kind != REF.c.kind,
)


class Refs(Part):
    async def ref_kind(self, repo: RepoId, name: str) -> RefKind | None:
        row = await self._one(_ONE, of_repo=repo, of_name=name)
        return row["kind"] if row else None

    async def save_ref(self, repo: RepoId, name: str, kind: RefKind) -> None:
        await self._write(_SAVE, {"repo": repo, "name": name, "kind": kind})

    async def forget_ref(self, repo: RepoId, name: str) -> None:
        await self._write(_FORGET, {"of_repo": repo, "of_name": name})


def _promise(rows: Refs) -> RefRows:
    return rows
