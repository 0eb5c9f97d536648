"""What the timeline tells: one sentence a fact, built when the fact is stored."""

from datetime import timedelta
from typing import Final

from bot.domain.failure import Cause
from bot.domain.incident import Ending, Incident
from bot.domain.run import Run
from bot.messages.text import sentence


def run_name(run: Run) -> str:
    """Name a run as people do: "Run #42", with its attempt from the second on."""
    attempt = f" (attempt {run.attempt})" if run.attempt > 1 else ""
    return f"Run #{run.number}{attempt}"


def opened(run: Run) -> str:
    return f"{run_name(run)} failed."


def reopened(run: Run) -> str:
    return f"{run_name(run)} failed again."


def joined(run: Run, *, streak: int) -> str:
    row = f", {streak} in a row" if streak > 1 else ""
    return f"{run_name(run)} failed too{row}."


def retry_failed(run: Run, *, who: str) -> str:
    return f"The retry by {who} did not help: attempt {run.attempt} failed too."


def cause_found(reason: str, cause: Cause) -> str:
    return f"{reason} ({cause})."


def cause_changed(reason: str) -> str:
    return f"the cause has changed: {sentence(reason)}"


def retry_planned(after: timedelta, why: str) -> str:
    return f"I retry the failed jobs in {span(after)}: {why}."


def retry_impossible(why: str) -> str:
    return f"I could not retry it: {sentence(why)}"


def attempt_ended(attempt: int, how: str) -> str:
    return f"attempt {attempt} ended {how}"


def retry_came_to_nothing(why: str, *, who: str) -> str:
    return f"the retry by {who} came to nothing: {sentence(why)}"


BUDGET_SPENT: Final = "GitHub lets me ask only so much, and others are read first"


def log_waits(why: str) -> str:
    return f"The log waits: {sentence(why)}"


def no_diagnosis(why: str) -> str:
    return f"I can't say why: {sentence(why)}"


def press_missed(who: str, button: str) -> str:
    what = button.replace("_", " ").capitalize()
    return f'{who} pressed "{what}" while I was down; nothing was done.'


def not_green(number: int | None, *, skipped: str) -> str:
    run = f"Run #{number}" if number else "A newer run"
    return f"{run} is green, but it skipped {skipped}, so this is still broken."


def still_broken(incident: Incident, *, after: timedelta) -> str:
    reason = incident.reason or "its log could not be read yet"
    return f"{reason}, and it is still broken after {span(after)}."


def ended(how: Ending, *, by: str) -> str:
    return f"{how.capitalize()}: {by}."


def superseded_by(tag: str) -> str:
    return f"release {tag} is green"


def span(time: timedelta) -> str:
    """Say a wait: "45 s", "5 min"."""
    seconds = round(time.total_seconds())
    return f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"  # noqa: PLR2004 - seconds up to a minute and a half
