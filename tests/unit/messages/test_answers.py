"""What the one who pressed or typed reads."""

from dataclasses import replace
from datetime import timedelta

import pytest
from inline_snapshot import snapshot

from bot.domain.asking import Confirmed, Outcome, Taken, TooLate, Unsure
from bot.domain.incident import State
from bot.domain.retry import RetryState, Scope
from bot.domain.run import Conclusion, Run
from bot.messages import answers
from bot.messages.retrying import retry_answer
from bot.messages.text import plain, say
from bot.messages.views import Style
from tests.unit.made import (
    ANA,
    BO,
    INCIDENT,
    NOON,
    REPO,
    TARGET,
    a_retry,
    a_run,
    an_incident,
    green,
    running,
)
from tests.unit.messages.reading import answer_text, lines

SENT = a_retry(by=ANA, state=RetryState.SENT)


def test_short_answers() -> None:
    told = (
        answers.our_fault(),
        answers.old_button(),
        answers.too_late(),
        answers.acknowledged(INCIDENT),
        answers.resolved(INCIDENT),
        answers.refusal("No open incident #71 here."),
    )
    assert lines(answer.text for answer in told) == snapshot(
        """\
That did not work, and it is my fault. Press again; if it stays so, tell the operator,
    who finds it in my log.
That button is of an older version of me. Try /build incidents.
I was down when you pressed that, so nothing was done. Press again.
You have #12 now.
#12 is resolved.
No open incident #71 here.\
"""
    )


@pytest.mark.parametrize(
    "outcome",
    [
        pytest.param(Taken(SENT), id="sent"),
        pytest.param(Taken(replace(SENT, scope=Scope.ALL)), id="all"),
        pytest.param(Taken(replace(SENT, debug=True)), id="debug"),
        pytest.param(Taken(a_retry(by=ANA), run_ended=False), id="still-runs"),
        pytest.param(Taken(a_retry(by=ANA)), id="github-down"),
        pytest.param(Taken(a_retry(by=ANA, state=RetryState.DONE_ELSEWHERE)), id="elsewhere"),
        pytest.param(TooLate(replace(SENT, by=BO)), id="too-late"),
        pytest.param(TooLate(a_retry(state=RetryState.SENT)), id="after-the-bot"),
        pytest.param(
            Unsure("Run #43 is newer. Retry run #42 all the same?", TARGET, Confirmed.OLDER),
            id="unsure",
        ),
    ],
)
def test_what_became_of_a_wish(outcome: Outcome, request: pytest.FixtureRequest) -> None:
    said = answer_text(retry_answer(outcome, action="retry_confirmed"))
    assert (
        said
        == {
            "sent": snapshot("The failed jobs run again (attempt 2)."),
            "all": snapshot("All jobs run again (attempt 2)."),
            "debug": snapshot("The failed jobs run again with debug logging (attempt 2)."),
            "still-runs": snapshot("The run still runs; I retry it when it ends."),
            "github-down": snapshot(
                "GitHub does not answer, so nothing was re-run yet. I keep trying."
            ),
            "elsewhere": snapshot("Somebody has re-run it on GitHub already; it runs."),
            "too-late": snapshot("@bo was first; one retry is enough."),
            "after-the-bot": snapshot("I have retried it already; one retry is enough."),
            "unsure": snapshot("""\
Run #43 is newer. Retry run #42 all the same?
[Yes, retry]\
"""),
        }[request.node.callspec.id]
    )


def test_a_confirmation_asks_of_the_same_run_and_looks_dangerous() -> None:
    answer = retry_answer(Unsure("Retry it?", TARGET, Confirmed.RELEASE), action="retry_all")

    (button,) = answer.buttons
    assert (button.action, button.target) == ("retry_all_confirmed", TARGET)
    assert button.style is Style.DANGER


def test_the_full_log() -> None:
    whole = answers.full_log("build.log.gz", b"...", redacted=3, job="build")

    assert whole.file
    assert (whole.file.name, whole.file.body) == ("build.log.gz", b"...")
    assert plain(whole.text) == snapshot("The log of build. 3 secrets scrubbed.")
    assert answer_text(answers.full_log("x", b"", redacted=0, job="build")) == snapshot(
        "The log of build."
    )
    assert answer_text(answers.log_too_large("https://x.example", job="build")) == snapshot("""\
The log of build is too large to send here.
[Open it on GitHub]\
""")


def test_one_secret_is_one_secret() -> None:
    """Read by somebody who may be about to paste it."""
    assert "1 secret scrubbed" in plain(answers.full_log("x", b"", redacted=1, job="build").text)


def row(run: Run, *, open_: bool = False) -> str:
    incident = INCIDENT if open_ else None
    return plain(answers.status_row(run, lane="main", incident=incident, now=NOON))


def test_how_a_repository_stands() -> None:
    told = [
        row(a_run(), open_=True),
        row(green()),
        row(running()),
        row(a_run(conclusion=Conclusion.CANCELLED)),
        row(a_run(conclusion=Conclusion.TIMED_OUT, url="")),
    ]
    assert lines(told) == snapshot(
        """\
RED  CI on main, run #42 2026-11-24 12:00 UTC · incident #12
GREEN  CI on main, run #42 2026-11-24 12:00 UTC
RUNS  CI on main, run #42 2026-11-24 12:00 UTC
CANCELLED  CI on main, run #42 2026-11-24 12:00 UTC
RED  CI on main, run #42 2026-11-24 12:00 UTC\
"""
    )


def test_no_clock_shows_the_future() -> None:
    """GitHub's clock may run ahead of ours."""
    assert "2026-11-24 12:00" in row(a_run(updated_at=NOON + timedelta(minutes=2)))


def test_a_repository_without_runs() -> None:
    assert answer_text(answers.status(say("acme/app"), [])) == snapshot(
        "acme/app: I have heard of no run yet."
    )


def test_what_is_broken() -> None:
    taken = an_incident(state=State.ACKNOWLEDGED, owner=ANA, reason="test_adds failed")
    found = answers.incident_list(
        [(taken, "acme/app CI on main"), (INCIDENT, "acme/app Docs on main")]
    )
    assert answer_text(found) == snapshot("""\
2 open:
#12 acme/app CI on main: test_adds failed; it broke 2026-11-24 12:00 UTC, @ana has it
#12 acme/app Docs on main: reading the log; it broke 2026-11-24 12:00 UTC, nobody has it\
""")
    assert plain(answers.incident_list([]).text) == snapshot("Nothing is broken here.")


def test_what_can_be_typed_next() -> None:
    (choice,) = answers.incident_choices([(an_incident(reason="test_adds failed"), REPO)]).options
    assert (choice.value, choice.label) == snapshot(("#12", "#12 acme/app CI: test_adds failed"))


def test_help() -> None:
    listed = answers.help_text([("/build status [repo]", "How builds stand")])
    assert answer_text(listed) == snapshot("""\
I tell you why builds fail. You can type:
/build status [repo]  How builds stand\
""")


@pytest.mark.parametrize(
    ("word", "guess", "words"),
    [
        ("", "", "Type /build help to see what I can do."),
        ("statsu", "status", "I do not know statsu. Did you mean /build status?"),
        ("xyzzy", "", "I do not know xyzzy. /build help lists what I can do."),
    ],
)
def test_a_typo_is_helped(word: str, guess: str, words: str) -> None:
    assert plain(answers.unknown_command(word, guess=guess).text) == words
