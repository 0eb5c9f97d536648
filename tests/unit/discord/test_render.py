"""Cards, notes and answers as Discord bodies."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from inline_snapshot import snapshot

from bot.adapters.discord import marker, render
from bot.domain.failure import ExcerptLine
from bot.messages.text import Code, Link, Mention, Moment, Strong, Text, TimeStyle, say
from bot.messages.views import Answer, Mark, Note
from tests.unit.discord.views import AT, a_card


def test_a_card_in_the_order_a_woken_reader_asks() -> None:
    """State and cause; must I act; the proof; what failed; whose change; what I can press."""
    assert render.message(a_card()) == snapshot(
        {
            "content": "🛑 BROKEN acme/app CI on main: the registry answered 503 (#12) <@&4242>",
            "embeds": [
                {
                    "description": """\
Nothing to do yet: I retry at <t:1795529280:t> (<t:1795529280:R>). Nobody has taken it.
```
 98  #19 pushing layers
812  #19 ERROR: unexpected status: 503 Service Unavailable
```
1 secret was scrubbed.
12 of 15 jobs failed in "Build and push": `build (linux/arm64)` · registry_5xx
[1a2b3c4](<https://github.example/c/1a2b>) Bump elixir by ana\
""",
                    "color": 13706287,
                }
            ],
            "components": [
                {
                    "type": 1,
                    "components": [
                        {
                            "type": 2,
                            "style": 1,
                            "label": "Retry failed jobs",
                            "custom_id": "sj:retry:12:812:1",
                        },
                        {
                            "type": 2,
                            "style": 2,
                            "label": "Acknowledge",
                            "custom_id": "sj:acknowledge:12:812:1",
                        },
                        {
                            "type": 2,
                            "style": 5,
                            "label": "Open run",
                            "url": "https://github.example/acme/app/runs/812",
                        },
                    ],
                },
                {
                    "type": 1,
                    "components": [
                        {
                            "type": 3,
                            "custom_id": "sj:menu",
                            "placeholder": "More",
                            "options": [
                                {"label": "Retry all jobs", "value": "sj:retry_all:12:812:1"},
                                {"label": "Resolve", "value": "sj:resolve:12:812:1"},
                            ],
                        }
                    ],
                },
            ],
            "allowed_mentions": {"parse": [], "users": [], "roles": ["4242"]},
        }
    )


def test_an_edit_shows_the_same_and_rings_nobody() -> None:
    """Only a post may ring, so an edit names nobody whom it could ring."""
    body = render.edited(a_card())

    assert body["allowed_mentions"] == {"parse": []}
    assert "<@" not in body["content"]
    assert body["embeds"] == render.message(a_card())["embeds"]


def test_an_ended_card_is_two_lines() -> None:
    """What is over needs no proof."""
    card = replace(
        a_card(),
        mark=Mark.FIXED,
        headline=say("FIXED after 14 min: retry by the bot (attempt 2)"),
        action=(),
        call=(),
    )

    body = render.edited(card)

    assert body["content"] == "✅ FIXED after 14 min: retry by the bot (attempt 2)"
    assert body["embeds"][0]["description"].count("\n") == 0
    assert "503" not in body["embeds"][0]["description"]


@pytest.mark.parametrize("mark", Mark)
def test_every_state_has_its_own_shape(mark: Mark) -> None:
    """Colour alone tells nothing to many readers."""
    shapes = {render.edited(replace(a_card(), mark=each))["content"][0] for each in Mark}

    assert len(shapes) == len(Mark)
    assert render.edited(replace(a_card(), mark=mark))["content"][0] in shapes


PARTS = [
    pytest.param(say("on {b}", b=Code("main")), "on `main`", id="code"),
    pytest.param((Code("a`b"),), "``\u200ba`b\u200b``", id="code-with-back-tick"),
    pytest.param((Code("```"),), "``\u200b`\u200b`\u200b`\u200b``", id="code-with-fence"),
    pytest.param((Code("a"), Code("b")), "`a`\u200b`b`", id="code-after-code"),
    pytest.param((Strong("a*b"),), r"**a\*b**", id="strong"),
    pytest.param(
        (Link("a](b", "https://x.example/p q)"),),
        r"[a\]\(b](<https://x.example/p%20q%29>)".replace(r"\(", "("),
        id="link",
    ),
    pytest.param((Link("here", "javascript:alert(1)"),), "here", id="link-to-no-web-page"),
    pytest.param((Moment(AT, TimeStyle.AGO),), "<t:1795529280:R>", id="ago"),
    pytest.param((Moment(AT, TimeStyle.DATED),), "<t:1795529280:f>", id="dated"),
    pytest.param((Moment(AT),), "<t:1795529280:t> (<t:1795529280:R>)", id="clock"),
    pytest.param((Mention("discord:user:42", "ana"),), "<@42>", id="user"),
    pytest.param((Mention("discord:role:42"),), "<@&42>", id="role"),
    pytest.param((Mention("slack:user:U1", "ana"),), "@ana", id="someone-in-slack"),
    pytest.param((Mention("slack:user:U1", "everyone"),), r"\@everyone", id="named-everyone"),
    pytest.param(("@", Mention("slack:user:U1")), "@@U1", id="someone-without-a-name"),
    pytest.param(("@every", "one"), r"\@everyone", id="everyone-in-two-halves"),
    pytest.param(("`@everyone](x)",), r"\`\@everyone\](x)", id="hostile-branch"),
    pytest.param(("<@1> <#2> <:a:3> <t:4:R>",), r"\<@1> \<#2> \<:a:3> \<t:4:R>", id="tokens"),
    pytest.param(("https://evil.example",), r"https\://evil.example", id="address"),
    pytest.param(("Discord.gg/abc",), r"Discord\.gg/abc", id="invite"),
    pytest.param(("# big",), r"\# big", id="heading"),
    pytest.param(("- one",), r"\- one", id="list"),
    pytest.param(("1. one",), r"1\. one", id="numbered-list"),
    pytest.param(("> said",), r"\> said", id="quotation"),
    pytest.param(("#12 is open",), "#12 is open", id="number-is-no-heading"),
    pytest.param(("a\nb\u202ec\x00\ud800",), "a b\ufffdc\ufffd\ufffd", id="unseen"),
]


@pytest.mark.parametrize(("text", "shown"), PARTS)
def test_each_part_in_its_own_mark_up(text: Text, shown: str) -> None:
    """Strangers' words show as they are written, and do nothing."""
    assert render.edited(Note(text=text))["content"] == shown


def test_log_lines_cannot_close_their_fence() -> None:
    """Three back-ticks in a row stand only where the fence begins and ends."""
    card = replace(a_card(), proof=(ExcerptLine(number=7, text="```\n@everyone ````"),))

    described = render.edited(card)["embeds"][0]["description"]

    assert described.count("```") == 2
    assert "@everyone" in described.split("```")[1]


def test_the_blame_goes_first_and_is_counted() -> None:
    """Whole lines are dropped, in the order of the least need, and the reader is told."""
    long = "x" * 300
    card = replace(
        a_card(),
        proof=tuple(ExcerptLine(number=n, text=f"{n} {long}") for n in range(1, 31)),
        failed=(say(f"first {long}"), say(f"second {long}")),
        blame=tuple(say(f"commit {n} {long}") for n in range(9)),
    )

    described = render.edited(card)["embeds"][0]["description"]

    assert "… and 9 more" in described
    assert "… and 2 more" in described
    assert "lines left out" in described
    assert " 1  1 x" in described
    assert "30  30 x" in described


def test_rows_of_an_answer_are_dropped_and_counted() -> None:
    """Two thousand characters hold what they hold."""
    rows = tuple(say(f"{n} {'y' * 200}") for n in range(30))

    content = render.answer(Answer(text=say("These are red:"), rows=rows))["content"]

    shown = content.count("yyy" * 60)
    assert content.endswith(f"… and {30 - shown} more")
    assert 0 < shown < 30


def test_only_who_is_called_here_is_rung() -> None:
    """Keys of other platforms ring nobody, and everyone is never called."""
    call = ("discord:user:1", "discord:role:2", "discord:role:99", "slack:user:U1", "nonsense")

    body = render.message(Note(text=say("red")), everyone="") | {}
    assert body["allowed_mentions"] == {"parse": [], "users": [], "roles": []}
    body = render.message(Note(text=say("red"), call=call), everyone="99")
    assert body["allowed_mentions"] == {"parse": [], "users": ["1"], "roles": ["2"]}
    assert body["content"] == "red <@1> <@&2>"


def test_who_is_named_already_is_not_named_twice() -> None:
    """A mention in the text rings as well."""
    note = Note(text=say("{who}: red", who=Mention("discord:user:1")), call=("discord:user:1",))

    assert render.message(note)["content"] == "<@1>: red"


def test_the_key_rides_unseen_at_the_end() -> None:
    """Two keys differ, and neither takes room on the screen."""
    one, two = (render.message(Note(text=say("red")), key=key)["content"] for key in "ab")

    assert one != two
    assert one == "red" + marker.marker("a")
    assert set(marker.marker("a")) <= set(marker.SIGNS)


def test_old_times_are_times_too() -> None:
    """Before 1970 there were no builds, but there are payloads."""
    text = (Moment(datetime(1960, 1, 1, tzinfo=UTC), TimeStyle.AGO),)

    assert render.edited(Note(text=text))["content"] == "<t:-315619200:R>"
