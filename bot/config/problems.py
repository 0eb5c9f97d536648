"""What is wrong in a file of settings, as one sentence each that says what to do."""

import difflib
from collections.abc import Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from bot.domain.errors import UserError


class ConfigError(UserError):
    """Settings that can't be used; the message names file, key and remedy."""


def explain(error: ValidationError, *, file: str, model: type[BaseModel]) -> ConfigError:
    """Return an error with one line for each problem."""
    problems = error.errors()
    deeper = {tuple(problem["loc"])[:-1] for problem in problems}
    lines = [
        _line(problem, file=file, model=model)
        for problem in problems
        # A list that is empty only because its entry can't be used is no second mistake.
        if not (problem["type"] == "too_short" and tuple(problem["loc"]) in deeper)
    ]
    return ConfigError("\n".join(dict.fromkeys(lines)))


def _line(problem: Any, *, file: str, model: type[BaseModel]) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    place, kind = tuple(problem["loc"]), problem["type"]
    if kind == "extra_forbidden":
        return f"{file}: unknown key {_path(place)}.{_did_you_mean(place, model)}"
    if kind == "missing":
        return f'{file}: {_table(place[:-1])} has no "{place[-1]}". Add it.'
    if kind == "too_short":
        return f"{file}: {_path(place)}: name at least one."
    if kind == "tuple_type" and len(place) == 1:
        return f"{file}: write [[{place[0]}]], with two brackets."
    if kind == "tuple_type":
        return f'{file}: {_path(place)}: write a list, such as ["acme/*"].'
    return f"{file}: {_path(place)}: {_lowered(problem['msg'].removeprefix('Value error, '))}."


def _lowered(message: str) -> str:
    """Begin in lower case, unless with a name such as SLACK_BOT_TOKEN."""
    return message if message[1:2].isupper() else message[:1].lower() + message[1:]


def _path(place: Sequence[int | str]) -> str:
    """Write a key as in TOML: "retry.max_retries", "subscriptions (number 2).channel"."""
    words: list[str] = []
    for part in place:
        if isinstance(part, int) and words:
            words[-1] += f" (number {part + 1})"
        else:
            words.append(str(part))
    return ".".join(words)


def _table(place: Sequence[int | str]) -> str:
    if len(place) == 2 and isinstance(place[1], int):  # noqa: PLR2004 - the list and its index
        return f"[[{place[0]}]] number {place[1] + 1}"
    return f"[{_path(place)}]" if place else "it"


def _did_you_mean(place: Sequence[int | str], model: type[BaseModel]) -> str:
    known = _keys_at(place[:-1], model)
    close = difflib.get_close_matches(str(place[-1]), known, n=1)
    if close:
        return f" Did you mean {close[0]}?"
    return f" Known keys: {', '.join(known)}." if known else ""


def _keys_at(place: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    for part in place:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part)
        if field is None:
            return []
        kinds = [field.annotation, *get_args(field.annotation)]
        models = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if not models:
            return []
        model = models[0]
    return [*model.model_fields]
