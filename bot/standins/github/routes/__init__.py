"""Every path that is served; each module owns one part of the API."""

from typing import Final

from bot.standins.github.call import Route
from bot.standins.github.routes import (
    accounts,
    apps,
    commits,
    deployments,
    hooks,
    jobs,
    pulls,
    repositories,
    runs,
    workflows,
)

ROUTES: Final[tuple[Route, ...]] = (
    *accounts.ROUTES,
    *apps.ROUTES,
    *repositories.ROUTES,
    *commits.ROUTES,
    *pulls.ROUTES,
    *workflows.ROUTES,
    *runs.ROUTES,
    *jobs.ROUTES,
    *hooks.ROUTES,
    *deployments.ROUTES,
)
