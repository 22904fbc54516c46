"""Runs jobs, each in its own child process, and tells whoever watches."""

import asyncio
import json
import logging
import secrets
import signal
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from twin.city import City
from viewer.server.channel import Channel
from viewer.server.children import Ending, Run, follow, keep_pickle, warm_up
from viewer.server.fields import STREAMED
from viewer.server.jobtable import CANCELLED, DONE, ENDED, FAILED, QUEUED, Job, JobTable
from viewer.server.limits import Limits
from viewer.server.problems import Problem
from viewer.server.worker import FRAME, Order

SIMULATE = "viewer.server.work:simulate"
_TERM_S, _KILL_S = 0.15, 0.3
"""After the flag is raised, a cancelled child has this long until TERM, and until KILL. [s]"""
_REMEMBERED = 16
"""Ended runs whose frames stay at hand."""
_log = logging.getLogger("bxl_twin.jobs")


class Jobs:
    """All jobs of one server.

    Parameters
    ----------
    city : City
    state : Path
        Folder with the job table, the cities' pickles and the results.
    limits : Limits
    has_result : callable
        Whether the result of a digest is in the store.
    work : str
        ``module:function`` called in the child like `viewer.server.work.simulate`.
    """

    def __init__(
        self,
        city: City,
        state: Path,
        limits: Limits,
        has_result: Callable[[str], bool],
        work: str = SIMULATE,
    ) -> None:
        self.city = city
        self.limits = limits
        self.results = state / "results"
        self.has_result = has_result
        self.work = work
        self.table = JobTable(state / "jobs.sqlite")
        self.pickle = keep_pickle(city, state / "pickles")
        self.runs: dict[str, Run] = {}
        self.past: OrderedDict[str, Run] = OrderedDict()
        self.live: dict[str, Job] = {}
        self.watchers: set[Callable[[Job], None]] = set()
        self.frame_watchers: set[Callable[[Run], None]] = set()
        self._unwritten: dict[str, Job] = {}
        self._numbers = 0
        self._lock = asyncio.Lock()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    # --- from start to stop ---------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up what an earlier server left, and begin to run jobs."""
        self._loop = asyncio.get_running_loop()
        for job in await asyncio.to_thread(self.table.recover, self.limits.tries):
            _log.warning("job %s waits again: the server stopped while it ran", job.id)
        await asyncio.to_thread(warm_up, self.pickle)
        self._keep(self._dispatch())

    async def stop(self) -> None:
        """Kill the children; their jobs wait in the table for the next server."""
        for task in self._tasks:
            task.cancel()
        for run in self.runs.values():
            run.stopping = True
            run.signal(signal.SIGKILL)
        self.watchers.clear()
        self.frame_watchers.clear()
        await asyncio.to_thread(self.table.close)

    def _keep(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # --- what routes ask ------------------------------------------------------------------------------------

    async def submit(
        self,
        scenario: dict[str, Any],
        digest: str,
        name: dict[str, str],
        *,
        user: str = "local",
        key: str | None = None,
        key_body: str | None = None,
    ) -> Job:
        """Accept a job; its row is on disk when this returns.

        Raises
        ------
        Problem
            429 where the user has too many waiting, 503 where the queue is full.
        viewer.server.jobtable.KeyTaken
            The Idempotency-Key came with another body.
        sqlite3.Error
            The row cannot be written.
        """
        async with self._lock:
            known = await asyncio.to_thread(self.table.by_key, user, key, key_body)
            if known is not None:
                return self.live.get(known.id, known)
            job = Job(secrets.token_urlsafe(12), user, digest, name, scenario)
            if await asyncio.to_thread(self.has_result, digest):
                job.state = DONE
                return await asyncio.to_thread(lambda: self.table.add(job, key=key, key_body=key_body))
            await self._make_room(user)
            job = await asyncio.to_thread(lambda: self.table.add(job, key=key, key_body=key_body))
            self.live[job.id] = job
            run = self.runs.get(digest)
            if run is not None and not run.stopping:
                for joined in await asyncio.to_thread(self.table.join, digest):
                    self._join(run, joined)
            self._wake.set()
            return self.live[job.id]

    async def _make_room(self, user: str) -> None:
        mine = (await asyncio.to_thread(self.table.counts, user))[QUEUED]
        if mine >= self.limits.queued_per_user:
            detail = f"{mine} of your jobs wait already and {self.limits.queued_per_user} may; wait or cancel one"
            raise Problem(429, "too-many-jobs", detail, headers={"Retry-After": "5"})
        everyone = (await asyncio.to_thread(self.table.counts))[QUEUED]
        if everyone >= self.limits.queued:
            detail = f"{everyone} jobs wait and {self.limits.queued} may; try again later"
            raise Problem(503, "queue-full", detail, headers={"Retry-After": "30"})

    def _join(self, run: Run, job: Job) -> None:
        """Let a job take part in a run, with the progress it has."""
        known = self.live.setdefault(job.id, job)
        known.state, known.started, known.tries = job.state, job.started, job.tries
        job = known
        for other in run.jobs.values():
            job.progress, job.words, job.indicators = other.progress, other.words, other.indicators
            break
        run.jobs[job.id] = job
        self._tell(job)

    async def get(self, name: str) -> Job | None:
        """One job."""
        return self.live.get(name) or self._unwritten.get(name) or await asyncio.to_thread(self.table.get, name)

    async def latest(self) -> list[Job]:
        """The newest jobs, newest first."""
        rows = await asyncio.to_thread(self.table.latest)
        return [self.live.get(job.id) or self._unwritten.get(job.id) or job for job in rows]

    async def cancel(self, name: str) -> Job | None:
        """End a job; the child goes with the last job that waits for it. Returns the job, None if unknown."""
        async with self._lock:
            job = await self.get(name)
            if job is None or job.state in ENDED:
                return job
            run = self.runs.get(job.digest)
            if run is not None and name in run.jobs:
                del run.jobs[name]
                if not run.jobs:
                    self._stop(run)
            await self._end([job], CANCELLED, "cancelled by its user")
        if run is not None and run.stopping:
            await run.ended.wait()
        return job

    def _stop(self, run: Run) -> None:
        run.stopping = True
        loop = asyncio.get_running_loop()
        with suppress(OSError, AttributeError, ValueError):
            if run.line is not None:
                run.line.send_bytes(b"cancel")
        loop.call_later(_TERM_S, run.signal, signal.SIGTERM)
        loop.call_later(_KILL_S, run.signal, signal.SIGKILL)

    def run_of(self, digest: str) -> Run | None:
        """The run of a digest, going on or lately ended."""
        return self.runs.get(digest) or self.past.get(digest)

    # --- running --------------------------------------------------------------------------------------------

    async def _dispatch(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._write_late()
                await self._start_more()
                pause = None
            except sqlite3.Error as error:  # a full disk: jobs wait until there is room again
                _log.error("the job table cannot be written: %s", error)
                pause = 1.0
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), 1.0 if self._unwritten else pause)

    async def _start_more(self) -> None:
        while len(self.runs) < self.limits.running and not any(run.stopping for run in self.runs.values()):
            async with self._lock:
                claimed = await asyncio.to_thread(self.table.claim, self.limits.running_per_user)
                if not claimed:
                    return
                self._begin(claimed)

    def _begin(self, claimed: list[Job]) -> None:
        first = claimed[0]
        self._numbers += 1
        order = Order(
            digest=first.digest,
            scenario=first.scenario,
            city=self.pickle,
            city_digest=self.city.digest,
            results=self.results,
            work=self.work,
            streams={name: 16 * self._numbers + i for i, name in enumerate(STREAMED)},
            memory=self.limits.job_memory or int(0.8 * psutil.virtual_memory().total),
            cpu_s=self.limits.job_cpu_s,
        )
        run = Run(order, {})
        self.runs[first.digest] = run
        for job in claimed:
            self._join(run, job)
        threading.Thread(target=self._attend, args=(run,), name=f"run-{first.digest[:8]}", daemon=True).start()

    def _attend(self, run: Run) -> None:
        """Thread of one run: start the child, listen to it, tell how it ended."""
        ending = None
        for method in ("forkserver", "spawn"):
            ending = follow(run, method, self.limits, self._hear)
            if ending is not None:
                break
            _log.warning("run %s: the process did not start by %s", run.digest[:12], method)
        if ending is None:
            ending = FAILED, f"its process did not start within {self.limits.start_s:g} s; the machine may be too busy"
        self._in_loop(self._conclude, run, *ending)

    def _in_loop(self, function: Callable[..., Any], *values: Any) -> None:
        assert self._loop is not None
        with suppress(RuntimeError):  # the server stopped meanwhile
            self._loop.call_soon_threadsafe(function, *values)

    def _hear(self, run: Run, message: bytes) -> Ending | None:
        """Take in one message of a child; returns the end if it was the last."""
        if message[:1] == FRAME:
            length = message[1]
            self._in_loop(self._on_frame, run, message[2 : 2 + length].decode(), message[2 + length :])
            return None
        words = json.loads(message[1:])
        match words["say"]:
            case "done":
                return DONE, None
            case "cancelled":
                return CANCELLED, "cancelled by its user"
            case "failed":
                return FAILED, str(words["reason"])
            case "field" | "progress" | "indicators":
                self._in_loop(self._on_words, run, words)
        return None

    # --- in the loop's thread -------------------------------------------------------------------------------

    def _on_frame(self, run: Run, name: str, frame: bytes) -> None:
        run.channels[name].push(frame)
        for watcher in list(self.frame_watchers):
            watcher(run)

    def _on_words(self, run: Run, words: dict[str, Any]) -> None:
        if words["say"] == "field":
            name = words["field"]
            stream = run.order.streams[name]
            run.channels[name] = Channel(name, words["units"], stream, words["grid"], words["links"])
            return
        for job in run.jobs.values():
            if words["say"] == "progress":
                job.progress, job.words = words["progress"], words["words"]
            else:
                job.indicators = words["indicators"]
            self._tell(job)

    def _tell(self, job: Job) -> None:
        for watcher in list(self.watchers):
            watcher(job)

    def _conclude(self, run: Run, state: str, reason: str | None) -> None:
        self._keep(self._concluded(run, state, reason))

    async def _concluded(self, run: Run, state: str, reason: str | None) -> None:
        async with self._lock:
            run.state = state
            self.runs.pop(run.digest, None)
            if run.channels:
                self.past[run.digest] = run
                while len(self.past) > _REMEMBERED:
                    self.past.popitem(last=False)
            await self._end(list(run.jobs.values()), state, reason)
            run.ended.set()
            self._wake.set()

    async def _end(self, jobs: list[Job], state: str, reason: str | None) -> None:
        """End jobs in memory, then on disk; what the disk does not take now is written later."""
        for job in jobs:
            job.state, job.reason, job.ended = state, reason, time.time()
            self.live.pop(job.id, None)
            self._unwritten[job.id] = job
        with suppress(sqlite3.Error):
            await self._write_late()
        for job in jobs:
            self._tell(job)

    async def _write_late(self) -> None:
        for job in list(self._unwritten.values()):
            await asyncio.to_thread(self.table.end, [job.id], job.state, job.reason)
            self._unwritten.pop(job.id, None)
