"""Tell a log from a file that is plainly none, such as a picture or a core dump."""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from bot.cli.explaining.lines import as_utf8
from bot.domain.errors import UserError

# No program prints these to a terminal; tabs, backspaces, form feeds and escapes do occur.
ODD: Final = bytes([*range(8), *range(0x0E, 0x1B), *range(0x1C, 0x20), 0x7F])
HEAD_BYTES: Final = 64 * 1024
MOST_HEAD_BYTES: Final = 1024 * 1024
FEW: Final = 8  # bytes that a log may have whatever its length
FEW_SHARE: Final = 0.05
MANY_SHARE: Final = 0.3
BAD_SHARE: Final = 0.25  # of bytes that are no UTF-8; text in an older encoding can have more


def text_alone(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Pass the blocks of a log on.

    Raises:
        UserError: It is empty, or plainly no text.
    """
    head: list[bytes] = []
    read = 0
    for block in blocks:
        head.append(block)
        read += len(block)
        # A log may begin with blank lines, or with the hole that a crash left.
        if read >= MOST_HEAD_BYTES or (read >= HEAD_BYTES and block.strip(b"\0 \r\n\t")):
            break
    check(b"".join(head))
    return chain(head, blocks)


def check(head: bytes) -> None:
    """Refuse what a file begins with.

    Raises:
        UserError: There is nothing in it, or it is plainly no text.
    """
    if not head.strip():
        msg = "It is empty."
        raise UserError(msg)
    if is_binary(head.lstrip(b"\0")[:HEAD_BYTES]):
        msg = "It is no text but a binary file."
        raise UserError(msg)


def is_binary(head: bytes) -> bool:
    text = b"".join(as_utf8([head]))  # half the bytes of UTF-16 are zero
    if not text.strip():
        return True
    odd = len(text) - len(text.translate(None, ODD))
    share = odd / len(text)
    bad = text.decode("utf-8", "replace").count("\ufffd") / len(text)
    return share > MANY_SHARE or (odd > FEW and share > FEW_SHARE) or (odd > 1 and bad > BAD_SHARE)
