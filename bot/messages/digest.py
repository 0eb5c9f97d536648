"""The digest: what many builds that broke at once have in common, and which they are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.failure import Cause
from bot.domain.ids import RepoId
from bot.domain.incident import Ending, Incident
from bot.domain.press import Target
from bot.domain.storm import Tally
from bot.messages.text import Code, Moment, Strong, Text, count_of, join, say
from bot.messages.views import Answer, Button, Digest, Mark, Note

SHOWN_ROWS: Final = 15
SHOWN_COUNTS: Final = 5
NEWEST: Final = 10
STATES: Final = {
    None: "BROKEN",
    Ending.GREEN: "FIXED",
    Ending.SUPERSEDED: "SUPERSEDED",
    Ending.EXPIRED: "EXPIRED",
    Ending.RESOLVED: "RESOLVED",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """All that a digest is drawn from, read at one moment."""

    since: datetime
    until: datetime | None
    """When the storm was over; None while it lasts."""
    tallies: tuple[Tally, ...]
    names: Mapping[RepoId, str]
    """Full names of the repositories."""
    listed: tuple[Incident, ...]
    """Some of the incidents, those that need somebody first."""

    @property
    def total(self) -> int:
        return sum(tally.incidents for tally in self.tallies)

    @property
    def broken(self) -> int:
        return sum(tally.incidents for tally in self.tallies if tally.ending is None)

    @property
    def fixed(self) -> int:
        return sum(tally.incidents for tally in self.tallies if tally.ending is Ending.GREEN)

    @property
    def held(self) -> int:
        return sum(tally.held for tally in self.tallies)

    @property
    def calling(self) -> int:
        return sum(tally.calling for tally in self.tallies)


def digest_card(facts: DigestFacts) -> Digest:
    """Show many incidents as they are now."""
    if not facts.total:
        return _hidden()
    listed = facts.listed[:SHOWN_ROWS]
    return Digest(
        mark=_mark(facts),
        headline=_headline(facts),
        action=_action(facts),
        counts=_counts(facts) if facts.broken else (),
        rows=tuple(_row(incident, facts.names) for incident in listed) if facts.broken else (),
        more=facts.total - len(listed) if facts.broken else 0,
        buttons=_buttons(facts.held, listed[0].target) if listed else (),
    )


def digest_title(facts: DigestFacts) -> str:
    """Name the thread of a digest."""
    return f"{count_of(facts.total, 'build')} broke at once"


def digest_call(facts: DigestFacts, call: tuple[str, ...]) -> Note:
    """Call people once for all that a digest holds back."""
    one = facts.broken == 1
    builds = "build is" if one else "builds are"
    words = say("A person is needed: {n} {builds} broken.", n=facts.broken, builds=builds)
    return Note(text=words, call=call)


def unfolded(shown: int) -> Answer:
    """Tell who pressed a button of a digest what happens now."""
    if not shown:
        return Answer(text=say("Nothing is held back here any more."))
    if shown == 1:
        return Answer(text=say("I show its card here now."))
    return Answer(text=say("I show {n} cards here now, one after another.", n=shown))


def _hidden() -> Digest:
    """Take back what a channel may not see any more."""
    return Digest(
        mark=Mark.OVER, headline=say("This is hidden: the channel may not see it any more.")
    )


def _mark(facts: DigestFacts) -> Mark:
    if facts.broken:
        return Mark.BROKEN
    return Mark.FIXED if facts.fixed == facts.total else Mark.OVER


def _headline(facts: DigestFacts) -> Text:
    repositories = len({tally.repo for tally in facts.tallies})
    where = f"in {repositories} repositories" if repositories > 1 else "in one repository"
    span = say("since {since}", since=Moment(facts.since))
    if facts.until:
        span = say("from {since} to {until}", since=Moment(facts.since), until=Moment(facts.until))
    return say(
        "{word}  {builds} broke {where} {span}: {standing}",
        word=Strong({Mark.BROKEN: "BROKEN", Mark.FIXED: "FIXED", Mark.OVER: "OVER"}[_mark(facts)]),
        builds=count_of(facts.total, "build"),
        where=where,
        span=span,
        standing=_standing(facts),
    )


def _standing(facts: DigestFacts) -> str:
    over = facts.total - facts.broken - facts.fixed
    counts = {"still broken": facts.broken, "fixed": facts.fixed, "ended otherwise": over}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def _action(facts: DigestFacts) -> Text:
    if not facts.broken:
        return say("Nothing to do: none of them is broken any more.")
    hints = say(
        "{list} lists what is broken, and {retry} runs one again.",
        list=Code("/build incidents"),
        retry=Code(f"/build retry #{facts.listed[0].id}"),
    )
    if not facts.held:
        return hints
    why = "so many broke" if facts.until else "so many break"
    held = count_of(facts.held, "card")
    return join([say("I hold {held} back, since {why} at once.", held=held, why=why), hints])


def _counts(facts: DigestFacts) -> tuple[Text, ...]:
    """Count what is still broken, by cause and by repository."""
    causes: Counter[str] = Counter()
    repositories: Counter[str] = Counter()
    for tally in facts.tallies:
        if tally.ending is None:
            causes[_cause(tally.cause)] += tally.incidents
            repositories[facts.names[tally.repo]] += tally.incidents
    return (
        say("Why: {causes}", causes=_most(causes.most_common())),
        say("Where: {names}", names=_most(repositories.most_common())),
    )


def _cause(cause: Cause | None) -> str:
    return cause or "log not read yet"


def _most(counted: Iterable[tuple[str, int]]) -> Text:
    each = [say("{name} {n}", name=name, n=n) for name, n in counted]
    left = len(each) - SHOWN_COUNTS
    shown = join(each[:SHOWN_COUNTS], ", ")
    return say("{shown} and {n} more", shown=shown, n=left) if left > 0 else shown


def _row(incident: Incident, names: Mapping[RepoId, str]) -> Text:
    return say(
        "{word}  {repo} {workflow} on {lane}: {reason} (#{id})",
        word=Strong(STATES[incident.ending]),
        repo=names[incident.lane.repo],
        workflow=incident.workflow or "workflow",
        lane=incident.lane.title,
        reason=incident.reason or "log not read yet",
        id=incident.id,
    )


def _buttons(held: int, target: Target) -> tuple[Button, ...]:
    """Offer the cards that are held back; a press finds the digest by the incident it names."""
    buttons = []
    if held > NEWEST:
        label = f"Show the newest {NEWEST}"
        buttons.append(Button(action="unfold_newest", label=label, target=target))
    if held:
        label = f"Show all {held} here" if held > 1 else "Show it here"
        buttons.append(Button(action="unfold_all", label=label, target=target))
    return tuple(buttons)
