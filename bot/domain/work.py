"""Due rows: what should happen, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Queue(StrEnum):
    """Kinds of work that must not wait for each other; a process does one or all of them."""

    TRIAGE = "triage"  # from rows alone
    GITHUB = "github"  # asks GitHub, and waits for it
    CHAT = "chat"  # speaks to people; one process at a time, since limits are counted in it


class DueKind(StrEnum):
    DELIVERY = "delivery"  # id: the delivery's
    PRESS = "press"  # id: the press's
    REF = "ref"  # id: repository and name, see RefQuestion
    DIAGNOSIS = "diagnosis"  # id: the incident's
    GREEN = "green"  # id: the incident's; did the broken job run in the green run?
    GONE = "gone"  # id: the incident's; does what broke still exist?
    RETRY = "retry"  # id: the retry's
    CARD = "card"  # id: the card's
    WATCH = "watch"  # id: the incident's; call people, expire
    CHECK = "check"  # id: the incident's or run's; is it still as we believe?
    RECONCILE = "reconcile"  # id: the source's; what did the webhooks not tell?
    POLL = "poll"  # id: the repository's
    PRUNE = "prune"  # id: what is pruned
    NOTICE = "notice"  # id: the notice's

    @property
    def queue(self) -> Queue:
        return _QUEUES.get(self, Queue.GITHUB)

    @property
    def goes_first(self) -> bool:
        """Whether it is short and decides what people see, so that no pile of logs holds it up."""
        return self in _FIRST


_FIRST: Final = frozenset({DueKind.REF, DueKind.GREEN})
_SCHEDULES: Final = frozenset({DueKind.CHECK, DueKind.RECONCILE, DueKind.POLL, DueKind.PRUNE})
_QUEUES: Final = {
    DueKind.DELIVERY: Queue.TRIAGE,
    DueKind.WATCH: Queue.TRIAGE,
    DueKind.PRUNE: Queue.TRIAGE,
    DueKind.CARD: Queue.CHAT,
    DueKind.NOTICE: Queue.CHAT,
    DueKind.PRESS: Queue.CHAT,
    DueKind.RETRY: Queue.CHAT,  # asks the chats whether its asker still may
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A claimed row; only who claimed it may cross it off."""

    kind: DueKind
    id: str
    key: str
    """One at a time per key."""
    due_at: datetime
    tries: int
    """How often it was claimed since an outcome was last recorded, this time included."""

    @property
    def recurs(self) -> bool:
        """Whether it is a schedule, which must outlive any error: nothing else begins it anew.

        A schedule has a plain id; "incident:7" is one of many that a schedule wishes for.
        """
        return self.kind in _SCHEDULES and ":" not in self.id
