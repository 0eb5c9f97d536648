"""Deliveries of the size and shape that GitHub sends, signed, for the benchmarks."""

import json
import random
from collections.abc import Iterator, Sequence
from typing import Final

from bot.adapters.github.webhook import signed
from tests import payloads
from tests.payload_parts import Json

BYTES: Final = 25_000
REPOSITORIES: Final = 20
RED_EACH: Final = 4  # one run in as many fails
WORDS: Final = ("bump", "cache", "docs", "drop", "elixir", "fix", "image", "linux", "push", "retry")


def runs(count: int, *, secret: str, size: int = BYTES) -> Iterator[bytes]:
    """Return that many finished runs, a line each: event, signature and body, parted by tabs."""
    lot = random.Random(20260101)  # noqa: S311 - a repeatable order, not a secret
    for number in range(count):
        body = _run(number, lot, size)
        signature = signed(body, secret=secret.encode()).encode()
        yield b"\t".join((b"workflow_run", signature, body))


def _run(number: int, lot: random.Random, size: int) -> bytes:
    payload = payloads.workflow_run(
        run=1_000 + number,
        number=number // REPOSITORIES + 1,
        repo=f"acme/app-{number % REPOSITORIES}",
        conclusion="success" if number % RED_EACH else "failure",
    )
    run = payload["workflow_run"]
    run["head_commit"]["message"] = _message(lot)
    # What makes real ones large: each pull request names its repositories with all their links.
    repository = payload["repository"]
    while len(body := _written(payload)) < size:
        run["pull_requests"] += [_pull(lot.randrange(9_999), repository)]
    return body


def _message(lot: random.Random) -> str:
    lines: Sequence[str] = [" ".join(lot.choices(WORDS, k=12)) for _ in range(12)]
    return "\n".join(lines)


def _pull(number: int, repository: Json) -> Json:
    short = {key: repository[key] for key in ("id", "url", "name")}
    sha = f"{random.Random(number).getrandbits(160):040x}"  # noqa: S311 - not a secret
    return {
        "id": 1_000_000 + number,
        "number": number,
        "url": f"{repository['url']}/pulls/{number}",
        "head": {"ref": f"feature-{number}", "sha": sha, "repo": short},
        "base": {"ref": "main", "sha": payloads.SHA, "repo": short},
    }


def _written(payload: Json) -> bytes:
    return json.dumps(payload, separators=(",", ":")).encode()
