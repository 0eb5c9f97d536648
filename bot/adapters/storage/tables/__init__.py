"""What is stored; migrations/ builds the same, and a test compares them."""

from bot.adapters.storage.tables.builds import (
    ATTEMPT,
    DIAGNOSIS,
    IS_GREEN,
    IS_UNPLACED,
    JOB,
    LANE,
    REF,
    REPOSITORY,
    SKETCH,
)
from bot.adapters.storage.tables.incidents import CARD, INCIDENT, IS_LIVE, IS_OPEN, RETRY, TIMELINE
from bot.adapters.storage.tables.metadata import METADATA
from bot.adapters.storage.tables.running import BLIND, BUDGET, CURSOR, LEASE, NOTICE, PROCESS
from bot.adapters.storage.tables.work import DELIVERY, DUE, IS_SET_ASIDE, PRESS, PROGRAM

__all__ = [
    "ATTEMPT",
    "BLIND",
    "BUDGET",
    "CARD",
    "CURSOR",
    "DELIVERY",
    "DIAGNOSIS",
    "DUE",
    "INCIDENT",
    "IS_GREEN",
    "IS_LIVE",
    "IS_OPEN",
    "IS_SET_ASIDE",
    "IS_UNPLACED",
    "JOB",
    "LANE",
    "LEASE",
    "METADATA",
    "NOTICE",
    "PRESS",
    "PROCESS",
    "PROGRAM",
    "REF",
    "REPOSITORY",
    "RETRY",
    "SKETCH",
    "TIMELINE",
]
