"""The lines of a thread: an incident's timeline, told once each."""

from bot.domain.incident import Fact, TimelineEntry
from bot.messages.text import Text, say
from bot.messages.views import Note

UNTOLD = frozenset({Fact.OPENED})  # the card itself tells it


def thread_note(entry: TimelineEntry, *, call: tuple[str, ...] = ()) -> Note | None:
    """Say one timeline line; None where the card has said it already.

    Args:
        call: Keys of who is rung, used by the entries that call people.
    """
    if entry.kind in UNTOLD:
        return None
    if entry.kind is Fact.CALLED:
        return Note(text=say("A person is needed: {what}", what=entry.what), call=call)
    return Note(text=_words(entry))


def _words(entry: TimelineEntry) -> Text:
    templates = {
        Fact.JOINED: "{what}",
        Fact.CAUSE: "Cause: {what}",
        Fact.RETRY_PLANNED: "{what}",
        Fact.RETRY_SENT: "Retried by {who}: {what}",
        Fact.RERUN_ELSEWHERE: "{what}",
        Fact.RETRY_REFUSED: "The retry by {who} was refused: {what}",
        Fact.RETRY_DROPPED: "The retry by {who} was dropped: {what}",
        Fact.RETRY_FAILED: "{what}",
        Fact.ACKNOWLEDGED: "{who} has taken it.",
        Fact.NOT_GREEN: "{what}",
        Fact.ENDED: "{what}",
        Fact.REOPENED: "Reopened: {what}",
        Fact.MISSED: "{what}",
        Fact.RUN_DELETED: "{what}",
    }
    return say(templates[entry.kind], who=entry.who or "the bot", what=entry.what)
