"""Whether a run deploys, which of all that can be asked only the list of deployments says."""

from datetime import datetime, timedelta
from typing import Final

from bot.adapters.github import answers
from bot.adapters.github.asking import Asking
from bot.adapters.github.wording import moment
from bot.domain.run import Repository, Run

SLACK: Final = timedelta(minutes=1)  # that the clocks of GitHub's parts may differ


async def deployed(asking: Asking, repo: Repository, run: Run, *, now: datetime) -> bool:
    """Look for a deployment of the run's commit that was made since the run's first attempt.

    A deployment does not name its run, so another workflow's on the same commit counts too.
    """
    pages = await asking.pages(
        repo,
        "deployments",
        shape=list[answers.Deployment],
        what=f"deployments of {repo.full_name}",
        sha=run.sha,
    )
    made = [moment(raw.created_at, latest=now) or now for page in pages for raw in page]
    return any(at >= run.created_at - SLACK for at in made)
