"""Weather as a CSV: units, local standard time, what is missing, and what is refused."""

import gzip

import numpy as np
import pytest

from kernels.quantities import QUANTITIES
from twin.city import CityError
from twin.formats import weather_csv

HEAD = "time,air_temperature_c,relative_humidity_pct,wind_speed_m_s,global_w_m2"
ROWS = ("2019-07-25T14:00,38.9,21,2.5,780", "2019-07-25T15:00,39.7,19,3,690.5")


def written(folder, *rows, head=HEAD, name="weather.csv"):
    path = folder / name
    path.write_text("\n".join((head, *rows)) + "\n", "utf-8")
    return path


def test_units_become_si_and_stamps_utc(tmp_path):
    found = weather_csv.read(written(tmp_path, *ROWS), utc_offset=1.0)
    assert found["time"].values[0] == np.datetime64("2019-07-25T13:00")
    np.testing.assert_allclose(found["air_temperature"], [312.05, 312.85], rtol=1e-12)
    np.testing.assert_allclose(found["relative_humidity"], [0.21, 0.19])
    np.testing.assert_allclose(found["global_horizontal_irradiance"], [780, 690.5])
    assert all(values.attrs["units"] == QUANTITIES[str(name)].units for name, values in found.data_vars.items())
    assert found.attrs["utc_offset"] == 1.0


def test_half_hour_zones_and_packed_files_are_read(tmp_path):
    path = tmp_path / "weather.csv.gz"
    path.write_bytes(gzip.compress(f"# measured\n{HEAD}\n{ROWS[0]}\n".encode()))
    assert weather_csv.read(path, utc_offset=5.5)["time"].values[0] == np.datetime64("2019-07-25T08:30")


def test_optional_columns_are_there_only_where_they_hold_numbers(tmp_path):
    head = f"{HEAD},diffuse_w_m2,direct_normal_w_m2,longwave_down_w_m2,wind_from_direction_deg,pressure_hpa,remark"
    rows = (f"{ROWS[0]},150,,-999,225,1013,hot", f"{ROWS[1]},-9999,,,,1012,hotter")
    found = weather_csv.read(written(tmp_path, *rows, head=head), utc_offset=1.0)
    assert "direct_normal_irradiance" not in found
    assert "downwelling_longwave_irradiance" not in found
    np.testing.assert_equal(found["diffuse_horizontal_irradiance"].values, [150.0, np.nan])
    np.testing.assert_equal(found["wind_from_direction"].values, [225.0, np.nan])
    np.testing.assert_allclose(found["air_pressure"], [101_300.0, 101_200.0])
    assert found.attrs["ignored"] == ["remark"]


def test_gaps_stay_gaps(tmp_path):
    found = weather_csv.read(written(tmp_path, ROWS[0], "2019-07-25T15:00,,19,3,-999"), utc_offset=1.0)
    assert np.isnan(found["air_temperature"].values[1])
    assert np.isnan(found["global_horizontal_irradiance"].values[1])


def test_a_stamp_may_state_the_same_zone(tmp_path):
    found = weather_csv.read(written(tmp_path, "2019-07-25T14:00+01:00,38.9,21,2.5,780"), utc_offset=1.0)
    assert found["time"].values[0] == np.datetime64("2019-07-25T13:00")


@pytest.mark.parametrize(
    ("rows", "head", "words"),
    [
        (ROWS, HEAD.replace("global_w_m2", "ghi"), "lacks the column 'global_w_m2'.*there are .*ghi"),
        ((), HEAD, "has no row"),
        (("25/07/2019 14:00,38.9,21,2.5,780",), HEAD, "time in row 1 is .25/07/2019 14:00., expected ISO 8601"),
        ((",38.9,21,2.5,780",), HEAD, "time in row 1"),
        (ROWS[::-1], HEAD, "time must increase, but row 2 has 2019-07-25 14:00"),
        ((ROWS[0], ROWS[0]), HEAD, "time must increase.*no summer time"),
        (("2019-07-25T14:00+02:00,38.9,21,2.5,780",), HEAD, r"row 1 states UTC\+2 h, the UTC offset given is \+1"),
        (("2019-07-25T14:00,hot,21,2.5,780",), HEAD, "air_temperature_c in row 1 is 'hot', expected a number"),
        (("2019-07-25T14:00,38.9,21,inf,780",), HEAD, "wind_speed_m_s in row 1 is 'inf'"),
        (("2019-07-25T14:00,312.05,21,2.5,780",), HEAD, "air_temperature_c in row 1 is 312.05.*another unit"),
        (("2019-07-25T14:00,38.9,0.21,2.5,780",), HEAD, "seems to be a fraction"),
        (("2019-07-25T14:00,38,9,21,2,5,780",), HEAD, "decimals by points"),
    ],
)
def test_what_cannot_be_meant_is_named(tmp_path, rows, head, words):
    with pytest.raises(CityError, match=words):
        weather_csv.read(written(tmp_path, *rows, head=head), utc_offset=1.0)


def test_a_missing_file_and_an_impossible_zone_are_named(tmp_path):
    with pytest.raises(CityError, match="no such file"):
        weather_csv.read(tmp_path / "none.csv", utc_offset=1.0)
    with pytest.raises(CityError, match="UTC offset must be hours"):
        weather_csv.read(written(tmp_path, *ROWS), utc_offset=60.0)


def test_a_wind_from_minus_ninety_degrees_is_a_west_wind(tmp_path):
    path = written(tmp_path, f"{ROWS[0]},-90", head=f"{HEAD},wind_from_direction_deg")
    assert weather_csv.read(path, utc_offset=1.0)["wind_from_direction"].values.tolist() == [270.0]
