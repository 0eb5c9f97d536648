"""Rows of what GitHub said: late, doubled and out-of-order tellings change nothing."""

from dataclasses import replace

import pytest

from bot.adapters.storage.store import SqlStore
from bot.domain.failure import Cause, History
from bot.domain.ids import JobId, LaneId, RepoId, RunId
from bot.domain.lane import RefKind
from bot.domain.run import Conclusion, Run, Status
from tests.contract.made import (
    BEFORE,
    DIAGNOSIS,
    FOUND,
    JOB,
    LANE,
    LATER,
    NOW,
    OTHER_LANE,
    REPO,
    REPOSITORY,
    RUN,
    SKETCH,
)

RUNNING = replace(RUN, status=Status.RUNNING, conclusion=None, updated_at=BEFORE)


async def test_the_newest_payload_names_a_repository(store: SqlStore) -> None:
    public = replace(REPOSITORY, full_name="acme/new", private=False, updated_at=LATER)
    async with store.begin() as tx:
        await tx.save_repository(REPOSITORY)
        assert await tx.repository(REPO) == REPOSITORY
        await tx.save_repository(public)
        await tx.save_repository(REPOSITORY)
        assert await tx.repository(REPO) == public
        assert await tx.repositories() == [public]
        assert await tx.repository(RepoId(8)) is None


async def test_an_answer_without_installation_or_time_keeps_the_known_ones(
    store: SqlStore,
) -> None:
    answer = replace(REPOSITORY, private=False, installation=None, updated_at=None)
    async with store.begin() as tx:
        await tx.save_repository(REPOSITORY)
        await tx.save_repository(answer)
        # What tells no time may be old, so it can hide a repository and not show it again.
        assert await tx.repository(REPO) == REPOSITORY


async def test_a_name_is_what_was_said_last(store: SqlStore) -> None:
    async with store.begin() as tx:
        assert await tx.ref_kind(REPO, "v1") is None
        await tx.save_ref(REPO, "v1", RefKind.BRANCH)
        await tx.save_ref(REPO, "v1", RefKind.TAG)
        assert await tx.ref_kind(REPO, "v1") is RefKind.TAG
        assert await tx.ref_kind(RepoId(8), "v1") is None
        await tx.forget_ref(REPO, "v1")
        assert await tx.ref_kind(REPO, "v1") is None


async def test_a_lane_has_one_row(store: SqlStore) -> None:
    async with store.begin() as tx:
        lane = await tx.lock_lane(LANE)
        other = await tx.lock_lane(OTHER_LANE)
    async with store.begin() as tx:
        assert await tx.lock_lane(LANE) == lane != other
        assert await tx.lane(lane) == LANE
        assert await tx.lane(LaneId(99)) is None


async def test_a_run_is_kept_whole(store: SqlStore) -> None:
    bare = replace(
        RUN, id=RunId(1), head_branch=None, head_repo=None, status=Status.QUEUED, conclusion=None
    )
    async with store.begin() as tx:
        assert await tx.save_run(RUN)
        assert await tx.save_run(bare)
        assert await tx.run(RUN.id) == RUN
        assert await tx.run(bare.id) == bare
        assert await tx.run(RUN.id, 2) is None


@pytest.mark.parametrize(
    ("late", "news"),
    [
        pytest.param(RUN, False, id="the-same-again"),
        pytest.param(RUNNING, False, id="it-runs-though-it-ended"),
        pytest.param(replace(RUNNING, updated_at=LATER), False, id="running-with-a-later-time"),
        pytest.param(replace(RUN, updated_at=BEFORE), False, id="an-older-end"),
        pytest.param(
            replace(RUN, updated_at=LATER, conclusion=Conclusion.SUCCESS), True, id="a-newer-end"
        ),
    ],
)
async def test_only_news_of_an_attempt_is_kept(store: SqlStore, late: Run, *, news: bool) -> None:
    async with store.begin() as tx:
        assert await tx.save_run(RUNNING)
        assert await tx.save_run(RUN)
        assert await tx.save_run(late) is news
        assert await tx.run(RUN.id) == (late if news else RUN)


async def test_the_newest_attempt_speaks_for_a_run(store: SqlStore) -> None:
    second = replace(RUN, attempt=2, conclusion=Conclusion.SUCCESS)
    async with store.begin() as tx:
        await tx.save_run(second)
        await tx.save_run(RUN)
        assert await tx.run(RUN.id) == second
        assert await tx.run(RUN.id, 1) == RUN


