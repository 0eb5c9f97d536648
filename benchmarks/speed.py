"""Measure the diagnosis engine beside ripgrep with the same expressions, and beside `wc -l`.

    python benchmarks/speed.py LOGS [--megabytes 200] [--rg PATH]

A log of the wanted size is made of the logs of LOGS, shuffled and repeated. Every measurement is a
process of its own, on one core, so that its peak memory can be told; seconds are the processor's,
start included. ripgrep is slow with a
thousand expressions, so it reads the smallest of the logs only.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

BLOCK: Final = 1 << 20
MB: Final = 1_000_000
SIZES: Final = (25, 50, 100, 200)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("logs", type=Path)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rg", default=shutil.which("rg"))
    parser.add_argument("--read", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.read:
        return _read(options.logs)
    one_core()
    with tempfile.TemporaryDirectory() as folder:
        _measure(options, Path(folder))
    return 0


def one_core() -> None:
    """Keep this process and its children on one core, where the system lets us."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _measure(options: argparse.Namespace, folder: Path) -> None:
    sizes = [size for size in SIZES if size <= options.megabytes]
    made = {size: _write(folder / f"{size}.log", _mixed(options.logs, size * MB)) for size in sizes}
    dense = _write(folder / "dense.log", _dense(50 * MB))
    long_line = _write(folder / "line.log", _repeated(b"x error: foo ", 25 * MB))
    zeros = _write(folder / "zeros.log", _repeated(b"\0" * 4096, 100 * MB))
    _ours(made[sizes[0]])  # compiles the rules where they are not cached yet
    print(f"{'what':34}{'MB/s':>8}{'peak MB':>9}{'seconds':>9}")
    for size, path in made.items():
        _row(f"diagnose, {size} MB", path, *_ours(path))
    _row("diagnose, every line a candidate", dense, *_ours(dense))
    _row("diagnose, one line of 25 MB", long_line, *_ours(long_line))
    _row("diagnose, 100 MB of zeros", zeros, *_ours(zeros))
    _row("wc -l", made[sizes[-1]], *_run(["wc", "-l", str(made[sizes[-1]])]))
    if options.rg:
        _ripgrep(options.rg, folder, made[sizes[0]])
    else:
        print("ripgrep is not installed; name it with --rg")


def _ripgrep(rg: str, folder: Path, log: Path) -> None:
    """Let ripgrep count the lines that any expression knows."""
    from bot.diagnosis.databases import entries  # noqa: PLC0415 - the child needs it not
    from bot.diagnosis.ruleset import built_in_rules  # noqa: PLC0415 - the same

    expressions = [pattern for pattern, _ in entries(built_in_rules().rules)]
    file = folder / "expressions"
    file.write_text("\n".join(map(_in_bytes, expressions)), encoding="ascii")
    command = [rg, "-j1", "--text", "--count", "--no-unicode", "--file", str(file), str(log)]
    _row(f"ripgrep, {len(expressions)} expressions", log, *_run(command))


def _in_bytes(expression: str) -> str:
    """Write an expression so that ripgrep, like Hyperscan here, matches bytes, not letters."""
    return "".join(
        sign if sign.isascii() else "".join(f"\\x{byte:02x}" for byte in sign.encode())
        for sign in expression
    )


def _ours(path: Path) -> tuple[float, float]:
    return _run([sys.executable, __file__, str(path), "--read"])


def _read(path: Path) -> int:
    from bot.diagnosis import Reader  # noqa: PLC0415 - so that a start is measured with it

    reader = Reader()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            reader.feed(block)
    reader.finish()
    return 0


def _run(command: Sequence[str]) -> tuple[float, float]:
    """Return the processor seconds and the peak memory in MB of a child process."""
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own commands
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _row(name: str, path: Path, seconds: float, peak: float) -> None:
    print(f"{name:34}{path.stat().st_size / MB / seconds:8.1f}{peak:9.0f}{seconds:9.2f}")


def _mixed(logs: Path, size: int) -> Iterator[bytes]:
    files = sorted(path for path in (logs / "logs").iterdir() if path.is_file())
    lot = random.Random(20260101)  # noqa: S311 - a repeatable order, not a secret
    while True:
        lot.shuffle(files)
        for path in files:
            data = path.read_bytes()[:size]
            yield data
            size -= len(data)
            if size <= 0:
                return


def _dense(size: int) -> Iterator[bytes]:
    lot = random.Random(20260101)  # noqa: S311 - the same
    words = ["".join(lot.choices("abcdefghijklmnop", k=6)) for _ in range(3_000)]
    while size > 0:
        line = "ERROR: {} failed to {} the {} of {} and {}, see {}\n"
        block = "".join(line.format(*lot.choices(words, k=6)) for _ in range(10_000)).encode()
        yield block
        size -= len(block)


def _repeated(piece: bytes, size: int) -> Iterator[bytes]:
    for _ in range(max(1, size // (len(piece) * 1_000))):
        yield piece * 1_000


def _write(path: Path, blocks: Iterator[bytes]) -> Path:
    with path.open("wb") as file:
        file.writelines(blocks)
    return path


if __name__ == "__main__":
    sys.exit(main())
