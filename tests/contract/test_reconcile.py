"""Reconciling for real: the real client and door before the stand-in, which loses deliveries."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.adapters.clock import SystemClock
from bot.adapters.github.client import GitHub
from bot.adapters.github.credentials import AppCredentials, Credentials, TokenCredentials
from bot.adapters.github.payloads import read
from bot.adapters.github.webhook import Webhook
from bot.adapters.memory.chat import MemoryChat
from bot.adapters.storage.intake import GroupCommit
from bot.adapters.storage.store import SqlStore
from bot.app.assembly import Assembled, Policies, assemble
from bot.domain.hearing import HearingPolicy
from bot.domain.person import Platform
from bot.domain.subscription import Place, Subscription
from bot.domain.work import DueKind
from bot.services.access import AccessRules
from bot.standins.github import GitHubServer
from bot.standins.github.repository import Repository
from bot.worker import Worker
from tests.contract.conftest import Wakes
from tests.vendor_specs import github as spec

SECRET = "secret"
HERE = Place(platform=Platform.SLACK, channel="C1")
PERMISSIONS = {
    "actions": "write",
    "checks": "read",
    "contents": "read",
    "deployments": "read",
    "metadata": "read",
    "pull_requests": "read",
}


@dataclass
class Bot:
    server: GitHubServer
    there: Repository
    store: SqlStore
    assembled: Assembled
    worker: Worker
    wakes: Wakes
    door: str
    chat: MemoryChat

    async def settle(self) -> None:
        """Work until nothing is due and nothing is under way to us."""
        for _ in range(50):
            await self.server.delivered()
            await self.worker.sweep()
            due, self.wakes.heard = self.wakes.heard, []
            if not due:
                return
            for kind, id, _, _ in due:
                await self.worker.handle(kind, id)
        msg = "The bot never comes to rest."
        raise AssertionError(msg)

    async def poll_all(self) -> None:
        """Ask for the runs of each repository that is known, oldest first."""
        async with self.store.begin() as tx:
            for repo in await tx.repositories():
                id, now = str(repo.id), SystemClock().now()
                await tx.due(DueKind.POLL, id, key=f"poll:{id}", at=now)
        await self.settle()

    async def polled(self) -> set[str]:
        """Return which repositories will be asked again."""
        later = SystemClock().now() + timedelta(days=1)
        async with self.store.read() as tx:
            rows = await tx.due_now(later, limit=100)
        return {id for kind, id, _ in rows if kind is DueKind.POLL}

    @property
    def headlines(self) -> list[str]:
        return [card.text for card in self.chat.cards]


class OnlyNow(Wakes):
    """Remembers what is due now; the rest is left to the sweep."""

    def wake(self, kind: DueKind, id: str, *, key: str, at: datetime | None = None) -> None:
        if at is None or at <= SystemClock().now():
            super().wake(kind, id, key=key, at=at)


@asynccontextmanager
async def a_bot(*, app: bool, polls: bool = False) -> AsyncIterator[Bot]:
    """Run a bot whose door stands open, as an App or with a token."""
    async with GitHubServer() as server:
        found = spec.watch(server) if spec.available() else []
        there = server.repository("acme/app")
        subscription = Subscription(place=HERE, repositories=("acme/*",))
        policies = Policies(
            rules=AccessRules(subscriptions=(subscription,)),
            hearing=HearingPolicy(webhooks=not polls, polls=polls),
        )
        wakes, chat, clock = OnlyNow(), MemoryChat(platform=Platform.SLACK), SystemClock()
        async with (
            SqlStore("sqlite://", waker=wakes) as store,
            GroupCommit(store) as writer,
            GitHub(
                credentials=as_app(server) if app else as_person(server, there),
                base_url=server.url,
                clock=clock,
            ) as host,
        ):
            webhook = Webhook(secret=SECRET, store=writer.store, now=clock.now)
            web_app = web.Application()
            web_app.router.add_post("/github", webhook.handle)
            async with TestServer(web_app) as door:
                bot = assemble(
                    store=store,
                    code_host=host,
                    platforms={Platform.SLACK: chat},
                    policies=policies,
                    read_event=read,
                    clock=clock,
                )
                worker = Worker(store, wakes, bot.due, clock)
                url = str(door.make_url("/github"))
                yield Bot(server, there, store, bot, worker, wakes, url, chat)
                await server.delivered()
    assert found == [], found


def as_app(server: GitHubServer) -> Credentials:
    app = server.app(
        "smokejumper", permissions=PERMISSIONS, events=("workflow_run", "workflow_job")
    )
    app.install(server.user("acme"))
    return AppCredentials(
        app_id=app.id,
        private_key=app.private_key,
        base_url=server.url,
        now=SystemClock().now,
    )


def as_person(server: GitHubServer, there: Repository) -> Credentials:
    there.grant("smokejumper", "admin")
    return TokenCredentials(server.token("smokejumper"))


async def test_an_app_has_what_it_missed_sent_again() -> None:
    async with a_bot(app=True) as bot:
        (app,) = bot.server.hub.tokens.apps.values()
        app.send_to(bot.door, secret=SECRET)
        await bot.assembled.hearing.start()
        await bot.settle()

        bot.server.lose_next("workflow_run", times=3)
        bot.server.lose_next("workflow_job", times=3)
        bot.there.workflow("CI").start(jobs=["build"]).finish("failure")
        await bot.settle()
        assert bot.headlines == []
        await bot.assembled.hearing.start()
        await bot.settle()
        assert [line.partition(":")[0] for line in bot.headlines] == ["BROKEN  acme/app CI on main"]
        assert bot.server.count("redeliver") == 1


async def test_a_token_that_may_see_the_hook_has_it_sent_again_too() -> None:
    async with a_bot(app=False) as bot:
        hook = bot.there.hook(bot.door, secret=SECRET)
        await bot.server.delivered()
        await bot.assembled.hearing.start()
        await bot.settle()

        bot.server.lose_next("repository", times=1)
        bot.there.archive()
        await bot.assembled.hearing.start()
        await bot.settle()
        assert [(one.event, one.status) for one in hook.deliveries[-2:]] == [
            ("repository", "failed to connect to host"),
            ("repository", "OK"),
        ]


async def test_a_repository_is_heard_by_asking_alone() -> None:
    async with a_bot(app=False, polls=True) as bot:
        await bot.assembled.hearing.start()
        await bot.settle()
        run = bot.there.workflow("CI").start(jobs=["build"])
        run.finish("failure")
        await bot.assembled.hearing.start()
        await bot.settle()
        assert [line.partition(":")[0] for line in bot.headlines] == ["BROKEN  acme/app CI on main"]
        free = [one for one in bot.server.hub.acts if "hook" in one[0]]
        assert free == []


async def test_another_repository_under_a_known_name_is_heard_as_itself() -> None:
    async with a_bot(app=False, polls=True) as bot:
        await bot.assembled.hearing.start()
        await bot.settle()
        bot.there.delete()
        new = bot.server.repository("acme/app")
        new.grant("smokejumper", "admin")
        await bot.assembled.hearing.start()
        await bot.settle()

        for name in ("CI", "Lint", "Docs"):
            new.workflow(name).start(jobs=["build"]).finish("failure")
            await bot.poll_all()
        assert [line.partition(":")[0] for line in bot.headlines] == [
            "BROKEN  acme/app CI on main",
            "BROKEN  acme/app Lint on main",
            "BROKEN  acme/app Docs on main",
        ]
        await bot.assembled.hearing.start()
        await bot.settle()
        assert await bot.polled() == {f"{new.id}"}
