"""Payloads become text, JSON, rows, numbers and times, or say what is wrong with them."""

import math
from datetime import UTC, datetime

import pytest

from twin.sensors.feeds.payloads import WallClock, read_json, read_number, read_rows, utc_time
from twin.sensors.model import SECOND, SensorError


def utc(*parts):
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * SECOND


def test_a_payload_that_is_no_json_is_told_with_its_feed_and_its_first_characters():
    with pytest.raises(SensorError, match=r"bins: .* starts with '<html>busy"):
        read_json(b"<html>busy</html>", "bins")
    for empty in (b"", "  \n"):
        with pytest.raises(SensorError, match="bins: the payload is empty"):
            read_json(empty, "bins")
    with pytest.raises(SensorError, match="no text in UTF-8"):
        read_json(b"\xff\xfe\x00", "bins")
    with pytest.raises(SensorError, match="bins"):
        read_json("[" * 200_000, "bins")


def test_rows_bear_a_byte_order_mark_and_semicolons_and_miss_no_column_in_silence():
    assert list(read_rows("\ufeffa; b\n1;2\n\n3;4\n".encode(), "x", ("a", "b"))) == [
        {"a": "1", "b": "2"}, {"a": "3", "b": "4"},
    ]  # fmt: skip
    with pytest.raises(SensorError, match="lacks the column 'time'"):
        list(read_rows("a,b\n1,2\n", "x", ("time",)))


def test_what_is_missing_is_nan_and_never_zero():
    for cell in (None, "", "-", "-9999", "-9999.0", -9999, " NaN ", "null"):
        assert math.isnan(read_number(cell))
    assert read_number("0") == 0.0
    assert read_number(" 6.20 ") == 6.2
    for cell in ("lots", True, [1], "inf", 10**400):
        with pytest.raises(ValueError, match=r"number|float"):
            read_number(cell)


def test_a_time_says_its_zone_or_is_utc_and_a_broken_one_is_refused():
    assert utc_time("2024-06-15T15:00:00Z") == utc(2024, 6, 15, 15)
    assert utc_time("2024-06-15T17:00:00+02:00") == utc(2024, 6, 15, 15)
    assert utc_time("2024-06-15 15:00:00") == utc(2024, 6, 15, 15)
    assert utc_time(1718463600) == utc(2024, 6, 15, 15)
    lost = (0, 60, "1970-01-01T00:01:00Z", "1980-01-06")
    for stamp in ("2024-06-15T16:00:00Z--", "-", "", None, "0001-01-01", 1e18, *lost):
        with pytest.raises(ValueError, match=r"time|format|year|isoformat"):
            utc_time(stamp)


def test_the_clock_of_brussels_changes_twice_a_year():
    """Expected: Directive 2000/84/EC, both changes at 01:00 UTC: 31 March and 27 October 2024."""
    clock = WallClock()
    assert clock.read("2024-03-31T01:59:00") == utc(2024, 3, 31, 0, 59)
    with pytest.raises(ValueError, match="hour left out"):
        clock.read("2024-03-31T02:30:00")
    assert clock.read("2024-03-31T03:00:00") == utc(2024, 3, 31, 1)
    stamps = ["01:45", "02:00", "02:30", "02:00", "02:30", "03:00"]
    times = [clock.read(f"2024-10-27T{one}:00") for one in stamps]
    hours = [(26, 23, 45), (27, 0, 0), (27, 0, 30), (27, 1, 0), (27, 1, 30), (27, 2, 0)]
    assert times == [utc(2024, 10, *one) for one in hours]
    assert clock.twice == 4
    assert clock.read("2025-10-26T02:30:00") == utc(2025, 10, 26, 0, 30)


def test_each_series_has_its_own_hour_that_comes_twice():
    clock = WallClock()
    assert clock.read("2024-10-27T02:30", "a") == clock.read("2024-10-27T02:30", "b")
    assert clock.read("27/10/2024 02:30", "a", "%d/%m/%Y %H:%M") == utc(2024, 10, 27, 1, 30)
    assert clock.read("2024-10-27T02:30+02:00", "a") == utc(2024, 10, 27, 0, 30)
