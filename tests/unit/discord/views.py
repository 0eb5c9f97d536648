"""Views to render."""

from datetime import UTC, datetime

from bot.domain.failure import ExcerptLine
from bot.domain.ids import IncidentId, RunId
from bot.domain.press import Target
from bot.messages.text import Code, Link, Moment, say
from bot.messages.views import Button, IncidentCard, LinkButton, Mark, Style

TARGET = Target(incident=IncidentId(12), run=RunId(812), attempt=1)
AT = datetime(2026, 11, 24, 14, 8, tzinfo=UTC)


def button(action: str, label: str, style: Style = Style.PLAIN) -> Button:
    return Button(action=action, label=label, target=TARGET, style=style)


def a_card() -> IncidentCard:
    return IncidentCard(
        mark=Mark.BROKEN,
        headline=say("BROKEN acme/app CI on main: the registry answered 503 (#12)"),
        action=say("Nothing to do yet: I retry at {at}. Nobody has taken it.", at=Moment(AT)),
        proof=(
            ExcerptLine(number=98, text="#19 pushing layers"),
            ExcerptLine(number=812, text="#19 ERROR: unexpected status: 503 Service Unavailable"),
        ),
        proof_note=say("1 secret was scrubbed."),
        failed=(
            say(
                '12 of 15 jobs failed in "Build and push": {jobs} · registry_5xx',
                jobs=Code("build (linux/arm64)"),
            ),
        ),
        blame=(
            say("{sha} Bump elixir by ana", sha=Link("1a2b3c4", "https://github.example/c/1a2b")),
        ),
        call=("discord:role:4242",),
        buttons=(
            button("retry", "Retry failed jobs", Style.PRIMARY),
            button("acknowledge", "Acknowledge"),
        ),
        menu=(button("retry_all", "Retry all jobs"), button("resolve", "Resolve")),
        links=(LinkButton(label="Open run", url="https://github.example/acme/app/runs/812"),),
    )
