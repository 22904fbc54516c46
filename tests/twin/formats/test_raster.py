"""Terrain files, good and bad."""

import gzip
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
from numpy.testing import assert_allclose, assert_array_equal
from rasterio.transform import Affine
from scipy.interpolate import LinearNDInterpolator

from twin.city import CityError, Terrain
from twin.formats import raster
from twin.formats.raster import read_points, read_terrain, terrain_of_points, write_terrain

NORTH_UP = np.array([[1.0, 2.0, 3.0], [4.0, -9999.0, 6.0]], np.float32)
ASC = "ncols 3\nnrows 2\nxllcorner 148000\nyllcorner 170000\ncellsize 10\nNODATA_value -9999\n1 2 3\n4 -9999 6\n"


def _tif(path: Path, values: np.ndarray = NORTH_UP, **other: object) -> Path:
    profile = {
        "driver": "GTiff", "width": values.shape[-1], "height": values.shape[-2], "count": 1, "dtype": values.dtype,
        "crs": "EPSG:31370", "transform": Affine(10, 0, 148000, 0, -10, 170020), "nodata": -9999,
    } | other  # fmt: skip
    with rasterio.open(path, "w", **profile) as file:
        for band in range(1, profile["count"] + 1):
            file.write(values, band)
    return path


def _is_the_drawing(found: Terrain) -> None:
    assert found.bounds == (148000.0, 170000.0, 148030.0, 170020.0)
    assert_array_equal(found.elevation, np.array([[4, np.nan, 6], [1, 2, 3]], np.float32))


def test_a_geotiff_is_turned_south_up_and_its_nodata_becomes_nan(tmp_path: Path) -> None:
    _is_the_drawing(read_terrain(_tif(tmp_path / "dem.tif")))


def test_an_ascii_grid_reads_the_same_packed_or_not(tmp_path: Path) -> None:
    (tmp_path / "dem.asc").write_text(ASC)
    (tmp_path / "dem.asc.gz").write_bytes(gzip.compress(ASC.encode()))
    _is_the_drawing(read_terrain(tmp_path / "dem.asc"))
    _is_the_drawing(read_terrain(tmp_path / "dem.asc.gz"))


def test_a_raster_is_found_in_its_zip_beside_its_papers(tmp_path: Path) -> None:
    _tif(tmp_path / "dem.tif")
    with zipfile.ZipFile(tmp_path / "dtm.zip", "w") as file:
        file.write(tmp_path / "dem.tif", "tif/UrbIS_DTM_148170.tif")
        file.writestr("licence.txt", "CC0")
    _is_the_drawing(read_terrain(tmp_path / "dtm.zip"))
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as file:
        file.write(tmp_path / "dem.tif", "a.tif")
        file.write(tmp_path / "dem.tif", "b.tif")
    with pytest.raises(CityError, match=r"2 rasters \(a\.tif, b\.tif\)"):
        read_terrain(tmp_path / "two.zip")


@pytest.mark.parametrize("name", ["dem.tif", "dem.tif.gz"])
def test_bounds_keep_the_cells_they_touch(tmp_path: Path, name: str) -> None:
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    _tif(tmp_path / "dem.tif", values, transform=Affine(10, 0, 148000, 0, -10, 170030))
    (tmp_path / "dem.tif.gz").write_bytes(gzip.compress((tmp_path / "dem.tif").read_bytes()))
    found = read_terrain(tmp_path / name, bounds=(148015.0, 169000.0, 148030.0, 170011.0))
    assert found.bounds == (148010.0, 170000.0, 148030.0, 170020.0)
    assert_array_equal(found.elevation, [[9, 10], [5, 6]])
    with pytest.raises(CityError, match="no cell within"):
        read_terrain(tmp_path / name, bounds=(149000.0, 170000.0, 149010.0, 170010.0))


