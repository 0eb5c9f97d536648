"""What must be true once all is quiet, judged by what the far sides saw."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import Final

from sqlalchemy import RowMapping

from bot.domain.incident import Ending, Fact, State
from bot.messages.thread import UNTOLD
from tests.chaos.builds import Builds, Lane
from tests.chaos.estate import Estate
from tests.chaos.people import Pressed
from tests.chaos.rows import Rows
from tests.chaos.shown import Posted, posted

WORDS: Final = {
    Ending.GREEN: "FIXED",
    Ending.SUPERSEDED: "SUPERSEDED",
    Ending.EXPIRED: "EXPIRED",
    Ending.RESOLVED: "RESOLVED",
    None: "BROKEN",
}


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts, and what is wrong: every field of the second half must be zero."""

    seed: int = 0
    kills: int = 0
    faults: int = 0
    runs: int = 0
    deliveries_sent: int = 0
    deliveries_processed: int = 0
    incidents: int = 0
    cards: int = 0
    thread_lines: int = 0
    reruns: int = 0
    presses_heard: int = 0
    answers_doubled: int = 0
    answers_lost: int = 0
    seconds_to_rest: int = 0

    deliveries_lost: int = 0
    deliveries_set_aside: int = 0
    incidents_wrong: int = 0
    cards_doubled: int = 0
    cards_lost: int = 0
    cards_wrong: int = 0
    thread_lines_doubled: int = 0
    thread_lines_lost: int = 0
    reruns_doubled: int = 0
    presses_lost: int = 0
    presses_acted_twice: int = 0
    due_left: int = 0
    broken: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        return sum(getattr(self, name) for name in WRONG)

    def found(self, what: str, finding: str) -> None:
        setattr(self, what, getattr(self, what) + 1)
        self.findings.append(f"{what}: {finding}")


