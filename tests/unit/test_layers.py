"""Import contracts hold only what they name, so they must name everything."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"][
    "importlinter"
]["contracts"]
STAND_INS = "bot.standins"


def children(package: str) -> set[str]:
    """Return the modules and packages that stand directly in a package."""
    folder = ROOT.joinpath(*package.split("."))
    modules = {f"{package}.{file.stem}" for file in folder.glob("*.py")}
    packages = {f"{package}.{file.parent.name}" for file in folder.glob("*/__init__.py")}
    return (modules | packages) - {f"{package}.__init__"}


def contract(name: str) -> dict[str, Any]:
    (found,) = (one for one in CONTRACTS if one["name"] == name)
    return found


def layers() -> set[str]:
    named = contract("Imports point down")["layers"]
    return {module.strip() for layer in named for module in layer.split("|")}


def test_everything_stands_in_a_layer() -> None:
    """The linter keeps silent about a module that it is not told of."""
    assert layers() == children("bot") - {STAND_INS} | {"handlers"}


def test_every_adapter_is_kept_from_the_others() -> None:
    folders = {name for name in children("bot.adapters") if _is_package(name)}

    assert set(contract("Adapters do not know each other")["modules"]) == folders


def _is_package(name: str) -> bool:
    return ROOT.joinpath(*name.split("."), "__init__.py").is_file()


def test_stand_ins_are_kept_from_everything_of_the_bot() -> None:
    forbidden = set(contract("Stand-ins know nothing of the bot")["forbidden_modules"])

    assert forbidden == children("bot") - {STAND_INS, "bot.__main__"} | {"handlers"}


def test_only_the_command_line_uses_the_stand_ins() -> None:
    users = {"bot.cli", "bot.__main__", STAND_INS}
    kept = contract("Only the command line and tests use the stand-ins")["source_modules"]

    assert set(kept) == children("bot") - users | {"handlers"}


@pytest.mark.parametrize("name", [one["name"] for one in CONTRACTS])
def test_a_contract_names_what_exists(name: str) -> None:
    found = contract(name)
    named = {*found.get("modules", ()), *found.get("source_modules", ()), *found.get("layers", ())}
    modules = {part.strip() for entry in named for part in entry.split("|")}

    for module in modules:
        path = ROOT.joinpath(*module.split("."))
        assert path.is_dir() or path.with_suffix(".py").is_file(), module