def test_a_piece_of_points_is_the_piece_of_the_whole(tmp_path: Path) -> None:
    points = "E,N,z\n148000,170000,1\n148040,170000,5\n148000,170040,1\n148040,170040,5\n"
    (tmp_path / "points.csv").write_text(points)
    piece = read_terrain(tmp_path / "points.csv", bounds=(148006.0, 170011.0, 148020.0, 170019.0))
    assert piece.bounds == (148005.0, 170010.0, 148020.0, 170020.0)
    assert_allclose(piece.elevation, np.tile([1.75, 2.25, 2.75], (2, 1)), atol=1e-6)  # 0.1 m rise per m


def test_whole_numbers_become_heights(tmp_path: Path) -> None:
    found = read_terrain(_tif(tmp_path / "dem.tif", NORTH_UP.astype(np.int16)))
    _is_the_drawing(found)
    assert found.elevation.dtype == np.float32


def test_a_written_terrain_reads_back_bit_for_bit(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    terrain = Terrain(chance.normal(30, 9, (300, 270)).astype(np.float32), 148000.0, 170000.0, 2.0)
    terrain.elevation[3:9, 4:20] = np.nan
    write_terrain(terrain, tmp_path / "out.tif")
    again = read_terrain(tmp_path / "out.tif")
    assert_array_equal(again.elevation, terrain.elevation)
    assert again.bounds == terrain.bounds


def test_the_compound_lambert_72_with_taw_heights_is_lambert_72(tmp_path: Path) -> None:
    _is_the_drawing(read_terrain(_tif(tmp_path / "dem.tif", crs="EPSG:6190")))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"crs": "EPSG:4326", "transform": Affine(0.001, 0, 4.3, 0, -0.001, 50.8)}, "degrees"),
        ({"crs": None, "transform": Affine(0.001, 0, 4.3, 0, -0.001, 50.8)}, "look like degrees"),
        ({"crs": None, "transform": Affine(10, 0, 84000, 0, -10, 447000)}, "outside Belgium"),
        ({"crs": "EPSG:28992"}, "expected Belgian Lambert 72"),
        ({"crs": "EPSG:3812"}, "expected Belgian Lambert 72"),
        ({"transform": Affine(10, 1, 148000, 1, -10, 170020)}, "rotated"),
        ({"transform": Affine(10, 0, 148000, 0, -20, 170020)}, "square"),
        ({"count": 3}, "3 bands"),
    ],
)
def test_what_would_land_in_the_wrong_place_is_refused_with_the_remedy(
    tmp_path: Path, other: dict[str, object], words: str
) -> None:
    path = _tif(tmp_path / "dem.tif", **other)
    with pytest.raises(CityError, match=words) as caught:
        read_terrain(path)
    assert "dem.tif" in str(caught.value)
    assert "gdal" in str(caught.value)


def test_any_metric_crs_passes_where_the_caller_asks_for_it(tmp_path: Path) -> None:
    _is_the_drawing(read_terrain(_tif(tmp_path / "dem.tif", crs="EPSG:28992"), any_crs=True))


def test_a_raster_of_nothing_but_nodata_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CityError, match="nodata"):
        read_terrain(_tif(tmp_path / "dem.tif", np.full((2, 3), -9999, np.float32)))


def test_files_that_are_no_raster_are_named(tmp_path: Path) -> None:
    (tmp_path / "dem.tif").write_bytes(b"this is a letter, not a raster")
    with pytest.raises(CityError, match=r"dem\.tif"):
        read_terrain(tmp_path / "dem.tif")
    with pytest.raises(CityError, match="no such file"):
        read_terrain(tmp_path / "absent.tif")
    (tmp_path / "cut.asc.gz").write_bytes(gzip.compress(ASC.encode())[:40])
    with pytest.raises(CityError, match="cut short"):
        read_terrain(tmp_path / "cut.asc.gz")


