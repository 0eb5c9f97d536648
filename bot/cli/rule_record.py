"""What came of each rule, if there is a database that tells."""

import asyncio
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from bot.adapters.clock import SystemClock
from bot.adapters.storage.engine import database_file, database_url
from bot.adapters.storage.rule_records import Record, read_records
from bot.config.environment import read_environment
from bot.domain.errors import SmokejumperError

SPAN: Final = timedelta(days=21)


def records() -> tuple[Mapping[str, Record] | None, str]:
    """Return the record of each rule that has one, or None; and what is wrong, in words."""
    try:
        url = read_environment(os.environ, env_file=Path(".env")).database_url
        file = database_file(database_url(url))
        if file and not file.is_file():  # a question must not make a database
            return None, ""
        return asyncio.run(read_records(url, since=SystemClock().now() - SPAN)), ""
    except (SmokejumperError, OSError) as error:
        return None, f"What came of the rules can't be read from the database: {error}"
