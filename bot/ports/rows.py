"""The rows, one small protocol a thing; adapters/storage keeps one file for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from bot.domain.events import Delivery
from bot.domain.failure import Diagnosis, History
from bot.domain.ids import (
    CardId,
    DeliveryId,
    IncidentId,
    InstallationId,
    LaneId,
    NoticeId,
    PressId,
    RepoId,
    RetryId,
    RunId,
)
from bot.domain.incident import Incident, TimelineEntry
from bot.domain.lane import Lane, RefKind
from bot.domain.press import Press
from bot.domain.retry import Retry
from bot.domain.run import Job, Repository, Run
from bot.domain.subscription import Place
from bot.domain.work import Due, DueKind, Queue
from bot.ports.waker import EVERY_QUEUE


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A due row that broke us again and again."""

    kind: DueKind
    id: str
    key: str
    set_aside_at: datetime
    error: str


class DueRows(Protocol):
    async def due(self, kind: DueKind, id: str, *, key: str, at: datetime) -> None:
        """Want that row handled at *at*, or earlier if it already is wanted earlier.

        A wish made while the row is claimed survives the claim; one that was set aside starts
        anew.
        """
        ...

    async def due_if_none(self, kind: DueKind, id: str, *, key: str, at: datetime) -> None:
        """Want that row handled at *at* where it is not wanted at all; a claim is left alone."""
        ...

    async def not_due(self, kind: DueKind, id: str) -> None:
        """Cross a row off, whoever holds it."""
        ...

    async def claim(self, kind: DueKind, id: str, *, now: datetime, lease: timedelta) -> Due | None:
        """Take a due row for *lease*, counting a try; None if it is not due (any more)."""
        ...

    async def finish(self, due: Due, *, again: datetime | None) -> bool:
        """Record an outcome: cross the row off, or call it again then, with no tries counted.

        Returns False, and changes nothing, where a new wish came in meanwhile.
        """
        ...

    async def postpone(self, due: Due, *, until: datetime) -> None:
        """Call a failed row again then, its tries kept; a new wish in between wins."""
        ...

    async def give_back(self, due: Due, *, until: datetime) -> None:
        """Call a row again then, as if it had not been tried; a new wish in between wins."""
        ...

    async def set_aside(self, due: Due, why: str, *, at: datetime) -> bool:
        """Give a row up: it is never due again, until somebody wishes for it anew.

        Returns False, and changes nothing, where a new wish came in meanwhile.
        """
        ...

    async def set_aside_rows(self) -> Sequence[SetAside]:
        """Return what was given up, the newest first."""
        ...

    async def free_claims(self, *, now: datetime) -> int:
        """Make due what is claimed; only for a start that knows itself to be alone."""
        ...

    async def call_all(self, *, now: datetime) -> int:
        """Make due what waits for a later time; for a clock that was set back."""
        ...

    async def due_now(
        self, now: datetime, *, limit: int, queues: frozenset[Queue] = EVERY_QUEUE
    ) -> Sequence[tuple[DueKind, str, str]]:
        """Return kind, id and key of what is due, the longest waiting first.

        Kinds that only a newer program knows are left to it.
        """
        ...

    async def due_soon(
        self,
        now: datetime,
        *,
        until: datetime,
        limit: int,
        queues: frozenset[Queue] = EVERY_QUEUE,
    ) -> Sequence[tuple[DueKind, str, str, datetime]]:
        """Return what comes due after *now*, with its time; what is claimed is its holder's."""
        ...

    async def next_due(self) -> datetime | None: ...


class DeliveryRows(Protocol):
    async def take_in(self, deliveries: Sequence[Delivery]) -> set[DeliveryId]:
        """Store many at once and make due what was never processed; return which are new."""
        ...

    async def delivery(self, id: DeliveryId) -> Delivery | None: ...

    async def delivery_done(self, id: DeliveryId, *, at: datetime, outcome: str) -> None: ...

    async def delivery_set_aside(self, id: DeliveryId, *, at: datetime, error: str) -> None:
        """Keep one that can't be processed, with the reason, for the operator."""
        ...


