"""bxl-twin heat on files drawn by hand: which way shade falls, what is written, what is said, what is refused."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from typer.testing import CliRunner

from viewer.cli import _app

sys.path.insert(0, str(Path(__file__).parent))
from heat_files import CELL, COLUMNS, HEAD, LATITUDE, LONGITUDE, ROWS, SOUTH, WEST, write_day, write_raster, write_yard

SIGMA = 5.670374419e-8
FLUXES = [f"{kind}_{side}_w_m2" for kind in ("shortwave", "longwave")
          for side in ("down", "up", "north", "east", "south", "west")]  # fmt: skip


def arguments(folder, *words, begin="2019-07-25T12:00", end="2019-07-25T14:00", weather="day.csv", dsm="dsm.tif"):
    return [str(word) for word in (
        "heat", "--dsm", folder / dsm, "--dem", folder / "dem.tif", "--weather", folder / weather,
        "--latitude", LATITUDE, "--longitude", LONGITUDE, "--utc-offset", 1, "--from", begin, "--to", end,
        "--out", folder / "out.zarr", "--threads", 1, *words,
    )]  # fmt: skip


def heat(folder, *words, **more):
    """Run the command in this process."""
    return CliRunner().invoke(_app, arguments(folder, *words, "--json", **more))


def figures(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout.strip().splitlines()[-1])


def refusal(result):
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    return result.stderr


@pytest.fixture
def yard(tmp_path):
    write_yard(tmp_path)
    write_day(tmp_path / "day.csv")
    return tmp_path


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory):
    """One run of the yard with its tree, from noon to four, and points in the sun and in the shade."""
    folder = write_yard(tmp_path_factory.mktemp("yard"))
    write_day(folder / "day.csv")
    points = ["name,x,y", f"open,{WEST + 61},{SOUTH + 11}", f"behind,{WEST + 25},{SOUTH + 37}"]
    (folder / "points.csv").write_text("\n".join(points) + "\n", "utf-8")
    words = ["--cdsm", folder / "cdsm.tif", "--points", folder / "points.csv", "--also", "surface_temperature"]
    said = figures(heat(folder, *words, end="2019-07-25T16:00"))
    return xr.open_zarr(folder / "out.zarr").load(), pd.read_csv(folder / "out.points.csv"), said


def test_the_promised_variables_open_in_plain_xarray(afternoon):
    result, _, _ = afternoon
    assert result["sky_view_factor"].dims == ("y", "x")
    for name, units in (("shadow", "1"), ("mean_radiant_temperature", "K"), ("utci", "K")):
        assert result[name].dims == ("time", "y", "x")
        assert result[name].attrs["units"] == units
    assert result["surface_temperature"].dims == ("time", "y", "x")
    assert [str(one)[:16] for one in result["time"].values] == [f"2019-07-25T{hour}:00" for hour in range(12, 17)]
    assert result.attrs["utc_offset_h"] == 1.0
    assert "31370" in result["spatial_ref"].attrs["crs_wkt"]
    assert "1 is full shade" in result["shadow"].attrs["comment"]


def test_shade_falls_away_from_the_sun(afternoon):
    """Expected: near 13:00 local standard time the sun stands in the south; the house is 10 m high and its north
    façade at y = 36 m, so shade reaches 10 / tan(58.6°) = 6.1 m beyond it, three cells of 2 m."""
    result, _, _ = afternoon
    shade = result["shadow"].sel(time="2019-07-25T13:00").values
    assert (shade[18:20, 11:15] > 0.95).all()
    assert (shade[22:, 2:20] < 0.05).all()
    assert (shade[6:12, 10:16] < 0.05).all()


def test_nobody_stands_on_a_house(afternoon):
    result, _, _ = afternoon
    house = np.zeros((ROWS, COLUMNS), bool)
    house[12:18, 10:16] = True
    assert np.isnan(result["utci"].values[:, house]).all()
    assert np.isfinite(result["utci"].values[:, ~house]).all()
    assert np.isfinite(result["shadow"].values).all()


def test_shade_is_cooler_and_a_crown_hides_the_sky(afternoon):
    result, _, _ = afternoon
    radiant = result["mean_radiant_temperature"].sel(time="2019-07-25T13:00").values
    assert radiant[18, 12] < radiant[4, 30] - 15
    sky = result["sky_view_factor"].values
    assert sky[21, 27] < 0.4
    assert sky[2, 38] > 0.9
    assert (result["building_sky_view_factor"].values[20:24, 26:30] > 0.8).all()


def test_points_hold_twelve_fluxes_that_agree_with_the_map(afternoon):
    result, table, _ = afternoon
    assert list(table)[:16] == ["time", "name", "x", "y", *FLUXES]
    assert len(table) == 10
    for _, row in table.iterrows():
        cell = result.sel(time=row["time"]).sel(x=row["x"], y=row["y"], method="nearest")
        assert row["mean_radiant_temperature_c"] == pytest.approx(
            float(cell["mean_radiant_temperature"]) - 273.15, abs=1e-3
        )
        assert row["utci_c"] == pytest.approx(float(cell["utci"]) - 273.15, abs=1e-3)


def test_parts_of_a_point_add_up_to_its_radiant_temperature(afternoon):
    """Expected: Tmrt = (absorbed / (0.97 sigma))^(1/4), by definition (VDI 3787-2)."""
    _, table, _ = afternoon
    absorbed = sum(table[f"absorbed_{part}_w_m2"] for part in ("direct", "sky", "walls", "ground"))
    radiant = (absorbed / (0.97 * SIGMA)) ** 0.25 - 273.15
    np.testing.assert_allclose(radiant, table["mean_radiant_temperature_c"], atol=0.02)


def test_global_irradiance_arrives_in_the_open(afternoon):
    """Expected: on open ground the short-wave from above is the global irradiance of the file, but for the sky that a
    house 40 m away hides."""
    _, table, _ = afternoon
    at = table[(table["name"] == "open") & (table["time"] == "2019-07-25T13:00:00")].iloc[0]
    sun = 850 * np.sin((13 - 4.7) / 15.3 * np.pi)
    assert at["shortwave_down_w_m2"] == pytest.approx(sun, rel=0.02)
    assert at["shortwave_up_w_m2"] == pytest.approx(0.12 * sun, rel=0.05)  # asphalt
    assert at["shortwave_south_w_m2"] > at["shortwave_north_w_m2"]


def test_the_last_line_says_how_it_went(afternoon):
    _, _, said = afternoon
    assert said["energy_error"] <= 5e-3
    assert {"energy_shortwave_in", "energy_stored"} <= set(said["energy_ledger_j"])
    assert set(said["seconds"]) == {"read", "compile", "masks", "steps", "write"}
    assert any("dir" in name for name in said), sorted(said)
    assert {"diffuse_horizontal_irradiance", "downwelling_longwave_irradiance"} <= set(said["modelled"])
    assert any("no --tdsm" in note for note in said["notes"])
    assert said["cells"] == ROWS * COLUMNS
    assert said["tables"]


def test_the_two_sky_views_differ_at_a_wall_and_agree_in_the_open(yard):
    figures(heat(yard))
    exact = xr.open_zarr(yard / "out.zarr")["building_sky_view_factor"].load().values
    figures(heat(yard, "--sky-view", "parity", "--sky", "isotropic"))
    parity = xr.open_zarr(yard / "out.zarr")["building_sky_view_factor"].load().values
    assert abs(exact[11, 12] - parity[11, 12]) > 0.02
    assert abs(exact[1, 38] - parity[1, 38]) < 0.02


def test_a_sun_offset_moves_the_shade(yard):
    figures(heat(yard, begin="2019-07-25T12:00", end="2019-07-25T13:00"))
    plain = xr.open_zarr(yard / "out.zarr")["shadow"].load().values
    figures(heat(yard, "--sun-offset-min", 60, begin="2019-07-25T12:00", end="2019-07-25T12:00"))
    late = xr.open_zarr(yard / "out.zarr")["shadow"].load().values
    np.testing.assert_allclose(late[0], plain[1], atol=1e-6)


def test_only_what_was_asked_stands_in_the_result(yard):
    figures(heat(yard, "--pet", begin="2019-07-25T14:00", end="2019-07-25T14:00"))
    result = xr.open_zarr(yard / "out.zarr")
    fields = {str(name) for name, values in result.data_vars.items() if "time" in values.dims}
    assert fields == {"shadow", "mean_radiant_temperature", "utci", "pet"}


def test_whole_days_and_quiet_runs(yard):
    found = CliRunner().invoke(_app, arguments(yard, "--quiet", begin="2019-07-25", end="2019-07-25"))
    assert found.exit_code == 0, found.output
    assert found.output == ""
    result = xr.open_zarr(yard / "out.zarr")
    assert result.sizes["time"] == 24
    night = result["mean_radiant_temperature"].isel(time=2)
    assert float(night.max()) < 273.15 + 30


def test_an_epw_runs_without_a_place(yard, reference_data):
    path = reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz"
    words = arguments(yard, "--json", "--weather", path)
    for option in ("--latitude", "--longitude", "--utc-offset"):
        del words[words.index(option) : words.index(option) + 2]
    said = figures(CliRunner().invoke(_app, words))
    assert said["place"]["sun_offset_min"] == 30.0
    assert said["outputs"] == 2


@pytest.mark.parametrize(
    ("words", "more", "expected"),
    [
        (["--sky", "blue"], {}, "--sky must be perez or isotropic"),
        (["--sky-view", "fast"], {}, "--sky-view must be exact or parity"),
        (["--also", "noise"], {}, "--also must be"),
        (["--transmissivity", "3"], {}, "--transmissivity must be a part from 0 to 1"),
        (["--least-building", "0"], {}, "--least-building must be a positive"),
        ([], {"begin": "noon"}, "--from noon: expected ISO 8601"),
        ([], {"begin": "2019-07-25T16:00"}, "the second not before the first"),
        ([], {"begin": "2020-07-25T12:00", "end": "2020-07-25T13:00"}, "has no row from"),
        ([], {"weather": "none.csv"}, "no such file"),
        ([], {"dsm": "none.tif"}, "no such file"),
        (["--ground", "lava"], {}, "--ground lava: is none of"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_line(yard, words, more, expected):
    assert expected in " ".join(refusal(heat(yard, *words, **more)).split())
    assert not (yard / "out.zarr").exists()


def test_a_surface_without_ground_is_refused(yard):
    words = arguments(yard)
    del words[words.index("--dem") : words.index("--dem") + 2]
    assert "give the bare ground too, --dem" in " ".join(refusal(CliRunner().invoke(_app, words)).split())


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (f"roof,{WEST + 25},{SOUTH + 29}", "lies on a building"),
        (f"away,{WEST - 5},{SOUTH + 29}", "lies outside the grid"),
        (f"one,{WEST + 5},{SOUTH + 5}\none,{WEST + 9},{SOUTH + 5}", "comes twice"),
    ],
)
def test_points_where_nobody_stands_are_refused(yard, row, expected):
    (yard / "points.csv").write_text(f"name,x,y\n{row}\n", "utf-8")
    assert expected in " ".join(refusal(heat(yard, "--points", yard / "points.csv")).split())


def test_a_gap_in_the_weather_is_named_with_its_hour(yard):
    text = (yard / "day.csv").read_text("utf-8").splitlines()
    text[14] = "2019-07-25T13:00,,35,2,700"
    (yard / "day.csv").write_text("\n".join(text), "utf-8")
    assert "air temperature is missing at 2019-07-25T13:00:00" in " ".join(refusal(heat(yard)).split())


def test_faults_of_the_weather_are_mended_and_counted(yard):
    write_day(yard / "day.csv", head=f"{HEAD},direct_normal_w_m2", extra=",20")
    said = figures(heat(yard))
    assert said["corrected"]["direct irradiance with the sun down removed"] > 0
    assert any("weather corrected" in note for note in said["notes"])


def test_a_folder_that_is_no_result_is_left_alone(yard):
    (yard / "out.zarr").mkdir()
    (yard / "out.zarr" / "letter.txt").write_text("dear", "utf-8")
    assert "is no Zarr group" in refusal(heat(yard))
    assert (yard / "out.zarr" / "letter.txt").read_text("utf-8") == "dear"


def test_a_run_too_large_for_the_machine_is_refused_unless_forced(yard, monkeypatch):
    monkeypatch.setattr("viewer.cli.heat.BYTES_PER_CELL", 1e12)
    assert "take a smaller raster" in " ".join(refusal(heat(yard)).split())
    figures(heat(yard, "--force", begin="2019-07-25T13:00", end="2019-07-25T13:00"))


def test_ctrl_c_leaves_nothing_behind(yard):
    write_raster(yard / "dem.tif", np.full((600, 600), 20.0))
    write_raster(yard / "dsm.tif", np.full((600, 600), 20.0))
    words = arguments(yard, begin="2019-07-25", end="2019-07-25")
    code = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from viewer.cli import main; main()"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, *words], stderr=subprocess.PIPE, cwd=Path(__file__).parents[3], text=True
    )
    for _ in range(600):
        if list(yard.glob(".out.zarr.*")) or child.poll() is not None:
            break
        time.sleep(0.1)
    os.kill(child.pid, signal.SIGINT)
    said = child.communicate(timeout=60)[1]
    assert child.returncode == 1, said
    assert "nothing of this run is kept" in said
    assert not (yard / "out.zarr").exists()
    assert not list(yard.glob(".out.zarr*"))


def test_cells_of_the_grid_know_their_place(afternoon):
    result, _, _ = afternoon
    assert (float(result["x"][0]), float(result["y"][0])) == (WEST + CELL / 2, SOUTH + CELL / 2)
    assert (np.diff(result["y"]) > 0).all()
