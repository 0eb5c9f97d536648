"""How GitHub says no."""

from collections.abc import Mapping
from typing import Final

DOCS: Final = "https://docs.github.com/rest"


class RefusalError(Exception):
    """A request that GitHub answers with an error body."""

    def __init__(
        self, status: int, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        return {"message": self.message, "documentation_url": DOCS, "status": str(self.status)}


def not_found() -> RefusalError:
    """Hide what the caller may not see behind the answer for what does not exist."""
    return RefusalError(404, "Not Found")
