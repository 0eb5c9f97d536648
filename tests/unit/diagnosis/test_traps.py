"""Traps that real logs hold, each as a short log composed for the test."""

import pytest

from bot.diagnosis import Annotation, Context, diagnose
from bot.domain.failure import Advice, Cause, Diagnosis

STAMP = "2026-03-01T10:00:00.0000000Z "


def github(*lines: str) -> bytes:
    """Write lines as the log of a GitHub job has them."""
    return "".join(f"{STAMP}{line}\n" for line in lines).encode()


def said(log: bytes, context: Context | None = None) -> Diagnosis:
    return diagnose([log], context)


def shown(diagnosis: Diagnosis) -> str:
    return "\n".join(line.text for line in diagnosis.excerpt)


QUIET = [f"Compiled part {number} of the whole" for number in range(300)]


def test_report_step_after_the_failed_one_holds_the_reason() -> None:
    """The failed step says only that it failed; an always() step prints what failed."""
    diagnosis = said(
        github(
            "##[group]Run ./run-tests",
            "##[endgroup]",
            *QUIET,
            "##[error]Process completed with exit code 1.",
            "##[group]Run cat report.txt",
            "##[endgroup]",
            "--- FAIL: TestCheckout (600.01s)",
            "Post job cleanup.",
        )
    )
    assert "TestCheckout" in shown(diagnosis)
    assert diagnosis.cause is Cause.TEST_FAILURE


def test_first_failed_step_decides_not_the_clean_up() -> None:
    diagnosis = said(
        github(
            "##[group]Run make",
            "##[endgroup]",
            "src/app.c:12:5: error: unknown type name 'strng'",
            "##[error]Process completed with exit code 2.",
            "##[group]Run docker push acme/app",
            "##[endgroup]",
            "dial tcp: lookup registry.example on 10.0.0.2:53: server misbehaving",
            "##[error]Process completed with exit code 1.",
            "Post job cleanup.",
            "Error: getCacheEntry failed: Cache service responded with 503",
        )
    )
    assert diagnosis.cause is Cause.COMPILE_ERROR
    assert diagnosis.excerpt[0].number == 3


def test_error_marks_in_program_output_do_not_outweigh_the_failed_test() -> None:
    """Problem matchers mark lines of a tool's own test data as errors."""
    diagnosis = said(
        github(
            "##[group]Run npm test",
            "##[endgroup]",
            "##[error]fixtures/bad.ts(3,5): error TS2322: Type 'string' is not assignable",
            *QUIET,
            "FAIL src/cart.test.ts",
            "  ● cart \u203a adds an item",
            "    expect(received).toBe(expected)",
            "##[error]Process completed with exit code 1.",
        )
    )
    assert "cart \u203a adds an item" in shown(diagnosis)


def test_blocked_mirror_looks_transient_and_is_not() -> None:
    diagnosis = said(
        github(
            "##[group]Run mvn verify",
            "##[endgroup]",
            "[ERROR] Could not transfer artifact a:b:pom:1: Blocked mirror for repositories",
            "##[error]Process completed with exit code 1.",
        )
    )
    assert diagnosis.retry is Advice.NO


@pytest.mark.parametrize(
    "line",
    [
        "https://repo.maven.example/m2/a.jar: Received status code 403 from server: Forbidden",
        "fatal: bad object 1a2b3c4d5e6f",
        "batch response: Authentication required: You must have pull access",
    ],
)
def test_looks_permanent_and_is_transient(line: str) -> None:
    diagnosis = said(github("##[group]Run it", "##[endgroup]", line))
    assert diagnosis.retry is not Advice.NO


@pytest.mark.parametrize(
    "retried",
    [
        ("curl: (56) Recv failure: Connection reset by peer", "Retrying in 5 seconds"),
        ("warning: spurious network error (2 tries remaining): [28] Timeout was reached",),
        ("Request attempt 1/3 failed. Retrying ... read ECONNRESET",),
        ("dial tcp 10.1.2.3:443: i/o timeout", "##[warning]Back off 18.9 seconds before retry."),
    ],
)
def test_a_transient_message_that_was_retried_with_success_does_not_count(
    retried: tuple[str, ...],
) -> None:
    diagnosis = said(
        github(
            "##[group]Run make",
            "##[endgroup]",
            *retried,
            *QUIET,
            "main.c:1:1: error: expected ';'",
            "##[error]Process completed with exit code 2.",
        )
    )
    assert diagnosis.cause is Cause.COMPILE_ERROR
    assert diagnosis.retry is Advice.NO


def test_a_retried_message_is_no_reason_even_where_nothing_else_is_known() -> None:
    diagnosis = said(
        github(
            "##[group]Run make",
            "##[endgroup]",
            "curl: (56) Recv failure: Connection reset by peer",
            "Retrying in 5 seconds",
            *QUIET[:50],
            "the snapshot is not what it was",
            "##[error]Process completed with exit code 2.",
        )
    )
    assert diagnosis.retry is Advice.NO


