"""Stations of Ixelles are read as they are, and what cannot be is flagged."""

import gzip
import time

import numpy as np
import pytest

from twin.sensors.feeds.spiceco import RECORD, parse
from twin.sensors.model import SECOND, SensorError
from twin.sensors.quality import Flag

ROWS = {"S3": 2_901, "S5": 4_190, "S6": 3_998, "S8": 3_758}
"""Rows of each file: SOURCES.md."""
HEAD = "timestamp,temperature,pressure,relative_humidity,rain,no2,pm25,o3"


def table(*rows):
    return "\n".join([HEAD, *rows]) + "\n"


def values_of(said, quantity):
    rows = np.array([name.endswith("/" + quantity) for name in said.readings.datastream], bool)
    return said.readings.value[rows], said.readings.flag[rows]


def recorded(folder, station):
    return parse(
        gzip.decompress((folder / "sensors" / f"ixelles_spiceco_{station}_2023-08.csv.gz").read_bytes()), station
    )


@pytest.mark.parametrize(("station", "rows"), ROWS.items())
def test_a_recorded_month_gives_its_rows(reference_data, station, rows):
    """Expected: rows, units and "wind on S3, S5" of SOURCES.md."""
    said = recorded(reference_data, station)
    assert said.counts["rows"] == rows
    assert said.problems == ()
    temperature, _ = values_of(said, "air_temperature")
    assert temperature.size == rows
    assert 288 < np.median(temperature) < 300
    assert values_of(said, "wind_speed")[0].size == (rows if station in ("S3", "S5") else 0)
    np.testing.assert_allclose(np.median(values_of(said, "air_pressure")[0]), 100_500, rtol=0.01)
    assert said.counts["gaps"] > 0
    assert np.diff(said.readings.time[:rows]).min() > 0


def test_bad_values_of_the_recorded_month_are_kept_and_flagged(reference_data):
    """Expected: S3 has 0.0 °C, S6 reaches 53.2 °C (SOURCES.md); a day in August is never 0 °C."""
    cold, flags = values_of(recorded(reference_data, "S3"), "air_temperature")
    assert (cold == 273.15).any()
    assert (flags[cold == 273.15] == Flag.NOT_VALID).all()
    said = recorded(reference_data, "S6")
    hot, flags = values_of(said, "air_temperature")
    np.testing.assert_allclose(hot.max(), 53.2 + 273.15)
    assert flags[hot.argmax()] == Flag.SUN_HEATED
    assert ((flags == Flag.SUN_HEATED) == (hot > RECORD)).all()
    ozone, _ = values_of(said, "ozone")
    assert (ozone > 200e-9).any()


def test_stamps_are_utc_for_august_is_coldest_before_the_sun_is_up(reference_data):
    """Expected: the sun over Brussels rises between 4:15 and 4:55 UTC in August (almanac), so it warms from 5 h UTC."""
    said = recorded(reference_data, "S5")
    hour = said.readings.time[: ROWS["S5"]] // (3600 * SECOND) % 24
    mean = [said.readings.value[: ROWS["S5"]][hour == one].mean() for one in range(24)]
    assert int(np.argmin(mean)) == 4


def test_units_are_those_of_the_quantities():
    """Expected: °C, hPa, % and µg/m³ by hand."""
    said = parse(table("2023-08-01 00:10:47,17.5,998,50,0,15,1,20"), "S6", longitude=4.38, latitude=50.81)
    by = {name.split("/")[1]: value for name, value in zip(said.readings.datastream, said.readings.value, strict=True)}
    want = {"air_temperature": 290.65, "air_pressure": 99_800, "relative_humidity": 0.5, "nitrogen_dioxide": 15e-9,
            "particles_2_5": 1e-9, "ozone": 20e-9}  # fmt: skip
    assert by == pytest.approx(want)
    assert set(said.readings.time) == {1_690_848_647 * SECOND}
    assert (said.things[0].id, said.things[0].longitude) == ("spiceco:S6", 4.38)


def test_zero_without_humidity_53_degrees_and_missing_are_flags_and_nan_and_nothing_is_deleted():
    said = parse(table(
        "2023-08-01 00:00:00,20,998,50,0,15,1,20", "2023-08-01 00:10:00,0,998,0,0,15,1,20",
        "2023-08-01 00:20:00,53.2,998,21,0,15,1,250", "2023-08-01 00:30:00,-9999,998,-9999.0,0,15,1,20",
        "2023-08-01 02:30:00,0,998,80,0,,1,20",
    ), "S3")  # fmt: skip
    temperature, flags = values_of(said, "air_temperature")
    np.testing.assert_allclose(temperature, [293.15, 273.15, 326.35, np.nan, 273.15])
    assert flags.tolist() == [0, Flag.NOT_VALID, Flag.SUN_HEATED, 0, 0]
    assert values_of(said, "relative_humidity")[1].tolist() == [0, Flag.NOT_VALID, Flag.SUN_HEATED, 0, 0]
    assert values_of(said, "ozone")[1].tolist() == [0, 0, Flag.SUN_HEATED, 0, 0]
    assert said.counts == {"rows": 5, "gaps": 1, "missing values": 3, "flagged": 5}


def test_a_bad_row_costs_itself_alone():
    said = parse(table(
        "2023-08-01 00:00:00,20,998,50,0,15,1,20", "noon,20,998,50,0,15,1,20", "2023-08-01 00:20:00,20",
        "2023-08-01 00:30:00,warm,998,50,0,15,1,20", "2023-08-01 00:40:00,20,998,50,0,15,1,20,9",
    ), "S3")  # fmt: skip
    assert {(p.field, p.rows) for p in said.problems} == {("row", 2), ("timestamp", 1), ("temperature", 1)}
    assert "noon" in next(p.sample for p in said.problems if p.field == "timestamp")
    assert values_of(said, "air_temperature")[0].size == 1
    assert values_of(said, "ozone")[0].size == 2


def test_a_payload_of_another_kind_is_told():
    for payload in ("<html>", "timestamp,rain\n", b"\xff\xff"):
        with pytest.raises(SensorError, match="spiceco"):
            parse(payload, "S3")
    assert len(parse(HEAD, "S3").readings) == 0


def test_ten_megabytes_are_read_in_two_seconds():
    row = ",17.6,996,100,0,15,1,28"
    payload = table(*(f"20{n // 500_000 + 10:02d}-0{n % 9 + 1}-{n % 28 + 1:02d} 00:00:00{row}" for n in range(225_000)))
    assert len(payload) > 9.5e6
    begin = time.process_time()
    said = parse(payload, "S6")
    assert time.process_time() - begin < 2.0
    assert said.counts["rows"] == 225_000
