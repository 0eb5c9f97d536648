"""Slack's payloads as presses; what is pressed twice has two trigger ids."""

from collections.abc import Sequence
from datetime import datetime

from bot.adapters.slack.command_line import read_command
from bot.adapters.slack.controls import read_control
from bot.adapters.slack.elements import Json
from bot.domain.ids import PressId
from bot.domain.person import Person, Platform
from bot.domain.press import Press, PressKind
from bot.domain.subscription import Place
from bot.ports.commands import CommandSpec


def press_of_action(body: Json, *, at: datetime) -> Press | None:
    """Return what a control's payload tells; None for a link, which needs nothing of us."""
    control = read_control(body["actions"][0])
    if control is None:
        return None
    name, target = control
    container, user = body["container"], body["user"]
    return Press(
        id=_press_id(body),
        kind=PressKind.BUTTON,
        name=name,
        place=_place(container.get("channel_id") or body["channel"]["id"]),
        by=_person(user["id"], user.get("username") or user.get("name", "")),
        target=target,
        # What only the presser sees can't be found again by its timestamp.
        message="" if container.get("is_ephemeral") else container.get("message_ts", ""),
        token=body.get("response_url", ""),
        received_at=at,
    )


def press_of_command(body: Json, *, commands: Sequence[CommandSpec], at: datetime) -> Press:
    name, arguments = read_command(body.get("text") or "", commands)
    return Press(
        id=_press_id(body),
        kind=PressKind.COMMAND,
        name=name,
        place=_place(body["channel_id"]),
        by=_person(body["user_id"], body.get("user_name", "")),
        arguments=arguments,
        token=body.get("response_url", ""),
        received_at=at,
    )


def _press_id(body: Json) -> PressId:
    return PressId(f"slack:{body['trigger_id']}")


def _place(channel: str) -> Place:
    return Place(platform=Platform.SLACK, channel=channel)


def _person(user: str, name: str) -> Person:
    return Person(platform=Platform.SLACK, id=user, name=name)
