"""What the one who asked for a retry is told."""

from typing import assert_never

from bot.domain.asking import Outcome, Taken, TooLate, Unsure
from bot.domain.retry import Retry, RetryState, Scope
from bot.messages.text import Mention, Text, say
from bot.messages.views import Answer, Button, Style


def retry_answer(outcome: Outcome, *, action: str) -> Answer:
    """Say what became of a wish.

    Args:
        action: The action that was asked for; what a yes confirms is added to it.
    """
    match outcome:
        case Taken(retry, run_ended):
            return Answer(text=_taken(retry, run_ended=run_ended))
        case TooLate(first):
            return Answer(text=_too_late(first))
        case Unsure(question, target, confirms):
            yes = Button(
                action=action + confirms, label="Yes, retry", target=target, style=Style.DANGER
            )
            return Answer(text=say("{question}", question=question), buttons=(yes,))
        case _:
            assert_never(outcome)


def _taken(retry: Retry, *, run_ended: bool) -> Text:
    if retry.state is RetryState.DONE_ELSEWHERE:
        return say("Somebody has re-run it on GitHub already; it runs.")
    if retry.state is RetryState.WAITING and not run_ended:
        return say("The run still runs; I retry it when it ends.")
    if retry.state is RetryState.WAITING:
        return say("GitHub does not answer, so nothing was re-run yet. I keep trying.")
    what = "All jobs" if retry.scope is Scope.ALL else "The failed jobs"
    debug = " with debug logging" if retry.debug else ""
    return say(
        "{what} run again{debug} (attempt {n}).", what=what, debug=debug, n=retry.attempt + 1
    )


def _too_late(first: Retry) -> Text:
    if first.by is None and first.state is RetryState.WAITING:
        return say("My own retry is under way; GitHub has not taken it yet.")
    if first.by is None:
        return say("I have retried it already; one retry is enough.")
    who = Mention(first.by.key, first.by.name)
    return say("{who} was first; one retry is enough.", who=who)
