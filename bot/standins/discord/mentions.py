"""Whom a text calls: what it names, what `allowed_mentions` lets through, what the author may."""

import re
from typing import Final

from bot.standins.discord.form import Form
from bot.standins.discord.model import Channel, Pings, User
from bot.standins.discord.permissions import Permission
from bot.standins.discord.refusal import Json
from bot.standins.discord.world import World

USER: Final = re.compile(r"<@!?(\d+)>")
ROLE: Final = re.compile(r"<@&(\d+)>")
EVERYONE: Final = re.compile(r"@(everyone|here)")
NAMED_AT_MOST: Final = 100


def check_allowed(form: Form, value: object) -> None:
    """Refuse a list beside its own kind in `parse`, and too long a list."""
    allowed = form.mapping("allowed_mentions", value)
    parse = allowed.get("parse") or []
    if not all(isinstance(allowed.get(k) or [], list) for k in ("parse", "users", "roles")):
        form.wrong("allowed_mentions", "LIST_TYPE_CONVERT", "Only iterables may be used here.")
        return
    for kind in ("users", "roles"):
        named = allowed.get(kind) or []
        form.size(f"allowed_mentions.{kind}", named, most=NAMED_AT_MOST)
        if named and kind in parse:
            form.wrong(
                "allowed_mentions",
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                f"parse:['{kind}'] and {kind}: [ids...] are mutually exclusive.",
            )
    for index, kind in enumerate(parse):
        if kind not in ("users", "roles", "everyone"):
            message = "Value must be one of ('everyone', 'roles', 'users')."
            form.wrong(f"allowed_mentions.parse.{index}", "BASE_TYPE_CHOICES", message)


def pings(
    world: World, channel: Channel, author: User, content: str, allowed: Json | None
) -> Pings:
    """Say who is called.

    Code spans and fences are not left out: a text that relies on its fence alone to keep a
    name quiet is caught here.
    """
    rules: Json = {"parse": ["users", "roles", "everyone"]} if allowed is None else allowed
    parse = rules.get("parse") or []
    guild = world.guilds[channel.guild_id]
    may_call_all = Permission.MENTION_EVERYONE in world.granted(channel, author)

    users = _named(USER, content, parse="users" in parse, listed=rules.get("users"))
    roles = _named(ROLE, content, parse="roles" in parse, listed=rules.get("roles"))
    return Pings(
        users=frozenset(user for user in users if user in guild.members),
        roles=frozenset(
            role
            for role in roles
            if role in guild.roles and (guild.roles[role].mentionable or may_call_all)
        ),
        everyone="everyone" in parse and may_call_all and bool(EVERYONE.search(content)),
    )


def _named(
    pattern: re.Pattern[str], content: str, *, parse: bool, listed: list[object] | None
) -> set[int]:
    named = {int(each) for each in pattern.findall(content)}
    return named if parse else named & {int(str(each)) for each in listed or []}
