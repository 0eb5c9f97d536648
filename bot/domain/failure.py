"""What a failed job's log said: cause, proof, and whether trying again can help."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Cause(StrEnum):
    """Why a job failed; the codes are part of `explain --json` and of settings, so they stay."""

    NETWORK_TIMEOUT = "network_timeout"
    CONNECTION_RESET = "connection_reset"
    DNS = "dns"
    REGISTRY_5XX = "registry_5xx"
    RATE_LIMIT = "rate_limit"
    ARTIFACT_SERVICE = "artifact_service"
    GIT_TRANSIENT = "git_transient"
    MIRROR_CORRUPT = "mirror_corrupt"
    RUNNER_LOST = "runner_lost"
    RUNNER_SETUP = "runner_setup"
    SERVICE_DEPENDENCY = "service_dependency"
    DISK_FULL = "disk_full"
    OOM = "oom"
    JOB_TIMEOUT = "job_timeout"
    TEST_TIMEOUT = "test_timeout"
    CANCELLED = "cancelled"
    COMPILE_ERROR = "compile_error"
    TEST_FAILURE = "test_failure"
    LINT = "lint"
    DEPENDENCY_CONFLICT = "dependency_conflict"
    DEPENDENCY_MISSING = "dependency_missing"
    SCRIPT_ERROR = "script_error"
    SYNTAX_ERROR = "syntax_error"
    CONFIG_ERROR = "config_error"
    AUTH_PERMISSION = "auth_permission"
    ARTIFACT_MISSING = "artifact_missing"
    CRASH = "crash"
    QUALITY_GATE = "quality_gate"
    PUBLISH_DEPLOY = "publish_deploy"
    UNKNOWN = "unknown"

    @property
    def words(self) -> str:
        """Say it in a sentence: "a failed test"."""
        return WORDS[self]


WORDS: Final = {
    Cause.NETWORK_TIMEOUT: "a network time-out",
    Cause.CONNECTION_RESET: "a lost connection",
    Cause.DNS: "a name that could not be looked up",
    Cause.REGISTRY_5XX: "a server error of a registry",
    Cause.RATE_LIMIT: "a rate limit",
    Cause.ARTIFACT_SERVICE: "trouble with the artifact or cache service",
    Cause.GIT_TRANSIENT: "trouble with git's server",
    Cause.MIRROR_CORRUPT: "a mirror that is out of step",
    Cause.RUNNER_LOST: "a lost runner",
    Cause.RUNNER_SETUP: "a runner that did not come up",
    Cause.SERVICE_DEPENDENCY: "a service the job needs",
    Cause.DISK_FULL: "a full disk",
    Cause.OOM: "a lack of memory",
    Cause.JOB_TIMEOUT: "a job that took too long",
    Cause.TEST_TIMEOUT: "a test that took too long",
    Cause.CANCELLED: "a cancelled job",
    Cause.COMPILE_ERROR: "a compile error",
    Cause.TEST_FAILURE: "a failed test",
    Cause.LINT: "a lint error",
    Cause.DEPENDENCY_CONFLICT: "a dependency conflict",
    Cause.DEPENDENCY_MISSING: "a missing dependency",
    Cause.SCRIPT_ERROR: "an error in a script",
    Cause.SYNTAX_ERROR: "a syntax error",
    Cause.CONFIG_ERROR: "a configuration error",
    Cause.AUTH_PERMISSION: "a missing permission",
    Cause.ARTIFACT_MISSING: "a missing image or artifact",
    Cause.CRASH: "a crash",
    Cause.QUALITY_GATE: "a quality gate",
    Cause.PUBLISH_DEPLOY: "a failed publication or deployment",
    Cause.UNKNOWN: "an unknown cause",
}


class Advice(StrEnum):
    """Whether a re-run of the same commit can turn out otherwise."""

    YES = "yes"
    ONCE = "once"  # the same fingerprint a second time on one commit is a real break
    NO = "no"

    @property
    def transient(self) -> bool | None:
        """The same in the words of `explain --json`: true, unknown, false."""
        return {Advice.YES: True, Advice.ONCE: None, Advice.NO: False}[self]


HISTORY: Final = timedelta(days=21)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What became of a fingerprint in one repository in the last 21 days."""

    attempts: int = 0
    """Attempts that failed with it, the present one included."""
    first_run: int = 0
    """Number of the first run that did."""
    rerun: int = 0
    """Of those attempts, how many were run again, to the end."""
    passed: int = 0
    """Of the re-runs, how many were green."""


EXCERPT_LINES: Final = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcerptLine:
    """One line of the log: its 1-based number (lines end at LF only) and its redacted text."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """Why one job failed, with the lines that prove it."""

    cause: Cause
    confidence: float
    """Probability, 0 to 1, that the cause is right."""
    retry: Advice
    wait: timedelta = timedelta(0)
    """The least wait before a retry; zero where the rule asks for none."""
    reason: str
    """One plain-English clause, without a full stop: "the registry answered 503"."""
    rule: str = ""
    """Name of the rule that fired; empty where none did."""
    fingerprint: str
    """Equal for two equal problems: the cause and the stable part of its line."""
    excerpt: tuple[ExcerptLine, ...] = ()
    """At most EXCERPT_LINES lines, ascending by number."""
    names: tuple[str, ...] = ()
    """Failed tests, packages or files, where the log tells them."""
    redacted: int = 0
    """How many secrets were scrubbed from the excerpt and names."""
    notes: tuple[str, ...] = field(default=())
    """What else a reader should know, e.g. "the log names no failed test"."""
