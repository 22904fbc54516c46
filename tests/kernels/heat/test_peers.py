"""Sky view and radiant temperature beside another program, on a city of our own; it shares no code with ours."""

import contextlib
import importlib
import io
import sys
import warnings
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy import ndimage

from kernels.contract import collect, run
from kernels.heat.forcing_models import complete
from kernels.heat.kernel import Heat
from kernels.heat.sun import sun_position
from kernels.quantities import attrs

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from heat_city import CELL, LATITUDE, LONGITUDE, city, rasters

pytestmark = pytest.mark.filterwarnings("ignore")
SIZE, EDGE = 150, 15
SOURCE = "solweig (PyPI), isotropic sky"
AIR, HUMIDITY, GLOBAL, WIND = 34.0, 30.0, 780.0, 2.5


@pytest.fixture(scope="module")
def peer():
    """Another program with the city's surface, no trees."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            solweig = importlib.import_module("solweig")
    except ImportError as error:
        pytest.skip(f"PEER ABSENT: solweig ({error}); uv sync --group peers brings it")
    solweig.disable_gpu()
    drawn = rasters(SIZE)
    with contextlib.redirect_stderr(io.StringIO()):
        surface = solweig.SurfaceData.prepare(
            dsm=drawn["surface"][::-1].astype(np.float32), dem=drawn["ground"][::-1].astype(np.float32),
            pixel_size=CELL, min_object_height=0.0,
        )  # fmt: skip
    return solweig, surface


@pytest.fixture(scope="module")
def street():
    """Open ground away from the edges, where both see the same city."""
    inside = np.zeros((SIZE, SIZE), bool)
    inside[EDGE:-EDGE, EDGE:-EDGE] = True
    return inside & (rasters(SIZE)["number"] < 0)


@pytest.fixture(scope="module")
def ours():
    """The same city at 14:00 local standard time, in parity with models that cast shadows cell by cell."""
    layers = city(SIZE).drop_vars(["canopy_top", "canopy_bottom", "canopy_transmissivity"])
    layers["albedo"][:], layers["emissivity"][:], layers["wall_albedo"] = 0.15, 0.95, layers["albedo"] * 0 + 0.2
    layers["wall_albedo"].attrs = attrs("wall_albedo")
    times = np.arange("2019-07-24T14", "2019-07-25T14", dtype="datetime64[h]")
    high, azimuth = sun_position(times, LATITUDE, LONGITUDE)
    at_two = np.sin(high[-1])
    course = {
        "air_temperature": np.full(24, AIR + 273.15), "relative_humidity": np.full(24, HUMIDITY / 100),
        "wind_speed": np.full(24, WIND), "global_horizontal_irradiance": GLOBAL * np.maximum(np.sin(high), 0) / at_two,
        "solar_elevation_angle": np.degrees(high), "solar_azimuth_angle": np.degrees(azimuth),
    }  # fmt: skip
    entries = {name: ("time", values, attrs(name)) for name, values in course.items()}
    raw = xr.Dataset(entries, coords={"time": ("time", np.arange(1, 25) * 3600.0, {"units": "s"})})
    forcing, _ = complete(raw, start=times[0])
    kernel = Heat(threads=2, sky="isotropic", sky_view="parity", body="six_directions", wind="log", air=False)
    frames, outcome = collect(run(kernel, layers, forcing, [24 * 3600.0]))
    return frames.isel(time=0), outcome.summary


def test_sky_view_in_parity_is_that_of_another_program(peer, ours, street, measured):
    theirs = np.asarray(peer[1].svf.svf)[::-1]
    gap = (ours[1]["building_sky_view_factor"].values - theirs)[street]
    measured(case="Sky view of streets in parity, mean error", source=SOURCE, ours=abs(gap.mean()), bar=0.002)
    measured(
        case="Sky view of streets in parity, mean absolute error", source=SOURCE, ours=np.abs(gap).mean(), bar=0.01
    )


def test_radiant_temperature_stands_beside_another_programs(peer, ours, street, measured, tmp_path):
    """Shown, not judged: it holds ground and walls near the air's temperature, ours have had a day of sun."""
    solweig, surface = peer
    hour = solweig.Weather(datetime=datetime(2019, 7, 25, 14), ta=AIR, rh=HUMIDITY, global_rad=GLOBAL, ws=WIND)
    place = solweig.Location(latitude=LATITUDE, longitude=LONGITUDE, utc_offset=1)
    with contextlib.redirect_stderr(io.StringIO()):
        found = solweig.calculate(
            surface, weather=[hour], location=place, output_dir=tmp_path, use_anisotropic_sky=False
        )  # fmt: skip
    theirs = np.asarray(found.tmrt_mean)[::-1]
    mine = ours[0]["mean_radiant_temperature"].values - 273.15
    shade = ours[0]["shadow"].values
    for words, where in (("the sun", shade < 0.05), ("shade", shade > 0.95)):
        there = street & where
        measured(case=f"Radiant temperature of streets in {words} at 14 h, ours above theirs", source=SOURCE,
                 ours=float((mine - theirs)[there].mean()), bar=None, unit="K")  # fmt: skip
    lit, dark = np.asarray(found.sun_hours)[::-1] > 0.5, shade > 0.5
    edge = ndimage.binary_dilation(dark) & ndimage.binary_dilation(~dark)  # where half a cell decides
    measured(case="Cells of streets where sun and shade agree", source=SOURCE, ours=(dark != lit)[street].mean(),
             bar=None)  # fmt: skip
    measured(case="The same a cell away from the edges of shade", source=SOURCE, bar=0.99, at_least=True,
             ours=(dark != lit)[street & ~edge].mean())  # fmt: skip
