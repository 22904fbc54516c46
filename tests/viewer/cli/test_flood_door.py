"""bxl-twin flood on files drawn by hand: orientation, units, volumes, and what it refuses."""

import gzip
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import rasterio
import xarray as xr
from rasterio.transform import Affine
from typer.testing import CliRunner

from viewer.cli import _app

WEST, SOUTH, CELL, ROWS, COLUMNS = 148_000.0, 170_000.0, 2.0, 30, 40
KEYS = [
    "scheme", "precision", "threads", "steps", "cells", "compute_s", "cell_steps_per_s", "volume_in_m3",
    "volume_out_m3", "volume_stored_m3", "mass_error", "max_depth_m",
]  # fmt: skip


def write_raster(path, south_up, crs="EPSG:31370", nodata=-9999.0, transform=None, driver="GTiff"):
    """Write an array whose row 0 is the south, as files have it: north first."""
    values = np.where(np.isnan(south_up), nodata, south_up)[::-1]
    place = transform or Affine(CELL, 0, WEST, 0, -CELL, SOUTH + values.shape[0] * CELL)
    with rasterio.open(
        path, "w", driver=driver, height=values.shape[0], width=values.shape[1], count=1,
        dtype="float64", crs=crs, transform=place, nodata=nodata,
    ) as file:  # fmt: skip
        file.write(values, 1)
    return path


@pytest.fixture
def folder(tmp_path):
    write_raster(tmp_path / "flat.tif", np.full((ROWS, COLUMNS), 12.0))
    return tmp_path


def flood(folder, *words, terrain="flat.tif", duration=60, out="out.zarr", json_too=True):
    """Run the command in this process."""
    arguments = ["--terrain", folder / terrain, "--duration", duration, "--out", folder / out, "--threads", 1, *words]
    return CliRunner().invoke(_app, [str(word) for word in ("flood", *arguments, *(["--json"] if json_too else []))])


