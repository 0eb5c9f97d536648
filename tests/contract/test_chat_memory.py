"""The chat in memory keeps the promises of a chat platform, or scenarios would prove nothing."""

import pytest

from bot.domain.person import Member
from tests.contract.chat_contract import ChatContract, Stage
from tests.contract.memory_stage import MemoryStage


class TestInMemory(ChatContract):
    @pytest.fixture
    def stage(self) -> Stage:
        return MemoryStage()


async def test_a_guest_stays_one_whatever_groups_are_asked_for() -> None:
    stage = MemoryStage()
    stage.chat.members[stage.person.id] = Member(groups=frozenset({"S1", "S2"}), outsider=True)

    found = await stage.chat.member(stage.person, groups=frozenset({"S2", "S3"}))

    assert found == Member(groups=frozenset({"S2"}), outsider=True)
