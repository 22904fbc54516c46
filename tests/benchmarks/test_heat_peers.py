"""How fast other programs look at the same city: umep and solweig from the registry, by their public calls alone."""

import contextlib
import importlib
import io
import sys
import tempfile
import time
import warnings
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from kernels.crew import Crew
from kernels.heat.kernel import Heat
from kernels.heat.masks import Masks
from kernels.heat.patches import PATCHES
from kernels.heat.scene import Scene

sys.path.insert(0, str(Path(__file__).parent))
from heat_city import CELL, LATITUDE, LONGITUDE, city, hot_day, rasters

pytestmark = [pytest.mark.bench, pytest.mark.filterwarnings("ignore")]
SIZE = 500


def peer(name):
    """A program of the group ``peers``, or a loud skip."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"PEER ABSENT: {name} ({error}); uv sync --group peers brings it")


@pytest.fixture(autouse=True)
def quiet():
    """Progress bars of others kept out of the figures."""
    with contextlib.redirect_stderr(io.StringIO()):
        yield


@pytest.fixture(scope="module")
def drawn():
    return rasters(SIZE)


@pytest.fixture(scope="module")
def ours(drawn):
    """Million cells times directions in a second, of our 153 masks with crowns, on 2 threads."""
    crew = Crew(2)
    best = 0.0
    for _ in range(3):
        began = time.perf_counter()
        scene = Scene.of(
            drawn["ground"], drawn["surface"], drawn["number"] >= 0, drawn["crown"], drawn["crown"] / 4,
            np.full(drawn["crown"].shape, 0.03), CELL, centred=True,
        )  # fmt: skip
        Masks.of(scene, PATCHES, crew)
        best = max(best, SIZE**2 * len(PATCHES) / 1e6 / (time.perf_counter() - began))
    return best


def write(path, values):
    with rasterio.open(
        path, "w", driver="GTiff", height=SIZE, width=SIZE, count=1, dtype="float32", crs="EPSG:31370",
        transform=Affine(CELL, 0, 148_000, 0, -CELL, 170_000 + SIZE * CELL),
    ) as file:  # fmt: skip
        file.write(values[::-1].astype(np.float32), 1)
    return str(path)


def test_masks_beside_umep(drawn, ours, tmp_path):
    umep = peer("umep.skyviewfactor_algorithm")
    paths = {name: write(tmp_path / f"{name}.tif", drawn[name]) for name in ("surface", "ground", "crown")}
    (tmp_path / "out").mkdir()
    began = time.perf_counter()
    umep.generate_svf(
        dsm_path=paths["surface"], bbox=[148_000, 170_000, 148_000 + SIZE * CELL, 170_000 + SIZE * CELL],
        out_dir=str(tmp_path / "out"), dem_path=paths["ground"], cdsm_path=paths["crown"],
    )  # fmt: skip
    theirs = SIZE**2 * len(PATCHES) / 1e6 / (time.perf_counter() - began)
    print(f"\n153 masks of 0.25 million cells with crowns: ours {ours:.0f}, umep {theirs:.2f} Mcell.dir/s: "
          f"{ours / theirs:.0f} times as fast")  # fmt: skip


def test_masks_and_a_step_beside_solweig(drawn, ours):
    solweig = peer("solweig")
    solweig.disable_gpu()  # processors against processors
    began = time.perf_counter()
    surface = solweig.SurfaceData.prepare(
        dsm=drawn["surface"][::-1].astype(np.float32), dem=drawn["ground"][::-1].astype(np.float32),
        cdsm=drawn["crown"][::-1].astype(np.float32), pixel_size=CELL,
    )  # fmt: skip
    theirs = SIZE**2 * len(PATCHES) / 1e6 / (time.perf_counter() - began)
    print(f"\n153 masks of 0.25 million cells with crowns: ours {ours:.0f}, solweig (walls too) {theirs:.2f} "
          f"Mcell.dir/s: {ours / theirs:.0f} times as fast")  # fmt: skip
    place = solweig.Location(latitude=LATITUDE, longitude=LONGITUDE, utc_offset=1)
    hours = [
        solweig.Weather(datetime=datetime(2019, 7, 25, hour), ta=34.0, rh=30.0, global_rad=780.0, ws=2.5)
        for hour in (13, 14, 15)
    ]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        solweig.calculate(surface, weather=hours, location=place, output_dir=folder, outputs=["tmrt", "utci"])
        spent = (time.perf_counter() - began) / len(hours)
    millions = SIZE**2 / 1e6
    mine = _step() / millions
    print(f"one step of Tmrt and UTCI: ours {mine:.2f}, solweig {spent / millions:.1f} s a million cells: "
          f"{spent / millions / mine:.0f} times as fast")  # fmt: skip


def _step():
    """Best of three steps of ours on the same city, wind and air of streets with it. [s]"""
    kernel = Heat(threads=2)
    state = kernel.prepare(city(SIZE), hot_day(np.arange(11.0, 16.0)))
    spent = []
    for until in (3600.0, 7200.0, 10800.0, 14400.0):
        began = time.perf_counter()
        kernel.advance(state, until)
        kernel.observe(state)
        spent.append(time.perf_counter() - began)
    return min(spent[1:])
