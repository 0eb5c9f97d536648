"""settings.toml: what is said in it holds, and what can't be used is named with its remedy."""

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.app.assembly import Policies
from bot.app.policies import policies_of
from bot.config.loading import read_settings
from bot.config.problems import ConfigError, explain
from bot.config.reference import reference
from bot.config.settings import RetrySettings, Settings
from bot.config.values import written
from bot.domain.person import Identity, Platform
from bot.domain.subscription import Place
from bot.services.access import AccessRules

ROOT = Path(__file__).parents[3]
KEY = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
ONE = '[[subscriptions]]\nplatform = "slack"\nchannel = "C1"\nrepositories = ["acme/*"]\n'


def read(toml: str) -> Settings:
    try:
        return Settings.model_validate(tomllib.loads(toml))
    except ValidationError as error:
        raise explain(error, file="settings.toml", model=Settings) from error


def refused(toml: str) -> str:
    with pytest.raises(ConfigError) as refusal:
        read(toml)
    return str(refusal.value)


def test_the_example_loads_and_means_what_its_words_say() -> None:
    told = policies_of(read_settings(ROOT / "settings.example.toml"))

    slack, discord = told.rules.subscriptions
    assert slack.place == Place(platform=Platform.SLACK, channel="C0123456789")
    assert (slack.branches, slack.private, slack.mention) == (
        ("release/*",),
        False,
        ("group:S0123",),
    )
    assert discord.repositories == ("acme/app",)
    assert "github:write" in told.rules.grants[0].retry
    assert told.rules.people == (
        Identity(slack="U0123456789", discord="80351110224678912", github="alice"),
    )


def test_the_example_shows_the_defaults_of_retries() -> None:
    """Who copies it changes nothing by that, but for the name of a workflow."""
    shown = read_settings(ROOT / "settings.example.toml").retry

    assert shown.model_copy(update={"release_workflows": ()}) == RetrySettings()


def test_the_example_explains_every_key() -> None:
    text = (ROOT / "settings.example.toml").read_text()
    listed = set(re.findall(r"^#?(\w+) = ", text, re.MULTILINE))
    keys = {key for table in reference().split("### ")[1:] for key in KEY.findall(table)}

    assert listed == keys


def test_the_page_of_settings_is_the_one_that_the_code_makes() -> None:
    """Made with `smokejumper settings > docs/configuration.md`."""
    assert (ROOT / "docs" / "configuration.md").read_text() == reference()


def test_the_page_explains_every_key() -> None:
    assert "None" not in reference()
    assert not re.search(r"\|\s*\|$", reference(), re.MULTILINE)


def test_nothing_said_means_the_defaults() -> None:
    """The services' own, so that a test or the demo without settings runs the same bot."""
    assert policies_of(read("")) == Policies(rules=AccessRules(subscriptions=()))


def test_what_is_said_arrives() -> None:
    told = policies_of(
        read(
            '[github]\nintake = "poll"\npoll_every = "90s"\n'
            "[storm]\ndigest_from = 3\n"
            '[reliability]\nrequest_timeout = "5s"\nsay_blind_after = "1h"\n'
            '[retention]\ndeliveries = "7d"\n'
            '[operator]\nheartbeat = "https://cron.example/x"\n'
        )
    )

    assert (told.hearing.webhooks, told.hearing.polls) == (False, True)
    assert told.hearing.poll_every == timedelta(seconds=90)
    assert told.hearing.say_blind_after == timedelta(hours=1)
    assert told.storm.digest_from == 3
    assert told.patience == timedelta(seconds=5)
    assert told.retention.deliveries == timedelta(days=7)
    assert told.heartbeat == "https://cron.example/x"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("60s", timedelta(minutes=1)),
        ("5m", timedelta(minutes=5)),
        ("2h", timedelta(hours=2)),
        ("14d", timedelta(days=14)),
        (" 90 s ", timedelta(seconds=90)),
    ],
)
def test_durations_are_written_as_people_do(written: str, meant: timedelta) -> None:
    settings = read(f'[retry]\nfirst_wait = "{written}"')

    assert settings.retry.policy().waits[0] == meant


@pytest.mark.parametrize("span", ["0d", "45s", "90s", "1m", "90m", "2h", "36h", "14d"])
def test_durations_are_shown_as_people_write_them(span: str) -> None:
    assert (
        written(Settings.model_validate({"retry": {"first_wait": span}}).retry.first_wait) == span
    )


