"""What two equal problems have in common, as a short text that can be compared and stored."""

import hashlib
from collections.abc import Sequence

from bot.diagnosis.text import alike
from bot.diagnosis.verdict import Verdict
from bot.domain.failure import Cause, ExcerptLine


def fingerprint(verdict: Verdict, stable: str, excerpt: Sequence[ExcerptLine]) -> str:
    """Join the cause and a hash of the stable part; no numbers, hashes, times or addresses."""
    if stable:
        part = stable.encode()
    elif verdict.judged:
        part = alike(verdict.judged.spot.said[:300])
    else:
        part = b"\n".join(alike(line.text.encode()) for line in excerpt[-3:])
    if not part:
        return str(Cause.UNKNOWN)
    return f"{verdict.cause}-{hashlib.sha256(part).hexdigest()[:12]}"
