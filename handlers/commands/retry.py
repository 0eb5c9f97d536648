"""/build retry <#12, run id or URL>: run it again."""

from dataclasses import replace

from bot.domain.access import Right
from bot.domain.asking import Ask
from bot.domain.press import Press
from bot.messages.answers import incident_choices
from bot.messages.retrying import retry_answer
from bot.messages.views import Answer, Choices
from bot.ports.commands import CommandSpec, OptionSpec
from handlers.services import Services

SPEC = CommandSpec(
    name="retry",
    description="Run the failed jobs of an incident or a run again",
    options=(
        OptionSpec(
            name="what",
            description="#12, a run id, or the URL of a run",
            required=True,
            suggests=True,
        ),
    ),
)


async def handle(press: Press, services: Services) -> Answer:
    what = press.arguments.get("what", "")
    target, named = await services.status.target(press.place, press.by, what)
    await services.access.gate(replace(press, target=target), Right.RETRY)
    outcome = await services.retries.ask(Ask(target=target, by=press.by, named=named))
    return retry_answer(outcome, action="retry")


async def choices(press: Press, services: Services) -> Choices:
    return incident_choices(await services.status.incidents(press.place, press.by))
