"""People press, type and fill in; slack-bolt answers over Socket Mode, then over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from slack_bolt.async_app import AsyncApp

from bot.standins.slack import App, CannotError, Limits, SlackServer
from tests.standins.slack_world import (
    ANA,
    BO,
    CI,
    GUEST,
    SECRET,
    HandClock,
    a_workspace,
    app_of,
    button,
    card,
    client_of,
    connected,
    section,
    served,
)

LIMITS = Limits(rated=False, ack_within=timedelta(seconds=0.3), event_retries=(timedelta(),) * 3)
Body: TypeAlias = dict[str, Any]
Say: TypeAlias = Callable[..., Awaitable[Any]]


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with served(limits=LIMITS) as server:
        yield server


@pytest.fixture
def app(slack: SlackServer) -> AsyncApp:
    return app_of(slack)


@asynccontextmanager
async def over_http(slack: SlackServer, app: AsyncApp) -> AsyncIterator[None]:
    """Serve *app* at an address of its own, which Slack verifies first."""
    server = TestServer(app.web_app(path="/slack/events"))
    async with server:
        await slack.use_http(str(server.make_url("/slack/events")))
        yield


@pytest.fixture(params=["socket", "http"])
async def running(
    request: pytest.FixtureRequest, slack: SlackServer, app: AsyncApp
) -> AsyncIterator[None]:
    way = connected if request.param == "socket" else over_http
    async with way(slack, app):
        yield


async def a_card(slack: SlackServer, *controls: dict[str, object]) -> str:
    posted = await client_of(slack).chat_postMessage(channel=CI, text="a", blocks=card(*controls))
    return str(posted["ts"])


def a_modal(**parts: object) -> dict[str, object]:
    def words(text: str) -> dict[str, str]:
        return {"type": "plain_text", "text": text}

    note = {
        "type": "input",
        "block_id": "note",
        "label": words("Note"),
        "element": {"type": "plain_text_input", "action_id": "text"},
    }
    how = {"text": words("all jobs"), "value": "all"}
    scope = {
        "type": "input",
        "block_id": "scope",
        "optional": True,
        "label": words("Scope"),
        "element": {"type": "static_select", "action_id": "which", "options": [how]},
    }
    frame = {"type": "modal", "title": words("Resolve"), "submit": words("Resolve")}
    return {**frame, "callback_id": "resolve", "blocks": [note, scope], **parts}


def answer_press(app: AsyncApp, heard: list[Body], **answer: object) -> None:
    @app.action("retry")
    async def retry(ack: Say, body: Body, respond: Say) -> None:
        await ack()
        heard.append(body)
        if answer:
            await respond(**answer)


@pytest.mark.usefixtures("running")
async def test_press_is_heard_and_answered_in_private(slack: SlackServer, app: AsyncApp) -> None:
    heard: list[Body] = []
    answer_press(app, heard, text="on it")
    ts = await a_card(slack)
    seen = await slack.press(ANA, channel=CI, ts=ts, action_id="retry")

    assert (await seen.reply(), seen.warning) == ("on it", None)
    assert [each.text for each in slack.user_sees(BO, CI)] == ["a"]
    body = heard[0]
    assert (body["user"]["id"], body["container"]["message_ts"]) == (ANA, ts)
    assert body["actions"][0]["value"] == "run 812"
    assert body["message"]["blocks"][1]["block_id"] == body["actions"][0]["block_id"]


@pytest.mark.usefixtures("running")
async def test_option_of_a_menu(slack: SlackServer, app: AsyncApp) -> None:
    heard: list[Body] = []
    answer_press(app, heard)
    options = [{"text": {"type": "plain_text", "text": "All"}, "value": "all"}]
    ts = await a_card(slack, {"type": "overflow", "action_id": "retry", "options": options})
    await slack.press(ANA, channel=CI, ts=ts, action_id="retry", option="all")

    assert heard[0]["actions"][0]["selected_option"]["value"] == "all"
    with pytest.raises(CannotError, match="no option none; there are: all"):
        await slack.press(ANA, channel=CI, ts=ts, action_id="retry", option="none")


async def test_only_what_is_there_now_can_be_pressed(slack: SlackServer) -> None:
    ts = await a_card(slack)
    client = client_of(slack)
    await client.chat_update(channel=CI, ts=ts, text="a", blocks=card(button("resolve", "Resolve")))

    with pytest.raises(CannotError, match=r"no control retry here; there are: resolve \[Resolve\]"):
        await slack.press(ANA, channel=CI, ts=ts, action_id="retry")
    with pytest.raises(CannotError, match="cannot see"):
        await slack.press(BO, channel=SECRET, ts=ts, action_id="retry")
    with pytest.raises(CannotError, match="sees no message"):
        await slack.press(ANA, channel=CI, ts="1.0", action_id="retry")


async def test_private_answer_can_be_pressed_only_by_who_sees_it(
    slack: SlackServer, app: AsyncApp
) -> None:
    heard: list[Body] = []
    answer_press(app, heard, text="done", replace_original=True)
    client = client_of(slack)
    asked = await client.chat_postEphemeral(channel=CI, user=ANA, text="sure?", blocks=card())
    async with connected(slack, app):
        with pytest.raises(CannotError):
            await slack.press(BO, channel=CI, ts=asked["message_ts"], action_id="retry")
        await slack.press(ANA, channel=CI, ts=asked["message_ts"], action_id="retry")
        await slack.until(lambda: slack.user_sees(ANA, CI)[0].text == "done")

    assert heard[0]["container"]["is_ephemeral"]
    assert "message" not in heard[0]


@pytest.mark.usefixtures("running")
async def test_press_without_acknowledgement_times_out(slack: SlackServer, app: AsyncApp) -> None:
    """The presser sees a warning, and the press never comes again."""
    heard: list[Body] = []

    @app.action("retry")
    async def silent(body: Body) -> None:
        heard.append(body)
        await asyncio.sleep(1)

    ts = await a_card(slack)
    seen = await slack.press(ANA, channel=CI, ts=ts, action_id="retry")

    assert seen.warning == "operation_timeout"
    assert len(heard) == 1


async def test_press_with_no_app_there_fails(slack: SlackServer) -> None:
    seen = await slack.press(ANA, channel=CI, ts=await a_card(slack), action_id="retry")

    assert seen.warning == "dispatch_failed"


@pytest.mark.usefixtures("running")
async def test_command_is_answered_at_once(slack: SlackServer, app: AsyncApp) -> None:
    heard: list[Body] = []

    @app.command("/build")
    async def build(ack: Say, body: Body) -> None:
        heard.append(body)
        await ack("all green")

    seen = await slack.command(ANA, CI, "/build", "status <main>")

    assert seen.texts == ["all green"]
    assert slack.user_sees(BO, CI) == []
    assert (heard[0]["text"], heard[0]["user_id"]) == ("status &lt;main&gt;", ANA)
    assert heard[0]["channel_name"] == "ci"


@pytest.mark.usefixtures("running")
async def test_command_may_answer_everyone_later(slack: SlackServer, app: AsyncApp) -> None:
    @app.command("/build")
    async def build(ack: Say, respond: Say) -> None:
        await ack()
        await respond("red", response_type="in_channel", blocks=[section("red")])

    seen = await slack.command(ANA, CI, "/build", "status")

    assert await seen.reply() == "red"
    assert [each.text for each in slack.user_sees(BO, CI)] == ["red"]


async def test_command_is_refused_in_threads_and_if_unknown(slack: SlackServer) -> None:
    ts = await a_card(slack)
    in_thread = await slack.command(ANA, CI, "/build", thread_ts=ts)
    unknown = await slack.command(ANA, CI, "/biuld")

    assert in_thread.warning == "/build is not supported in threads. Sorry!"
    assert unknown.warning == "/biuld is not a valid command."
    with pytest.raises(CannotError):
        await slack.command(GUEST, CI, "/build")


async def test_command_needs_its_scope() -> None:
    workspace = a_workspace(app=App(scopes=frozenset({"chat:write"})))
    async with served(workspace) as slack:
        assert (await slack.command(ANA, CI, "/build")).warning


@pytest.mark.usefixtures("running")
async def test_modal_is_opened_corrected_and_sent(slack: SlackServer, app: AsyncApp) -> None:
    sent: list[Body] = []

    @app.action("retry")
    async def ask(ack: Say, body: Body, client: Any) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view=a_modal())
        await ack()

    @app.view("resolve")
    async def resolve(ack: Say, view: Body) -> None:
        values = view["state"]["values"]
        if values["note"]["text"]["value"] == "?":
            await ack(response_action="errors", errors={"note": "say more"})
            return
        sent.append(values)
        await ack()

    ts = await a_card(slack)
    seen = await slack.press(ANA, channel=CI, ts=ts, action_id="retry")
    view = await seen.opened()
    with pytest.raises(CannotError, match="text is required"):
        await slack.submit(ANA, view)
    wrong = await slack.submit(ANA, view, {"text": "?"})
    right = await slack.submit(ANA, view, {"text": "flaky", "which": "all"})

    assert (wrong.errors, right.errors) == ({"note": "say more"}, {})
    assert sent[0]["note"]["text"] == {"type": "plain_text_input", "value": "flaky"}
    assert sent[0]["scope"]["which"]["selected_option"]["value"] == "all"
    with pytest.raises(CannotError, match="does not have view"):
        await slack.submit(ANA, view, {"text": "again"})


@pytest.mark.usefixtures("running")
async def test_modal_may_be_replaced_by_its_answer(slack: SlackServer, app: AsyncApp) -> None:
    heard: list[Body] = []
    answer_press(app, heard)

    @app.view("resolve")
    async def resolve(ack: Say) -> None:
        await ack(response_action="update", view=a_modal(callback_id="sure"))

    await slack.press(ANA, channel=CI, ts=await a_card(slack), action_id="retry")
    client = client_of(slack)
    opened = await client.views_open(trigger_id=heard[0]["trigger_id"], view=a_modal())
    view = slack.workspace.views[opened["view"]["id"]]
    seen = await slack.submit(ANA, view, {"text": "x"})

    assert seen.view is not None
    assert (seen.view.id, seen.view.body["callback_id"]) == (view.id, "sure")


async def test_trigger_opens_once_and_soon() -> None:
    clock = HandClock()
    async with served(a_workspace(clock=clock), LIMITS) as slack:
        app, client = app_of(slack), client_of(slack)
        heard: list[Body] = []
        answer_press(app, heard)
        async with connected(slack, app):
            ts = await a_card(slack)
            for _ in range(2):
                await slack.press(ANA, channel=CI, ts=ts, action_id="retry")

        async def opening(trigger: str) -> str:
            answer = await client.api_call(
                "views.open", json={"trigger_id": trigger, "view": a_modal()}
            )
            return str(answer["ok"])

        assert await opening(heard[0]["trigger_id"]) == "True"
        for trigger, word in [
            (heard[0]["trigger_id"], "exchanged_trigger_id"),
            ("1.a", "invalid_trigger_id"),
        ]:
            with pytest.raises(Exception, match=word):
                await opening(trigger)
        clock.now += 3.5
        with pytest.raises(Exception, match="expired_trigger_id"):
            await opening(heard[1]["trigger_id"])


async def test_response_url_works_five_times_in_half_an_hour() -> None:
    clock = HandClock()
    async with served(a_workspace(clock=clock), LIMITS) as slack:
        app = app_of(slack)
        heard: list[Body] = []
        answer_press(app, heard)
        async with connected(slack, app), ClientSession() as http:
            ts = await a_card(slack)
            for _ in range(2):
                await slack.press(ANA, channel=CI, ts=ts, action_id="retry")

            async def answer(body: Body, **parts: object) -> tuple[int, object]:
                url = body["response_url"]
                async with http.post(url, json={"text": "x", **parts}) as response:
                    return response.status, (await response.json()).get("error")

            assert [(await answer(heard[0]))[0] for _ in range(5)] == [200] * 5
            assert await answer(heard[0]) == (404, "used_url")
            assert await answer(heard[1], blocks=[{"type": "marquee"}]) == (400, "invalid_blocks")
            assert await answer(heard[1], delete_original=True) == (200, None)
            clock.now += 1801
            assert await answer(heard[1]) == (404, "expired_url")

        assert [each.text for each in slack.user_sees(ANA, CI)] == ["x"] * 5


@pytest.mark.usefixtures("running")
async def test_home_tab_opens_and_is_drawn(slack: SlackServer, app: AsyncApp) -> None:
    @app.event("app_home_opened")
    async def opened(event: Body, client: Any) -> None:
        view = {"type": "home", "blocks": card(button("more"))}
        await client.views_publish(user_id=event["user"], view=view)

    pressed: list[Body] = []

    @app.action("more")
    async def more(ack: Say, body: Body) -> None:
        await ack()
        pressed.append(body)

    slack.open_home(ANA)
    await slack.until(lambda: ANA in slack.workspace.homes)
    await slack.press_in_view(ANA, slack.workspace.homes[ANA], action_id="more")

    assert pressed[0]["container"]["type"] == "view"


@pytest.mark.usefixtures("running")
async def test_menu_asks_for_its_options(slack: SlackServer, app: AsyncApp) -> None:
    @app.options("repo")
    async def repos(ack: Say, payload: Body) -> None:
        name = payload["value"]
        await ack(options=[{"text": {"type": "plain_text", "text": name}, "value": name}])

    ts = await a_card(slack, {"type": "external_select", "action_id": "repo"})
    options = await slack.suggestions(ANA, channel=CI, ts=ts, action_id="repo", typed="acme")

    assert [each["value"] for each in options] == ["acme"]
