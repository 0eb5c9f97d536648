"""What a check of our surroundings found."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    ok: bool
    text: str
    """One plain sentence; where something is wrong, it says what to do."""
