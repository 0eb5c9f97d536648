"""What GitHub tells us, typed at the door; a raw payload never passes the adapter."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.ids import DeliveryId, InstallationId, RepoId
from bot.domain.lane import RefKind
from bot.domain.run import Job, Repository, Run

RETOLD: Final = "poll-"
"""How the ids of deliveries begin that we wrote ourselves, of what we found out by asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One webhook request, stored before it is answered."""

    id: DeliveryId
    event: str
    repo: RepoId | None
    """None where the payload names no repository, such as an installation's."""
    received_at: datetime
    body: bytes
    settled: str = ""
    """Why it changes nothing, where its payload alone says so; it is stored as done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReported:
    repo: Repository
    run: Run
    heard_at: datetime
    outdated: bool = False
    """Its lane has gone on since: it is kept as history, and nobody is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReported:
    repo: Repository
    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class RefSeen:
    """A push or a creation: the name is a branch, or a tag."""

    repo: Repository
    name: str
    kind: RefKind


@dataclass(frozen=True, slots=True, kw_only=True)
class RefDeleted:
    repo: Repository
    name: str
    kind: RefKind


@dataclass(frozen=True, slots=True, kw_only=True)
class PullClosed:
    repo: Repository
    number: int
    head_repo: RepoId | None
    head_branch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepositoryChanged:
    """Renamed, transferred, made public or private, archived or deleted."""

    repo: Repository
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChanged:
    """The App was installed, removed, suspended, or reaches other repositories."""

    installation: InstallationId
    action: str
    lost: tuple[RepoId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinged:
    hook: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """A delivery that we store, count and leave."""

    why: str


Event = (
    RunReported
    | JobReported
    | RefSeen
    | RefDeleted
    | PullClosed
    | RepositoryChanged
    | AccessChanged
    | Pinged
    | Unheard
)


def quiet(event: Event) -> str:
    """Return why an event changes nothing, whatever is stored; "" where it may.

    Most deliveries are quiet. A job that deploys is kept whatever its colour: its run is a
    deployment.
    """
    match event:
        case Unheard(why=why):
            return why
        case JobReported(job=job) if not job.red and not job.environment:
            return "not red"
        case _:
            return ""
