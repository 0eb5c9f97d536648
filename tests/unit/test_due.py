"""Every kind of due row has a service that does it."""

from bot.domain.work import DueKind
from tests.scenarios.world import a_world


async def test_every_kind_stands_in_the_table() -> None:
    """A row without a service would be tried, set aside and never done."""
    async with a_world() as world:
        assert set(world.bot.due) == set(DueKind)


async def test_no_two_kinds_are_done_by_one_method() -> None:
    """A slip of the pen in the table would draw a card where a retry is due."""
    async with a_world() as world:
        services = [*world.bot.due.values()]
        assert all(services.count(service) == 1 for service in services)