def figures(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def refusal(result):
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.stderr


def lines(path, *rows):
    path.write_text("\n".join(rows) + "\n", "utf-8")
    return path


def features(path, kind, shapes, **properties):
    listed = [
        {"type": "Feature", "properties": properties, "geometry": {"type": kind, "coordinates": shape}}
        for shape in shapes
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": listed}), "utf-8")
    return path


def test_the_last_line_is_the_promised_object(folder):
    found = figures(flood(folder, "--initial-depth", 0.25, "--scheme", "fv1", "--precision", "f64"))
    assert list(found)[: len(KEYS)] == KEYS
    assert (found["scheme"], found["precision"], found["threads"]) == ("fv1", "f64", 1)
    assert found["cells"] == ROWS * COLUMNS
    assert found["volume_stored_m3"] == pytest.approx(0.25 * ROWS * COLUMNS * CELL**2, rel=1e-12)
    assert found["max_depth_m"] == 0.25
    assert found["cell_steps_per_s"] == pytest.approx(found["cells"] * found["steps"] / found["compute_s"])


def test_rain_is_a_step_function_that_its_last_row_ends(folder):
    """36 mm/h for 10 s and 72 mm/h for 20 s are 0.5 mm; the last row only says when it stops."""
    rain = lines(folder / "rain.csv", "time_s,intensity_mm_h", "0,36", "10,72", "30,50")
    found = figures(flood(folder, "--rain", rain))
    assert found["volume_in_m3"] == pytest.approx(0.0005 * ROWS * COLUMNS * CELL**2, rel=1e-12)
    assert found["volume_stored_m3"] == pytest.approx(found["volume_in_m3"], rel=1e-6)


def test_a_single_row_of_rain_holds_for_the_whole_run(folder):
    rain = lines(folder / "rain.csv", "time_s,intensity_mm_h", "0,36")
    found = figures(flood(folder, "--rain", rain))
    assert found["volume_in_m3"] == pytest.approx(36 / 3.6e6 * 60 * ROWS * COLUMNS * CELL**2, rel=1e-12)


def test_a_hydrograph_gives_its_trapezoid_and_nothing_outside_its_rows(folder):
    flow = lines(folder / "q.csv", "time_s,discharge_m3_s", "5,0.5", "15,1.5", "25,1.5")
    word = f"{WEST + 10},{SOUTH + 10},{flow}"
    steady = lines(folder / "steady.csv", "time_s,discharge_m3_s", "0,0.2")
    other = f"{WEST + 60},{SOUTH + 30},{steady}"
    found = figures(flood(folder, "--inflow", word, "--inflow", other))
    assert found["volume_in_m3"] == pytest.approx(10.0 + 15.0 + 0.2 * 60, rel=1e-9)
    assert found["mass_error"] <= 1e-6


def test_first_row_of_the_file_is_the_north(folder):
    """Water on ground that is low in the south-west corner gathers there, in the file's y as in the result's."""
    rows, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    write_raster(folder / "tilt.tif", 10 + 0.05 * rows + 0.03 * columns)
    depth = write_raster(folder / "depth.tif", np.where((rows > 20) & (columns > 30), 0.3, 0.0))
    gauges = lines(folder / "g.csv", "name,x,y", f"wet,{WEST + 79},{SOUTH + 59}", f"dry,{WEST + 1},{SOUTH + 59}")
    figures(flood(folder, "--initial-depth", depth, "--gauges", gauges, "--duration", 600, terrain="tilt.tif"))
    result = xr.open_zarr(folder / "out.zarr").load()
    assert (np.diff(result.y) > 0).all()
    assert float(result.y[0]) == SOUTH + 1.0
    assert float(result.x[-1]) == WEST + COLUMNS * CELL - 1.0
    first, last = result.water_depth[0], result.water_depth[-1]
    assert float(first.sel(x=WEST + 79, y=SOUTH + 59)) == pytest.approx(0.3)
    assert float(first.sel(x=WEST + 1, y=SOUTH + 1)) == 0.0
    deepest = last.where(last == last.max(), drop=True)
    assert (float(deepest.x[0]), float(deepest.y[0])) == (WEST + 1.0, SOUTH + 1.0)
    assert float(result.water_velocity_x.min()) < -0.1
    assert float(result.water_velocity_y.min()) < -0.1
    table = (folder / "out.gauges.csv").read_text().splitlines()
    assert table[0] == "time_s,name,depth_m,level_m"
    time_s, name, depth_m, level_m = table[1].split(",")
    assert (float(time_s), name) == (0.0, "wet")
    assert float(depth_m) == pytest.approx(0.3)
    assert float(level_m) == pytest.approx(0.3 + 10 + 0.05 * 29 + 0.03 * 39, abs=1e-6)
    assert table[2].startswith("0,dry,0,")
    assert len(table) == 1 + 2 * 11


def test_a_file_stored_south_first_is_read_the_right_way_up(folder):
    rows, _ = np.mgrid[0:ROWS, 0:COLUMNS]
    bed = 10 + 0.05 * rows
    write_raster(folder / "up.tif", bed[::-1], transform=Affine(CELL, 0, WEST, 0, CELL, SOUTH))
    figures(flood(folder, "--initial-depth", 0.01, terrain="up.tif"))
    np.testing.assert_allclose(xr.open_zarr(folder / "out.zarr").ground_elevation, bed, rtol=1e-6)


def test_a_packed_ascii_grid_without_a_crs_is_welcome(folder):
    """Lower left corner, north first, as Esri defines it; a NODATA cell is a hole without rain."""
    rows = ["1 2 3", "4 -9999 6"]
    head = ["ncols 3", "nrows 2", "xllcorner 0", "yllcorner 0", "cellsize 0.5", "NODATA_value -9999"]
    with gzip.open(folder / "small.asc.gz", "wt") as file:
        file.write("\n".join(head + rows) + "\n")
    rain = lines(folder / "rain.csv", "time_s,intensity_mm_h", "0,36")
    result = flood(folder, "--rain", rain, terrain="small.asc.gz")
    found = figures(result)
    assert "1 of 6 cells of the terrain are without data" in result.stderr
    assert found["nodata_cells"] == 1
    assert found["volume_in_m3"] == pytest.approx(36 / 3.6e6 * 60 * 5 * 0.25, rel=1e-12)
    ground = xr.open_zarr(folder / "out.zarr").ground_elevation
    np.testing.assert_array_equal(ground, [[4, np.nan, 6], [1, 2, 3]])


def test_the_result_says_where_it_comes_from(folder):
    figures(flood(folder, "--output-every", 25))
    found = xr.open_dataset(folder / "out.zarr", engine="zarr")
    np.testing.assert_array_equal(found.time, [0, 25, 50, 60])
    assert found.water_depth.dims == ("time", "y", "x")
    assert found.water_depth.attrs["units"] == "m"
    assert found.water_velocity_x.attrs["units"] == "m s-1"
    assert {"max_water_depth", "max_water_speed", "max_hazard_rating", "arrival_time"} <= set(found)
    assert 'ID["EPSG",31370]' in found.spatial_ref.attrs["crs_wkt"]
    digest = hashlib.sha256((folder / "flat.tif").read_bytes()).hexdigest()
    assert found.attrs["inputs"] == {str(folder / "flat.tif"): digest}
    assert found.attrs["parameters"]["scheme"] == "fv2"
    assert found.attrs["source"].startswith("bxl-twin ")
    assert not list(folder.glob(".out*"))


def test_buildings_stand_in_the_water_and_their_rain_runs_off(folder):
    square = [[WEST + 20, SOUTH + 20], [WEST + 40, SOUTH + 20], [WEST + 40, SOUTH + 40], [WEST + 20, SOUTH + 40]]
    houses = features(folder / "houses.geojson", "Polygon", [[[*square, square[0]]]])
    rain = lines(folder / "rain.csv", "time_s,intensity_mm_h", "0,36")
    found = figures(flood(folder, "--buildings", houses, "--rain", rain))
    assert found["volume_stored_m3"] == pytest.approx(36 / 3.6e6 * 60 * ROWS * COLUMNS * CELL**2, rel=1e-6)
    depth = xr.open_zarr(folder / "out.zarr").water_depth[-1]
    assert int(np.isnan(depth).sum()) == 100
    assert np.isnan(depth.sel(x=WEST + 21, y=SOUTH + 39))
    assert not np.isnan(depth.sel(x=WEST + 19, y=SOUTH + 39))


def test_a_wall_holds_the_water(folder):
    _, columns = np.mgrid[0:ROWS, 0:COLUMNS]
    depth = write_raster(folder / "depth.tif", np.where(columns < 20, 0.5, 0.0))
    line = [[WEST + 40, SOUTH], [WEST + 40, SOUTH + 60]]
    wall = features(folder / "wall.geojson", "LineString", [line], height_m=0.6)
    found = figures(flood(folder, "--initial-depth", depth, "--walls", wall))
    assert found["max_depth_m"] == 0.5
    low = features(folder / "low.geojson", "LineString", [line], height_m=0.3)
    figures(flood(folder, "--initial-depth", depth, "--walls", low))
    assert float(xr.open_zarr(folder / "out.zarr").water_depth[-1].sel(x=WEST + 51, y=SOUTH + 31)) > 0.01


def test_a_level_at_a_side_fills_the_ground_to_that_level(folder):
    stage = lines(folder / "stage.csv", "time_s,level_m", "0,12", "300,12.5")
    found = figures(flood(folder, "--stage-boundary", f"south,{stage}", "--manning", 0.05, duration=3600))
    assert found["volume_stored_m3"] == pytest.approx(0.5 * ROWS * COLUMNS * CELL**2, rel=5e-3)
    assert found["volume_in_m3"] - found["volume_out_m3"] == pytest.approx(found["volume_stored_m3"], rel=1e-6)


def test_sides_are_closed_unless_opened(folder):
    rows, _ = np.mgrid[0:ROWS, 0:COLUMNS]
    write_raster(folder / "tilt.tif", 10 + 0.05 * rows)
    kept = figures(flood(folder, "--initial-depth", 0.1, terrain="tilt.tif"))
    assert kept["volume_out_m3"] == 0.0
    gone = figures(flood(folder, "--initial-depth", 0.1, "--boundary", "open", terrain="tilt.tif", duration=1800))
    assert gone["volume_out_m3"] > 0.9 * gone["volume_initial_m3"]
    assert gone["volume_initial_m3"] == pytest.approx(gone["volume_out_m3"] + gone["volume_stored_m3"], rel=1e-6)


def test_people_get_a_table(folder):
    result = flood(folder, "--initial-depth", 0.25, json_too=False)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "water at the end" in result.stderr
    assert "1,200.000 m³" in result.stderr


@pytest.mark.parametrize(
    ("name", "rows", "words"),
    [
        ("rain", ["time,mm", "0,1"], "expected the columns time_s,intensity_mm_h, got time,mm"),
        ("rain", ["time_s,intensity_mm_h", "0,1", "0,2"], "row 2 has 0 after 0"),
        ("rain", ["time_s,intensity_mm_h", "0,-1"], "row 1 is -1; it must be 0 or more"),
        ("rain", ["time_s,intensity_mm_h", "0,nan"], "row 1 is 'nan', expected a number"),
        ("rain", ["time_s,intensity_mm_h", "0,much"], "row 1 is 'much', expected a number"),
        ("rain", ["time_s,intensity_mm_h"], "has no row"),
        ("gauges", ["name,x,y", f"far,{WEST - 1},{SOUTH + 1}"], "gauge 'far' at .* lies outside the grid"),
    ],
)
def test_bad_tables_are_refused_in_words(folder, name, rows, words):
    text = " ".join(refusal(flood(folder, f"--{name}", lines(folder / "bad.csv", *rows))).split())
    assert re.search(words, text), text
    assert not (folder / "out.zarr").exists()


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--duration", 0, "positive number of seconds"),
        ("--output-every", -1, "positive number of seconds"),
        ("--boundary", "wet", "closed or open"),
        ("--scheme", "fv3", "scheme must be one of"),
        ("--manning", -0.1, "roughness must be a number of 0 or more"),
        ("--manning", "missing.tif", "no such file"),
        ("--rain", "missing.csv", "no such file"),
        ("--inflow", "1,2", "X,Y,FILE.csv"),
        ("--stage-boundary", "up,stage.csv", "SIDE,FILE.csv"),
        ("--terrain", "missing.tif", "no such file"),
    ],
)
def test_bad_options_are_refused_in_words(folder, option, value, words):
    assert words in " ".join(refusal(flood(folder, option, value)).split())


