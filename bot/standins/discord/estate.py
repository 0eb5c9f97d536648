"""Set up a guild and change it as its owner would: channels, roles, members, rights."""

from bot.standins.discord import messages, threads
from bot.standins.discord.changes import Changes
from bot.standins.discord.model import (
    Application,
    Channel,
    Guild,
    Intent,
    Member,
    Overwrite,
    Role,
    User,
)
from bot.standins.discord.permissions import ALL, EVERYONE, NONE, Permission
from bot.standins.discord.rules import Rules
from bot.standins.discord.snowflakes import Clock, Snowflakes
from bot.standins.discord.wire import channel_json, guild_create_json, member_json, role_json
from bot.standins.discord.world import Event, World

INVITED_WITH = EVERYONE | Permission.MANAGE_MESSAGES | Permission.MANAGE_THREADS


def new_world(*, token: str, rules: Rules, clock: Clock, privileged: Intent) -> World:
    """Make a world with one application, its bot and its owner; no guild yet."""
    new_id = Snowflakes(clock)
    owner = User(id=new_id(), name="owner")
    bot = User(id=new_id(), name="smokejumper", bot=True)
    application = Application(
        id=bot.id, name=bot.name, token=token, owner=owner, bot=bot, privileged=privileged
    )
    users = {owner.id: owner, bot.id: bot}
    return World(rules=rules, clock=clock, application=application, new_id=new_id, users=users)


def new_guild(world: World, name: str) -> Guild:
    """Make a guild that the bot was invited to."""
    owner, bot = world.application.owner, world.application.bot
    now = world.clock()
    guild = Guild(id=world.new_id(), name=name, owner_id=owner.id)
    everyone = Role(id=guild.id, name="@everyone", permissions=int(EVERYONE), position=0)
    granted = int(INVITED_WITH)
    own = Role(id=world.new_id(), name=bot.name, permissions=granted, bot_id=bot.id)
    guild.roles = {everyone.id: everyone, own.id: own}
    guild.members = {
        owner.id: Member(user=owner, joined=now),
        bot.id: Member(user=bot, joined=now, roles=[own.id]),
    }
    world.guilds[guild.id] = guild
    return guild


class Estate:
    """The owner's hand; every change is told to the gateway."""

    def __init__(self, world: World, changes: Changes) -> None:
        self._world = world
        self._changes = changes

    def add_guild(self, name: str) -> Guild:
        """Invite the bot to another guild."""
        guild = new_guild(self._world, name)
        bot = guild.members[self._world.application.bot.id]
        self._tell("GUILD_CREATE", guild_create_json(guild, seen=[], bot=bot))
        return guild

    def add_channel(self, guild: Guild, name: str) -> Channel:
        channel = Channel(
            id=self._world.new_id(),
            guild_id=guild.id,
            name=name,
            position=len(guild.channels),
        )
        guild.channels[channel.id] = channel
        self._tell("CHANNEL_CREATE", channel_json(channel))
        return channel

    def add_role(
        self,
        guild: Guild,
        name: str,
        *,
        permissions: Permission = NONE,
        mentionable: bool = False,
    ) -> Role:
        role = Role(
            id=self._world.new_id(),
            name=name,
            permissions=int(permissions),
            mentionable=mentionable,
        )
        guild.roles[role.id] = role
        self._tell("GUILD_ROLE_CREATE", {"guild_id": str(guild.id), "role": role_json(role)})
        return role

    def add_member(self, guild: Guild, name: str, *, roles: tuple[Role, ...] = ()) -> User:
        user = User(id=self._world.new_id(), name=name)
        self._world.users[user.id] = user
        member = Member(user=user, joined=self._world.clock(), roles=[role.id for role in roles])
        guild.members[user.id] = member
        data = member_json(member) | {"guild_id": str(guild.id)}
        self._tell("GUILD_MEMBER_ADD", data, needs=Intent.GUILD_MEMBERS)
        return user

    def give_roles(self, guild: Guild, user: User, *roles: Role) -> None:
        """Give *user* these roles and no others."""
        member = guild.members[user.id]
        member.roles = [role.id for role in roles]
        mine = user is self._world.application.bot
        needs = Intent.GUILDS if mine else Intent.GUILD_MEMBERS
        data = member_json(member) | {"guild_id": str(guild.id)}
        self._tell("GUILD_MEMBER_UPDATE", data, needs=needs)

    def forbid(self, channel: Channel, whom: User | Role, rights: Permission = ALL) -> None:
        """Take rights in a channel from a member or a role; all of them by default."""
        member = isinstance(whom, User)
        channel.overwrites[whom.id] = Overwrite(id=whom.id, member=member, deny=int(rights))
        self._tell("CHANNEL_UPDATE", channel_json(channel))

    def allow(self, channel: Channel, whom: User | Role, rights: Permission) -> None:
        """Give rights in a channel to a member or a role, and take back what was forbidden."""
        member = isinstance(whom, User)
        channel.overwrites[whom.id] = Overwrite(id=whom.id, member=member, allow=int(rights))
        self._tell("CHANNEL_UPDATE", channel_json(channel))

    def archive(self, thread_id: int, *, locked: bool = False) -> None:
        """Archive a thread, as time or a moderator does."""
        thread = self._world.thread(thread_id)
        thread.locked = locked
        threads.archive(self._world, thread, archived=True)
        threads.write_thread_changed(self._world, thread)

    def remove_channel(self, channel: Channel) -> None:
        """Delete a channel or a thread."""
        threads.remove(self._world, channel)

    def remove_message(self, channel_id: int, message_id: int) -> None:
        """Delete a message, as a moderator does."""
        channel = self._world.channel(channel_id)
        messages.remove(self._world, channel, self._world.message(channel_id, message_id))

    def remove_bot(self, guild: Guild) -> None:
        """Throw the bot out of a guild."""
        self._tell("GUILD_DELETE", {"id": str(guild.id)})
        del guild.members[self._world.application.bot.id]

    def _tell(self, name: str, data: dict[str, object], needs: Intent = Intent.GUILDS) -> None:
        self._world.hear(Event(name=name, data=data, needs=needs))
        self._changes.notify()
