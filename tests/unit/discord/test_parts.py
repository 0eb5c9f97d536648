"""The small pure parts: ids of buttons, commands, permissions, refusals."""

from dataclasses import dataclass, replace
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.discord.buttons import custom_id, pressed, rows
from bot.adapters.discord.check import NEEDED, granted
from bot.adapters.discord.commands import is_registered, registration, typed
from bot.adapters.discord.refusals import Attempt, Code, explained
from bot.domain.errors import (
    NotFoundError,
    OperatorError,
    PermanentError,
    SmokejumperError,
    TransientError,
)
from bot.domain.ids import IncidentId, RunId
from bot.domain.press import Target
from bot.messages.views import Button
from bot.ports.commands import FOCUSED, CommandSpec, OptionSpec
from tests.unit.discord.views import TARGET, button

SPECS = (
    CommandSpec(
        name="retry",
        description="Run it again",
        options=(
            OptionSpec(name="what", description="#12, or a run", required=True, suggests=True),
        ),
    ),
    CommandSpec(name="help", description="What I can do"),
)


@given(st.integers(1, 10**9), st.integers(1, 10**15), st.integers(1, 99))
def test_a_button_is_read_from_its_id_alone(incident: int, run: int, attempt: int) -> None:
    """After a restart there is nothing else."""
    target = Target(incident=IncidentId(incident), run=RunId(run), attempt=attempt)
    made = Button(action="full_log", label="Full log", target=target)

    assert pressed(custom_id(made)) == ("full_log", target)
    assert len(custom_id(made)) <= 100


@given(st.text(max_size=120))
def test_an_id_of_another_make_is_no_press(text: str) -> None:
    """Strangers can't make buttons, but other versions of us did."""
    assert pressed(text) is None


def test_equal_buttons_are_one() -> None:
    """Discord refuses a message with two equal ids."""
    laid = rows((button("retry", "Retry"), button("retry", "Retry")), (), ())

    assert len(laid[0]["components"]) == 1


def test_a_menu_has_a_row_to_itself() -> None:
    """Twenty buttons and a menu fill the five rows."""
    many = tuple(button(f"act_{'x' * n}", "Act") for n in range(24))

    laid = rows(many, (button("resolve", "Resolve"),), ())

    assert [len(row["components"]) for row in laid] == [5, 5, 5, 5, 1]


def as_kept(commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what Discord lists after a registration: with ids, without what is false."""
    return [
        {name: value for name, value in each.items() if value is not False}
        | {"id": "1", "version": "2", "nsfw": False, "contexts": None}
        | {"options": as_kept(each.get("options", []))}
        for each in commands
    ]


def test_commands_that_discord_has_are_recognised() -> None:
    """Ids and defaults say nothing; any word of ours does."""
    kept = as_kept(registration(SPECS))
    reworded = (replace(SPECS[0], description="Run it once more"), SPECS[1])

    assert is_registered(SPECS, kept)
    assert not is_registered(reworded, kept)
    assert not is_registered(SPECS[:1], kept)
    assert not is_registered(SPECS, [])


def test_what_was_typed_is_read_below_the_group() -> None:
    """The option that is being typed is named beside the others."""
    data = {
        "name": "build",
        "options": [
            {
                "name": "retry",
                "type": 1,
                "options": [{"name": "what", "type": 3, "value": "#1", "focused": True}],
            }
        ],
    }

    assert typed(data) == ("retry", {"what": "#1", FOCUSED: "what"})
    assert typed({"name": "build"}) == ("build", {})


EVERYTHING = sum(each.value for each in NEEDED.values())
SEND = discord.Permissions(send_messages=True).value
VIEW = discord.Permissions(view_channel=True).value


def overwrite(id: str, *, allow: int = 0, deny: int = 0) -> dict[str, str]:
    return {"id": id, "allow": str(allow), "deny": str(deny)}


@pytest.mark.parametrize(
    ("overwrites", "may_send"),
    [
        pytest.param([], True, id="by-role"),
        pytest.param([overwrite("g", deny=SEND)], False, id="denied-to-everyone"),
        pytest.param(
            [overwrite("g", deny=SEND), overwrite("r", allow=SEND)], True, id="role-over-everyone"
        ),
        pytest.param(
            [overwrite("r", allow=SEND), overwrite("me", deny=SEND)], False, id="person-over-role"
        ),
        pytest.param([overwrite("other", deny=SEND)], True, id="someone-else"),
        pytest.param([overwrite("g", deny=VIEW)], False, id="unseen-is-nothing"),
    ],
)
def test_what_a_channel_overrides(overwrites: list[dict[str, str]], *, may_send: bool) -> None:
    """Everyone first, then roles, then the member itself."""
    guild = {
        "id": "g",
        "owner_id": "o",
        "roles": [{"id": "g", "permissions": "0"}, {"id": "r", "permissions": str(EVERYTHING)}],
    }
    me = {"user": {"id": "me"}, "roles": ["r"]}

    given_here = granted({"permission_overwrites": overwrites}, guild, me)

    assert given_here.send_messages is may_send


@dataclass
class Response:
    """As much of an HTTP answer as discord.py's errors look at."""

    status: int
    reason: str = ""


def refused(status: int, code: int = 0) -> discord.HTTPException:
    answered: Any = Response(status)
    return discord.HTTPException(answered, {"code": code, "message": "Said so"})


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        pytest.param(refused(404, Code.UNKNOWN_MESSAGE), NotFoundError, "gone", id="message"),
        pytest.param(refused(404, Code.UNKNOWN_CHANNEL), OperatorError, "channel 7", id="lost"),
        pytest.param(refused(403, Code.MISSING_ACCESS), OperatorError, "View Channel", id="blind"),
        pytest.param(
            refused(403, Code.MISSING_PERMISSIONS), OperatorError, '"Send Messages"', id="mute"
        ),
        pytest.param(refused(403, Code.THREAD_LOCKED), OperatorError, "locked", id="locked"),
        pytest.param(refused(401), OperatorError, "DISCORD_BOT_TOKEN", id="token"),
        pytest.param(refused(401, Code.BAD_WEBHOOK_TOKEN), PermanentError, "15 min", id="late"),
        pytest.param(refused(413, Code.TOO_LARGE), PermanentError, "larger", id="large"),
        pytest.param(refused(400, 50035), PermanentError, "Said so", id="bad-body"),
        pytest.param(refused(429), TransientError, "429", id="limited"),
        pytest.param(refused(503), TransientError, "503", id="down"),
    ],
)
def test_each_refusal_is_someones(
    error: discord.HTTPException, kind: type[SmokejumperError], words: str
) -> None:
    """The operator gets words, the next attempt gets time."""
    found = explained(error, Attempt(what="write", place="7", needs="Send Messages"))

    assert type(found) is kind or (kind is PermanentError and isinstance(found, kind))
    assert not (kind is PermanentError and isinstance(found, NotFoundError))
    assert words in str(found)


def test_a_limit_without_a_time_waits_a_minute() -> None:
    """A block by the network in front of Discord says nothing."""
    found = explained(refused(429), Attempt(what="write"))

    assert isinstance(found, TransientError)
    assert found.after is not None
    assert found.after.total_seconds() == 60


def test_targets_are_those_of_the_card() -> None:
    """One card, one target on all its buttons."""
    assert pressed(custom_id(button("retry", "Retry"))) == ("retry", TARGET)
