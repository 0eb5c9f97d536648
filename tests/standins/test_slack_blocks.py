"""Block Kit's rules as the stand-in keeps them, and what it reads out of blocks."""

import pytest

from bot.standins.slack import Exchange
from bot.standins.slack.blocks import problems, total_text, with_ids
from bot.standins.slack.limits import BlockLimits
from bot.standins.slack.model import Json, Message
from bot.standins.slack.reading import calls, text_of
from tests.standins.slack_world import button, section
from tests.vendor_specs.slack import SlackSpec

LIMITS = BlockLimits()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value), "value": value}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def rich(*elements: Json, kind: str = "rich_text_section") -> Json:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def menu(**parts: object) -> Json:
    return {"type": "overflow", "action_id": "more", "options": [option("all")], **parts}


GOOD = [
    pytest.param(section("*a*"), id="section"),
    pytest.param({"type": "section", "fields": [plain("a"), plain("b")]}, id="fields"),
    pytest.param({"type": "section", "text": plain("a"), "accessory": button("b")}, id="accessory"),
    pytest.param({"type": "divider"}, id="divider"),
    pytest.param({"type": "header", "text": plain("a" * 150)}, id="header"),
    pytest.param({"type": "context", "elements": [plain("a")]}, id="context"),
    pytest.param(
        actions(button("a", style="danger", url="https://a.example"), menu()), id="actions"
    ),
    pytest.param(
        actions({"type": "static_select", "action_id": "s", "options": [option("1")]}), id="select"
    ),
    pytest.param(rich({"type": "text", "text": "a", "style": {"code": True}}), id="rich"),
    pytest.param(rich({"type": "text", "text": "a"}, kind="rich_text_preformatted"), id="fence"),
    pytest.param(
        rich({"type": "date", "timestamp": 1_800_000_000, "format": "{time}", "fallback": "a"}),
        id="date",
    ),
    pytest.param(
        {"type": "image", "image_url": "https://a.example/a.png", "alt_text": "a"}, id="image"
    ),
    pytest.param({"type": "markdown", "text": "**a**"}, id="markdown"),
    pytest.param(
        {
            "type": "input",
            "label": plain("Note"),
            "element": {"type": "plain_text_input", "action_id": "note", "multiline": True},
        },
        id="input",
    ),
    pytest.param({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}, id="table"),
]

BAD = [
    pytest.param({"type": "marquee"}, "unsupported type: marquee", "/type", id="unknown"),
    pytest.param({"type": "section"}, "must define either `text` or `fields`", "", id="no-words"),
    pytest.param(
        section("a" * 3_001), "must be less than 3001 characters", "/text/text", id="long"
    ),
    pytest.param(section(""), "must be more than 0 characters", "/text/text", id="empty"),
    pytest.param(
        {"type": "header", "text": section("a")["text"]},
        "must be a valid enum value",
        "/text/type",
        id="header-mrkdwn",
    ),
    pytest.param(
        {"type": "section", "fields": [plain("a")] * 11},
        "no more than 10 items allowed",
        "/fields",
        id="fields",
    ),
    pytest.param(
        actions(button("a", "b" * 76)),
        "must be less than 76 characters",
        "/elements/0/text/text",
        id="button-text",
    ),
    pytest.param(
        actions(button("a", value="b" * 2_001)),
        "must be less than 2001 characters",
        "/elements/0/value",
        id="button-value",
    ),
    pytest.param(
        actions(button("a", disabled=True)),
        "invalid additional property: disabled",
        "/elements/0",
        id="extra",
    ),
    pytest.param(
        actions(button("a"), button("a")),
        "`action_id` a already exists",
        "/elements/1/action_id",
        id="twice",
    ),
    pytest.param(
        actions(*(button(str(n)) for n in range(26))),
        "no more than 25 items allowed",
        "/elements",
        id="actions",
    ),
    pytest.param(
        actions(menu(options=[option(str(n)) for n in range(6)])),
        "no more than 5 items allowed",
        "/elements/0/options",
        id="overflow",
    ),
    pytest.param(
        actions({"type": "plain_text_input", "action_id": "a"}),
        "unsupported type: plain_text_input",
        "/elements/0/type",
        id="misplaced",
    ),
    pytest.param({"type": "actions"}, "missing required field: elements", "", id="missing"),
    pytest.param(
        rich({"type": "user", "user_id": "U0ANA"}, kind="rich_text_preformatted"),
        "unsupported type: user",
        "/elements/0/elements/0/type",
        id="fence-mention",
    ),
]


