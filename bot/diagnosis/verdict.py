"""Decide the cause: which rule speaks for the job, and how sure that is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bot.diagnosis.evidence import IN_FAILED, Judged
from bot.diagnosis.rule import Rule
from bot.domain.failure import Advice, Cause

FAR_LINES: Final = 400  # a transient message so far above the end was survived
FAR: Final = 0.5
ALMOST: Final = 0.95  # a lasting reason of this share of a transient one's score beats it
SURE: Final = 92  # such a rule is not beaten


@dataclass(frozen=True, slots=True)
class Verdict:
    """The rule that speaks for the job, and the line it stands on."""

    rule: Rule | None
    judged: Judged | None
    cause: Cause
    retry: Advice
    confidence: float


@dataclass(frozen=True, slots=True)
class _Claim:
    judged: Judged
    rule: Rule
    score: float


NOTHING: Final = Verdict(None, None, Cause.UNKNOWN, Advice.NO, 0.1)


def decide(judged: Sequence[Judged], *, end: int) -> Verdict:
    """Return the verdict on a job whose failed step ends at line *end*."""
    claims = list(_claims(judged, end))
    if not claims:
        return NOTHING
    best = max(claims, key=lambda c: (c.score, -c.rule.order, -c.judged.spot.number))
    if best.rule.transient and best.rule.weight < SURE:
        lasting = [
            c
            for c in claims
            if c.rule.retry is Advice.NO
            and c.score >= best.score * ALMOST
            and c.judged.spot.number > best.judged.spot.number
        ]
        best = max(lasting, key=lambda c: c.score, default=best)
    rule = best.rule
    return Verdict(
        rule, best.judged, rule.cause or Cause.UNKNOWN, rule.retry, _confidence(best, claims)
    )


def _claims(judged: Sequence[Judged], end: int) -> Iterator[_Claim]:
    for one in judged:
        spot = one.spot
        for rule in spot.rules:
            if rule.cause is None:
                continue
            score = one.score * rule.weight / max(spot.weight, 1)
            if rule.transient and spot.retried:
                continue  # it was tried again; if that failed too, another line says so
            if rule.transient and end - spot.number > FAR_LINES:
                score *= FAR
            if score > 0:
                yield _Claim(one, rule, score)


def _confidence(best: _Claim, claims: Sequence[_Claim]) -> float:
    """Estimate from the kind of rule, its weight, its place, and what speaks against it."""
    sure = 0.55 if best.rule.generic else 0.75
    sure += 0.2 * (best.score / 100)
    against = max((c.score for c in claims if c.rule.cause is not best.rule.cause), default=0.0)
    if best.score:
        sure -= 0.25 * max(0.0, against / best.score - 0.6)
    if best.judged.share < IN_FAILED:
        sure -= 0.1
    return round(min(0.97, max(0.1, sure)), 2)
