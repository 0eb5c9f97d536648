"""The Web API of the stand-in, called by Slack's own client."""

import json
from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.standins.slack import App, Limits, SlackServer
from tests.standins.slack_world import (
    ANA,
    BO,
    CI,
    GUEST,
    OLD,
    SECRET,
    STRANGER,
    a_workspace,
    card,
    client_of,
    refused,
    section,
    served,
)

UNRATED = Limits(rated=False)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with served(limits=UNRATED) as server:
        yield server


@pytest.fixture
def client(slack: SlackServer) -> AsyncWebClient:
    return client_of(slack)


async def test_auth_names_the_bot_and_its_scopes(client: AsyncWebClient) -> None:
    answer = await client.auth_test()

    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == (
        "U0SMOKE",
        "B0SMOKE",
        "T0ACME",
    )
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("token", "word"),
    [
        pytest.param("", "not_authed", id="none"),
        pytest.param("xoxb-wrong", "invalid_auth", id="wrong"),
        pytest.param("xapp-1-stand-in", "not_allowed_token_type", id="app-token"),
    ],
)
async def test_wrong_token_is_refused(slack: SlackServer, token: str, word: str) -> None:
    assert await refused(client_of(slack, token=token).auth_test()) == word


async def test_revoked_token_is_refused(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.revoke("xoxb-1-stand-in")

    assert await refused(client.auth_test()) == "token_revoked"


async def test_missing_scope_is_named() -> None:
    workspace = a_workspace(app=App(scopes=frozenset({"chat:write"})))
    async with served(workspace) as slack:
        client = client_of(slack)
        with pytest.raises(SlackApiError) as caught:
            await client.reactions_add(channel=CI, timestamp="1", name="eyes")
        assert await refused(client.conversations_history(channel=CI)) == "missing_scope"
        assert await refused(client.chat_postMessage(channel="C0QUIET", text="hi")) == (
            "not_in_channel"
        )

    assert caught.value.response["needed"] == "reactions:write"
    assert caught.value.response["provided"] == "chat:write"


async def test_post_edit_thread_and_delete(slack: SlackServer, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=CI, text="broken", blocks=card())
    reply = await client.chat_postMessage(channel=CI, text="why", thread_ts=posted["ts"])
    await client.chat_update(channel=CI, ts=posted["ts"], text="fixed")

    first, second = slack.channel(CI).thread(posted["ts"])
    assert (first.text, first.blocks, second.ts) == ("fixed", [], reply["ts"])
    assert posted["message"]["blocks"][0]["block_id"]
    assert slack.count("chat.update", channel=CI, ts=posted["ts"]) == 1

    await client.chat_delete(channel=CI, ts=reply["ts"])
    await client.chat_delete(channel=CI, ts=posted["ts"])
    assert slack.channel(CI).messages == []


async def test_a_deleted_card_leaves_its_thread(slack: SlackServer, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=CI, text="broken")
    await client.chat_postMessage(channel=CI, text="why", thread_ts=posted["ts"])
    await client.chat_delete(channel=CI, ts=posted["ts"])

    assert await refused(client.chat_update(channel=CI, ts=posted["ts"], text="back")) == (
        "message_not_found"
    )
    assert [each.text for each in slack.channel(CI).messages] == [
        "This message was deleted.",
        "why",
    ]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        pytest.param({"channel": "C0NOWHERE", "text": "a"}, "channel_not_found", id="unknown"),
        pytest.param({"channel": SECRET, "text": "a"}, "channel_not_found", id="private"),
        pytest.param({"channel": OLD, "text": "a"}, "is_archived", id="archived"),
        pytest.param({"channel": CI, "text": ""}, "no_text", id="empty"),
        pytest.param({"channel": CI, "text": "a" * 40_001}, "msg_too_long", id="long"),
        pytest.param(
            {"channel": CI, "text": "a", "thread_ts": "1.0"}, "thread_not_found", id="thread"
        ),
        pytest.param(
            {"channel": CI, "text": "a", "blocks": "[{"}, "invalid_blocks_format", id="no-json"
        ),
        pytest.param(
            {"channel": CI, "text": "a", "blocks": [{"type": "marquee"}]},
            "invalid_blocks",
            id="kind",
        ),
        pytest.param(
            {"channel": CI, "text": "a", "blocks": [section("a" * 2_900)] * 4},
            "msg_blocks_too_long",
            id="blocks-too-long",
        ),
        pytest.param(
            {"channel": CI, "text": "a", "metadata": {"key": 1}},
            "invalid_metadata_format",
            id="meta",
        ),
    ],
)
async def test_wrong_post_is_refused(
    slack: SlackServer, client: AsyncWebClient, arguments: dict[str, object], word: str
) -> None:
    assert await refused(client.api_call("chat.postMessage", json=arguments)) == word
    assert slack.count("chat.postMessage") == 0


