"""Explains the failed jobs of a run, from the address of its page on GitHub."""

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from bot.adapters.clock import SystemClock
from bot.app.outside import github_of
from bot.cli.explaining.answers import Answer
from bot.cli.explaining.run_jobs import RunJobs
from bot.config.environment import Environment, read_environment
from bot.diagnosis import RuleSet
from bot.domain.errors import UserError
from bot.domain.ids import RepoId, RunId
from bot.domain.run import Job, Repository
from bot.ports.code_host import CodeHost

PAGE: Final = re.compile(
    r"/(?P<repo>[^/]+/[^/]+)/actions/runs/(?P<run>\d{1,19})"
    r"(?:/attempts/(?P<attempt>\d{1,9}))?(?:/jobs?/(?P<job>\d{1,19}))?(?:/.*)?"
)
TELL_HOW: Final = (
    "Set GITHUB_TOKEN, in .env or the environment, to read the logs of a run from GitHub."
    " Without one, download them from the page of the run and explain the zip file."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the address of a run says."""

    repo: str
    run: int
    attempt: int | None
    job: int | None


def explain_run(address: str, *, rules: RuleSet, with_context: bool) -> list[Answer]:
    """Explain every failed job of a run, or the one that *address* names.

    Raises:
        SmokejumperError: It is no address of a run, no token is set, or GitHub does not answer.
    """
    env = read_environment(os.environ, env_file=Path(".env"))
    page = page_of(address, api=env.github_api_url)
    if not (env.github_app_id or env.github_token.get_secret_value()):
        raise UserError(TELL_HOW)
    return asyncio.run(_answers(env, page, RunJobs(address, rules, with_context=with_context)))


def page_of(address: str, *, api: str) -> Page:
    """Read the address of a run.

    Raises:
        UserError: It is none, or lies on another server than the one that we have a token for.
    """
    parts = urlsplit(address)
    found = PAGE.fullmatch(parts.path)
    if not found:
        msg = "It is not the address of a run: https://github.com/OWNER/REPO/actions/runs/ID."
        raise UserError(msg)
    home = urlsplit(api).netloc.lower().removeprefix("api.")
    if parts.netloc.lower() != home:
        msg = f"It is not on {home}, where GITHUB_API_URL leads. Set that to this server's API."
        raise UserError(msg)
    attempt, job = found["attempt"], found["job"]
    return Page(
        repo=found["repo"],
        run=int(found["run"]),
        attempt=int(attempt) if attempt else None,
        job=int(job) if job else None,
    )


async def _answers(env: Environment, page: Page, jobs: RunJobs) -> list[Answer]:
    # What is asked of it here needs no more of a repository than its name.
    repo = Repository(id=RepoId(0), full_name=page.repo, private=True, default_branch="", url="")
    async with github_of(env, SystemClock()) as host:
        return [await jobs.answer(host, repo, job) for job in await _failed_jobs(host, repo, page)]


async def _failed_jobs(host: CodeHost, repo: Repository, page: Page) -> list[Job]:
    run = await host.run(repo, RunId(page.run))
    if page.attempt not in (None, run.attempt):
        msg = f"Only the newest attempt can be read by its address, and that is {run.attempt}."
        raise UserError(msg)
    jobs = await host.jobs(repo, run.id)
    found = [job for job in jobs if job.red and page.job in (None, job.id)]
    if not found:
        msg = "No job of this run has failed."
        if page.job:
            msg = f"Job {page.job} is none of the failed jobs of the newest attempt."
        raise UserError(msg)
    return found
