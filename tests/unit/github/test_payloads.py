"""What each delivery tells, and that no delivery can make the reader stumble."""

import json
from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.github.payloads import READERS, read, repo_of
from bot.domain.errors import PermanentError
from bot.domain.events import (
    AccessChanged,
    Delivery,
    JobReported,
    Pinged,
    PullClosed,
    RefDeleted,
    RefSeen,
    RepositoryChanged,
    RunReported,
    Unheard,
)
from bot.domain.ids import DeliveryId
from bot.domain.lane import RefKind
from bot.domain.run import Conclusion, Run, Status
from tests import payloads, payloads_about
from tests.payload_parts import NOON, Json, number_of


def run_in(payload: Json) -> Run:
    event = read(payloads.delivery("workflow_run", payload))
    assert isinstance(event, RunReported)
    return event.run


def raw(event: str, body: bytes) -> Delivery:
    return Delivery(id=DeliveryId("1"), event=event, repo=None, received_at=NOON, body=body)


def test_a_failed_run_is_read_whole() -> None:
    event = read(
        payloads.delivery(
            "workflow_run", payloads.workflow_run(attempt=2, private=True, installation=5)
        )
    )

    assert isinstance(event, RunReported)
    assert event.repo.full_name == "acme/app"
    assert event.repo.private
    assert event.repo.installation == 5
    run = event.run
    assert (run.id, run.attempt, run.number, run.workflow_name) == (812, 2, 42, "CI")
    assert (run.event, run.head_branch, run.from_fork) == ("push", "main", False)
    assert (run.status, run.conclusion, run.red) == (Status.COMPLETED, Conclusion.FAILURE, True)
    assert (run.title, run.author, run.actor) == ("Bump elixir", "ana", "ana")
    assert run.url == "https://github.com/acme/app/actions/runs/812"
    assert run.updated_at == NOON


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        pytest.param("requested", Status.QUEUED, id="requested"),
        pytest.param("waiting", Status.QUEUED, id="waiting"),
        pytest.param("pending", Status.QUEUED, id="pending"),
        pytest.param("queued", Status.QUEUED, id="queued"),
        pytest.param("in_progress", Status.RUNNING, id="running"),
        pytest.param("completed", Status.COMPLETED, id="completed"),
        pytest.param("levitating", Status.QUEUED, id="a-new-word"),
    ],
)
def test_status_words(said: str, meant: Status) -> None:
    assert run_in(payloads.workflow_run(status=said)).status is meant


def test_a_new_conclusion_is_unknown() -> None:
    assert run_in(payloads.workflow_run(conclusion="exploded")).conclusion is Conclusion.UNKNOWN


def test_a_running_run_has_no_conclusion_whatever_it_says() -> None:
    payload = payloads.workflow_run(status="in_progress")
    payload["workflow_run"]["conclusion"] = "success"
    assert run_in(payload).conclusion is None


def test_the_oldest_shape_has_nulls_and_gaps() -> None:
    payload = payloads.workflow_run()
    del payload["workflow"]
    for key in ("run_attempt", "display_title", "path", "triggering_actor", "created_at"):
        del payload["workflow_run"][key]
    for key in ("head_commit", "head_repository", "actor", "head_branch", "updated_at", "name"):
        payload["workflow_run"][key] = None

    run = run_in(payload)

    assert (run.attempt, run.title, run.actor, run.author) == (1, "", "", "")
    assert (run.head_branch, run.head_repo, run.from_fork) == (None, None, False)
    assert (run.workflow_name, run.created_at, run.updated_at) == ("a workflow", NOON, NOON)


def test_what_does_not_say_that_it_is_public_is_private() -> None:
    payload = payloads.workflow_run()
    payload["repository"]["private"] = None
    event = read(payloads.delivery("workflow_run", payload))
    assert isinstance(event, RunReported)
    assert event.repo.private


def test_a_commit_message_of_60_kb_is_its_first_line_cut() -> None:
    run = run_in(payloads.workflow_run(message="\n\n" + "long " * 12_000 + "\nsecond"))
    assert run.title.startswith("long long")
    assert len(run.title) == 300
    assert run.title.endswith("…")


