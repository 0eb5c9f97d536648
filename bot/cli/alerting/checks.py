"""Asks GitHub, Slack and Discord whether what settings and `.env` name is there and ours."""

from collections.abc import Sequence

from bot.adapters.discord.check import check as check_discord
from bot.adapters.github.check import check as check_github
from bot.adapters.slack.check import check as check_slack
from bot.adapters.slack.client import slack_client
from bot.app.outside import credentials_of
from bot.config.environment import Environment
from bot.domain.errors import SmokejumperError
from bot.domain.person import Platform
from bot.domain.subscription import Subscription, first_of_each
from bot.ports.clock import Clock
from bot.ports.finding import Finding


def channels_of(platform: Platform, subscriptions: Sequence[Subscription]) -> list[str]:
    """Return each channel of a platform that hears of anything, once."""
    places = [one.place for one in first_of_each(subscriptions)]
    return [place.channel for place in places if place.platform is platform]


def missing(
    env: Environment, subscriptions: Sequence[Subscription], *, hooked: bool
) -> list[Finding]:
    """Say what is not set at all, so that nothing can be asked about it."""
    problems = env.missing(hooked=hooked)
    for platform, used in ((Platform.SLACK, env.uses_slack), (Platform.DISCORD, env.uses_discord)):
        if channels_of(platform, subscriptions) and not used:
            problems.append(
                f"settings.toml names channels of {platform.capitalize()}, but "
                f"{platform.upper()}_BOT_TOKEN is not set. Set it in .env."
            )
    if not subscriptions:
        problems.append("settings.toml has no [[subscriptions]], so nobody would hear anything.")
    return [Finding(ok=False, text=problem) for problem in problems]


async def github(
    env: Environment, subscriptions: Sequence[Subscription], clock: Clock
) -> list[Finding]:
    """Look at the token or the App, and at what it reaches of all that is subscribed to."""
    if not (env.github_app_id or env.github_token.get_secret_value()):
        return []  # `missing` has said so
    try:
        credentials = credentials_of(env, clock)
    except SmokejumperError as error:
        return [Finding(ok=False, text=f"GitHub: {error}")]
    patterns = [pattern for one in subscriptions for pattern in one.repositories]
    return await check_github(
        credentials=credentials,
        base_url=env.github_api_url.rstrip("/"),
        clock=clock,
        repositories=[*dict.fromkeys(patterns)],
    )


async def chat(platform: Platform, env: Environment, channels: Sequence[str]) -> list[Finding]:
    """Look at the tokens and scopes of a platform, and last at each channel in this order."""
    match platform:
        case Platform.SLACK:
            return await _slack(env, channels)
        case Platform.DISCORD:
            return await check_discord(
                token=env.discord_bot_token.get_secret_value(),
                channels=channels,
                api_url=env.discord_api_url,
            )


async def _slack(env: Environment, channels: Sequence[str]) -> list[Finding]:
    async with slack_client(
        token=env.slack_bot_token.get_secret_value(),
        api_url=env.slack_api_url.rstrip("/") + "/",
    ) as client:
        app_token = env.slack_app_token.get_secret_value()
        return await check_slack(client, app_token=app_token, channels=channels)


def fine(channels: Sequence[str], found: Sequence[Finding]) -> list[str]:
    """Return the channels that nothing was found against.

    Both checks speak of the channels last, one finding each; where the token itself is
    refused there is only that one finding, and it is bad.
    """
    about = found[-len(channels) :] if channels else ()
    return [channel for channel, finding in zip(channels, about, strict=False) if finding.ok]
