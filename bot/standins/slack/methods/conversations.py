"""Methods `conversations.*`: which channels there are, who is in them, what was said."""

from bot.standins.slack.call import Call, paged
from bot.standins.slack.errors import SlackError
from bot.standins.slack.model import Channel, Json, Message
from bot.standins.slack.shown import channel_json, message_json

KINDS = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def info(call: Call) -> Json:
    return {"ok": True, "channel": channel_json(call.workspace, call.channel_for("read"))}


def list_all(call: Call) -> Json:
    """List the channels of the kinds asked for; private ones only where the bot is in."""
    asked = (call.args.text("types") or "public_channel").split(",")
    kinds = {KINDS.get(kind.strip(), "") for kind in asked}
    for kind in kinds:
        if not kind:
            code = "invalid_types"
            raise SlackError(code)
        call.require(f"{kind}:read")
    hide_archived = call.args.flag("exclude_archived")
    found = [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (call.workspace.is_member(channel) or not channel.private)
        and not (channel.archived and hide_archived)
    ]
    page, cursor = call.page(found)
    return {
        "ok": True,
        "channels": [channel_json(call.workspace, channel) for channel in page],
        **paged(cursor),
    }


def history(call: Call) -> Json:
    """Return the newest messages first, without replies."""
    channel = _readable(call)
    said = [each for each in channel.messages if not each.is_reply() or each.broadcast]
    within = [each for each in reversed(said) if _in_time(call, each)]
    return _messages(call, within)


def replies(call: Call) -> Json:
    """Return a thread, its first message first."""
    channel = _readable(call)
    first = channel.message(call.args.need("ts"))
    if first is None:
        code = "thread_not_found"
        raise SlackError(code)
    thread = channel.thread(first.ts)
    return _messages(call, [each for each in thread if each is first or _in_time(call, each)])


def join(call: Call) -> Json:
    channel = call.channel()
    if channel.private:
        code = "method_not_supported_for_channel_type"
        raise SlackError(code)
    if channel.archived:
        code = "is_archived"
        raise SlackError(code)
    channel.members.add(call.workspace.app.bot_user)
    return {"ok": True, "channel": channel_json(call.workspace, channel)}


def members(call: Call) -> Json:
    page, cursor = call.page(sorted(call.channel_for("read").members))
    return {"ok": True, "members": page, **paged(cursor)}


def open_direct(call: Call) -> Json:
    """Open direct messages with one person; groups of people are not modelled."""
    users = call.args.need("users").split(",")
    if len(users) != 1 or users[0] not in call.workspace.users:
        code = "user_not_found"
        raise SlackError(code)
    if users[0] == call.workspace.app.bot_user:
        code = "cannot_dm_bot"
        raise SlackError(code)
    channel = call.workspace.direct(users[0])
    full = channel_json(call.workspace, channel)
    return {"ok": True, "channel": full if call.args.flag("return_im") else {"id": channel.id}}


def _readable(call: Call) -> Channel:
    channel = call.channel_for("history")
    if not call.workspace.is_member(channel):
        code = "not_in_channel"
        raise SlackError(code)
    return channel


def _in_time(call: Call, message: Message) -> bool:
    # Timestamps have one width until 2286, so they compare as text.
    oldest = call.args.text("oldest") or "0"
    latest = call.args.text("latest") or "9999999999.999999"
    if call.args.flag("inclusive") and message.ts in (oldest, latest):
        return True
    return oldest < message.ts < latest


def _messages(call: Call, messages: list[Message]) -> Json:
    page, cursor = call.page(messages)
    wanted = call.args.flag("include_all_metadata")
    shown = [message_json(call.workspace, each, with_metadata=wanted) for each in page]
    more = paged(cursor) if cursor else {}
    return {"ok": True, "messages": shown, "has_more": bool(cursor), **more}
