"""Slack's limits are not met, on a clock moved by hand."""

from collections.abc import Awaitable
from datetime import timedelta

import pytest

from bot.adapters.slack.pace import Pace, Rates
from bot.domain.errors import BusyError, TransientError
from bot.domain.pace import Rate

MINUTE = timedelta(minutes=1)
RATES = Rates(
    channel_posts=Rate(most=1, per=timedelta(seconds=1)),
    posts=Rate(most=6, per=MINUTE, reserve=2),
    edits=Rate(most=6, per=MINUTE, reserve=2),
    reads=Rate(most=2, per=MINUTE),
)


class Hand:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def pace(hand: Hand) -> Pace:
    return Pace(RATES, now=hand.time, sleep=hand.sleep)


async def post(pace: Pace, channel: str, key: str, *, urgent: bool = True) -> None:
    async with pace.post(channel, key, urgent=urgent):
        pass


async def busy(call: Awaitable[None]) -> timedelta:
    with pytest.raises(BusyError) as caught:
        await call
    assert caught.value.after is not None
    return caught.value.after


async def test_the_next_message_waits_for_its_second(pace: Pace, hand: Hand) -> None:
    await post(pace, "C1", "card-1")
    await post(pace, "C1", "line-1-1")
    assert hand.slept == [1.0]


async def test_channels_do_not_wait_for_each_other(pace: Pace, hand: Hand) -> None:
    await post(pace, "C1", "card-1")
    await post(pace, "C2", "card-2")
    assert hand.slept == []


async def test_a_long_queue_is_for_the_worker_and_keeps_its_order(pace: Pace, hand: Hand) -> None:
    """Both rows come again when they were told to, and neither was asked for in vain."""
    rates = Rates(channel_posts=Rate(most=1, per=timedelta(seconds=2)))
    pace = Pace(rates, now=hand.time, sleep=hand.sleep)
    await post(pace, "C1", "card-1")
    assert await busy(post(pace, "C1", "card-2")) == timedelta(seconds=2)
    assert await busy(post(pace, "C1", "card-3")) == timedelta(seconds=4)
    hand.now += 2
    assert await busy(post(pace, "C1", "card-4")) == timedelta(seconds=4)
    await post(pace, "C1", "card-2")
    hand.now += 2
    await post(pace, "C1", "card-3")
    assert hand.slept == []


async def test_a_quiet_channel_is_heard_while_others_flood(pace: Pace, hand: Hand) -> None:
    await post(pace, "C1", "card-0")
    for number in range(1, 4):  # asked for while the channel is busy
        await post(pace, "C1", f"line-{number}", urgent=False)
    assert await busy(post(pace, "C1", "line-9", urgent=False)) > timedelta(seconds=50)
    await post(pace, "C2", "line-10", urgent=False)
    assert hand.slept == [1.0] * 3


async def test_cards_go_before_lines(pace: Pace, hand: Hand) -> None:
    """Of a storm people see the cards first, in the workspace and in each channel."""
    for number in range(4):
        await post(pace, f"C{number}", "line", urgent=False)
    hand.now += 2
    for number in range(2):
        await post(pace, f"C{number}", "card", urgent=True)
    slow = Rates(channel_posts=Rate(most=1, per=timedelta(seconds=5)))
    pace = Pace(slow, now=hand.time, sleep=hand.sleep)
    await post(pace, "C1", "card-1")
    assert await busy(post(pace, "C1", "line-1", urgent=False)) == timedelta(seconds=5)
    hand.now += 4
    assert await busy(post(pace, "C1", "card-2")) <= timedelta(seconds=5)
    hand.now += 5
    assert await busy(post(pace, "C1", "line-1", urgent=False)) > timedelta(0)
    await post(pace, "C1", "card-2")


async def test_the_next_message_waits_until_the_last_was_answered(hand: Hand) -> None:
    """Where we are slow, what is begun in time may arrive on the heels of the one before."""
    rates = Rates(channel_posts=Rate(most=1, per=timedelta(seconds=1), lasts=True))
    pace = Pace(rates, now=hand.time, sleep=hand.sleep)
    async with pace.post("C1", "card-1", urgent=True):
        hand.now += 0.5
        await busy(post(pace, "C1", "card-2"))
        hand.now += 5
        await busy(post(pace, "C1", "card-3"))
    hand.slept.clear()
    await post(pace, "C1", "card-2")
    assert hand.slept == [1.0]


async def test_a_call_that_failed_ends_its_turn(hand: Hand) -> None:
    rates = Rates(channel_posts=Rate(most=1, per=timedelta(seconds=1), lasts=True))
    pace = Pace(rates, now=hand.time, sleep=hand.sleep)
    with pytest.raises(TransientError):
        async with pace.post("C1", "card-1", urgent=True):
            raise TransientError("away")  # noqa: EM101 - a test
    hand.now += 1
    await post(pace, "C1", "card-2")
    assert hand.slept == []


async def test_endings_go_before_other_edits(pace: Pace) -> None:
    for number in range(4):
        await pace.edit(f"m{number}", urgent=False)
    assert await busy(pace.edit("m5", urgent=False)) == MINUTE
    await pace.edit("m6", urgent=True)


async def test_reads_have_a_pace_for_each_method(pace: Pace) -> None:
    for _ in range(2):
        await pace.read("conversations.history", "C1")
    assert await busy(pace.read("conversations.history", "C1")) == MINUTE
    await pace.read("conversations.replies", "C1 1.2")


async def test_after_a_start_half_of_a_minute_is_taken_as_used(hand: Hand) -> None:
    """The one who spoke before us may have edited just now."""
    pace = Pace(now=hand.time, sleep=hand.sleep)
    for number in range(20):
        await pace.edit(f"m{number}", urgent=True)
    assert await busy(pace.edit("m", urgent=True)) == MINUTE
    await post(pace, "C1", "card-1")
    assert hand.slept == [pytest.approx(1.05)]


async def test_slack_is_left_alone_for_as_long_as_it_asked(pace: Pace, hand: Hand) -> None:
    def refused() -> None:
        msg = "ratelimited"
        with pace.heeding("chat.update"):
            raise TransientError(msg, after=timedelta(seconds=30))

    with pytest.raises(TransientError, match="ratelimited"):
        refused()
    hand.now += 10
    with pytest.raises(BusyError) as caught, pace.heeding("chat.update"):
        pytest.fail("Slack had asked not to be called")
    assert caught.value.after == timedelta(seconds=20)
    hand.now += 20
    with pace.heeding("chat.update"):
        pass
