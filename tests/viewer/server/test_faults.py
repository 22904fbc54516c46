import asyncio
import contextlib
import json
import socket
import sqlite3
import time

import httpx
import psutil
import pytest
import websockets

from viewer.server.jobtable import DONE, FAILED
from viewer.server.run import ServeError, listen


def documents(scenario, count):
    return [
        scenario(forcing={"rain": {"kind": "block", "intensity_mm_h": 10 + i, "duration_s": 60}}) for i in range(count)
    ]


async def end_of(http, job, timeout=60):
    async with asyncio.timeout(timeout):
        while (found := (await http.get(f"/api/jobs/{job['id']}")).json())["state"] in ("queued", "running"):
            await asyncio.sleep(0.1)
    return found


async def test_killed_in_the_middle_every_accepted_job_ends_within_a_minute_of_the_restart(served, scenario):
    server = served("engine")
    wanted = documents(scenario, 5)
    async with httpx.AsyncClient(base_url=server.address, timeout=30) as http:
        jobs = [
            (await http.post("/api/jobs", json=one, headers={"Idempotency-Key": f"key-{i}"})).json()
            for i, one in enumerate(wanted)
        ]
    children = psutil.Process(server.process.pid).children(recursive=True)
    server.kill()
    server = served("engine")
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=server.address, timeout=30) as http:
        ends = [await end_of(http, job) for job in jobs]
        assert time.monotonic() - began < 60
        assert [one["state"] for one in ends] == ["done"] * 5
        again = [
            (await http.post("/api/jobs", json=one, headers={"Idempotency-Key": f"key-{i}"})).json()
            for i, one in enumerate(wanted)
        ]
        assert [one["id"] for one in again] == [one["id"] for one in jobs]
        assert len((await http.get("/api/jobs")).json()) == 5
    _, alive = psutil.wait_procs(children, timeout=5)
    assert not alive


async def test_a_full_disk_in_the_middle_of_a_run_fails_the_job_and_keeps_nothing(served, scenario, tmp_path):
    server = served("cramped")
    async with httpx.AsyncClient(base_url=server.address, timeout=30) as http:
        job = (await http.post("/api/jobs", json=scenario())).json()
        end = await end_of(http, job)
        assert end["state"] == "failed"
        assert "disk is full" in end["reason"]
        assert (await http.get("/api/health")).json()["status"] == "ok"
        assert (await http.get(f"/api/results/{job['digest']}")).status_code == 404
    kept = [path for path in (tmp_path / "results").rglob("*") if path.is_file() and path.name != ".lock"]
    assert kept == []
    assert server.stop() == 0
    server = served("engine")
    async with httpx.AsyncClient(base_url=server.address, timeout=30) as http:
        job = (await http.post("/api/jobs", json=scenario())).json()
        assert (await end_of(http, job))["state"] == "done"


async def test_a_full_disk_under_the_job_table_refuses_new_jobs_and_loses_no_old_one(jobs_of, ended):
    """SQLite reports a full disk like a file that may not grow: ``max_page_count``."""
    async with jobs_of() as jobs:
        running = await jobs.submit({"digest": "a", "steps": 40, "pause_s": 0.05}, "a", {"en": "A"})
        pages = jobs.table._rows("PRAGMA page_count")[0][0]
        jobs.table._rows(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(sqlite3.OperationalError, match="full"):
            await jobs.submit({"digest": "b", "padding": "x" * 50_000}, "b", {"en": "B"})
        jobs.table._rows("PRAGMA max_page_count = 1000000")
        jobs._wake.set()
        assert (await ended(jobs, running)).state == DONE
        more = await jobs.submit({"digest": "c"}, "c", {"en": "C"})
        assert (await ended(jobs, more)).state == DONE


async def test_an_end_that_cannot_be_written_now_is_written_later(jobs_of, ended, monkeypatch):
    async with jobs_of("crash") as jobs:
        write, broken = jobs.table.end, [True]

        def end(*values):
            if broken[0]:
                raise sqlite3.OperationalError("database or disk is full")
            return write(*values)

        monkeypatch.setattr(jobs.table, "end", end)
        job = await jobs.submit({"digest": "a", "how": "exit"}, "a", {"en": "A"})
        assert (await ended(jobs, job)).state == FAILED
        assert jobs.table.get(job.id).state == "running"
        broken[0] = False
        async with asyncio.timeout(10):
            while jobs.table.get(job.id).state != FAILED:
                await asyncio.sleep(0.05)


async def test_the_server_stops_within_five_seconds_with_open_sockets_and_a_running_job(served, scenario):
    server = served("deaf")
    async with httpx.AsyncClient(base_url=server.address, timeout=30) as http:
        job = (await http.post("/api/jobs", json=scenario())).json()
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(4):
                stream = await stack.enter_async_context(websockets.connect(server.stream))
                await stream.send(json.dumps({"op": "subscribe", "job": job["id"], "field": "water_depth"}))
            began = time.monotonic()
            code = await asyncio.to_thread(server.stop)
            assert time.monotonic() - began < 5
            assert code == 0


def test_only_this_machine_is_served_without_a_login():
    with pytest.raises(ServeError, match="ssh -L"):
        listen("0.0.0.0", 8000)


def test_a_taken_port_is_said_with_its_remedy():
    with contextlib.closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServeError, match=f"port {port} is taken.*--port"):
            listen("127.0.0.1", port)
