"""Reads settings.toml."""

import tomllib
from pathlib import Path

from pydantic import ValidationError

from bot.config.problems import ConfigError, explain
from bot.config.settings import Settings


def read_settings(file: Path) -> Settings:
    """Return what *file* says.

    Raises:
        ConfigError: It is not there, is no TOML, or says what can't be used.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        msg = f"There is no {file}. Copy settings.example.toml to it and name your channels."
        raise ConfigError(msg) from None
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{file} can't be read: {error}"
        raise ConfigError(msg) from error
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        msg = f"{file} is no valid TOML: {error}"
        raise ConfigError(msg) from error
    except ValidationError as error:
        raise explain(error, file=file.name, model=Settings) from error
