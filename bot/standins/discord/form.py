"""Check a body field by field and refuse it as Discord does: every error at its place."""

from collections.abc import Sized
from typing import Any
from urllib.parse import urlsplit

from bot.standins.discord.refusal import Code, Json, RefusalError


class Form:
    """Gather what is wrong; a place is a dotted path such as `embeds.0.fields.1.value`."""

    def __init__(self) -> None:
        self._errors: Json = {}

    def wrong(self, place: str, code: str, message: str) -> None:
        """Note one error at *place*."""
        node = self._errors
        for part in place.split("."):
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def required(self, place: str) -> None:
        self.wrong(place, "BASE_TYPE_REQUIRED", "This field is required")

    def text(self, place: str, value: object, *, longest: int, shortest: int = 0) -> None:
        """Check a text; one that may not be empty may not be missing either."""
        if value is None:
            if shortest:
                self.required(place)
        elif not isinstance(value, str):
            self.wrong(place, "STRING_TYPE_CONVERT", f'Could not interpret "{value}" as string.')
        else:
            self.size(place, value, most=longest, least=shortest)

    def size(self, place: str, value: Sized, *, most: int, least: int = 0) -> None:
        if least <= len(value) <= most:
            return
        if least == 1 and not value:
            self.required(place)
        elif least:
            between = f"Must be between {least} and {most} in length."
            self.wrong(place, "BASE_TYPE_BAD_LENGTH", between)
        else:
            self.wrong(place, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def one_of(self, place: str, value: object, allowed: tuple[int, ...]) -> bool:
        if value in allowed and not isinstance(value, bool):
            return True
        self.wrong(place, "BASE_TYPE_CHOICES", f"Value must be one of {allowed}.")
        return False

    def url(
        self, place: str, value: object, *, schemes: tuple[str, ...] = ("http", "https")
    ) -> None:
        parts = urlsplit(str(value))
        if parts.scheme not in schemes:
            message = f'Scheme "{parts.scheme}" is not supported. Scheme must be one of {schemes}.'
            self.wrong(place, "URL_TYPE_INVALID_SCHEME", message)
        elif not parts.netloc:
            self.wrong(place, "URL_TYPE_INVALID_URL", "Not a well formed URL.")

    def mapping(self, place: str, value: object) -> Json:
        """Return *value* as an object; null is an empty one."""
        if value is None or isinstance(value, dict):
            return value or {}
        self.wrong(place, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return {}

    def number(self, place: str, value: object) -> int:
        """Return *value* as a whole number; null is 0."""
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value or 0
        self.wrong(place, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        return 0

    def rows(self, place: str, value: object) -> list[Json]:
        """Return *value* as a list of objects; null is an empty one."""
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.wrong(place, "LIST_TYPE_CONVERT", "Only iterables of objects may be used here.")
            return []
        return value

    def check(self) -> None:
        """Refuse the body if anything was wrong.

        Raises:
            RefusalError: Code 50035, with every error noted so far.
        """
        if self._errors:
            raise RefusalError(Code.INVALID_FORM_BODY, errors=self._errors)


def refuse(place: str, code: str, message: str) -> RefusalError:
    """Return the refusal of one field."""
    form = Form()
    form.wrong(place, code, message)
    try:
        form.check()
    except RefusalError as refusal:
        return refusal
    raise AssertionError(place)


def snowflake(place: str, value: Any) -> int:  # noqa: ANN401 - a stranger's JSON
    """Read an id.

    Raises:
        RefusalError: It is not one.
    """
    if str(value).isdigit():
        return int(value)
    raise refuse(place, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
