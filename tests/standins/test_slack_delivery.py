"""How events and envelopes reach the app: again, over another socket, or not at all."""

import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import ClientSession, WSMsgType
from aiohttp.test_utils import TestServer
from slack_bolt.async_app import AsyncApp

from bot.standins.slack import Limits
from bot.standins.slack.errors import UndeliveredError
from bot.standins.slack.http_mode import HttpMode
from tests.standins.slack_world import ANA, CI, app_of, client_of, connected, served

FAST = Limits(
    rated=False, ack_within=timedelta(seconds=0.2), event_retries=(timedelta(), timedelta())
)
Say = Callable[..., Awaitable[Any]]


def listen(app: AsyncApp) -> list[str]:
    """Note each message that *app* hears."""
    heard: list[str] = []

    @app.event("message")
    async def message(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    return heard


async def test_raw_socket_says_hello_and_repeats_what_is_not_acknowledged() -> None:
    async with served(limits=FAST) as slack, ClientSession() as http:
        client = client_of(slack)
        opened = await client.apps_connections_open(app_token=slack.workspace.app.app_token)
        async with http.ws_connect(opened["url"]) as socket:
            hello = await socket.receive_json()
            slack.say(ANA, CI, "hi")
            sent = [await socket.receive_json() for _ in range(3)]
            await slack.until(lambda: slack.dispatch.lost)

        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert [each["retry_attempt"] for each in sent] == [0, 1, 2]
        assert sent[1]["retry_reason"] == "timeout"
        assert len({each["payload"]["event_id"] for each in sent}) == 1
        assert len({each["envelope_id"] for each in sent}) == 3


async def test_a_ticket_opens_one_socket() -> None:
    async with served(limits=FAST) as slack, ClientSession() as http:
        token = slack.workspace.app.app_token
        url = (await client_of(slack).apps_connections_open(app_token=token))["url"]
        async with http.ws_connect(url), http.get(url.replace("ws", "http", 1)) as second:
            assert second.status == 401


async def test_the_eleventh_socket_is_sent_away() -> None:
    async with served(limits=Limits(rated=False, sockets=1)) as slack, ClientSession() as http:
        client, token = client_of(slack), slack.workspace.app.app_token
        first = (await client.apps_connections_open(app_token=token))["url"]
        second = (await client.apps_connections_open(app_token=token))["url"]
        async with http.ws_connect(first), http.ws_connect(second) as too_many:
            farewell = await too_many.receive_json()
            assert farewell["reason"] == "too_many_websockets"
            assert (await too_many.receive()).type is WSMsgType.CLOSE


@pytest.mark.parametrize("how", ["refreshed", "warned", "cut"])
async def test_client_comes_back_after_a_lost_connection(how: str) -> None:
    async with served(limits=FAST) as slack:
        app = app_of(slack)
        heard = listen(app)
        async with connected(slack, app):
            await slack.until(lambda: slack.sockets.connections)
            match how:
                case "refreshed":
                    await slack.sockets.disconnect()
                case "warned":
                    await slack.sockets.warn()
                case _:
                    slack.sockets.drop()
            await slack.until(lambda: slack.count("apps.connections.open") > 1)
            await slack.until(lambda: slack.sockets.connections)
            slack.say(ANA, CI, "back?")
            await slack.until(lambda: heard)

    assert heard == ["back?"]


async def test_event_over_http_comes_again_after_an_error() -> None:
    async with served(limits=FAST) as slack:
        app, failures = app_of(slack), [1]

        @app.middleware
        async def stumble(next: Say) -> Any:  # noqa: A002 - bolt passes it by this name
            if failures:
                raise RuntimeError(failures.pop())
            return await next()

        async with TestServer(app.web_app(path="/slack/events")) as server:
            failures.clear()
            await slack.use_http(str(server.make_url("/slack/events")))
            heard = listen(app)
            failures.append(1)
            slack.say(ANA, CI, "hi")
            await slack.until(lambda: heard)

    assert heard == ["hi"]
    assert failures == []


async def test_bolt_refuses_an_old_or_wrong_signature() -> None:
    async with served(limits=FAST) as slack:
        app = app_of(slack)
        async with TestServer(app.web_app(path="/slack/events")) as server:
            url = str(server.make_url("/slack/events"))
            secret = slack.workspace.app.signing_secret
            for wrong in (
                HttpMode(url, "other", FAST),
                HttpMode(url, secret, FAST, clock=lambda: time.time() - 600),
            ):
                with pytest.raises(UndeliveredError, match="http_service_error"):
                    await wrong.verify("token")
            await HttpMode(url, secret, FAST).verify("token")


async def test_address_that_does_not_echo_is_not_taken() -> None:
    async with served(limits=FAST) as slack:
        before = slack.dispatch.carrier
        with pytest.raises(UndeliveredError):
            await slack.use_http(f"{slack.url}/nowhere")
        assert slack.dispatch.carrier is before


async def test_invitation_is_an_event() -> None:
    async with served(limits=FAST) as slack:
        app, joined = app_of(slack), list[str]()

        @app.event("member_joined_channel")
        async def hello(event: dict[str, Any]) -> None:
            joined.append(event["channel"])

        async with connected(slack, app):
            slack.invite_app("C0QUIET", by=ANA)
            await slack.until(lambda: joined)

    assert joined == ["C0QUIET"]
