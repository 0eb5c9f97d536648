"""The reference page of all settings, made from the models."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from bot.config.environment import OURS, PREFIX, Environment
from bot.config.settings import Settings
from bot.config.values import written

HEAD = """\
# Configuration

Secrets and addresses come from the environment or `.env`, everything else from `settings.toml`.
This page is made from the code: `smokejumper settings > docs/configuration.md`.

## Environment

`SMOKEJUMPER_` may stand before each name, and wins.

| variable | default | what it is |
|---|---|---|
"""


def reference() -> str:
    """Return the page as Markdown."""
    rows = [_variable(name, field) for name, field in Environment.model_fields.items()]
    return HEAD + "\n".join(rows) + "\n\n## settings.toml\n" + "".join(_tables())


def _variable(name: str, field: FieldInfo) -> str:
    shown = (PREFIX if name in OURS else "") + name.upper()
    default = f"`{','.join(field.default)}`" if name == "roles" else _default(field)
    return f"| `{shown}` | {default} | {' '.join((field.description or '').split())} |"


def _tables() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        listed = [kind for kind in get_args(field.annotation) if kind is not Ellipsis]
        model: type[BaseModel] = listed[0] if listed else field.annotation  # type: ignore[assignment]  # every table is a model
        title = f"[[{name}]]" if listed else f"[{name}]"
        rows = "\n".join(
            f"| `{key}` | {_default(inner)} | {' '.join((inner.description or '').split())} |"
            for key, inner in model.model_fields.items()
        )
        head = "| key | default | what it is |\n|---|---|---|"
        yield f"\n### `{title}`\n\n{model.__doc__}\n\n{head}\n{rows}\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return _shown(field.default)


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever a model has as a default
    if isinstance(value, SecretStr) or value in ("", None):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return "`[]`" if not value else f"`{list(value)}`"
    if hasattr(value, "total_seconds"):
        return f'`"{written(value)}"`'
    return f"`{value}`"
