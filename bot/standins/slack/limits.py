"""Slack's numbers: deadlines, rates and sizes; a test may shorten any of them.

Where Slack publishes a number it is that number. Those marked "assumed" are not
published; they stand on the strict side of what people report.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum


class Tier(IntEnum):
    """Calls that one method of one workspace may get in a minute."""

    ONE = 1
    TWO = 20
    THREE = 50
    FOUR = 100
    SPECIAL = 600  # "hundreds a minute"; assumed


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLimits:
    """Lengths in characters and counts of Block Kit, from its reference pages."""

    message_blocks: int = 50
    view_blocks: int = 100
    total_text: int = 11_000  # msg_blocks_too_long; assumed: seen between 11,300 and 13,300
    identifier: int = 255
    section_text: int = 3_000
    fields: int = 10
    field_text: int = 2_000
    header_text: int = 150
    markdown_text: int = 12_000
    actions: int = 25
    context_elements: int = 10
    button_text: int = 75
    button_value: int = 2_000
    url: int = 3_000
    overflow_options: int = 5
    select_options: int = 100
    option_groups: int = 100
    choice_options: int = 10
    option_text: int = 75
    option_value: int = 150
    placeholder: int = 150
    label: int = 2_000
    alt_text: int = 2_000
    input_value: int = 3_000
    confirm_title: int = 100
    confirm_text: int = 300
    confirm_button: int = 30
    table_rows: int = 100
    table_cells: int = 20
    modal_title: int = 24
    private_metadata: int = 3_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """All else that Slack counts or times."""

    ack_within: timedelta = timedelta(seconds=3)
    trigger_life: timedelta = timedelta(seconds=3)
    response_url_life: timedelta = timedelta(minutes=30)
    response_url_uses: int = 5
    event_retries: tuple[timedelta, ...] = (
        timedelta(),
        timedelta(minutes=1),
        timedelta(minutes=5),
    )
    sockets: int = 10
    ping_every: timedelta = timedelta(seconds=10)  # assumed

    rated: bool = True
    """Whether calls are counted at all."""
    rate_window: timedelta = timedelta(minutes=1)
    posts_in_gap: int = 1
    post_gap: timedelta = timedelta(seconds=1)
    socket_opens: int = 30  # apps.connections.open a minute; assumed, its page says tier 1

    post_chars: int = 40_000
    update_chars: int = 4_000
    metadata_bytes: int = 16_000  # assumed
    page: int = 100
    page_most: int = 999
    view_stack: int = 3
    file_bytes: int = 64 * 1024 * 1024  # Slack takes 1 GB; here it is memory
    blocks: BlockLimits = field(default_factory=BlockLimits)
