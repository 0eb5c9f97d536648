"""Answers to an interaction: by its response URL, or in the acknowledgement of a command."""

import json

from bot.standins.slack.call import checked_blocks
from bot.standins.slack.errors import SlackError
from bot.standins.slack.interactions import Interaction
from bot.standins.slack.limits import Limits
from bot.standins.slack.model import Json
from bot.standins.slack.workspace import Workspace


def reply(workspace: Workspace, interaction: Interaction, body: Json, limits: Limits) -> None:
    """Show *body* where the interaction happened: to the person alone, unless it says else."""
    shown = interaction.message
    if body.get("delete_original"):
        if shown:
            workspace.drop(shown)
        return
    text, blocks = _content(body, limits)
    if body.get("replace_original") and shown:
        shown.text, shown.blocks = text, blocks
        shown.edited_at = None if shown.to else workspace.next_ts()
        return
    if interaction.channel is None:
        code = "channel_not_found"
        raise SlackError(code)
    private = body.get("response_type", "ephemeral") == "ephemeral"
    message = workspace.from_app(
        workspace.channels[interaction.channel],
        text=text,
        blocks=blocks,
        thread_ts=body.get("thread_ts"),
        to=interaction.user if private else None,
        answers=interaction.key,
    )
    workspace.post(message)


def parsed(text: str) -> Json:
    """Return the body that was posted to a response URL."""
    try:
        body = json.loads(text)
    except json.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        code = "invalid_payload"
        raise SlackError(code)
    return body


def _content(body: Json, limits: Limits) -> tuple[str, list[Json]]:
    text, blocks = str(body.get("text") or ""), checked_blocks(body.get("blocks"), limits)
    if not text and not blocks:
        code = "no_text"
        raise SlackError(code)
    if len(text) > limits.post_chars:
        code = "msg_too_long"
        raise SlackError(code)
    return text, blocks
