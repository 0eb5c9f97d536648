"""A delivery posted by hand, as anyone with curl could."""

import json
import uuid

import aiohttp

from bot.cli.stage.town import SECRET
from bot.standins.github import Run, sign
from bot.standins.github.happenings import RunChanged
from bot.standins.github.payloads import of
from bot.standins.github.views.urls import Urls
from tests.e2e.bot_process import Bot
from tests.e2e.far_sides import FarSides


def told(sides: FarSides, run: Run) -> bytes:
    """Return what GitHub's webhook says of a run that has ended."""
    change = RunChanged(sender=run.actor, repository=run.repository, run=run, action="completed")
    _, payload = of(change, Urls(sides.town.github.url, "https://github.com"))
    return json.dumps(payload).encode()


async def post(
    bot: Bot, body: bytes, *, signature: str | None = None, delivery: str = ""
) -> tuple[int, str]:
    """Post a delivery, well signed unless said; return status and text of the answer."""
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "workflow_run",
        "X-GitHub-Delivery": delivery or str(uuid.uuid4()),
        "X-Hub-Signature-256": sign(SECRET, body) if signature is None else signature,
    }
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{bot.url}/github", data=body, headers=headers) as answer,
    ):
        return answer.status, await answer.text()
