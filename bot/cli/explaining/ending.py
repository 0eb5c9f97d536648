"""Which jobs of a run failed, as far as their logs tell.

A zip does not say how a job ended. An error line does not say it either: problem matchers and
tests print them in green jobs. What counts is an error with which a step ended: one of the
runner's own verdicts, or one that is followed by the next step, by the clean-up, or by nothing.
"""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

from bot.cli.explaining.lines import lines_of, without_stamp
from bot.cli.explaining.logs import Log
from bot.domain.errors import UserError

MARK: Final = b"##[error]"
VERDICT: Final = re.compile(
    rb"##\[error\](?:Process completed with exit code [1-9-]"
    rb"|The process '.+' failed with exit code"
    rb"|The operation was cancell?ed"
    rb"|The action '.+' has timed out"
    rb"|The job running on runner .+ has exceeded the maximum execution time"
    rb"|The runner has received a shutdown signal)"
)
ANOTHER: Final = re.compile(
    rb"##\[group\](?:Run|Post) |Post job cleanup\.|Cleaning up orphan processes"
)


class Sign(IntEnum):
    """What a log says of how its job ended."""

    NONE = 0
    ERROR = 1
    ENDED = 2


def failed(logs: Sequence[Log]) -> list[Log]:
    """Return the logs of the jobs that failed; a log that is alone is always meant.

    Where no log holds an error that ended a step, any error will do.

    Raises:
        UserError: No log holds an error.
    """
    if len(logs) == 1:
        return [*logs]
    signs = [sign_in(log.start()) for log in logs]
    worst = max(signs, default=Sign.NONE)
    if worst is Sign.NONE:
        msg = f"None of the {len(logs)} jobs in it failed, as far as their logs tell."
        raise UserError(msg)
    return [log for log, sign in zip(logs, signs, strict=True) if sign is worst]


def sign_in(blocks: Iterable[bytes]) -> Sign:
    """Read a log for the worst sign in it."""
    sign, after_error = Sign.NONE, False
    for line in lines_of(blocks):
        if not after_error and MARK not in line:
            continue
        said = without_stamp(line)
        if VERDICT.match(said) or (after_error and ANOTHER.match(said)):
            return Sign.ENDED
        after_error = said.startswith(MARK)
        sign = max(sign, Sign.ERROR if after_error else Sign.NONE)
    return Sign.ENDED if after_error else sign
