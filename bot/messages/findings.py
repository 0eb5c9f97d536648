"""What the card says was found: the proof, what failed, whose change."""

from typing import Final

from bot.domain.failure import HISTORY, Advice, Cause, Diagnosis, History
from bot.domain.grouping import FailureGroup
from bot.domain.incident import Incident
from bot.messages.facts import CardFacts
from bot.messages.text import Code, Link, Text, capital, count_of, cut, join, say, sentence

SHOWN_GROUPS: Final = 4
SHOWN_NAMES: Final = 5
SHOWN_SUSPECTS: Final = 3
TITLE_CHARS: Final = 120  # what follows, the author, is what the line is for


def proof_note(facts: CardFacts) -> Text:
    found = facts.diagnosis
    notes: list[Text] = []
    if found and found.redacted:
        notes.append(say("{secrets} scrubbed.", secrets=count_of(found.redacted, "secret")))
    if found and not found.excerpt:
        notes.append(say("There is no log line to show."))
    if found:
        notes.extend(say("{note}", note=capital(sentence(note))) for note in found.notes)
    return join(notes)


def failed_lines(facts: CardFacts) -> tuple[Text, ...]:
    groups = facts.groups
    lines = [_group_line(found, facts.incident.jobs) for found in groups[:SHOWN_GROUPS]]
    if len(groups) > SHOWN_GROUPS:
        lines.append(say("{n} more failures", n=len(groups) - SHOWN_GROUPS))
    if facts.diagnosis and facts.diagnosis.names:
        lines.append(_names(facts.diagnosis))
    if facts.history.attempts > 1:
        lines.append(_seen(facts.history))
    return tuple(lines)


def _seen(history: History) -> Text:
    seen = say(
        "Seen {n} times in {days} days, first in run #{first}",
        n=history.attempts,
        days=HISTORY.days,
        first=history.first_run,
    )
    if not history.rerun:
        return say("{seen}; never re-run since.", seen=seen)
    passed = f"{history.passed} of {count_of(history.rerun, 're-run')} passed"
    return say("{seen}; {passed}.", seen=seen, passed=passed)


def _group_line(found: FailureGroup, jobs: int) -> Text:
    count = f"{len(found.jobs)} of {jobs} jobs failed" if jobs > 1 else "The job failed"
    where = say(' in "{step}"', step=found.step) if found.step else ()
    return say(
        "{count}{where}: {title} · {cause}",
        count=count,
        where=where,
        title=found.title,
        cause=_cause(found.diagnosis),
    )


def _cause(found: Diagnosis | None) -> Text:
    if found is None:
        return say("log not read")
    if found.cause is Cause.UNKNOWN:
        return say("{cause}, so nobody knows whether a retry helps", cause=Code(found.cause))
    chance = {
        Advice.YES: "usually passes on retry",
        Advice.ONCE: "may pass on retry",
        Advice.NO: "a retry does not help",
    }[found.retry]
    return say("{cause}, {chance}", cause=Code(found.cause), chance=chance)


def _names(found: Diagnosis) -> Text:
    shown = join([(Code(name),) for name in found.names[:SHOWN_NAMES]], ", ")
    more = len(found.names) - SHOWN_NAMES
    return say("{shown} and {n} more", shown=shown, n=more) if more > 0 else shown


def blame_lines(incident: Incident) -> tuple[Text, ...]:
    suspects = incident.suspects
    if not suspects:
        return ()
    lines = [
        say(
            '{sha} "{title}" by {author}',
            sha=Link(commit.sha[:7], commit.url) if commit.url else Code(commit.sha[:7]),
            title=cut(commit.title, TITLE_CHARS),
            author=commit.author,
        )
        for commit in suspects[-SHOWN_SUSPECTS:]
    ]
    if len(suspects) > 1:
        authors = ", ".join(dict.fromkeys(commit.author for commit in suspects))
        lines.insert(
            0,
            say("{n} commits by {who} since the last green", n=len(suspects), who=authors),
        )
    return tuple(lines)