def test_control_characters_do_not_reach_the_rows() -> None:
    payload = payloads.workflow_job(name="bu\x00ild\x1b[31m")
    event = read(payloads.delivery("workflow_job", payload))
    assert isinstance(event, JobReported)
    assert event.job.name == "build[31m"


def test_a_hostile_branch_name_is_kept_as_it_is() -> None:
    """It is a name; the renderers make it harmless."""
    assert run_in(payloads.workflow_run(branch="`@everyone](x)")).head_branch == "`@everyone](x)"


@pytest.mark.parametrize(
    "time", ["2027-01-01T00:00:00Z", "never", "", None, 10**30, "0001-01-01T00:00:00+14:00"]
)
def test_a_time_from_the_future_or_from_nowhere_is_when_we_were_told(time: object) -> None:
    payload = payloads.workflow_run()
    payload["workflow_run"]["updated_at"] = time
    assert run_in(payload).updated_at == NOON


def test_a_job_names_its_first_failing_step() -> None:
    event = read(payloads.delivery("workflow_job", payloads.workflow_job()))
    assert isinstance(event, JobReported)
    assert (event.job.id, event.job.run, event.job.red) == (9001, 812, True)
    assert event.job.failing_step
    assert event.job.failing_step.name == "Build and push"


def test_a_waiting_job_has_no_steps() -> None:
    payload = payloads.workflow_job(status="waiting")
    payload["workflow_job"] |= {"steps": None, "started_at": None}
    event = read(payloads.delivery("workflow_job", payload))
    assert isinstance(event, JobReported)
    assert (event.job.status, event.job.steps) == (Status.QUEUED, ())


@pytest.mark.parametrize(
    ("event", "payload", "kind", "name", "seen"),
    [
        pytest.param("push", payloads.push(), RefKind.BRANCH, "main", RefSeen, id="push"),
        pytest.param("push", payloads.push(tag="v1"), RefKind.TAG, "v1", RefSeen, id="pushed-tag"),
        pytest.param(
            "push",
            payloads.push(branch="a/b", deleted=True),
            RefKind.BRANCH,
            "a/b",
            RefDeleted,
            id="deleted-by-push",
        ),
        pytest.param("create", payloads.create(), RefKind.TAG, "v1.0.0", RefSeen, id="create"),
        pytest.param(
            "delete", payloads.delete(), RefKind.BRANCH, "feature", RefDeleted, id="delete"
        ),
    ],
)
def test_branches_and_tags_come_and_go(
    event: str, payload: Json, kind: RefKind, name: str, seen: type
) -> None:
    found = read(payloads.delivery(event, payload))
    assert isinstance(found, RefSeen | RefDeleted)
    assert (type(found), found.kind, found.name) == (seen, kind, name)


def test_a_closed_pull_request_names_its_head_even_without_its_fork() -> None:
    event = read(payloads.delivery("pull_request", payloads_about.pull_request(head_repo="bo/app")))
    gone = read(payloads.delivery("pull_request", payloads_about.pull_request(head_repo=None)))
    assert isinstance(event, PullClosed)
    assert isinstance(gone, PullClosed)
    assert (event.number, event.head_repo, event.head_branch) == (
        7,
        number_of("bo/app"),
        "feature",
    )
    assert gone.head_repo is None


def test_repository_changes_carry_what_is_now() -> None:
    payload = payloads_about.repository_event(action="privatized", private=True)
    event = read(payloads.delivery("repository", payload))
    assert isinstance(event, RepositoryChanged)
    assert (event.action, event.repo.private) == ("privatized", True)


@pytest.mark.parametrize(
    ("event", "payload", "lost"),
    [
        pytest.param("installation", payloads_about.installation(), True, id="deleted"),
        pytest.param(
            "installation", payloads_about.installation(action="suspend"), True, id="suspended"
        ),
        pytest.param(
            "installation", payloads_about.installation(action="created"), False, id="created"
        ),
        pytest.param(
            "installation_repositories",
            payloads_about.installation_repositories(removed=("acme/app",)),
            True,
            id="removed",
        ),
        pytest.param(
            "installation_repositories",
            payloads_about.installation_repositories(added=("acme/app",)),
            False,
            id="added",
        ),
    ],
)
def test_access_given_and_lost(event: str, payload: Json, *, lost: bool) -> None:
    found = read(payloads.delivery(event, payload))
    assert isinstance(found, AccessChanged)
    assert found.installation == 5
    assert found.lost == ((number_of("acme/app"),) if lost else ())


