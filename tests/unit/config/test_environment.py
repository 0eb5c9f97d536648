"""Secrets and addresses, from the environment or `.env`."""

import re
from pathlib import Path

import pytest

from bot.config.environment import OURS, Environment, read_environment
from bot.config.problems import ConfigError
from bot.config.values import ALL_ROLES, Role

ROOT = Path(__file__).parents[3]
SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
ENOUGH = {"GITHUB_WEBHOOK_SECRET": "s", "GITHUB_TOKEN": "t", **SLACK}


def read(variables: dict[str, str], env_file: Path | None = None) -> Environment:
    return read_environment(variables, env_file=env_file)


def refused(variables: dict[str, str]) -> str:
    with pytest.raises(ConfigError) as refusal:
        read(variables)
    return str(refusal.value)


def test_nothing_needs_to_be_set_to_be_read() -> None:
    """The demo and the explainer live without any of it."""
    found = read({})

    assert found.github_api_url == "https://api.github.com"
    assert found.database_url == "sqlite:///data/smokejumper.db"
    assert (found.host, found.port) == ("127.0.0.1", 8080)
    assert (found.uses_slack, found.uses_discord) == (False, False)


def test_the_example_names_exactly_what_is_read() -> None:
    named = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    known = {name.upper() for name in Environment.model_fields if name not in OURS}

    assert sorted(named) == sorted(known | {"SMOKEJUMPER_LISTEN", "SMOKEJUMPER_ROLES"})


def test_the_example_can_be_copied_as_it_is() -> None:
    assert read({}, ROOT / ".env.example") == read({})


def test_a_prefix_wins() -> None:
    """Another program on the machine may want another GITHUB_TOKEN."""
    found = read({"SMOKEJUMPER_GITHUB_TOKEN": "ours", "GITHUB_TOKEN": "theirs"})

    assert found.github_token.get_secret_value() == "ours"


def test_listen_is_read_with_the_prefix_alone() -> None:
    """A bare LISTEN belongs to somebody else."""
    assert read({"LISTEN": "0.0.0.0:1"}).port == 8080
    assert read({"SMOKEJUMPER_LISTEN": "0.0.0.0:9"}).port == 9


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("GITHUB_TOKEN=from-file\nGITHUB_WEBHOOK_SECRET=from-file\n")
    found = read({"GITHUB_TOKEN": "from-environment"}, file)

    assert found.github_token.get_secret_value() == "from-environment"
    assert found.github_webhook_secret.get_secret_value() == "from-file"


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert read({}, tmp_path / ".env") == read({})


def test_variables_of_other_programs_are_no_error() -> None:
    assert read({"PATH": "/bin", "GITHUB_ACTOR": "ana"}) == read({})


def test_a_secret_is_never_printed() -> None:
    assert "xoxb-1" not in repr(read(SLACK))


@pytest.mark.parametrize(
    ("listen", "host", "port"),
    [("0.0.0.0:80", "0.0.0.0", 80), (":8080", "0.0.0.0", 8080), ("[::1]:8080", "::1", 8080)],  # noqa: S104 - what may be written
)
def test_where_it_listens(listen: str, host: str, port: int) -> None:
    found = read({"SMOKEJUMPER_LISTEN": listen})

    assert (found.host, found.port) == (host, port)


@pytest.mark.parametrize("listen", ["8080", "localhost", "localhost:http", "localhost:99999"])
def test_an_address_without_a_port_is_refused(listen: str) -> None:
    words = refused({"SMOKEJUMPER_LISTEN": listen})

    assert words.startswith(f'environment: SMOKEJUMPER_LISTEN: "{listen}" is no address')
    assert "127.0.0.1:8080" in words


def test_an_app_needs_its_key(tmp_path: Path) -> None:
    assert refused({"GITHUB_APP_ID": "1"}) == (
        "environment: GITHUB_APP_ID needs GITHUB_APP_PRIVATE_KEY_FILE, the App's private key."
    )
    missing = tmp_path / "app.pem"
    assert f"there is no file {missing}" in refused(
        {"GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY_FILE": str(missing)}
    )


def test_slack_needs_a_way_to_be_heard() -> None:
    words = refused({"SLACK_BOT_TOKEN": "xoxb-1"})

    assert "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP mode)" in words


@pytest.mark.parametrize(
    ("left_out", "words"),
    [
        ("GITHUB_WEBHOOK_SECRET", "anyone could post false builds"),
        ("GITHUB_TOKEN", "Set GITHUB_TOKEN, or GITHUB_APP_ID"),
        ("SLACK_BOT_TOKEN", "Set SLACK_BOT_TOKEN or DISCORD_BOT_TOKEN"),
    ],
)
def test_what_serve_can_not_do_without(left_out: str, words: str) -> None:
    missing = {name: value for name, value in ENOUGH.items() if name != left_out}

    (problem,) = read(missing).missing()
    assert words in problem
    assert read(ENOUGH).missing() == []


def test_discord_alone_is_enough() -> None:
    alone = {**ENOUGH, "DISCORD_BOT_TOKEN": "d", "SLACK_BOT_TOKEN": ""}

    assert read(alone).missing() == []


POSTGRES = {"DATABASE_URL": "postgresql://bot:pw@db/bot"}
SECRET = {"GITHUB_WEBHOOK_SECRET": "s"}
TOKEN = {"GITHUB_TOKEN": "t"}
BY_HTTP = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("worker", (Role.WORKER,)),
        ("chat, web", (Role.WEB, Role.CHAT)),
        ("web,worker,chat", ALL_ROLES),
        (" , ", ALL_ROLES),
    ],
)
def test_roles_are_written_with_commas(written: str, meant: tuple[Role, ...]) -> None:
    assert read({"SMOKEJUMPER_ROLES": written}).roles == meant
    assert read({"ROLES": written}).roles == ALL_ROLES


def test_an_unknown_role_is_named() -> None:
    words = refused({"SMOKEJUMPER_ROLES": "web,wroker"})

    assert words.startswith('environment: SMOKEJUMPER_ROLES: "wroker" is no role; write "web"')


@pytest.mark.parametrize(
    ("role", "enough"),
    [
        pytest.param("web", SECRET, id="web-only-takes-deliveries"),
        pytest.param("worker", TOKEN, id="a-worker-has-no-chat"),
        pytest.param("chat", TOKEN | SLACK, id="a-chat-takes-no-deliveries"),
        pytest.param("web", SECRET | TOKEN | BY_HTTP, id="web-hears-slack-by-http"),
    ],
)
def test_each_role_needs_its_own(role: str, enough: dict[str, str]) -> None:
    def missing(names: dict[str, str]) -> list[str]:
        return read(POSTGRES | names | {"SMOKEJUMPER_ROLES": role}).missing()

    assert missing(enough) == []
    for name in enough.keys() & {"GITHUB_WEBHOOK_SECRET", "GITHUB_TOKEN"}:
        assert missing({key: value for key, value in enough.items() if key != name})


def test_who_only_asks_github_needs_no_secret() -> None:
    without = {name: value for name, value in ENOUGH.items() if name != "GITHUB_WEBHOOK_SECRET"}

    assert read(without).missing(hooked=False) == []
    assert read(without).missing() != []


def test_sqlite_is_for_one_process_with_all_roles() -> None:
    (problem,) = read({**ENOUGH, "SMOKEJUMPER_ROLES": "web,worker"}).missing()

    assert "it takes all roles" in problem
    assert "PostgreSQL" in problem
