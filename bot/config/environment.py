"""Secrets and addresses: from the environment, else from `.env`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError, model_validator

from bot.config.problems import ConfigError, explain
from bot.config.values import ALL_ROLES, Address, Role, Roles, Section

PREFIX: Final = "SMOKEJUMPER_"
OURS: Final = ("listen", "roles")  # read with the prefix alone: without it they may be anyone's

UNSIGNED: Final = (
    "GITHUB_WEBHOOK_SECRET is not set, so anyone could post false builds. Set it in .env, and "
    "the same secret in the webhook on GitHub."
)
NO_GITHUB: Final = "Set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY_FILE, in .env."
NO_CHAT: Final = "Set SLACK_BOT_TOKEN or DISCORD_BOT_TOKEN, or both, in .env."
ALONE: Final = (
    "DATABASE_URL is SQLite, on which one process works alone, so it takes all roles. Leave out "
    "--roles and SMOKEJUMPER_ROLES, or use PostgreSQL."
)


class Environment(Section):
    """One field a variable; `SMOKEJUMPER_` may stand before each name, and wins."""

    github_api_url: str = "https://api.github.com"
    """Where GitHub's REST API is; for GitHub Enterprise Server "https://HOST/api/v3"."""

    github_token: SecretStr = SecretStr("")
    """A fine-grained or classic token; not needed with an App."""

    github_app_id: str = ""
    """Id of a GitHub App, instead of a token."""

    github_app_private_key_file: Path | None = None
    """The App's private key, a .pem file."""

    github_webhook_secret: SecretStr = SecretStr("")
    """The secret that GitHub signs its deliveries with. Who takes deliveries does not start without
    it; not needed with intake = "poll", or in a process without the role "web"."""

    slack_bot_token: SecretStr = SecretStr("")
    """Starts with "xoxb-"."""

    slack_app_token: SecretStr = SecretStr("")
    """Starts with "xapp-"; for Socket Mode, which needs no public address."""

    slack_signing_secret: SecretStr = SecretStr("")
    """For HTTP mode, used where there is no app token; Slack posts to /slack/events."""

    slack_api_url: str = "https://slack.com/api/"
    """Where Slack's Web API is."""

    discord_bot_token: SecretStr = SecretStr("")
    """The bot's token."""

    discord_api_url: str = "https://discord.com/api/v10"
    """Where Discord's REST API is."""

    discord_gateway_url: str = "wss://gateway.discord.gg/"
    """Where Discord's gateway is."""

    database_url: str = "sqlite:///data/smokejumper.db"
    """Where facts are kept: a SQLite file for one process, its path relative to where the program
    is started; "postgresql://user:password@host/name" for one or several."""

    listen: Address = "127.0.0.1:8080"
    """Address and port of the web door; GitHub posts to /github. Set as SMOKEJUMPER_LISTEN."""

    roles: Roles = ALL_ROLES
    """What this process does: "web" takes deliveries, "worker" judges them and asks GitHub, "chat"
    speaks with people. Only on PostgreSQL may it be less than all. Set as SMOKEJUMPER_ROLES."""

    @property
    def host(self) -> str:
        return self.listen.rpartition(":")[0].strip("[]") or "0.0.0.0"  # noqa: S104 - ":8080" asks for it

    @property
    def port(self) -> int:
        return int(self.listen.rpartition(":")[2])

    @property
    def uses_slack(self) -> bool:
        return bool(self.slack_bot_token.get_secret_value())

    @property
    def uses_discord(self) -> bool:
        return bool(self.discord_bot_token.get_secret_value())

    @property
    def slack_by_http(self) -> bool:
        """Whether Slack calls us, rather than we it."""
        return self.uses_slack and not self.slack_app_token.get_secret_value()

    @property
    def keeps_alone(self) -> bool:
        """Whether the database is one that a single process works on."""
        return self.database_url.startswith("sqlite")

    def serves(self, *roles: Role) -> bool:
        """Whether this process has one of these roles."""
        return not set(roles).isdisjoint(self.roles)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.github_app_id and not self.github_app_private_key_file:
            msg = "GITHUB_APP_ID needs GITHUB_APP_PRIVATE_KEY_FILE, the App's private key"
            raise ValueError(msg)
        if self.github_app_id and not self.github_app_id.isdecimal():
            msg = (
                f'GITHUB_APP_ID: "{self.github_app_id}" is no App ID; it is the number on the '
                "App's page, not the client id"
            )
            raise ValueError(msg)
        key = self.github_app_private_key_file
        if key and not key.is_file():
            msg = f"GITHUB_APP_PRIVATE_KEY_FILE: there is no file {key}"
            raise ValueError(msg)
        slack = (self.slack_app_token, self.slack_signing_secret)
        if self.uses_slack and not any(secret.get_secret_value() for secret in slack):
            msg = (
                "SLACK_BOT_TOKEN needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET "
                "(HTTP mode)"
            )
            raise ValueError(msg)
        return self

    def missing(self, *, hooked: bool = True) -> list[str]:
        """Say what `serve` can't do without in its roles, a sentence each.

        Args:
            hooked: GitHub delivers to us, rather than that we ask it alone.
        """
        hears_slack = self.slack_by_http and self.serves(Role.WEB)
        asks = self.serves(Role.WORKER, Role.CHAT) or hears_slack
        secret = self.github_webhook_secret.get_secret_value()
        needs = {
            UNSIGNED: secret or not (hooked and self.serves(Role.WEB)),
            NO_GITHUB: self.github_app_id or self.github_token.get_secret_value() or not asks,
            NO_CHAT: self.uses_slack or self.uses_discord or not self.serves(Role.CHAT),
            ALONE: self.serves_all or not self.keeps_alone,
        }
        return [what_to_do for what_to_do, is_there in needs.items() if not is_there]

    @property
    def serves_all(self) -> bool:
        return set(self.roles) == set(ALL_ROLES)


def read_environment(variables: Mapping[str, str], *, env_file: Path | None) -> Environment:
    """Return what the environment says; *env_file* fills in what it leaves out.

    Raises:
        ConfigError: A value can't be used.
    """
    from_file = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    known = {**{key: value for key, value in from_file.items() if value}, **variables}
    values = {}
    for name in Environment.model_fields:
        value = known.get(PREFIX + name.upper()) or (
            known.get(name.upper()) if name not in OURS else None
        )
        if value:
            values[name] = value
    try:
        return Environment.model_validate(values)
    except ValidationError as error:
        # What is wrong may hold a secret, and would stand in the chain of causes.
        raise _named(explain(error, file="environment", model=Environment)) from None


def _named(error: ConfigError) -> ConfigError:
    """Write variables as they stand in `.env`."""
    text = str(error)
    for name in Environment.model_fields:
        shown = PREFIX + name.upper() if name in OURS else name.upper()
        text = text.replace(f": {name}:", f": {shown}:")
    return ConfigError(text.replace("environment: : ", "environment: "))
