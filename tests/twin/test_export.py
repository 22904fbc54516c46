"""Exports open in readers of other people."""

import csv

import numpy as np
import pytest
import rasterio
import xarray as xr

from kernels.quantities import attrs
from twin.export import write_csv, write_geotiff, write_netcdf
from twin.result import StoreError
from twin.store import Store

DIGEST = "cd" * 32
WEST, SOUTH, CELL, ROWS, COLUMNS = 149_000.0, 172_000.0, 2.0, 4, 6


@pytest.fixture
def result(tmp_path):
    coords = {"y": SOUTH + CELL * (np.arange(ROWS) + 0.5), "x": WEST + CELL * (np.arange(COLUMNS) + 0.5)}
    depth = np.arange(24.0).reshape(ROWS, COLUMNS) / 100
    depth[0, 0] = np.nan
    frame = xr.Dataset({"water_depth": (("y", "x"), depth, attrs("water_depth"))}, coords=coords)
    figure = {
        "key": "max_depth",
        "label": {"fr": "a", "nl": "b", "en": "c"},
        "value": 0.23,
        "units": "m",
        "better": "lower",
    }
    grid = {"west": WEST, "south": SOUTH, "columns": COLUMNS, "rows": ROWS, "cell_size": CELL}
    with Store(tmp_path / "store").writer(DIGEST, frame, [60.0], start="2021-07-15T12:00:00Z") as writer:
        writer.append(frame)
        manifest = {"indicators": [figure], "grid": grid, "city": {"demo": True}}
        return writer.finish(manifest, frame.rename(water_depth="max_water_depth"))


def test_a_geotiff_lies_in_its_place_north_up(result, tmp_path):
    write_geotiff(result, "max_water_depth", tmp_path / "deep" / "a.tif")
    with rasterio.open(tmp_path / "deep" / "a.tif") as file:
        assert file.crs.to_epsg() == 31370
        assert tuple(file.bounds) == (WEST, SOUTH, WEST + 12, SOUTH + 8)
        # hand-made pattern: the cell of row 1, column 2 holds 0.08
        assert next(file.sample([(WEST + 5, SOUTH + 3)]))[0] == pytest.approx(0.08)
        assert np.isnan(next(file.sample([(WEST + 1, SOUTH + 1)]))[0])
        assert file.tags()["units"] == "m"
        assert file.tags()["comment"] == "demo data, not the cadastre"
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_netcdf_says_the_same_as_the_store(result, tmp_path):
    write_netcdf(result, tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc", engine="scipy") as data:
        assert data["time"].values[0] == np.datetime64("2021-07-15T12:01:00")
        np.testing.assert_allclose(data["water_depth"].isel(time=0), result.frame("water_depth", 0), atol=1e-6)
        assert data.attrs["Conventions"] == "CF-1.11"
        assert "_FillValue" not in data["x"].encoding


def test_the_figures_as_a_table(result, tmp_path):
    write_csv(result, tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {"key": "max_depth", "value": "0.23", "units": "m", "better": "lower", "fr": "a", "nl": "b", "en": "c"}
    ]


def test_a_folder_that_cannot_be_written_is_named(result, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        write_csv(result, tmp_path / "file" / "a.csv")
