"""How the gateway packs its frames: one stream over the whole connection."""

import zlib
from collections.abc import Callable
from typing import TypeAlias

import zstandard

Pack: TypeAlias = Callable[[bytes], bytes]


def _zlib_stream() -> Pack:
    stream = zlib.compressobj()
    return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)


def _zstd_stream() -> Pack:
    stream = zstandard.ZstdCompressor().compressobj()
    block = zstandard.COMPRESSOBJ_FLUSH_BLOCK
    return lambda data: stream.compress(data) + stream.flush(block)


def packer(name: str | None) -> Pack | None:
    """Return what packs a frame; None for plain text frames.

    Raises:
        KeyError: Discord knows no such compression.
    """
    return {None: lambda: None, "zlib-stream": _zlib_stream, "zstd-stream": _zstd_stream}[name]()
