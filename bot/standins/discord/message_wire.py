"""Write messages as Discord's JSON."""

from bot.standins.discord.model import Attachment, Message, MessageFlag
from bot.standins.discord.refusal import Json
from bot.standins.discord.snowflakes import iso
from bot.standins.discord.wire import channel_json, user_json
from bot.standins.discord.world import World


def attachment_url(world: World, message: Message, attachment: Attachment) -> str:
    """Return where the bytes are served, without any token."""
    return (
        f"{world.base_url}/attachments/{message.channel_id}/{attachment.id}/{attachment.filename}"
    )


def attachment_json(world: World, message: Message, attachment: Attachment) -> Json:
    url = attachment_url(world, message, attachment)
    shown: Json = {
        "id": str(attachment.id),
        "filename": attachment.filename,
        "size": len(attachment.data),
        "url": url,
        "proxy_url": url,
        "content_type": attachment.content_type,
    }
    if attachment.description is not None:
        shown["description"] = attachment.description
    if message.ephemeral:
        shown["ephemeral"] = True
    return shown


def message_json(world: World, message: Message) -> Json:
    """Write a message as REST and the gateway show it."""
    shown: Json = {
        "id": str(message.id),
        "channel_id": str(message.channel_id),
        "type": int(message.type),
        "content": message.content,
        "author": user_json(message.author),
        "timestamp": iso(message.created),
        "edited_timestamp": None if message.edited is None else iso(message.edited),
        "tts": False,
        "pinned": message.pinned,
        "mention_everyone": message.mentions.everyone,
        "mentions": [user_json(world.users[user]) for user in sorted(message.mentions.users)],
        "mention_roles": [str(role) for role in sorted(message.mentions.roles)],
        "attachments": _attachments(world, message),
        "embeds": [_embed(world, message, embed) for embed in message.embeds],
        "components": message.components,
        "flags": int(message.flags),
    }
    return shown | _extras(world, message)


def _extras(world: World, message: Message) -> Json:
    extras: Json = {}
    thread = world.thread_of(message)
    if thread is not None and MessageFlag.HAS_THREAD in message.flags:
        extras["thread"] = channel_json(thread)
    if message.nonce is not None:
        extras["nonce"] = message.nonce
    if message.metadata is not None:
        application = str(world.application.id)
        extras |= {"application_id": application, "webhook_id": application}
        extras["interaction_metadata"] = message.metadata
    if message.reactions:
        extras["reactions"] = [_reaction(world, *each) for each in message.reactions.items()]
    if message.reference is not None:
        extras |= _reference(world, message, *message.reference)
    return extras


def _reference(world: World, message: Message, channel_id: int, message_id: int | None) -> Json:
    guild_id = world.channel(message.channel_id).guild_id
    reference: Json = {"type": 0, "channel_id": str(channel_id), "guild_id": str(guild_id)}
    if message_id is None:
        return {"message_reference": reference}
    reference["message_id"] = str(message_id)
    found = [m for m in world.channel(channel_id).messages if m.id == message_id]
    referenced = message_json(world, found[0]) if found else None
    return {"message_reference": reference, "referenced_message": referenced}


def _reaction(world: World, emoji: str, users: set[int]) -> Json:
    return {
        "emoji": {"id": None, "name": emoji},
        "count": len(users),
        "count_details": {"burst": 0, "normal": len(users)},
        "burst_colors": [],
        "me_burst": False,
        "burst_me": False,
        "burst_count": 0,
        "me": world.application.bot.id in users,
    }


def _attachments(world: World, message: Message) -> list[Json]:
    # A file that an embed shows is no longer listed beside the message.
    used = {
        str(embed.get(part, {}).get("url", "")).removeprefix("attachment://")
        for embed in message.embeds
        for part in ("image", "thumbnail")
    }
    listed = [each for each in message.attachments if each.filename not in used]
    return [attachment_json(world, message, each) for each in listed]


def _embed(world: World, message: Message, embed: Json) -> Json:
    shown = dict(embed)
    for part in ("image", "thumbnail"):
        url = str(embed.get(part, {}).get("url", ""))
        for attachment in message.attachments:
            if url == f"attachment://{attachment.filename}":
                where = attachment_url(world, message, attachment)
                shown[part] = {"url": where, "proxy_url": where, "width": 0, "height": 0}
    return shown
