"""Answering interactions: the callback, then the webhook that its token opens."""

from typing import Final

from bot.standins.discord import interactions
from bot.standins.discord.bodies import Draft
from bot.standins.discord.calls import Call, Handler, Reply, Route
from bot.standins.discord.form import Form, snowflake
from bot.standins.discord.message_wire import message_json
from bot.standins.discord.model import Answer, Interaction
from bot.standins.discord.refusal import Json
from bot.standins.discord.world import Act

SHOWN: Final = (Answer.MESSAGE, Answer.UPDATE)


def callback(call: Call) -> Reply:
    """Take the first answer; whoever asks is told what became of it."""
    form = Form()
    draft = Draft(body=form.mapping("data", call.body.get("data")), files=call.files)
    form.check()
    key = snowflake("interaction_id", call.path["interaction"])
    answered = interactions.answer(call.world, key, call.path["token"], call.body, draft)
    if call.query.get("with_response", "").lower() not in {"1", "true"}:
        return Reply(204)
    return Reply(200, _outcome(call, answered))


def _outcome(call: Call, interaction: Interaction) -> Json:
    shown: Json = {"id": str(interaction.id), "type": int(interaction.type)}
    outcome: Json = {"interaction": shown}
    original = interaction.original
    if original is not None and interaction.answer is not None:
        shown["response_message_id"] = str(original.id)
        shown["response_message_loading"] = original.loading
        shown["response_message_ephemeral"] = original.ephemeral
        if interaction.answer in SHOWN:
            message = message_json(call.world, original)
            outcome["resource"] = {"type": int(interaction.answer), "message": message}
    return outcome


def _interaction(call: Call) -> Interaction:
    return interactions.by_token(call.world, call.id("application"), call.path["token"])


def follow_up(call: Call) -> Reply:
    message = interactions.follow_up(call.world, _interaction(call), call.draft)
    return Reply(200, message_json(call.world, message))


def one(call: Call) -> Reply:
    message = interactions.answer_of(_interaction(call), call.path["message"])
    return Reply(200, message_json(call.world, message))


def edit(call: Call) -> Reply:
    interaction = _interaction(call)
    message = interactions.answer_of(interaction, call.path["message"])
    interactions.settle(call.world, message, call.draft)
    act = Act(kind="answer edit", channel_id=message.channel_id, message_id=message.id)
    call.world.acts.append(act)
    return Reply(200, message_json(call.world, message))


def delete(call: Call) -> Reply:
    interaction = _interaction(call)
    message = interactions.answer_of(interaction, call.path["message"])
    interactions.delete_answer(call.world, interaction, message)
    return Reply(204)


def _open(method: str, path: str, handler: Handler) -> Route:
    # The token in the path speaks for the application; no bot token is sent.
    return Route(method=method, path=path, handler=handler, with_bot_token=False)


WEBHOOK: Final = "/webhooks/{application}/{token}"
MESSAGE: Final = WEBHOOK + "/messages/{message}"

ROUTES: Final = (
    _open("POST", "/interactions/{interaction}/{token}/callback", callback),
    _open("POST", WEBHOOK, follow_up),
    _open("GET", MESSAGE, one),
    _open("PATCH", MESSAGE, edit),
    _open("DELETE", MESSAGE, delete),
)
