"""Whether a run deploys: deliveries tell it of its jobs; where they did not, GitHub is asked."""

from collections.abc import Iterable

import structlog

from bot.domain.errors import OperatorError, PermanentError
from bot.domain.retry import Deploys
from bot.domain.run import Repository, Run
from bot.ports.code_host import CodeHost
from bot.ports.rows import JobRows

log = structlog.get_logger()


async def told_of(tx: JobRows, run: Run, failed: Iterable[int]) -> Deploys | None:
    """Return what deliveries told; None where some of the *failed* jobs came otherwise."""
    jobs = await tx.jobs(run.id, run.attempt)
    if any(job.environment for job in jobs):
        return Deploys.YES
    broken, delivered = {*failed}, {job.id for job in jobs if job.delivered}
    return Deploys.NO if broken and broken <= delivered else None


async def seen_on(code_host: CodeHost, repo: Repository, run: Run) -> Deploys:
    """Ask GitHub.

    Raises:
        TransientError: It may answer later.
    """
    try:
        deployed = await code_host.deployed(repo, run)
    except (OperatorError, PermanentError) as error:
        log.warning("deployments_unseen", repo=repo.full_name, run=run.id, why=str(error))
        return Deploys.UNSEEN
    return Deploys.YES if deployed else Deploys.NO
