"""Interactions: what a person sends, what the application may answer, and for how long."""

import secrets
from typing import Any, Final

from bot.standins.discord import bodies, messages
from bot.standins.discord.bodies import Draft
from bot.standins.discord.commands import check_choices
from bot.standins.discord.form import Form
from bot.standins.discord.message_wire import message_json
from bot.standins.discord.modals import check_modal
from bot.standins.discord.model import (
    Answer,
    Interaction,
    InteractionType,
    Message,
    MessageFlag,
    MessageType,
)
from bot.standins.discord.refusal import Code, Json, RefusalError
from bot.standins.discord.wire import channel_json, guild_json, member_json, user_json
from bot.standins.discord.world import Act, Event, World

ANSWERS: Final = {
    InteractionType.COMMAND: (Answer.MESSAGE, Answer.DEFERRED_MESSAGE, Answer.MODAL),
    InteractionType.COMPONENT: (
        Answer.MESSAGE,
        Answer.DEFERRED_MESSAGE,
        Answer.DEFERRED_UPDATE,
        Answer.UPDATE,
        Answer.MODAL,
    ),
    InteractionType.AUTOCOMPLETE: (Answer.CHOICES,),
    InteractionType.MODAL: (
        Answer.MESSAGE,
        Answer.DEFERRED_MESSAGE,
        Answer.DEFERRED_UPDATE,
        Answer.UPDATE,
    ),
}
ON_A_MESSAGE: Final = (Answer.DEFERRED_UPDATE, Answer.UPDATE)
SIZE_LIMIT_KEY: Final = "attachment_size_limit"


def send(world: World, interaction: Interaction) -> None:
    """Hand a person's act to the application."""
    world.interactions[interaction.token] = interaction
    world.hear(Event(name="INTERACTION_CREATE", data=interaction_json(world, interaction)))


def new_token() -> str:
    return secrets.token_urlsafe(60)


def interaction_json(world: World, interaction: Interaction) -> Json:
    """Write INTERACTION_CREATE."""
    guild = world.guilds[interaction.guild_id]
    channel = guild.channels[interaction.channel_id]
    granted = world.granted(channel, interaction.user)
    shown: Json = {
        "id": str(interaction.id),
        "application_id": str(world.application.id),
        "type": int(interaction.type),
        "token": interaction.token,
        "version": 1,
        "guild_id": str(guild.id),
        "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
        "channel_id": str(channel.id),
        "channel": channel_json(channel) | {"permissions": str(int(granted))},
        "member": member_json(guild.members[interaction.user.id], permissions=int(granted)),
        "data": interaction.data,
        "app_permissions": str(int(world.granted(channel, world.application.bot))),
        "locale": interaction.user.locale,
        "guild_locale": guild_json(guild)["preferred_locale"],
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(guild.id)},
        "context": 0,
        SIZE_LIMIT_KEY: world.rules.file_bytes,
    }
    if interaction.source is not None:
        shown["message"] = message_json(world, interaction.source)
    return shown


def answer(world: World, interaction_id: int, token: str, body: Json, draft: Draft) -> Interaction:
    """Take the application's first answer.

    Raises:
        RefusalError: Too late or unknown (10062), the second one (40060), or a bad body.
    """
    interaction = world.interactions.get(token)
    if interaction is None or interaction.id != interaction_id:
        raise RefusalError(Code.UNKNOWN_INTERACTION)
    if interaction.answer is not None:
        raise RefusalError(Code.ALREADY_ANSWERED)
    if world.clock() - interaction.created > world.rules.first_answer.total_seconds():
        raise RefusalError(Code.UNKNOWN_INTERACTION)
    kind = _kind(interaction, body.get("type"))
    _carry_out(world, interaction, kind, draft)
    interaction.answer = kind
    world.acts.append(Act(kind="answer", channel_id=interaction.channel_id))
    return interaction


def _kind(interaction: Interaction, value: Any) -> Answer:  # noqa: ANN401 - a stranger's JSON
    allowed = ANSWERS[interaction.type]
    form = Form()
    if form.one_of("type", value, tuple(map(int, allowed))):
        fits = value not in ON_A_MESSAGE or interaction.source is not None
        if not fits:
            form.wrong("type", "BASE_TYPE_CHOICES", "There is no message to update.")
    form.check()
    return Answer(value)


