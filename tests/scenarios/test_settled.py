"""What is settled at the door is just what triage would have left alone."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from bot.adapters.github.payloads import settled
from bot.adapters.storage.tables import METADATA
from tests import payloads, payloads_about
from tests.payload_parts import Json
from tests.scenarios.world import World, a_world

PUSHED: Json = payloads.push()
QUIET: dict[str, tuple[str, Json]] = {
    "job-queued": ("workflow_job", payloads.workflow_job(status="queued")),
    "job-running": ("workflow_job", payloads.workflow_job(status="in_progress")),
    "job-green": ("workflow_job", payloads.workflow_job(conclusion="success")),
    "job-cancelled": ("workflow_job", payloads.workflow_job(conclusion="cancelled")),
    "job-of-tomorrow": ("workflow_job", payloads.workflow_job(conclusion="xyzzy")),
    "pull-opened": ("pull_request", payloads_about.pull_request(action="opened")),
    "star": ("star", {"action": "created", "repository": PUSHED["repository"]}),
    "no-repository": ("marketplace_purchase", {"action": "purchased"}),
}
HEARD: dict[str, tuple[str, Json]] = {
    "job-red": ("workflow_job", payloads.workflow_job()),
    "job-timed-out": ("workflow_job", payloads.workflow_job(conclusion="timed_out")),
    "job-deploys": (
        "workflow_job",
        payloads.workflow_job(conclusion="success") | {"deployment": {"environment": "live"}},
    ),
    "job-unreadable": ("workflow_job", {"action": "completed", "workflow_job": {"id": "x"}}),
    "run-queued": ("workflow_run", payloads.workflow_run(status="queued")),
    "run-green": ("workflow_run", payloads.workflow_run(conclusion="success")),
    "pull-closed": ("pull_request", payloads_about.pull_request(action="closed")),
    "push": ("push", PUSHED),
    "created": ("create", payloads.create()),
    "deleted": ("delete", payloads.delete()),
    "renamed": ("repository", payloads_about.repository_event(action="renamed")),
    "ping": ("ping", payloads_about.ping()),
}


@pytest.mark.parametrize(("event", "payload"), QUIET.values(), ids=QUIET)
async def test_triage_says_the_same_and_changes_nothing(event: str, payload: Json) -> None:
    async with a_world() as world:
        await world.run("running")
        before = await rows(world)
        await world.deliver(event, payload, id="this")

        async with world.store.read() as tx:
            record = await tx.delivery_record(payloads.delivery(event, payload, id="this").id)
        assert record is not None
        assert record.outcome == settled(payloads.delivery(event, payload)) != ""
        assert await rows(world) == before


@pytest.mark.parametrize(("event", "payload"), HEARD.values(), ids=HEARD)
def test_what_may_change_something_is_left_to_triage(event: str, payload: Json) -> None:
    assert settled(payloads.delivery(event, payload)) == ""


def test_what_can_t_be_read_is_left_to_be_set_aside() -> None:
    job = payloads.delivery("workflow_job", payloads.workflow_job())
    assert settled(replace(job, body=b"{" * 9_999)) == ""


async def rows(world: World) -> dict[str, Any]:
    """Return all that is stored, but for the deliveries themselves."""
    async with world.store.read() as tx:
        found = {}
        for table in METADATA.tables.values():
            if table.name != "delivery":
                answer = await tx.connection.execute(text(f"SELECT * FROM {table.name}"))  # noqa: S608 - every row of every table
                found[table.name] = [tuple(row) for row in answer]
        return found
