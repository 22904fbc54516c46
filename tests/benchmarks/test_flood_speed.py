"""Speed and memory of the flood kernel on a built-up square under a cloudburst; prints, and asserts only memory."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kernels.flood.kernel import Flood

sys.path.insert(0, str(Path(__file__).parent))
from flood_square import built_up_square, cloudburst, with_sewer, without_soil
from triad import triad_bandwidth

pytestmark = pytest.mark.bench

SIZE = 1000


@pytest.fixture(scope="module")
def square():
    return built_up_square(SIZE)


@pytest.mark.parametrize(("scheme", "aim"), [("fv1", 140), ("fv2", 45), ("inertia", 400)])
@pytest.mark.parametrize("parts", ["rain only", "rain, soil, hollows and inlets"])
def test_million_cell_steps_per_second(square, scheme, aim, parts):
    bare = parts == "rain only"
    layers = without_soil(square) if bare else with_sewer(square)
    kernel = Flood(scheme=scheme, precision="f32", threads=2, soil="none" if bare else "green_ampt")
    state = kernel.prepare(layers, cloudburst())
    kernel.advance(state, 600.0)
    speeds, bandwidths, busy = [], [], []
    for _ in range(5):
        bandwidths.append(triad_bandwidth(2))
        steps, spent, used = state.steps, state.compute_s, time.process_time()
        kernel.advance(state, state.time + (10.0 if scheme == "fv2" else 20.0))
        done = SIZE * SIZE * (state.steps - steps) / 1e6
        speeds.append(done / (state.compute_s - spent))
        busy.append(2 * done / (time.process_time() - used))
    speed, bandwidth = max(speeds), max(bandwidths)
    print(
        f"\n{scheme} f32, 2 threads, {parts}: best {speed:.1f}, median {np.median(speeds):.1f} million cell-steps/s "
        f"(aim {aim}); by processor time {max(busy):.1f}; triad {bandwidth:.1f} GB/s; "
        f"{speed / bandwidth:.2f} million cell-steps per GB; mass error {kernel.closure(state).error:.1e}"
    )


def test_sixteen_square_kilometres_by_local_inertia():
    """4 million cells of 2 m, an hour of 40 mm and an hour after it; the aim is 10 minutes."""
    layers = without_soil(built_up_square(2000))
    kernel = Flood(scheme="inertia", precision="f32", threads=2)
    bandwidth = triad_bandwidth(2)
    began = time.perf_counter()
    state = kernel.prepare(layers, cloudburst(40 / 3.6e6, 3600.0))
    prepared = time.perf_counter() - began
    kernel.advance(state, 7200.0)
    spent = time.perf_counter() - began
    closure = kernel.closure(state)
    print(
        f"\ninertia f32, 4 M cells, 1 h storm + 1 h: {spent:.0f} s (aim 600), {prepared:.1f} s of it to prepare; "
        f"{state.steps} steps, {4 * state.steps / state.compute_s:.0f} million cell-steps/s; triad {bandwidth:.1f} "
        f"GB/s; mass error {closure.error:.1e}; too fast for it: {closure.remarks['fast_share']:.2%} of wet cells"
    )


@pytest.mark.parametrize("scheme", ["fv1", "fv2", "inertia"])
def test_bytes_per_cell(square, scheme):
    state = Flood(scheme=scheme, threads=1, soil="green_ampt").prepare(square, cloudburst())
    grids = [*state.water, *state.ground, *state.peaks, state.tops, state.fast]
    grids += [part for part in state.spare if not any(part is one for one in state.water)]
    for part in state.parts:
        grids += [one for one in vars(part).values() if isinstance(one, np.ndarray)]
    per_cell = sum(array.nbytes for array in grids if array is not None) / SIZE**2
    print(f"\nflood {scheme} f32 with soil, hollows and durations: {per_cell:.2f} bytes per cell (limit 80)")
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
