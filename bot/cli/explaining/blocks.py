"""Read files block by block, packed or not; what is packed may unpack to more than it should."""

import gzip
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from bot.domain.errors import UserError

BLOCK_BYTES: Final = 64 * 1024
MOST_BYTES: Final = 2_000_000_000  # unpacked; more is a bomb, or nothing that anybody reads
BROKEN_GZIP: Final = (gzip.BadGzipFile, EOFError, zlib.error)
BROKEN_ZIP: Final = (BadZipFile, EOFError, zlib.error)


def plain(file: BinaryIO) -> Iterator[bytes]:
    """Read *file* from its beginning, wherever it stands."""
    file.seek(0)
    yield from iter(partial(file.read, BLOCK_BYTES), b"")


def gunzipped(file: BinaryIO, *, most_bytes: int = MOST_BYTES) -> Iterator[bytes]:
    """Unpack *file* from its beginning.

    Raises:
        UserError: It is broken, or holds more than *most_bytes*.
    """
    file.seek(0)
    try:
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield from bounded(iter(partial(unpacked.read, BLOCK_BYTES), b""), most_bytes)
    except BROKEN_GZIP as error:
        msg = f"The gzip file is broken: {error}"
        raise UserError(msg) from error


def unzipped(archive: ZipFile, members: Sequence[ZipInfo]) -> Iterator[bytes]:
    """Unpack *members* as one text.

    Raises:
        UserError: One is broken.
    """
    try:
        for member in members:
            last = b""
            with archive.open(member) as file:
                for block in iter(partial(file.read, BLOCK_BYTES), b""):
                    yield block
                    last = block
            if not last.endswith(b"\n"):
                yield b"\n"
    except BROKEN_ZIP as error:
        msg = f"The zip file is broken: {error}"
        raise UserError(msg) from error


def bounded(blocks: Iterator[bytes], most_bytes: int) -> Iterator[bytes]:
    """Pass blocks on.

    Raises:
        UserError: They hold more than *most_bytes*.
    """
    left = most_bytes
    for block in blocks:
        left -= len(block)
        if left < 0:
            raise too_big(most_bytes)
        yield block


def too_big(most_bytes: int) -> UserError:
    return UserError(f"It unpacks to more than {most_bytes / 1e9:g} GB, which I do not read.")
