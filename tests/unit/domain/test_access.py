"""Who may: settings and GitHub say so, never the chat."""

import pytest

from bot.domain.access import DEFAULTS, Grant, Right, holds, matches, who_may
from bot.domain.person import Identity, Member, Person
from tests.unit.made import ANA, BO

ACME = ("acme/*",)
WHO = "slack:user:U1"


@pytest.mark.parametrize("right", Right)
def test_without_an_entry_the_defaults_hold(right: Right) -> None:
    elsewhere = Grant(repositories=("other/*",), read=(WHO,), retry=(WHO,), admin=(WHO,))

    assert who_may(right, "acme/app", [elsewhere]) == frozenset(DEFAULTS[right])


@pytest.mark.parametrize(
    ("grants", "right", "names"),
    [
        pytest.param(
            [Grant(repositories=ACME, retry=(WHO,))], Right.RETRY, {WHO}, id="an-entry-replaces"
        ),
        pytest.param(
            [Grant(repositories=ACME, retry=(WHO, "github:write"))],
            Right.RETRY,
            {WHO, "github:write"},
            id="github-where-named",
        ),
        pytest.param(
            [Grant(repositories=ACME, read=("slack:group:S1",), retry=(WHO,))],
            Right.READ,
            {"slack:group:S1", WHO},
            id="who-may-retry-may-read",
        ),
        pytest.param(
            [Grant(repositories=ACME, read=("slack:group:S1",), admin=(WHO,))],
            Right.READ,
            {"slack:group:S1", WHO},
            id="an-admin-may-read",
        ),
        pytest.param(
            [Grant(repositories=ACME, retry=(WHO,))], Right.ADMIN, set(), id="nobody-is-admin"
        ),
        pytest.param(
            [
                Grant(repositories=ACME, retry=(WHO,)),
                Grant(repositories=("acme/app",), retry=(BO.key,)),
            ],
            Right.RETRY,
            {WHO, BO.key},
            id="entries-add-up",
        ),
    ],
)
def test_an_entry_says_who(grants: list[Grant], right: Right, names: set[str]) -> None:
    assert who_may(right, "acme/app", grants) == names


@pytest.mark.parametrize("right", Right)
def test_an_admin_may_do_everything(right: Right) -> None:
    """Also where nobody is named for the lesser right."""
    assert WHO in who_may(right, "acme/app", [Grant(repositories=ACME, admin=(WHO,))])


def test_naming_an_admin_takes_nothing_from_the_others() -> None:
    grants = [Grant(repositories=ACME, admin=(WHO,))]

    assert who_may(Right.RETRY, "acme/app", grants) >= {"github:write"}
    assert who_may(Right.READ, "acme/app", grants) >= {"channel"}


@pytest.mark.parametrize(
    ("names", "person", "member", "may"),
    [
        pytest.param({WHO}, ANA, Member(), True, id="by-name"),
        pytest.param({WHO}, BO, Member(), False, id="another"),
        pytest.param({WHO}, ANA, Member(outsider=True), True, id="a-guest-named-in-person"),
        pytest.param({"channel"}, ANA, Member(), True, id="any-member"),
        pytest.param({"channel"}, ANA, Member(outsider=True), False, id="no-guest"),
        pytest.param(
            {"slack:group:S1"}, ANA, Member(groups=frozenset({"S1"})), True, id="slack-group"
        ),
        pytest.param(
            {"slack:group:S1"},
            ANA,
            Member(groups=frozenset({"S1"}), outsider=True),
            False,
            id="a-guest-in-a-group",
        ),
        pytest.param(
            {"discord:role:1"}, BO, Member(groups=frozenset({"1"})), True, id="discord-role"
        ),
        pytest.param(
            {"discord:role:S1"},
            ANA,
            Member(groups=frozenset({"S1"})),
            False,
            id="a-role-is-no-group",
        ),
        pytest.param({"github:write"}, ANA, Member(), False, id="github-is-asked-elsewhere"),
        pytest.param(set(), ANA, Member(), False, id="nobody"),
    ],
)
def test_a_person_is_among_them(
    names: set[str], person: Person, member: Member, *, may: bool
) -> None:
    assert holds(frozenset(names), person, member) is may


def test_a_discord_id_is_no_slack_id() -> None:
    assert not holds(frozenset({"slack:user:42"}), BO, Member())


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        ("acme/app", "acme/app", True),
        ("Acme/App", "acme/app", True),
        ("acme/app", "ACME/*", True),
        ("acme/app-old", "acme/app", False),
        ("acme-evil/app", "acme/*", False),
        ("evil/acme", "acme/*", False),
    ],
)
def test_a_pattern_fits_a_whole_name(name: str, pattern: str, *, fits: bool) -> None:
    """GitHub's names know no upper or lower case, and an owner may only look like ours."""
    assert matches(name, [pattern]) is fits


def test_one_human_has_an_id_on_each_platform() -> None:
    ana = Identity(slack="U1", github="ana")

    assert ana.is_same(ANA)
    assert not ana.is_same(BO)
    assert not Identity(github="ghost").is_same(Person(platform=BO.platform, id=""))
