"""What can be typed, so that a platform can offer it."""

from dataclasses import dataclass
from typing import Final

FOCUSED: Final = "focused"
"""In the arguments of a press that asks for choices: the option that is being typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """One option of a command; its value is always text."""

    name: str
    """Lower case; not FOCUSED."""
    description: str
    required: bool = False
    suggests: bool = False
    """Choices are asked for while it is typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSpec:
    """One word after `/build`."""

    name: str
    description: str
    options: tuple[OptionSpec, ...] = ()
    """Those that are required come first."""

    @property
    def usage(self) -> str:
        """How it is typed: "/build retry <what>", optional parts in brackets."""
        words = [f"<{one.name}>" if one.required else f"[{one.name}]" for one in self.options]
        return " ".join(["/build", self.name, *words])