async def test_invalid_blocks_say_where(client: AsyncWebClient) -> None:
    blocks = [{"type": "header", "text": {"type": "plain_text", "text": "a" * 151}}]
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=CI, text="a", blocks=blocks)

    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]


async def test_only_own_messages_can_be_changed(slack: SlackServer, client: AsyncWebClient) -> None:
    said = slack.say(ANA, CI, "hello")

    assert await refused(client.chat_update(channel=CI, ts=said.ts, text="x")) == (
        "cant_update_message"
    )
    assert await refused(client.chat_delete(channel=CI, ts=said.ts)) == "cant_delete_message"
    own = (await client.chat_postMessage(channel=CI, text="a"))["ts"]
    long = client.chat_update(channel=CI, ts=own, text="x" * 4_001)
    assert await refused(long) == "msg_too_long"


async def test_metadata_shows_only_on_request_and_outlives_edits(client: AsyncWebClient) -> None:
    """A card is found again after a crash by what was hidden in it."""
    marked = {"event_type": "card", "event_payload": {"key": "k1"}}
    posted = await client.chat_postMessage(channel=CI, text="a", metadata=marked)
    await client.chat_update(channel=CI, ts=posted["ts"], text="b")

    plain = await client.conversations_history(channel=CI)
    full = await client.conversations_history(channel=CI, include_all_metadata=True)
    thread = await client.conversations_replies(
        channel=CI, ts=posted["ts"], include_all_metadata=True
    )
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == thread["messages"][0]["metadata"] == marked


async def test_history_pages_from_the_newest_without_replies(client: AsyncWebClient) -> None:
    first = await client.chat_postMessage(channel=CI, text="1")
    await client.chat_postMessage(channel=CI, text="reply", thread_ts=first["ts"])
    for text in ("2", "3"):
        await client.chat_postMessage(channel=CI, text=text)

    page = await client.conversations_history(channel=CI, limit=2)
    cursor = page["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=CI, limit=2, cursor=cursor)
    assert [each["text"] for each in page["messages"]] == ["3", "2"]
    assert [(each["text"], each["reply_count"]) for each in rest["messages"]] == [("1", 1)]
    assert (page["has_more"], rest["has_more"]) == (True, False)
    newer = await client.conversations_history(channel=CI, oldest=first["ts"])
    assert [each["text"] for each in newer["messages"]] == ["3", "2"]
    assert await refused(client.conversations_history(channel=CI, cursor="x")) == "invalid_cursor"


async def test_history_needs_membership(client: AsyncWebClient) -> None:
    assert await refused(client.conversations_history(channel="C0QUIET")) == "not_in_channel"
    await client.conversations_join(channel="C0QUIET")
    assert (await client.conversations_history(channel="C0QUIET"))["messages"] == []


async def test_channels_hide_private_ones(client: AsyncWebClient) -> None:
    listed = await client.conversations_list(types="public_channel,private_channel")
    info = await client.conversations_info(channel=CI)
    members = await client.conversations_members(channel=CI)

    assert {each["name"] for each in listed["channels"]} == {"ci", "old", "quiet"}
    assert (info["channel"]["is_member"], info["channel"]["is_private"]) == (True, False)
    assert members["members"] == sorted(["U0SMOKE", ANA, BO])
    assert await refused(client.conversations_info(channel=SECRET)) == "channel_not_found"


async def test_people_and_groups(client: AsyncWebClient) -> None:
    ana = (await client.users_info(user=ANA))["user"]
    found = await client.users_lookupByEmail(email="ANA@example.org")
    people = {each["id"]: each for each in (await client.users_list())["members"]}
    groups = await client.usergroups_list(include_users=True)
    ops = await client.usergroups_users_list(usergroup="S0OPS")

    assert (ana["profile"]["email"], ana["tz_offset"]) == ("ana@example.org", 7200)
    assert found["user"]["id"] == ANA
    assert people[GUEST]["is_ultra_restricted"]
    assert (people[STRANGER]["is_stranger"], people[STRANGER]["team_id"]) == (True, "T0OTHER")
    assert "is_stranger" not in people[BO]
    assert groups["usergroups"][0]["users"] == ops["users"] == [ANA]
    assert await refused(client.users_info(user="U0NOBODY")) == "user_not_found"
    assert await refused(client.users_lookupByEmail(email="no@example.org")) == "users_not_found"


async def test_names_of_bot_and_team(client: AsyncWebClient) -> None:
    assert (await client.bots_info(bot="B0SMOKE"))["bot"]["user_id"] == "U0SMOKE"
    assert (await client.team_info())["team"]["domain"] == "acme"
    assert await refused(client.bots_info(bot="B0OTHER")) == "bot_not_found"
    assert await refused(client.conversations_open(users="U0NOBODY")) == "user_not_found"


async def test_email_needs_its_own_scope() -> None:
    workspace = a_workspace(app=App(scopes=frozenset({"users:read"})))
    async with served(workspace) as slack:
        user = (await client_of(slack).users_info(user=ANA))["user"]
    assert "email" not in user["profile"]


async def test_reactions_and_pins(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=CI, text="a"))["ts"]
    await client.reactions_add(channel=CI, timestamp=ts, name="eyes")
    assert await refused(client.reactions_add(channel=CI, timestamp=ts, name="eyes")) == (
        "already_reacted"
    )
    await client.reactions_remove(channel=CI, timestamp=ts, name="eyes")
    assert await refused(client.reactions_remove(channel=CI, timestamp=ts, name="eyes")) == (
        "no_reaction"
    )
    assert await refused(client.reactions_add(channel=CI, timestamp=ts, name="a b")) == (
        "invalid_name"
    )
    await client.pins_add(channel=CI, timestamp=ts)
    assert await refused(client.pins_add(channel=CI, timestamp=ts)) == "already_pinned"