class RepositoryRows(Protocol):
    async def repository(self, id: RepoId) -> Repository | None: ...

    async def repositories(self) -> Sequence[Repository]: ...

    async def save_repository(self, repo: Repository) -> None:
        """Keep what the newest payload says; an older one (by `updated_at`) changes nothing."""
        ...


class RefRows(Protocol):
    async def ref_kind(self, repo: RepoId, name: str) -> RefKind | None: ...

    async def save_ref(self, repo: RepoId, name: str, kind: RefKind) -> None: ...

    async def forget_ref(self, repo: RepoId, name: str) -> None: ...


class LaneRows(Protocol):
    async def lock_lane(self, lane: Lane) -> LaneId:
        """Return the row of *lane*, made if new, locked until the transaction ends."""
        ...

    async def lane(self, id: LaneId) -> Lane | None: ...


class RunRows(Protocol):
    async def save_run(self, run: Run, *, late_at: datetime | None = None) -> bool:
        """Keep what is newest of this attempt (`Run.progress`); False if nothing was new.

        Args:
            late_at: When it was heard, where that was long after it happened.
        """
        ...

    async def place_run(self, run: RunId, lane: LaneId) -> None:
        """Give all attempts of a run their lane; the first one given stays."""
        ...

    async def move_runs(self, lane: LaneId, *, to: LaneId) -> None:
        """Give all runs of a lane another one, since what they were placed by was wrong."""
        ...

    async def lane_of_run(self, run: RunId) -> LaneId | None: ...

    async def run(self, run: RunId, attempt: int | None = None) -> Run | None:
        """Return an attempt; the newest where none is named."""
        ...

    async def runs_of_lane(self, lane: LaneId, *, runs: int) -> Sequence[Run]:
        """Return all attempts of the newest *runs* run numbers of a lane, oldest first."""
        ...

    async def unplaced_runs(self, repo: RepoId, branch: str) -> Sequence[Run]:
        """Return runs without a lane whose branch or tag has that name."""
        ...

    async def newest_runs(self, repo: RepoId, *, branch: str = "") -> Sequence[tuple[LaneId, Run]]:
        """Return the newest attempt of the newest run of each lane of a repository."""
        ...


class JobRows(Protocol):
    async def save_job(self, repo: RepoId, job: Job) -> None: ...

    async def jobs(self, run: RunId, attempt: int) -> Sequence[Job]: ...

    async def tolerated(self, lane: LaneId, names: Sequence[str]) -> frozenset[str]:
        """Return those of *names* that failed in a green run of the lane (continue-on-error)."""
        ...


class IncidentRows(Protocol):
    async def incident(self, id: IncidentId) -> Incident | None: ...

    async def lane_incident(self, lane: LaneId) -> Incident | None:
        """Return the newest incident of a lane, open or ended."""
        ...

    async def new_incident(self, incident: Incident) -> Incident:
        """Store an incident under a new id; one open incident a lane, or it raises."""
        ...

    async def save_incident(self, incident: Incident) -> None: ...

    async def open_incidents(self) -> Sequence[Incident]:
        """Return what has not ended, the newest first."""
        ...


class TimelineRows(Protocol):
    async def tell(self, entry: TimelineEntry) -> bool:
        """Add a line; False, and nothing added, where that fact was told already."""
        ...

    async def timeline(
        self, incident: IncidentId, *, after: int = 0
    ) -> Sequence[TimelineEntry]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDiagnosis:
    """A diagnosis with the job it speaks of."""

    repo: RepoId
    run: RunId
    attempt: int
    job: int
    job_name: str
    step: str
    sha: str
    at: datetime
    diagnosis: Diagnosis | None
    """None: the job failed and its log was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """What a job's log prints when all is well, small enough to keep."""

    lane: LaneId
    job_name: str
    run: RunId
    """The green run that it is of."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An incident that is to be diagnosed."""

    incident: IncidentId
    lane: Lane
    default_branch: str

    @property
    def rank(self) -> tuple[bool, int]:
        """The highest goes first: what is released from, then the newest."""
        lane = self.lane
        return lane.is_release or lane.name == self.default_branch, self.incident


