"""Check what went over the wire against the Block Kit schema made from Slack's own types."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from bot.standins.slack import Exchange

MISSING = "VENDOR_SPECS does not name the folder of the vendors' specifications"


def specs_folder() -> Path | None:
    named = os.environ.get("VENDOR_SPECS")
    return Path(named).resolve() if named else None


class SlackSpec:
    """Collects what breaks the schema; hand it to `server.observe`."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.violations: list[str] = []
        self.checked = 0
        definitions = schema["definitions"]
        self._blocks = _validator({"type": "array", "items": _ref("KnownBlock")}, definitions)
        self._views = {
            "modal": _validator(_ref("ModalView"), definitions),
            "home": _validator(_ref("HomeView"), definitions),
        }

    @classmethod
    def read(cls) -> "SlackSpec":
        """Read the schema, or skip the test that wants it."""
        folder = specs_folder()
        if folder is None:
            pytest.skip(MISSING)
        return cls(json.loads((folder / "slack-blockkit.schema.json").read_text()))

    def __call__(self, exchange: Exchange) -> None:
        """Check what was taken; what Slack refused need not be right."""
        if exchange.answer and not exchange.answer.get("ok"):
            return
        self._check(exchange.name, _decoded(exchange.request.get("blocks")))
        self._check_view(exchange.name, _decoded(exchange.request.get("view")))
        answer = exchange.answer
        shown = [answer.get("message"), answer.get("view"), *answer.get("messages", ())]
        for part in shown:
            self._check(f"{exchange.name} (answer)", (part or {}).get("blocks"))

    def _check(self, name: str, blocks: object) -> None:
        if blocks:
            self._note(name, self._blocks, blocks)

    def _check_view(self, name: str, view: object) -> None:
        if isinstance(view, dict):
            self._note(name, self._views[view["type"]], view)

    def _note(self, name: str, validator: Draft7Validator, value: object) -> None:
        self.checked += 1
        for error in validator.iter_errors(value):
            self.violations.append(f"{name}: {error.json_path}: {error.message[:300]}")


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/definitions/{name}"}


def _validator(schema: dict[str, Any], definitions: dict[str, Any]) -> Draft7Validator:
    return Draft7Validator({**schema, "definitions": definitions})


def _decoded(value: object) -> object:
    return json.loads(value) if isinstance(value, str) and value else value
