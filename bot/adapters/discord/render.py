"""Meanings as Discord messages: content, one embed, rows of buttons. Layout and cutting alone."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from bot.adapters.discord import marker
from bot.adapters.discord.buttons import rows
from bot.adapters.discord.digest import digest_story
from bot.adapters.discord.lines import counted, line, mention, size
from bot.adapters.discord.proof import fence, numbered
from bot.messages.text import Mention, Text, join
from bot.messages.views import Answer, Digest, IncidentCard, Mark, Note, View

Json = dict[str, Any]

CONTENT_CHARS: Final = 2_000
DESCRIPTION_CHARS: Final = 4_096
HEADLINE_CHARS: Final = 400  # a headline is read at a glance, and by a lock screen
LINE_CHARS: Final = 400
MOST_LINES: Final = 20
MOST_ROWS: Final = 60
MOST_CALLED: Final = 20

# The shape tells the state to those who see no colour.
SHAPES: Final = {Mark.BROKEN: "🛑", Mark.FIXED: "✅", Mark.OVER: "⏹️"}
COLOURS: Final = {Mark.BROKEN: 0xD1242F, Mark.FIXED: 0x1A7F37, Mark.OVER: 0x6E7781}


def message(view: View, *, everyone: str = "", key: str = "") -> Json:
    """Return the body that posts *view* and rings whom it calls.

    Args:
        everyone: The id of the role that is everyone; it is never called.
        key: What the message can be found by.
    """
    called = _called(view.call, everyone)
    text = view.text if isinstance(view, Note) else view.headline
    named = {mention(part.key) for part in text if isinstance(part, Mention)}
    tail = "".join(f" {each}" for each in called if each not in named)
    tail += marker.marker(key) if key else ""
    return _body(view, tail) | {"allowed_mentions": _ringing(called)}


def edited(view: View) -> Json:
    """Return the body that shows *view* in place of another; it rings nobody."""
    return _body(view, "") | {"allowed_mentions": {"parse": []}}


def answer(answer: Answer) -> Json:
    """Return the body that tells one person alone."""
    text = line(answer.text, room=CONTENT_CHARS // 2)
    room = CONTENT_CHARS - size(text) - 1
    return {
        "content": "\n".join([text, *_rows(answer.rows, room)]).strip() or "…",
        "embeds": [],
        "components": rows(answer.buttons, (), answer.links),
        "allowed_mentions": {"parse": []},
    }


def _body(view: View, tail: str) -> Json:
    match view:
        case Note(text=text):
            shown = line(text, room=CONTENT_CHARS - size(tail))
            return {"content": (shown.strip() or "…") + tail, "embeds": [], "components": []}
        case Digest():
            return {
                "content": _headline(view) + tail,
                "embeds": _embeds(digest_story(view), view.mark),
                "components": rows(view.buttons, (), ()),
            }
        case IncidentCard():
            told = _story(view) if view.mark is Mark.BROKEN else _last_words(view)
            return {
                "content": _headline(view) + tail,
                "embeds": _embeds(told, view.mark),
                "components": rows(view.buttons, view.menu, view.links),
            }


def _headline(view: IncidentCard | Digest) -> str:
    return f"{SHAPES[view.mark]} {line(view.headline, room=HEADLINE_CHARS)}"


def _embeds(told: str, mark: Mark) -> list[Json]:
    return [{"description": told, "color": COLOURS[mark]}] if told else []


def _last_words(card: IncidentCard) -> str:
    return line(join([card.action, *card.failed[:MOST_LINES]], " · "), room=LINE_CHARS).strip()


class Kept(NamedTuple):
    """How many lines of each part are shown."""

    blame: int
    failed: int
    proof: int

    def fewer(self) -> "Kept":
        """Give up one more line of what is needed least."""
        if self.blame:
            return self._replace(blame=self.blame - 1)
        if self.failed:
            return self._replace(failed=self.failed - 1)
        return self._replace(proof=self.proof - 1)


def _story(card: IncidentCard) -> str:
    action, note = (line(text, room=LINE_CHARS) for text in (card.action, card.proof_note))
    proof = numbered(card.proof)
    failed, blame = _some(card.failed), _some(card.blame)
    kept = Kept(blame=len(blame), failed=len(failed), proof=len(proof))
    while True:
        told = [
            action,
            *fence(proof, keep=kept.proof),
            note,
            *counted(failed[: kept.failed], left_out=len(card.failed) - kept.failed),
            *counted(blame[: kept.blame], left_out=len(card.blame) - kept.blame),
        ]
        described = "\n".join(each for each in told if each.strip())
        if size(described) <= DESCRIPTION_CHARS or not any(kept):
            return described
        kept = kept.fewer()


def _some(texts: Sequence[Text]) -> list[str]:
    return [line(text, room=LINE_CHARS) for text in texts[:MOST_LINES]]


def _rows(texts: Sequence[Text], room: int) -> list[str]:
    shown = [line(text, room=LINE_CHARS) for text in texts[:MOST_ROWS]]
    for keep in range(len(shown), -1, -1):
        told = counted(shown[:keep], left_out=len(texts) - keep)
        if size("\n".join(told)) <= room:
            return told
    return []


def _called(keys: Iterable[str], everyone: str) -> list[str]:
    known = dict.fromkeys(mention(key) for key in keys if key != f"discord:role:{everyone}")
    return [each for each in known if each][:MOST_CALLED]


def _ringing(called: Sequence[str]) -> Json:
    roles = [each[3:-1] for each in called if each.startswith("<@&")]
    users = [each[2:-1] for each in called if not each.startswith("<@&")]
    return {"parse": [], "users": users, "roles": roles}