class DiagnosisRows(Protocol):
    async def save_diagnosis(self, found: JobDiagnosis) -> None:
        """Keep one diagnosis a job; a later one replaces it."""
        ...

    async def diagnoses(self, run: RunId, attempt: int) -> Sequence[JobDiagnosis]: ...

    async def undiagnosed(self, installation: InstallationId | None) -> Sequence[Waiting]:
        """Return all that an installation's budget is to be diagnosed with, in any order."""
        ...

    async def history(self, repo: RepoId, fingerprint: str, *, since: datetime) -> History:
        """Return how often a fingerprint was met since then, and what re-runs came of it."""
        ...

    async def fingerprints_on(
        self, repo: RepoId, sha: str, *, apart_from: tuple[RunId, int]
    ) -> frozenset[str]:
        """Return the fingerprints met on a commit, those of one attempt left out."""
        ...


class SketchRows(Protocol):
    async def sketch(self, lane: LaneId, job_name: str) -> Sketch | None: ...

    async def save_sketch(self, sketch: Sketch) -> None:
        """Keep one sketch a job name; a later one replaces it."""
        ...


class RetryRows(Protocol):
    async def retry(self, id: RetryId) -> Retry | None: ...

    async def new_retry(self, retry: Retry) -> Retry | None:
        """Store a wish under a new id; None where that attempt has a live one."""
        ...

    async def save_retry(self, retry: Retry) -> None: ...

    async def live_retry(self, run: RunId, attempt: int) -> Retry | None: ...

    async def retries_of_run(self, run: RunId) -> Sequence[Retry]:
        """Return all retries of a run, whichever incident they were for."""
        ...

    async def retries(self, incident: IncidentId) -> Sequence[Retry]:
        """Return all retries of an incident, oldest first."""
        ...


class CardState(StrEnum):
    WANTED = "wanted"
    HELD = "held"  # a digest speaks for it
    SHOWN = "shown"
    DROPPED = "dropped"  # the channel is lost, or may not see it any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An incident in one channel."""

    id: CardId
    incident: IncidentId
    place: Place
    state: CardState = CardState.WANTED
    message: str = ""
    thread: str = ""
    told: int = 0
    """`seq` of the last timeline line that the thread has."""
    shown: str = ""
    """Digest of what the message shows; equal means there is nothing to edit."""
    tries: int = 0
    """Posts or edits begun since one was last recorded; above 0: look before repeating."""
    tried_at: datetime | None = None
    notice: NoticeId | None = None
    """The digest that holds it back."""


class CardRows(Protocol):
    async def card(self, id: CardId) -> Card | None: ...

    async def cards(self, incident: IncidentId) -> Sequence[Card]: ...

    async def card_at(self, place: Place, message: str) -> Card | None: ...

    async def want_card(self, incident: IncidentId, place: Place) -> Card:
        """Return the card of an incident in a channel, made if new."""
        ...

    async def save_card(self, card: Card) -> None: ...

    async def fresh_cards(self, place: Place, *, since: datetime, most: int) -> int:
        """Count a channel's cards of incidents opened after *since*, up to *most*."""
        ...

    async def cards_waiting(self, *, most: int) -> int:
        """Count the cards that are to be drawn, now or soon, up to *most*."""
        ...


class PressRows(Protocol):
    async def new_press(self, press: Press) -> bool:
        """Store a press; False where it is stored already."""
        ...

    async def press(self, id: PressId) -> Press | None: ...

    async def press_acted(self, id: PressId, *, answer: str) -> None:
        """Record that a press was acted on, with what its presser is to be told."""
        ...

    async def press_answer(self, id: PressId) -> str | None:
        """Return what is to be told of a press that was acted on; None where it was not yet."""
        ...

    async def press_done(self, id: PressId, *, at: datetime, outcome: str) -> None: ...

    async def press_is_done(self, id: PressId) -> bool: ...
