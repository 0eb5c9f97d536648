"""Who may write, as GitHub says, remembered for a minute."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.adapters.github import answers
from bot.adapters.github.asking import Asking
from bot.domain.errors import NotFoundError
from bot.domain.run import Repository

REMEMBERED: Final = timedelta(minutes=1)  # a press checks twice; a right withdrawn ends soon
WRITERS: Final = frozenset({"admin", "maintain", "write"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    may: bool
    until: datetime


class Permissions:
    def __init__(self, asking: Asking, *, now: Callable[[], datetime]) -> None:
        self._asking = asking
        self._now = now
        self._known: dict[tuple[int, str], _Known] = {}

    async def may_write(self, repo: Repository, login: str) -> bool:
        now = self._now()
        self._known = {who: known for who, known in self._known.items() if known.until > now}
        who = (repo.id, login.lower())
        if who not in self._known:
            may = await self._ask(repo, login)
            self._known[who] = _Known(may=may, until=now + REMEMBERED)
        return self._known[who].may

    async def _ask(self, repo: Repository, login: str) -> bool:
        try:
            answer = await self._asking.get(
                repo,
                "collaborators",
                login,
                "permission",
                shape=answers.Permission,
                what=f"person {login} in {repo.full_name}",
            )
        except NotFoundError:
            return False
        return answer.permission in WRITERS