def test_points_of_a_plane_give_the_plane(tmp_path: Path) -> None:
    chance = np.random.default_rng(2)
    x, y = chance.uniform(0, 100, (2, 500))
    lines = [f"{148000 + e:.2f},{170000 + n:.2f},{20 + 0.01 * e - 0.02 * n:.4f}" for e, n in zip(x, y, strict=True)]
    (tmp_path / "points.csv.gz").write_bytes(gzip.compress("\n".join(["E,N,z", *lines]).encode()))
    found = read_terrain(tmp_path / "points.csv.gz", cell_size=5.0)
    east, north = np.meshgrid(found.west + (np.arange(20) + 0.5) * 5, found.south + (np.arange(20) + 0.5) * 5)
    plane = 20 + 0.01 * (east - 148000) - 0.02 * (north - 170000)
    known = np.isfinite(found.elevation)
    assert known[2:-2, 2:-2].all()
    assert_allclose(found.elevation[known], plane[known], atol=2e-3)


def test_points_are_joined_as_scipy_joins_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raster, "_POINTS_AT_ONCE", 500)  # in many pieces
    chance = np.random.default_rng(3)
    points = np.column_stack([chance.uniform(0, 60, (60, 2)).round(2), chance.normal(20, 0.2, 60)])
    found = terrain_of_points(points, 2.0)
    rows, columns = found.elevation.shape
    x, y = np.meshgrid(found.west + np.arange(columns) * 2 + 1, found.south + np.arange(rows) * 2 + 1)
    expected = LinearNDInterpolator(points[:, :2], points[:, 2])(x, y)
    assert_allclose(found.elevation, expected, atol=1e-4)


def test_a_point_far_from_all_its_neighbours_is_dropped() -> None:
    x, y = np.meshgrid(np.arange(20.0), np.arange(20.0))
    points = np.column_stack([x.ravel(), y.ravel(), np.full(400, 18.0)])
    points[210, 2] = 45.0  # a roof among the ground
    points[100, 2] = 18.5  # a doorstep
    found = terrain_of_points(points, 1.0).elevation
    assert np.nanmax(found) <= 18.5
    assert np.nanmin(found) == 18.0


def test_points_that_are_no_points_are_refused(tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("E,N,z\n1,2,3\n4,5,6\n")
    with pytest.raises(CityError, match="at least 3"):
        read_points(tmp_path / "two.csv")
    (tmp_path / "row.csv").write_text("E,N,z\n1,2,3\n4,5,6\n7,8,9\n")
    with pytest.raises(CityError, match="one line"):
        read_terrain(tmp_path / "row.csv")
    (tmp_path / "words.csv").write_text("E,N,z\n1,2,high\n")
    with pytest.raises(CityError, match="E,N,z"):
        read_points(tmp_path / "words.csv")


@pytest.mark.data
def test_the_real_test_rasters_agree_with_each_other_and_with_their_points(reference_data: Path) -> None:
    tif = read_terrain(reference_data / "terrain" / "derived_dtm_148170_10m.tif")
    asc = read_terrain(reference_data / "terrain" / "derived_dtm_148170_10m.asc.gz")
    assert tif.bounds == asc.bounds == (148000.0, 170000.0, 149000.0, 171000.0)
    assert_allclose(asc.elevation, tif.elevation, atol=0.00501)  # the text has two decimals
    # SOURCES.md: 13.75-49.10
    assert (float(tif.elevation.min()), float(tif.elevation.max())) == pytest.approx((13.75, 49.10), abs=0.005)
    own = read_terrain(reference_data / "terrain" / "urbis3d_148170_ground_points.csv.gz", cell_size=10.0)
    row, column = round((170000 - own.south) / 10), round((148000 - own.west) / 10)
    assert np.isfinite(own.elevation[row : row + 100, column : column + 100]).mean() > 0.97  # but for the corners
    apart = np.abs(own.elevation[row : row + 100, column : column + 100] - tif.elevation)
    assert np.nanmedian(apart) < 0.05
    assert np.nanpercentile(apart, 90) < 0.3
