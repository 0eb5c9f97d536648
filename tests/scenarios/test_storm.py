"""Many builds break at once: nothing is lost, and no channel is flooded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.adapters.memory.chat import Message
from bot.domain.ids import IncidentId
from bot.domain.person import Platform
from bot.domain.press import PressKind
from bot.domain.storm import StormPolicy
from bot.domain.subscription import Place, Subscription
from bot.domain.work import DueKind
from bot.messages.text import plain
from bot.messages.views import Digest
from bot.ports.notices import NoticeState
from bot.ports.rows import CardState
from bot.services.telling import MERGE_EDITS, MERGE_UNDER_LOAD, UNDER_LOAD, merging
from tests import payloads, payloads_about
from tests.payload_parts import Json
from tests.scenarios.world import (
    ANA,
    REGISTRY_503,
    SLACK_ROOM,
    TEST_FAILURE,
    World,
    a_world,
    policies,
    subscriptions,
)

ORGANISATIONS, REPOSITORIES, CHANNELS, WORKFLOWS = 4, 20, 5, 20
QUIET = Place(platform=Platform.SLACK, channel="CQUIET")
IN_SLACK = subscriptions()[:1]
SMALL = StormPolicy(digest_from=2)


def broken(which: int, *, repo: str = "acme/app", **about: object) -> Json:
    """Return the delivery of a red run of a workflow of its own."""
    run = {"run": 10_000 + which, "number": 42, "workflow": f"CI {which}"}
    return payloads.workflow_run(repo=repo, head_repo=repo, **run | about)  # type: ignore[arg-type]


async def breaks(
    world: World,
    *numbers: int,
    repo: str = "acme/app",
    log: bytes = TEST_FAILURE,
    installation: int | None = None,
) -> None:
    """Let a workflow break for each number, all heard of before any is worked on."""
    for number in numbers:
        about = {"repo": repo, "installation": installation, "at": world.clock.now()}
        payload = broken(number, **about)  # type: ignore[arg-type]
        world.know(payload, {"build": "failure"}, log)
        await world.store_delivery("workflow_run", payload)
    await world.settle()


async def turns_green(world: World, *numbers: int, repo: str = "acme/app") -> None:
    for number in numbers:
        about = {"run": 20_000 + number, "number": 43, "conclusion": "success"}
        payload = broken(number, repo=repo, at=world.clock.now(), **about)
        world.know(payload, {"build": "success"}, None)
        await world.store_delivery("workflow_run", payload)
    await world.settle()


def in_channel(messages: list[Message], channel: str) -> list[Message]:
    return [one for one in messages if one.channel == channel]


def digest(world: World, number: int = -1) -> Digest:
    view = world.slack.digests[number].view
    assert isinstance(view, Digest)
    return view


def headline(world: World, number: int = -1) -> str:
    return plain(digest(world, number).headline)


async def press_digest(world: World, action: str) -> str:
    target = next(one.target for one in digest(world).buttons if one.action == action)
    return await world.send(ANA, PressKind.BUTTON, action, target=target)


@asynccontextmanager
async def a_storm(*numbers: int) -> AsyncIterator[World]:
    """Open a world with one channel in Slack, where two cards in five minutes are enough."""
    async with a_world(policies(subscribed=IN_SLACK, storm=SMALL)) as world:
        await breaks(world, *numbers)
        yield world


def towns() -> tuple[Subscription, ...]:
    """Return five channels that share the repositories of four organisations, and a quiet one."""
    loud = [
        Subscription(
            place=Place(platform=Platform.SLACK, channel=f"C{channel}"),
            repositories=tuple(
                name(repo) for repo in range(REPOSITORIES) if repo % CHANNELS == channel
            ),
            mention=("group:S1",),
        )
        for channel in range(CHANNELS)
    ]
    return (*loud, Subscription(place=QUIET, repositories=("quiet/*",)))


def name(repo: int) -> str:
    return f"org{repo % ORGANISATIONS}/app{repo}"


async def test_everything_is_told_of_and_no_channel_is_flooded() -> None:
    """400 runs of 20 repositories in five minutes; one quiet channel has its own trouble.

    Every wake after a commit is lost: what only a wake would bring is missing here.
    """
    async with a_world(policies(subscribed=towns()), deaf=True) as world:
        for workflow in range(WORKFLOWS):
            for repo in range(REPOSITORIES):
                number = repo * WORKFLOWS + workflow
                about = {"installation": repo % ORGANISATIONS, "at": world.clock.now()}
                payload = broken(number, repo=name(repo), **about)
                world.know(payload, {"build": "failure"}, None)
                await world.store_delivery("workflow_run", payload)
            await world.after(seconds=15)
            if workflow == WORKFLOWS // 2:
                await breaks(world, 999, repo="quiet/app")
                assert len(in_channel(world.slack.cards, QUIET.channel)) == 1

        incidents = await world.open_incidents()
        assert len(incidents) == REPOSITORIES * WORKFLOWS + 1
        async with world.store.read() as tx:
            for incident in incidents:
                (card,) = await tx.cards(incident.id)
                digest = await tx.notice(card.notice) if card.notice else None
                assert card.state is (CardState.HELD if digest else CardState.SHOWN)
                assert digest is None or digest.state is NoticeState.SHOWN
        for channel in range(CHANNELS):
            assert len(in_channel(world.slack.cards, f"C{channel}")) == 10
            (message,) = in_channel(world.slack.digests, f"C{channel}")
            assert "70 builds broke in 4 repositories since" in message.text
            assert message.edits <= 5 * 60 / 10 + 2, "edits merge"
        assert len(world.slack.rung) == CHANNELS * (10 + 1)


async def test_a_fresh_failure_after_the_storm_is_a_card_again() -> None:
    async with a_storm(1, 2, 3) as world:
        assert (len(world.slack.cards), len(world.slack.digests)) == (2, 1)
        for late in (4, 5):
            await world.after(minutes=4)
            await breaks(world, late)
        assert (len(world.slack.cards), len(world.slack.digests)) == (2, 1)
        await world.after(minutes=6)
        assert "3 builds broke in one repository from" in headline(world)
        await breaks(world, 6)
        assert (len(world.slack.cards), len(world.slack.digests)) == (3, 1)
        await breaks(world, 7, 8)
        assert (len(world.slack.cards), len(world.slack.digests)) == (4, 2)


async def test_recoveries_are_counted_and_not_told_one_by_one() -> None:
    async with a_storm(1, 2, 3, 4) as world:
        await turns_green(world, 3)
        await world.after(minutes=1)
        assert headline(world).endswith("1 still broken, 1 fixed")
        await world.after(minutes=10)
        await turns_green(world, 4)
        await world.after(minutes=1)
        assert headline(world).startswith("FIXED")
        assert digest(world).buttons == ()
        assert len(world.slack.cards) == 2


async def test_one_call_for_all_that_is_held_back() -> None:
    """Each card calls for itself; what is held back calls once, in the digest's thread."""
    async with a_storm(*range(1, 8)) as world:
        await world.after(minutes=30)
        assert world.slack.rung == ["slack:group:S1"] * 3
        (call,) = [note for note in world.slack.notes if "builds are broken" in note]
        assert call == "A person is needed: 5 builds are broken."
        thread = next(one.thread for one in world.slack.messages if one.text == call)
        assert thread == world.slack.digests[0].id


