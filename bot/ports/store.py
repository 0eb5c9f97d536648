"""Where rows live."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Store(Protocol[T_co]):
    """A service names the rows it touches: `Store[Tx]` with `class Tx(CardRows, ..., Protocol)`."""

    def begin(self) -> AbstractAsyncContextManager[T_co]:
        """Open a transaction: committed at the end, undone by an exception.

        Wakes for what became due are sent after the commit.

        Raises:
            RuntimeError: One is open already in this task; services share functions that
                take a `tx`, never each other's use cases.
        """
        ...

    def read(self) -> AbstractAsyncContextManager[T_co]:
        """Open a view of one moment; writing through it is an error."""
        ...