def _carry_out(world: World, interaction: Interaction, kind: Answer, draft: Draft) -> None:
    match kind:
        case Answer.MESSAGE:
            interaction.original = reply(world, interaction, draft)
        case Answer.DEFERRED_MESSAGE:
            interaction.original = _thinking(world, interaction, draft)
        case Answer.DEFERRED_UPDATE:
            interaction.original = interaction.source
        case Answer.UPDATE if interaction.source is not None:
            messages.overlay(world, interaction.source, draft)
            interaction.original = interaction.source
        case Answer.CHOICES:
            interaction.choices = _choices(world, draft.body)
        case Answer.MODAL:
            check_modal(world.rules, draft.body)
            interaction.modal = draft.body
        case _:
            raise AssertionError(kind)


def _choices(world: World, body: Json) -> list[Json]:
    form = Form()
    choices = form.rows("choices", body.get("choices"))
    check_choices(form, world, "choices", choices)
    form.check()
    return choices


def reply(world: World, interaction: Interaction, draft: Draft) -> Message:
    """Post a message as an answer: to the channel, or to the asker alone.

    Raises:
        RefusalError: The body is bad.
    """
    bodies.check(world.rules, draft)
    channel = world.channel(interaction.channel_id)
    message = messages.new_message(world, channel, world.application.bot, draft)
    message.flags |= draft.flags & MessageFlag.EPHEMERAL
    _place(world, interaction, message)
    return message


def _thinking(world: World, interaction: Interaction, draft: Draft) -> Message:
    message = Message(
        id=world.new_id(),
        channel_id=interaction.channel_id,
        author=world.application.bot,
        created=world.clock(),
    )
    message.flags = (draft.flags & MessageFlag.EPHEMERAL) | MessageFlag.LOADING
    _place(world, interaction, message)
    return message


def _place(world: World, interaction: Interaction, message: Message) -> None:
    message.metadata = metadata(interaction)
    if interaction.type is InteractionType.COMMAND and interaction.original is None:
        message.type = MessageType.CHAT_INPUT_COMMAND
    if message.ephemeral:
        message.viewer_id = interaction.user.id
        world.private[message.id] = message
        return
    messages.append(world, world.channel(interaction.channel_id), message)


def metadata(interaction: Interaction) -> Json:
    """Say on a message which interaction made it."""
    shown: Json = {
        "id": str(interaction.id),
        "type": int(interaction.type),
        "user": user_json(interaction.user),
        "authorizing_integration_owners": {"0": str(interaction.guild_id)},
    }
    if interaction.type is InteractionType.COMPONENT and interaction.source is not None:
        shown["interacted_message_id"] = str(interaction.source.id)
    if interaction.before is not None:
        shown["triggering_interaction_metadata"] = metadata(interaction.before)
    return shown


def by_token(world: World, application_id: int, token: str) -> Interaction:
    """Return the answered interaction that *token* still speaks for.

    Raises:
        RefusalError: Unknown or not yet answered (10015), or older than its life (50027).
    """
    interaction = world.interactions.get(token)
    known = interaction is not None and application_id == world.application.id
    if not known or interaction is None or interaction.answer is None:
        raise RefusalError(Code.UNKNOWN_WEBHOOK)
    if world.clock() - interaction.created > world.rules.interaction_life.total_seconds():
        raise RefusalError(Code.INVALID_WEBHOOK_TOKEN)
    return interaction


def follow_up(world: World, interaction: Interaction, draft: Draft) -> Message:
    """Say more; the first word after a deferral takes the place of "is thinking".

    Raises:
        RefusalError: The body is bad.
    """
    waiting = interaction.original
    world.acts.append(Act(kind="follow-up", channel_id=interaction.channel_id))
    if waiting is not None and waiting.loading:
        settle(world, waiting, draft)
        return waiting
    message = reply(world, interaction, draft)
    interaction.followups.append(message)
    return message


def settle(world: World, message: Message, draft: Draft) -> None:
    """Edit an answer; one that was loading shows itself now, and who it calls is called.

    Raises:
        RefusalError: The body is bad.
    """
    was_loading = message.loading
    messages.overlay(world, message, draft)
    if was_loading:
        message.pings = message.mentions


def answer_of(interaction: Interaction, message_id: str) -> Message:
    """Return a message that this interaction made; `@original` is the first.

    Raises:
        RefusalError: It made none of that id.
    """
    made = [interaction.original] if interaction.original else []
    if message_id == "@original":
        found = made[:1]
    else:
        found = [m for m in [*made, *interaction.followups] if str(m.id) == message_id]
    if not found:
        raise RefusalError(Code.UNKNOWN_MESSAGE)
    return found[0]


def delete_answer(world: World, interaction: Interaction, message: Message) -> None:
    """Take an answer away."""
    if interaction.original is message:
        interaction.original = None
    if message.ephemeral:
        world.private.pop(message.id, None)
        return
    messages.remove(world, world.channel(message.channel_id), message)