async def test_ephemeral_is_for_one_person(slack: SlackServer, client: AsyncWebClient) -> None:
    await client.chat_postEphemeral(channel=CI, user=ANA, text="psst")

    assert [each.text for each in slack.user_sees(ANA, CI)] == ["psst"]
    assert slack.user_sees(BO, CI) == []
    assert (await client.conversations_history(channel=CI))["messages"] == []
    outsider = client.chat_postEphemeral(channel=CI, user=GUEST, text="psst")
    assert await refused(outsider) == "user_not_in_channel"


async def test_direct_message_by_user_id(slack: SlackServer, client: AsyncWebClient) -> None:
    posted = await client.chat_postMessage(channel=ANA, text="yours")
    opened = await client.conversations_open(users=ANA)

    assert posted["channel"] == opened["channel"]["id"]
    assert [each.text for each in slack.user_sees(ANA, posted["channel"])] == ["yours"]
    assert slack.user_sees(BO, posted["channel"]) == []


async def test_file_goes_to_a_thread_or_a_person(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    card_ts = (await client.chat_postMessage(channel=CI, text="card"))["ts"]
    shared = await client.files_upload_v2(
        channel=CI, thread_ts=card_ts, filename="log.txt", content="error: 503", title="Log"
    )
    direct = (await client.conversations_open(users=ANA))["channel"]["id"]
    await client.files_upload_v2(
        channel=direct, filename="log.gz", file=b"\x1f\x8b", initial_comment="the log"
    )

    in_thread, in_direct = slack.channel(CI).messages[-1], slack.channel(direct).messages[-1]
    assert shared["file"]["title"] == "Log"
    assert (in_thread.thread_ts, in_thread.files[0].content) == (card_ts, b"error: 503")
    assert (in_direct.text, in_direct.files[0].content) == ("the log", b"\x1f\x8b")
    by_person = client.files_upload_v2(channel=ANA, filename="a.txt", content="a")
    assert await refused(by_person) == "invalid_channel"


async def test_file_must_be_uploaded_before_it_is_shared(client: AsyncWebClient) -> None:
    asked = await client.files_getUploadURLExternal(filename="a.txt", length=1)
    early = client.files_completeUploadExternal(files=[{"id": asked["file_id"]}], channel_id=CI)

    assert await refused(early) == "file_not_found"


async def test_permalink_names_the_thread(client: AsyncWebClient) -> None:
    first = (await client.chat_postMessage(channel=CI, text="a"))["ts"]
    second = (await client.chat_postMessage(channel=CI, text="b", thread_ts=first))["ts"]
    link = await client.chat_getPermalink(channel=CI, message_ts=second)

    assert link["permalink"].endswith(
        f"/{CI}/p{second.replace('.', '')}?thread_ts={first}&cid={CI}"
    )


async def test_arguments_may_stand_anywhere(client: AsyncWebClient) -> None:
    blocks = json.dumps(card())
    wanted = {"channel": CI, "text": "a", "blocks": blocks}
    for place in ("json", "params", "data"):
        posted = await client.api_call("chat.postMessage", **{place: wanted})  # type: ignore[arg-type] # one of three
        assert posted["message"]["blocks"][1]["elements"][0]["value"] == "run 812"
    assert await refused(client.api_call("chat.nonsense")) == "unknown_method"
