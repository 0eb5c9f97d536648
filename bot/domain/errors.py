"""Every failure is someone's: the person's, the next attempt's, or the operator's."""

from datetime import timedelta


class SmokejumperError(Exception):
    """Something that went wrong and that somebody can do something about."""


class UserError(SmokejumperError):
    """A person asked for what can't be done; the message tells them what to do instead."""


class TransientError(SmokejumperError):
    """Trying again later can help."""

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        """Keep how long the far side asked us to wait; where it did, it has done nothing."""
        super().__init__(message)
        self.after = after


class OperatorError(TransientError):
    """Only the operator can mend it; it is tried again, since they may have.

    A token was refused, a right or scope is missing, a channel is lost.
    """


class BusyError(TransientError):
    """Our own share of a limit is used up for now; nothing was tried, so no try is counted."""


class PermanentError(SmokejumperError):
    """Trying again can't help; the operator, or nobody, can."""


class NotFoundError(PermanentError):
    """The far side has no such thing, or hides it from us."""


class RefusedError(PermanentError):
    """The far side understood and said no; its words are the message."""


class AlreadyRunningError(PermanentError):
    """The run that was to be re-run runs already; somebody was faster."""
