"""No words of strangers ping, link, close a fence or break a limit."""

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.adapters.discord import marker, render
from bot.adapters.discord.lines import size
from bot.domain.failure import ExcerptLine
from bot.domain.ids import IncidentId, RunId
from bot.domain.press import Target
from bot.messages.text import Code, Link, Mention, Moment, Strong, Text
from bot.messages.views import (
    Answer,
    Button,
    Digest,
    IncidentCard,
    LinkButton,
    Mark,
    Note,
    Style,
    View,
)
from bot.standins.discord import Exchange
from bot.standins.discord.bodies import Draft, check
from bot.standins.discord.rules import Rules
from tests.unit.discord.markdown import alive
from tests.unit.discord.views import AT
from tests.vendor_specs.discord import FOLDER, MISSING, DiscordSpec

many = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
HOSTILE = st.sampled_from(
    [
        "@everyone", "@here", "<@1>", "<@&1>", "<#1>", "<:x:1>", "<t:1:R>", "</x:1>", "```", "`",
        "``", "\\", "**", "__", "~~", "||", "> ", "# ", "- ", "1. ", "](x)", "[", "https://x.y",
        "discord.gg/x", "\n", "\u200b", "\u202e", "\ud800", "😀", "@every", "one", "http", "://",
    ]
)  # fmt: skip
WORDS = st.lists(st.one_of(HOSTILE, st.text(max_size=12)), max_size=12).map("".join)
LONG = st.builds(lambda word, times: word * times, WORDS, st.sampled_from([1, 40, 600]))
PART = st.one_of(
    LONG,
    LONG.map(Code),
    LONG.map(Strong),
    st.builds(Link, LONG, st.one_of(WORDS, WORDS.map(lambda end: f"https://x.example/{end}"))),
    st.builds(Mention, st.one_of(WORDS, st.just("discord:role:7")), WORDS),
    st.just(Moment(AT)),
)
TEXT: st.SearchStrategy[Text] = st.lists(PART, max_size=4).map(tuple)
TEXTS = st.lists(TEXT, max_size=30).map(tuple)
TARGETS = st.builds(
    Target,
    incident=st.integers(1, 10**9).map(IncidentId),
    run=st.integers(1, 10**12).map(RunId),
    attempt=st.integers(1, 60),
)
BUTTONS = st.lists(
    st.builds(
        Button,
        action=st.sampled_from(["retry", "retry_all", "acknowledge", "full_log"]),
        label=LONG,
        target=TARGETS,
        style=st.sampled_from(Style),
    ),
    max_size=30,
).map(tuple)
LINKS = st.lists(
    st.builds(LinkButton, label=LONG, url=st.one_of(WORDS, st.just("https://x.example/"))),
    max_size=8,
).map(tuple)
CALL = st.lists(st.one_of(WORDS, st.just("discord:role:7"), st.just("discord:user:8")), max_size=30)
CARDS = st.builds(
    IncidentCard,
    mark=st.sampled_from(Mark),
    headline=TEXT,
    action=TEXT,
    proof=st.lists(
        st.builds(ExcerptLine, number=st.integers(1, 10**7), text=LONG), max_size=15
    ).map(tuple),
    proof_note=TEXT,
    failed=TEXTS,
    blame=TEXTS,
    call=CALL.map(tuple),
    buttons=BUTTONS,
    menu=BUTTONS,
    links=LINKS,
)
DIGESTS = st.builds(
    Digest,
    mark=st.sampled_from(Mark),
    headline=TEXT,
    action=TEXT,
    counts=TEXTS,
    rows=TEXTS,
    more=st.integers(0, 10**6),
    call=CALL.map(tuple),
    buttons=BUTTONS,
)
NOTES = st.builds(Note, text=TEXT, call=CALL.map(tuple))
VIEWS: st.SearchStrategy[View] = st.one_of(CARDS, DIGESTS, NOTES)
ANSWERS = st.builds(Answer, text=TEXT, rows=TEXTS, buttons=BUTTONS, links=LINKS)
FENCE = re.compile(r"^```\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
OURS = re.compile(r"<t:1795529280:[tR]>|<@&7>|<@8>")


@many
@given(VIEWS)
def test_a_post_rings_only_whom_it_calls(view: View) -> None:
    """Whatever the words are, the lists say who is rung, and the lists are ours."""
    allowed = render.message(view, everyone="8", key="card-1")["allowed_mentions"]

    called = {key.rsplit(":", 1)[-1] for key in view.call if key.startswith("discord:")}
    assert allowed["parse"] == []
    assert {*allowed["users"], *allowed["roles"]} <= called
    assert "8" not in allowed["roles"]


@many
@given(VIEWS)
def test_a_post_stays_within_every_limit(view: View) -> None:
    """Counted in UTF-16 units, the widest way Discord may count."""
    within_limits(render.message(view, key="card-1"))


@many
@given(ANSWERS)
def test_an_answer_stays_within_every_limit(answer: Answer) -> None:
    """An answer that Discord refuses leaves the presser waiting."""
    within_limits(render.answer(answer))


@many
@given(st.one_of(VIEWS.map(render.edited), ANSWERS.map(render.answer)))
def test_nothing_that_strangers_wrote_is_alive(body: dict[str, Any]) -> None:
    """Mark-up is ours alone: its words are replaced before looking for more."""
    for shown in (body["content"], *(embed["description"] for embed in body["embeds"])):
        assert shown.count("```") in (0, 2)
        outside = FENCE.sub("", shown)
        for line in outside.split("\n"):
            assert alive(line, ours=OURS) == []


@pytest.mark.skipif(FOLDER is None, reason=MISSING)
@many
@given(VIEWS)
def test_a_post_is_what_discords_description_takes(view: View) -> None:
    """Also with a nonce."""
    body = render.message(view, key="card-1") | {"nonce": "card-1", "enforce_nonce": True}
    spec = DiscordSpec()

    spec.look(sent(body))

    assert [each for each in spec.problems if ": request" in each] == []


@many
@given(VIEWS)
def test_a_post_is_what_the_stand_in_takes(view: View) -> None:
    """The stand-in refuses what Discord refuses; no half characters are left either."""
    body = render.message(view, key="card-1")

    json.dumps(body, ensure_ascii=False).encode()
    check(Rules(), Draft(body=body))


@many
@given(st.text(st.characters(codec="ascii"), max_size=25))
def test_a_key_never_shows(key: str) -> None:
    """Its signs take no room, whatever the key."""
    assert len(marker.marker(key)) == marker.CHARS
    assert set(marker.marker(key)) <= set(marker.SIGNS)


def within_limits(body: dict[str, Any]) -> None:
    assert 0 < size(body["content"].strip()) <= 2_000
    described = [embed["description"] for embed in body["embeds"]]
    assert all(0 < size(each) <= 4_096 for each in described)
    assert sum(map(size, described)) <= 6_000
    assert len(body["components"]) <= 5
    ids: list[str] = []
    for row in body["components"]:
        assert 0 < len(row["components"]) <= 5
        for each in row["components"]:
            ids.append(each.get("custom_id", ""))
            assert 0 < size(each.get("label") or each["placeholder"]) <= 80
            assert size(each.get("url", "")) <= 512
            options = each.get("options", [])
            assert len(options) <= 25
            assert len({option["value"] for option in options}) == len(options)
            assert all(0 < size(option["label"]) <= 100 for option in options)
    named = [id for id in ids if id]
    assert len(set(named)) == len(named)
    assert all(len(id) <= 100 for id in named)


def sent(body: dict[str, Any]) -> Exchange:
    """Return a request as if Discord had taken it; what it answers is not looked at."""
    return Exchange(
        method="POST", path="/channels/1/messages", query={}, request=body, status=200, answer=None
    )
