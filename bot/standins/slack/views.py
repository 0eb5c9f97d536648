"""Modals and the Home tab: their shape, and the stack that a person looks at."""

import secrets

from bot.standins.slack.block_checks import Check, among, flag, record, string
from bot.standins.slack.block_elements import plain_text
from bot.standins.slack.blocks import problems, with_ids
from bot.standins.slack.errors import SlackError, invalid_arguments
from bot.standins.slack.limits import BlockLimits, Limits
from bot.standins.slack.model import Json, View
from bot.standins.slack.workspace import Workspace


def checked_view(given: object, *, kind: str, limits: Limits) -> Json:
    """Return the *given* view with the ids of its blocks filled in."""
    if not isinstance(given, dict):
        raise invalid_arguments(["must provide an object [json-pointer:/view]"])
    wrong = [
        *_frame(kind, limits.blocks)(given, "/view"),
        *problems(given.get("blocks"), limits.blocks, in_view=True),
    ]
    holds_input = any(each.get("type") == "input" for each in given.get("blocks") or ())
    if kind == "modal" and holds_input and "submit" not in given:
        wrong.append("missing required field: submit [json-pointer:/view]")
    if wrong:
        raise invalid_arguments(wrong)
    return {**given, "blocks": with_ids(given["blocks"])}


def new_view(workspace: Workspace, user: str, body: Json) -> View:
    view = View(id=workspace.new_id("V"), user=user, body=body, hash=secrets.token_hex(8))
    view.root = view.id
    workspace.views[view.id] = view
    return view


def open_modal(workspace: Workspace, user: str, body: Json) -> View:
    view = new_view(workspace, user, body)
    workspace.stacks[user] = [view]
    return view


def push_modal(workspace: Workspace, user: str, body: Json, *, most: int) -> View:
    """Lay a modal over the ones that *user* has open."""
    stack = workspace.stacks.get(user, [])
    if not stack or len(stack) >= most:
        raise SlackError("push_limit_reached" if stack else "view_not_found")
    view = new_view(workspace, user, body)
    view.root, view.previous = stack[0].id, stack[-1].id
    stack.append(view)
    return view


def replace_view(view: View, body: Json) -> View:
    view.body, view.hash = body, secrets.token_hex(8)
    return view


def close_modal(workspace: Workspace, view: View) -> None:
    """Close *view*; the one below it, if any, shows again."""
    stack = workspace.stacks.get(view.user, [])
    workspace.stacks[view.user] = [each for each in stack if each is not view]
    workspace.views.pop(view.id, None)


def view_json(workspace: Workspace, view: View) -> Json:
    return {
        "id": view.id,
        "team_id": workspace.team_id,
        "callback_id": "",
        "private_metadata": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "submit": None,
        "close": None,
        **view.body,
        "state": {"values": view.values},
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "app_id": workspace.app.id,
        "app_installed_team_id": workspace.team_id,
        "bot_id": workspace.app.bot_id,
    }


def _frame(kind: str, limit: BlockLimits) -> Check:
    """Return the shape of a view around its blocks, which are checked elsewhere."""
    name, title = string(limit.identifier, least=0), plain_text(limit.modal_title)
    required: dict[str, Check] = {"type": among(kind), "blocks": lambda _value, _at: iter(())}
    optional: dict[str, Check] = {
        "callback_id": name,
        "external_id": name,
        "private_metadata": string(limit.private_metadata, least=0),
    }
    if kind == "home":
        return record(required, optional)
    return record(
        {**required, "title": title},
        {
            **optional,
            "submit": title,
            "close": title,
            "clear_on_close": flag,
            "notify_on_close": flag,
        },
    )
