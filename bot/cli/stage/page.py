"""The page of the demo: both chats side by side, live, with everything that can be pressed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from aiohttp import web

from bot.adapters.web.server import serving
from bot.cli.painting.page import page_html
from bot.cli.stage.rooms import rooms
from bot.cli.stage.town import SLACK_ALICE, SLACK_ROOM, Town
from bot.standins.discord import CannotError as DiscordCannotError
from bot.standins.slack import CannotError as SlackCannotError

T = TypeVar("T")

HERE: Final = Path(__file__)
STYLE: Final = HERE.with_suffix(".css").read_text(encoding="utf-8")
SCRIPT: Final = HERE.with_suffix(".js").read_text(encoding="utf-8")
# A page from elsewhere can't send this header to us without asking first.
OURS: Final = "X-Demo"
COMMAND: Final = "/build"
BODY: Final = f"""\
<header><h1>Smokejumper</h1>
<p>The real bot, on stand-ins of Slack, Discord and GitHub. You are alice: press and type.</p>
<p id="words" role="status"></p></header>
<main>
<section class="of-slack"><h2>Slack · #builds</h2>
<div class="chat slack" id="slack" aria-live="polite"></div>
<form data-chat="slack"><input name="typed" aria-label="Command in Slack" autocomplete="off"
 placeholder="{COMMAND} status"><button class="primary">Send</button></form></section>
<section class="of-discord"><h2>Discord · #builds</h2>
<div class="chat discord dark" id="discord" aria-live="polite"></div>
<form data-chat="discord"><input name="typed" aria-label="Command in Discord" autocomplete="off"
 placeholder="{COMMAND} incidents"><button class="primary">Send</button></form></section>
</main>
<script>{SCRIPT}</script>"""


class Pressed(msgspec.Struct):
    chat: str
    message: str
    control: str
    option: str = ""


class Typed(msgspec.Struct):
    chat: str
    text: str


@asynccontextmanager
async def a_live_page(town: Town) -> AsyncIterator[str]:
    """Serve the page on loopback; yield its address."""
    page = LivePage(town)
    app = web.Application(middlewares=[_only_ours])
    app.add_routes(
        [
            web.get("/", page.show),
            web.get("/state", page.state),
            web.post("/press", page.press),
            web.post("/command", page.command),
        ]
    )
    async with serving(app, host="127.0.0.1", port=0) as url:
        yield f"{url}/"


class LivePage:
    def __init__(self, town: Town) -> None:
        self._town = town

    async def show(self, _: web.Request) -> web.Response:
        head = f"<style>{STYLE}</style>"
        html = page_html(title="Smokejumper demo", body=BODY, head=head)
        return web.Response(text=html, content_type="text/html")

    async def state(self, _: web.Request) -> web.Response:
        return web.json_response(rooms(self._town))

    async def press(self, request: web.Request) -> web.Response:
        pressed = await _asked(request, Pressed)
        press = self._press_in_slack if pressed.chat == "slack" else self._press_in_discord
        return await _answered(lambda: press(pressed))

    async def _press_in_slack(self, pressed: Pressed) -> None:
        await self._town.slack.press(
            SLACK_ALICE,
            channel=SLACK_ROOM,
            ts=pressed.message,
            action_id=pressed.control,
            option=pressed.option or None,
        )

    async def _press_in_discord(self, pressed: Pressed) -> None:
        channel, _, message = pressed.message.partition("/")
        where = self._town.alice, int(channel), int(message)
        if pressed.option:
            await self._town.discord.choose(*where, (pressed.control, [pressed.option]))
        else:
            await self._town.discord.press(*where, pressed.control)

    async def command(self, request: web.Request) -> web.Response:
        typed = await _asked(request, Typed)
        words = typed.text.strip().removeprefix(COMMAND).strip()
        type_it = self._type_in_slack if typed.chat == "slack" else self._type_in_discord
        return await _answered(lambda: type_it(words))

    async def _type_in_slack(self, words: str) -> None:
        await self._town.slack.command(SLACK_ALICE, SLACK_ROOM, COMMAND, words)

    async def _type_in_discord(self, words: str) -> None:
        """Fill in a command as Discord's form does: the one option that most of them have."""
        name, _, rest = words.partition(" ")
        options = self._options(name)
        filled = {options[0]: rest} if rest and options else {}
        await self._town.discord.command(
            self._town.alice, self._town.discord_room.id, f"build {name}", filled
        )

    def _options(self, name: str) -> list[str]:
        world = self._town.discord.world
        registered = [world.global_commands, *world.guild_commands.values()]
        return [
            option["name"]
            for commands in registered
            for build in commands
            for command in build.get("options", ())
            if command["name"] == name
            for option in command.get("options", ())
        ]


async def _asked(request: web.Request, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(await request.read(), type=shape)
    except msgspec.DecodeError as error:
        raise web.HTTPBadRequest(text=f"The page sent what I can't read: {error}") from error


async def _answered(act: Callable[[], Awaitable[None]]) -> web.Response:
    try:
        await act()
    except (DiscordCannotError, SlackCannotError) as error:
        return web.Response(status=409, text=str(error))
    return web.Response(status=204)


@web.middleware
async def _only_ours(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer this machine's own browser alone, and acts only of our own page."""
    host = request.host.partition(":")[0]
    if host != "127.0.0.1" or (request.method == "POST" and OURS not in request.headers):
        raise web.HTTPForbidden
    return await handler(request)
