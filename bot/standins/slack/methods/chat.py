"""Methods `chat.*`: post, edit, delete, whisper, link."""

import json

from bot.standins.slack.call import Call
from bot.standins.slack.errors import SlackError
from bot.standins.slack.model import Channel, Json, Message
from bot.standins.slack.shown import message_json


def post_message(call: Call) -> Json:
    channel = _writable(call, _addressee(call))
    message = call.workspace.from_app(
        channel,
        text=_text(call, most=call.limits.post_chars),
        blocks=call.blocks(),
        thread_ts=_thread(call, channel),
        broadcast=call.args.flag("reply_broadcast"),
        metadata=_metadata(call),
    )
    _must_say_something(message)
    if call.limits.rated:
        most, gap = call.limits.posts_in_gap, call.limits.post_gap
        call.rates.take(("post", channel.id), most=most, window=gap)
    call.workspace.post(message)
    return _told(call, message)


def update(call: Call) -> Json:
    """Edit; blocks that are not sent are gone, metadata that is not sent stays."""
    channel = call.channel()
    message = call.message(channel, "ts", refusal="message_not_found")
    if not message.by_app:
        code = "cant_update_message"
        raise SlackError(code)
    text, blocks = _text(call, most=call.limits.update_chars), call.blocks()
    if not text and not blocks:
        code = "no_text"
        raise SlackError(code)
    if call.args.has("metadata"):
        message.metadata = _metadata(call)
    message.text, message.blocks = text, blocks
    message.edited_at = call.workspace.next_ts()
    return {**_told(call, message), "text": text}


def delete(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "ts", refusal="message_not_found")
    if not message.by_app:
        code = "cant_delete_message"
        raise SlackError(code)
    call.workspace.drop(message)
    return {"ok": True, "channel": channel.id, "ts": message.ts}


def post_ephemeral(call: Call) -> Json:
    channel, user = _writable(call, call.channel()), call.user()
    if user.id not in channel.members:
        code = "user_not_in_channel"
        raise SlackError(code)
    message = call.workspace.from_app(
        channel,
        to=user.id,
        text=_text(call, most=call.limits.post_chars),
        blocks=call.blocks(),
        thread_ts=_thread(call, channel),
    )
    _must_say_something(message)
    call.workspace.post(message)
    return {"ok": True, "message_ts": message.ts}


def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.message(channel, "message_ts", refusal="message_not_found")
    place = f"https://{call.workspace.domain}.slack.example/archives/{channel.id}"
    link = f"{place}/p{message.ts.replace('.', '')}"
    if message.is_reply():
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": link}


def _told(call: Call, message: Message) -> Json:
    shown = message_json(call.workspace, message, with_metadata=True)
    return {"ok": True, "channel": message.channel, "ts": message.ts, "message": shown}


def _addressee(call: Call) -> Channel:
    """Return where to post; a user's id means their direct messages, `#name` a channel."""
    name = call.args.need("channel")
    if name in call.workspace.users:
        return call.workspace.direct(name)
    named = (each for each in call.workspace.channels.values() if f"#{each.name}" == name)
    return next((each for each in named if not each.private), None) or call.channel()


def _writable(call: Call, channel: Channel) -> Channel:
    if channel.archived:
        code = "is_archived"
        raise SlackError(code)
    if not call.workspace.is_member(channel) and "chat:write.public" not in call.scopes:
        code = "not_in_channel"
        raise SlackError(code)
    return channel


def _must_say_something(message: Message) -> None:
    if not message.text and not message.blocks:
        code = "no_text"
        raise SlackError(code)


def _text(call: Call, *, most: int) -> str:
    text = call.args.text("text")
    if len(text) > most:
        code = "msg_too_long"
        raise SlackError(code)
    return text


def _thread(call: Call, channel: Channel) -> str | None:
    if not call.args.has("thread_ts"):
        return None
    ts = call.args.text("thread_ts")
    first = channel.message(ts)
    if first is None:
        code = "thread_not_found"
        raise SlackError(code)
    if first.is_reply():
        code = "cannot_reply_to_message"
        raise SlackError(code)
    return ts


def _metadata(call: Call) -> Json | None:
    given = call.args.structure("metadata", refusal="invalid_metadata_format")
    if given is None or given == {}:
        return None
    fits = (
        isinstance(given, dict)
        and given.keys() == {"event_type", "event_payload"}
        and isinstance(given["event_type"], str)
        and isinstance(given["event_payload"], dict)
    )
    if not isinstance(given, dict) or not fits:
        code = "invalid_metadata_format"
        raise SlackError(code)
    if len(json.dumps(given)) > call.limits.metadata_bytes:
        code = "metadata_too_large"
        raise SlackError(code)
    return given
