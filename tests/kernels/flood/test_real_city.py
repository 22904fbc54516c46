"""The real square kilometre at 2 m under still water: nothing may move."""

import math

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.transform import Affine
from rasterio.windows import Window

from kernels.flood.kernel import Flood

pytestmark = [pytest.mark.data, pytest.mark.slow]

CELL = 2.0


@pytest.fixture(scope="module")
def city(reference_data):
    """Bed and building numbers on 500 by 500 cells, row 0 the south."""
    with rasterio.open(reference_data / "terrain" / "derived_dtm_148170_10m.tif") as file:
        factor = file.res[0] / CELL
        shape = (int(file.height * factor), int(file.width * factor))
        bed = file.read(1, out_shape=shape, resampling=Resampling.bilinear, window=Window(0, 0, *file.shape))
        west, north, gap = file.bounds.left, file.bounds.top, bed == file.nodata
    footprints = reference_data / "buildings" / "urbis3d_148170_footprints.geojson.gz"
    outlines = gpd.read_file(f"/vsigzip/{footprints}").to_crs(31370).geometry
    place = Affine(CELL, 0, west, 0, -CELL, north)
    pairs = ((outline, number) for number, outline in enumerate(outlines))
    building = rasterize(pairs, out_shape=shape, fill=-1, transform=place, dtype="int32")
    building[gap & (building < 0)] = -2
    assert 0.1 < (building >= 0).mean() < 0.7, "the footprints do not lie on the terrain"
    assert math.isfinite(float(bed[~gap].max()))
    return np.where(gap, bed[~gap].min(), bed)[::-1].astype(float), building[::-1].copy()


@pytest.mark.parametrize("scheme", ["fv1", "fv2"])
@pytest.mark.parametrize(("precision", "bar"), [("f64", 1e-12), ("f32", 1e-5)])
def test_lake_at_rest_stays_over_the_real_city(city, make_layers, measured, scheme, precision, bar):
    """Half of the ground under water, half above it.

    A state that a step leaves bitwise as it was is left so by every later step of that length, so that a few hundred
    steps stand for the hour.
    """
    bed, building = city
    level = float(np.quantile(bed[building == -1], 0.5))
    depth = np.where(building == -1, np.maximum(level - bed, 0.0), 0.0)
    layers = make_layers(bed, CELL, water_depth=depth, building_index=building)
    kernel = Flood(scheme=scheme, precision=precision, boundary="closed")
    state = kernel.prepare(layers, xr.Dataset())
    kernel.advance(state, 8.0)
    before = [part.copy() for part in state.water]
    kernel.advance(state, 16.0 if precision == "f64" else 60.0)
    frame = kernel.observe(state)
    assert state.steps > 100
    fastest = max(float(np.abs(frame[name]).max()) for name in ("water_velocity_x", "water_velocity_y"))
    moved = float(np.abs(frame.water_depth.values - depth)[building == -1].max())
    case, source = f"Lake at rest over the real 1 km² at 2 m, {scheme}, {precision}", "nothing may move"
    measured(case=f"{case}: velocity", source=source, ours=fastest, bar=bar, unit="m/s")
    measured(case=f"{case}: level", source=source, ours=moved, bar=bar, unit="m")
    assert kernel.closure(state).error <= 1e-12
    if precision == "f64":  # in float32 the bed itself is rounded by some µm under the given depth
        for then, now in zip(before, state.water, strict=True):
            np.testing.assert_array_equal(now, then)
