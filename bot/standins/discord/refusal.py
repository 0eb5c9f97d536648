"""Discord's error answers: a status, a code, a message, and for bad bodies a tree of errors."""

from enum import Enum
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]


class Code(Enum):
    """Status, code and message as Discord answers them."""

    UNAUTHORIZED = (401, 0, "401: Unauthorized")
    NOT_FOUND = (404, 0, "404: Not Found")
    METHOD_NOT_ALLOWED = (405, 0, "405: Method Not Allowed")
    NOT_MODELLED = (501, 0, "This stand-in does not model that part of Discord")
    UNKNOWN_APPLICATION = (404, 10002, "Unknown Application")
    UNKNOWN_CHANNEL = (404, 10003, "Unknown Channel")
    UNKNOWN_GUILD = (404, 10004, "Unknown Guild")
    UNKNOWN_MEMBER = (404, 10007, "Unknown Member")
    UNKNOWN_MESSAGE = (404, 10008, "Unknown Message")
    UNKNOWN_USER = (404, 10013, "Unknown User")
    UNKNOWN_WEBHOOK = (404, 10015, "Unknown Webhook")
    UNKNOWN_INTERACTION = (404, 10062, "Unknown interaction")
    UNKNOWN_COMMAND = (404, 10063, "Unknown application command")
    CLOUDFLARE_BLOCKED = (403, 40333, "internal network error")
    TOO_LARGE = (413, 40005, "Request entity too large")
    ALREADY_ANSWERED = (400, 40060, "Interaction has already been acknowledged.")
    MISSING_ACCESS = (403, 50001, "Missing Access")
    NOT_YOUR_MESSAGE = (403, 50005, "Cannot edit a message authored by another user")
    EMPTY_MESSAGE = (400, 50006, "Cannot send an empty message")
    MISSING_PERMISSIONS = (403, 50013, "Missing Permissions")
    WRONG_CHANNEL_TYPE = (400, 50024, "Cannot execute action on this channel type")
    INVALID_WEBHOOK_TOKEN = (401, 50027, "Invalid Webhook Token")
    INVALID_FORM_BODY = (400, 50035, "Invalid Form Body")
    THREAD_ARCHIVED = (400, 50083, "Thread is archived")
    INVALID_JSON = (400, 50109, "The request body contains invalid JSON.")
    THREAD_EXISTS = (400, 160004, "A thread has already been created for this message")
    THREAD_LOCKED = (403, 160005, "Thread is locked")

    @property
    def status(self) -> int:
        """Return the HTTP status."""
        return self.value[0]


class RefusalError(Exception):
    """Discord says no."""

    def __init__(self, code: Code, *, errors: Json | None = None) -> None:
        super().__init__(code.value[2])
        self.code = code
        self.errors = errors

    def body(self) -> Json:
        """Return the JSON that a client gets."""
        _, number, message = self.code.value
        body: Json = {"message": message, "code": number}
        return body if self.errors is None else body | {"errors": self.errors}
