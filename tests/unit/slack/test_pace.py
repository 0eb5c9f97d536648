"""One message a second and channel, on a clock moved by hand."""

from datetime import timedelta

import pytest

from bot.adapters.slack.pace import Pace
from bot.domain.errors import TransientError


class Hand:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def pace(hand: Hand) -> Pace:
    return Pace(
        gap=timedelta(seconds=1), patience=timedelta(seconds=2), now=hand.time, sleep=hand.sleep
    )


async def test_each_waits_for_those_before(pace: Pace, hand: Hand) -> None:
    for _ in range(3):
        await pace.turn("C1")
    assert hand.slept == [1.0, 2.0]


async def test_channels_do_not_wait_for_each_other(pace: Pace, hand: Hand) -> None:
    await pace.turn("C1")
    await pace.turn("C2")
    assert hand.slept == []


async def test_a_long_queue_is_for_the_worker(pace: Pace) -> None:
    for _ in range(3):
        await pace.turn("C1")
    with pytest.raises(TransientError) as caught:
        await pace.turn("C1")
    assert caught.value.after == timedelta(seconds=3)


async def test_a_turn_is_free_again_later(pace: Pace, hand: Hand) -> None:
    await pace.turn("C1")
    hand.now += 1
    await pace.turn("C1")
    assert hand.slept == []


def test_slack_is_left_alone_for_as_long_as_it_asked(pace: Pace, hand: Hand) -> None:
    def refused() -> None:
        msg = "ratelimited"
        with pace.heeding("chat.update"):
            raise TransientError(msg, after=timedelta(seconds=30))

    with pytest.raises(TransientError, match="ratelimited"):
        refused()
    hand.now += 10
    with pytest.raises(TransientError) as caught, pace.heeding("chat.update"):
        pytest.fail("Slack had asked not to be called")
    assert caught.value.after == timedelta(seconds=20)
    hand.now += 20
    with pace.heeding("chat.update"):
        pass
