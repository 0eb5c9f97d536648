"""The incident card, in the order in which someone woken at night asks."""

from datetime import datetime

from bot.domain.incident import Ending, Incident, State
from bot.domain.retry import RetryState
from bot.messages.facts import CardFacts, can_retry, is_diagnosed, subject
from bot.messages.findings import blame_lines, failed_lines, proof_note
from bot.messages.outlook import action_line
from bot.messages.text import Strong, Text, say
from bot.messages.views import Button, IncidentCard, LinkButton, Mark, Style


def incident_card(facts: CardFacts) -> IncidentCard:
    """Show an incident as it is now."""
    incident = facts.incident
    if incident.ended:
        return _ended(facts)
    return IncidentCard(
        mark=Mark.BROKEN,
        headline=_headline(facts),
        action=action_line(facts),
        proof=facts.diagnosis.excerpt if facts.diagnosis else (),
        proof_note=proof_note(facts),
        failed=failed_lines(facts),
        blame=blame_lines(incident),
        buttons=_buttons(facts),
        menu=_menu(facts),
        links=(LinkButton(label="Open run", url=facts.run.url),) if facts.run.url else (),
    )


def _headline(facts: CardFacts) -> Text:
    return say(
        "{mark}  {subject}: {reason} (#{id})",
        mark=Strong("BROKEN"),
        subject=subject(facts),
        reason=_reason(facts),
        id=facts.incident.id,
    )


def _reason(facts: CardFacts) -> str:
    incident = facts.incident
    waits = facts.unknown or bool(incident.log_wait)
    if incident.reason:
        now = "new log not read yet" if waits else "reading the new log"
        return incident.reason if is_diagnosed(incident) else f"{incident.reason} before, {now}"
    if incident.early:
        return "a job failed" if facts.unknown else "a job failed, others still run"
    return "the build failed, log not read yet" if waits else "the build failed, reading the log"


def _buttons(facts: CardFacts) -> tuple[Button, ...]:
    incident, target = facts.incident, facts.incident.target
    buttons = []
    if can_retry(facts):
        waiting = facts.retry is not None and facts.retry.state is RetryState.WAITING
        label = "Retry now" if waiting else "Retry failed jobs"
        buttons.append(Button(action="retry", label=label, target=target, style=Style.PRIMARY))
    if incident.state is State.OPEN:
        buttons.append(Button(action="acknowledge", label="Acknowledge", target=target))
    if facts.failed:
        buttons.append(Button(action="full_log", label="Full log", target=target))
    return tuple(buttons)


def _menu(facts: CardFacts) -> tuple[Button, ...]:
    target = facts.incident.target
    resolve = Button(action="resolve", label="Resolve", target=target)
    if not can_retry(facts):
        return (resolve,)
    return (
        Button(action="retry_all", label="Retry all jobs", target=target),
        Button(action="retry_debug", label="Retry with debug logging", target=target),
        resolve,
    )


def _ended(facts: CardFacts) -> IncidentCard:
    incident = facts.incident
    lasted = duration(incident.red_since, incident.ended_at or incident.red_since)
    word, mark = {
        Ending.GREEN: ("FIXED", Mark.FIXED),
        Ending.SUPERSEDED: ("SUPERSEDED", Mark.OVER),
        Ending.EXPIRED: ("EXPIRED", Mark.OVER),
        Ending.RESOLVED: ("RESOLVED", Mark.OVER),
        None: ("ENDED", Mark.OVER),
    }[incident.ending]
    return IncidentCard(
        mark=mark,
        headline=say(
            "{word} after {lasted}: {by} (#{id})",
            word=Strong(word),
            lasted=lasted,
            by=incident.ended_by,
            id=incident.id,
        ),
        action=say("{subject}. It was: {reason}.", subject=subject(facts), reason=_was(incident)),
        links=(LinkButton(label="Open run", url=facts.run.url),) if facts.run.url else (),
    )


def _was(incident: Incident) -> str:
    return incident.reason or "a failed build whose log was not read"


def duration(start: datetime, end: datetime) -> str:
    """Say how long something lasted: "14 min", "3 h 5 min", "2 days 4 h"."""
    seconds = max(0, round((end - start).total_seconds()))
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:  # noqa: PLR2004 - an hour
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:  # noqa: PLR2004 - a day
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    unit = "day" if days == 1 else "days"
    return f"{days} {unit} {hours} h" if hours else f"{days} {unit}"