def test_a_lasting_reason_after_a_transient_one_decides() -> None:
    transient, lasting = "getaddrinfo ENOTFOUND cdn.example", "SyntaxError: invalid literal"
    step = ("##[group]Run it", "##[endgroup]")
    assert said(github(*step, transient, lasting)).cause is Cause.SYNTAX_ERROR
    assert said(github(*step, lasting, transient)).cause is Cause.DNS


@pytest.mark.parametrize("tries", [1, 5, 7])
def test_the_last_transient_message_counts(tries: int) -> None:
    diagnosis = said(
        github(
            "##[group]Run fetch",
            "##[endgroup]",
            *(["curl: (56) Recv failure: Connection reset by peer", "Retrying in 5 s"] * tries),
            "curl: (56) Recv failure: Connection reset by peer",
            "##[error]Process completed with exit code 56.",
        )
    )
    assert diagnosis.cause is Cause.CONNECTION_RESET
    assert diagnosis.retry is Advice.YES


def test_passing_tests_that_print_errors_are_not_the_reason() -> None:
    noise = [
        line
        for number in range(40)
        for line in (
            f"ERROR: request {number} failed: Connection refused",
            "java.net.SocketTimeoutException: Read timed out.",
            f"  ✓ survives a broken connection (ECONNRESET) {number}",
        )
    ]
    diagnosis = said(
        github(
            "##[group]Run npm test",
            "##[endgroup]",
            *noise,
            "CheckoutTest > pays() FAILED",
            "    java.lang.AssertionError at CheckoutTest.java:12",
            *noise,
            "40 tests completed, 1 failed",
            "##[error]Process completed with exit code 1.",
        )
    )
    assert diagnosis.cause is Cause.TEST_FAILURE
    assert "pays() FAILED" in shown(diagnosis)


def test_a_passing_test_is_no_part_of_a_failing_ones_block() -> None:
    diagnosis = said(b"--- FAIL: TestAdds\n    ok 3 - shows an error\n    cart.go:12: 1, not 2\n")
    assert "--- FAIL: TestAdds" in shown(diagnosis)
    assert "ok 3" not in shown(diagnosis)


def test_epilogues_do_not_outscore_the_reason() -> None:
    diagnosis = said(
        github(
            "##[group]Run mvn verify",
            "##[endgroup]",
            "[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0 <<< FAILURE! - in a.CartTest",
            "[ERROR] a.CartTest.adds  Time elapsed: 0.1 s  <<< FAILURE!",
            *(f"src/part{number}.js | 71 | 80 | 90 | errors" for number in range(75)),
            "[ERROR] Please refer to /work/surefire-reports for the individual test results.",
            "[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.",
            "[ERROR] [Help 1] http://wiki.example/MojoFailureException",
            "npm ERR! A complete log of this run can be found in:",
            "##[error]Process completed with exit code 1.",
        )
    )
    assert "a.CartTest" in shown(diagnosis)
    assert "[Help 1]" not in shown(diagnosis)


def test_says_so_when_the_log_names_no_failed_test() -> None:
    diagnosis = said(
        github(
            "##[group]Run gradle test",
            "##[endgroup]",
            "> There were failing tests. See the report at: file:///work/reports/index.html",
            "##[error]Process completed with exit code 1.",
        )
    )
    assert diagnosis.cause is Cause.TEST_FAILURE
    assert diagnosis.names == ()
    assert "reports/index.html" in shown(diagnosis)
    assert any("names no failed test" in note for note in diagnosis.notes)


def test_five_reruns_of_one_crash_are_shown_once() -> None:
    crash = ["Fatal Python error: Segmentation fault", *QUIET[:40]]
    diagnosis = said(
        github(
            "##[group]Run xvfb-run pytest",
            "##[endgroup]",
            *(crash * 5),
            "##[error]Process completed with exit code 139.",
        )
    )
    assert shown(diagnosis).count("Segmentation fault") == 1
    assert diagnosis.cause is Cause.CRASH


@pytest.mark.parametrize(
    ("log", "number"),
    [
        pytest.param(b"\xef\xbb\xbfa\nerror: broken\n", 2, id="byte-order-mark"),
        pytest.param(b"a\0b\nerror:\0 broken\n", 2, id="nul"),
        pytest.param(b"a\x0cb\x0bc\xe2\x80\xa8d\re\nerror: broken\n", 2, id="not-line-ends"),
        pytest.param(b"a\r\n\r\nerror: broken\r\n", 3, id="crlf"),
        pytest.param(b"\x1b[1;31merr\x1b[0mor: broken\n", 1, id="colour-within-a-word"),
        pytest.param(b"\xff\xfe\nerror: broken \xff\n", 2, id="invalid-utf-8"),
        pytest.param("a\nerror: broken\n".encode("utf-16"), 2, id="utf-16"),
        pytest.param("a\nerror: broken\n".encode("utf-16-le"), 2, id="utf-16-without-mark"),
        pytest.param(b"x" * 300_000 + b" error: broken " + b"y" * 9_000, 1, id="300-kB"),
        pytest.param(
            b"".join(b" %d%%\r" % n for n in range(100)) + b"error: broken\n", 1, id="bar"
        ),
        pytest.param(b"C:\\src\\a.c(3): error C2143: broken\n", 1, id="windows-path"),
    ],
)
def test_bytes(log: bytes, number: int) -> None:
    diagnosis = said(log)
    assert [line.number for line in diagnosis.excerpt if "broken" in line.text] == [number]
    assert "\0" not in shown(diagnosis)
    assert "\r" not in shown(diagnosis)
    assert all(len(line.text) < 2_000 for line in diagnosis.excerpt)


