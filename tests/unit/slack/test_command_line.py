"""What people type, on whatever keyboard."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.slack.command_line import read_command
from bot.ports.commands import CommandSpec, OptionSpec

SPECS = (
    CommandSpec(
        name="status",
        description="State",
        options=(
            OptionSpec(name="repo", description="Repository"),
            OptionSpec(name="branch", description="Branch"),
        ),
    ),
    CommandSpec(
        name="retry", description="Retry", options=(OptionSpec(name="what", description="Run"),)
    ),
    CommandSpec(name="incidents", description="Open ones"),
)
RUN = "https://github.example/acme/app/actions/runs/812"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", ("help", {}), id="nothing"),
        pytest.param("  STATUS ", ("status", {}), id="loud"),
        pytest.param("status acme/app", ("status", {"repo": "acme/app"}), id="by-place"),
        pytest.param(
            "status branch:main acme/app",
            ("status", {"repo": "acme/app", "branch": "main"}),
            id="by-name",
        ),
        pytest.param("status --branch=main", ("status", {"branch": "main"}), id="like-a-shell"),
        pytest.param(
            "status acme/app “my branch”",
            ("status", {"repo": "acme/app", "branch": "my branch"}),
            id="phone-quotes",
        ),
        pytest.param(
            "status acme/app my branch",
            ("status", {"repo": "acme/app", "branch": "my branch"}),
            id="the-last-takes-the-rest",
        ),
        pytest.param("retry #12", ("retry", {"what": "#12"}), id="number"),
        pytest.param(f"retry <{RUN}>", ("retry", {"what": RUN}), id="address"),
        pytest.param(f"retry <{RUN}|run 812>", ("retry", {"what": RUN}), id="named-address"),
        pytest.param("retry a&amp;b &lt;c", ("retry", {"what": "a&b <c"}), id="escaped-by-slack"),
        pytest.param('retry "#12', ("retry", {"what": '"#12'}), id="lone-quote"),
        pytest.param("retry ana's", ("retry", {"what": "ana's"}), id="apostrophe"),
        pytest.param("retry feat:x", ("retry", {"what": "feat:x"}), id="colon-of-another-name"),
        pytest.param("incidents please", ("incidents", {}), id="takes-nothing"),
        pytest.param("retyr #12", ("retyr", {}), id="typing-mistake"),
    ],
)
def test_read_command(text: str, expected: tuple[str, dict[str, str]]) -> None:
    assert read_command(text, SPECS) == expected


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    name, arguments = read_command(text, SPECS)
    assert 0 < len(name) <= 80
    assert set(arguments) <= {"repo", "branch", "what"}
