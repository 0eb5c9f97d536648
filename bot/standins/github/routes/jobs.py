"""One job: its log, its annotations, and running it again."""

from typing import Final

from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import Need
from bot.standins.github.jobs import Job
from bot.standins.github.refusal import not_found
from bot.standins.github.routes.runs import LOGS, READ, WRITE, debug
from bot.standins.github.views import runs


def job(call: Call) -> Answer:
    return Answer(body=runs.job(_job(call, "job_id"), call.urls))


def log(call: Call) -> Answer:
    found = _job(call, "job_id")
    text = found.readable_log(call.hub.world.now())
    call.count("log", found.id)
    return Answer(status=302, headers={"Location": call.storage.link(text)})


def rerun(call: Call) -> Answer:
    found = _job(call, "job_id")
    found.run.rerun_job(found, call.account, debug=debug(call))
    call.count("rerun-job", found.id)
    return Answer(status=201, body={})


def check_run(call: Call) -> Answer:
    return Answer(body=runs.check_run(_job(call, "check_run_id"), call.urls))


def annotations(call: Call) -> Answer:
    found = _job(call, "check_run_id")
    return call.page([runs.annotation(one, found, call.urls) for one in found.annotations])


def _job(call: Call, name: str) -> Job:
    number = call.number(name)
    for run in call.repository.runs():
        for attempt in run.attempts if run.api_knows() else ():
            for found in attempt.jobs:
                if found.id == number:
                    return found
    raise not_found()


ONE: Final = "/repos/{owner}/{repo}/actions/jobs/{job_id}"
CHECK: Final = "/repos/{owner}/{repo}/check-runs/{check_run_id}"
CHECKS: Final = Need("checks")
ROUTES: Final = (
    Route(method="GET", path=ONE, answer=job, need=READ),
    Route(method="GET", path=ONE + "/logs", answer=log, need=LOGS),
    Route(method="POST", path=ONE + "/rerun", answer=rerun, need=WRITE),
    Route(method="GET", path=CHECK, answer=check_run, need=CHECKS),
    Route(method="GET", path=CHECK + "/annotations", answer=annotations, need=CHECKS),
)