COUNTED: Final = tuple(one.name for one in fields(Tally) if one.name not in ("findings", "seed"))
WRONG: Final = COUNTED[COUNTED.index("deliveries_lost") :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    estate: Estate
    builds: Builds
    pressed: Sequence[Pressed]
    rows: Rows
    log: Sequence[str]

    def judge(self, tally: Tally) -> Tally:
        """Compare everything with everything; note what is wrong in *tally*."""
        shown = list(posted(self.estate))
        self._deliveries(tally)
        self._lanes(tally)
        self._cards(tally, shown)
        self._lines(tally, shown)
        self._reruns(tally)
        self._presses(tally)
        self._left(tally)
        return tally

    def _deliveries(self, tally: Tally) -> None:
        stored = self.rows.deliveries()
        sent: dict[str, bool] = {}
        for room in self.estate.rooms:
            for one in room.repository.hooks[0].deliveries:
                sent[one.guid] = sent.get(one.guid, False) or one.status_code == 202
        tally.runs = sum(len(lane.runs) for lane in self.builds.lanes)
        tally.deliveries_sent = len(sent)
        for guid, taken in sent.items():
            row = stored.get(guid)
            if row is None or row["done_at"] is None:
                why = "was answered 202" if taken else "was sent again until it was taken"
                tally.found("deliveries_lost", f"{guid} {why}, and is not processed")
            elif row["error"] or row["outcome"].startswith("set aside"):
                tally.found("deliveries_set_aside", f"{guid} {row['error'] or row['outcome']}")
            else:
                tally.deliveries_processed += 1

    def _lanes(self, tally: Tally) -> None:
        incidents = self.rows.incidents()
        tally.incidents = len(incidents)
        for lane in self.builds.lanes:
            mine = [one for one in incidents if _is_of(one, lane)]
            if _disagree(lane, mine):
                state = "red" if lane.is_red else "not red"
                numbers = [f"#{one['id']} {one['state']} {one['ending']}" for one in mine]
                name = f"{lane.repository.full_name} {lane.workflow.name} {lane.name}"
                tally.found("incidents_wrong", f"{name} is {state}, but: {numbers}")

    def _cards(self, tally: Tally, shown: Sequence[Posted]) -> None:
        incidents = {one["id"]: one for one in self.rows.incidents()}
        cards = [one for one in shown if not one.thread and one.incident]
        tally.cards = len(cards)
        met = Counter((one.chat, one.incident) for one in cards)
        for number in incidents:
            for chat in ("Slack", "Discord"):
                times = met[chat, number]
                if times > 1:
                    tally.found("cards_doubled", f"#{number} stands {times} times in {chat}")
                if not times:
                    tally.found("cards_lost", f"#{number} is not in {chat}")
        for card in cards:
            if wrong := _wrong(card, incidents.get(card.incident)):
                tally.found("cards_wrong", f"#{card.incident} in {card.chat}: {wrong}")

    def _lines(self, tally: Tally, shown: Sequence[Posted]) -> None:
        told = Counter((one.chat, one.key) for one in shown if one.thread)
        tally.thread_lines = sum(told.values())
        for (chat, key), times in told.items():
            if times > 1:
                tally.found("thread_lines_doubled", f"{key} stands {times} times in {chat}")
        timeline = self.rows.timeline()
        for card in self.rows.cards():
            chat = card["platform"].capitalize()
            for entry in timeline:
                if entry["incident"] != card["incident"] or entry["kind"] in UNTOLD:
                    continue
                key = f"line-{card['id']}-{entry['seq']}"
                if not told[chat, key]:
                    words = f"{entry['kind']} {entry['what']}"
                    tally.found("thread_lines_lost", f"{key} is not in {chat}: {words}")
        for double in _told_twice(timeline):
            tally.found("thread_lines_doubled", double)

    def _reruns(self, tally: Tally) -> None:
        """Hold what GitHub started for us against our wishes: one each."""
        wishes = Counter(one["run"] for one in self.rows.retries() if one["tries"])
        for run in (run for lane in self.builds.lanes for run in lane.runs):
            acts = ("rerun", "rerun-failed-jobs")
            done = sum(self.estate.town.github.count(act, run.id) for act in acts)
            tally.reruns += done
            for _ in range(done - wishes[run.id]):
                found = f"run {run.id} was started {done} times for {wishes[run.id]} wishes"
                tally.found("reruns_doubled", found)

    def _presses(self, tally: Tally) -> None:
        stored = self.rows.presses()
        for press in self.pressed:
            answers = press.answers()
            if not press.heard:
                continue
            tally.presses_heard += 1
            tally.answers_doubled += max(answers - 1, 0)
            tally.answers_lost += answers == 0
            row = stored.get(press.id)
            if row is None or row["done_at"] is None:
                tally.found("presses_lost", f"{press.action} of #{press.incident} in {press.chat}")
        self._acted_twice(tally, list(stored.values()))

    def _acted_twice(self, tally: Tally, presses: Sequence[RowMapping]) -> None:
        """Nobody has more acts to their name than presses."""
        taken = Counter(
            (one["incident"], one["who"])
            for one in self.rows.timeline()
            if one["kind"] is Fact.ACKNOWLEDGED
        )
        asked = Counter(
            (one["target"].incident, one["by"].name)
            for one in presses
            if one["name"] == "acknowledge" and one["target"]
        )
        for who, times in taken.items():
            if times > asked[who]:
                tally.found("presses_acted_twice", f"{who} took it {times} times")
        wishes = Counter(one["by"].key for one in self.rows.retries() if one["by"])
        wished = Counter(one["by"].key for one in presses if one["name"].startswith("retry"))
        for key, times in wishes.items():
            if times > wished[key]:
                tally.found("presses_acted_twice", f"{key} has {times} retries")

    def _left(self, tally: Tally) -> None:
        for one in (*self.rows.due(), *self.rows.set_aside()):
            told = f"{one['kind']} {one['id']}, tries {one['tries']}, due {one['due_at']}"
            tally.found("due_left", told)
        for line in self.log:
            if "Traceback" in line or "event=due_set_aside" in line:
                tally.found("broken", line.strip())


def _is_of(incident: RowMapping, lane: Lane) -> bool:
    its = (incident["repo"], incident["of_workflow"], incident["name"])
    return bool(its == (lane.repository.id, lane.workflow.id, lane.name))


def _disagree(lane: Lane, incidents: Sequence[RowMapping]) -> bool:
    """Whether a lane and its incidents do not fit: red has one that is open, all else none."""
    is_open = [one for one in incidents if one["state"] is not State.ENDED]
    if not lane.is_red or len(is_open) > 1:
        return bool(is_open)
    return not is_open and not _may_have_ended(lane, incidents)


def _may_have_ended(lane: Lane, incidents: Sequence[RowMapping]) -> bool:
    """Whether a person resolved it, a newer release is green, or the branch is gone."""
    last = incidents[-1]["ending"] if incidents else None
    return last is Ending.RESOLVED or (last is Ending.SUPERSEDED and (lane.is_release or lane.gone))


def _wrong(card: Posted, incident: RowMapping | None) -> str:
    """Say what is wrong with a card's text; empty where nothing is."""
    if incident is None:
        return "there is no such incident"
    word = WORDS[incident["ending"]]
    if word not in card.text:
        return f"it does not say {word}: {card.text!r}"
    if incident["run"] not in card.runs:
        return f"it links to {card.runs}, not to run {incident['run']}"
    if incident["ending"] is None and "reading the log" in card.text:
        return "it still reads the log"
    return ""


def _told_twice(timeline: Sequence[RowMapping]) -> Iterator[str]:
    """Name facts with the same words in one incident, where each names its run and attempt."""
    once = {Fact.OPENED, Fact.JOINED, Fact.REOPENED}
    met = Counter(
        (one["incident"], one["kind"], one["what"]) for one in timeline if one["kind"] in once
    )
    for (incident, _, what), times in met.items():
        if times > 1:
            yield f"#{incident} tells {times} times: {what}"
