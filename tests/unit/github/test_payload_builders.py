"""The payloads that stories are built from are what GitHub describes."""

import pytest

from bot.standins.github import Delivery
from tests import payloads, payloads_about
from tests.payload_parts import NOON, Json
from tests.vendor_specs import github as spec


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        pytest.param("workflow_run", payloads.workflow_run(), id="run"),
        pytest.param("workflow_run", payloads.workflow_run(status="in_progress"), id="running"),
        pytest.param("workflow_run", payloads.workflow_run(status="queued"), id="requested"),
        pytest.param("workflow_run", payloads.workflow_run(attempt=2), id="again"),
        pytest.param("workflow_job", payloads.workflow_job(), id="job"),
        pytest.param("workflow_job", payloads.workflow_job(status="in_progress"), id="job-runs"),
        pytest.param("push", payloads.push(), id="push"),
        pytest.param("push", payloads.push(tag="v1", deleted=True), id="push-deleted-tag"),
        pytest.param("create", payloads.create(), id="create"),
        pytest.param("delete", payloads.delete(), id="delete"),
        pytest.param("pull_request", payloads_about.pull_request(), id="pull"),
        pytest.param("repository", payloads_about.repository_event(action="renamed"), id="renamed"),
        pytest.param("repository", payloads_about.repository_event(action="deleted"), id="deleted"),
        pytest.param("installation", payloads_about.installation(), id="installation"),
        pytest.param(
            "installation_repositories",
            payloads_about.installation_repositories(removed=("acme/app",)),
            id="removed",
        ),
        pytest.param("ping", payloads_about.ping(), id="ping"),
    ],
)
def test_payload_is_as_github_describes(event: str, payload: Json) -> None:
    spec.folder()
    assert spec.check_delivery(_as_sent(event, payload)) == []


def _as_sent(event: str, payload: Json) -> Delivery:
    return Delivery(
        id=1,
        guid="",
        event=event,
        payload=payload,
        delivered_at=NOON,
        installation_id=None,
        repository_id=None,
    )
