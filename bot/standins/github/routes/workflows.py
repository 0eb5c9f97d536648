"""Workflows and lists of runs."""

import operator
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Final

from bot.standins.github.call import Answer, Call, Route
from bot.standins.github.callers import Need
from bot.standins.github.refusal import RefusalError, not_found
from bot.standins.github.runs import Run
from bot.standins.github.views import runs
from bot.standins.github.workflows import Workflow

READ: Final = Need("actions")
COMPARED: Final[dict[str, Callable[[datetime, datetime], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def listed(call: Call) -> Answer:
    kept = [one for one in call.repository.workflows if one.state != "deleted"]
    return call.page([runs.workflow(one, call.urls) for one in kept], key="workflows")


def workflow(call: Call) -> Answer:
    return Answer(body=runs.workflow(_workflow(call), call.urls))


def runs_of_repository(call: Call) -> Answer:
    return _runs(call, call.repository.runs())


def runs_of_workflow(call: Call) -> Answer:
    return _runs(call, reversed(_workflow(call).runs))


def _runs(call: Call, every: Iterable[Run]) -> Answer:
    known = [run for run in every if run.api_knows()]
    found = [run for run in known if _matches(run, call)]
    return call.page([runs.run(run, call.urls) for run in found], key="workflow_runs")


def _matches(run: Run, call: Call) -> bool:
    query = call.query
    plain = {
        "branch": run.branch,
        "event": run.event,
        "head_sha": run.sha,
        "actor": run.actor.login,
        "check_suite_id": str(run.id),
    }
    status = query.get("status")
    return (
        all(query.get(name) in {None, value} for name, value in plain.items())
        and status in {None, run.status, run.conclusion}
        and _created(run, query.get("created"))
    )


def _created(run: Run, wished: str | None) -> bool:
    """Compare with GitHub's date syntax: `>=X`, `<X`, `X..Y` or a single moment's start."""
    if not wished:
        return True
    if ".." in wished:
        low, high = wished.split("..")
        return _moment(low) <= run.created_at <= _moment(high)
    for sign, holds in COMPARED.items():
        if wished.startswith(sign):
            return holds(run.created_at, _moment(wished.removeprefix(sign)))
    return run.created_at.date() == _moment(wished).date()


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusalError(422, "Invalid value for `created`") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _workflow(call: Call) -> Workflow:
    wished = call.parts["workflow_id"]
    for found in call.repository.workflows:
        if wished in {str(found.id), found.path.rpartition("/")[2]}:
            return found
    raise not_found()


ROUTES: Final = (
    Route(method="GET", path="/repos/{owner}/{repo}/actions/workflows", answer=listed, need=READ),
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/actions/workflows/{workflow_id}",
        answer=workflow,
        need=READ,
    ),
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
        answer=runs_of_workflow,
        need=READ,
    ),
    Route(
        method="GET",
        path="/repos/{owner}/{repo}/actions/runs",
        answer=runs_of_repository,
        need=READ,
    ),
)
