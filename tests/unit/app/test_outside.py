"""Which chats a process speaks with and hears, by its roles."""

import pytest

from bot.app.outside import heard, spoken_with
from bot.config.environment import Environment, read_environment
from bot.domain.person import Platform

SOCKETS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "DISCORD_BOT_TOKEN": "d"}
HTTP = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "DISCORD_BOT_TOKEN": "d"}
BOTH, SLACK, DISCORD = frozenset(Platform), {Platform.SLACK}, {Platform.DISCORD}
NONE = frozenset[Platform]()


def an_environment(variables: dict[str, str], roles: str) -> Environment:
    return read_environment(variables | {"SMOKEJUMPER_ROLES": roles}, env_file=None)


@pytest.mark.parametrize(
    ("variables", "roles", "speaks", "hears"),
    [
        pytest.param(SOCKETS, "web,worker,chat", BOTH, BOTH, id="all-sockets"),
        pytest.param(HTTP, "web,worker,chat", BOTH, BOTH, id="all-http"),
        pytest.param(SOCKETS, "chat", BOTH, BOTH, id="chat-sockets"),
        pytest.param(HTTP, "chat", BOTH, DISCORD, id="chat-where-slack-calls-the-web"),
        pytest.param(SOCKETS, "web", NONE, NONE, id="web-sockets"),
        pytest.param(HTTP, "web", SLACK, SLACK, id="web-that-slack-calls"),
        pytest.param(SOCKETS, "worker", NONE, NONE, id="worker"),
        pytest.param({}, "chat", NONE, NONE, id="no-tokens"),
    ],
)
def test_who_hears_and_speaks(
    variables: dict[str, str], roles: str, speaks: set[Platform], hears: set[Platform]
) -> None:
    env = an_environment(variables, roles)

    assert spoken_with(env) == speaks
    assert heard(env) == hears
