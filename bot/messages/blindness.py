"""What we say of the time in which we heard nothing, and of what we can't confirm."""

from datetime import datetime, timedelta
from typing import Final

from bot.messages.text import Moment, Text, TimeStyle, count_of, say
from bot.messages.views import Note

HOURS_FROM: Final = timedelta(hours=2)


def blind_note(*, since: datetime, until: datetime, runs: int, failures: int) -> Note:
    """Say once that we were blind, and what was found out afterwards."""
    return Note(
        text=say(
            "I was blind from {since} to {until} ({long}). I have asked GitHub since: {found}.",
            since=Moment(since, TimeStyle.DATED),
            until=Moment(until, TimeStyle.DATED),
            long=length(until - since),
            found=_found(runs, failures),
        )
    )


def blind_line(*, since: datetime, until: datetime | None, runs: int, failures: int) -> Text:
    """Say it shortly, under a list of builds."""
    if until is None:
        return say("Blind since {since}: GitHub's deliveries fail.", since=Moment(since))
    return say(
        "Blind from {since} to {until}: {found}.",
        since=Moment(since),
        until=Moment(until),
        found=_found(runs, failures),
    )


def freshness(asked_at: datetime | None, *, every: timedelta) -> Text:
    """Say how old an answer may be where GitHub tells us nothing by itself."""
    if asked_at is None:
        return say("I have not asked GitHub yet; I do so every {every}.", every=length(every))
    return say(
        "As of {asked_at}; I ask GitHub every {every}.",
        asked_at=Moment(asked_at),
        every=length(every),
    )


def unknown_state(since: datetime) -> Text:
    return say("State unknown since {since}: GitHub does not answer.", since=Moment(since))


def run_deleted(number: int) -> str:
    return f"Run #{number} was deleted on GitHub; a newer green run ends this."


def turned_out_to_be(branch: str) -> str:
    return f"{branch} turned out to be a branch, not a tag"


def length(time: timedelta) -> str:
    """Say how long something took: "45 s", "35 min", "15 h"."""
    seconds = round(time.total_seconds())
    if seconds < 90:  # noqa: PLR2004 - seconds up to a minute and a half
        return f"{seconds} s"
    if time < HOURS_FROM:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3_600)} h"


def _found(runs: int, failures: int) -> str:
    if not runs:
        return "nothing was missed"
    return f"{count_of(runs, 'run')} recovered, {count_of(failures, 'failure')}"
