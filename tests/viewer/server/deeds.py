"""What test jobs do in their child process: called like ``viewer.server.work.simulate``, by name."""

import ctypes
import errno
import os
import time
from pathlib import Path

import numpy as np
import xarray as xr

SIZE = 40


def field_at(step):
    """A wave that runs east; some cells are missing."""
    x = np.arange(SIZE)
    depth = np.maximum(np.sin(x / 5.0 - step / 3.0), 0.0)[None, :].repeat(SIZE // 2, axis=0).astype(np.float32)
    depth[3:6, 4:9] = np.nan
    return depth


def frame_at(step):
    coords = {"y": 172_001.0 + 2 * np.arange(SIZE // 2), "x": 149_001.0 + 2 * np.arange(SIZE), "time": float(step)}
    depth = xr.DataArray(field_at(step), dims=("y", "x"))
    return xr.Dataset({"water_depth": depth}, coords)


def _mark(results: Path, digest: str) -> None:
    results.mkdir(parents=True, exist_ok=True)
    with (results / f"{digest}.runs").open("a") as file:
        file.write("run\n")


def play(city, scenario, *, results, on_frame, on_progress, cancelled):
    """``steps`` frames, one every ``pause_s``; obeys the cancel flag."""
    _mark(results, scenario["digest"])
    steps = scenario.get("steps", 5)
    for step in range(1, steps + 1):
        if cancelled():
            raise RuntimeError("cancelled")
        time.sleep(scenario.get("pause_s", 0.0))
        on_frame("flood", frame_at(step))
        on_progress(step / steps, f"step {step}")
    (results / f"{scenario['digest']}.done").touch()


def deaf(city, scenario, *, results, on_frame, on_progress, cancelled):
    """Never looks at the cancel flag."""
    on_progress(0.1, "deaf")
    end = time.monotonic() + 60
    while time.monotonic() < end:
        sum(range(1000))


def crash(city, scenario, *, results, on_frame, on_progress, cancelled):
    """Ends as the scenario's ``how`` says."""
    match scenario["how"]:
        case "segfault":
            ctypes.string_at(0)
        case "memory":
            hoard = [np.ones(1 << 24) for _ in range(1000)]
            raise AssertionError(len(hoard))
        case "error":
            raise ValueError("the rain falls upwards in 'forcing'; turn it round")
        case "bug":
            raise KeyError("oops")
        case "exit":
            os._exit(7)
        case "disk":
            try:
                raise OSError(errno.ENOSPC, "No space left on device")
            except OSError as error:
                raise RuntimeError("could not write") from error
        case "silence":
            os.kill(os.getpid(), 19)  # SIGSTOP: no beat any more
            time.sleep(60)
        case "burn":
            while True:
                sum(range(10_000))


def drip(city, scenario, *, results, on_frame, on_progress, cancelled):
    """Noise that moves, for a real document: a frame every ``seed`` milliseconds; model time is the clock - 1e10."""
    from kernels.quantities import attrs

    period = scenario["period"]
    steps = round(period["duration_s"] / period["output_every_s"])
    rng = np.random.default_rng(scenario["seed"])
    noise = rng.uniform(0, 0.5, (300, 300)).astype(np.float32)
    coords = {"y": np.arange(300.0), "x": np.arange(300.0)}
    for step in range(1, steps + 1):
        time.sleep(scenario["seed"] / 1000)
        depth = xr.DataArray(np.roll(noise, 17 * step, axis=1), dims=("y", "x"), attrs=attrs("water_depth"))
        now = time.time() - 1e10 if step < steps else period["duration_s"]
        on_frame("flood", xr.Dataset({"water_depth": depth}, coords | {"time": now}))
        on_progress(step / steps, f"step {step}")


def cramped(city, scenario, *, results, on_frame, on_progress, cancelled):
    """The real engine where no file may grow beyond 2 kB: the disk is full in the middle of the run."""
    import resource

    from viewer.server.work import simulate

    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))
    return simulate(city, scenario, results=results, on_frame=on_frame, on_progress=on_progress, cancelled=cancelled)