def test_windows_line_ends_are_no_part_of_a_line() -> None:
    diagnosis = said(b"error: one\r\n  at two\r\n")
    assert [line.text for line in diagnosis.excerpt] == ["error: one", "  at two"]


def test_a_long_line_beside_the_reason_is_cut() -> None:
    diagnosis = said(b"error: broken\n  at " + b"x" * 5_000 + b"\n")
    assert diagnosis.excerpt[1].text.endswith("…")
    assert len(diagnosis.excerpt[1].text) < 1_000


def test_equal_problems_have_equal_fingerprints() -> None:
    """Times, ids, hashes and addresses are not what a problem is."""
    first = said(github("acme: cannot open part 17 of 1a2b3c4d5e at 0x7f00aa"))
    again = said(github("acme: cannot open part 4 of 99ff00aa11b2 at 0x7f11bb"))
    other = said(github("acme: cannot close part 4 of 99ff00aa11b2 at 0x7f11bb"))
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_payload_of_many_lines_in_one_error() -> None:
    """Only the first line of a multi-line ##[error] has a time stamp."""
    log = (
        github("##[group]Run deploy", "##[endgroup]")
        + (
            f"{STAMP}##[error]Error: failed to deploy app\n    at step (index.js:1:2)\n"
            "    at main (index.js:3:4)\n"
        ).encode()
    )
    assert [line.number for line in said(log).excerpt] == [3, 4, 5]


def test_no_log_at_all() -> None:
    lost = "The hosted runner lost communication with the server. Anything in your workflow..."
    diagnosis = diagnose((), Context(annotations=[Annotation(message=lost)]))
    assert diagnosis.cause is Cause.RUNNER_LOST
    assert diagnosis.retry is Advice.YES
    assert diagnosis.excerpt == ()
    assert lost in diagnosis.notes[0]


def test_no_log_and_nothing_known() -> None:
    diagnosis = diagnose(())
    assert diagnosis.cause is Cause.UNKNOWN
    assert diagnosis.retry is Advice.NO


@pytest.mark.parametrize(
    "prefix",
    [
        "test_1  | ",
        "#19 22.32 ",
        "[gw0] ",
        "[task 2026-02-13T21:24:26.000Z] 21:24:26     INFO - ",
        "[ERROR] ",
        "##[error]",
    ],
)
def test_prefixes_of_tools_are_seen_through_and_quoted(prefix: str) -> None:
    diagnosis = said(f"{prefix}fatal: reference is not a tree: 1a2b3c4\n".encode())
    assert diagnosis.rule == "git/ref-missing"
    assert shown(diagnosis).startswith(prefix)


def test_echoed_source_of_a_step_is_no_evidence() -> None:
    diagnosis = said(
        github(
            "##[group]Run set -e",
            "set -e || echo 'error: Segmentation fault'",
            "##[endgroup]",
            "cp: cannot stat 'dist': No such file or directory",
            "##[error]Process completed with exit code 1.",
        )
    )
    assert "Segmentation fault" not in shown(diagnosis)
    assert diagnosis.cause is Cause.SCRIPT_ERROR


def test_nested_groups() -> None:
    diagnosis = said(
        github(
            "##[group]Run make",
            "##[endgroup]",
            "##[group]build",
            "##[group]part",
            "main.c:1:1: error: expected ';'",
            "##[endgroup]",
            "##[endgroup]",
            "##[error]Process completed with exit code 2.",
        )
    )
    assert diagnosis.excerpt[0].number == 5


def test_log_cut_in_the_middle() -> None:
    """No stop line, an open echo, half a line at the end."""
    log = github("##[group]Run make", "make all") + github(*["quiet"] * 500)
    log += b"2026-03-01T10:00:00.0000000Z main.c:1:1: error: expec"
    diagnosis = said(log)
    assert diagnosis.cause is Cause.COMPILE_ERROR
    assert diagnosis.excerpt[-1].number == 503


def test_fences_and_mentions_are_kept_as_they_are() -> None:
    """Whoever renders them makes them harmless; the engine quotes."""
    line = "error: ```@everyone <!channel> <script>alert(1)</script>"
    assert shown(said(f"{line}\n".encode())) == line
