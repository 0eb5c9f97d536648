"""Deliveries come late, doubled and in any order: the open incident is the same."""

from itertools import permutations

import pytest

from tests import payloads
from tests.payload_parts import NOON, Json
from tests.scenarios.world import TEST_FAILURE, World, a_world


def told(number: int, conclusion: str | None, *, attempt: int = 1, minute: int) -> tuple[str, Json]:
    """Return what GitHub says of a run of main at some minute; no conclusion: it runs."""
    payload = payloads.workflow_run(
        run=770 + number,
        number=number,
        attempt=attempt,
        status="completed" if conclusion else "in_progress",
        conclusion=conclusion,
        at=NOON.replace(minute=minute),
    )
    return "workflow_run", payload


def job_failed(number: int, *, minute: int) -> tuple[str, Json]:
    payload = payloads.workflow_job(run=770 + number, job=1, at=NOON.replace(minute=minute))
    return "workflow_job", payload


STORIES = {
    "broken-mended-broken": [
        told(42, "failure", minute=1),
        told(43, "success", minute=2),
        told(44, "failure", minute=3),
    ],
    "mended-by-a-re-run": [
        told(42, "failure", minute=1),
        told(42, None, attempt=2, minute=2),
        told(42, "success", attempt=2, minute=3),
    ],
    "an-early-red-job": [
        told(42, None, minute=1),
        job_failed(42, minute=2),
        told(42, "failure", minute=3),
    ],
    "mended-for-its-job-was-tolerated": [
        told(42, None, minute=1),
        job_failed(42, minute=2),
        told(42, "success", minute=3),
    ],
    "an-older-run-ends-last": [
        told(43, "success", minute=1),
        told(42, None, minute=2),
        told(42, "failure", minute=3),
    ],
    "a-cancelled-run-hides-nothing": [
        told(42, "failure", minute=1),
        told(43, "cancelled", minute=2),
        told(43, None, minute=1),
    ],
}


LEFT_OPEN = {"broken-mended-broken", "an-early-red-job", "a-cancelled-run-hides-nothing"}


async def open_after(story: list[tuple[str, Json]], order: tuple[int, ...]) -> list[object]:
    """Return what is open once the deliveries came in that order, the first of them twice."""
    async with a_world() as world:
        for event, payload in story:
            if event == "workflow_run":
                know(world, payload)
        for place in (*order, order[0]):
            event, payload = story[place]
            await world.deliver(event, payload)
        return [
            (incident.run, incident.attempt, incident.early)
            for incident in await world.open_incidents()
        ]


def know(world: World, payload: Json) -> None:
    """Let GitHub answer as it does when all has happened."""
    red = payload["workflow_run"]["conclusion"] == "failure"
    jobs = {"build": "failure" if red else "success"}
    world.know(payload, jobs, TEST_FAILURE)


@pytest.mark.parametrize("name", STORIES)
async def test_any_order_leaves_the_same_open(name: str) -> None:
    story = STORIES[name]
    in_order, *others = permutations(range(len(story)))
    expected = await open_after(story, in_order)

    for order in others:
        assert await open_after(story, order) == expected, order
    assert bool(expected) is (name in LEFT_OPEN)
