"""Small checks that add up to Block Kit; each yields its complaints in Slack's words."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeAlias

Check: TypeAlias = Callable[[object, str], Iterator[str]]


def complaint(words: str, at: str) -> str:
    return f"{words} [json-pointer:{at}]"


def string(most: int, *, least: int = 1) -> Check:
    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield complaint("must be a string", at)
        elif len(value) < least:
            yield complaint(f"must be more than {least - 1} characters", at)
        elif len(value) > most:
            yield complaint(f"must be less than {most + 1} characters", at)

    return check


def flag(value: object, at: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield complaint("must be a boolean", at)


def number(value: object, at: str) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield complaint("must be an integer", at)


def among(*values: object) -> Check:
    def check(value: object, at: str) -> Iterator[str]:
        if value not in values:
            yield complaint("must be a valid enum value", at)

    return check


def items(item: Check, *, most: int, least: int = 1) -> Check:
    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield complaint("must be an array", at)
            return
        if len(value) < least:
            yield complaint(f"no less than {least} items allowed", at)
        if len(value) > most:
            yield complaint(f"no more than {most} items allowed", at)
        for index, each in enumerate(value):
            yield from item(each, f"{at}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    fields = {**required, **(optional or {})}

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must provide an object", at)
            return
        for name in required.keys() - value.keys():
            yield complaint(f"missing required field: {name}", at)
        for name, part in value.items():
            if name in fields:
                yield from fields[name](part, f"{at}/{name}")
            else:
                yield complaint(f"invalid additional property: {name}", at)

    return check


def tagged(shapes: Mapping[str, Check], allowed: Collection[str] | None = None) -> Check:
    """Check an object by its `type`, which must be one of *allowed* (all *shapes*, if None)."""

    def check(value: object, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield complaint("must provide an object", at)
            return
        kind = value.get("type")
        known = isinstance(kind, str) and kind in (shapes if allowed is None else allowed)
        if not known:
            yield complaint(f"unsupported type: {kind}", f"{at}/type")
            return
        yield from shapes[str(kind)](value, at)

    return check
