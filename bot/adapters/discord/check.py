"""What is wrong with the token, the channels and the permissions, one sentence each."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import discord
from discord.http import Route

from bot.adapters.discord.addresses import API_URL, point_at
from bot.adapters.discord.refusals import Attempt
from bot.adapters.discord.rest import Rest
from bot.domain.errors import OperatorError, PermanentError, TransientError
from bot.ports.finding import Finding

Json = dict[str, Any]

SCOPES: Final = ("bot", "applications.commands")
NEEDED: Final = {
    "View Channel": discord.Permissions(view_channel=True),
    "Send Messages": discord.Permissions(send_messages=True),
    "Send Messages in Threads": discord.Permissions(send_messages_in_threads=True),
    "Create Public Threads": discord.Permissions(create_public_threads=True),
    "Embed Links": discord.Permissions(embed_links=True),
    "Read Message History": discord.Permissions(read_message_history=True),
}


def invite_link(application: str) -> str:
    """Return the address at which an administrator lets the bot into a server."""
    permissions = discord.Permissions(sum(each.value for each in NEEDED.values()))
    return discord.utils.oauth_url(int(application), permissions=permissions, scopes=SCOPES)


async def check(*, token: str, channels: Sequence[str], api_url: str = API_URL) -> list[Finding]:
    """Look at the token and, if it is good, at each channel."""
    point_at(api_url=api_url)
    async with Rest(token=token) as rest:
        try:
            about: Json = await rest.request(
                Route("GET", "/oauth2/applications/@me"), Attempt(what="log in")
            )
        except (PermanentError, TransientError) as error:
            return [Finding(ok=False, text=str(error))]
        taken = f'Discord takes the token; the bot is "{about.get("name", "")}".'
        application = str(about["id"])
        found = [await _channel(rest, channel, application) for channel in channels]
    return [Finding(ok=True, text=taken), *found]


async def _channel(rest: Rest, id: str, application: str) -> Finding:
    try:
        channel = await _get(rest, "/channels/{channel_id}", id, channel_id=id)
        guild_id = channel.get("guild_id")
        if not guild_id:
            return Finding(ok=False, text=f"Channel {id} is not in a server; use a text channel.")
        guild = await _get(rest, "/guilds/{guild_id}", id, guild_id=guild_id)
        path = "/guilds/{guild_id}/members/{member_id}"
        me = await _get(rest, path, id, guild_id=guild_id, member_id=rest.me)
    except (OperatorError, PermanentError) as error:
        return Finding(ok=False, text=f"{error} The invite link: {invite_link(application)}")
    except TransientError as error:
        return Finding(ok=False, text=str(error))
    given = granted(channel, guild, me)
    missing = [name for name, needed in NEEDED.items() if not needed <= given]
    if missing:
        lacks = ", ".join(f'"{name}"' for name in missing)
        return Finding(ok=False, text=f"Channel {_name(channel)}: give the bot {lacks}.")
    return Finding(ok=True, text=f"Channel {_name(channel)} can be written to.")


def granted(channel: Json, guild: Json, member: Json) -> discord.Permissions:
    """Return what *member* may do in *channel*: by roles, then by what the channel overrides."""
    mine = {guild["id"], *member["roles"]}  # everyone's role has the guild's id
    bits = 0
    for role in guild["roles"]:
        if role["id"] in mine:
            bits |= int(role["permissions"])
    base = discord.Permissions(bits)
    if base.administrator or guild.get("owner_id") == member["user"]["id"]:
        return discord.Permissions.all()
    overwrites = channel.get("permission_overwrites") or []
    everyone = [each for each in overwrites if each["id"] == guild["id"]]
    roles = [each for each in overwrites if each["id"] in mine and each["id"] != guild["id"]]
    person = [each for each in overwrites if each["id"] == member["user"]["id"]]
    for level in (everyone, roles, person):
        _apply(base, level)
    return base if base.view_channel else discord.Permissions.none()


def _apply(base: discord.Permissions, level: Iterable[Mapping[str, Any]]) -> None:
    allow = deny = 0
    for each in level:
        allow |= int(each["allow"])
        deny |= int(each["deny"])
    base.handle_overwrite(allow, deny)


async def _get(rest: Rest, path: str, channel: str, **ids: str) -> Json:
    attempt = Attempt(what="look at it", place=channel, gone=frozenset())
    found: Json = await rest.request(Route("GET", path, **ids), attempt)
    return found


def _name(channel: Json) -> str:
    return f"#{channel.get('name', '')} ({channel['id']})"
