"""Hold every exchange with Discord against Discord's own OpenAPI description.

The description calls itself a preview, and is not ours to keep here: `VENDOR_SPECS` names the
folder that has `discord-openapi.json`.
"""

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.standins.discord import Exchange

ANSWERS: Final = "urn:discord-answers"
REQUESTS: Final = "urn:discord-requests"
FOLDER: Final = os.environ.get("VENDOR_SPECS")
MISSING: Final = "VENDOR_SPECS names no folder with the vendors' specifications"
METHODS: Final = ("get", "post", "put", "patch", "delete")
DEEPEST_ERRORS: Final = 3


@cache
def _spec() -> dict[str, Any]:
    if FOLDER is None:
        raise LookupError(MISSING)
    text = (Path(FOLDER) / "discord-openapi.json").read_text(encoding="utf-8")
    spec: dict[str, Any] = json.loads(text)
    return spec


@cache
def _registry() -> Registry[Any]:
    # Discord reads ids that are written as numbers, and discord.py writes some so.
    schemas = _spec()["components"]["schemas"]
    number_too = {"anyOf": [schemas["SnowflakeType"], {"type": "integer"}]}
    lenient = schemas | {"SnowflakeType": number_too}
    registry: Registry[Any] = Registry()
    for urn, types in ((ANSWERS, schemas), (REQUESTS, lenient)):
        contents = _spec() | {"components": _spec()["components"] | {"schemas": types}}
        resource = Resource.from_contents(contents, default_specification=DRAFT202012)
        registry = registry.with_resource(urn, resource)
    return registry


@cache
def _validator(urn: str, pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{urn}#{pointer}"}, registry=_registry())


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    # A literal such as @original wins over a parameter.
    paths = sorted(_spec()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$"), path) for path in paths]


class DiscordSpec:
    """Gathers what does not fit; give `look` to the stand-in's `observe`."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.looked_at = 0

    def look(self, exchange: Exchange) -> None:
        """Check one exchange."""
        self.looked_at += 1
        where = f"{exchange.method} {exchange.path} -> {exchange.status}"
        path = next((path for pattern, path in _patterns() if pattern.match(exchange.path)), None)
        operation = None if path is None else _spec()["paths"][path].get(exchange.method.lower())
        if path is None or operation is None:
            self.problems.append(f"{where}: the specification has no such operation")
            return
        at = f"/paths/{path.replace('/', '~1')}/{exchange.method.lower()}"
        self._check_query(where, path, operation, exchange)
        if exchange.status < 400:
            self._check_request(where, at, operation, exchange)
        self._check_answer(where, at, operation, exchange)

    def _check_query(
        self, where: str, path: str, operation: dict[str, Any], exchange: Exchange
    ) -> None:
        declared = [*operation.get("parameters", []), *_spec()["paths"][path].get("parameters", [])]
        known = {each["name"] for each in declared if each.get("in") == "query"}
        self.problems += [f"{where}: unknown query {each}" for each in set(exchange.query) - known]

    def _check_request(
        self, where: str, at: str, operation: dict[str, Any], exchange: Exchange
    ) -> None:
        if "requestBody" in operation and exchange.request is not None:
            # A multipart body's `payload_json` has the shape of the JSON body.
            pointer = f"{at}/requestBody/content/application~1json/schema"
            self._check(f"{where}: request", REQUESTS, pointer, exchange.request)

    def _check_answer(
        self, where: str, at: str, operation: dict[str, Any], exchange: Exchange
    ) -> None:
        answers = operation["responses"]
        status = str(exchange.status)
        if status in answers and "content" in answers[status]:
            pointer = f"{at}/responses/{status}/content/application~1json/schema"
            self._check(f"{where}: answer", ANSWERS, pointer, exchange.answer)
        elif status == "429":
            self._check(
                f"{where}: answer",
                ANSWERS,
                "/components/schemas/RatelimitedResponse",
                exchange.answer,
            )
        elif status.startswith("4"):
            self._check(f"{where}: answer", ANSWERS, "/components/schemas/Error", exchange.answer)
        elif status not in answers:
            self.problems.append(f"{where}: the specification knows no such status")
        elif exchange.answer is not None:
            self.problems.append(f"{where}: an answer where there should be none")

    def _check(self, where: str, urn: str, pointer: str, value: object) -> None:
        for error in _validator(urn, pointer).iter_errors(value):
            deepest = sorted(error.context or [error], key=lambda e: -len(e.absolute_path))
            for each in deepest[:DEEPEST_ERRORS]:
                self.problems.append(f"{where}: {each.json_path}: {each.message[:300]}")
