"""Cards for the tests: one as the bot would write it, and any that strangers could cause."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.domain.failure import ExcerptLine
from bot.domain.ids import IncidentId, RunId
from bot.domain.press import Target
from bot.messages.text import Code, Link, Mention, Moment, Strong, TimeStyle, say
from bot.messages.views import Answer, Button, Digest, IncidentCard, LinkButton, Mark, Note, Style

NOW = datetime(2026, 11, 24, 14, 4, tzinfo=UTC)
TARGET = Target(incident=IncidentId(12), run=RunId(812), attempt=1)

CARD = IncidentCard(
    mark=Mark.BROKEN,
    headline=say("BROKEN acme/app CI on {b}: the registry answered 503 (#12)", b=Code("main")),
    action=say(
        "Nothing to do yet: I retry at {at}. Broken since {since}.",
        at=Moment(NOW + timedelta(minutes=4)),
        since=Moment(NOW - timedelta(days=2), TimeStyle.AGO),
    ),
    proof=(
        ExcerptLine(number=98, text="#19 pushing layers"),
        ExcerptLine(number=812, text="#19 ERROR: failed to push: unexpected status: 503"),
    ),
    proof_note=("1 secret was removed.",),
    failed=(say("12 of 15 jobs failed in {s}: build", s=Strong("Build and push")),),
    blame=(
        say('{sha} "Bump elixir" by ana', sha=Link("1a2b3c4", "https://github.example/c/1a2b3c4")),
    ),
    call=("slack:group:S0OPS", "user:U0ANA", "discord:role:42"),
    buttons=(
        Button(action="retry", label="Retry now", target=TARGET, style=Style.PRIMARY),
        Button(action="acknowledge", label="Acknowledge", target=TARGET),
    ),
    menu=(
        Button(action="retry-all", label="Retry all jobs", target=TARGET),
        Button(action="resolve", label="Resolve", target=TARGET, style=Style.DANGER),
    ),
    links=(LinkButton(label="Open run", url="https://github.example/acme/app/actions/runs/812"),),
)

TRICKS = (
    "`@everyone](x)",
    "<!channel>",
    "<@U0ANA>",
    "<!subteam^S0OPS>",
    "@here",
    "```\nend of fence",
    "*bold* _it_ ~no~",
    "<https://evil.example|github.com>",
    ":rotating_light:",
    "\ud800",
    "\u202egnorw",
    "x" * 60_000,
    "a \U0001f469\u200d\U0001f692 " * 3_000,
    "",
    " \r\n\t",
    "&amp;<>" * 900,
)

words = st.one_of(
    st.sampled_from(TRICKS), st.text(max_size=400), st.text(st.characters(codec=None), max_size=80)
)
moments = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    timezones=st.just(UTC),
)
keys = st.one_of(st.sampled_from(["slack:user:U0ANA", "group:S0OPS", "discord:role:1"]), words)
parts = st.one_of(
    words,
    st.builds(Code, words),
    st.builds(Strong, words),
    st.builds(Link, words, st.one_of(words, st.just("https://github.example/x"))),
    st.builds(Mention, keys, words),
    st.builds(Moment, moments, st.sampled_from(TimeStyle)),
)
texts = st.lists(parts, max_size=4).map(tuple)
rows = st.lists(texts, max_size=30).map(tuple)
targets = st.builds(
    Target,
    incident=st.integers(0, 10**12).map(IncidentId),
    run=st.integers(0, 10**15).map(RunId),
    attempt=st.integers(1, 60),
)
buttons = st.lists(
    st.builds(
        Button,
        action=st.sampled_from(["retry", "retry-all", "retry-debug", "acknowledge"]),
        label=words,
        target=targets,
        style=st.sampled_from(Style),
    ),
    max_size=30,
).map(tuple)
links = st.lists(
    st.builds(
        LinkButton, label=words, url=st.one_of(words, st.just("https://github.example/run/1"))
    ),
    max_size=5,
).map(tuple)
proofs = st.lists(
    st.builds(ExcerptLine, number=st.integers(1, 10**9), text=words), max_size=20
).map(tuple)

cards = st.builds(
    IncidentCard,
    mark=st.sampled_from(Mark),
    headline=texts,
    action=texts,
    proof=proofs,
    proof_note=texts,
    failed=rows,
    blame=rows,
    buttons=buttons,
    menu=buttons,
    links=links,
)
digests = st.builds(
    Digest,
    mark=st.sampled_from(Mark),
    headline=texts,
    action=texts,
    counts=rows,
    rows=rows,
    more=st.integers(0, 10**6),
    buttons=buttons,
)
notes = st.builds(Note, text=texts)
answers = st.builds(Answer, text=texts, rows=rows, buttons=buttons, links=links)
