"""What the one who pressed or typed is told."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.incident import Incident, State
from bot.domain.run import Conclusion, Repository, Run, Status
from bot.messages.text import Code, Link, Mention, Moment, Strong, Text, TimeStyle, count_of, say
from bot.messages.views import Answer, Choice, Choices, File, LinkButton


def old_button() -> Answer:
    return refusal("That button is of an older version of me. Try /build incidents.")


def refusal(reason: str) -> Answer:
    return Answer(text=say("{reason}", reason=reason))


def our_fault() -> Answer:
    return Answer(
        text=say(
            "That did not work, and it is my fault. Press again; if it stays so, tell the "
            "operator, who finds it in my log."
        )
    )


def too_late() -> Answer:
    return Answer(text=say("I was down when you pressed that, so nothing was done. Press again."))


def acknowledged(incident: Incident) -> Answer:
    return Answer(text=say("You have #{id} now.", id=incident.id))


def resolved(incident: Incident) -> Answer:
    return Answer(text=say("#{id} is resolved.", id=incident.id))


def already_ended(incident: Incident) -> Answer:
    return Answer(text=say("#{id} has ended already: {by}.", id=incident.id, by=incident.ended_by))


def full_log(name: str, body: bytes, *, redacted: int, job: str) -> Answer:
    scrubbed = f" {count_of(redacted, 'secret')} scrubbed." if redacted else ""
    text = say("The log of {job}.{scrubbed}", job=Code(job), scrubbed=scrubbed)
    return Answer(text=text, file=File(name=name, body=body))


def log_too_large(url: str, *, job: str) -> Answer:
    return Answer(
        text=say("The log of {job} is too large to send here.", job=Code(job)),
        links=(LinkButton(label="Open it on GitHub", url=url),),
    )


def status(title: Text, rows: Sequence[Text], *, notes: Sequence[Text] = ()) -> Answer:
    """List how the builds stand; *notes* say how far to trust it."""
    if not rows:
        title = say("{title}: I have heard of no run yet.", title=title)
    return Answer(text=title, rows=(*rows, *notes))


def status_row(run: Run, *, lane: str, incident: Incident | None, now: datetime) -> Text:
    """Say how one workflow stands: its newest state, since when, its incident."""
    since = Moment(min(run.updated_at, now), TimeStyle.AGO)
    number = say(" · incident #{id}", id=incident.id) if incident else ()
    return say(
        "{word}  {workflow} on {lane}, run {number} {since}{incident}",
        word=Strong(state_word(run)),
        workflow=run.workflow_name,
        lane=Code(lane),
        number=Link(f"#{run.number}", run.url) if run.url else f"#{run.number}",
        since=since,
        incident=number,
    )


def state_word(run: Run) -> str:
    if run.status is not Status.COMPLETED:
        return "RUNS"
    if run.red:
        return "RED"
    if run.green:
        return "GREEN"
    return (run.conclusion or Conclusion.UNKNOWN).upper()


def incident_list(incidents: Sequence[tuple[Incident, str]]) -> Answer:
    """List what is open, with the name of each lane."""
    if not incidents:
        return Answer(text=say("Nothing is broken here."))
    rows = tuple(_incident_row(incident, name) for incident, name in incidents)
    return Answer(text=say("{n} open:", n=len(rows)), rows=rows)


def _incident_row(incident: Incident, name: str) -> Text:
    owner = say("nobody has it")
    if incident.state is State.ACKNOWLEDGED and incident.owner:
        owner = say("{who} has it", who=Mention(incident.owner.key, incident.owner.name))
    return say(
        "{id} {name}: {reason}; it broke {since}, {owner}",
        id=Strong(f"#{incident.id}"),
        name=name,
        reason=incident.reason or "reading the log",
        since=Moment(incident.red_since, TimeStyle.AGO),
        owner=owner,
    )


def incident_choices(found: Sequence[tuple[Incident, Repository]]) -> Choices:
    """Offer the open incidents while one is being typed."""
    return Choices(
        options=tuple(
            Choice(
                label=f"#{incident.id} {repo.full_name} {incident.workflow}: {incident.reason}",
                value=f"#{incident.id}",
            )
            for incident, repo in found
        )
    )


def help_text(lines: Sequence[tuple[str, str]]) -> Answer:
    """List what can be typed, each with what it does."""
    rows = tuple(say("{usage}  {what}", usage=Code(usage), what=what) for usage, what in lines)
    return Answer(text=say("I tell you why builds fail. You can type:"), rows=rows)


def unknown_command(word: str, *, guess: str) -> Answer:
    if not word:
        return Answer(text=say("Type {help} to see what I can do.", help=Code("/build help")))
    if guess:
        meant = Code(f"/build {guess}")
        return Answer(
            text=say("I do not know {word}. Did you mean {meant}?", word=Code(word), meant=meant)
        )
    hint = Code("/build help")
    return Answer(
        text=say("I do not know {word}. {hint} lists what I can do.", word=Code(word), hint=hint)
    )
