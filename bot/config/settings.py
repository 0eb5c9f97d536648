"""The tables of settings.toml."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bot.config.values import MentionName, Name, RepositoryPattern, Section, Span
from bot.domain.access import Grant
from bot.domain.ids import InstallationId
from bot.domain.person import Identity, Platform
from bot.domain.retry import RetryPolicy
from bot.domain.subscription import Place, Subscription


class SubscriptionSettings(Section):
    """What one channel hears of; commands typed there reach no more than that."""

    platform: Literal["slack", "discord"]
    """Where the channel is."""

    channel: Annotated[str, Field(min_length=1)]
    """The channel's id, such as "C0123456789" (Slack) or "80351110224678912" (Discord)."""

    repositories: Annotated[tuple[RepositoryPattern, ...], Field(min_length=1)]
    """Patterns such as "acme/app" or "acme/*"."""

    branches: tuple[str, ...] = ()
    """Patterns of branches to hear of. Always heard: the default branch, tags, releases, schedules,
    merge queues and runs started by hand."""

    pull_requests: bool = False
    """Also show failed pull requests."""

    private: bool = False
    """May show private repositories. All who read the channel will see their logs' excerpts."""

    mention: tuple[MentionName, ...] = ()
    """Who is called when a person is needed: "user:…", "group:…" (Slack) or "role:…" (Discord)."""

    def policy(self, installations: frozenset[InstallationId]) -> Subscription:
        return Subscription(
            place=Place(platform=Platform(self.platform), channel=self.channel),
            repositories=self.repositories,
            branches=self.branches,
            pull_requests=self.pull_requests,
            private=self.private,
            installations=installations,
            mention=self.mention,
        )


class AccessSettings(Section):
    """Who may do what in some repositories; without one, GitHub's writers may retry."""

    repositories: Annotated[tuple[RepositoryPattern, ...], Field(min_length=1)]
    """Patterns of the repositories that this speaks of."""

    read: tuple[Name, ...] = ()
    """Who may ask and acknowledge; if left out, all members of a subscribed channel."""

    retry: tuple[Name, ...] = ()
    """Who may retry and resolve; if left out, whom GitHub lets write."""

    admin: tuple[Name, ...] = ()
    """Who may do everything."""

    def policy(self) -> Grant:
        return Grant(
            repositories=self.repositories, read=self.read, retry=self.retry, admin=self.admin
        )


class PersonSettings(Section):
    """The ids of one person, so that GitHub can be asked what they may do."""

    github: Annotated[str, Field(min_length=1)]
    """Login on GitHub."""

    slack: str = ""
    """Member id in Slack, such as "U0123456789"."""

    discord: str = ""
    """User id in Discord."""

    def policy(self) -> Identity:
        return Identity(slack=self.slack, discord=self.discord, github=self.github)


class RetrySettings(Section):
    """When a failed run is run again without asking anyone."""

    max_retries: Annotated[int, Field(ge=0, le=3)] = 1
    """Re-runs of one run that the bot starts by itself; 0 turns them off."""

    first_wait: Span = timedelta(seconds=60)
    """Wait before the first re-run; a rule may ask for longer."""

    second_wait: Span = timedelta(minutes=5)
    """Wait before the second."""

    third_wait: Span = timedelta(minutes=20)
    """Wait before the third."""

    longest_wait: Span = timedelta(hours=1)
    """No rule makes a re-run wait longer than this."""

    releases: bool = False
    """Also re-run releases and deployments without asking."""

    release_workflows: tuple[str, ...] = ()
    """Patterns of workflow names that publish or deploy, whatever starts them: ["Deploy*"]."""

    def policy(self) -> RetryPolicy:
        return RetryPolicy(
            max_retries=self.max_retries,
            waits=(self.first_wait, self.second_wait, self.third_wait),
            longest_wait=self.longest_wait,
            releases=self.releases,
            release_workflows=self.release_workflows,
        )


class GitHubSettings(Section):
    """Whose repositories are heard."""

    installations: tuple[InstallationId, ...] = ()
    """Installations of the GitHub App to listen to; empty: all. Name yours if the App is public."""


class DiagnosisSettings(Section):
    """How logs are read."""

    rules: tuple[Path, ...] = ()
    """Rule files of your own, tried beside the built-in ones; see docs/diagnosis.md."""


class Settings(Section):
    """All of settings.toml."""

    subscriptions: tuple[SubscriptionSettings, ...] = ()
    access: tuple[AccessSettings, ...] = ()
    people: tuple[PersonSettings, ...] = ()
    retry: RetrySettings = RetrySettings()
    github: GitHubSettings = GitHubSettings()
    diagnosis: DiagnosisSettings = DiagnosisSettings()

    def hearing(self) -> tuple[Subscription, ...]:
        """Return what each channel hears of, within the installations named."""
        ours = frozenset(self.github.installations)
        return tuple(one.policy(ours) for one in self.subscriptions)
