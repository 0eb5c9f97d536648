"""The manifest asks for what the code uses, no more and no less."""

import ast
import re
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient

from bot.adapters.slack.hearing import COMMAND
from bot.adapters.slack.scopes import SCOPES, WHAT_FOR, needed

ROOT = Path(__file__).parents[3]
MANIFEST = (ROOT / "deploy/slack-manifest.yaml").read_text()
# What slack_sdk calls under one name of its own.
TOGETHER = {
    "files_upload_v2": {"files.getUploadURLExternal", "files.completeUploadExternal"},
    "connect_to_new_endpoint": {"apps.connections.open"},
}
METHODS = {name.replace(".", "_"): name for name in SCOPES}


def called() -> set[str]:
    """Return the Web API methods that the adapter's code calls."""
    names: set[str] = set()
    for module in (ROOT / "bot/adapters/slack").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                names.add(node.func.attr)
    together = {method for name in names for method in TOGETHER.get(name, ())}
    direct = {name for name in names if "_" in name and hasattr(AsyncWebClient, name)}
    return together | {METHODS.get(name, name) for name in direct - TOGETHER.keys()}


def test_every_method_that_is_called_has_its_scopes() -> None:
    assert called() == set(SCOPES)


def test_manifest_has_the_scopes_that_are_needed() -> None:
    bot = MANIFEST.split("    bot:\n")[1].split("settings:")[0]
    assert re.findall(r"^ +- (\S+)$", bot, re.MULTILINE) == sorted(needed())


def test_every_scope_says_what_for() -> None:
    assert set(WHAT_FOR) == needed()


def test_manifest_turns_on_what_is_used() -> None:
    assert f"command: {COMMAND}\n" in MANIFEST
    assert "socket_mode_enabled: true" in MANIFEST
    assert re.search(r"interactivity:\n +is_enabled: true", MANIFEST)
