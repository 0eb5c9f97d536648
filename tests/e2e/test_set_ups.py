"""The ways in which an operator may connect it."""

from pathlib import Path

from bot.cli.stage.town import SECRET, SLACK_ALICE
from bot.domain.person import Platform
from bot.standins.github.apps import App
from tests.e2e.bot_process import Bot, serving
from tests.e2e.far_sides import FarSides

PERMISSIONS = {
    "actions": "write",
    "checks": "read",
    "contents": "read",
    "deployments": "read",
    "metadata": "read",
    "pull_requests": "read",
}
EVENTS = ("create", "delete", "pull_request", "push", "repository", "workflow_job", "workflow_run")


def an_app(sides: FarSides) -> tuple[App, Path]:
    """Register an App in a private repository; return it and the file of its key."""
    github = sides.town.github
    app = github.app("smokejumper", permissions=PERMISSIONS, events=EVENTS)
    github.repository("acme/app").private = True
    app.install(github.user("acme"))
    key = sides.folder / "key.pem"
    key.write_text(app.private_key, encoding="ascii")
    return app, key


async def test_slack_by_http_and_github_by_app(sides: FarSides) -> None:
    """No socket, no token of a person; presses come to /slack/events."""
    slack = sides.town.slack
    app, key = an_app(sides)
    sides.settle(Platform.SLACK, private=True)
    variables = sides.without("DISCORD_", "SLACK_APP_TOKEN", "GITHUB_TOKEN") | {
        "SLACK_SIGNING_SECRET": slack.workspace.app.signing_secret,
        "GITHUB_APP_ID": str(app.id),
        "GITHUB_APP_PRIVATE_KEY_FILE": str(key),
    }
    async with serving(sides.folder, variables) as bot:
        await bot.ready()
        await slack.use_http(f"{bot.url}/slack/events")
        app.send_to(f"{bot.url}/github", secret=SECRET)
        await retried_by_alice(sides, bot)
    assert not slack.sockets.connections
    assert not sides.cards("Discord")


async def test_slack_alone(sides: FarSides) -> None:
    sides.settle(Platform.SLACK)
    async with serving(sides.folder, sides.without("DISCORD_")) as bot:
        await bot.ready()
        sides.deliver_to(bot)
        await retried_by_alice(sides, bot)
    assert not sides.town.discord.gateway.connections


async def retried_by_alice(sides: FarSides, bot: Bot) -> None:
    run = sides.break_build("Tests")
    await sides.shown("BROKEN", "(#1)", chats=["Slack"])
    answer = await sides.press_in_slack(SLACK_ALICE, "Retry failed jobs", "(#1)")
    assert answer == "The failed jobs run again (attempt 2)."
    run.finish("success")
    await sides.shown("FIXED", "(#1)", chats=["Slack"])
    await sides.town.github.delivered()
    assert sides.reruns() == 1
    assert await bot.stop() == 0


async def test_discord_alone_and_logs_of_every_kind(sides: FarSides) -> None:
    """The card comes whatever the log is, and a log of 50 MB is never held whole."""
    sides.settle(Platform.DISCORD)
    failed = "FAILED tests/test_cart.py::test_total - assert 12 == 15"
    line = "2026-11-24T12:00:00.0000000Z Downloading dependency 812 of 4000 from the mirror\n"
    logs = {
        "Huge": (line * (50_000_000 // len(line))).encode() + f"{failed}\n".encode(),
        "Empty": b"",
        "Unended": failed.encode(),
        "Latin": f"FAILED tests/test_café.py::test_total - {failed}\n".encode("latin-1"),
        "Wide": f"{failed}\n".encode("utf-16"),
    }
    async with serving(sides.folder, sides.without("SLACK_")) as bot:
        await bot.ready()
        sides.deliver_to(bot)
        for workflow, log in logs.items():
            sides.break_build(workflow, log=log)
        for workflow in logs:
            words = ("test_total",) if workflow != "Empty" else ("no log line to show",)
            await sides.shown("BROKEN", f"{workflow} on main", *words, chats=["Discord"])
        assert bot.peak_megabytes < 300
        assert await bot.stop() == 0
    assert not sides.town.slack.sockets.connections
