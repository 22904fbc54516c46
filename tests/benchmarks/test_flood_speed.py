"""Speed and memory of the flood kernel on a built-up square under a cloudburst; prints, and asserts only memory."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from kernels.flood.kernel import Flood
from kernels.quantities import attrs

sys.path.insert(0, str(Path(__file__).parent))
from triad import triad_bandwidth

pytestmark = pytest.mark.bench

SIZE, CELL = 1000, 2.0
RAIN = 100 / 3.6e6


def _built_up_square() -> xr.Dataset:
    """2 km by 2 km of gentle hills with 1600 buildings and two kinds of ground, drawn by a fixed seed."""
    rng = np.random.default_rng(1)
    x = (np.arange(SIZE) + 0.5) * CELL
    X, Y = np.meshgrid(x, x)
    bed = 20 + 8 * np.sin(X / 500) * np.cos(Y / 700) + 0.01 * X + 0.1 * np.sin(X / 9) * np.sin(Y / 11)
    building = np.full(bed.shape, -1, np.int32)
    corners = [(row, column) for row in range(4, SIZE - 16, 25) for column in range(4, SIZE - 16, 25)]
    for number, (row, column) in enumerate(corners):
        height, width = rng.integers(6, 14, 2)
        building[row : row + height, column : column + width] = number
    manning = np.where(rng.random(bed.shape) < 0.5, 0.03, 0.015)
    fields = {"ground_elevation": bed, "building_index": building, "manning_roughness": manning}
    return xr.Dataset(
        {name: (("y", "x"), values, attrs(name)) for name, values in fields.items()}, coords={"x": x, "y": x}
    )


@pytest.mark.parametrize(("scheme", "mark", "aim"), [("fv1", 70, 140), ("fv2", 20, 45)])
def test_million_cell_steps_per_second(scheme, mark, aim):
    rain = xr.Dataset({"rainfall_rate": (("time",), np.array([RAIN]), attrs("rainfall_rate"))}, {"time": [0.0]})
    kernel = Flood(scheme=scheme, precision="f32", threads=2)
    state = kernel.prepare(_built_up_square(), rain)
    kernel.advance(state, 60.0)
    speeds, bandwidths, busy = [], [], []
    for _ in range(5):
        bandwidths.append(triad_bandwidth(2))
        steps, spent, used = state.steps, state.compute_s, time.process_time()
        kernel.advance(state, state.time + (20.0 if scheme == "fv1" else 10.0))
        done = SIZE * SIZE * (state.steps - steps) / 1e6
        speeds.append(done / (state.compute_s - spent))
        busy.append(2 * done / (time.process_time() - used))
    speed, bandwidth = max(speeds), max(bandwidths)
    print(
        f"\n{scheme} f32, 2 threads, rain on: best {speed:.1f}, median {np.median(speeds):.1f} million cell-steps/s "
        f"(first mark {mark}, aim {aim}); by processor time {max(busy):.1f}; triad {bandwidth:.1f} GB/s; "
        f"{speed / bandwidth:.2f} million cell-steps per GB"
    )


def test_bytes_per_cell():
    state = Flood(threads=1).prepare(_built_up_square(), xr.Dataset())
    arrays = (*state.water, *state.spare, *state.ground, *state.peaks, state.smooth, state.hole, state.speeds[0])
    per_cell = sum(array.nbytes for array in arrays) / SIZE**2
    print(f"\nflood f32: {per_cell:.1f} bytes per cell (limit 80)")
    assert per_cell <= 80


def test_cold_compile(tmp_path):
    code = (
        "import time; from viewer.cli.warmup import compile_flood; t = time.perf_counter(); "
        "compile_flood('f32'); print(time.perf_counter() - t)"
    )
    root = Path(__file__).parents[2]
    found = [
        float(
            subprocess.run(
                [sys.executable, "-c", code],
                cwd=root,
                env={"NUMBA_CACHE_DIR": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(root)},
                capture_output=True,
                check=True,
                text=True,
            ).stdout
        )
        for _ in range(2)
    ]
    print(f"\nflood f32: {found[0]:.1f} s to compile, {found[1]:.2f} s to load from the cache (limit 20)")