@pytest.mark.parametrize(
    "written", ["60", '"60"', '"1w"', '"-5s"', '"1.5h"', '""', '"99999999999999d"', "true", "[]"]
)
def test_a_duration_that_is_none_is_refused(written: str) -> None:
    words = refused(f"[retry]\nfirst_wait = {written}")

    assert words.startswith("settings.toml: retry.first_wait: ")
    assert words.endswith(".")


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        pytest.param(
            "[retry]\nmax_retrys = 1",
            "settings.toml: unknown key retry.max_retrys. Did you mean max_retries?",
            id="misspelt-key",
        ),
        pytest.param(
            "[retri]", "settings.toml: unknown key retri. Did you mean retry?", id="misspelt-table"
        ),
        pytest.param(
            ONE + "chanel = 1",
            "settings.toml: unknown key subscriptions (number 1).chanel. Did you mean channel?",
            id="misspelt-in-a-list",
        ),
        pytest.param(
            "[diagnosis]\nxyzzy = 1",
            "settings.toml: unknown key diagnosis.xyzzy. Known keys: rules.",
            id="nothing-like-it",
        ),
        pytest.param(
            ONE + '[[subscriptions]]\nplatform = "slack"\nrepositories = ["acme/*"]',
            'settings.toml: [[subscriptions]] number 2 has no "channel". Add it.',
            id="missing-channel",
        ),
        pytest.param(
            "[retry]\nmax_retries = 4",
            "settings.toml: retry.max_retries: input should be less than or equal to 3.",
            id="too-many-retries",
        ),
        pytest.param(
            '[github]\npoll_every = "1s"',
            'settings.toml: github.poll_every: write "10s" or more.',
            id="polls-too-often",
        ),
        pytest.param(
            '[retention]\nruns = "1d"',
            'settings.toml: retention.runs: write "35d" or more.',
            id="forgets-too-soon",
        ),
        pytest.param(
            '[reliability]\nrequest_timeout = "1h"',
            'settings.toml: reliability.request_timeout: write "2m" or less.',
            id="waits-too-long",
        ),
        pytest.param(
            '[github]\nhook = "acme/app"',
            'settings.toml: github.hook: "acme/app" is no hook; write "acme/app/123" for one of a '
            'repository, "acme/123" for one of an organization.',
            id="no-hook",
        ),
        pytest.param(
            '[operator]\nheartbeat = "cron.example/secret"',
            'settings.toml: operator.heartbeat: write an address that begins with "https://".',
            id="no-address",
        ),
        pytest.param(
            ONE.replace("slack", "irc"),
            "settings.toml: subscriptions (number 1).platform: "
            "input should be 'slack' or 'discord'.",
            id="unknown-platform",
        ),
        pytest.param(
            ONE.replace("acme/*", "acme"),
            "settings.toml: subscriptions (number 1).repositories (number 1): "
            '"acme" is no repository; write "owner/name" or "owner/*".',
            id="no-repository",
        ),
        pytest.param(
            ONE + 'mention = ["@oncall"]',
            "settings.toml: subscriptions (number 1).mention (number 1): "
            '"@oncall" can\'t be called; write "user:U…", "group:S…" or "role:…".',
            id="nobody-to-call",
        ),
    ],
)
def test_what_can_not_be_used_is_named_with_its_remedy(toml: str, words: str) -> None:
    assert refused(toml) == words


@pytest.mark.parametrize(
    "name", ["ana", "slack:U1", "slack:role:S1", "discord:group:1", "discord:user:ana", "github"]
)
def test_a_name_that_names_nobody_is_refused(name: str) -> None:
    """It would silently let nobody in."""
    words = refused(f'[[access]]\nrepositories = ["acme/*"]\nretry = ["{name}"]')

    assert f'"{name}" names nobody' in words


def test_one_bracket_too_few_is_named() -> None:
    """The commonest slip in TOML."""
    assert "[[subscriptions]]" in refused(ONE.replace("[[", "[").replace("]]\n", "]\n"))


def test_all_problems_are_told_at_once() -> None:
    assert len(refused("[retry]\nfoo = 1\nbar = 2\n[diagnosis]\nrulez = []").splitlines()) == 3


def test_a_missing_file_says_what_to_copy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Copy settings\.example\.toml to it"):
        read_settings(tmp_path / "settings.toml")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[retry", "is no valid TOML"),
        (b"\xff\xfe[\x00", "can't be read"),
        (b"[retry]\nfoo = 1\n", "settings.toml: unknown key retry.foo"),
    ],
)
def test_a_file_that_is_no_settings_is_named(tmp_path: Path, body: bytes, words: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(body)

    with pytest.raises(ConfigError, match=re.escape(words)):
        read_settings(file)


def test_installations_hold_for_every_channel() -> None:
    """The App may be public: strangers install it too."""
    hearing = read(ONE + "[github]\ninstallations = [5]").subscribed()

    assert [one.installations for one in hearing] == [frozenset({5})]
