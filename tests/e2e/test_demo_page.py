"""The page of the demo, in a real browser."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Page, async_playwright

from bot.cli.painting.photograph import QUIET, find_browser
from bot.cli.stage.logs import TESTS, log_of
from bot.cli.stage.page import OURS, a_live_page
from bot.cli.stage.town import SHORT_WAITS, Town, a_town, the_bot

PATIENCE = 20_000  # milliseconds; only a failure waits so long


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with a_town(tmp_path, retry=SHORT_WAITS) as town, the_bot(town):
        yield town


@asynccontextmanager
async def a_browser(url: str) -> AsyncIterator[Page]:
    """Open the page; whatever its script complains of fails the test."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(
            executable_path=find_browser(), args=[*QUIET, *as_root]
        )
        page = await browser.new_page()
        page.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        await page.goto(url)
        yield page
        await browser.close()
    assert complaints == []


def break_build(town: Town) -> None:
    repo = town.github.repository("acme/app")
    repo.push("main", "Leave shipping out of the total", author="bo")
    run = repo.workflow("Tests").start(event="push", branch="main", jobs=["unit"])
    run.finish_job("unit", "failure", log=log_of(TESTS), failed_step="Run tests")
    run.finish("failure")


async def test_both_chats_are_live_and_their_buttons_press_the_real_ones(town: Town) -> None:
    async with a_live_page(town) as url, a_browser(url) as page:
        break_build(town)
        for chat in ("#slack", "#discord"):
            await page.locator(chat, has_text="test_total_includes_shipping").wait_for()
        await page.locator("#slack button", has_text="Acknowledge").click()
        await page.locator("#slack", has_text="You have #1 now.").wait_for()
        await page.locator("#discord", has_text="alice has it").wait_for()
        await page.locator("#discord details.menu summary").click()
        await page.locator("#discord .menu button", has_text="Resolve").click()
        await page.locator("#slack", has_text="RESOLVED").wait_for()
        await page.fill("form[data-chat=slack] input", "/build help")
        await page.press("form[data-chat=slack] input", "Enter")
        await page.locator("#slack", has_text="/build incidents").wait_for()
        await page.fill("form[data-chat=discord] input", "/build status acme/app")
        await page.press("form[data-chat=discord] input", "Enter")
        await page.locator("#discord", has_text="Tests on main").last.wait_for()


async def test_what_can_not_be_pressed_any_more_is_said(town: Town) -> None:
    async with a_live_page(town) as url, a_browser(url) as page:
        await page.evaluate(
            "act('press', {chat: 'slack', message: '1.2', control: 'sj:retry', option: ''})"
        )
        words = page.locator("#words")
        await words.filter(has_text="1.2").wait_for()


async def test_other_pages_can_press_nothing(town: Town) -> None:
    async with a_live_page(town) as url, aiohttp.ClientSession() as stranger:
        body = {"chat": "slack", "text": "help"}
        answer = await stranger.post(f"{url}command", json=body)
        assert answer.status == 403
        answer = await stranger.get(url, headers={"Host": "evil.example"})
        assert answer.status == 403
        answer = await stranger.post(f"{url}command", data=b"{", headers={OURS: "1"})
        assert answer.status == 400
