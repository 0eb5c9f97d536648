"""The real command, in an empty folder and with nothing in the environment."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

Run = Callable[..., Result]
OURS = ("GITHUB_", "DATABASE_URL", "SMOKEJUMPER_", "SLACK_", "DISCORD_", "NO_COLOR")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `smokejumper` with these arguments; the compiled rules stay cached."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)

    def run(*arguments: object, **options: Any) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], **options)

    return run


def objects(result: Result) -> list[dict[str, Any]]:
    """Return what was printed with --json."""
    return [json.loads(line) for line in result.stdout.splitlines()]
