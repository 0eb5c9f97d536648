"""Arguments of a call, wherever they stand: query, form, multipart or JSON."""

import json

from aiohttp import web

from bot.standins.slack.errors import SlackError, invalid_arguments
from bot.standins.slack.model import Json


class Arguments:
    """What a method was called with; read by name and kind."""

    def __init__(self, values: Json) -> None:
        self.values = values

    def text(self, name: str) -> str:
        """Return *name* as text, empty if it was left out."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def need(self, name: str) -> str:
        """Return *name*, which must be there."""
        value = self.text(name)
        if not value:
            raise invalid_arguments([f"missing required field: {name}"])
        return value

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in {"1", "true"}

    def number(self, name: str, *, default: int) -> int:
        """Return *name* as a whole number."""
        text = self.text(name)
        if not text:
            return default
        if not text.isdecimal():
            raise invalid_arguments([f"must be an integer: {name}"])
        return int(text)

    def structure(self, name: str, *, refusal: str) -> object:
        """Return *name* as JSON, also if it came as JSON written as text."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except json.JSONDecodeError as error:
            raise SlackError(refusal) from error


async def arguments_of(request: web.Request) -> Arguments:
    """Collect the arguments of *request*; what the body says wins over the query."""
    values: Json = dict(request.query)
    if request.content_type == "application/json":
        values |= await _json_body(request)
    elif request.method == "POST":
        form = await request.post()
        values |= {key: value for key, value in form.items() if isinstance(value, str)}
    return Arguments(values)


async def _json_body(request: web.Request) -> Json:
    text = await request.text()
    try:
        body = json.loads(text or "{}")
    except json.JSONDecodeError as error:
        code = "invalid_json"
        raise SlackError(code) from error
    if not isinstance(body, dict):
        code = "json_not_object"
        raise SlackError(code)
    return body
