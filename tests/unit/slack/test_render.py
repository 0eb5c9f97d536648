"""What a card, a note and an answer look like in Slack."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from inline_snapshot import snapshot

from bot.adapters.slack.render import Rendered, render, render_answer
from bot.domain.failure import ExcerptLine
from bot.messages.text import Code, Link, Mention, Moment, say
from bot.messages.views import Answer, Mark, Note
from bot.standins.slack.reading import read_blocks
from tests.unit.slack.views import CARD, NOW

NAMES = {"S0OPS": "@ops", "U0ANA": "@ana"}


def read(shown: Rendered) -> str:
    return read_blocks(shown.blocks, NAMES)


def kinds(shown: Rendered) -> list[str]:
    return [block["type"] for block in shown.blocks]


def elements_of(shown: Rendered) -> list[dict[str, Any]]:
    return [
        element
        for block in shown.blocks
        if block["type"] == "rich_text"
        for part in block["elements"]
        for element in part["elements"]
    ]


def test_card_answers_in_the_order_of_the_night() -> None:
    assert read(render(CARD, now=NOW)) == snapshot("""\
:x: BROKEN acme/app CI on main: the registry answered 503 (#12)
@ops @ana Nothing to do yet: I retry at 2026-11-24 14:08 UTC. Broken since 2026-11-22 14:04 UTC.
     98  #19 pushing layers
    812  #19 ERROR: failed to push: unexpected status: 503
1 secret was removed.
12 of 15 jobs failed in Build and push: build
1a2b3c4 "Bump elixir" by ana
[Retry now] [Acknowledge] [Open run] [Retry all jobs | Resolve]\
""")


def test_card_in_full() -> None:
    """Links, times and calls are elements; all else is literal text."""
    assert render(CARD, now=NOW).blocks == snapshot(
        (
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "emoji", "name": "x"},
                            {"type": "text", "text": " "},
                            {
                                "type": "text",
                                "text": "BROKEN acme/app CI on ",
                                "style": {"bold": True},
                            },
                            {"type": "text", "text": "main", "style": {"bold": True, "code": True}},
                            {
                                "type": "text",
                                "text": ": the registry answered 503 (#12)",
                                "style": {"bold": True},
                            },
                            {"type": "text", "text": "\n"},
                            {"type": "usergroup", "usergroup_id": "S0OPS"},
                            {"type": "text", "text": " "},
                            {"type": "user", "user_id": "U0ANA"},
                            {"type": "text", "text": " "},
                            {"type": "text", "text": "Nothing to do yet: I retry at "},
                            {
                                "type": "date",
                                "timestamp": 1795529280,
                                "format": "{time}",
                                "fallback": "2026-11-24 14:08 UTC",
                            },
                            {"type": "text", "text": ". Broken since "},
                            {
                                "type": "date",
                                "timestamp": 1795356240,
                                "format": "{ago}",
                                "fallback": "2026-11-22 14:04 UTC",
                            },
                            {"type": "text", "text": "."},
                        ],
                    }
                ],
            },
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_preformatted",
                        "elements": [
                            {
                                "type": "text",
                                "text": """\
 98  #19 pushing layers
812  #19 ERROR: failed to push: unexpected status: 503\
""",
                            }
                        ],
                    },
                    {
                        "type": "rich_text_section",
                        "elements": [{"type": "text", "text": "1 secret was removed."}],
                    },
                ],
            },
            {
                "type": "rich_text",
                "elements": [
                    {
                        "type": "rich_text_section",
                        "elements": [
                            {"type": "text", "text": "12 of 15 jobs failed in "},
                            {"type": "text", "text": "Build and push", "style": {"bold": True}},
                            {"type": "text", "text": ": build"},
                            {"type": "text", "text": "\n"},
                            {
                                "type": "link",
                                "url": "https://github.example/c/1a2b3c4",
                                "text": "1a2b3c4",
                            },
                            {"type": "text", "text": ' "Bump elixir" by ana'},
                        ],
                    }
                ],
            },
            {
                "type": "actions",
                "elements": [
                    {
                        "type": "button",
                        "text": {"type": "plain_text", "text": "Retry now", "emoji": False},
                        "action_id": "sj:retry",
                        "value": "12:812:1",
                        "style": "primary",
                    },
                    {
                        "type": "button",
                        "text": {"type": "plain_text", "text": "Acknowledge", "emoji": False},
                        "action_id": "sj:acknowledge",
                        "value": "12:812:1",
                    },
                    {
                        "type": "button",
                        "text": {"type": "plain_text", "text": "Open run", "emoji": False},
                        "action_id": "sj:link",
                        "url": "https://github.example/acme/app/actions/runs/812",
                    },
                    {
                        "type": "overflow",
                        "action_id": "sj:more",
                        "options": [
                            {
                                "text": {
                                    "type": "plain_text",
                                    "text": "Retry all jobs",
                                    "emoji": False,
                                },
                                "value": "retry-all:12:812:1",
                            },
                            {
                                "text": {"type": "plain_text", "text": "Resolve", "emoji": False},
                                "value": "resolve:12:812:1",
                            },
                        ],
                    },
                ],
            },
        )
    )


def test_notification_says_state_and_action() -> None:
    assert render(CARD, now=NOW).text == snapshot(
        "BROKEN acme/app CI on main: the registry answered 503 (#12). "
        "Nothing to do yet: I retry at <!date^1795529280^{time}|2026-11-24 14:08 UTC>. "
        "Broken since <!date^1795356240^{ago}|2026-11-22 14:04 UTC>."
    )


def test_ended_card_is_two_lines() -> None:
    ended = replace(
        CARD,
        mark=Mark.FIXED,
        headline=("FIXED after 14 min: retry by the bot (attempt 2)",),
        action=(),
        failed=(say("acme/app CI on {b} (#12)", b=Code("main")),),
        buttons=(),
        menu=(),
        links=(),
        call=(),
    )
    shown = render(ended, now=NOW)
    assert read(shown) == snapshot("""\
:white_check_mark: FIXED after 14 min: retry by the bot (attempt 2)
acme/app CI on main (#12)\
""")
    assert kinds(shown) == ["rich_text"]


def test_dropped_lines_are_counted() -> None:
    crowded = replace(
        CARD,
        proof=tuple(ExcerptLine(number=n, text=f"line {n} " + "x" * 400) for n in range(1, 41)),
        failed=tuple((f"job {n} " + "y" * 290,) for n in range(40)),
        blame=tuple((f"commit {n}",) for n in range(9)),
    )
    counted = [line.strip() for line in read(render(crowded, now=NOW)).splitlines() if "…" in line]
    assert [line for line in counted if line.startswith("…")] == snapshot(
        ["… 25 more lines", "… 33 more lines", "… 3 more lines"]
    )


def test_a_time_of_another_day_has_its_date() -> None:
    note = Note(text=say("Due {at}.", at=Moment(NOW + timedelta(days=2))))
    formats = [e["format"] for e in elements_of(render(note, now=NOW)) if e["type"] == "date"]
    assert formats == ["{date_short} {time}"]


def test_who_is_only_named_is_not_called() -> None:
    note = Note(text=say("{who} pressed Retry.", who=Mention("slack:user:U0ANA", "ana")))
    assert read(render(note, now=NOW)) == "@ana pressed Retry."


def test_everyone_is_nobody() -> None:
    """Keys come from settings, where a typing mistake must not wake a whole company."""
    note = Note(text=("Up!",), call=("everyone", "group:here", "slack:user:<!channel>"))
    assert {e["type"] for e in elements_of(render(note, now=NOW))} == {"text"}


def test_a_link_that_is_none_is_text() -> None:
    note = Note(text=(Link("run", "javascript:alert(1)"),))
    assert {e["type"] for e in elements_of(render(note, now=NOW))} == {"text"}


def test_answer_counts_the_rows_that_do_not_fit() -> None:
    answer = Answer(
        text=("Open incidents:",),
        rows=tuple((f"#{n} acme/app",) for n in range(100)),
        buttons=CARD.buttons,
    )
    lines = read(render_answer(answer, now=NOW)).splitlines()
    assert (lines[0], lines[1], lines[-2], lines[-1]) == snapshot(
        ("Open incidents:", "#0 acme/app", "… 60 more lines", "[Retry now] [Acknowledge]")
    )


def test_nothing_to_say_is_still_a_message() -> None:
    assert render_answer(Answer(text=()), now=NOW) == Rendered(text="…", blocks=())
