"""Which green release makes a broken one a thing of the past."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.release import supersedes, version_of


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("v1.0.1", "v1.0.0"),
        ("v1.10.0", "v1.9.9"),
        ("v2024.8.6", "v2024.8.5"),
        ("1.2.0", "1.1"),
        ("1.1.1", "1.1"),
        ("app-1.2.0", "app-1.1.9"),
        ("app2-1.2.0", "app2-1.1.9"),
        ("v1.0.0", "v1.0.0-rc1"),
        ("v1.0.0-rc10", "v1.0.0-rc9"),
        ("v1.0.0-rc.2", "v1.0.0-rc.1"),
        ("v1.0.0-rc1", "v1.0.0-beta2"),
        ("v1.1.0", "v1.0.0-rc1"),
        ("1.0.0.dev2", "1.0.0.dev1"),
        ("1.0rc2", "1.0rc1"),
        ("v1.0.1+build.7", "v1.0.0+build.9"),
    ],
)
def test_a_newer_release_supersedes(newer: str, older: str) -> None:
    assert supersedes(newer, older)
    assert not supersedes(older, newer)


@pytest.mark.parametrize(
    ("green", "broken"),
    [
        pytest.param("v2.0.0", "v1.9.0", id="another-major-version"),
        pytest.param("web-1.1.0", "app-1.0.0", id="another-prefix"),
        pytest.param("v1.1.0-rc1", "v1.0.0", id="a-pre-release-ends-no-release"),
        pytest.param("v1.0.0", "v1.0.0", id="itself"),
        pytest.param("nightly", "v1.0.0", id="no-version"),
        pytest.param("v1.0.0", "nightly", id="nothing-to-compare"),
        pytest.param("v1.0.1\n", "v1.0.0", id="line-end"),
        pytest.param("", "v1.0.0", id="empty"),
    ],
)
def test_others_do_not(green: str, broken: str) -> None:
    assert not supersedes(green, broken)


def test_zeros_at_the_end_make_no_newer_version() -> None:
    """`v1.0` and `v1.0.0` are one version."""
    assert not supersedes("v1.0.0", "v1.0")
    assert not supersedes("v1.0", "v1.0.0")


def test_a_post_release_comes_after_its_release() -> None:
    """A green 1.2.3 says nothing of the newer 1.2.3.post1."""
    assert not supersedes("1.2.3", "1.2.3.post1")
    assert supersedes("1.2.3.post1", "1.2.3")


endings = st.sampled_from(["", "", "-rc1", "-rc2", "-rc10", "-beta", ".dev1", "a1"])
versions = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "v", "app-"]),
    st.lists(st.integers(0, 2), min_size=1, max_size=3).map(lambda n: ".".join(map(str, n))),
    endings,
)
tags = st.one_of(versions, st.text(max_size=12))


@given(tags, tags)
def test_no_two_supersede_each_other(one: str, other: str) -> None:
    assert not (supersedes(one, other) and supersedes(other, one))


@given(st.lists(st.builds("v1.{}{}".format, st.integers(0, 2), endings), min_size=3, max_size=5))
def test_what_supersedes_a_superseding_release_supersedes_both(tags: list[str]) -> None:
    for one, other, third in permutations(tags, 3):
        if supersedes(one, other) and supersedes(other, third):
            assert supersedes(one, third)


@given(st.text(max_size=40))
def test_any_tag_can_be_read(tag: str) -> None:
    """A stranger chooses it."""
    found = version_of(tag)

    assert found is None or tag.startswith(found.prefix)
