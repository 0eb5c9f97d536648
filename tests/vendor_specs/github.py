"""GitHub's own descriptions, to hold every request, answer and delivery against."""

import gzip
import json
import os
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4, DRAFT202012

from bot.standins.github import Delivery, Exchange, GitHubServer

Schema = dict[str, Any]

FILES: Final = {
    "urn:rest": ("github-rest.openapi.json.gz", DRAFT4),
    "urn:webhooks": ("github-webhooks.openapi.json.gz", DRAFT202012),
}
ANYWHERE: Final = frozenset({301, 304, 400, 401, 403, 404, 410, 422, 429, 500, 502, 503})
"""Answers that any request can get; the description lists them only here and there."""
BARE: Final = frozenset({"create", "delete", "ping", "push"})
"""Events whose name in the description has no action."""
OF_ENTERPRISES: Final = ("name", "slug", "created_at", "updated_at")
WISER: Final = (
    "head_repository None is not of type 'object'",
    *(f"].account '{name}' is a required property" for name in OF_ENTERPRISES),
)
"""Where GitHub itself does otherwise: a deleted fork leaves null behind, and in a list of
installations an account is a user *or* an enterprise, which the description makes an *and*."""
JSON_BODY: Final = "content/application~1json/schema"


def available() -> bool:
    """Say whether there is anything to check against."""
    return "VENDOR_SPECS" in os.environ


def watch(server: GitHubServer) -> list[str]:
    """Check everything that goes through *server* from now on; the list fills by itself."""
    folder()
    found: list[str] = []
    server.observe(lambda exchange: found.extend(check_exchange(exchange)))
    server.observe_deliveries(lambda delivery: found.extend(check_delivery(delivery)))
    return found


def folder() -> Path:
    """Return where the descriptions lie, or skip the test."""
    place = os.environ.get("VENDOR_SPECS")
    if not place:
        pytest.skip("VENDOR_SPECS does not name the folder of the vendors' descriptions")
    return Path(place)


def check_exchange(exchange: Exchange) -> list[str]:
    """Return what GitHub's description has against a request and its answer."""
    where = f"{exchange.method} {exchange.path} {exchange.status}"
    if exchange.route is None:
        return [] if exchange.status in ANYWHERE else [f"{where} is not described"]
    operation = _spec("urn:rest")["paths"].get(exchange.route, {}).get(exchange.method.lower())
    if operation is None:
        return [f"{where} is not described"]
    pointer = f"#/paths/{_escape(exchange.route)}/{exchange.method.lower()}"
    problems = [
        *_query(operation, exchange),
        *_request(operation, pointer, exchange),
        *_answer(operation, pointer, exchange),
    ]
    return [f"{where}: {problem}" for problem in problems]


def check_delivery(delivery: Delivery) -> list[str]:
    """Return what GitHub's description has against a payload."""
    event = delivery.event.replace("_", "-")
    name = event if event in BARE else f"{event}-{str(delivery.action).replace('_', '-')}"
    if name not in _spec("urn:webhooks")["webhooks"]:
        return [f"the webhook {name} is not described"]
    pointer = f"#/webhooks/{name}/post/requestBody/{JSON_BODY}"
    problems = _problems("urn:webhooks", pointer, delivery.payload)
    return [f"webhook {name}: {problem}" for problem in problems]


def _query(operation: Schema, exchange: Exchange) -> list[str]:
    described = [_whole(one) for one in operation.get("parameters", [])]
    known = {one["name"] for one in described if one["in"] == "query"}
    return [f"the query has {name!r}" for name in exchange.query if name not in known]


def _request(operation: Schema, pointer: str, exchange: Exchange) -> list[str]:
    if not exchange.request_body.strip():
        return []
    if "requestBody" not in operation:
        empty = exchange.request_body in {b"{}", b"null"}
        return [] if empty else ["it takes no body"]
    try:
        body = json.loads(exchange.request_body)
    except ValueError as error:
        return (
            [] if exchange.status == HTTPStatus.BAD_REQUEST else [f"the body is no JSON: {error}"]
        )
    return _problems("urn:rest", f"{pointer}/requestBody/{JSON_BODY}", body)


def _answer(operation: Schema, pointer: str, exchange: Exchange) -> list[str]:
    status = str(exchange.status)
    described = operation["responses"].get(status)
    if described is None:
        return [] if exchange.status in ANYWHERE else ["the status is not described"]
    if "application/json" not in _whole(described).get("content", {}):
        return ["the answer has a body"] if exchange.body else []
    if "json" not in exchange.headers.get("Content-Type", ""):
        return [] if exchange.status in ANYWHERE else ["the answer is not JSON"]
    start = described.get("$ref", f"{pointer}/responses/{status}")
    return _problems("urn:rest", f"{start}/{JSON_BODY}", json.loads(exchange.body))


def _problems(document: str, pointer: str, value: object) -> list[str]:
    kind = OAS30Validator if document == "urn:rest" else OAS31Validator
    validator = kind({"$ref": document + pointer}, registry=_registry())
    problems = [f"{e.json_path} {e.message[:300]}" for e in validator.iter_errors(value)]
    return [problem for problem in problems if not problem.endswith(WISER)]


def _whole(part: Schema) -> Schema:
    while "$ref" in part:
        found: Schema = _spec("urn:rest")
        for name in part["$ref"].removeprefix("#/").split("/"):
            found = found[name.replace("~1", "/").replace("~0", "~")]
        part = found
    return part


def _escape(route: str) -> str:
    return route.replace("~", "~0").replace("/", "~1")


@cache
def _spec(document: str) -> Schema:
    name, _ = FILES[document]
    text = gzip.decompress((folder() / name).read_bytes())
    read: Schema = json.loads(text, object_hook=_with_null)
    return read


def _with_null(part: Schema) -> Schema:
    """Let a nullable choice be null, which the description means and does not say."""
    if part.get("nullable") is True and isinstance(part.get("enum"), list):
        part["enum"].append(None)
    return part


@cache
def _registry() -> Registry[Schema]:
    resources = [
        (document, kind.create_resource(_spec(document))) for document, (_, kind) in FILES.items()
    ]
    return Registry[Schema]().with_resources(resources)