async def test_a_run_keeps_its_first_lane_and_gives_it_to_every_attempt(store: SqlStore) -> None:
    async with store.begin() as tx:
        lane, other = await tx.lock_lane(LANE), await tx.lock_lane(OTHER_LANE)
        await tx.save_run(replace(RUN, attempt=2))
        assert await tx.lane_of_run(RUN.id) is None
        await tx.place_run(RUN.id, lane)
        await tx.place_run(RUN.id, other)
        await tx.save_run(replace(RUN, attempt=1))
        await tx.save_run(replace(RUN, attempt=3))
        await tx.place_run(RUN.id, other)

        assert await tx.lane_of_run(RUN.id) == lane
        assert [run.attempt for run in await tx.runs_of_lane(lane, runs=5)] == [1, 2, 3]
        assert await tx.runs_of_lane(other, runs=5) == []


async def test_a_lane_tells_all_attempts_of_its_newest_runs(store: SqlStore) -> None:
    async with store.begin() as tx:
        lane = await tx.lock_lane(LANE)
        for number, attempt in [(3, 1), (1, 1), (2, 2), (2, 1), (4, 1)]:
            await tx.save_run(replace(RUN, id=RunId(number), number=number, attempt=attempt))
            await tx.place_run(RunId(number), lane)
        found = await tx.runs_of_lane(lane, runs=3)
    assert [run.age_key for run in found] == [(2, 1), (2, 2), (3, 1), (4, 1)]


async def test_runs_wait_for_their_lane_by_name(store: SqlStore) -> None:
    other = replace(RUN, id=RunId(2), head_branch="v1")
    elsewhere = replace(RUN, id=RunId(3), repo=RepoId(8), head_branch="v1")
    async with store.begin() as tx:
        for run in (RUN, other, elsewhere):
            await tx.save_run(run)
        assert await tx.unplaced_runs(REPO, "v1") == [other]
        await tx.place_run(other.id, await tx.lock_lane(LANE))
        assert await tx.unplaced_runs(REPO, "v1") == []


async def test_each_lane_of_a_repository_shows_its_newest_run(store: SqlStore) -> None:
    foreign = replace(LANE, repo=RepoId(8))
    runs = [
        (LANE, replace(RUN, id=RunId(1), number=1, attempt=2)),
        (LANE, replace(RUN, id=RunId(2), number=2, attempt=1)),
        (LANE, replace(RUN, id=RunId(2), number=2, attempt=2)),
        (OTHER_LANE, replace(RUN, id=RunId(3), number=9, head_branch="v1")),
        (foreign, replace(RUN, id=RunId(4), number=9, repo=RepoId(8))),
    ]
    async with store.begin() as tx:
        for lane, run in runs:
            await tx.save_run(run)
            await tx.place_run(run.id, await tx.lock_lane(lane))
        one, two = await tx.lock_lane(LANE), await tx.lock_lane(OTHER_LANE)
        assert await tx.newest_runs(REPO) == [(one, runs[2][1]), (two, runs[3][1])]
        assert await tx.newest_runs(REPO, branch="v1") == [(two, runs[3][1])]
        assert await tx.newest_runs(REPO, branch="gone") == []


async def test_jobs_are_kept_whole_and_never_go_back(store: SqlStore) -> None:
    waiting = replace(
        JOB, status=Status.QUEUED, conclusion=None, steps=(), started_at=None, completed_at=None
    )
    second = replace(JOB, id=JobId(2), attempt=2)
    async with store.begin() as tx:
        await tx.save_job(REPO, waiting)
        assert await tx.jobs(RUN.id, 1) == [waiting]
        await tx.save_job(REPO, JOB)
        await tx.save_job(REPO, waiting)
        await tx.save_job(REPO, second)
        assert await tx.jobs(RUN.id, 1) == [JOB]
        assert await tx.jobs(RUN.id, 2) == [second]


async def test_what_a_delivery_told_of_a_job_outlives_what_was_asked(store: SqlStore) -> None:
    """Only deliveries say where a job deploys to; what was asked for knows nothing of it."""
    asked = replace(JOB, environment="", delivered=False)
    nowhere = replace(JOB, id=JobId(2), environment="")
    async with store.begin() as tx:
        for job in (asked, JOB, asked, nowhere, replace(nowhere, delivered=False)):
            await tx.save_job(REPO, job)
        assert await tx.jobs(RUN.id, 1) == [nowhere, JOB]


