"""Preloaded into the process that children are forked from: everything imported, compiled and read, and no thread."""

import gc
import os
import traceback
from pathlib import Path

import numpy as np
import xarray as xr

from kernels.contract import collect, run
from kernels.flood.kernel import Flood
from kernels.quantities import attrs
from viewer.server import work, worker


def _flood_once() -> None:
    """Run a puddle, so that the compiled loops are loaded before the fork."""
    x = np.arange(0.5, 8.0)
    ground = xr.DataArray(np.zeros((8, 8)), {"y": x, "x": x}, ("y", "x"), attrs=attrs("ground_elevation"))
    inside = xr.DataArray(np.full((8, 8), -1, np.int32), ground.coords, ground.dims, attrs=attrs("building_index"))
    rain = xr.DataArray([1e-5, 0.0], {"time": [0.0, 1.0]}, ("time",), attrs=attrs("rainfall_rate"))
    layers = xr.Dataset({"ground_elevation": ground, "building_index": inside})
    collect(run(Flood(threads=1), layers, xr.Dataset({"rainfall_rate": rain}), [1.0]))


def _warm() -> None:
    path = os.environ.get(worker.CITY_VARIABLE)
    if path:
        city = worker.keep_city(Path(path))
        work.prepare(city, cell_sizes=(4.0, 2.0))
    _flood_once()
    gc.collect()
    gc.freeze()  # the forked children share these pages and leave them alone


try:
    _warm()
except Exception:
    traceback.print_exc()  # a cold start is slower, not wrong: every child can do all this itself
