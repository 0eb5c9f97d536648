"""The lines of a green log, small enough to keep: hashes of those that could look like a reason."""

import hashlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.diagnosis.text import alike

MAX_LINES: Final = 20_000


def line_hash(line: bytes) -> int:
    """Hash what equal lines of different runs share."""
    return int.from_bytes(hashlib.blake2b(alike(line), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Sketch:
    """Which candidate lines a green run printed."""

    hashes: frozenset[int] = field(default_factory=frozenset)

    def __contains__(self, line: bytes) -> bool:
        return line_hash(line) in self.hashes

    @classmethod
    def of(cls, lines: Iterable[bytes]) -> "Sketch":
        hashes: set[int] = set()
        for line in lines:
            hashes.add(line_hash(line))
            if len(hashes) >= MAX_LINES:
                break
        return cls(frozenset(hashes))

    def to_bytes(self) -> bytes:
        return array("Q", sorted(self.hashes)).tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Sketch":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: The length is no multiple of eight.
        """
        hashes = array("Q")
        hashes.frombytes(data)
        return cls(frozenset(hashes))
