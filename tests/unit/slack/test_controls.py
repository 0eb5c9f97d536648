"""What a button says when it is pressed is what the card showed."""

from dataclasses import replace

import pytest
from hypothesis import given

from bot.adapters.slack.controls import controls, read_control
from bot.domain.press import Target
from bot.messages.views import Button, LinkButton
from tests.unit.slack.views import TARGET, targets

RETRY = Button(action="retry", label="Retry", target=TARGET)


@given(targets)
def test_target_survives_the_way_through_a_button(target: Target) -> None:
    block = controls([replace(RETRY, target=target)])[0]
    assert read_control(block["elements"][0]) == ("retry", target)


@given(targets)
def test_target_survives_the_way_through_a_menu(target: Target) -> None:
    menu = [replace(RETRY, action=action, target=target) for action in ("retry-all", "resolve")]
    overflow = controls([], menu=menu)[0]["elements"][0]
    chosen = {"action_id": overflow["action_id"], "selected_option": overflow["options"][1]}
    assert read_control(chosen) == ("resolve", target)


def test_equal_actions_are_told_apart_and_read_alike() -> None:
    """A list of incidents has one Retry each, and Slack wants their ids to differ."""
    row = controls([RETRY, RETRY])[0]["elements"]
    assert [each["action_id"] for each in row] == ["sj:retry", "sj:retry:2"]
    assert [read_control(each) for each in row] == [("retry", TARGET)] * 2


def test_a_menu_of_one_is_a_button() -> None:
    assert [each["type"] for each in controls([], menu=[RETRY])[0]["elements"]] == ["button"]


def test_six_choices_are_a_menu_and_a_button() -> None:
    assert [each["type"] for each in controls([], menu=[RETRY] * 6)[0]["elements"]] == [
        "overflow",
        "button",
    ]


def test_a_link_opens_by_itself() -> None:
    link = LinkButton(label="Open run", url="https://github.example/run")
    assert read_control(controls([], links=[link])[0]["elements"][0]) is None


def test_a_link_to_nowhere_is_left_out() -> None:
    assert controls([], links=[LinkButton(label="Open run", url="not a link")]) == []


@pytest.mark.parametrize("value", ["", "12:812", "12:812:x", "a:b:c:d", None])
def test_a_value_that_is_no_target_is_none(value: str | None) -> None:
    assert read_control({"action_id": "sj:retry", "value": value}) == ("retry", None)
