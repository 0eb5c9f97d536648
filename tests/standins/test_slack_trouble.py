"""Rate limits, refusals on demand, cut connections and late answers."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import ClientConnectionError
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.standins.slack import Cut, Limits, SlackServer
from tests.standins.slack_world import (
    CI,
    HandClock,
    a_workspace,
    client_of,
    refused,
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


async def test_one_post_a_second_and_channel() -> None:
    clock = HandClock()
    async with served(a_workspace(clock=clock)) as slack:
        client = client_of(slack)
        await client.chat_postMessage(channel=CI, text="1")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=CI, text="2")
        await client.chat_postMessage(channel="C0QUIET", text="elsewhere")
        clock.now += 1
        await client.chat_postMessage(channel=CI, text="2")

        assert caught.value.response.status_code == 429
        assert caught.value.response.headers["Retry-After"] == "1"
        assert [each.text for each in slack.channel(CI).messages] == ["1", "2"]


async def test_edits_have_a_tier() -> None:
    clock = HandClock()
    async with served(a_workspace(clock=clock)) as slack:
        client = client_of(slack)
        ts = (await client.chat_postMessage(channel=CI, text="0"))["ts"]
        for text in range(50):
            await client.chat_update(channel=CI, ts=ts, text=str(text))
        one_more = client.chat_update(channel=CI, ts=ts, text="50")
        assert await refused(one_more) == "ratelimited"
        clock.now += 60
        await client.chat_update(channel=CI, ts=ts, text="51")


async def test_client_that_waits_gets_through(slack: SlackServer) -> None:
    client = client_of(slack)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.fail_next("POST", "chat.postMessage", status=429, retry_after=timedelta())
    await client.chat_postMessage(channel=CI, text="a")

    assert slack.count("chat.postMessage", channel=CI) == 1


async def test_faults_strike_as_often_as_told(slack: SlackServer, client: AsyncWebClient) -> None:
    slack.fail_next("*", "auth.test", status=503, times=2)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test()
        assert caught.value.response.status_code == 503
    await client.auth_test()
    slack.refuse_next("auth.test", "internal_error")
    assert await refused(client.auth_test()) == "internal_error"


@pytest.mark.parametrize(("cut", "posts"), [(Cut.BEFORE, 0), (Cut.AFTER, 1)])
async def test_cut_connection(slack: SlackServer, cut: Cut, posts: int) -> None:
    """After a cut nobody knows whether it was posted; the stand-in does."""
    client = client_of(slack, retry_handlers=[])
    slack.cut_next("chat.postMessage", cut)
    with pytest.raises(ClientConnectionError):
        await client.chat_postMessage(channel=CI, text="a")

    assert slack.count("chat.postMessage") == posts


async def test_a_slow_answer_hides_that_it_was_posted(slack: SlackServer) -> None:
    client = client_of(slack, retry_handlers=[], timeout=1)
    slack.delay_next("chat.postMessage", timedelta(seconds=1.2))
    with pytest.raises(TimeoutError):
        await client.chat_postMessage(channel=CI, text="a")

    await slack.until(lambda: slack.count("chat.postMessage", channel=CI))


async def test_down_and_unreachable(slack: SlackServer) -> None:
    client = client_of(slack, retry_handlers=[])
    slack.down = True
    with pytest.raises(SlackApiError):
        await client.auth_test()
    slack.down, slack.unreachable = False, True
    with pytest.raises(ClientConnectionError):
        await client.auth_test()
