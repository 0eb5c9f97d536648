"""Messages and channels as the Web API and the payloads show them."""

from bot.standins.slack.model import Channel, File, Json, Message
from bot.standins.slack.workspace import Workspace


def message_json(workspace: Workspace, message: Message, *, with_metadata: bool = False) -> Json:
    """Return *message* as Slack tells it; metadata only to who asked for it."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": workspace.team_id,
    }
    if message.by_app:
        app = workspace.app
        shown |= {"bot_id": app.bot_id, "app_id": app.id, "bot_profile": bot_json(workspace)}
    if message.blocks:
        shown["blocks"] = message.blocks
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.broadcast or message.deleted:
        shown["subtype"] = "tombstone" if message.deleted else "thread_broadcast"
    if message.edited_at:
        shown["edited"] = {"user": message.user, "ts": message.edited_at}
    if message.files:
        shown |= {"files": [file_json(workspace, file) for file in message.files], "upload": True}
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": users, "count": len(users)}
            for name, users in message.reactions.items()
        ]
    if with_metadata and message.metadata:
        shown["metadata"] = message.metadata
    return shown | _thread_parts(workspace, message)


def _thread_parts(workspace: Workspace, message: Message) -> Json:
    """Return what the first message of a thread says of its replies."""
    if message.is_reply() or message.to:
        return {}
    replies = workspace.channels[message.channel].thread(message.ts)[1:]
    if not replies:
        return {}
    users = list(dict.fromkeys(reply.user for reply in replies))
    return {
        "thread_ts": message.ts,
        "reply_count": len(replies),
        "reply_users": users,
        "reply_users_count": len(users),
        "latest_reply": replies[-1].ts,
    }


def bot_json(workspace: Workspace) -> Json:
    app = workspace.app
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "name": app.name,
        "user_id": app.bot_user,
        "team_id": workspace.team_id,
        "deleted": False,
        "icons": {},
    }


def file_json(workspace: Workspace, file: File) -> Json:
    place = f"https://{workspace.domain}.slack.example/files/{workspace.app.bot_user}/{file.id}"
    return {
        "id": file.id,
        "name": file.name,
        "title": file.title or file.name,
        "size": file.length,
        "user": workspace.app.bot_user,
        "permalink": f"{place}/{file.name}",
        "channels": list(file.shared_in),
    }


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    shown: Json = {
        "id": channel.id,
        "is_channel": channel.kind == "channels",
        "is_group": channel.kind == "groups",
        "is_im": channel.partner is not None,
        "is_mpim": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "context_team_id": workspace.team_id,
    }
    if channel.partner:
        return shown | {"user": channel.partner, "is_open": True}
    return shown | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_general": False,
        "is_member": workspace.is_member(channel),
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "num_members": len(channel.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }
