"""Short logs, as GitHub writes them."""

import gzip
import zipfile
from collections.abc import Mapping
from pathlib import Path

STAMP = "2026-07-30T10:37:22.5238024Z "
RED = "Process completed with exit code 1."


def log(*lines: str, ended: str = RED) -> bytes:
    """Return the log of a job with one step, which fails unless *ended* is empty."""
    error = [f"##[error]{ended}"] if ended else []
    whole = ["##[group]Run make test", "make test", "##[endgroup]", *lines, *error]
    return "".join(f"{STAMP}{line}\n" for line in [*whole, "Post job cleanup."]).encode()


def failing_test(name: str = "tests/test_cart.py::test_total") -> bytes:
    return log(
        "collected 3 items",
        f"FAILED {name} - AssertionError: assert 3 == 4",
        "========= 1 failed, 2 passed in 0.12s =========",
    )


def zipped(path: Path, members: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def gzipped(path: Path, data: bytes) -> Path:
    path.write_bytes(gzip.compress(data))
    return path
