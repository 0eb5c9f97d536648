"""What Slack tells the app about a press, a command, a submission or an event."""

import html

from bot.standins.slack.interactions import Interaction
from bot.standins.slack.model import Channel, Json, Message, View
from bot.standins.slack.shown import message_json
from bot.standins.slack.views import view_json
from bot.standins.slack.workspace import Workspace


class Payloads:
    """Payloads of one workspace; *url* is where response URLs lead."""

    def __init__(self, workspace: Workspace, url: str) -> None:
        self._workspace = workspace
        self._url = url

    def message_action(self, interaction: Interaction, message: Message, action: Json) -> Json:
        """Tell of a control used on *message*."""
        channel = self._workspace.channels[message.channel]
        container: Json = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.to is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        told = {
            **self._frame("block_actions", interaction),
            "container": container,
            "channel": {"id": channel.id, "name": _name(channel)},
            "state": {"values": {}},
            "response_url": self._response_url("actions", interaction),
            "actions": [{**action, "action_ts": self._workspace.next_ts()}],
        }
        if message.to is None:
            # Slack does not keep ephemeral messages, so it cannot show them again.
            told["message"] = message_json(self._workspace, message)
        return told

    def view_action(self, interaction: Interaction, view: View, action: Json) -> Json:
        return {
            **self._frame("block_actions", interaction),
            "container": {"type": "view", "view_id": view.id},
            "view": view_json(self._workspace, view),
            "actions": [{**action, "action_ts": self._workspace.next_ts()}],
        }

    def view_end(self, kind: str, interaction: Interaction, view: View) -> Json:
        """Tell that a modal was submitted or closed."""
        told = {**self._frame(kind, interaction), "view": view_json(self._workspace, view)}
        if kind == "view_closed":
            del told["trigger_id"]
            return {**told, "is_cleared": False}
        return {**told, "response_urls": []}

    def suggestion(self, interaction: Interaction, message: Message, action: Json) -> Json:
        """Ask for the options of an external menu; *action* names it and what was typed."""
        told = {
            **self._frame("block_suggestion", interaction),
            "container": {"type": "message", "message_ts": message.ts},
            "channel": {"id": message.channel},
            "message": message_json(self._workspace, message),
            **action,
        }
        del told["trigger_id"]
        return told

    def command(self, interaction: Interaction, channel: Channel, command: str, text: str) -> Json:
        workspace, user = self._workspace, self._workspace.users[interaction.user]
        return {
            "token": workspace.app.verification_token,
            "team_id": workspace.team_id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": _name(channel),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": html.escape(text, quote=False),
            "api_app_id": workspace.app.id,
            "is_enterprise_install": "false",
            "response_url": self._response_url("commands", interaction),
            "trigger_id": interaction.trigger_id,
        }

    def event(self, event: Json) -> Json:
        workspace = self._workspace
        return {
            "token": workspace.app.verification_token,
            "team_id": workspace.team_id,
            "api_app_id": workspace.app.id,
            "event": {"event_ts": workspace.next_ts(), **event},
            "type": "event_callback",
            "event_id": workspace.new_id("Ev"),
            "event_time": int(workspace.clock()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": workspace.team_id,
                    "user_id": workspace.app.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
        }

    def _frame(self, kind: str, interaction: Interaction) -> Json:
        workspace, user = self._workspace, self._workspace.users[interaction.user]
        person = {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id}
        return {
            "type": kind,
            "user": person,
            "api_app_id": workspace.app.id,
            "token": workspace.app.verification_token,
            "team": {"id": workspace.team_id, "domain": workspace.domain},
            "enterprise": None,
            "is_enterprise_install": False,
            "trigger_id": interaction.trigger_id,
        }

    def _response_url(self, kind: str, interaction: Interaction) -> str:
        return f"{self._url}/{kind}/{self._workspace.team_id}/{interaction.key}"


def _name(channel: Channel) -> str:
    """Return what payloads call *channel*; names of private ones are kept back."""
    if channel.partner:
        return "directmessage"
    return "privategroup" if channel.private else channel.name
