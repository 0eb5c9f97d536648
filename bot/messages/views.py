"""The closed set of what can be shown; renderers know these and nothing else."""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.failure import ExcerptLine
from bot.domain.press import Target
from bot.messages.text import Text


class Mark(StrEnum):
    """The state of a subject: a colour for the eye, and always a word in the headline."""

    BROKEN = "broken"
    FIXED = "fixed"
    OVER = "over"  # ended without being green


class Style(StrEnum):
    PRIMARY = "primary"
    PLAIN = "plain"
    DANGER = "danger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button or menu entry; *action* is the name that its press carries."""

    action: str
    label: str
    target: Target
    style: Style = Style.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkButton:
    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCard:
    """One incident in one channel, in the order in which a woken reader asks.

    Where space is short, renderers drop whole lines: first of the blame, then of what
    failed, then proof lines from the middle, each time saying how many. Headline, action
    and buttons always stay.
    """

    mark: Mark
    headline: Text
    """State and cause in one line; also the text of the notification."""
    action: Text = ()
    """Must the reader act, and who has it."""
    proof: tuple[ExcerptLine, ...] = ()
    proof_note: Text = ()
    """What to know about the proof: secrets scrubbed, no log, still reading."""
    failed: tuple[Text, ...] = ()
    blame: tuple[Text, ...] = ()
    call: tuple[str, ...] = ()
    """Keys of who is rung when this is posted; an edit rings nobody."""
    buttons: tuple[Button, ...] = ()
    menu: tuple[Button, ...] = ()
    links: tuple[LinkButton, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Many incidents of one channel in one message.

    Where space is short, renderers drop the last rows and say how many. Headline, action,
    counts and buttons always stay.
    """

    mark: Mark
    headline: Text
    """How many broke, and how they stand; also the text of the notification."""
    action: Text = ()
    counts: tuple[Text, ...] = ()
    """What they have in common, a line each."""
    rows: tuple[Text, ...] = ()
    """The incidents, those that need somebody first."""
    more: int = 0
    """How many are not among the rows."""
    call: tuple[str, ...] = ()
    """Keys of who is rung when this is posted; an edit rings nobody."""
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One line of a thread's story, or a plain message."""

    text: Text
    call: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    name: str
    body: bytes
    """Already redacted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the one who pressed or typed reads, and nobody else."""

    text: Text
    rows: tuple[Text, ...] = ()
    """One line each; where space is short the last are dropped and counted."""
    buttons: tuple[Button, ...] = ()
    links: tuple[LinkButton, ...] = ()
    file: File | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What can be typed next, best first; a platform shows the first 25."""

    options: tuple[Choice, ...] = ()


View = IncidentCard | Digest | Note
