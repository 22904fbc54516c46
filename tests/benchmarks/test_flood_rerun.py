"""A warm rerun after a local edit against the whole run: time and what was computed; prints."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest

from kernels.contract import run
from kernels.flood.kernel import Flood
from kernels.flood.recording import Recording, record
from kernels.flood.rerun import rerun
from kernels.quantities import attrs

sys.path.insert(0, str(Path(__file__).parent))
from flood_square import built_up_square, cloudburst
from triad import triad_bandwidth

pytestmark = pytest.mark.bench


def _drain(frames):
    while True:
        try:
            frame = next(frames)
        except StopIteration as end:
            return frame, end.value


@pytest.mark.parametrize("scheme", ["fv1", "fv2"])
@pytest.mark.parametrize("size", [500, 1000])
def test_a_wall_of_thirty_metres(tmp_path, scheme, size):
    """20 min of 60 mm/h and soil on a square of 1 or 4 km²; the wall stands across a slope in its middle."""
    layers = built_up_square(size)
    forcing = cloudburst(60 / 3.6e6, 600.0)
    kernel = Flood(scheme=scheme, soil="green_ampt", threads=2, max_step=0.5)
    _drain(record(kernel, layers, forcing, [1200.0], tmp_path / "r"))
    crest = np.full((size, size + 1), np.nan)
    middle = size // 2
    rows = slice(middle - 10, middle + 5)
    crest[rows, middle + 10] = layers["ground_elevation"].values[rows, middle + 10] + 1.0
    edited = layers.assign(wall_crest_x=(("y", "x_face"), crest, attrs("wall_crest_x")))
    _drain(rerun(kernel, edited, forcing, [1200.0], tmp_path / "r"))  # loads the loops
    bandwidth = triad_bandwidth(2)
    began = time.perf_counter()
    cold, _ = _drain(run(kernel, edited, forcing, Recording(tmp_path / "r").times[1:]))
    between = time.perf_counter()
    warm, end = _drain(rerun(kernel, edited, forcing, [1200.0], tmp_path / "r"))
    spent = time.perf_counter() - between
    apart = float(abs(warm.water_depth - cold.water_depth).max())
    print(
        f"\n{scheme}, {size * size / 1e6:.2f} M cells: cold {between - began:.1f} s, warm {spent:.2f} s, "
        f"ratio {spent / (between - began):.1%} (aim 15 %); computed {end.closure.remarks['computed_share']:.1%}; "
        f"apart {apart:.1e} m (bar 1e-4); triad {bandwidth:.1f} GB/s"
    )
