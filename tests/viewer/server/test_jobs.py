import asyncio
import os
import signal
import time

import pytest

from viewer.server.jobtable import DONE, FAILED, QUEUED, RUNNING, Job, JobTable, KeyTaken
from viewer.server.problems import Problem

NAME = {"en": "Wave"}


def order(digest, **scenario):
    return {"digest": digest, **scenario}, digest, NAME


async def test_job_runs_in_a_child_and_its_frames_come_back(jobs_of, ended):
    async with jobs_of() as jobs:
        job = await jobs.submit(*order("a", steps=7))
        assert job.state in (QUEUED, RUNNING)
        job = await ended(jobs, job)
        assert (job.state, job.reason) == (DONE, None)
        channel = jobs.run_of("a").channels["water_depth"]
        assert [one.header.sequence for one in channel.frames] == list(range(1, 8))
        assert channel.grid == {"nx": 40, "ny": 20, "west": -30.0, "south": -20.0, "cell_size": 2.0}
        assert job.public()["progress"] == 1.0


@pytest.mark.parametrize(
    ("how", "limits", "words"),
    [
        ("segfault", {}, "SIGSEGV"),
        ("memory", {"job_memory": 1 << 30}, "more memory than one job may take"),
        ("error", {}, "the rain falls upwards"),
        ("bug", {}, "KeyError"),
        ("exit", {}, "exit code 7"),
        ("disk", {}, "disk is full"),
        ("silence", {"heartbeat_s": 2.0}, "no sign of life for 2 s"),
        ("burn", {"job_cpu_s": 1.0}, "more than 1 s of processor time"),
        ("burn", {"job_wall_s": 5.0}, "longer than 5 s"),
    ],
)
async def test_whatever_a_child_does_the_job_fails_with_a_reason_and_the_next_one_runs(
    jobs_of, ended, how, limits, words
):
    async with jobs_of("crash", **limits) as jobs:
        job = await ended(jobs, await jobs.submit(*order(how, how=how)))
        assert job.state == FAILED
        assert words in job.reason
        jobs.work = "deeds:play"
        assert (await ended(jobs, await jobs.submit(*order("after")))).state == DONE


async def test_a_killed_child_fails_its_job(jobs_of, ended):
    async with jobs_of("deaf") as jobs:
        job = await jobs.submit(*order("k"))
        while not job.progress:
            await asyncio.sleep(0.02)
        os.kill(jobs.runs["k"].process.pid, signal.SIGKILL)
        job = await ended(jobs, job)
        assert job.state == FAILED
        assert "SIGKILL" in job.reason


@pytest.mark.parametrize("deed", ["play", "deaf"])
async def test_cancel_takes_at_most_half_a_second_even_if_the_child_is_deaf(jobs_of, ended, deed):
    async with jobs_of(deed) as jobs:
        job = await jobs.submit(*order("c", steps=1000, pause_s=0.02))
        while not job.progress:
            await asyncio.sleep(0.02)
        process = jobs.runs["c"].process
        began = time.monotonic()
        job = await jobs.cancel(job.id)
        assert time.monotonic() - began < 0.5
        assert job.state == "cancelled"
        assert jobs.run_of("c") is None or jobs.run_of("c").process is None
        del process
        assert (await jobs.get(job.id)).state == "cancelled"
        jobs.work = "deeds:play"
        assert (await ended(jobs, await jobs.submit(*order("c", steps=2)))).state == DONE


async def test_a_waiting_job_is_cancelled_without_a_process(jobs_of, ended):
    async with jobs_of("play", running=1) as jobs:
        first = await jobs.submit(*order("one", steps=20, pause_s=0.05))
        second = await jobs.submit(*order("two"))
        assert (await jobs.cancel(second.id)).state == "cancelled"
        assert (await ended(jobs, first)).state == DONE
        assert not (jobs.results / "two.runs").exists()


