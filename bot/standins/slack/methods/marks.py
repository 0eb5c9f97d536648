"""Methods that mark a message: reactions and pins."""

import re

from bot.standins.slack.call import Call
from bot.standins.slack.errors import SlackError
from bot.standins.slack.model import Json


def add_reaction(call: Call) -> Json:
    users = _reaction(call)
    if call.workspace.app.bot_user in users:
        code = "already_reacted"
        raise SlackError(code)
    users.append(call.workspace.app.bot_user)
    return {"ok": True}


def remove_reaction(call: Call) -> Json:
    users = _reaction(call)
    if call.workspace.app.bot_user not in users:
        code = "no_reaction"
        raise SlackError(code)
    users.remove(call.workspace.app.bot_user)
    return {"ok": True}


def add_pin(call: Call) -> Json:
    message = call.message(call.channel(), "timestamp", refusal="message_not_found")
    if message.pinned:
        code = "already_pinned"
        raise SlackError(code)
    message.pinned = True
    return {"ok": True}


def _reaction(call: Call) -> list[str]:
    """Return who reacted with the emoji named, to add to or take from."""
    name = call.args.need("name").strip(":")
    # Slack knows the emoji of its workspace; here any well-formed name is one.
    if not re.fullmatch(r"[a-z0-9_+'-]+", name):
        code = "invalid_name"
        raise SlackError(code)
    channel = call.channel()
    if channel.archived:
        code = "is_archived"
        raise SlackError(code)
    message = call.message(channel, "timestamp", refusal="message_not_found")
    return message.reactions.setdefault(name, [])