def test_a_ping_names_its_hook() -> None:
    assert read(payloads.delivery("ping", payloads_about.ping(hook=3))) == Pinged(hook=3)


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        pytest.param("check_run", {"action": "completed"}, id="other-event"),
        pytest.param("push", payloads.push() | {"ref": "refs/notes/x"}, id="notes"),
        pytest.param("push", payloads.push() | {"ref": "refs/heads/"}, id="no-name"),
        pytest.param("create", payloads.create(kind="repository"), id="repository"),
        pytest.param("pull_request", payloads_about.pull_request(action="opened"), id="opened"),
    ],
)
def test_the_rest_is_left(event: str, payload: Json) -> None:
    assert isinstance(read(payloads.delivery(event, payload)), Unheard)


@pytest.mark.parametrize(
    ("event", "body"),
    [
        pytest.param("workflow_run", b"{", id="cut"),
        pytest.param("workflow_run", b"\xff\xfe{}", id="no-utf-8"),
        pytest.param("workflow_run", b'{"a":' + b"[" * 100_000, id="deep"),
        pytest.param("workflow_run", b"{}", id="empty"),
        pytest.param("workflow_run", b'{"repository": {"id": 1}}', id="nameless"),
        pytest.param("workflow_run", b'{"workflow_run": {"id": "x"}}', id="wrong-type"),
        pytest.param("workflow_job", b"[]", id="no-object"),
        pytest.param("push", b'{"ref": null}', id="null-ref"),
        pytest.param("push", b'{"ref": "refs/heads/x", "repository": {"id": 9e99}}', id="huge"),
    ],
)
def test_what_cant_be_read_says_so(event: str, body: bytes) -> None:
    with pytest.raises(PermanentError, match=r"\w+"):
        read(raw(event, body))


FINITE = st.floats(allow_nan=False, allow_infinity=False)
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | FINITE | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(event=st.sampled_from(sorted(READERS)), payload=st.dictionaries(st.text(), NESTED))
def test_any_json_is_an_event_or_a_clear_error(event: str, payload: Json) -> None:
    body = json.dumps(payload).encode()
    repo_of(body)
    with suppress(PermanentError):
        read(raw(event, body))


@settings(max_examples=150, deadline=None)
@given(data=st.data(), value=NESTED)
def test_any_value_anywhere_in_a_run_is_an_event_or_a_clear_error(
    data: st.DataObject, value: object
) -> None:
    payload = payloads.workflow_run()
    place = data.draw(st.sampled_from(["", "workflow_run", "repository", "workflow"]))
    part = payload[place] if place else payload
    part[data.draw(st.sampled_from(sorted(part)))] = value
    with suppress(PermanentError):
        event = read(raw("workflow_run", json.dumps(payload).encode()))
        assert isinstance(event, RunReported)
        assert event.run.updated_at <= NOON


def test_the_key_of_a_delivery_is_read_whatever_the_rest_is() -> None:
    assert repo_of(b'{"repository": {"id": 7, "name": 1}, "x": [1, {}]}') == 7
    assert repo_of(b'{"repository": null}') is None
    assert repo_of(b'{"repository": {"id": "7"}}') is None
    assert repo_of(b'{"repository": "acme/app"}') is None
    with pytest.raises(PermanentError, match="no JSON object"):
        repo_of(b'["repository"]')


def test_half_an_emoji_does_not_lose_the_delivery() -> None:
    """A title cut inside a surrogate pair is valid JSON by its grammar, and no text."""
    whole = payloads.delivery("workflow_run", payloads.workflow_run(message="broken CUT"))
    halved = replace(whole, body=whole.body.replace(b"CUT", rb"\ud83d"))
    event = read(halved)
    assert isinstance(event, RunReported)
    assert event.run.title == "broken \ufffd"


def test_a_job_tells_where_it_deploys_to() -> None:
    payload = payloads.workflow_job() | {"deployment": {"environment": "production"}}
    event = read(payloads.delivery("workflow_job", payload))
    assert isinstance(event, JobReported)
    assert event.job.environment == "production"
