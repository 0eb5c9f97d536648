"""What was named on the command line, as logs that can be read more than once."""

import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, cast

from bot.cli.explaining.blocks import BLOCK_BYTES, MOST_BYTES, bounded, gunzipped, plain
from bot.cli.explaining.texts import text_alone
from bot.cli.explaining.zips import jobs_of
from bot.domain.errors import UserError

STDIN: Final = "-"
GZIP: Final = b"\x1f\x8b"
ZIPS: Final = (b"PK\x03\x04", b"PK\x05\x06")  # the second of one that holds nothing
IN_MEMORY_BYTES: Final = 16_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One log; what `start` returns reads it from its first byte."""

    name: str
    """What the answer is called: the file, or "FILE:JOB"."""
    start: Callable[[], Iterator[bytes]]
    job: str = ""
    size: int | None = None
    """Its bytes, where they are known before it is read."""

    def blocks(self) -> Iterator[bytes]:
        """Read the log.

        Raises:
            UserError: It is empty, plainly no text, or packed and broken.
        """
        return text_alone(self.start())


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """Open a file, or standard input, so that it can be read twice.

    Raises:
        UserError: There is no such file, or it can't be read.
    """
    with ExitStack() as stack:
        file = sys.stdin.buffer if name == STDIN else stack.enter_context(_open(name))
        if name == STDIN or not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            copy = stack.enter_context(tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES))
            for block in bounded(iter(partial(file.read, BLOCK_BYTES), b""), MOST_BYTES):
                copy.write(block)
            file = cast("BinaryIO", copy)
        yield file


def logs_in(file: BinaryIO, name: str) -> list[Log]:
    """Return the log that *file* is, or those of the jobs that it packs.

    Raises:
        UserError: It is not what its name says, or a zip without logs.
    """
    file.seek(0)
    head = file.read(4)
    if head in ZIPS:
        return [
            Log(name=f"{name}:{job.name}", job=job.name, start=job.start, size=job.size)
            for job in jobs_of(file)
        ]
    if head.startswith(GZIP):
        return [Log(name=name, start=partial(gunzipped, file))]
    if name.endswith((".gz", ".zip")):
        msg = f"It is no {name.rpartition('.')[2]} file, whatever its name says."
        raise UserError(msg)
    return [Log(name=name, start=partial(plain, file), size=file.seek(0, os.SEEK_END))]


def _open(name: str) -> BinaryIO:
    try:
        return Path(name).open("rb")
    except FileNotFoundError as error:
        msg = "There is no such file."
        raise UserError(msg) from error
    except IsADirectoryError as error:
        msg = "It is a folder. Name the files in it."
        raise UserError(msg) from error
    except OSError as error:
        msg = f"It can't be opened: {error.strerror}."
        raise UserError(msg) from error
