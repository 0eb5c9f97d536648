"""What the adapter makes of Slack's refusals, limits and cut connections."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.slack.client import slack_client
from bot.adapters.slack.identity import Identity
from bot.domain.errors import OperatorError, TransientError
from bot.domain.person import Person, Platform
from bot.domain.subscription import Place
from bot.messages.text import say
from bot.messages.views import Answer, Note
from bot.standins.slack.faults import Cut
from tests.contract.chat_contract import CARD, Heard, card
from tests.contract.slack_stage import SlackStage, by_socket
from tests.standins.slack_world import ANA, BO, CI, GUEST, OLD, STRANGER


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    async with by_socket() as stage:
        yield stage


def place(channel: str) -> Place:
    return Place(platform=Platform.SLACK, channel=channel)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        pytest.param("C0QUIET", "C0QUIET: the bot is not in the channel. Invite it", id="absent"),
        pytest.param(OLD, "C0OLD: the channel is archived. Unarchive it", id="archived"),
        pytest.param("C0NONE", "C0NONE: there is no such channel", id="unknown"),
    ],
)
async def test_a_refusal_says_what_to_do(stage: SlackStage, channel: str, words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        await stage.chat.post(place(channel), CARD, key="card-1")


async def test_a_missing_scope_is_named(stage: SlackStage) -> None:
    app = stage.slack.workspace.app
    stage.slack.workspace.app = replace(app, scopes=app.scopes - {"chat:write"})
    with pytest.raises(OperatorError, match="lacks the scope chat:write"):
        await card(stage)


async def test_a_revoked_token_is_for_the_operator(stage: SlackStage) -> None:
    stage.slack.revoke(stage.slack.workspace.app.bot_token)
    with pytest.raises(OperatorError, match="the token"):
        await card(stage)


async def test_rate_limits_say_when_to_come_back(stage: SlackStage) -> None:
    """And until then Slack is not asked again."""
    ref = await card(stage)
    stage.slack.fail_next("POST", "chat.update", status=429, retry_after=timedelta(seconds=30))
    with pytest.raises(TransientError) as first:
        await stage.chat.edit(ref, CARD, urgent=False)
    with pytest.raises(TransientError) as second:
        await stage.chat.edit(ref, CARD, urgent=False)
    assert first.value.after == timedelta(seconds=30)
    assert second.value.after
    assert stage.slack.count("chat.update") == 0


async def test_a_rate_limited_channel_does_not_stop_the_others(stage: SlackStage) -> None:
    stage.slack.fail_next("POST", "chat.postMessage", status=429, retry_after=timedelta(seconds=30))
    with pytest.raises(TransientError):
        await card(stage)
    stage.slack.channel("C0QUIET").members.add(stage.slack.workspace.app.bot_user)
    await stage.chat.post(place("C0QUIET"), CARD, key="card-1")


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_trouble_at_slack_passes(stage: SlackStage, status: int) -> None:
    stage.slack.fail_next("POST", "chat.postMessage", status=status)
    with pytest.raises(TransientError):
        await card(stage)
    assert stage.messages() == 0


@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/plain"])
async def test_a_proxys_page_is_no_answer(kind: str) -> None:
    """What stands between us and Slack answers in its own words while Slack is away."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(status=502, text="<h1>Bad gateway</h1>", content_type=kind)

    app = web.Application()
    app.router.add_post("/api/auth.test", page)
    async with (
        TestServer(app) as proxy,
        slack_client(token="xoxb-1", api_url=str(proxy.make_url("/api/"))) as client,
    ):
        with pytest.raises(TransientError):
            await Identity(client).team()


async def test_a_cut_connection_posts_once_and_the_message_is_found(stage: SlackStage) -> None:
    """The library's own repetition would have posted it twice."""
    since = datetime.now(UTC)
    stage.slack.cut_next("chat.postMessage", Cut.AFTER)
    with pytest.raises(TransientError):
        await card(stage)
    assert stage.messages() == 1
    found = await stage.chat.find(stage.place, key="card-1", since=since)
    assert found
    assert "BROKEN" in stage.text(found)


