"""One process at a time works on a SQLite file; others may look."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.domain.errors import PermanentError


@contextmanager
def hold_alone(path: Path) -> Iterator[None]:
    """Hold the database file for this process; the system lets go when the process ends.

    Raises:
        PermanentError: Another process holds it.
    """
    path = path.resolve()  # two links to one file are one file
    beside = path.with_name(f"{path.name}.lock")
    try:
        beside.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"DATABASE_URL: the folder of {path} can't be made: {error.strerror}."
        raise PermanentError(msg) from error
    with beside.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            msg = (
                f"Another Smokejumper (process {holder}) works on {path}. "
                f"Stop it first, or name another database in DATABASE_URL."
            )
            raise PermanentError(msg) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