async def test_a_job_that_failed_in_a_green_run_is_tolerated(store: SqlStore) -> None:
    green = replace(RUN, id=RunId(1), conclusion=Conclusion.SUCCESS)
    async with store.begin() as tx:
        lane, other = await tx.lock_lane(LANE), await tx.lock_lane(OTHER_LANE)
        for run in (green, RUN):
            await tx.save_run(run)
            await tx.place_run(run.id, lane)
        for id, run, name, conclusion in [
            (1, green, "nightly", Conclusion.FAILURE),
            (2, green, "build", Conclusion.SUCCESS),
            (3, RUN, "test", Conclusion.FAILURE),
        ]:
            job = replace(JOB, id=JobId(id), run=run.id, name=name, conclusion=conclusion)
            await tx.save_job(REPO, job)
        assert await tx.tolerated(lane, ["nightly", "build", "test"]) == {"nightly"}
        assert await tx.tolerated(lane, ["build"]) == frozenset()
        assert await tx.tolerated(lane, []) == frozenset()
        assert await tx.tolerated(other, ["nightly"]) == frozenset()


async def test_a_diagnosis_is_kept_whole_one_a_job(store: SqlStore) -> None:
    unread = replace(FOUND, diagnosis=None)
    async with store.begin() as tx:
        await tx.save_diagnosis(unread)
        assert await tx.diagnoses(RUN.id, 1) == [unread]
        await tx.save_diagnosis(FOUND)
        assert await tx.diagnoses(RUN.id, 1) == [FOUND]
        assert await tx.diagnoses(RUN.id, 2) == []


async def test_fingerprints_of_a_commit_leave_one_attempt_out(store: SqlStore) -> None:
    oom = replace(DIAGNOSIS, cause=Cause.OOM, fingerprint="oom")
    disk = replace(DIAGNOSIS, cause=Cause.DISK_FULL, fingerprint="disk")
    async with store.begin() as tx:
        for found in (
            replace(FOUND, job=1),
            replace(FOUND, job=2, attempt=2, diagnosis=oom),
            replace(FOUND, job=3, run=RunId(9), diagnosis=disk),
            replace(FOUND, job=4, run=RunId(9), diagnosis=None),
            replace(FOUND, job=5, sha="another"),
            replace(FOUND, job=6, repo=RepoId(8)),
        ):
            await tx.save_diagnosis(found)
        seen = await tx.fingerprints_on(REPO, RUN.sha, apart_from=(RUN.id, 1))
        assert seen == {"oom", "disk"}
        seen = await tx.fingerprints_on(REPO, RUN.sha, apart_from=(RUN.id, 2))
        assert seen == {DIAGNOSIS.fingerprint, "disk"}


async def test_the_past_of_a_fingerprint_counts_attempts_and_their_reruns(store: SqlStore) -> None:
    """A matrix that failed alike is one attempt; a re-run that still runs says nothing yet."""
    hit = replace(FOUND, at=NOW)
    async with store.begin() as tx:
        for run, number, attempt, status, conclusion in [
            (1, 41, 1, Status.COMPLETED, Conclusion.FAILURE),
            (1, 41, 2, Status.COMPLETED, Conclusion.SUCCESS),
            (2, 40, 1, Status.COMPLETED, Conclusion.FAILURE),
            (2, 40, 2, Status.COMPLETED, Conclusion.FAILURE),
            (3, 42, 1, Status.COMPLETED, Conclusion.FAILURE),
            (3, 42, 2, Status.RUNNING, None),
        ]:
            id = RunId(run)
            told = replace(RUN, id=id, number=number, attempt=attempt, status=status)
            await tx.save_run(replace(told, conclusion=conclusion))
        for job, run in [(1, 1), (2, 1), (3, 2), (4, 3)]:
            await tx.save_diagnosis(replace(hit, job=job, run=RunId(run)))
        await tx.save_diagnosis(replace(hit, job=5, run=RunId(4), at=BEFORE))
        await tx.save_diagnosis(replace(hit, job=6, run=RunId(5), repo=RepoId(8)))

        past = await tx.history(REPO, DIAGNOSIS.fingerprint, since=NOW)
        assert past == History(attempts=3, first_run=40, rerun=2, passed=1)
        assert await tx.history(REPO, "never", since=BEFORE) == History()


async def test_a_job_has_the_sketch_of_its_last_green_log(store: SqlStore) -> None:
    newer = replace(SKETCH, run=RunId(801), body=b"newer")
    async with store.begin() as tx:
        await tx.save_sketch(SKETCH)
        assert await tx.sketch(SKETCH.lane, "build") == SKETCH
        await tx.save_sketch(newer)
        assert await tx.sketch(SKETCH.lane, "build") == newer
        assert await tx.sketch(SKETCH.lane, "test") is None
        assert await tx.sketch(LaneId(99), "build") is None
