"""The card of `smokejumper test-alert` says at once that it is a test."""

from inline_snapshot import snapshot

from bot.messages.sample import sample_card
from bot.messages.text import plain


def test_every_part_is_there_and_nothing_calls_or_can_be_pressed() -> None:
    card = sample_card()
    said = (card.headline, card.action, card.proof_note, *card.failed, *card.blame)
    assert "\n".join(map(plain, said)).replace(". A", ".\nA") == snapshot("""\
TEST  This is a sample card: no build is broken.
Nothing to do. Somebody ran smokejumper test-alert to see whether cards arrive here.
A real card says in this place whether you must act, and who has it.
These lines are made up; here stands what proves the cause.
1 of 3 jobs failed in "Build and push": an example
1a2b3c4 "An example of a suspect" by nobody\
""")
    assert [line.text for line in card.proof] == snapshot(
        [
            "#19 pushing layers 8.1s done",
            "#19 ERROR: unexpected status: 503 Service Unavailable",
            "##[error]Process completed with exit code 1.",
        ]
    )
    assert (*card.call, *card.buttons, *card.menu, *card.links) == ()
