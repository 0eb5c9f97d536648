"""What the builds of the demo print."""

from typing import Final

STAMP: Final = "2026-11-24T12:00:{:02d}.0000000Z "

REFUSED: Final = (
    "failed to push ghcr.io/acme/app:main: unexpected status from HEAD request to "
    "https://ghcr.io/v2/acme/app/blobs/sha256:5f2c: 503 Service Unavailable"
)
PUSH: Final = (
    "##[group]Run docker/build-push-action@v6",
    "with:",
    "  push: true",
    "##[endgroup]",
    "#18 [linux/arm64] exporting layers",
    "#18 DONE 12.4s",
    "#19 exporting to image",
    "#19 pushing layers",
    "#19 pushing layers 8.1s done",
    f"#19 ERROR: {REFUSED}",
    "------",
    " > exporting to image:",
    "------",
    f"ERROR: failed to build: failed to solve: {REFUSED}",
    f"##[error]buildx failed with: ERROR: failed to build: failed to solve: {REFUSED}",
)

TESTS: Final = (
    "##[group]Run python -m pytest",
    "shell: /usr/bin/bash -e {0}",
    "##[endgroup]",
    "============================= test session starts ==============================",
    "collected 212 items",
    "tests/test_cart.py ..........F..........                                  [ 11%]",
    "=================================== FAILURES ===================================",
    "_________________________ test_total_includes_shipping _________________________",
    "    def test_total_includes_shipping():",
    "        cart = Cart([Item('book', price=12)], shipping=3)",
    ">       assert cart.total == 15",
    "E       assert 12 == 15",
    "E        +  where 12 = <Cart 1 item>.total",
    "tests/test_cart.py:41: AssertionError",
    "=========================== short test summary info ============================",
    "FAILED tests/test_cart.py::test_total_includes_shipping - assert 12 == 15",
    "======================== 1 failed, 211 passed in 14.02s ========================",
    "##[error]Process completed with exit code 1.",
)


def log_of(lines: tuple[str, ...]) -> bytes:
    """Return *lines* as GitHub keeps them, each with its time."""
    stamped = [STAMP.format(number % 60) + line for number, line in enumerate(lines)]
    return ("\n".join(stamped) + "\n").encode()
