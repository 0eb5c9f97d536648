"""How a call is refused."""

from bot.standins.slack.model import Json


class SlackError(Exception):
    """A refusal, answered with status 200 and `ok: false`."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def body(self) -> Json:
        return {"ok": False, "error": self.code, **self.details}


class RateLimitedError(Exception):
    """Too many calls; the only refusal with a status of its own, 429."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"retry after {wait_seconds} s")
        self.wait_seconds = wait_seconds


class UndeliveredError(Exception):
    """The app did not take what Slack sent; *code* is what the person reads."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class CannotError(Exception):
    """A person could not do this: there is no such button, or they cannot see it."""


def invalid_blocks(problems: list[str]) -> SlackError:
    return SlackError(
        "invalid_blocks",
        errors=problems,
        response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]},
    )


def invalid_arguments(problems: list[str]) -> SlackError:
    return SlackError(
        "invalid_arguments",
        response_metadata={"messages": [f"[ERROR] {problem}" for problem in problems]},
    )
