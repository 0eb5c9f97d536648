"""/build status [repo] [branch]: each workflow's newest state, red first."""

from bot.domain.press import Press
from bot.messages.answers import status, status_row
from bot.messages.text import Strong, say
from bot.messages.views import Answer, Choice, Choices
from bot.ports.commands import FOCUSED, CommandSpec, OptionSpec
from handlers.services import Services

SPEC = CommandSpec(
    name="status",
    description="How the builds of a repository stand, red first",
    options=(
        OptionSpec(name="repo", description="Repository, such as acme/app", suggests=True),
        OptionSpec(name="branch", description="Only this branch or tag"),
    ),
)


async def handle(press: Press, services: Services) -> Answer:
    name = press.arguments.get("repo", "")
    repo = await services.status.repository(press.place, press.by, name)
    states = await services.status.lanes(repo, branch=press.arguments.get("branch", ""))
    now = services.clock.now()
    rows = [
        status_row(state.run, lane=state.lane.title, incident=state.incident, now=now)
        for state in states
    ]
    notes = await services.hearing.about(repo)
    return status(say("{repo}", repo=Strong(repo.full_name)), rows, notes=notes)


async def choices(press: Press, services: Services) -> Choices:
    typed = press.arguments.get(press.arguments.get(FOCUSED, ""), "").lower()
    found = await services.status.repositories(press.place, press.by)
    return Choices(
        options=tuple(
            Choice(label=repo.full_name, value=repo.full_name)
            for repo in found
            if typed in repo.full_name.lower()
        )
    )
