"""Methods `views.*`: modals and the Home tab."""

from bot.standins.slack.call import Call
from bot.standins.slack.errors import SlackError
from bot.standins.slack.model import Json, View
from bot.standins.slack.views import (
    checked_view,
    new_view,
    open_modal,
    push_modal,
    replace_view,
    view_json,
)


def open_view(call: Call) -> Json:
    body = _body(call, "modal")
    interaction = call.interactions.exchange(call.args.need("trigger_id"))
    interaction.view = open_modal(call.workspace, interaction.user, body)
    return _told(call, interaction.view)


def push_view(call: Call) -> Json:
    body = _body(call, "modal")
    interaction = call.interactions.exchange(call.args.need("trigger_id"))
    most = call.limits.view_stack
    interaction.view = push_modal(call.workspace, interaction.user, body, most=most)
    return _told(call, interaction.view)


def update_view(call: Call) -> Json:
    view = _named(call)
    body = _body(call, str(view.body["type"]))
    _same_hash(call, view)
    return _told(call, replace_view(view, body))


def publish_view(call: Call) -> Json:
    """Draw the Home tab of one person."""
    user, body = call.user("user_id").id, _body(call, "home")
    homes = call.workspace.homes
    if user in homes:
        _same_hash(call, homes[user])
        return _told(call, replace_view(homes[user], body))
    homes[user] = new_view(call.workspace, user, body)
    return _told(call, homes[user])


def _body(call: Call, kind: str) -> Json:
    given = call.args.structure("view", refusal="invalid_arguments")
    return checked_view(given, kind=kind, limits=call.limits)


def _same_hash(call: Call, view: View) -> None:
    if call.args.has("hash") and call.args.text("hash") != view.hash:
        code = "hash_conflict"
        raise SlackError(code)


def _named(call: Call) -> View:
    """Return the view that the call means, by its id or by the name the app gave it."""
    external = call.args.text("external_id")
    views = call.workspace.views
    named = (each for each in views.values() if each.body.get("external_id") == external)
    view = next(named, None) if external else views.get(call.args.need("view_id"))
    if view is None:
        code = "not_found"
        raise SlackError(code)
    return view


def _told(call: Call, view: View) -> Json:
    return {"ok": True, "view": view_json(call.workspace, view)}
