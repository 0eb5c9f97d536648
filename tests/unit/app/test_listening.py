"""Hearing a chat, and the small rounds beside it: nothing that breaks ends them."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from aiohttp import web

from bot.adapters.web.server import serving
from bot.app.crew import Crew
from bot.app.heartbeat import heartbeat
from bot.app.listening import Listening
from bot.app.rounds import rounds
from bot.domain.errors import OperatorError, TransientError
from bot.ports.chat import Acknowledgement, Receive
from bot.ports.finding import Finding

SOON = timedelta(milliseconds=1)


async def until(happened: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - what runs in the background tells nobody
            await asyncio.sleep(0.001)


@dataclass
class Chat:
    """Listens, or fails as it was told to."""

    troubles: list[Exception] = field(default_factory=list)
    connected: bool = False

    async def listen(self, receive: Receive) -> None:
        del receive
        if self.troubles:
            raise self.troubles.pop(0)
        self.connected = True
        await asyncio.Event().wait()


def an_ear(chat: Chat) -> Listening:
    async def receive(_: object) -> Acknowledgement:
        return Acknowledgement.QUIET

    return Listening("slack", chat, receive, operator_acts=SOON, again=SOON)  # type: ignore[arg-type] # it is only listened to


async def stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])


async def test_a_refused_token_is_said_and_tried_again() -> None:
    """The operator may renew it without a restart."""
    refused = OperatorError("Slack refuses the token.")
    chat = Chat(troubles=[refused, refused, KeyError("a bug of a library")])
    ear = an_ear(chat)
    task = asyncio.create_task(ear.run())
    await until(lambda: len(chat.troubles) == 1)
    assert ear.finding(expected=True) == Finding(ok=False, text="Slack refuses the token.")

    await until(lambda: chat.connected)
    assert ear.finding(expected=True) == Finding(ok=True, text="Slack is connected.")
    chat.connected = False
    assert "presses are not heard" in ear.finding(expected=True).text
    await stopped(task)


async def test_rounds_wait_for_the_database_and_go_on() -> None:
    did: list[str] = []
    away = [TransientError("away")] * 3

    async def start() -> None:
        if away:
            raise away.pop()
        did.append("start")

    async def alive() -> None:
        did.append("alive")

    task = asyncio.create_task(rounds(start, alive=alive, every=SOON, again=SOON))
    await until(lambda: len(did) >= 3)
    assert did[:3] == ["start", "alive", "alive"]
    await stopped(task)


async def test_the_heart_beats_only_while_all_is_well() -> None:
    asked: list[str] = []
    states = [False, True, True]
    answers = [HTTPStatus.INTERNAL_SERVER_ERROR, HTTPStatus.OK]

    async def well() -> bool:
        return states.pop(0) if states else False

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.Response(status=answers.pop(0))

    app = web.Application()
    app.router.add_get("/beat", answer)
    async with serving(app, host="127.0.0.1", port=0) as url:
        task = asyncio.create_task(heartbeat(f"{url}/beat", well, every=SOON))
        await until(lambda: not states and len(asked) == 2)
        await stopped(task)
    assert asked == ["/beat", "/beat"]


async def test_a_heart_that_nobody_hears_goes_on_beating() -> None:
    beats: list[bool] = []

    async def well() -> bool:
        beats.append(True)
        return True

    task = asyncio.create_task(heartbeat("http://127.0.0.1:9/", well, every=SOON))
    await until(lambda: len(beats) == 3)
    await stopped(task)


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _breaks() -> None:
    raise LookupError


async def _returns() -> None:
    return


@pytest.mark.parametrize(
    ("work", "error"),
    [
        pytest.param(_breaks, LookupError, id="breaks"),
        pytest.param(_returns, RuntimeError, id="ends"),
    ],
)
async def test_one_that_ends_is_told(
    work: Callable[[], Coroutine[Any, Any, None]], error: type[Exception]
) -> None:
    """A bot that is alive and idle is worse than one that is started again."""
    crew = Crew()
    async with AsyncExitStack() as stack:
        duty = crew.on_duty({"beat": _for_ever(), "chat": work()}, within=SOON)
        await stack.enter_async_context(duty)
        with pytest.raises(error):
            await crew.ended()
        assert crew.broken == "chat"
