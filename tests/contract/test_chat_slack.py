"""Slack's adapter keeps the promises of a chat platform, over Socket Mode and over HTTP."""

from collections.abc import AsyncIterator

import pytest

from tests.contract.chat_contract import ChatContract
from tests.contract.slack_stage import SlackStage, by_http, by_socket


class TestBySocket(ChatContract):
    @pytest.fixture
    async def stage(self) -> AsyncIterator[SlackStage]:
        async with by_socket() as stage:
            yield stage


class TestByHttp(ChatContract):
    @pytest.fixture
    async def stage(self) -> AsyncIterator[SlackStage]:
        async with by_http() as stage:
            yield stage
