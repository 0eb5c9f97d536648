"""Explains what is named, one answer a log; what can't be read stops nothing."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bot.cli.explaining.answers import Answer, Explained, Unread
from bot.cli.explaining.ending import failed
from bot.cli.explaining.logs import Log, logs_in, opened
from bot.cli.explaining.progress import Progress
from bot.cli.explaining.surroundings import surroundings
from bot.diagnosis import Context, Reader, RuleSet
from bot.domain.errors import SmokejumperError

ADDRESS: Final = ("https://", "http://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    rules: RuleSet
    with_context: bool

    def answers(self, name: str) -> Iterator[Answer]:
        """Explain a file, standard input, each failed job of a zip or of a run."""
        try:
            if name.startswith(ADDRESS):
                # Imported when needed: what talks to GitHub takes a second to load.
                from bot.cli.explaining.run_page import explain_run  # noqa: PLC0415 - see above

                yield from explain_run(name, rules=self.rules, with_context=self.with_context)
                return
            with opened(name) as file:
                for log in failed(logs_in(file, name)):
                    yield self._answer(log)
        except SmokejumperError as error:
            yield Unread(file=name, error=str(error))
        except OSError as error:
            yield Unread(file=name, error=f"It can't be read: {error.strerror or error}.")

    def _answer(self, log: Log) -> Answer:
        reader = Reader(Context(job=log.job), self.rules)
        with Progress(sys.stderr, name=log.name, size=log.size) as progress:
            for block in log.blocks():
                reader.feed(block)
                progress.moved(len(block))
            diagnosis = reader.finish()
        around = surroundings(log.start(), diagnosis) if self.with_context else {}
        return Explained(file=log.name, diagnosis=diagnosis, around=around)
