"""Scrubs secrets from names that strangers chose: a commit's title, a job, a step, a branch.

Log lines were scrubbed by the diagnosis; this looks at everything else that is about to be sent.
"""

from dataclasses import replace
from typing import TypeVar

from bot.diagnosis import redact
from bot.messages.text import Code, Link, Part, Strong, Text
from bot.messages.views import Answer, Digest, IncidentCard, Note

V = TypeVar("V", IncidentCard, Digest, Note, Answer)


def scrubbed(view: V) -> V:
    """Return *view* without secrets in its words."""
    if isinstance(view, Note):
        return replace(view, text=_text(view.text))
    if isinstance(view, Answer):
        return replace(view, text=_text(view.text), rows=tuple(map(_text, view.rows)))
    if isinstance(view, Digest):
        return replace(
            view,
            headline=_text(view.headline),
            action=_text(view.action),
            counts=tuple(map(_text, view.counts)),
            rows=tuple(map(_text, view.rows)),
        )
    return replace(
        view,
        headline=_text(view.headline),
        action=_text(view.action),
        proof_note=_text(view.proof_note),
        failed=tuple(map(_text, view.failed)),
        blame=tuple(map(_text, view.blame)),
    )


def _text(text: Text) -> Text:
    return tuple(map(_part, text))


def _part(part: Part) -> Part:
    match part:
        case str():
            return redact(part)[0]
        case Code(text) | Strong(text) | Link(text):
            return replace(part, text=redact(text)[0])
        case _:
            return part
