"""Where the code host's promises are kept or broken: each implementation, with its backstage."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from bot.adapters.clock import SystemClock
from bot.adapters.github.client import GitHub
from bot.adapters.github.credentials import TokenCredentials
from bot.adapters.memory.code_host import MemoryCodeHost
from bot.domain.events import Delivery
from bot.domain.hearing import LoggedDelivery
from bot.domain.ids import DeliveryId, JobId, RepoId, RunId, WorkflowId
from bot.domain.lane import RefKind
from bot.domain.run import Annotation, Commit, Conclusion, Job, Repository, Run, Status
from bot.ports.code_host import CodeHost
from bot.standins.github import GitHubServer
from tests.vendor_specs import github as spec

WHEN = datetime(2026, 11, 24, tzinfo=UTC)
NONE = timedelta(0)


class Stage(Protocol):
    """One repository, acme/app, with a workflow of two jobs, and a say in what happens there."""

    @property
    def host(self) -> CodeHost: ...

    @property
    def repo(self) -> Repository: ...

    def running(self) -> RunId:
        """Start a run with the jobs "build" and "test"."""
        ...

    def deploys(self, *, ago: timedelta = NONE) -> RunId:
        """Start a run that deploys, some time ago."""
        ...

    def failed(self, *, log: bytes = b"", note: str = "") -> RunId:
        """Let "build" of a new run fail and "test" pass."""
        ...

    def workflow(self) -> WorkflowId: ...

    def disable_workflow(self) -> None: ...

    def commit(self, message: str) -> str: ...

    def branch(self, name: str) -> None: ...

    def tag(self, name: str) -> None: ...

    def open_pull(self, branch: str) -> RepoId:
        """Open one from a fork, and return the fork."""
        ...

    def close_pulls(self) -> None: ...

    def grant_write(self, login: str) -> None: ...

    def refuse_reruns(self) -> None: ...

    def go_down(self) -> None: ...

    def lose(self) -> str:
        """Let a delivery of our hook get lost; return its id."""
        ...

    async def told(self) -> None:
        """Let everything be delivered, or get lost."""
        ...

    def redelivered(self) -> list[str]:
        """Return the ids of what was sent again."""
        ...


class GitHubStage:
    """The real client before the stand-in."""

    def __init__(self, host: GitHub, server: GitHubServer) -> None:
        self._host = host
        self._server = server
        self._there = server.repository("acme/app", private=True)
        self._there.grant("smokejumper", "write")
        self._ci = self._there.workflow("CI")

    @property
    def host(self) -> CodeHost:
        return self._host

    @property
    def repo(self) -> Repository:
        return Repository(
            id=RepoId(self._there.id),
            full_name="acme/app",
            private=True,
            default_branch="main",
            url="https://github.com/acme/app",
        )

    def running(self) -> RunId:
        return RunId(self._ci.start(jobs=["build", "test"]).id)

    def failed(self, *, log: bytes = b"", note: str = "") -> RunId:
        run = self._ci.start(jobs=["build", "test"])
        run.finish_job("build", "failure", log=log, annotations=[note] if note else [])
        run.finish("failure")
        return RunId(run.id)

    def deploys(self, *, ago: timedelta = NONE) -> RunId:
        run = self._ci.start(
            jobs=["deploy"],
            environments={"deploy": "production"},
            created_at=datetime.now(UTC) - ago,
        )
        made = self._there.deployments
        made[-1] = replace(made[-1], created_at=run.created_at)
        return RunId(run.id)

    def workflow(self) -> WorkflowId:
        return WorkflowId(self._ci.id)

    def disable_workflow(self) -> None:
        self._ci.disable()

    def commit(self, message: str) -> str:
        return self._there.commit(message).sha

    def branch(self, name: str) -> None:
        self._there.commit("Begin a branch", branch=name)

    def tag(self, name: str) -> None:
        self._there.tag(name)

    def open_pull(self, branch: str) -> RepoId:
        fork = self._server.fork(self._there, "bo")
        fork.grant("smokejumper", "read")
        fork.commit("Add a feature", branch=branch)
        self._there.open_pull(branch, fork=fork)
        return RepoId(fork.id)

    def close_pulls(self) -> None:
        for pull in self._there.pulls:
            pull.close()

    def grant_write(self, login: str) -> None:
        self._there.grant(login, "write")

    def refuse_reruns(self) -> None:
        for run in self._ci.runs:
            run.can_be_retried = False

    def go_down(self) -> None:
        self._server.fail_next("*", "*", times=100)

    def lose(self) -> str:
        # Nobody listens at this address, so that all is lost.
        hook = self._there.hook("http://127.0.0.1:9/github", secret="secret")
        self._there.grant("smokejumper", "admin")
        return hook.deliveries[-1].guid

    async def told(self) -> None:
        await self._server.delivered()

    def redelivered(self) -> list[str]:
        (hook,) = self._there.hooks
        return [one.guid for one in hook.deliveries if one.redelivery]


class MemoryStage:
    """The code host that scenario tests play with."""

    def __init__(self) -> None:
        self._host = MemoryCodeHost(repositories={self.repo.id: self.repo})
        self._host.history.append(_commit(0, "Begin"))

    @property
    def host(self) -> CodeHost:
        return self._host

    @property
    def repo(self) -> Repository:
        return Repository(
            id=RepoId(1),
            full_name="acme/app",
            private=True,
            default_branch="main",
            url="https://github.com/acme/app",
        )

    def running(self) -> RunId:
        return self._add(Status.RUNNING, None, None)

    def failed(self, *, log: bytes = b"", note: str = "") -> RunId:
        id = self._add(Status.COMPLETED, Conclusion.FAILURE, Conclusion.SUCCESS)
        job = self._host.jobs_of[id]["build"].id
        self._host.logs[job] = log
        self._host.notes[job] = [Annotation(message=note)] if note else []
        return id

    def deploys(self, *, ago: timedelta = NONE) -> RunId:
        id = self._add(Status.RUNNING, None, None)
        self._host.runs[id] = replace(self._host.runs[id], created_at=WHEN - ago)
        self._host.deployments.append((self._host.runs[id].sha, WHEN - ago))
        return id

    def workflow(self) -> WorkflowId:
        return WorkflowId(2)

    def disable_workflow(self) -> None:
        self._host.disabled.add(self.workflow())

    def commit(self, message: str) -> str:
        self._host.history.append(_commit(len(self._host.history), message))
        return self._host.history[-1].sha

    def branch(self, name: str) -> None:
        self._host.refs.setdefault(name, RefKind.BRANCH)

    def tag(self, name: str) -> None:
        self._host.refs[name] = RefKind.TAG

    def open_pull(self, branch: str) -> RepoId:
        self._host.open_pulls.add((RepoId(9), branch))
        return RepoId(9)

    def close_pulls(self) -> None:
        self._host.open_pulls.clear()

    def grant_write(self, login: str) -> None:
        self._host.writers.add(login)

    def refuse_reruns(self) -> None:
        self._host.refusal = "GitHub can't re-run this run."

    def go_down(self) -> None:
        self._host.down = True

    def lose(self) -> str:
        id = DeliveryId("lost")
        body = b'{"zen": "Responsive is better than fast.", "repository": {"id": 1}}'
        self._host.bodies[1] = Delivery(
            id=id, event="ping", repo=self.repo.id, received_at=WHEN, body=body
        )
        self._host.log.append(
            LoggedDelivery(number=1, id=id, event="ping", action="", at=WHEN, status=0)
        )
        return id

    async def told(self) -> None:
        """Return at once: nothing is under way in memory."""

    def redelivered(self) -> list[str]:
        return [*self._host.redelivered]

    def _add(self, status: Status, build: Conclusion | None, test: Conclusion | None) -> RunId:
        id = RunId(len(self._host.runs) + 1)
        self._host.runs[id] = Run(
            id=id,
            attempt=1,
            number=id,
            repo=self.repo.id,
            workflow=self.workflow(),
            workflow_name="CI",
            event="push",
            head_branch="main",
            head_repo=self.repo.id,
            sha="0",
            status=status,
            conclusion=build,
            created_at=WHEN,
            updated_at=WHEN,
        )
        self._host.jobs_of[id] = {
            name: Job(
                id=JobId(10 * id + place),
                run=id,
                attempt=1,
                name=name,
                status=status,
                conclusion=conclusion,
            )
            for place, (name, conclusion) in enumerate({"build": build, "test": test}.items())
        }
        return id


def _commit(number: int, message: str) -> Commit:
    return Commit(sha=f"{number:040x}", title=message, author="ana")


@asynccontextmanager
async def github() -> AsyncIterator[Stage]:
    async with GitHubServer() as server:
        found = spec.watch(server) if spec.available() else []
        credentials = TokenCredentials(server.token("smokejumper"))
        async with GitHub(
            credentials=credentials, base_url=server.url, clock=SystemClock()
        ) as host:
            yield GitHubStage(host, server)
        await server.delivered()
    assert found == [], found


@asynccontextmanager
async def memory() -> AsyncIterator[Stage]:
    yield MemoryStage()


STAGES: dict[str, Callable[[], AbstractAsyncContextManager[Stage]]] = {
    "github": github,
    "memory": memory,
}
