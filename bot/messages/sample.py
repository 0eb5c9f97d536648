"""The card that `smokejumper test-alert` posts: every part of a real one, and plainly a test."""

from typing import Final

from bot.domain.failure import ExcerptLine
from bot.messages.text import Code, Strong, say
from bot.messages.views import IncidentCard, Mark

PROOF: Final = (
    ExcerptLine(number=812, text="#19 pushing layers 8.1s done"),
    ExcerptLine(number=813, text="#19 ERROR: unexpected status: 503 Service Unavailable"),
    ExcerptLine(number=814, text="##[error]Process completed with exit code 1."),
)


def sample_card() -> IncidentCard:
    """Show what a broken build looks like; it calls nobody, and nothing on it can be pressed."""
    return IncidentCard(
        mark=Mark.BROKEN,
        headline=say("{test}  This is a sample card: no build is broken.", test=Strong("TEST")),
        action=say(
            "Nothing to do. Somebody ran {command} to see whether cards arrive here. A real card "
            "says in this place whether you must act, and who has it.",
            command=Code("smokejumper test-alert"),
        ),
        proof=PROOF,
        proof_note=say("These lines are made up; here stands what proves the cause."),
        failed=(say('1 of 3 jobs failed in "Build and push": an example'),),
        blame=(say('{sha} "An example of a suspect" by nobody', sha=Code("1a2b3c4")),),
    )