async def test_a_card_is_found_though_much_was_said_since(stage: SlackStage) -> None:
    """We may have been down for hours, and the channel loud."""
    since = datetime.now(UTC)
    ref = await card(stage)
    for number in range(300):
        stage.slack.say(ANA, CI, f"what is it {number}")
    assert await stage.chat.find(stage.place, key="card-1", since=since) == ref
    assert await stage.chat.find(stage.place, key="card-2", since=since) is None
    assert stage.slack.count("conversations.history") == 4


async def test_a_line_is_found_in_a_long_thread(stage: SlackStage) -> None:
    """Slack lists a thread from its first message on."""
    since = datetime.now(UTC)
    ref = await card(stage)
    for number in range(250):
        stage.slack.say(ANA, CI, f"look at this {number}", thread_ts=ref.message)
    line = await stage.chat.post(
        stage.place, Note(text=say("ended")), key="line-1", thread=ref.message
    )
    for where in (since, since + timedelta(seconds=60)):
        found = await stage.chat.find(stage.place, key="line-1", since=where, thread=ref.message)
        assert found == line


async def test_what_was_said_before_is_not_read(stage: SlackStage) -> None:
    """A minute is for clocks that differ."""
    await card(stage)
    since = datetime.now(UTC) + timedelta(seconds=61)
    assert await stage.chat.find(stage.place, key="card-1", since=since) is None


async def test_another_apps_mark_is_not_ours(stage: SlackStage) -> None:
    """A person could forward or fake the words, and any app may use our event type."""
    since = datetime.now(UTC)
    ref = await card(stage)
    message = stage.slack.channel(CI).message(ref.message)
    assert message
    message.user = BO
    assert await stage.chat.find(stage.place, key="card-1", since=since) is None


async def test_no_link_is_unfurled(stage: SlackStage) -> None:
    await card(stage)
    (sent,) = [each for each in stage.slack.ledger.exchanges if each.name == "chat.postMessage"]
    assert (sent.request["unfurl_links"], sent.request["unfurl_media"]) == (False, False)


@pytest.mark.parametrize(
    ("user", "outsider"),
    [(ANA, False), (GUEST, True), (STRANGER, True), ("U0NOBODY", True)],
)
async def test_guests_and_strangers_are_outsiders(
    stage: SlackStage, user: str, *, outsider: bool
) -> None:
    person = Person(platform=Platform.SLACK, id=user)
    member = await stage.chat.member(person, groups=frozenset({"S0OPS", "S0NONE"}))
    assert member.outsider == outsider
    assert member.groups == ({"S0OPS"} if user == ANA else frozenset())


async def test_only_asked_groups_are_looked_up_and_remembered(stage: SlackStage) -> None:
    person = Person(platform=Platform.SLACK, id=ANA)
    await stage.chat.member(person, groups=frozenset())
    assert stage.slack.count("usergroups.users.list") == 0
    for _ in range(3):
        await stage.chat.member(person, groups=frozenset({"S0OPS"}))
    assert stage.slack.count("usergroups.users.list") == 1
    assert stage.slack.count("users.info") == 1


async def test_an_old_press_is_answered_beside_it(stage: SlackStage) -> None:
    """A response URL lasts half an hour and five answers; then a whisper must do."""
    heard = Heard()
    ref = await card(stage)
    async with stage.listening(heard.receive):
        reply = await stage.press(ref, "retry")
        for number in range(6):
            await stage.chat.answer(heard.presses[0], Answer(text=say(f"Answer {number}.")))
    assert "Answer 5." in reply.text
    assert reply.private
    assert stage.slack.count("chat.postEphemeral") == 1


async def test_a_press_that_nothing_can_answer_is_for_the_operator(stage: SlackStage) -> None:
    heard = Heard()
    ref = await card(stage)
    async with stage.listening(heard.receive):
        await stage.press(ref, "retry")
    stage.lose_channel()
    with pytest.raises(OperatorError):
        await stage.chat.answer(replace(heard.presses[0], token=""), Answer(text=say("Too late.")))
