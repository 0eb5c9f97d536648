"""What people can do to the bot, and what it hears: every entry on one screen."""

from collections.abc import Awaitable, Callable
from functools import partial

from bot.domain import events
from bot.domain.access import Right
from bot.domain.press import Press
from bot.messages.views import Answer
from bot.ports.commands import CommandSpec
from bot.routing import HandleEvent, PressRoute, Router
from handlers.commands import help, incidents, retry, status  # noqa: A004 - the command's own word
from handlers.interactions import acknowledge, full_log, resolve, unfold
from handlers.interactions import retry as retry_button
from handlers.services import Services

COMMANDS: tuple[CommandSpec, ...] = (status.SPEC, incidents.SPEC, retry.SPEC, help.SPEC)


def build_router(services: Services) -> Router:
    """Return the table: event, button or command, its handler, the right it needs."""

    def call(
        handle: Callable[[Press, Services], Awaitable[Answer]],
    ) -> Callable[[Press], Awaitable[Answer | None]]:
        return lambda press: handle(press, services)

    triage = services.triage
    heard: dict[type, HandleEvent] = {
        events.RunReported: triage.run_reported,
        events.JobReported: triage.job_reported,
        events.RefSeen: triage.ref_seen,
        events.RefDeleted: triage.ref_deleted,
        events.PullClosed: triage.pull_closed,
        events.RepositoryChanged: triage.repository_changed,
        events.AccessChanged: triage.access_changed,
    }
    buttons = {
        **{
            name: PressRoute(handle=call(retry_button.handle), right=Right.RETRY)
            for name in retry_button.BUTTONS
        },
        "acknowledge": PressRoute(handle=call(acknowledge.handle), right=Right.READ),
        "resolve": PressRoute(handle=call(resolve.handle), right=Right.RETRY),
        "full_log": PressRoute(handle=call(full_log.handle), right=Right.READ, only_reads=True),
        **{
            name: PressRoute(handle=call(unfold.handle), right=Right.READ)
            for name in unfold.BUTTONS
        },
    }
    commands = {
        "status": PressRoute(
            handle=call(status.handle),
            right=Right.READ,
            choices=partial(status.choices, services=services),
        ),
        "incidents": PressRoute(handle=call(incidents.handle), right=Right.READ),
        "retry": PressRoute(
            handle=call(retry.handle),
            right=Right.RETRY,
            choices=partial(retry.choices, services=services),
        ),
        "help": PressRoute(handle=partial(help.handle, specs=COMMANDS), right=Right.READ),
    }
    return Router(events=heard, buttons=buttons, commands=commands, gate=services.access.gate)
