"""One run: its attempts, its jobs, and running it again."""

from typing import Final

from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import Need
from bot.standins.github.refusal import RefusalError, not_found
from bot.standins.github.runs import Attempt, Run
from bot.standins.github.storage import archive
from bot.standins.github.views import runs

READ: Final = Need("actions")
WRITE: Final = Need("actions", "write")
LOGS: Final = Need("actions", open_if_public=False)


def run(call: Call) -> Answer:
    return Answer(body=runs.run(_run(call), call.urls))


def attempt(call: Call) -> Answer:
    found = _run(call)
    return Answer(body=runs.run(found, call.urls, _attempt(call, found)))


def jobs(call: Call) -> Answer:
    """List the jobs as each was last run, or of every attempt."""
    found = _run(call)
    every = [job for one in found.attempts for job in one.jobs]
    chosen = every if call.query.get("filter") == "all" else found.latest_jobs()
    return call.page([runs.job(job, call.urls) for job in chosen], key="jobs")


def jobs_of_attempt(call: Call) -> Answer:
    """List the jobs of one attempt, which after a partial re-run are only those it ran."""
    found = _attempt(call, _run(call))
    return call.page([runs.job(job, call.urls) for job in found.jobs], key="jobs")


def logs(call: Call) -> Answer:
    found = _run(call)
    now = call.hub.world.now()
    if found.status != "completed":
        raise not_found()
    ran = [(job, job.readable_log(now)) for job in found.latest_jobs() if job.steps]
    return Answer(
        status=302, headers={"Location": call.storage.link(archive(ran), "application/zip")}
    )


def rerun(call: Call) -> Answer:
    _run(call).rerun(call.account, debug=debug(call))
    call.count("rerun", call.number("run_id"))
    return Answer(status=201, body={})


def rerun_failed_jobs(call: Call) -> Answer:
    _run(call).rerun_failed(call.account, debug=debug(call))
    call.count("rerun-failed-jobs", call.number("run_id"))
    return Answer(status=201, body={})


def cancel(call: Call) -> Answer:
    _run(call).cancel()
    call.count("cancel", call.number("run_id"))
    return Answer(status=202, body={})


def debug(call: Call) -> bool:
    """Read the one option that a re-run has."""
    wished = call.body.get("enable_debug_logging", False)
    if not isinstance(wished, bool):
        raise RefusalError(422, "Invalid request.")
    return wished


def _run(call: Call) -> Run:
    number = call.number("run_id")
    for found in call.repository.runs():
        if found.id == number and found.api_knows():
            return found
    raise not_found()


def _attempt(call: Call, found: Run) -> Attempt:
    number = call.number("attempt_number")
    if not 1 <= number <= len(found.attempts):
        raise not_found()
    return found.attempts[number - 1]


ONE: Final = "/repos/{owner}/{repo}/actions/runs/{run_id}"
ROUTES: Final = (
    Route(method="GET", path=ONE, answer=run, need=READ),
    Route(method="GET", path=ONE + "/attempts/{attempt_number}", answer=attempt, need=READ),
    Route(method="GET", path=ONE + "/jobs", answer=jobs, need=READ),
    Route(
        method="GET",
        path=ONE + "/attempts/{attempt_number}/jobs",
        answer=jobs_of_attempt,
        need=READ,
    ),
    Route(method="GET", path=ONE + "/logs", answer=logs, need=LOGS),
    Route(method="POST", path=ONE + "/rerun", answer=rerun, need=WRITE),
    Route(method="POST", path=ONE + "/rerun-failed-jobs", answer=rerun_failed_jobs, need=WRITE),
    Route(method="POST", path=ONE + "/cancel", answer=cancel, need=WRITE),
)
