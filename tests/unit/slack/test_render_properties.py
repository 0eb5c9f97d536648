"""Whatever strangers write: Slack takes it, nobody is called, and no fence is closed."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings

from bot.adapters.slack.render import Rendered, render, render_answer
from bot.messages.views import Answer, Digest, IncidentCard, Mark, Note
from bot.standins.slack import Exchange
from bot.standins.slack.blocks import problems, total_text
from bot.standins.slack.limits import BlockLimits, Limits
from bot.standins.slack.model import Message
from bot.standins.slack.reading import calls
from tests.unit.slack.views import CARD, NOW, answers, cards, digests, notes
from tests.vendor_specs.slack import SlackSpec, specs_folder

LIMITS = BlockLimits()
SPEC = SlackSpec.read() if specs_folder() else None
many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def assert_taken(shown: Rendered) -> None:
    blocks = list(shown.blocks)
    assert problems(blocks, LIMITS) == []
    assert total_text(blocks) <= LIMITS.total_text
    assert 0 < len(shown.text) <= Limits().update_chars
    json.dumps([shown.text, blocks], ensure_ascii=False).encode()  # no lone surrogate
    if SPEC:
        SPEC(Exchange(name="rendered", request={"blocks": blocks}, status=200, answer={"ok": True}))
        assert SPEC.violations == []


def called(shown: Rendered) -> set[str]:
    message = Message(ts="1", channel="C", user="U", text=shown.text, blocks=list(shown.blocks))
    return calls(message)


def texts_in(part: object) -> Iterator[dict[str, Any]]:
    if isinstance(part, list | tuple):
        for each in part:
            yield from texts_in(each)
    elif isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part
        yield from texts_in(list(part.values()))


@many
@given(cards)
def test_any_card_is_taken_and_calls_nobody(card: IncidentCard) -> None:
    shown = render(card, now=NOW)
    assert_taken(shown)
    assert called(shown) == set()


@many
@given(digests)
def test_any_digest_is_taken_and_calls_nobody(digest: Digest) -> None:
    shown = render(digest, now=NOW)
    assert_taken(shown)
    assert called(shown) == set()


@many
@given(digests)
def test_a_digest_counts_what_it_does_not_show(digest: Digest) -> None:
    shown = json.dumps(render(digest, now=NOW).blocks)
    hidden = len(digest.rows) + digest.more - 20
    assert hidden <= 0 or " more" in shown


@many
@given(cards | digests)
def test_strangers_words_are_never_read_as_markup(view: IncidentCard | Digest) -> None:
    """`mrkdwn` and `markdown` are the only kinds of text in which words are more than words."""
    shown = render(view, now=NOW)
    kinds = {each["type"] for each in texts_in(shown.blocks)}
    assert kinds <= {"text", "plain_text", "link"}


@many
@given(cards)
def test_proof_keeps_one_fence_and_its_numbers(card: IncidentCard) -> None:
    shown = render(replace(card, mark=Mark.BROKEN), now=NOW)
    fences = [
        part
        for block in shown.blocks
        for part in block["elements"]
        if part["type"] == "rich_text_preformatted"
    ]
    assert len(fences) == bool(card.proof)
    for fence in fences:
        lines = fence["elements"][0]["text"].split("\n")
        numbers = {line.number for line in card.proof}
        assert all("more line" in line or int(line[:10].split()[0]) in numbers for line in lines)


@many
@given(cards)
def test_what_can_be_pressed_stays(card: IncidentCard) -> None:
    """Text gives way to buttons, up to the 25 that Slack puts in a row."""
    shown = render(card, now=NOW)
    row = shown.blocks[-1]["elements"] if shown.blocks[-1]["type"] == "actions" else []
    assert len(row) >= min(len(card.buttons), 21)


@many
@given(notes)
def test_any_note_is_taken_and_calls_nobody(note: Note) -> None:
    shown = render(note, now=NOW)
    assert_taken(shown)
    assert called(shown) == set()


@many
@given(answers)
def test_any_answer_is_taken_and_calls_nobody(answer: Answer) -> None:
    shown = render_answer(answer, now=NOW)
    assert_taken(shown)
    assert called(shown) == set()


def test_only_those_of_this_platform_are_called() -> None:
    assert called(render(CARD, now=NOW)) == {"S0OPS", "U0ANA"}
