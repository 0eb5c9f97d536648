"""Turn evidence into a diagnosis: verdict, words, names, fingerprint and redacted excerpt."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.diagnosis.captures import capture, first
from bot.diagnosis.causes import HABITS
from bot.diagnosis.context import Context
from bot.diagnosis.evidence import Evidence, Judged
from bot.diagnosis.excerpt import choose
from bot.diagnosis.fingerprint import fingerprint
from bot.diagnosis.redaction import Redactor
from bot.diagnosis.text import readable, without_stamp
from bot.diagnosis.verdict import Verdict, decide
from bot.diagnosis.words import reason_of
from bot.domain.failure import Cause, Diagnosis, ExcerptLine

NAMES: Final = 20
CERTAIN: Final = 0.93  # GitHub's own word of this weight is worth more than the log's
NO_NAMES: Final = "the log names no failed test"


def conclude(evidence: Evidence, context: Context) -> Diagnosis:
    """Judge a log that was read to its end."""
    judged = evidence.judged(context)
    stops = list(evidence.stops(context))
    verdict = decide(judged, end=stops[0] if stops else evidence.lines)
    lead = verdict.judged.spot if verdict.judged else None
    numbers = choose(judged, evidence.shelf, stops, lead=lead.number if lead else None)
    texts = evidence.shelf.lines | {j.spot.number: j.spot.text for j in judged}
    redactor = Redactor()
    excerpt = _quoted(numbers, texts, redactor)
    names = tuple(redactor.line(name) for name in _names(judged, verdict))
    said = redactor.line(readable(lead.said)) if lead else ""
    stable = redactor.line(first(verdict.rule.stable, lead.said)) if verdict.rule and lead else ""
    return Diagnosis(
        cause=verdict.cause,
        confidence=verdict.confidence,
        retry=verdict.retry,
        wait=verdict.rule.wait if verdict.rule else HABITS[verdict.cause].wait,
        reason=reason_of(verdict, names, said, stable),
        rule=verdict.rule.name if verdict.rule else "",
        fingerprint=fingerprint(verdict, stable, excerpt),
        excerpt=excerpt,
        names=names,
        redacted=redactor.count,
        notes=tuple(_notes(verdict, names, context)),
    )


def _notes(verdict: Verdict, names: Sequence[str], context: Context) -> Iterator[str]:
    if verdict.cause is Cause.TEST_FAILURE and not names:
        yield NO_NAMES
    lead = verdict.judged.spot if verdict.judged else None
    if lead and lead.new and context.green_ref:
        yield f"the last green run, {context.green_ref}, did not print this"


def with_annotations(log: Diagnosis, noted: Diagnosis | None, context: Context) -> Diagnosis:
    """Let GitHub's own notes decide where the log cannot, or where they leave no doubt."""
    if noted is None or noted.cause is Cause.UNKNOWN:
        return log
    if log.cause is not Cause.UNKNOWN and noted.confidence < CERTAIN:
        return log
    notes = tuple(f"GitHub notes: {line.text}" for line in noted.excerpt[:1])
    where = context.failed_step()
    return replace(
        noted,
        excerpt=log.excerpt,
        redacted=noted.redacted + log.redacted,
        notes=notes + ((f'the step "{where.name}" failed',) if where else ()),
    )


def _quoted(
    numbers: Sequence[int], texts: Mapping[int, bytes], redactor: Redactor
) -> tuple[ExcerptLine, ...]:
    """Quote the lines; their neighbours are at hand to find a secret that goes over two."""

    def text(number: int) -> str:
        return readable(without_stamp(texts.get(number, b"")))

    return tuple(
        ExcerptLine(
            number=number, text=redactor.between(text(number - 1), text(number), text(number + 1))
        )
        for number in numbers
    )


def _names(judged: Sequence[Judged], verdict: Verdict) -> list[str]:
    """List what the log names as failed, by rules of the verdict's cause, once each."""
    found: dict[str, None] = {}
    for one in judged:
        for rule in one.spot.rules:
            if rule.names and rule.cause is verdict.cause and one.score > 0:
                found.update(dict.fromkeys(n.strip() for n in capture(rule.names, one.spot.said)))
        if len(found) >= NAMES:
            break
    return [name for name in found if name][:NAMES]
