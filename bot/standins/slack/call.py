"""One call of a Web API method, with what every method needs to answer it."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.standins.slack.arguments import Arguments
from bot.standins.slack.blocks import problems, total_text, with_ids
from bot.standins.slack.errors import SlackError, invalid_arguments, invalid_blocks
from bot.standins.slack.interactions import Interactions
from bot.standins.slack.limits import Limits
from bot.standins.slack.model import Channel, Json, Message, User
from bot.standins.slack.rates import Rates
from bot.standins.slack.workspace import Workspace

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    args: Arguments
    workspace: Workspace
    scopes: frozenset[str]
    limits: Limits
    interactions: Interactions
    rates: Rates
    base_url: str

    def require(self, *scopes: str) -> None:
        """Refuse the call unless the token has one of *scopes*."""
        if scopes and not self.scopes & set(scopes):
            code = "missing_scope"
            provided = ",".join(sorted(self.scopes))
            raise SlackError(code, needed=",".join(scopes), provided=provided)

    def channel(self, name: str = "channel") -> Channel:
        """Return the conversation that argument *name* means, if the bot may know of it."""
        channel = self.workspace.channels.get(self.args.need(name))
        if channel is None or (channel.private and not self.workspace.is_member(channel)):
            code = "channel_not_found"
            raise SlackError(code)
        return channel

    def channel_for(self, act: str) -> Channel:
        """Return the conversation to read with the scope family *act*: `read` or `history`."""
        self.require(*(f"{kind}:{act}" for kind in ("channels", "groups", "im")))
        channel = self.channel()
        self.require(f"{channel.kind}:{act}")
        return channel

    def message(self, channel: Channel, name: str, *, refusal: str) -> Message:
        message = channel.message(self.args.need(name))
        if message is None or message.deleted:
            raise SlackError(refusal)
        return message

    def user(self, name: str = "user") -> User:
        user = self.workspace.users.get(self.args.need(name))
        if user is None:
            code = "user_not_found"
            raise SlackError(code)
        return user

    def blocks(self) -> list[Json]:
        """Return the blocks, checked, with their ids filled in."""
        given = self.args.structure("blocks", refusal="invalid_blocks_format")
        return checked_blocks(given, self.limits)

    def page(self, items: Sequence[Item]) -> tuple[list[Item], str]:
        """Return the page asked for and the cursor of the next, empty at the end."""
        size = self.args.number("limit", default=self.limits.page) or self.limits.page
        if size > self.limits.page_most:
            raise invalid_arguments([f"must be less than {self.limits.page_most + 1}: limit"])
        start = self._cursor()
        after = start + size
        following = _encoded(after) if after < len(items) else ""
        return list(items[start:after]), following

    def _cursor(self) -> int:
        cursor = self.args.text("cursor")
        if not cursor:
            return 0
        try:
            kind, _, index = base64.b64decode(cursor, validate=True).decode().partition(":")
            if kind == "next" and index.isdecimal():
                return int(index)
        except (binascii.Error, UnicodeDecodeError):
            pass
        code = "invalid_cursor"
        raise SlackError(code)


def checked_blocks(given: object, limits: Limits) -> list[Json]:
    """Return the *given* blocks with ids filled in.

    Raises:
        SlackError: They are not blocks, break a rule, or say too much together.
    """
    if given is None:
        return []
    if not isinstance(given, list):
        code = "invalid_blocks_format"
        raise SlackError(code)
    wrong = problems(given, limits.blocks)
    if wrong:
        raise invalid_blocks(wrong)
    if total_text(given) > limits.blocks.total_text:
        code = "msg_blocks_too_long"
        raise SlackError(code)
    return with_ids(given)


def paged(cursor: str) -> Json:
    return {"response_metadata": {"next_cursor": cursor}}


def _encoded(index: int) -> str:
    return base64.b64encode(f"next:{index}".encode()).decode()
