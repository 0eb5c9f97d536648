"""How presses reach us from Slack when something is in the way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest

from bot.adapters.slack.hearing import COMMAND, SORRY, SORRY_COMMAND
from bot.adapters.slack.sockets import SocketTimes
from bot.domain.errors import OperatorError
from bot.domain.press import Press
from bot.messages.text import say
from bot.messages.views import Answer, LinkButton
from bot.ports.chat import Acknowledgement
from bot.standins.slack import Limits
from tests.contract.chat_contract import CARD, Heard, card
from tests.contract.slack_stage import SlackStage, by_http, by_socket, until
from tests.standins.slack_world import ANA, CI

QUICK = SocketTimes(
    look_every=timedelta(seconds=0.05),
    lost_after=timedelta(seconds=0.3),
    first_wait=timedelta(seconds=0.01),
    ping_every=timedelta(seconds=0.1),
)


@pytest.fixture
async def stage() -> AsyncIterator[SlackStage]:
    async with by_socket(times=QUICK) as stage:
        yield stage


async def broken(press: Press) -> Acknowledgement:
    msg = f"no space left for {press.id}"
    raise OSError(msg)


async def test_a_press_that_could_not_be_stored_is_not_silent(stage: SlackStage) -> None:
    """Slack sends no press twice, so the person is the only one who can."""
    ref = await card(stage)
    async with stage.listening(broken):
        reply = await stage.press(ref, "retry")
        assert (reply.text, reply.private) == (SORRY, True)
        assert reply.seen.warning is None
        assert (await stage.command("status")).text == SORRY_COMMAND


async def test_a_press_is_stored_before_it_is_acknowledged(stage: SlackStage) -> None:
    """Acknowledged and then lost would be gone for good."""
    gate, order = asyncio.Event(), list[str]()

    async def slow(press: Press) -> Acknowledgement:
        await gate.wait()
        order.append(f"stored {press.name}")
        return Acknowledgement.QUIET

    ref = await card(stage)
    async with stage.listening(slow), asyncio.TaskGroup() as tasks:
        pressing = tasks.create_task(stage.press(ref, "retry"))
        pressing.add_done_callback(lambda _: order.append("acknowledged"))
        tasks.create_task(_later(gate))
    assert order == ["stored retry", "acknowledged"]


async def _later(gate: asyncio.Event) -> None:
    await asyncio.sleep(0.05)
    gate.set()


async def test_link_buttons_are_acknowledged_and_forgotten(stage: SlackStage) -> None:
    heard = Heard()
    link = LinkButton(label="Open run", url="https://github.example/run/812")
    ref = await stage.chat.post(stage.place, replace(CARD, links=(link,)), key="card-1")
    async with stage.listening(heard.receive):
        reply = await stage.press(ref, "link")
    assert reply.seen.warning is None
    assert heard.presses == []


async def test_two_presses_have_two_ids(stage: SlackStage) -> None:
    heard = Heard()
    ref = await card(stage)
    async with stage.listening(heard.receive):
        await stage.press(ref, "retry")
        await stage.press(ref, "retry")
    first, second = heard.presses
    assert first.id.startswith("slack:")
    assert first.id != second.id


async def test_a_press_in_hand_is_answered_before_we_leave(stage: SlackStage) -> None:
    """On a restart nobody should see a warning beside their button."""
    taken, gate = asyncio.Event(), asyncio.Event()

    async def slow(press: Press) -> Acknowledgement:  # noqa: ARG001 - a receiver takes its press
        taken.set()
        await gate.wait()
        return Acknowledgement.QUIET

    ref = await card(stage)
    listening = asyncio.create_task(stage.chat.listen(slow))
    await until(lambda: stage.chat.connected)
    pressing = asyncio.create_task(stage.press(ref, "retry"))
    await taken.wait()
    listening.cancel()
    await asyncio.sleep(0)
    gate.set()
    with suppress(asyncio.CancelledError):
        await listening
    assert (await pressing).seen.warning is None


@pytest.mark.parametrize("how", ["refresh", "cut"])
async def test_a_lost_connection_comes_back(stage: SlackStage, how: str) -> None:
    """Slack renews connections by the hour, networks cut them when they like."""
    heard = Heard()
    ref = await card(stage)
    async with stage.listening(heard.receive):
        if how == "refresh":
            await stage.slack.sockets.disconnect()
        else:
            stage.slack.sockets.drop()
        await until(lambda: stage.slack.sockets.connections)
        assert (await stage.press(ref, "retry")).seen.warning is None


async def test_slack_down_at_the_start_is_waited_for(stage: SlackStage) -> None:
    ref = await card(stage)
    stage.down(down=True)
    listening = asyncio.create_task(stage.chat.listen(Heard().receive))
    await asyncio.sleep(0.1)
    assert not listening.done()
    assert not stage.chat.connected
    stage.down(down=False)
    await until(lambda: stage.chat.connected)
    assert (await stage.press(ref, "retry")).seen.warning is None
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


async def test_a_refused_app_token_is_for_the_operator(stage: SlackStage) -> None:
    stage.slack.revoke(stage.slack.workspace.app.app_token)
    with pytest.raises(OperatorError, match="socket: the token"):
        await stage.chat.listen(Heard().receive)


async def test_an_app_token_revoked_while_we_listen_is_for_the_operator(stage: SlackStage) -> None:
    """The library would try for ever and only write to its log."""
    listening = asyncio.create_task(stage.chat.listen(Heard().receive))
    await until(lambda: stage.chat.connected)
    stage.slack.revoke(stage.slack.workspace.app.app_token)
    stage.slack.sockets.drop()
    with pytest.raises(OperatorError, match="socket"):
        async with asyncio.timeout(20):
            await listening


async def test_oauth_variables_in_the_environment_do_not_matter(
    stage: SlackStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt takes them as a wish to look tokens up in files."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "1.2")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "secret")
    heard = Heard()
    ref = await card(stage)
    async with stage.listening(heard.receive):
        assert (await stage.press(ref, "retry")).seen.warning is None
        await stage.chat.answer(heard.presses[0], Answer(text=say("Done.")))
    assert len(heard.presses) == 1


@pytest.mark.parametrize(
    ("body", "signature", "timestamp"),
    [
        pytest.param(b'payload={"type":"block_actions"}', "v0=0", "1800000000", id="forged"),
        pytest.param(b"payload={{{", "v0=0", "1", id="old-and-broken"),
        pytest.param(b"\xff\xfe", "v0=\u00e9", "soon", id="garbage"),
        pytest.param(b"[]", "", "", id="unsigned"),
    ],
)
async def test_what_slack_did_not_sign_is_refused(
    body: bytes, signature: str, timestamp: str
) -> None:
    heard = Heard()
    headers = {
        "X-Slack-Signature": signature,
        "X-Slack-Request-Timestamp": timestamp,
        "Content-Type": "application/json; charset=utf-16x",
    }
    async with (
        by_http() as stage,
        stage.listening(heard.receive),
        aiohttp.ClientSession() as session,
        session.post(stage.url, data=body, headers=headers) as response,
    ):
        assert response.status == 401
    assert heard.presses == []


async def test_requests_before_we_listen_are_turned_away() -> None:
    async with by_http() as stage, aiohttp.ClientSession() as web, web.post(stage.url) as response:
        assert response.status == 503


async def test_a_slow_store_is_slacks_to_report() -> None:
    """After three seconds Slack itself warns the person; the press is stored all the same."""
    heard = Heard()

    async def slow(press: Press) -> Acknowledgement:
        await asyncio.sleep(0.3)
        heard.presses.append(press)
        return Acknowledgement.QUIET

    limits = Limits(rated=False, ack_within=timedelta(seconds=0.1))
    async with by_socket(limits, QUICK) as stage, stage.listening(slow):
        seen = await stage.slack.command(ANA, CI, COMMAND, "status")
    assert seen.warning == "operation_timeout"
    assert [press.name for press in heard.presses] == ["status"]
