"""Weather of bxl-twin heat: whose clock, where the sun stands, and which rows are used."""

import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pyproj
import pytest

from twin.rasterise import Grid
from viewer.cli.heat_weather import read_weather
from viewer.cli.raw_files import InputError, Raster

sys.path.insert(0, str(Path(__file__).parent))
from heat_files import HEAD, LATITUDE, LONGITUDE, SOUTH, WEST, write_day

NOON = datetime(2019, 7, 25, 12)
BRUSSELS = {"latitude": LATITUDE, "longitude": LONGITUDE, "utc_offset": 1.0}


def field(crs=None, west=WEST, south=SOUTH):
    return Raster(np.zeros((20, 20)), Grid(west, south, 20, 20, 2.0), None if crs is None else pyproj.CRS(crs))


def read(path, first=NOON, last=NOON, like=None, **more):
    return read_weather(path, like or field(), first, last, **(BRUSSELS | more))


def test_stamps_stay_local_and_the_run_begins_at_midnight(tmp_path):
    found = read(write_day(tmp_path / "w.csv"))
    assert found.stamps[0] == np.datetime64("2019-07-25T00:00")
    assert found.stamps[found.wanted].tolist() == [np.datetime64("2019-07-25T12:00", "ns").astype(int)]
    assert float(found.forcing["time"][found.wanted[0]]) == 13 * 3600.0  # the first entry ends the first hour
    assert found.forcing.sizes["time"] == 24


def test_the_sun_stands_where_an_almanac_has_it(tmp_path):
    """Expected: on 25 July 2019 the sun culminates over Brussels at 12:00 + 1 h − 4.357° × 4 min + 6.5 min of the
    equation of time = 12:49 local standard time; its height is 90° − 50.85° + declination 19.6° = 58.8°."""
    found = read(write_day(tmp_path / "w.csv"), sun_offset=49.0)
    at = found.wanted[0]
    assert float(found.forcing["solar_azimuth_angle"][at]) == pytest.approx(180.0, abs=0.5)
    assert float(found.forcing["solar_elevation_angle"][at]) == pytest.approx(58.8, abs=0.2)


def test_a_sun_offset_of_an_hour_is_the_sun_of_the_next_row(tmp_path):
    path = write_day(tmp_path / "w.csv")
    plain, late = read(path), read(path, sun_offset=60.0)
    for name in ("solar_elevation_angle", "solar_azimuth_angle"):
        np.testing.assert_allclose(late.forcing[name].values[:-1], plain.forcing[name].values[1:], atol=1e-9)


def test_azimuths_are_told_from_the_north_of_the_grid(tmp_path):
    """Expected: in UTM 31 at 4.357° E grid north lies (4.357 − 3)° sin 50.85° = 1.05° east of true north."""
    path = write_day(tmp_path / "w.csv")
    like = field("EPSG:32631", 595_550.0, 5_633_500.0)
    true, grid = read(path), read(path, like=like)
    turn = true.forcing["solar_azimuth_angle"].values - grid.forcing["solar_azimuth_angle"].values
    np.testing.assert_allclose((turn + 180) % 360 - 180, 1.05, atol=0.01)
    assert grid.place["grid_north"] == pytest.approx(1.05, abs=0.01)


def test_place_and_clock_of_an_epw_are_its_own(reference_data):
    path = reference_data / "weather" / "BEL_VLG_Uccle.064470_TMYx.2007-2021.epw.gz"
    found = read_weather(path, field(), NOON, datetime(2019, 7, 25, 14))
    assert found.place["utc_offset"] == 1.0
    assert found.place["sun_offset_min"] == 30.0
    assert found.place["latitude"] == pytest.approx(50.797, abs=1e-3)
    assert [str(one)[11:16] for one in found.stamps[found.wanted]] == ["12:30", "13:30"]
    assert any("in the middle of their hour" in note for note in found.notes)


def test_a_place_far_from_the_raster_is_doubted(tmp_path):
    found = read(write_day(tmp_path / "w.csv"), like=field("EPSG:31370"), latitude=LONGITUDE, longitude=LATITUDE)
    assert any("latitude and longitude swapped" in note for note in found.notes)


def test_the_raster_tells_the_place_where_nobody_does(tmp_path):
    found = read(write_day(tmp_path / "w.csv"), like=field("EPSG:31370"), latitude=None, longitude=None)
    assert found.place["latitude"] == pytest.approx(50.84, abs=0.02)
    assert found.place["longitude"] == pytest.approx(4.34, abs=0.02)


def test_a_file_that_begins_late_says_so(tmp_path):
    found = read(write_day(tmp_path / "w.csv", hours=range(10, 15)))
    assert float(found.forcing["time"][found.wanted[0]]) == 3 * 3600.0
    assert any("has nothing before 2019-07-25T10:00" in note for note in found.notes)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"utc_offset": None}, "give --utc-offset"),
        ({"latitude": None}, "belong together"),
        ({"latitude": None, "longitude": None}, "give --latitude and --longitude"),
        ({"latitude": 148000.0}, "expected degrees"),
        ({"sun_offset": 600.0}, "minutes from -180 to 180"),
        ({"first": datetime(2020, 7, 25), "last": datetime(2020, 7, 26)}, "it goes from 2019-07-25T00:00:00"),
        ({"last": datetime(2019, 7, 25, 11)}, "the second not before the first"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path, more, words):
    with pytest.raises(InputError, match=words):
        read(write_day(tmp_path / "w.csv"), **more)


def test_an_unknown_kind_of_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"expected weather as \.epw or \.csv"):
        read(tmp_path / "weather.xlsx")


def test_what_the_file_lacks_is_modelled_and_said(tmp_path):
    found = read(write_day(tmp_path / "w.csv"))
    lacking = {"diffuse_horizontal_irradiance", "direct_normal_irradiance", "downwelling_longwave_irradiance"}
    assert lacking <= set(found.modelled)
    assert lacking <= set(found.forcing)
    assert any("downwelling longwave irradiance: modelled" in note for note in found.notes)


def test_what_the_file_has_is_not_modelled(tmp_path):
    head = f"{HEAD},diffuse_w_m2,direct_normal_w_m2,longwave_down_w_m2,pressure_hpa"
    found = read(write_day(tmp_path / "w.csv", head=head, extra=",0,0,320,1013"))
    assert found.modelled == {}
    assert (found.forcing["downwelling_longwave_irradiance"] == 320.0).all()


def test_a_gap_is_named_and_never_filled_in_silence(tmp_path):
    path = write_day(tmp_path / "w.csv")
    rows = path.read_text("utf-8").splitlines()
    rows[8] = "2019-07-25T07:00,,35,2,300"
    path.write_text("\n".join(rows), "utf-8")
    with pytest.raises(InputError, match="air temperature is missing at 2019-07-25T07:00:00 and 0 more"):
        read(path)


def test_mended_humidity_is_counted(tmp_path):
    path = write_day(tmp_path / "w.csv")
    path.write_text(path.read_text().replace(",35,2,", ",103,2,"))
    found = read(path)
    assert found.corrected["relative humidity above 1 set to 1"] == 24
    assert any("weather corrected: relative humidity" in note for note in found.notes)


def test_a_single_row_drives_an_hour(tmp_path):
    found = read(write_day(tmp_path / "w.csv", hours=[12]))
    assert found.forcing["time"].values.tolist() == [3600.0]
