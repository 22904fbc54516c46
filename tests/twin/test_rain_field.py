"""Rain that differs from place to place, against fields drawn by hand."""

import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.transform import Affine

from twin.rain_field import moving_cell, read_rain_field
from twin.rainfall import RainError
from twin.rasterise import Grid

GRID = Grid(149_000.0, 172_000.0, 4, 3, 10.0)
MM_H = 1 / 3.6e6


def plane(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return 1.0 + 0.1 * (x[None, :] - 149_000) + 0.2 * (y[:, None] - 172_000)


@pytest.fixture
def netcdf(tmp_path):
    def write(name="rain.nc", **changes):
        x, y = 149_000 + 20.0 * np.arange(4), 172_000 + 20.0 * np.arange(3)
        values = np.stack([plane(x, y), 2 * plane(x, y)])
        found = xr.Dataset(
            {"rainfall_rate": (("time", "y", "x"), values, {"units": "mm h-1"})},
            coords={"time": ("time", [0.0, 300.0], {"units": "s"}), "y": y, "x": x},
        )
        found = found.assign(**changes)
        path = tmp_path / name
        if name.endswith(".zarr"):
            found.to_zarr(path, zarr_format=3, consolidated=False)
        else:
            found.to_netcdf(path, engine="scipy")
        return path

    return write


@pytest.mark.parametrize("name", ["rain.nc", "rain.zarr"])
def test_between_its_points_a_plane_of_rain_stays_a_plane(netcdf, name):
    rain = read_rain_field(netcdf(name), GRID)
    assert rain.dims == ("time", "y", "x")
    np.testing.assert_allclose(rain.values[0], plane(GRID.x, GRID.y) * MM_H, rtol=1e-6)
    np.testing.assert_allclose(rain.values[1], 2 * rain.values[0], rtol=1e-6)
    # the last entry lasts as long as the one before, then it is dry
    assert rain["time"].values.tolist() == [0, 300, 600]
    assert (rain.values[2] == 0).all()


def test_the_nearest_point_gives_its_own_rain(netcdf):
    rain = read_rain_field(netcdf(), GRID, interpolation="nearest")
    # the cell at 149005, 172005 is nearest to the point at 149000, 172000; the one at 149015 to 149020
    assert rain.values[0, 0, 0] == pytest.approx(1.0 * MM_H)
    assert rain.values[0, 0, 1] == pytest.approx(3.0 * MM_H)


def test_rain_that_does_not_cover_the_run_is_refused(netcdf):
    with pytest.raises(RainError, match="covers the run"):
        read_rain_field(netcdf(), Grid(149_000.0, 172_000.0, 10, 3, 10.0))


def test_negative_or_missing_rain_is_refused(netcdf):
    bad = xr.DataArray(np.full((2, 3, 4), -1.0), dims=("time", "y", "x"), attrs={"units": "mm h-1"})
    with pytest.raises(RainError, match="negative"):
        read_rain_field(netcdf(rainfall_rate=bad), GRID)
    with pytest.raises(RainError, match="cover them"):
        read_rain_field(netcdf("gap.nc", rainfall_rate=bad * np.nan), GRID)


def test_units_that_are_no_rain_are_refused(netcdf):
    bad = xr.DataArray(np.ones((2, 3, 4)), dims=("time", "y", "x"), attrs={"units": "inch"})
    with pytest.raises(RainError, match="inch"):
        read_rain_field(netcdf(rainfall_rate=bad), GRID)


def test_bands_of_a_geotiff_are_steps_and_its_north_is_up(tmp_path):
    path = tmp_path / "rain.tif"
    values = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    frame = Affine(10, 0, 149_000, 0, -10, 172_030)
    with rasterio.open(
        path, "w", driver="GTiff", width=4, height=3, count=2, dtype="float32", crs="EPSG:31370", transform=frame
    ) as file:
        file.write(values)
    rain = read_rain_field(path, GRID, step_s=60, interpolation="nearest")
    np.testing.assert_allclose(rain.values[:2], values[:, ::-1] * MM_H, rtol=1e-6)
    assert rain["time"].values.tolist() == [0, 60, 120]
    with pytest.raises(RainError, match="step_s"):
        read_rain_field(path, GRID)


def test_gauges_rain_on_the_cells_nearest_to_them(tmp_path):
    path = tmp_path / "gauges.csv"
    path.write_text(
        "# drawn for the test\ntime_s,x,y,rate\n0,149000,172015,6\n0,149040,172015,12\n"
        "60,149000,172015,0\n60,149040,172015,3\n",
        encoding="utf-8",
    )
    rain = read_rain_field(path, GRID, interpolation="nearest")
    np.testing.assert_allclose(rain.values[0], np.tile([6, 6, 12, 12], (3, 1)) * MM_H, rtol=1e-6)
    weighed = read_rain_field(path, GRID)
    # first cell, by hand: distances squared 25 + 100 and 1225 + 100; (6/125 + 12/1325) / (1/125 + 1/1325)
    assert weighed.values[0, 0, 0] == pytest.approx((6 / 125 + 12 / 1325) / (1 / 125 + 1 / 1325) * MM_H, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time_s,x,rate\n0,1,1\n", "columns"),
        ("time_s,x,y,rate\n0,1,1,a\n", "no number"),
        ("time_s,x,y,rate\n0,1,1,1\n0,1,1,2\n", "twice"),
        ("time_s,x,y,rate\n0,1,1,1\n60,2,1,2\n", "some times"),
    ],
)
def test_gauges_that_do_not_fit_are_refused(tmp_path, text, words):
    path = tmp_path / "gauges.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RainError, match=words):
        read_rain_field(path, GRID)


def test_a_file_of_another_kind_is_refused(tmp_path):
    with pytest.raises(RainError, match="convert it"):
        read_rain_field(tmp_path / "rain.txt", GRID)


def test_a_whole_cell_brings_the_volume_of_its_bell():
    # closed form: the integral of a bell of height p and standard deviation s over the plane is 2 pi p s^2
    grid = Grid(0.0, 0.0, 200, 200, 10.0)
    rain = moving_cell(
        grid, peak=50 * MM_H, radius=100.0, start=(800.0, 1000.0), speed=1.0, direction=90.0, duration_s=400, step_s=40
    )
    volume = rain.values[:-1].sum(axis=(1, 2), dtype=float) * 100 * np.diff(rain["time"].values)
    np.testing.assert_allclose(volume, 2 * np.pi * 50 * MM_H * 100**2 * 40, rtol=1e-5)
    # it goes east, and in the middle of the first step it is 20 m along
    row, column = np.unravel_index(rain.values[0].argmax(), grid.shape)
    assert abs(grid.x[column] - 820) <= 5
    assert abs(grid.y[row] - 1000) <= 5
    assert (rain.values[-1] == 0).all()


def test_a_cell_that_comes_later_leaves_the_beginning_dry():
    rain = moving_cell(
        GRID, peak=MM_H, radius=50.0, start=(149_020.0, 172_015.0), speed=0.0, direction=0.0,
        duration_s=90, step_s=60, start_s=30.0,
    )  # fmt: skip
    assert rain["time"].values.tolist() == [0, 30, 90, 120]
    assert rain.values[0].max() == 0
    assert rain.values[1].max() > 0


def test_a_field_beyond_all_measure_is_refused_before_it_is_made():
    with pytest.raises(RainError, match="longer steps"):
        moving_cell(
            Grid(0.0, 0.0, 5000, 5000, 2.0), peak=MM_H, radius=50.0, start=(0.0, 0.0), speed=0.0, direction=0.0,
            duration_s=3600, step_s=10,
        )  # fmt: skip
