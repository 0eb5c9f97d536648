"""All that a card is drawn from, and how its subject is called."""

from dataclasses import dataclass
from typing import Final

from bot.domain.failure import Diagnosis, History
from bot.domain.grouping import FailedJob, FailureGroup, group
from bot.domain.incident import Incident
from bot.domain.lane import LaneKind
from bot.domain.retry import Retry, RetryState
from bot.domain.run import Repository, Run
from bot.messages.text import Text, say

NO_HISTORY: Final = History()


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """All that a card is drawn from, read at one moment."""

    incident: Incident
    repo: Repository
    run: Run
    failed: tuple[FailedJob, ...] = ()
    retries: tuple[Retry, ...] = ()
    history: History = NO_HISTORY
    """Of the main fingerprint, the present attempt included."""
    unknown: bool = False
    """Nobody could tell for long whether all this is still so."""

    @property
    def groups(self) -> tuple[FailureGroup, ...]:
        return group(self.failed)

    @property
    def diagnosis(self) -> Diagnosis | None:
        return self.groups[0].diagnosis if self.groups else None

    @property
    def retry(self) -> Retry | None:
        """The newest wish to run the newest red attempt again."""
        mine = [
            retry
            for retry in self.retries
            if retry.run == self.incident.run and retry.attempt >= self.incident.attempt
        ]
        return mine[-1] if mine else None


def subject(facts: CardFacts) -> Text:
    """Name the lane: "acme/app CI on main"."""
    return say(
        "{repo} {workflow} on {lane}",
        repo=facts.repo.full_name,
        workflow=facts.run.workflow_name or "workflow",
        lane=facts.incident.lane.title,
    )


def can_retry(facts: CardFacts) -> bool:
    """Whether a press on Retry could do anything now."""
    retry = facts.retry
    taken = retry is not None and (
        retry.state in (RetryState.SENT, RetryState.DONE_ELSEWHERE)
        or (retry.state is RetryState.WAITING and (retry.by is not None or retry.tries > 0))
    )
    return not taken and facts.incident.lane.kind is not LaneKind.QUEUE


def is_diagnosed(incident: Incident) -> bool:
    """Whether what is known speaks of the newest red attempt."""
    return incident.diagnosed == (incident.run, incident.attempt)
