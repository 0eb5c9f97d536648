"""What GitHub told nobody: which deliveries are worth asking for again, which runs are news."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, takewhile
from typing import Final

from bot.domain.ids import DeliveryId, RepoId, RunId
from bot.domain.run import Repository, Run, Status
from bot.domain.subscription import Subscription

LOG_REACHES_BACK: Final = timedelta(days=3)  # GitHub's log of deliveries, and what it redelivers
UNDER_WAY: Final = timedelta(minutes=1)  # a delivery that is younger may still be on its way
LATE: Final = timedelta(seconds=5)
BUDGET_AN_HOUR: Final = 2_500  # half of the 5,000 requests that GitHub gives at least
REFUSALS: Final = frozenset({400, 413, 415})  # what our door says of what it can't use

# Event and action that change something here, the most urgent first. Runs that only began, pushes
# and new branches are left out: what came after them says as much.
MATTERS: Final = (
    ("installation", "*"),
    ("installation_repositories", "*"),
    ("repository", "*"),
    ("delete", "*"),
    ("pull_request", "closed"),
    ("workflow_run", "completed"),
)
JOB_ENDED: Final = ("workflow_job", "completed")


@dataclass(frozen=True, slots=True, kw_only=True)
class HearingPolicy:
    """How we hear of GitHub."""

    webhooks: bool = True
    polls: bool = False
    poll_every: timedelta = timedelta(seconds=60)
    say_blind_after: timedelta = timedelta(minutes=5)
    hook: str = ""
    """The hook whose log is read: "acme/app/123" or "acme/123"; empty: it is found."""
    subscriptions: Sequence[Subscription] = ()

    def hears(self, repo: Repository) -> bool:
        return any(subscription.reaches(repo) for subscription in self.subscriptions)

    @property
    def patterns(self) -> tuple[str, ...]:
        """Return all repositories that anybody subscribes to, as they are written."""
        named = (name for one in self.subscriptions for name in one.repositories)
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """A webhook whose log we may read."""

    name: str
    """ "app" for the App's own, "acme/app/123" of a repository, "acme/123" of an organization."""
    certain: bool = True
    """Whether it is known to be ours, rather than only to look like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDelivery:
    """One try to deliver, as GitHub's log has it; a redelivery is another of the same id."""

    number: int
    """Its place in the log."""
    id: DeliveryId
    event: str
    action: str
    at: datetime
    status: int
    """What we answered; 0 where we did not."""
    said: str = ""
    """GitHub's word for it: "OK", "timed out"."""
    again: bool = False
    """Whether it was a redelivery."""
    repo: RepoId | None = None

    @property
    def arrived(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's words for success

    @property
    def lost(self) -> bool:
        """Whether it did not get as far as our door."""
        return not self.arrived and self.status not in REFUSALS


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What a log says that we do not know."""

    redeliver: tuple[LoggedDelivery, ...]
    look: tuple[LoggedDelivery, ...]
    """Ended jobs: most were green, which only their payload tells."""
    lost: tuple[tuple[LoggedDelivery, ...], ...]
    """All tries that did not get here, whether they matter or not, oldest first; each stretch of
    them in which nothing arrived."""
    goes_on: bool
    """Whether the newest try of all was lost too."""
    broken: bool
    """Whether what was sent again was lost too, and nothing has arrived since."""


def missed(
    log: Iterable[LoggedDelivery], *, stored: Collection[DeliveryId], now: datetime
) -> Missed:
    """Sift a log for what never arrived here.

    What arrived by GitHub's account, and is not here, was lost by ours: a database that was
    restored, a proxy that answered in our name.
    """
    tries = sorted(log, key=lambda one: (one.at, one.number))
    last = {one.id: one for one in tries}
    gone = [
        one
        for one in last.values()
        if one.id not in stored and (one.lost or (one.arrived and not _young(one, now)))
    ]
    # The newest first within its kind: it makes the older ones a thing of the past.
    newest_first = sorted(gone, key=lambda one: one.at, reverse=True)
    # A loss that was made good by another try says nothing any more; one that is here all the
    # same arrived, and only our answer was late.
    telling = [one for one in tries if one.id not in stored or last[one.id] is one]
    stretches = [
        (arrived, tuple(some))
        for arrived, some in groupby(telling, lambda one: not one.lost or one.id in stored)
    ]
    return Missed(
        redeliver=tuple(one for kind in MATTERS for one in newest_first if _is_of(one, *kind)),
        look=tuple(one for one in newest_first if _is_of(one, *JOB_ENDED)),
        lost=tuple(some for arrived, some in stretches if not arrived),
        goes_on=bool(stretches) and not stretches[-1][0],
        broken=any(one.again for one in takewhile(lambda one: one.lost, reversed(tries))),
    )


def _is_of(one: LoggedDelivery, event: str, action: str) -> bool:
    return one.event == event and action in ("*", one.action)


def _young(one: LoggedDelivery, now: datetime) -> bool:
    return now - one.at < UNDER_WAY


@dataclass(frozen=True, slots=True)
class News:
    run: Run
    outdated: bool
    """Whether a newer run of the same place has a colour, so that nobody need be told."""


def news(
    listed: Sequence[Run], *, known: Mapping[RunId, Run], heard_until: datetime
) -> tuple[News, ...]:
    """Return the runs of a list that tell something new, oldest first.

    Of what ended before we began to hear, nobody is told.

    Args:
        known: The newest attempt that we have of each.
    """
    newest: dict[tuple[object, ...], tuple[int, int]] = {}
    for run in listed:
        if run.red or run.green:
            place = _place(run)
            newest[place] = max(run.age_key, newest.get(place, run.age_key))
    found = [
        News(run, _has_ended(run) and run.age_key < newest.get(_place(run), run.age_key))
        for run in listed
        if _is_news(run, known.get(run.id), heard_until)
    ]
    return tuple(sorted(found, key=lambda one: (one.run.updated_at, one.run.age_key)))


def _place(run: Run) -> tuple[object, ...]:
    """What makes a lane, as far as the run itself tells."""
    return run.workflow, run.event, run.head_branch, run.head_repo


def _has_ended(run: Run) -> bool:
    return run.status is Status.COMPLETED


def _is_news(run: Run, known: Run | None, heard_until: datetime) -> bool:
    if known is not None:
        return goes_beyond(run, known)
    return run.status is not Status.COMPLETED or run.updated_at >= heard_until


def goes_beyond(run: Run, known: Run) -> bool:
    """Whether *run* is further than we knew; that it still runs is no news."""
    if run.attempt != known.attempt:
        return run.attempt > known.attempt
    if run.status is not known.status:
        return run.progress > known.progress
    return run.conclusion is not known.conclusion and run.updated_at > known.updated_at


def is_late(run: Run, *, heard_at: datetime) -> bool:
    """Whether the end of a run was heard later than a webhook takes."""
    return run.status is Status.COMPLETED and heard_at - run.updated_at > LATE


def spread(id: int, over: timedelta) -> timedelta:
    """Return a moment within *over* that is always the same for one id, and far from others'."""
    golden = 0.6180339887498949
    return over * (id * golden % 1.0)


def pace(every: timedelta, *, busy: int) -> timedelta:
    """Return how often each repository is asked: half of an hour's budget is for this.

    An answer that nothing has changed is free, so only *busy* ones cost.
    """
    return max(every, timedelta(hours=1) * busy / BUDGET_AN_HOUR)
