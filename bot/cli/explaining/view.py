"""A diagnosis as people read it in a terminal: cause, what to do, the proof, what was scrubbed."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

from click import style

from bot.cli.explaining.answers import Explained
from bot.cli.explaining.terminal import printable
from bot.domain.failure import Advice, Cause, Diagnosis

SURE: Final = ((0.9, "almost certain"), (0.75, "likely"), (0.5, "more likely than not"))
COLOURS: Final = {Advice.YES: "cyan", Advice.ONCE: "yellow", Advice.NO: "red"}
NAMES: Final = 10
GAP: Final = "⋮"
REDACTED: Final = "[redacted: "


def human(answer: Explained) -> str:
    """Return the whole answer, in colour."""
    found = answer.diagnosis
    cause = style(found.cause.replace("_", " "), fg=COLOURS[found.retry], bold=True)
    lines = [
        style(printable(answer.file), bold=True),
        f"{cause}: {printable(found.reason)}",
        f"{confidence(found)} {retry_words(found)}",
        *_proof(answer),
        *_names(found),
        *(printable(note) for note in found.notes),
        _source(answer),
    ]
    return "\n".join(lines)


def confidence(found: Diagnosis) -> str:
    """Say in words how sure that is."""
    if found.cause is Cause.UNKNOWN:
        return "No rule knows this failure."
    words = next((words for least, words in SURE if found.confidence >= least), "a guess")
    return f"That is {words} ({found.confidence:.0%})."


def retry_words(found: Diagnosis) -> str:
    """Say whether running the same commit again can help."""
    if found.cause is Cause.UNKNOWN:
        return "Whether a retry helps, the log does not say."
    match found.retry:
        case Advice.YES:
            return f"A retry usually helps{_wait(found.wait)}."
        case Advice.ONCE:
            again = "if it fails in the same way again, it is broken"
            return f"One retry may help{_wait(found.wait)}; {again}."
        case Advice.NO:
            return "A retry does not help."


def _wait(wait: timedelta) -> str:
    minutes = round(wait.total_seconds() / 60)
    return f" after {minutes} min" if minutes else ""


def _proof(answer: Explained) -> Iterator[str]:
    quoted = {line.number: line.text for line in answer.diagnosis.excerpt}
    numbers = sorted({*quoted, *answer.around})
    if not numbers:
        return
    width = len(str(numbers[-1]))
    yield ""
    for before, number in pairwise([numbers[0] - 1, *numbers]):
        if number > before + 1:
            yield style(f"  {GAP:>{width}}", dim=True)
        text = printable(quoted.get(number, answer.around.get(number, "")))
        if number in quoted:
            yield f"> {number:>{width}}  {style(text, bold=True)}"
        else:
            yield style(f"  {number:>{width}}  {text}", dim=True)
    yield ""


def _names(found: Diagnosis) -> Iterator[str]:
    if not found.names:
        return
    yield "Failed tests:" if found.cause is Cause.TEST_FAILURE else "Named in the log:"
    yield from (f"  {printable(name)}" for name in found.names[:NAMES])
    if len(found.names) > NAMES:
        yield f"  and {len(found.names) - NAMES} more"


def _source(answer: Explained) -> str:
    rule = answer.diagnosis.rule
    around = sum(text.count(REDACTED) for text in answer.around.values())
    scrubbed = answer.diagnosis.redacted + around
    parts = [f"Rule: {printable(rule)}." if rule else "Rule: none."]
    if scrubbed:
        parts.append(
            "1 secret was scrubbed." if scrubbed == 1 else f"{scrubbed} secrets were scrubbed."
        )
    return style(" ".join(parts), dim=True)
