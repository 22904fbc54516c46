import asyncio
import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from viewer.server.children import end_warm_process
from viewer.server.jobs import Jobs
from viewer.server.limits import Limits

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _deeds_can_be_imported(monkeypatch):
    """Children import ``deeds`` by name: their module path is that of their parent."""
    monkeypatch.setattr(sys, "path", [str(HERE), *sys.path])


@pytest.fixture(scope="session", autouse=True)
def own_warm_process():
    """End a process to fork from that tests of other rooms left: it was warmed for something else."""
    end_warm_process()


@pytest.fixture
def jobs_of(city, tmp_path):
    """Start the jobs of one server over ``tmp_path``: ``async with jobs_of("play") as jobs``."""

    @contextlib.asynccontextmanager
    async def start(deed="play", **limits):
        def has_result(digest):
            return (tmp_path / "results" / f"{digest}.done").exists()

        jobs = Jobs(city, tmp_path, Limits(**limits), has_result, work=f"deeds:{deed}")
        await jobs.start()
        try:
            yield jobs
        finally:
            await jobs.stop()

    return start


@pytest.fixture
def ended():
    """Wait until a job has ended."""

    async def wait(jobs, job, timeout=30.0):
        async with asyncio.timeout(timeout):
            while (found := await jobs.get(job.id)).state not in ("done", "failed", "cancelled"):
                await asyncio.sleep(0.02)
        return found

    return wait


class Served:
    """A server process and its address."""

    def __init__(self, process, address):
        self.process = process
        self.address = address.rstrip("/")
        self.stream = self.address.replace("http://", "ws://") + "/api/stream"

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=30)


def _start(state, deed, limits):
    command = [sys.executable, str(HERE / "serving.py"), str(state), "0", deed, json.dumps(limits)]
    roots = os.pathsep.join([str(HERE.parents[2]), str(HERE)])
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": roots}, text=True)
    address = process.stdout.readline().strip()
    assert address, "the server did not start"
    return Served(process, address)


def _end(server):
    if server.process.poll() is None:
        server.stop()
    server.process.stdout.close()


@pytest.fixture
def served(tmp_path):
    """Start a server over ``tmp_path``: ``served("play", sockets=3)``."""
    running = []

    def start(deed="engine", **limits):
        running.append(_start(tmp_path, deed, limits))
        return running[-1]

    yield start
    for server in running:
        _end(server)


@pytest.fixture(scope="module")
def dripping(tmp_path_factory):
    """One server with the deed ``drip`` for all tests of a module that leave it as it was."""
    server = _start(tmp_path_factory.mktemp("drip"), "drip", {"sockets": 8})
    yield server
    _end(server)


@pytest.fixture
def scenario():
    """Rain for ten minutes over the hand-drawn city, on cells of 2 m."""

    def make(**changes):
        document = {
            "scenario": 1,
            "name": {"en": "Shower"},
            "cell_size_m": 2.0,
            "period": {"start": "2021-07-15T12:00:00Z", "duration_s": 60, "output_every_s": 10},
            "kernels": ["flood"],
            "forcing": {"rain": {"kind": "block", "intensity_mm_h": 60, "duration_s": 60, "start_s": 0}},
        }
        return document | changes

    return make
