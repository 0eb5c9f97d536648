"""What was deployed."""

from typing import Final

from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import Need
from bot.standins.github.views.deployments import deployment


def deployments(call: Call) -> Answer:
    """List deployments, the newest first, of one commit, ref or environment if it is named."""
    wanted = {
        name: call.query[name] for name in ("sha", "ref", "environment") if name in call.query
    }
    found = [
        one
        for one in reversed(call.repository.deployments)
        if all(getattr(one, name) == value for name, value in wanted.items())
    ]
    return call.page([deployment(one, call.urls) for one in found])


ROUTES: Final = (
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/deployments",
        answer=deployments,
        need=Need("deployments"),
    ),
)