def test_an_inflow_beside_the_grid_or_on_a_building_is_refused(folder):
    flow = lines(folder / "q.csv", "time_s,discharge_m3_s", "0,1")
    assert "outside the grid" in " ".join(refusal(flood(folder, "--inflow", f"0,0,{flow}")).split())
    bed = np.full((ROWS, COLUMNS), 12.0)
    bed[5, 5] = np.nan
    write_raster(folder / "hole.tif", bed)
    text = refusal(flood(folder, "--inflow", f"{WEST + 11},{SOUTH + 11},{flow}", terrain="hole.tif"))
    assert "on a building or outside" in " ".join(text.split())


@pytest.mark.parametrize(
    ("crs", "cells", "words"),
    [("EPSG:4326", (0.001, 0.001), "is in degrees"), ("EPSG:31370", (2.0, 3.0), "2 by 3 m, expected square")],
)
def test_grids_in_degrees_or_with_long_cells_are_refused(folder, crs, cells, words):
    west, north = (4.3, 50.8) if crs == "EPSG:4326" else (WEST, SOUTH)
    place = Affine(cells[0], 0, west, 0, -cells[1], north)
    write_raster(folder / "odd.tif", np.zeros((5, 5)), crs=crs, transform=place)
    assert words in " ".join(refusal(flood(folder, terrain="odd.tif")).split())


