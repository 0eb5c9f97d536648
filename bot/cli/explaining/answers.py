"""What `explain` answers for one log."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.failure import Diagnosis


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    file: str
    diagnosis: Diagnosis
    around: Mapping[int, str] = field(default_factory=dict)
    """Lines around those of the excerpt, by number; redacted as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """It could not be read, and why."""

    file: str
    error: str


Answer = Explained | Unread


def as_json(answer: Answer) -> str:
    """Return one line of ASCII, which no terminal takes for a command."""
    match answer:
        case Explained():
            return json.dumps(_fields(answer.file, answer.diagnosis))
        case Unread():
            return json.dumps({"file": answer.file, "error": answer.error})


def _fields(file: str, found: Diagnosis) -> Mapping[str, object]:
    return {
        "file": file,
        "cause": found.cause,
        "transient": found.retry.transient,
        "confidence": found.confidence,
        "reason": found.reason,
        "rule": found.rule,
        "fingerprint": found.fingerprint,
        "excerpt": [{"line": line.number, "text": line.text} for line in found.excerpt],
        "redacted": found.redacted,
    }
