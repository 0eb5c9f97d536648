"""Who may do what where, from roles and overwrites alone."""

import pytest

from bot.standins.discord import Guild, Permission, Role, User
from bot.standins.discord.model import Channel, Member, Overwrite
from bot.standins.discord.permissions import ALL, EVERYONE, NONE, in_channel

VIEW, SEND = Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES
GUILD, ALICE, ONCALL, BOSS = 1, 2, 3, 4


def _granted(*overwrites: Overwrite, roles: tuple[int, ...] = (), owner: int = 99) -> Permission:
    guild = Guild(id=GUILD, name="Acme", owner_id=owner)
    guild.roles = {
        GUILD: Role(id=GUILD, name="@everyone", permissions=int(EVERYONE)),
        ONCALL: Role(id=ONCALL, name="oncall"),
        BOSS: Role(id=BOSS, name="boss", permissions=int(Permission.ADMINISTRATOR)),
    }
    channel = Channel(id=9, guild_id=GUILD, name="builds")
    channel.overwrites = {each.id: each for each in overwrites}
    alice = Member(user=User(id=ALICE, name="alice"), joined=0.0, roles=list(roles))
    return in_channel(guild, channel, alice)


def _deny(whom: int, rights: Permission) -> Overwrite:
    return Overwrite(id=whom, deny=int(rights))


def _allow(whom: int, rights: Permission) -> Overwrite:
    return Overwrite(id=whom, allow=int(rights))


CASES = [
    pytest.param([], (), EVERYONE, id="no-overwrites"),
    pytest.param([_deny(GUILD, SEND)], (), EVERYONE & ~SEND, id="everyone-is-denied"),
    pytest.param([_deny(GUILD, VIEW)], (), NONE, id="who-does-not-see-can-do-nothing"),
    pytest.param(
        [_deny(GUILD, SEND), _allow(ONCALL, SEND)], (ONCALL,), EVERYONE, id="a-role-beats-everyone"
    ),
    pytest.param(
        [_allow(ONCALL, SEND), _deny(ALICE, SEND)],
        (ONCALL,),
        EVERYONE & ~SEND,
        id="a-person-beats-a-role",
    ),
    pytest.param([_deny(GUILD, VIEW)], (BOSS,), ALL, id="administrators-may-all"),
]


@pytest.mark.parametrize(("overwrites", "roles", "granted"), CASES)
def test_what_is_granted(
    overwrites: list[Overwrite], roles: tuple[int, ...], granted: Permission
) -> None:
    assert _granted(*overwrites, roles=roles) == granted


def test_the_owner_may_all() -> None:
    assert _granted(_deny(GUILD, VIEW), owner=ALICE) == ALL
