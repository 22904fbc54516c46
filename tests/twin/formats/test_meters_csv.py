"""Meters by CSV: the wall clock of Brussels, units, and what is refused by name."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from twin.city import CityError
from twin.formats.meters_csv import offsets_of, read, read_temperatures

HEAD = "time,meter,kind,reading,unit,value\n"


def written(tmp_path, text, head=HEAD):
    path = tmp_path / "meters.csv"
    path.write_text(head + text, encoding="utf-8")
    return path


def test_a_year_on_the_wall_clock_is_that_of_the_time_zone_database(tmp_path):
    """Expected stamps are those of the IANA data base, hour by hour, both changes of 2024 included."""
    zone = ZoneInfo("Europe/Brussels")
    utc = np.datetime64("2024-01-01T00", "s").astype(np.int64) + 3600 * np.arange(366 * 24)
    local = [(datetime(1970, 1, 1) + timedelta(seconds=int(one) + float(by))) for one, by in
             zip(utc, offsets_of(utc.astype(float)), strict=True)]  # fmt: skip
    for one, stamp in zip(utc[::731], local[::731], strict=True):
        assert datetime.fromtimestamp(int(one), zone).replace(tzinfo=None) == stamp
    rows = "".join(f"{stamp.isoformat()},a,heat,use,kWh,1\n" for stamp in local)
    (found,) = read(written(tmp_path, rows))
    np.testing.assert_array_equal(found.utc, utc)
    assert found.counts == {"in the hour that comes twice": 2, "in the hour left out": 0}
    assert (found.value == 3.6e6).all()


def test_stamps_with_offsets_need_no_zone_and_litres_become_cubic_metres(tmp_path):
    rows = "2024-06-01T00:00+02:00,w,water,counter,L,100\n2024-06-01T00:00Z,w,water,counter,L,\n"
    (found,) = read(written(tmp_path, rows))
    assert np.diff(found.utc).tolist() == [7200.0]
    np.testing.assert_array_equal(found.value, [0.1, np.nan])


def test_temperatures_are_kelvin(tmp_path):
    path = written(tmp_path, "2024-01-01T00:00,4.5\n2024-01-01T01:00,\n", head="time,air_temperature_c\n")
    utc, kelvin = read_temperatures(path)
    assert utc.tolist() == [np.datetime64("2023-12-31T23", "s").astype(float)]
    assert kelvin.tolist() == [277.65]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("2024-01-01T00:00,a,heat,use,m3,1\n", "expected J, MJ, Wh, kWh"),
        ("2024-01-01T00:00,a,gas,use,m3,1\n", "calorific value"),
        ("2024-01-01T00:00,a,steam,use,kWh,1\n", "kind in row 1 is 'steam'"),
        ("2024-01-01T00:00,a,heat,use,kWh,one\n", "value in row 1 is 'one'"),
        ("noon,a,heat,use,kWh,1\n", "'noon' is no time"),
        ("2024-01-01T00:00,a,heat,use,kWh,1\n2024-01-01T01:00Z,a,heat,use,kWh,1\n", "with an offset, or none"),
        ("2024-01-01T00:00,a,heat,use,kWh,1\n2024-01-01T01:00,a,heat,use,Wh,1\n", "more than one unit"),
        ("", "has no row"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, rows, words):
    with pytest.raises(CityError, match=words):
        read(written(tmp_path, rows))
