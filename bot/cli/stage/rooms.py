"""What alice sees in the two rooms of the demo, as HTML."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from itertools import groupby

from bot.cli.painting.controls import Press
from bot.cli.painting.discord import discord_html
from bot.cli.painting.page import Drawn, message_html
from bot.cli.painting.people import Reader
from bot.cli.painting.slack import slack_html
from bot.cli.stage.town import SLACK_ALICE, SLACK_ROOM, Town
from bot.standins import discord as discords
from bot.standins.slack import Message as SlackMessage


def rooms(town: Town) -> Mapping[str, str]:
    """Return the HTML of each chat, drawn from what the stand-ins hold now."""
    return {"slack": _slack(town), "discord": _discord(town)}


def _slack(town: Town) -> str:
    names = {key: name.lstrip("@#") for key, name in town.slack.workspace.names().items()}
    reader = Reader(now=datetime.now(UTC), names=names)
    seen = town.slack.user_sees(SLACK_ALICE, SLACK_ROOM)
    threads = {
        root: [each for each in replies if each.is_reply()]
        for root, replies in groupby(
            sorted(seen, key=lambda each: (each.thread_ts or each.ts, each.ts)),
            key=lambda each: each.thread_ts or each.ts,
        )
    }
    return "".join(
        _with_thread(
            _drawn_slack(message, reader),
            [_drawn_slack(reply, reader) for reply in threads.get(message.ts, ())],
        )
        for message in seen
        if not message.is_reply()
    )


def _drawn_slack(message: SlackMessage, reader: Reader) -> Drawn:
    at = datetime.fromtimestamp(float(message.ts), UTC)
    body = slack_html(
        {"text": message.text, "blocks": message.blocks},
        reader,
        press=_pressing("slack", message.ts),
    )
    files = "".join(
        f'<div class="text small">📄 {escape(file.name)}</div>' for file in message.files
    )
    return Drawn(
        id=f"slack-{message.ts}",
        chat="slack",
        body=body + files,
        at=reader.clock(at),
        private=message.to is not None,
    )


def _discord(town: Town) -> str:
    guild = town.discord.guild
    names = {str(role.id): role.name for role in guild.roles.values()}
    names |= {str(member.user.id): member.user.name for member in guild.members.values()}
    reader = Reader(now=datetime.now(UTC), names=names)
    return "".join(
        _with_thread(
            _drawn_discord(message, reader),
            [_drawn_discord(line, reader) for line in _discord_thread(town, message)],
        )
        for message in town.discord.sees(town.alice, town.discord_room.id)
    )


def _discord_thread(town: Town, message: discords.Message) -> Iterator[discords.Message]:
    thread = town.discord.guild.channels.get(message.id)
    if thread is not None:
        yield from (line for line in thread.messages if line.content)


def _drawn_discord(message: discords.Message, reader: Reader) -> Drawn:
    place = f"{message.channel_id}/{message.id}"
    shown = {
        "content": message.content,
        "embeds": message.embeds,
        "components": message.components,
    }
    files = "".join(
        f'<div class="text small">📄 {escape(each.filename)}</div>' for each in message.attachments
    )
    return Drawn(
        id=f"discord-{message.id}",
        chat="discord",
        body=discord_html(shown, reader, press=_pressing("discord", place)) + files,
        at=reader.clock(datetime.fromtimestamp(message.created, UTC)),
        private=message.viewer_id is not None,
    )


def _pressing(chat: str, message: str) -> Press:
    def attributes(control: str, option: str) -> str:
        said = {
            "chat": chat,
            "message": message,
            "control": control,
            "option": option,
            "key": f"{chat} {message} {control} {option}",
        }
        return 'type="button" ' + " ".join(
            f'data-{name}="{escape(value)}"' for name, value in said.items()
        )

    return attributes


def _with_thread(drawn: Drawn, lines: Sequence[Drawn]) -> str:
    if not lines:
        return message_html(drawn)
    inside = "".join(map(message_html, lines))
    replies = "1 reply" if len(lines) == 1 else f"{len(lines)} replies"
    return message_html(drawn) + (
        f'<details class="thread" id="thread-{escape(drawn.id)}" open>'
        f"<summary>{replies}</summary>{inside}</details>"
    )
