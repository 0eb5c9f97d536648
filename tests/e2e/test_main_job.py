"""From a failed run to green: one card in each chat, one press, one re-run."""

import asyncio
import json
import uuid

import aiohttp

from bot.cli.stage.logs import TESTS, log_of
from bot.cli.stage.town import SLACK_ALICE
from bot.standins.github import sign
from tests.e2e.bot_process import refused, serving, until
from tests.e2e.curl import post, told
from tests.e2e.far_sides import FarSides


async def test_one_webhook_becomes_one_card_in_each_chat_and_one_press_one_rerun(
    sides: FarSides,
) -> None:
    run = sides.start("Tests")
    run.finish_job("unit", "failure", log=log_of(TESTS), failed_step="Run tests")
    run.finish("failure")
    async with serving(sides.folder, sides.variables) as bot:
        await bot.ready()
        failed, delivery = told(sides, run), str(uuid.uuid4())
        assert await post(bot, failed, delivery=delivery) == (202, "Stored.")
        assert await post(bot, failed, delivery=delivery) == (202, "Known already.")
        await sides.shown("BROKEN", "acme/app Tests on main", "(#1)")

        answer = await sides.press_in_discord(sides.town.alice, "Retry failed jobs", "(#1)")
        assert answer == "The failed jobs run again (attempt 2)."
        assert sides.reruns(run) == 1

        run.finish("success")
        assert (await post(bot, told(sides, run)))[0] == 202
        await sides.shown("FIXED", "retry by alice (attempt 2)")
        assert len(sides.cards("Slack")) == len(sides.cards("Discord")) == 1
        assert await bot.stop() == 0
    assert sides.reruns() == 1


async def test_strangers_get_no_detail_and_nonsense_gets_a_reason(sides: FarSides) -> None:
    """The door stays open all the while, and only one bot works on a database."""
    async with serving(sides.folder, sides.variables) as bot, aiohttp.ClientSession() as session:
        alive = await session.get(f"{bot.url}/healthz")
        assert (alive.status, await alive.text()) == (200, "alive")
        await bot.ready()

        body = invented(told(sides, sides.break_build("Tests")))
        for signature in ("", "sha256=" + "0" * 64, sign("another secret", body), "sha256=é"):
            assert await post(bot, body, signature=signature) == (401, "401: Unauthorized")
        status, why = await post(bot, b'{"action": ')
        assert status == 400
        assert "JSON" in why
        assert (await post(bot, b'{"action": "completed", "workflow_run": null}'))[0] == 202

        again = await refused(sides.folder, sides.variables)
        assert f"Another Smokejumper (process {bot.process.pid}) works on" in again
        assert len(again.splitlines()) == 1
        assert await bot.stop() == 0
    assert not sides.cards("Slack", "Invented")
    assert not sides.cards("Discord", "Invented")


def invented(body: bytes) -> bytes:
    """Return the payload with a run that GitHub has not, since of others it may be asked."""
    payload = json.loads(body)
    payload["workflow_run"] |= {"id": 1, "workflow_id": 1, "name": "Invented"}
    payload["workflow"] |= {"id": 1, "name": "Invented"}
    return json.dumps(payload).encode()


async def test_two_people_at_once_are_one_rerun(sides: FarSides) -> None:
    """Whoever is second is told who was first; green ends it in both chats."""
    async with sides.bot():
        run = sides.break_build("Tests")
        await sides.shown("BROKEN", "(#1)")

        answers = await asyncio.gather(
            sides.press_in_slack(SLACK_ALICE, "Retry failed jobs", "(#1)"),
            sides.press_in_discord(sides.town.bo, "Retry failed jobs", "(#1)"),
        )
        assert sorted(answer.split(" ", 1)[1] for answer in answers) == [
            "failed jobs run again (attempt 2).",
            "was first; one retry is enough.",
        ]
        late = next(answer for answer in answers if "first" in answer)
        assert late.lstrip("@").split()[0] in ("alice", "bo")
        assert sides.reruns() == 1

        run.finish("success")
        await sides.shown("FIXED", "(#1)")
    assert sides.reruns() == 1


async def test_names_that_strangers_chose_call_nobody(sides: FarSides) -> None:
    branch = "`@everyone](x) `"
    async with sides.bot():
        repository = sides.town.github.repository("acme/app")
        repository.push(branch, "Begin", author="ana")
        sides.start("Tests", branch=branch).finish()
        repository.push(branch, "@here <!channel> <@U0BO> " + "x" * 60_000, author="bo")
        sides.break_build("Tests", branch=branch)
        # Discord's text is read as it was sent, with what keeps it from being markup.
        await sides.shown("BROKEN", "everyone", "xxx")
        # Said before she takes it: after that, it would rightly call her.
        await until(lambda: sides.lines("Slack", "A person is needed"))
        await sides.press_in_slack(SLACK_ALICE, "Acknowledge", "(#1)")
        await sides.shown("alice has it")

        assert sides.called() == set()
