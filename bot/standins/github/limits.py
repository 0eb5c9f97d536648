"""Every number GitHub's rules hang on, so that a test can shorten it."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What this GitHub allows; the defaults are the documented ones unless said."""

    requests_an_hour: int = 5_000
    anonymous_requests_an_hour: int = 60
    rate_limit_status: int = 403  # documented as 403 or 429
    points_a_minute: int = 900  # a GET costs 1, anything else 5
    requests_at_once: int = 100
    secondary_wait: timedelta = timedelta(minutes=1)

    installation_token_life: timedelta = timedelta(hours=1)
    app_token_life: timedelta = timedelta(minutes=10)

    log_link_life: timedelta = timedelta(minutes=1)
    log_retention: timedelta = timedelta(days=90)

    rerun_age: timedelta = timedelta(days=30)
    reruns: int = 50
    api_lag: timedelta = timedelta(0)
    """How long the API answers 404 for a run that its webhook has already told of."""

    delivery_timeout: timedelta = timedelta(seconds=10)
    delivery_memory: timedelta = timedelta(days=3)
    payload_bytes: int = 25_000_000  # a larger event is not delivered at all
