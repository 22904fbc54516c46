"""The real square kilometre, its ground points as terrain: a cloudburst at 2 m, a day of 58.9 mm at 4 m; prints."""

import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "scenarios"))
from real_storms import STORMS, real_city, real_storm
from triad import triad_bandwidth

from scenarios.engine import simulate
from twin.store import Store

pytestmark = [pytest.mark.bench, pytest.mark.data]


@pytest.fixture(scope="module")
def city(reference_data):
    return real_city(reference_data)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("storm", STORMS)
@pytest.mark.parametrize(("precision", "bar"), [("f32", 1e-6), ("f64", 1e-12)])
def test_a_storm_on_the_real_square_kilometre(city, tmp_path, storm, precision, bar):
    bandwidth = triad_bandwidth(2)
    began = time.perf_counter()
    # a day has some 300,000 steps at 2 m, in which basins stand full
    size = 4.0 if "day" in storm else 2.0
    result = simulate(city, real_storm(storm, size, precision=precision), store=Store(tmp_path))
    spent = time.perf_counter() - began
    closure, grid = result.manifest["closure"]["flood"], result.manifest["grid"]
    cells, steps = grid["rows"] * grid["columns"], closure["remarks"]["steps"]
    ledger = ", ".join(f"{name.removeprefix('volume_')} {value:,.0f}" for name, value in closure["ledger"].items())
    print(
        f"\n{storm}, fv2 {precision}, {cells / 1e6:.2f} M cells of {size:g} m: {spent:.0f} s, {steps} steps, "
        f"{cells * steps / spent / 1e6:.0f} million cell-steps/s; triad {bandwidth:.1f} GB/s; mass error "
        f"{closure['error']:.1e} (bar {bar:g}); m3: {ledger}"
    )
    assert closure["error"] <= bar