async def test_nobody_is_called_while_the_bot_itself_retries() -> None:
    async with a_world(policies(subscribed=IN_SLACK, storm=SMALL)) as world:
        await breaks(world, *range(1, 6), log=REGISTRY_503)
        await world.after(seconds=30)
        assert world.slack.rung == []
        assert digest(world).counts[0] == ("Why: ", "registry_5xx", " ", "3")


async def test_what_is_held_back_can_be_shown_where_it_is() -> None:
    async with a_storm(*range(1, 15)) as world:
        await world.after(minutes=1)
        rung = list(world.slack.rung)
        shown = await press_digest(world, "unfold_newest")
        assert shown == "I show 10 cards here now, one after another."
        await world.after(minutes=1)
        assert len(world.slack.cards) == 2 + 10
        assert [one.label for one in digest(world).buttons] == ["Show all 2 here"]
        await press_digest(world, "unfold_all")
        await world.after(minutes=1)
        assert len(world.slack.cards) == 14
        assert digest(world).buttons == ()
        assert world.slack.rung == rung, "they were called already"
        await turns_green(world, 14)
        await world.after(minutes=1)
        assert [one.text.split()[0] for one in world.slack.cards].count("FIXED") == 1


async def test_who_unfolds_at_once_is_not_called_for_each() -> None:
    """While the storm lasts, its digest calls for all that it counts, shown or not."""
    async with a_world(policies(subscribed=IN_SLACK, storm=SMALL)) as world:
        world.github.down = True
        await breaks(world, *range(1, 9))
        await press_digest(world, "unfold_all")
        await world.after(minutes=4)
        world.github.down = False
        await world.after(minutes=4)
        assert len(world.slack.cards) == 8
        assert world.slack.rung == ["slack:group:S1"] * 3
        await turns_green(world, 8)
        await world.after(minutes=1)
        assert headline(world).endswith("5 still broken, 1 fixed")


async def test_the_same_button_twice_shows_each_card_once() -> None:
    async with a_storm(1, 2, 3, 4) as world:
        target = digest(world).buttons[0].target
        await world.send(ANA, PressKind.BUTTON, "unfold_all", target=target)
        again = await world.send(ANA, PressKind.BUTTON, "unfold_all", target=target)
        await world.after(minutes=1)
        assert again == "Nothing is held back here any more."
        assert len(world.slack.cards) == 4


async def test_what_is_held_back_can_be_asked_for_and_retried() -> None:
    async with a_storm(1, 2, 3) as world:
        assert "#3 acme/app CI 3 on main" in await world.type("incidents")
        await world.type("retry what=#3")
        assert [run for run, _, _ in world.github.reruns] == [10_003]


