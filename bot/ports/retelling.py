"""What we found out ourselves, as deliveries: so that there is one way in and one judge."""

from datetime import datetime
from typing import Protocol

from bot.domain.events import Delivery
from bot.domain.run import Job, Repository, Run


class Retelling(Protocol):
    def run(self, repo: Repository, run: Run, *, at: datetime, outdated: bool = False) -> Delivery:
        """Return the delivery that would have told it; its id is the same for the same news.

        Args:
            outdated: Its lane has gone on since; it is only history.
        """
        ...

    def job(self, repo: Repository, job: Job, *, at: datetime) -> Delivery: ...
