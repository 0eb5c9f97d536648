"""A message's body as a client sends it: checked, then laid over the message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.standins.discord.components import check_components, kept_components
from bot.standins.discord.embeds import check_embeds, kept_embed
from bot.standins.discord.form import Form
from bot.standins.discord.mentions import check_allowed
from bot.standins.discord.model import NO_FLAGS, Attachment, Message, MessageFlag
from bot.standins.discord.refusal import Code, Json, RefusalError
from bot.standins.discord.rules import Rules
from bot.standins.discord.snowflakes import Snowflakes

NOT_MODELLED: Final = ("poll", "sticker_ids", "message_reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One file of a multipart request."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a request wants a message to be; a key that is not in `body` changes nothing."""

    body: Json
    files: Mapping[str, Upload] = field(default_factory=dict)

    @property
    def flags(self) -> MessageFlag:
        """Return the flags that the client asks for."""
        flags = self.body.get("flags")
        return MessageFlag(flags) if isinstance(flags, int) else NO_FLAGS


def check(rules: Rules, draft: Draft) -> None:
    """Refuse a body that breaks a limit.

    Raises:
        RefusalError: 50035 with every error, or 40005 for a file too big.
    """
    not_modelled = any(draft.body.get(key) for key in NOT_MODELLED)
    if not_modelled or MessageFlag.COMPONENTS_V2 in draft.flags:
        raise RefusalError(Code.NOT_MODELLED)
    if any(len(file.data) > rules.file_bytes for file in draft.files.values()):
        raise RefusalError(Code.TOO_LARGE)
    form = Form()
    form.text("content", draft.body.get("content"), longest=rules.content_chars)
    form.text("nonce", _nonce_text(draft.body), longest=rules.nonce_chars)
    form.number("flags", draft.body.get("flags"))
    check_components(form, rules, draft.body.get("components"))
    check_allowed(form, draft.body.get("allowed_mentions"))
    listed = form.rows("attachments", draft.body.get("attachments"))
    form.size("attachments", listed or draft.files, most=rules.files)
    check_embeds(form, rules, draft.body.get("embeds"))
    form.check()


def _nonce_text(body: Json) -> str | None:
    nonce = body.get("nonce")
    return None if nonce is None else str(nonce)


def apply(message: Message, draft: Draft, new_id: Snowflakes) -> None:
    """Lay the body over *message*.

    Raises:
        RefusalError: Nothing would be left to show, or a file is named that is not there.
    """
    body = draft.body
    content = _content(body, message.content)
    embeds = _list(body, "embeds", message.embeds)
    components = _list(body, "components", message.components)
    attachments = _attachments(message, draft, new_id)
    if not (content or embeds or components or attachments):
        raise RefusalError(Code.EMPTY_MESSAGE)
    message.content = content
    message.embeds = [kept_embed(embed) for embed in embeds]
    message.components = kept_components(components)
    message.attachments = attachments
    if MessageFlag.SUPPRESS_EMBEDS in draft.flags:
        message.flags |= MessageFlag.SUPPRESS_EMBEDS


def _content(body: Json, before: str) -> str:
    # Discord cuts white space at both ends.
    return (body["content"] or "").strip() if "content" in body else before


def _list(body: Json, key: str, before: list[Json]) -> list[Json]:
    return list(body[key] or []) if key in body else before


def _attachments(message: Message, draft: Draft, new_id: Snowflakes) -> list[Attachment]:
    listed = draft.body.get("attachments")
    if listed is None:
        sent = [_new(file, {}, new_id) for file in draft.files.values()]
        return ([] if "attachments" in draft.body else message.attachments) + sent
    before = {str(each.id): each for each in message.attachments}
    kept: list[Attachment] = []
    form = Form()
    for index, entry in enumerate(listed):
        key = str(entry.get("id"))
        if key in draft.files:
            kept.append(_new(draft.files[key], entry, new_id))
        elif key in before:
            kept.append(before[key])
        else:
            form.wrong(f"attachments.{index}.id", "ATTACHMENT_NOT_FOUND", f"No file {key}.")
    form.check()
    return kept


def _new(file: Upload, entry: Json, new_id: Snowflakes) -> Attachment:
    return Attachment(
        id=new_id(),
        filename=entry.get("filename") or file.filename,
        content_type=file.content_type,
        data=file.data,
        description=entry.get("description"),
    )