async def test_jobs_of_one_digest_share_one_run(jobs_of, ended):
    async with jobs_of() as jobs:
        same = [await jobs.submit(*order("s", steps=20, pause_s=0.05)) for _ in range(4)]
        assert len({job.id for job in same}) == 4
        await jobs.cancel(same[0].id)
        states = [(await ended(jobs, job)).state for job in same]
        assert states == ["cancelled", DONE, DONE, DONE]
        again = await jobs.submit(*order("s"))
        assert again.state == DONE
        assert (jobs.results / "s.runs").read_text() == "run\n"


async def test_same_key_is_the_same_job_and_another_body_is_refused(jobs_of, ended):
    async with jobs_of() as jobs:
        first, second = await asyncio.gather(
            *(jobs.submit(*order("i", pause_s=0.1), key="k1", key_body="body") for _ in range(2))
        )
        assert first.id == second.id
        with pytest.raises(KeyTaken, match="k1"):
            await jobs.submit(*order("other"), key="k1", key_body="another body")
        await ended(jobs, first)
        assert (await jobs.submit(*order("i"), key="k1", key_body="body")).id == first.id
        assert (jobs.results / "i.runs").read_text() == "run\n"


async def test_a_user_may_have_eight_jobs_waiting_and_two_running(jobs_of):
    async with jobs_of() as jobs:
        for number in range(2):
            await jobs.submit(*order(f"run-{number}", steps=1000, pause_s=0.05))
        while len(jobs.runs) < 2:
            await asyncio.sleep(0.02)
        for number in range(8):
            await jobs.submit(*order(f"wait-{number}"))
        with pytest.raises(Problem) as caught:
            await jobs.submit(*order("one-more"))
        assert caught.value.status == 429
        assert caught.value.headers["Retry-After"]
        assert jobs.table.counts()[RUNNING] == 2


async def test_a_full_queue_is_503(jobs_of):
    async with jobs_of(queued=0) as jobs:
        with pytest.raises(Problem) as caught:
            await jobs.submit(*order("x"))
        assert caught.value.status == 503


async def test_progress_comes_at_most_ten_times_a_second(jobs_of, ended):
    async with jobs_of() as jobs:
        told = []
        jobs.watchers.add(lambda job: told.append(job.progress) if job.state == RUNNING else None)
        began = time.monotonic()
        await ended(jobs, await jobs.submit(*order("p", steps=300, pause_s=0.003)))
        assert 2 <= len(told) <= 10 * (time.monotonic() - began) + 3


async def test_jobs_of_a_stopped_server_are_run_by_the_next(jobs_of, ended):
    async with jobs_of() as jobs:
        running = await jobs.submit(*order("r", steps=10_000, pause_s=0.05))
        while not running.progress:
            await asyncio.sleep(0.02)
        waiting = [await jobs.submit(*order(f"w{i}")) for i in range(3)]
    async with jobs_of() as jobs:
        recovered = await jobs.get(running.id)
        assert recovered.state in (QUEUED, RUNNING)
        assert [(await ended(jobs, job)).state for job in waiting] == [DONE] * 3
        await jobs.cancel(running.id)


def test_a_job_that_brought_three_servers_down_is_not_started_again(tmp_path):
    table = JobTable(tmp_path / "jobs.sqlite")
    table.add(Job("j", "local", "d", NAME, {}))
    for _ in range(3):
        assert [job.id for job in table.claim(2)] == ["j"]
        table.recover(tries=3)
    job = table.get("j")
    assert job.state == FAILED
    assert "3 times" in job.reason
    assert table.claim(2) == []


async def test_children_come_from_a_warm_process_without_threads(jobs_of, ended):
    async with jobs_of() as jobs:
        await ended(jobs, await jobs.submit(*order("first")))
        from multiprocessing import forkserver

        parent = forkserver._forkserver._forkserver_pid
        assert len(os.listdir(f"/proc/{parent}/task")) == 1