@pytest.mark.parametrize("block", GOOD)
def test_good_block_is_taken(block: Json) -> None:
    assert problems([block], LIMITS) == []


@pytest.mark.parametrize("block", GOOD)
def test_what_is_taken_fits_the_types_of_slack(block: Json) -> None:
    spec = SlackSpec.read()
    spec._check("block", with_ids([block]))  # noqa: SLF001 - the same check without a server

    assert (spec.checked, spec.violations) == (1, [])


@pytest.mark.parametrize(("block", "words", "where"), BAD)
def test_bad_block_is_refused(block: Json, words: str, where: str) -> None:
    assert f"{words} [json-pointer:/blocks/0{where}]" in problems([block], LIMITS)


def test_a_message_holds_fifty_blocks_and_a_view_a_hundred() -> None:
    blocks = [{"type": "divider"}] * 51

    assert problems(blocks, LIMITS) == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert problems(blocks, LIMITS, in_view=True) == []


def test_the_schema_is_no_empty_check() -> None:
    spec = SlackSpec.read()
    exchange = Exchange(
        name="chat.postMessage",
        request={"blocks": [{"type": "section", "text": "bare"}]},
        status=200,
        answer={"ok": True},
    )
    spec(exchange)

    assert spec.violations


def test_block_ids_are_unique_and_filled_in() -> None:
    named = {"type": "divider", "block_id": "a"}

    assert "`block_id` a already exists" in problems([named, named], LIMITS)[0]
    filled = with_ids([{"type": "divider"}, actions({"type": "button", "text": plain("a")})])
    assert all(block["block_id"] for block in filled)
    assert filled[1]["elements"][0]["action_id"]


@pytest.mark.parametrize("nonsense", [None, "a", {"type": "section"}, [1], [{"type": 3}]])
def test_nonsense_is_a_complaint_not_a_crash(nonsense: object) -> None:
    assert problems(nonsense, LIMITS)


def test_all_text_counts_together() -> None:
    assert total_text([section("abc"), rich({"type": "text", "text": "de"})]) == 5


def test_a_message_reads_as_people_see_it() -> None:
    blocks = with_ids(
        [
            section("*BROKEN* &lt;main&gt; by <@U0ANA>, <https://a.example|run 812>"),
            rich({"type": "text", "text": "812  #19 ERROR"}, kind="rich_text_preformatted"),
            {"type": "context", "elements": [section("<!date^1^{time}|14:08>")["text"]]},
            actions(button("retry"), menu()),
        ]
    )
    message = Message(ts="1", channel="C", user="U", text="fallback", blocks=blocks)

    assert text_of(message, {"U0ANA": "@ana"}).splitlines() == [
        "*BROKEN* <main> by @ana, run 812",
        "    812  #19 ERROR",
        "14:08",
        "[Retry] [all]",
    ]


@pytest.mark.parametrize(
    ("text", "blocks", "called"),
    [
        pytest.param("<!channel> <@U1>", [], {"channel", "U1"}, id="text"),
        pytest.param("&lt;!channel&gt; @here", [], set(), id="escaped"),
        pytest.param("", [section("<!subteam^S1|@ops>")], {"S1"}, id="mrkdwn"),
        pytest.param("", [{"type": "header", "text": plain("<!here>")}], set(), id="plain"),
        pytest.param("", [rich({"type": "text", "text": "<!here>"})], set(), id="literal"),
        pytest.param("", [rich({"type": "broadcast", "range": "here"})], {"here"}, id="broadcast"),
        pytest.param("", [rich({"type": "user", "user_id": "U1"})], {"U1"}, id="user"),
        pytest.param("", [rich({"type": "usergroup", "usergroup_id": "S1"})], {"S1"}, id="group"),
    ],
)
def test_who_is_called(text: str, blocks: list[Json], called: set[str]) -> None:
    message = Message(ts="1", channel="C", user="U", text=text, blocks=blocks)

    assert calls(message) == called
