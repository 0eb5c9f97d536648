"""What a refused re-run means to the person who wanted it."""

from typing import Final

from bot.domain.errors import AlreadyRunningError, RefusedError

ANEW: Final = "Push a commit or start the workflow anew."

# Fragments of GitHub's words, and what a person should know instead.
REFUSALS: Final = (
    (
        "over a month ago",
        f"This run is more than 30 days old, and GitHub re-runs nothing older. {ANEW}",
    ),
    (
        "cannot be retried",
        f"GitHub can't re-run this run: some kinds never, none more than 50 times. {ANEW}",
    ),
    (
        "not accessible by",
        'I may not re-run workflows there. An owner must give me "Actions: read and write".',
    ),
    (
        "must have",
        "I may not re-run workflows there. An owner must give my account write access.",
    ),
    ("archived", "The repository is archived, so nothing runs there. An owner can unarchive it."),
    ("disabled", "Actions are disabled there. Enable them on GitHub, then try again."),
)


def refusal(message: str) -> AlreadyRunningError | RefusedError:
    """Return what GitHub's *message* means."""
    words = message.lower()
    if "already running" in words:
        return AlreadyRunningError("The run is already running.")
    for fragment, sentence in REFUSALS:
        if fragment in words:
            return RefusedError(sentence)
    said = f': "{message}"' if message else ", without saying why"
    return RefusedError(f"GitHub refused to re-run it{said}.")
