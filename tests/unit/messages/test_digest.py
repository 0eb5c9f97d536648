"""The digest, as somebody reads it whose channel was spared a flood."""

from datetime import timedelta
from typing import Any

import pytest
from inline_snapshot import snapshot

from bot.domain.failure import Cause
from bot.domain.ids import IncidentId, RepoId
from bot.domain.incident import Ending, State
from bot.domain.storm import Tally
from bot.messages.digest import (
    SHOWN_ROWS,
    DigestFacts,
    digest_call,
    digest_card,
    digest_title,
    unfolded,
)
from bot.messages.text import plain
from bot.messages.views import Digest, Mark
from tests.unit.made import MAIN, NOON, OURS, an_incident
from tests.unit.messages.reading import digest_text, lines

WEB = RepoId(9)
NAMES = {OURS: "acme/app", WEB: "acme/web"}
BROKEN = an_incident(cause=Cause.REGISTRY_5XX, reason="the registry answered 503")
UNREAD = an_incident(id=IncidentId(11))
FIXED = an_incident(id=IncidentId(10), state=State.ENDED, ending=Ending.GREEN, reason="it failed")


def tally(incidents: int, *, held: int | None = None, **changes: Any) -> Tally:
    about: dict[str, Any] = {
        "repo": OURS,
        "cause": Cause.REGISTRY_5XX,
        "ending": None,
        "calling": 0,
    }
    spared = incidents if held is None else held
    return Tally(**about | {"incidents": incidents, "held": spared, "newest": NOON} | changes)


def facts(*tallies: Tally, listed: tuple[Any, ...] = (BROKEN,), **changes: Any) -> DigestFacts:
    about: dict[str, Any] = {
        "since": NOON,
        "until": None,
        "tallies": tallies,
        "names": NAMES,
        "listed": listed,
    }
    return DigestFacts(**about | changes)


STORM = (
    tally(190),
    tally(40, cause=Cause.TEST_FAILURE, repo=WEB),
    tally(50, cause=None, held=40),
    tally(30, ending=Ending.GREEN, held=0),
    tally(2, ending=Ending.SUPERSEDED, held=0),
)
CALM = timedelta(minutes=38)


def test_while_the_storm_lasts() -> None:
    listed = (BROKEN, UNREAD, FIXED)
    assert digest_text(digest_card(facts(*STORM, listed=listed))) == snapshot("""\
BROKEN  312 builds broke in 2 repositories since 2026-11-24 12:00 UTC: 280 still broken,
    30 fixed, 2 ended otherwise
I hold 270 cards back, since so many break at once. /build incidents lists what is
    broken, and /build retry #12 runs one again.
Why: registry_5xx 190, log not read yet 50, test_failure 40
Where: acme/app 240, acme/web 40
BROKEN  acme/app CI on main: the registry answered 503 (#12)
BROKEN  acme/app CI on main: log not read yet (#11)
FIXED  acme/app CI on main: it failed (#10)
… and 309 more
[Show the newest 10] [Show all 270 here]\
""")


def test_when_it_is_over() -> None:
    over = digest_card(facts(*STORM, until=NOON + CALM))
    assert lines([over.headline, over.action]) == snapshot("""\
BROKEN  312 builds broke in 2 repositories from 2026-11-24 12:00 UTC to 2026-11-24 12:38
    UTC: 280 still broken, 30 fixed, 2 ended otherwise
I hold 270 cards back, since so many broke at once. /build incidents lists what is
    broken, and /build retry #12 runs one again.\
""")


def test_when_all_are_fixed() -> None:
    """It shrinks to two lines, as a card does."""
    fixed = digest_card(facts(tally(12, ending=Ending.GREEN, held=0), until=NOON + CALM))
    assert digest_text(fixed) == snapshot("""\
FIXED  12 builds broke in one repository from 2026-11-24 12:00 UTC to 2026-11-24 12:38
    UTC: 12 fixed
Nothing to do: none of them is broken any more.\
""")
    assert fixed.mark is Mark.FIXED


def test_when_some_ended_without_being_fixed() -> None:
    ended = (tally(1, ending=Ending.RESOLVED, held=0), tally(1, ending=Ending.GREEN, held=0))
    over = digest_card(facts(*ended))
    assert digest_text(over) == snapshot("""\
OVER  2 builds broke in one repository since 2026-11-24 12:00 UTC: 1 fixed, 1 ended
    otherwise
Nothing to do: none of them is broken any more.\
""")
    assert over.mark is Mark.OVER


def test_what_has_a_card_of_its_own_is_not_offered_again() -> None:
    unfolded_all = digest_card(facts(tally(11, held=0)))
    assert unfolded_all.buttons == ()
    assert "back" not in plain(unfolded_all.action)


@pytest.mark.parametrize(
    ("held", "labels"),
    [
        (1, ["Show it here"]),
        (10, ["Show all 10 here"]),
        (11, ["Show the newest 10", "Show all 11 here"]),
    ],
)
def test_what_is_held_back_can_be_shown(held: int, labels: list[str]) -> None:
    shown = digest_card(facts(tally(held)))
    assert [button.label for button in shown.buttons] == labels
    assert {button.target for button in shown.buttons} == {BROKEN.target}


def test_long_lists_are_cut_and_counted() -> None:
    causes = list(Cause)[: 5 + 2]
    many = digest_card(facts(*(tally(3, cause=cause) for cause in causes), listed=(BROKEN,) * 99))
    assert len(many.rows) == SHOWN_ROWS
    assert many.more == 3 * len(causes) - SHOWN_ROWS
    assert plain(many.counts[0]).endswith(" and 2 more")


def test_what_a_channel_may_not_see_any_more_is_taken_back() -> None:
    assert digest_card(facts(listed=())) == Digest(
        mark=Mark.OVER, headline=("This is hidden: the channel may not see it any more.",)
    )


def test_one_call_for_all() -> None:
    one = digest_call(facts(tally(1)), ("slack:group:S1",))
    many = digest_call(facts(*STORM), ())
    assert one.call == ("slack:group:S1",)
    assert lines([one.text, many.text, digest_title(facts(*STORM))]) == snapshot("""\
A person is needed: 1 build is broken.
A person is needed: 280 builds are broken.
312 builds broke at once\
""")


def test_what_the_presser_is_told() -> None:
    assert lines([unfolded(0).text, unfolded(1).text, unfolded(280).text]) == snapshot("""\
Nothing is held back here any more.
I show its card here now.
I show 280 cards here now, one after another.\
""")


def test_a_row_names_the_lane() -> None:
    assert MAIN.title in plain(digest_card(facts(tally(1))).rows[0])