def test_a_raster_on_another_grid_is_refused(folder):
    other = write_raster(folder / "other.tif", np.full((5, 5), 0.03))
    assert "must lie on the terrain's grid" in " ".join(refusal(flood(folder, "--manning", other)).split())


def test_a_wall_that_leaves_the_grid_is_refused(folder):
    line = [[WEST + 40, SOUTH], [WEST + 40, SOUTH + 600]]
    wall = features(folder / "wall.geojson", "LineString", [line], height_m=1.0)
    assert "wall 0 leaves the grid" in " ".join(refusal(flood(folder, "--walls", wall)).split())


def test_a_folder_that_is_no_result_is_not_overwritten(folder):
    (folder / "precious").mkdir()
    (folder / "precious" / "thesis.txt").write_text("mine")
    assert "is no Zarr group" in " ".join(refusal(flood(folder, out="precious")).split())
    assert (folder / "precious" / "thesis.txt").read_text() == "mine"


def test_a_full_disk_leaves_no_result_and_says_so(folder):
    """A limit on the size of files stands for the disk; the terrain is rough so that its depths do not pack away."""
    bed = 12 + np.random.default_rng(2).random((120, 120))
    write_raster(folder / "rough.tif", bed)
    words = ["--terrain", folder / "rough.tif", "--duration", 2, "--out", folder / "out.zarr", "--initial-depth", 1]
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "from viewer.cli import main; main()"
    )
    figures(flood(folder, "--initial-depth", 0.1, duration=1, out="warm.zarr"))
    run = subprocess.run(
        [sys.executable, "-c", code, "flood", *map(str, words)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 2, run.stderr
    assert "File too large" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (folder / "out.zarr").exists()
    assert not list(folder.glob(".out*"))


def test_water_without_data_in_the_file_is_dry_and_is_said(folder):
    depth = np.full((ROWS, COLUMNS), 0.2)
    depth[3, 4] = np.nan
    result = flood(folder, "--initial-depth", write_raster(folder / "depth.tif", depth), "--duration", 1)
    assert "without data in 1 cells of open ground: taken as dry" in " ".join(result.stderr.split())
    assert figures(result)["volume_initial_m3"] == pytest.approx(0.2 * (ROWS * COLUMNS - 1) * CELL**2, rel=1e-12)


def test_an_earlier_result_is_replaced_whole(folder):
    figures(flood(folder, "--initial-depth", 0.1))
    figures(flood(folder, "--initial-depth", 0.2))
    assert float(xr.open_zarr(folder / "out.zarr").water_depth[-1].max()) == pytest.approx(0.2)


def test_a_killed_run_leaves_no_result(folder):
    words = ["--terrain", folder / "flat.tif", "--duration", 1e7, "--output-every", 100, "--out", folder / "out.zarr",
             "--initial-depth", 0.1]  # fmt: skip
    run = subprocess.Popen(
        [sys.executable, "-c", "from viewer.cli import main; main()", "flood", *map(str, words)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=os.getcwd(),
    )  # fmt: skip
    try:
        waited = time.monotonic() + 120
        while not list(folder.glob(".out.zarr.*")):
            assert run.poll() is None
            assert time.monotonic() < waited
            time.sleep(0.1)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    assert not (folder / "out.zarr").exists()
    assert figures(flood(folder, "--initial-depth", 0.1))["steps"] > 0
