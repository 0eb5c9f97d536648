"""How GitHub is heard, from the settings to the policy."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.config.settings import Settings


@pytest.mark.parametrize(
    ("intake", "webhooks", "polls"),
    [("webhook", True, False), ("poll", False, True), ("both", True, True)],
)
def test_the_ways_to_hear(intake: str, webhooks: bool, polls: bool) -> None:  # noqa: FBT001 - a row of the table
    policy = Settings.model_validate({"github": {"intake": intake}}).hearing()
    assert (policy.webhooks, policy.polls) == (webhooks, polls)


def test_what_is_left_out_has_a_default() -> None:
    policy = Settings().hearing()
    assert policy.webhooks
    assert not policy.polls
    assert policy.poll_every == timedelta(seconds=60)
    assert policy.say_blind_after == timedelta(minutes=5)


@pytest.mark.parametrize(
    "wrong",
    [
        {"intake": "pull"},
        {"poll_every": "1s"},
        {"hook": "acme"},
        {"hook": "acme/app"},
        {"hook": "../app/7"},
    ],
)
def test_what_can_not_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"github": wrong})


@pytest.mark.parametrize("hook", ["acme/app/123", "acme/123"])
def test_a_hook_is_named_by_its_owner_and_number(hook: str) -> None:
    assert Settings.model_validate({"github": {"hook": hook}}).hearing().hook == hook
