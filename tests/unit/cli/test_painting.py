"""Pictures of messages: what the apps would show, and no way for a stranger's words to be HTML."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord import render as discord
from bot.adapters.slack import render as slack
from bot.cli.painting.discord import discord_html, markdown
from bot.cli.painting.page import Drawn, message_html
from bot.cli.painting.people import Reader
from bot.cli.painting.samples import NOW, PEOPLE, Sample, samples
from bot.cli.painting.slack import slack_html
from bot.messages.text import Link, Moment, Strong, TimeStyle, say
from bot.messages.views import Answer, Note

READER = Reader(now=NOW, names=PEOPLE)
EVIL = '<img src=x onerror="alert(1)">'


class Words(HTMLParser):
    """Gathers text as a browser shows it, and the tags that it meets."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Words:
    words = Words()
    words.feed(html)
    words.close()
    return words


def in_slack(view: Note | Answer) -> str:
    shown = slack.render(view, now=NOW) if isinstance(view, Note) else None
    assert shown
    return slack_html({"text": shown.text, "blocks": shown.blocks}, READER)


@pytest.mark.parametrize("sample", [*samples()], ids=lambda sample: sample.name)
def test_each_sample_can_be_drawn_in_both_apps(sample: Sample) -> None:
    view = sample.shows
    if isinstance(view, Answer):
        blocks, message = slack.render_answer(view, now=NOW).blocks, discord.answer(view)
    else:
        blocks, message = slack.render(view, now=NOW).blocks, discord.message(view)
    assert read(slack_html({"blocks": blocks}, READER)).text.strip()
    assert read(discord_html(message, READER)).text.strip()


def test_names_of_samples_are_file_names_of_their_own() -> None:
    names = [sample.name for sample in samples()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z_-]+", name) for name in names)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=80))
def test_no_text_becomes_a_tag(text: str) -> None:
    element = {"type": "text", "text": text}
    section = {"type": "rich_text_section", "elements": [element]}
    drawn = slack_html({"blocks": [{"type": "rich_text", "elements": [section]}]}, READER)
    assert set(read(drawn).tags) <= {"div", "br"}
    kept = {"div", "br", "pre", "span", "b", "a"}  # what markdown may make
    assert set(read(discord_html({"content": text}, READER)).tags) <= kept


def test_a_strangers_html_is_shown_as_they_wrote_it() -> None:
    shown = read(in_slack(Note(text=say("{title}", title=Strong(EVIL)))))
    assert shown.text == EVIL
    assert "img" not in shown.tags
    note = discord.message(Note(text=say("{title}", title=Strong(EVIL))))
    assert EVIL in read(discord_html(note, READER)).text
    assert "img" not in read(message_html(Drawn(id=EVIL, chat="slack", body="", author=EVIL))).tags


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        pytest.param(r"\*not bold\*", "*not bold*", id="escaped"),
        pytest.param("**bold**", "<b>bold</b>", id="bold"),
        pytest.param("`a*b`", '<span class="code">a*b</span>', id="code"),
        pytest.param("```\n1 < 2\n```\nafter", "<pre>1 &lt; 2</pre>after", id="fence"),
        pytest.param(
            "[run](<https://github.com/a>)", '<a href="https://github.com/a">run</a>', id="link"
        ),
        pytest.param("[run](javascript:x)", "[run](javascript:x)", id="no-script"),
        pytest.param("<@&4242>", '<span class="mention">@on-call</span>', id="role"),
        pytest.param("a\nb", "a<br>b", id="lines"),
    ],
)
def test_discords_markdown(written: str, shown: str) -> None:
    assert markdown(written, READER) == shown


def test_moments_are_the_readers_own() -> None:
    note = Note(text=say("{at}, {ago}", at=Moment(NOW), ago=Moment(NOW, TimeStyle.AGO)))
    later = Reader(now=NOW + timedelta(hours=2), names={})
    blocks = slack.render(note, now=NOW).blocks
    assert read(slack_html({"blocks": blocks}, later)).text == "14:07, 2 hours ago"
    assert "2 hours ago" in read(discord_html(discord.message(note), later)).text


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(seconds=-1), "1 second ago"),
        (timedelta(minutes=-59), "59 minutes ago"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(days=2), "in 2 days"),
    ],
)
def test_how_far_off(away: timedelta, words: str) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert Reader(now=now).ago(now + away) == words


def test_what_is_not_drawn_yet_is_an_error_and_not_a_gap() -> None:
    with pytest.raises(KeyError, match="video"):
        slack_html({"blocks": [{"type": "video"}]}, READER)


def test_links_keep_their_words() -> None:
    note = Note(text=say("{run}", run=Link("run #4", "https://github.com/a")))
    assert '<a href="https://github.com/a">run #4</a>' in in_slack(note)
