"""Preloaded into the process that children are forked from: everything imported, compiled and read, and no thread."""

import gc
import os
import subprocess
import sys
import traceback
from pathlib import Path

import numpy as np
import xarray as xr

from kernels.contract import collect, run
from kernels.flood.kernel import Flood
from kernels.heat import kernel as heat
from kernels.quantities import attrs
from scenarios.canonical import code_digest
from viewer.cli.heat_run import compile_loops
from viewer.server import work, worker


def _flood_once() -> None:
    """Run a puddle, so that the compiled loops are loaded before the fork."""
    x = np.arange(0.5, 8.0)
    ground = xr.DataArray(np.zeros((8, 8)), {"y": x, "x": x}, ("y", "x"), attrs=attrs("ground_elevation"))
    inside = xr.DataArray(np.full((8, 8), -1, np.int32), ground.coords, ground.dims, attrs=attrs("building_index"))
    rain = xr.DataArray([1e-5, 0.0], {"time": [0.0, 1.0]}, ("time",), attrs=attrs("rainfall_rate"))
    layers = xr.Dataset({"ground_elevation": ground, "building_index": inside})
    collect(run(Flood(threads=1), layers, xr.Dataset({"rainfall_rate": rain}), [1.0]))


def _heat_once() -> None:
    """Load the loops of heat before the fork; where they were never compiled, compile them beside the server.

    Compiling takes the better part of a minute: a storm, which is ready at once, shall not wait for it.
    """
    compiled = Path(heat.__file__).parent / "__pycache__" / f"compiled-{code_digest(heat.__file__)[:16]}"
    if compiled.exists():
        compile_loops(heat.Heat(threads=1))
        return
    words = (
        "import os, sys, pathlib; os.nice(10); from viewer.cli.heat_run import compile_everything as all_of_it; "
        "all_of_it(); pathlib.Path(sys.argv[1]).touch()"
    )
    # by way of a process that ends at once: the one that children are forked from must have no other child to wait for
    leave = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', *sys.argv[1:]])"
    command = [sys.executable, "-c", leave, words, str(compiled)]
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _warm() -> None:
    path = os.environ.get(worker.CITY_VARIABLE)
    if path:
        city = worker.keep_city(Path(path))
        work.prepare(city, cell_sizes=(4.0, 2.0))
    _flood_once()
    if os.environ.get(worker.HEAT_VARIABLE):
        _heat_once()
    gc.collect()
    gc.freeze()  # the forked children share these pages and leave them alone


try:
    _warm()
except Exception:
    traceback.print_exc()  # a cold start is slower, not wrong: every child can do all this itself
