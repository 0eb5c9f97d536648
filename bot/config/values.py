"""Kinds of values that settings are made of."""

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SPAN: Final = re.compile(r"(\d+)\s*([smhd])")
HOOK: Final = re.compile(r"(\w[\w.-]*/){1,2}\d+")
WEB_ADDRESS: Final = re.compile(r"https?://\S+")
LAST_PORT: Final = 65_535
NAME: Final = re.compile(
    r"github:write|channel|slack:(?:user|group):[UWS][A-Z0-9]+|discord:(?:user|role):\d+"
)
MENTION: Final = re.compile(r"(?:user|group):[UWS][A-Z0-9]+|(?:user|role):\d+")


class Role(StrEnum):
    """What one process of `serve` does."""

    WEB = "web"  # takes deliveries
    WORKER = "worker"  # judges them, and asks GitHub
    CHAT = "chat"  # speaks with people


ALL_ROLES: Final = tuple(Role)


class Section(BaseModel):
    """A table of settings.toml; a key nobody reads is an error, not a shrug."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True
    )


def _span(value: object) -> object:
    if not isinstance(value, str):
        msg = 'write a duration in quotes, such as "60s", "5m", "2h" or "14d"'
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns a ValueError into its own error
    found = SPAN.fullmatch(value.strip())
    if not found:
        msg = f'"{value}" is no duration; write "60s", "5m", "2h" or "14d"'
        raise ValueError(msg)
    try:
        return timedelta(**{UNITS[found[2]]: int(found[1])})
    except OverflowError:
        msg = f'"{value}" is too long a time'
        raise ValueError(msg) from None


def written(span: timedelta) -> str:
    """Write *span* as it may stand in settings.toml, in the largest unit that leaves no rest."""
    fitting = [unit for unit in UNITS if not span % timedelta(**{UNITS[unit]: 1})]
    unit = fitting[-1] if fitting else "s"
    return f"{span // timedelta(**{UNITS[unit]: 1})}{unit}"


def within(least: timedelta, most: timedelta | None = None) -> AfterValidator:
    """Return what refuses a time that is too short or too long."""

    def check(span: timedelta) -> timedelta:
        if span < least:
            msg = f'write "{written(least)}" or more'
            raise ValueError(msg)
        if most is not None and span > most:
            msg = f'write "{written(most)}" or less'
            raise ValueError(msg)
        return span

    return AfterValidator(check)


def _hook(name: str) -> str:
    if name and not HOOK.fullmatch(name):
        msg = (
            f'"{name}" is no hook; write "acme/app/123" for one of a repository, "acme/123" for '
            "one of an organization"
        )
        raise ValueError(msg)
    return name


def _web_address(text: str) -> str:
    if text and not WEB_ADDRESS.fullmatch(text):
        msg = 'write an address that begins with "https://"'  # what was written may be a secret
        raise ValueError(msg)
    return text


def _repository(pattern: str) -> str:
    if pattern.count("/") != 1 or not all(pattern.split("/")):
        msg = f'"{pattern}" is no repository; write "owner/name" or "owner/*"'
        raise ValueError(msg)
    return pattern


def _name(name: str) -> str:
    if not NAME.fullmatch(name):
        msg = (
            f'"{name}" names nobody; write "slack:user:U…", "slack:group:S…", '
            '"discord:user:…", "discord:role:…" or "github:write"'
        )
        raise ValueError(msg)
    return name


def _mention(name: str) -> str:
    if not MENTION.fullmatch(name):
        msg = f'"{name}" can\'t be called; write "user:U…", "group:S…" or "role:…"'
        raise ValueError(msg)
    return name


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > LAST_PORT or " " in host:
        msg = f'"{text}" is no address; write "127.0.0.1:8080", or ":8080" for all of this machine'
        raise ValueError(msg)
    return text


def _roles(value: object) -> object:
    if not isinstance(value, str):
        return value
    words = [word.strip() for word in value.split(",") if word.strip()]
    for word in words:
        if word not in ALL_ROLES:
            msg = f'"{word}" is no role; write "web", "worker", "chat", or several with commas'
            raise ValueError(msg)
    return tuple(role for role in ALL_ROLES if role in words) or ALL_ROLES


Roles = Annotated[tuple[Role, ...], BeforeValidator(_roles)]
Address = Annotated[str, AfterValidator(_address)]
HookName = Annotated[str, AfterValidator(_hook)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Span = Annotated[timedelta, BeforeValidator(_span)]
RepositoryPattern = Annotated[str, AfterValidator(_repository)]
Name = Annotated[str, AfterValidator(_name)]
MentionName = Annotated[str, AfterValidator(_mention)]
