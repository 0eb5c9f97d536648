"""A delivery that can't be processed is kept with its reason, and holds up nothing."""

from dataclasses import replace

from bot.adapters.storage.delivery_records import DeliveryRecord
from bot.domain.ids import DeliveryId
from bot.domain.work import Due, DueKind
from tests import payloads
from tests.payload_parts import Json
from tests.scenarios.world import World


def unreadable() -> Json:
    payload = payloads.workflow_run()
    del payload["workflow_run"]["id"]
    return payload


async def record(world: World, id: str) -> DeliveryRecord:
    async with world.store.read() as tx:
        found = await tx.delivery_record(DeliveryId(id))
    assert found
    return found


async def test_it_is_set_aside_and_the_next_of_its_repository_is_judged(world: World) -> None:
    await world.deliver("workflow_run", unreadable(), id="odd")
    await world.run("red")

    odd = await record(world, "odd")
    assert (odd.outcome, odd.due_at) == ("set aside", None)
    assert "`id`" in odd.error
    said = [line["id"] for line in world.logs if line["event"] == "delivery_set_aside"]
    assert said == ["odd"]
    assert len(await world.open_incidents()) == 1


async def test_what_our_own_bug_broke_is_replayed_once_that_is_mended(world: World) -> None:
    delivery = payloads.delivery("workflow_run", payloads.workflow_run(), id="hard")
    async with world.store.begin() as tx:
        await tx.take_in([replace(delivery, settled="as if it had been processed")])
    now = world.clock.now()
    due = Due(kind=DueKind.DELIVERY, id="hard", key="repo:7", due_at=now, tries=12)
    await world.bot.inbox.gave_up(due, "KeyError: 'x'")

    broken = await record(world, "hard")
    assert (broken.outcome, broken.error) == ("set aside", "KeyError: 'x'")
    async with world.store.begin() as tx:
        await tx.replay([broken], at=now)
    await world.settle()
    mended = await record(world, "hard")
    assert (mended.outcome, mended.error) == ("opened", "")
    assert len(await world.open_incidents()) == 1


async def test_a_replay_of_what_was_processed_doubles_nothing(world: World) -> None:
    await world.run("red")
    said = len(world.slack.messages)
    done = await record(world, "d1")
    async with world.store.begin() as tx:
        await tx.replay([done], at=world.clock.now())
    await world.settle()
    assert (await record(world, "d1")).outcome == "nothing new"
    assert len(world.slack.messages) == said
