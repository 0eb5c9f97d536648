"""How the program logs: one line an event, with ids, so that it can be searched."""

import logging
import sys
from typing import Final

import structlog

# Libraries' chatter; their warnings still come through.
QUIET: Final = (
    "aiohttp",
    "alembic",
    "discord",
    "github",
    "slack_bolt",
    "slack_bolt.AsyncApp",
    "slack_sdk",
)

BROKEN_LINES: Final = ("Attempting a reconnect", "Failed to run a request listener")


def _not_about_voice(record: logging.LogRecord) -> bool:
    """Drop discord.py's warning that voice can't work: nobody speaks here."""
    return "voice will NOT be supported" not in record.getMessage()


def _without_stack(record: logging.LogRecord) -> bool:
    """Let a library say in one line that its connection broke, which it mends by itself."""
    if str(record.msg).startswith(BROKEN_LINES):
        record.exc_info = None
    return True


def _matters(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def log_lines(*, level: int = logging.INFO) -> None:
    """Write lines such as `delivery_done id=... outcome=opened` to standard error."""
    logging.basicConfig(
        level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    # It tells of a refused app token in two lines of its own; our one line says what to do.
    logging.getLogger("slack_sdk.socket_mode").setLevel(logging.CRITICAL)
    # A database that is away is a stack a second to them; our queue_lost and queue_found say it.
    for name in ("procrastinate", "psycopg.pool"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    logging.getLogger("slack_bolt.AsyncApp").addFilter(_matters)  # bolt sets its level anew
    logging.getLogger("slack_bolt.AsyncApp").addFilter(_without_stack)
    logging.getLogger("discord.client").addFilter(_not_about_voice)
    logging.getLogger("discord.client").addFilter(_without_stack)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(
                key_order=["timestamp", "level", "event"], drop_missing=True
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