async def test_cards_come_from_payloads_alone_and_say_that_the_log_waits() -> None:
    async with a_world(policies(subscribed=IN_SLACK, storm=SMALL)) as world:
        world.github.down = True
        await breaks(world, 1, 2, 3)
        await world.after(minutes=1)
        assert "log not read yet" in plain(world.card().headline)
        assert "The log waits" in plain(world.card().action)
        assert "log not read yet" in plain(digest(world).rows[0])


async def test_a_digest_that_somebody_deletes_comes_back_while_it_matters() -> None:
    async with a_storm(1, 2, 3) as world:
        world.slack.messages.remove(world.slack.digests[0])
        await breaks(world, 4)
        await world.after(minutes=1)
        assert len(world.slack.digests) == 1
        await turns_green(world, 3, 4)
        world.slack.messages.remove(world.slack.digests[0])
        await world.after(minutes=10)
        assert world.slack.digests == []


async def test_a_digest_waits_for_a_chat_that_is_down() -> None:
    async with a_world(policies(subscribed=IN_SLACK, storm=SMALL)) as world:
        world.slack.down = True
        await breaks(world, *range(1, 6))
        await world.after(minutes=20)
        world.slack.down = False
        await world.after(minutes=6)
        assert (len(world.slack.cards), len(world.slack.digests)) == (2, 1)
        assert "3 builds broke" in headline(world)


async def test_a_chat_whose_pace_is_used_up_is_asked_again_and_never_searched() -> None:
    """Nothing was tried, so there is nothing to look for."""
    async with a_world(policies(subscribed=IN_SLACK, storm=SMALL)) as world:
        world.slack.busy = True
        await breaks(world, *range(1, 6))
        async with world.store.read() as tx:
            (card,) = await tx.cards(IncidentId(1))
            digest = await tx.gathering(SLACK_ROOM)
        assert digest
        assert card.tries == digest.tries == 0
        world.slack.busy = False
        await world.after(seconds=10)
        assert (len(world.slack.cards), len(world.slack.digests)) == (2, 1)


async def test_a_digest_whose_post_was_not_answered_is_found_again() -> None:
    async with a_world(policies(subscribed=IN_SLACK, storm=SMALL)) as world:
        world.slack.answers_lost = True
        await breaks(world, *range(1, 6))
        world.slack.answers_lost = False
        await world.after(minutes=2)
        assert (len(world.slack.cards), len(world.slack.digests)) == (2, 1)
        await breaks(world, 6)
        await world.after(minutes=1)
        assert "4 builds broke" in headline(world)
        assert world.slack.rung.count("slack:group:S1") == 3


async def test_a_channel_that_was_lost_for_days_is_told_of_what_is_still_broken() -> None:
    async with a_world(policies(subscribed=IN_SLACK, storm=SMALL)) as world:
        world.slack.lost_channels.add(SLACK_ROOM.channel)
        await breaks(world, *range(1, 6))
        await world.after(hours=30)
        world.slack.lost_channels.clear()
        await world.after(minutes=10)
        assert (len(world.slack.cards), len(world.slack.digests)) == (2, 1)


async def test_what_turns_private_leaves_the_digest() -> None:
    async with a_storm(1, 2, 3) as world:
        await breaks(world, 4, repo="acme/web")
        private = payloads_about.repository_event(
            action="privatized", repo="acme/web", private=True
        )
        await world.deliver("repository", private)
        await world.after(minutes=1)
        assert "1 build broke in one repository" in headline(world)
        assert "acme/web" not in repr(digest(world))


async def test_what_breaks_again_after_its_digest_is_over_is_a_card() -> None:
    """A new message, since people must look again; the digest keeps its count."""
    async with a_storm(1, 2, 3) as world:
        await turns_green(world, 3)
        await world.after(minutes=20)
        assert world.slack.rung == ["slack:group:S1"] * 2
        payload = broken(3, run=30_003, number=44, at=world.clock.now())
        world.know(payload, {"build": "failure"}, TEST_FAILURE)
        await world.deliver("workflow_run", payload)
        await world.after(minutes=1)
        assert [one.text.split()[0] for one in world.slack.cards] == ["BROKEN"] * 3
        assert world.slack.rung == ["slack:group:S1"] * 3
        assert (await world.open_incidents())[0].id == IncidentId(3)


async def test_each_channel_has_its_own_storm() -> None:
    """A second channel that hears of one repository alone is not spared a card."""
    calm = replace(IN_SLACK[0], place=replace(SLACK_ROOM, channel="C2"), repositories=("acme/web",))
    async with a_world(policies(subscribed=(*IN_SLACK, calm), storm=SMALL)) as world:
        await breaks(world, 1, 2, 3)
        await breaks(world, 4, repo="acme/web")
        await world.after(minutes=1)
        assert len(in_channel(world.slack.cards, "C2")) == 1
        assert "2 builds broke in 2 repositories" in headline(world)


async def test_edits_wait_longer_while_many_cards_wait(world: World) -> None:
    """A chat with much to show is not asked for an edit at each change."""
    async with world.store.begin() as tx:
        assert await merging(tx) == MERGE_EDITS
        for number in range(UNDER_LOAD):
            await tx.due(DueKind.CARD, f"{number}", key=f"card:{number}", at=world.clock.now())
        assert await merging(tx) == MERGE_UNDER_LOAD
