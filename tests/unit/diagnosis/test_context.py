"""What GitHub and the last green run know besides the log."""

from datetime import UTC, datetime

from bot.diagnosis import Annotation, Context, Sketch, Step, diagnose, green_sketch
from bot.domain.failure import Cause

STEPS = [
    Step(
        number=2,
        name="Lint",
        conclusion="success",
        started_at=datetime(2026, 3, 1, 10, 0, tzinfo=UTC),
        completed_at=datetime(2026, 3, 1, 10, 1, tzinfo=UTC),
    ),
    Step(
        number=3,
        name="Build",
        conclusion="failure",
        started_at=datetime(2026, 3, 1, 10, 1, tzinfo=UTC),
        completed_at=datetime(2026, 3, 1, 10, 5, tzinfo=UTC),
    ),
]
# The lint step failed too, but has continue-on-error.
LOG = b"""\
2026-03-01T10:00:10.0000000Z ##[group]Run lint
2026-03-01T10:00:10.0000000Z ##[endgroup]
2026-03-01T10:00:11.0000000Z FAIL: TestLint
2026-03-01T10:00:20.0000000Z ##[error]Process completed with exit code 1.
2026-03-01T10:02:00.0000000Z ##[group]Run make
2026-03-01T10:02:00.0000000Z ##[endgroup]
2026-03-01T10:02:01.0000000Z main.c:1:1: error: expected ';'
2026-03-01T10:02:02.0000000Z ##[error]Process completed with exit code 2.
"""


def test_the_jobs_api_knows_which_step_failed() -> None:
    assert diagnose([LOG]).cause is Cause.TEST_FAILURE
    assert diagnose([LOG], Context(steps=STEPS)).cause is Cause.COMPILE_ERROR


def test_a_step_without_a_log_is_named() -> None:
    note = Annotation(message="The job was not started because your account is locked due to x.")
    diagnosis = diagnose((), Context(steps=STEPS, annotations=[note]))
    assert diagnosis.cause is Cause.CONFIG_ERROR
    assert 'the step "Build" failed' in diagnosis.notes


def test_a_warning_is_no_reason() -> None:
    note = Annotation(message="The operation was canceled.", level="warning")
    assert diagnose((), Context(annotations=[note])).cause is Cause.UNKNOWN


def test_a_doubtful_annotation_does_not_outvote_the_log() -> None:
    note = Annotation(message="Error: getaddrinfo ENOTFOUND registry.example")
    assert diagnose([LOG], Context(annotations=[note])).cause is Cause.TEST_FAILURE


def test_lines_of_the_last_green_run_weigh_less() -> None:
    """Both lines look alike; only one of them is new."""
    old = "java.io.IOException: stream 12 closed"
    log = "\n".join([old, *(f"line {n}" for n in range(50)), "java.io.EOFException: at 3"])
    green = green_sketch([f"{old.replace('12', '99')}\nall done\n".encode()])
    context = Context(green=green, green_ref="1a2b3c4")
    assert "IOException" in diagnose([log.encode()]).reason
    assert "EOFException" in diagnose([log.encode()], context).reason


def test_a_sketch_can_be_stored() -> None:
    sketch = green_sketch([b"error: one\nerror: two 17\n"])
    again = Sketch.from_bytes(sketch.to_bytes())
    assert again == sketch
    assert b"error: two 4711" in again
    assert b"error: three" not in again
