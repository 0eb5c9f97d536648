"""Deliveries as events."""

import re
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from bot.adapters.github import shapes, values
from bot.domain.errors import PermanentError
from bot.domain.events import (
    AccessChanged,
    Delivery,
    Event,
    JobReported,
    Pinged,
    PullClosed,
    RefDeleted,
    RefSeen,
    RepositoryChanged,
    RunReported,
    Unheard,
    quiet,
)
from bot.domain.ids import InstallationId, RepoId
from bot.domain.lane import RefKind
from bot.domain.run import Repository

T = TypeVar("T")

PREFIXES: Final = {"refs/heads/": RefKind.BRANCH, "refs/tags/": RefKind.TAG}

# Whatever else we read changes something nearly always, so that a look at the door is wasted.
OFTEN_QUIET: Final = frozenset({"workflow_job", "pull_request"})

HALF_PAIR: Final = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_payload: Final = msgspec.json.Decoder(shapes.Payload)
_envelope: Final = msgspec.json.Decoder(shapes.Envelope)
_odd_envelope: Final = msgspec.json.Decoder(shapes.OddEnvelope)


def read(delivery: Delivery) -> Event:
    """Return what a delivery tells.

    Raises:
        PermanentError: It can't be read, today or later; the message says why.
    """
    reader = READERS.get(delivery.event)
    if reader is None:
        return Unheard(why=f"nobody listens to {delivery.event}")
    try:
        return reader(_Reading(delivery, _decoded(delivery.body)))
    # A hostile depth of nesting ends in a RecursionError.
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        msg = f"The {delivery.event} delivery {delivery.id} is not what GitHub describes: {error}"
        raise PermanentError(msg) from error


def _decoded(body: bytes) -> shapes.Payload:
    """Decode a payload, also one with half a surrogate pair: a title cut inside an emoji."""
    try:
        return _payload.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        mended = HALF_PAIR.sub(rb"\\ufffd", body)
        if mended == body:
            raise
        return _payload.decode(mended)


def repo_of(body: bytes) -> RepoId | None:
    """Return the repository that a delivery speaks of, without reading the rest.

    Raises:
        PermanentError: This is no JSON object.
    """
    try:
        return _repo_of(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        msg = f"The body is no JSON object: {error}"
        raise PermanentError(msg) from error


def _repo_of(body: bytes) -> RepoId | None:
    try:
        repository = _envelope.decode(body).repository
    except msgspec.ValidationError:
        _odd_envelope.decode(body)
        return None
    return RepoId(repository.id) if repository else None


def settled(delivery: Delivery) -> str:
    """Return why a delivery changes nothing, from its payload alone; "" where more must be asked.

    What can't be read is left to whoever opens it, and is set aside there.
    """
    if delivery.event in READERS and delivery.event not in OFTEN_QUIET:
        return ""
    try:
        return quiet(read(delivery))
    except PermanentError:
        return ""


class _Reading:
    """A payload, and what all readers ask of it."""

    def __init__(self, delivery: Delivery, payload: shapes.Payload) -> None:
        self.payload = payload
        self.event = delivery.event
        self.seen_at = delivery.received_at

    @property
    def action(self) -> str:
        return self.payload.action or ""

    @property
    def repo(self) -> Repository:
        installation = self.payload.installation
        return values.repository(
            self.needed(self.payload.repository, "repository"),
            installation=InstallationId(installation.id) if installation else None,
            seen_at=self.seen_at,
        )

    def needed(self, value: T | None, key: str) -> T:
        if value is None:
            msg = f"The {self.event} delivery has no {key}."
            raise PermanentError(msg)
        return value


def _run(reading: _Reading) -> Event:
    repo = reading.repo
    run = values.run(
        reading.needed(reading.payload.workflow_run, "workflow_run"),
        repo=repo.id,
        seen_at=reading.seen_at,
        workflow=reading.payload.workflow,
    )
    return RunReported(
        repo=repo,
        run=run,
        heard_at=reading.seen_at,
        outdated=reading.payload.outdated is True,
    )


def _job(reading: _Reading) -> Event:
    raw = reading.needed(reading.payload.workflow_job, "workflow_job")
    deployment = reading.payload.deployment
    job = values.job(
        raw,
        seen_at=reading.seen_at,
        environment=deployment.environment if deployment else None,
        delivered=reading.payload.retold is not True,
    )
    return JobReported(repo=reading.repo, job=job)


def _push(reading: _Reading) -> Event:
    ref = reading.needed(reading.payload.ref, "ref")
    for prefix, kind in PREFIXES.items():
        if name := ref.removeprefix(prefix) if ref.startswith(prefix) else "":
            tell = RefDeleted if reading.payload.deleted else RefSeen
            return tell(repo=reading.repo, name=name, kind=kind)
    return Unheard(why="the pushed ref is neither a branch nor a tag")


def _created(reading: _Reading) -> Event:
    return _ref(reading, RefSeen)


def _deleted(reading: _Reading) -> Event:
    return _ref(reading, RefDeleted)


def _ref(reading: _Reading, tell: type[RefSeen | RefDeleted]) -> Event:
    """Read a create or delete delivery; their names come without "refs/heads/"."""
    name, kind = reading.payload.ref, reading.payload.ref_type or ""
    if not (name and kind in [*RefKind]):
        return Unheard(why=f"{reading.event} of neither a branch nor a tag")
    return tell(repo=reading.repo, name=name, kind=RefKind(kind))


def _pull(reading: _Reading) -> Event:
    if reading.action != "closed":
        return Unheard(why=f"pull_request {reading.action} changes nothing here")
    pull = reading.needed(reading.payload.pull_request, "pull_request")
    head = pull.head or shapes.PullHead()
    return PullClosed(
        repo=reading.repo,
        number=pull.number,
        head_repo=RepoId(head.repo.id) if head.repo else None,
        head_branch=head.ref or "",
    )


def _repository(reading: _Reading) -> Event:
    return RepositoryChanged(repo=reading.repo, action=reading.action)


def _access(reading: _Reading) -> Event:
    payload = reading.payload
    installation = reading.needed(payload.installation, "installation")
    lost = payload.repositories_removed or []
    if reading.event == "installation" and reading.action in ("deleted", "suspend"):
        lost = payload.repositories or []
    return AccessChanged(
        installation=InstallationId(installation.id),
        action=reading.action,
        lost=tuple(RepoId(repo.id) for repo in lost),
    )


def _ping(reading: _Reading) -> Event:
    return Pinged(hook=reading.payload.hook_id or 0)


READERS: Final[dict[str, Callable[[_Reading], Event]]] = {
    "workflow_run": _run,
    "workflow_job": _job,
    "push": _push,
    "create": _created,
    "delete": _deleted,
    "pull_request": _pull,
    "repository": _repository,
    "installation": _access,
    "installation_repositories": _access,
    "ping": _ping,
}
