"""The tables of settings.toml."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from bot.config.values import (
    HookName,
    MentionName,
    Name,
    RepositoryPattern,
    Section,
    Span,
    WebAddress,
    within,
)
from bot.domain.access import Grant
from bot.domain.hearing import HearingPolicy
from bot.domain.ids import InstallationId
from bot.domain.person import Identity, Platform
from bot.domain.retention import RetentionPolicy
from bot.domain.retry import RetryPolicy
from bot.domain.storm import StormPolicy
from bot.domain.subscription import Place, Subscription
from bot.ports.clock import PATIENCE


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


class StormSettings(Section):
    """What a channel sees when many builds break at once."""

    digest_from: Annotated[int, Field(ge=1)] = 10
    """So many new incidents within the window get a card each; one digest tells of more."""

    digest_window: Span = timedelta(minutes=5)
    """How far back new incidents are counted; without a new one for so long, a storm is over."""

    def policy(self) -> StormPolicy:
        return StormPolicy(digest_from=self.digest_from, window=self.digest_window)


class RetentionSettings(Section):
    """How long things are kept; what is open, due or needed to judge by is kept anyway."""

    deliveries: Annotated[Span, within(timedelta(days=4))] = timedelta(days=14)
    """Deliveries as GitHub sent them; it can send each again for three days. At
    least "4d"."""

    presses: Annotated[Span, within(timedelta(days=1))] = timedelta(days=30)
    """What people pressed and typed, with our answers, and digests. At least "1d"."""

    set_aside: Annotated[Span, within(timedelta(days=1))] = timedelta(days=90)
    """Deliveries and other work that we gave up after an error of ours. At least "1d"."""

    runs: Annotated[Span, within(timedelta(days=35))] = timedelta(days=400)
    """Runs, jobs and diagnoses, but for the newest of each workflow and branch. At least
    "35d"."""

    incidents: Annotated[Span, within(timedelta(days=35))] | None = None
    """Incidents that have ended, with their cards, retries and history; if left out, for ever. At
    least "35d"."""

    def policy(self) -> RetentionPolicy:
        return RetentionPolicy(
            deliveries=self.deliveries,
            presses=self.presses,
            set_aside=self.set_aside,
            runs=self.runs,
            incidents=self.incidents,
        )


class GitHubSettings(Section):
    """Whose repositories are heard, and how."""

    installations: tuple[InstallationId, ...] = ()
    """Installations of the GitHub App to listen to; empty: all. Name yours if the App is public."""

    intake: Literal["webhook", "poll", "both"] = "webhook"
    """Whether GitHub tells us ("webhook"), we ask it ("poll"), or both at once ("both"). "poll"
    needs neither a public address nor a webhook secret; with a token, we ask for the repositories
    that are named, and for patterns those that its owner sees."""

    poll_every: Annotated[Span, within(timedelta(seconds=10))] = timedelta(seconds=60)
    """How often each repository is asked for its runs; less often where GitHub's limit demands.
    At least "10s"."""

    hook: HookName = ""
    """The webhook whose log of lost deliveries is read: "acme/app/123" of a repository, "acme/123"
    of an organization. Not needed with an App, or where the token may list webhooks."""


class ReliabilitySettings(Section):
    """What happens when something does not answer."""

    say_blind_after: Span = timedelta(minutes=5)
    """Channels are told of a time without hearing GitHub that was longer than this."""

    request_timeout: Annotated[Span, within(timedelta(seconds=3), timedelta(minutes=2))] = PATIENCE
    """A post, edit or re-run without an answer is given up before that, and looked for after.
    From "3s" to "2m"."""


class DiagnosisSettings(Section):
    """How logs are read."""

    rules: tuple[Path, ...] = ()
    """Rule files of your own, tried beside the built-in ones; see docs/diagnosis.md."""


class OperatorSettings(Section):
    """Who watches the watchman."""

    heartbeat: WebAddress = ""
    """An address that is asked for once a minute while all is well; have it call you when that
    stops. Services for cron jobs offer such addresses."""


class Settings(Section):
    """All of settings.toml."""

    subscriptions: tuple[SubscriptionSettings, ...] = ()
    access: tuple[AccessSettings, ...] = ()
    people: tuple[PersonSettings, ...] = ()
    retry: RetrySettings = RetrySettings()
    storm: StormSettings = StormSettings()
    github: GitHubSettings = GitHubSettings()
    reliability: ReliabilitySettings = ReliabilitySettings()
    diagnosis: DiagnosisSettings = DiagnosisSettings()
    retention: RetentionSettings = RetentionSettings()
    operator: OperatorSettings = OperatorSettings()

    def hearing(self) -> HearingPolicy:
        """Return how GitHub is heard; whoever puts the bot together adds who hears it."""
        return HearingPolicy(
            webhooks=self.github.intake != "poll",
            polls=self.github.intake != "webhook",
            poll_every=self.github.poll_every,
            say_blind_after=self.reliability.say_blind_after,
            hook=self.github.hook,
        )

    def subscribed(self) -> tuple[Subscription, ...]:
        """Return what each channel hears of, within the installations named."""
        ours = frozenset(self.github.installations)
        return tuple(one.policy(ours) for one in self.subscriptions)
