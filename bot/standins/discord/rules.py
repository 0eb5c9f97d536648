"""Discord's numbers, each a field, so that a test can shorten what it waits for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """So many requests in so long, for one route and one channel, guild or webhook."""

    requests: int
    per: timedelta


def _buckets() -> dict[str, Bucket]:
    five = Bucket(requests=5, per=timedelta(seconds=5))
    return {
        "POST /channels/{channel}/messages": five,
        "PATCH /channels/{channel}/messages/{message}": five,
        "POST /webhooks/{application}/{token}": Bucket(requests=5, per=timedelta(seconds=2)),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What Discord allows; lengths count characters."""

    content_chars: int = 2_000
    nonce_chars: int = 25
    embeds: int = 10
    embed_chars_in_all: int = 6_000
    embed_title_chars: int = 256
    embed_description_chars: int = 4_096
    embed_fields: int = 25
    embed_field_name_chars: int = 256
    embed_field_value_chars: int = 1_024
    embed_footer_chars: int = 2_048
    embed_author_chars: int = 256
    rows: int = 5
    buttons_in_a_row: int = 5
    custom_id_chars: int = 100
    label_chars: int = 80
    button_url_chars: int = 512
    select_options: int = 25
    select_option_chars: int = 100
    placeholder_chars: int = 150
    modal_title_chars: int = 45
    modal_rows: int = 5
    input_chars: int = 4_000
    files: int = 10
    file_bytes: int = 10 * 1024 * 1024
    thread_name_chars: int = 100
    history_page: int = 100

    commands: int = 100
    command_options: int = 25
    command_name_chars: int = 32
    command_description_chars: int = 100
    choices: int = 25
    choice_chars: int = 100

    first_answer: timedelta = timedelta(seconds=3)
    interaction_life: timedelta = timedelta(minutes=15)
    nonce_memory: timedelta = timedelta(minutes=5)  # "the past few minutes"

    heartbeat: timedelta = timedelta(seconds=41.25)
    resume_window: timedelta = timedelta(minutes=3)
    replayed_events: int = 1_000

    requests_a_second: int = 50
    other_routes: Bucket = Bucket(requests=50, per=timedelta(seconds=1))
    buckets: Mapping[str, Bucket] = field(default_factory=_buckets)
