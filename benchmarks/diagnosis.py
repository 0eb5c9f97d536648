"""Score the diagnosis engine on a folder of logs with ground truth.

    python benchmarks/diagnosis.py LOGS [--set NAME] [--misses] [--half A|B]

LOGS holds `annotations.jsonl`, one object a log: log, set, anchors (1-based numbers of the lines
that state the reason), cause, transient, repo. Nothing is learned from the logs, so leaving a
repository out changes nothing; `--half` splits by a hash of the repository all the same, for
tuning on one half and looking at the other.
"""

import argparse
import hashlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.diagnosis import diagnose
from bot.diagnosis.text import readable, without_escapes, without_stamp
from bot.domain.failure import Cause, Diagnosis

CHUNK_LINES: Final = 15
BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Case:
    """One log, what people say of it, and what the engine says."""

    log: str
    group: str
    label: Mapping[str, Any]
    said: Diagnosis
    exact: bool
    seconds: float

    @property
    def shown(self) -> set[int]:
        return {line.number for line in self.said.excerpt}

    @property
    def hit(self) -> bool | None:
        anchors = self.label.get("anchors")
        return None if not anchors else bool(self.shown & set(anchors))

    @property
    def chunks(self) -> list[tuple[int, int]]:
        return list(chunks(self.label.get("anchors") or ()))

    @property
    def cause_right(self) -> bool | None:
        cause = self.label.get("cause")
        return None if not cause else str(self.said.cause) == cause


def chunks(anchors: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Join anchors that follow one another."""
    first = last = 0
    for anchor in sorted(anchors):
        if first and anchor == last + 1:
            last = anchor
            continue
        if first:
            yield first, last
        first = last = anchor
    if first:
        yield first, last


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    labels = _labels(options.logs, options.set, options.half)
    cases = [_case(options.logs, label) for label in labels]
    by_set: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_set[case.group].append(case)
    for name, group in [*sorted(by_set.items()), ("all", cases)]:
        print(f"{name:14} {len(group):4} logs  {_figures(group)}")
    _print_calibration(cases)
    if options.misses:
        for case in cases:
            _print_miss(case)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("logs", type=Path)
    parser.add_argument("--set", help="only this set")
    parser.add_argument("--half", choices=("A", "B"), help="only half of the repositories")
    parser.add_argument("--misses", action="store_true", help="list what went wrong")
    return parser.parse_args(arguments)


def _labels(logs: Path, group: str | None, half: str | None) -> list[dict[str, Any]]:
    lines = (logs / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [json.loads(line) for line in lines if line.strip()]
    return [
        label
        for label in labels
        if (group is None or label["set"] == group) and (half is None or _half(label) == half)
    ]


def _half(label: Mapping[str, Any]) -> str:
    name = str(label.get("repo") or label["log"])
    return "AB"[hashlib.sha256(name.encode()).digest()[0] % 2]


def _case(logs: Path, label: Mapping[str, Any]) -> Case:
    path = logs / label["log"]
    began = time.perf_counter()
    with path.open("rb") as file:
        said = diagnose(iter(lambda: file.read(BLOCK), b""))
    seconds = time.perf_counter() - began
    return Case(label["log"], label["set"], label, said, _exact(said, path.read_bytes()), seconds)


def _exact(said: Diagnosis, data: bytes) -> bool:
    """Say whether every quoted line stands in the log where it is said to stand."""
    lines = data.split(b"\n")
    for quoted in said.excerpt:
        if not 1 <= quoted.number <= len(lines):
            return False
        source = readable(without_stamp(without_escapes(lines[quoted.number - 1] + b"\n")[:-1]))
        rest = source
        for part in _parts(quoted.text):
            at = rest.find(part)
            if at < 0:
                return False
            rest = rest[at + len(part) :]
    return True


def _parts(text: str) -> list[str]:
    parts = []
    for piece in text.split("…"):
        while "[redacted: " in piece:
            before, _, rest = piece.partition("[redacted: ")
            parts.append(before)
            piece = rest.partition("]")[2]  # noqa: PLW2901 - what remains of the piece
        parts.append(piece)
    return [part for part in parts if part]


def _figures(cases: Sequence[Case]) -> str:
    marked = [case for case in cases if case.hit is not None]
    short = [
        (case, chunk)
        for case in marked
        for chunk in case.chunks
        if chunk[1] - chunk[0] < CHUNK_LINES
    ]
    full = sum(set(range(first, last + 1)) <= case.shown for case, (first, last) in short)
    caused = [case for case in cases if case.cause_right is not None]
    parts = [
        f"hit {_share(sum(bool(c.hit) for c in marked), len(marked))}",
        f"full {_share(full, len(short))}",
        f"cause {_share(sum(bool(c.cause_right) for c in caused), len(caused))}",
        _transient(cases),
        f"exact {_share(sum(c.exact for c in cases), len(cases))}",
        f"lines {sum(len(c.shown) for c in cases) / max(1, len(cases)):.1f}",
        f"{sum(c.seconds for c in cases):.1f} s",
    ]
    return "  ".join(parts)


def _transient(cases: Sequence[Case]) -> str:
    true = [case for case in cases if case.label.get("transient") is True]
    false = [case for case in cases if case.label.get("transient") is False]
    caught = sum(case.said.retry.transient is True for case in true)
    alarms = sum(case.said.retry.transient is True for case in false)
    return (
        f"transient precision {_share(caught, caught + alarms)}"
        f" recall {_share(caught, len(true))} alarms {_share(alarms, len(false))}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole}" + (f"={part / whole:.2f}" if whole else "")


def _print_calibration(cases: Sequence[Case]) -> None:
    """Print said and true probability, and the Brier score, where a cause is labelled."""
    caused = [case for case in cases if case.cause_right is not None]
    bins: dict[int, list[Case]] = defaultdict(list)
    for case in caused:
        bins[int(min(0.999, case.said.confidence) * 5)].append(case)
    for index in sorted(bins):
        inside = bins[index]
        mean = sum(case.said.confidence for case in inside) / len(inside)
        right = sum(bool(case.cause_right) for case in inside) / len(inside)
        print(f"confidence {mean:.2f}: right {right:.2f} of {len(inside)}")
    if caused:
        brier = sum((c.said.confidence - bool(c.cause_right)) ** 2 for c in caused) / len(caused)
        print(f"Brier score {brier:.3f}")


def _print_miss(case: Case) -> None:
    told, said = case.label.get("transient"), case.said.retry.transient
    wrong = [
        *(["hit"] if case.hit is False else []),
        *(["cause"] if case.cause_right is False else []),
        *(["false alarm"] if told is False and said is True else []),
        *(["missed transient"] if told is True and said is not True else []),
        *([] if case.exact else ["not exact"]),
    ]
    if not wrong:
        return
    print(f"\n{', '.join(wrong)}: {case.log}")
    print(f"  said {case.said.cause or Cause.UNKNOWN} {case.said.confidence} by {case.said.rule}")
    print(
        f"  told {case.label.get('cause')} transient {told} lines {case.label.get('anchors')}"[:160]
    )
    for line in case.said.excerpt:
        print(f"  {line.number:6} {line.text[:150]}")


if __name__ == "__main__":
    sys.exit(main())
