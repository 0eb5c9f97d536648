"""Three builds that break, and what becomes of each."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from bot.cli.stage.logs import PUSH, TESTS, log_of
from bot.cli.stage.people import People
from bot.cli.stage.town import Town
from bot.cli.stage.watching import Watcher

PATIENCE: Final = timedelta(seconds=25)
A_MOMENT: Final = timedelta(seconds=1)
MATRIX: Final = ("build (linux/amd64)", "build (linux/arm64)")


class StoryError(Exception):
    """A step of the story did not happen."""


@dataclass(frozen=True, slots=True)
class Story:
    town: Town
    people: People
    watcher: Watcher
    say: Callable[[str], None]

    async def play(self) -> None:
        """Play all three.

        Raises:
            StoryError: A step did not happen in time.
        """
        await self.a_registry_hiccup()
        await self.a_release()
        await self.a_real_break()

    async def a_registry_hiccup(self) -> None:
        """Main breaks for no fault of its own; the bot retries by itself."""
        self.say("1. The CI of main breaks: pushing an image, the registry answers 503.")
        repo = self.town.github.repository("acme/app")
        ci = repo.workflow("CI")
        repo.push("main", "Start here", author="ana")
        ci.start(event="push", branch="main", jobs=[*MATRIX, "lint"]).finish()
        repo.push("main", "Bump elixir", author="ana")
        run = ci.start(event="push", branch="main", jobs=[*MATRIX, "lint"])
        run.next_attempt("success", after=A_MOMENT)
        run.finish_job("lint")
        for name in MATRIX:
            run.finish_job(name, "failure", log=log_of(PUSH), failed_step="Build and push")
        run.finish("failure")
        await self._until("the bot retried by itself", lambda: self._attempts(run.id) == 1)
        await self._until("the cards of #1 say FIXED", lambda: self.watcher.says("FIXED", "(#1)"))
        await self._told("Green: retry by the bot")

    async def a_release(self) -> None:
        """A release breaks the same way; the bot only offers, and alice decides."""
        self.say("2. The release build of tag v2024.8.6 breaks the same way.")
        repo = self.town.github.repository("acme/images")
        repo.push("main", "Prepare the release", author="bo")
        repo.tag("v2024.8.6", author="bo")
        release = repo.workflow("Release")
        run = release.start(event="push", branch="v2024.8.6", jobs=["image"])
        run.next_attempt("success", after=A_MOMENT)
        log = log_of(PUSH).replace(b"acme/app", b"acme/images")
        run.finish_job("image", "failure", log=log, failed_step="Build and push")
        run.finish("failure")
        await self._until(
            "the cards leave the release to a person",
            lambda: self.watcher.says("a person decides", "(#2)"),
        )
        self.say("   alice presses Retry in Discord, is asked, and confirms.")
        await self.people.press_in_discord("Retry failed jobs", card="(#2)")
        await self.people.confirm_in_discord()
        await self._until("GitHub re-ran the original run", lambda: self._attempts(run.id) == 1)
        await self._until("the cards of #2 say FIXED", lambda: self.watcher.says("FIXED", "(#2)"))
        await self._told("Green: retry by alice")

    async def a_real_break(self) -> None:
        """A test breaks; a retry would not help, so the bot says whose change it may be."""
        self.say("3. A test of main breaks, and no retry will mend it.")
        repo = self.town.github.repository("acme/app")
        tests = repo.workflow("Tests")
        tests.start(event="push", branch="main", jobs=["unit"]).finish()
        repo.push("main", "Leave shipping out of the total", author="bo")
        run = tests.start(event="push", branch="main", jobs=["unit"])
        run.finish_job("unit", "failure", log=log_of(TESTS), failed_step="Run tests")
        run.finish("failure")
        await self._until(
            "the cards of #3 name the test and a suspect",
            lambda: self.watcher.says("test_total_includes_shipping", "by bo", "(#3)"),
        )
        await self._told("A person is needed", "test_total_includes_shipping")
        if self._attempts(run.id):
            msg = "The bot retried a real break."
            raise StoryError(msg)

    async def _told(self, *words: str) -> None:
        """Wait for the threads, which follow the cards at the chats' pace."""
        said = " ... ".join(words)
        await self._until(
            f'the threads say "{said}"', lambda: self.watcher.says(*words, in_thread=True)
        )

    def _attempts(self, run: int) -> int:
        return self.town.github.count("rerun-failed-jobs", run)

    async def _until(self, what: str, happened: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                while not happened():  # noqa: ASYNC110 - three stand-ins have no common event
                    await asyncio.sleep(0.05)
        except TimeoutError:
            msg = f"This did not happen within {PATIENCE.seconds} s: {what}."
            raise StoryError(msg) from None
        # The watcher shows what led here before the story goes on.
        await self.watcher.caught_up()
