import asyncio
import contextlib
import sys
from pathlib import Path

import pytest

from viewer.server.jobs import Jobs
from viewer.server.limits import Limits

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def _deeds_can_be_imported(monkeypatch):
    """Children import ``deeds`` by name: their module path is that of their parent."""
    monkeypatch.setattr(sys, "path", [str(HERE), *sys.path])


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
