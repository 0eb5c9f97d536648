"""What each cause means by default: whether a retry helps, how long to wait, how to say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.domain.failure import Advice, Cause

C = Cause
NOW: Final = timedelta(0)
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a cause behaves unless its rule says otherwise."""

    words: str
    """A clause fit for "acme/app CI on main: ..."."""
    retry: Advice = Advice.NO
    wait: timedelta = NOW


HABITS: Final[Mapping[Cause, Habit]] = {
    C.NETWORK_TIMEOUT: Habit("a network request timed out", Advice.YES, MINUTE),
    C.CONNECTION_RESET: Habit("a network connection broke", Advice.YES, MINUTE),
    C.DNS: Habit("a host name could not be resolved", Advice.YES, MINUTE),
    C.REGISTRY_5XX: Habit("a registry answered with a server error", Advice.YES, 5 * MINUTE),
    C.RATE_LIMIT: Habit("a rate limit was hit", Advice.YES, 15 * MINUTE),
    C.ARTIFACT_SERVICE: Habit("GitHub's action or artifact service failed", Advice.YES, MINUTE),
    C.GIT_TRANSIENT: Habit("the git server broke off", Advice.YES, MINUTE),
    C.MIRROR_CORRUPT: Habit("a package mirror was out of step", Advice.YES, 10 * MINUTE),
    C.RUNNER_LOST: Habit("the runner was lost", Advice.YES),
    C.RUNNER_SETUP: Habit("the runner could not be prepared", Advice.YES, MINUTE),
    C.SERVICE_DEPENDENCY: Habit("a service the job needs did not answer", Advice.ONCE, MINUTE),
    C.DISK_FULL: Habit("the disk was full", Advice.ONCE),
    C.OOM: Habit("the job ran out of memory", Advice.ONCE),
    C.JOB_TIMEOUT: Habit("the job ran into its time limit", Advice.ONCE),
    C.TEST_TIMEOUT: Habit("a test ran into its time limit", Advice.ONCE),
    C.CANCELLED: Habit("the run was cancelled"),
    C.COMPILE_ERROR: Habit("the code does not compile"),
    C.TEST_FAILURE: Habit("tests failed"),
    C.LINT: Habit("a linter or formatter objects"),
    C.DEPENDENCY_CONFLICT: Habit("dependencies conflict"),
    C.DEPENDENCY_MISSING: Habit("a dependency is missing"),
    C.SCRIPT_ERROR: Habit("a script failed"),
    C.SYNTAX_ERROR: Habit("a file has a syntax error"),
    C.CONFIG_ERROR: Habit("the build is configured wrongly"),
    C.AUTH_PERMISSION: Habit("access was denied"),
    C.ARTIFACT_MISSING: Habit("an image or artifact does not exist"),
    C.CRASH: Habit("a program crashed", Advice.ONCE),
    C.QUALITY_GATE: Habit("a quality gate was not met"),
    C.PUBLISH_DEPLOY: Habit("publishing or deploying failed"),
    C.UNKNOWN: Habit("the log does not say why"),
}
