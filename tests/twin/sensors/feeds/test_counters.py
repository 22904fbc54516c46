"""What feeds of counters share. Expected times come from the rule of summer time in Belgium (directive 2000/84/EC)."""

import math
from datetime import UTC, datetime

import pytest

from twin.sensors.feeds.counters import StreetClock, measure, own_id, place_of, rows_of, wall_time
from twin.sensors.model import Gathering
from twin.sensors.quality import Flag


def utc(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000_000


def test_days_may_come_first_or_last_in_a_date() -> None:
    assert wall_time("14/02/2026 23:00:00") == wall_time("2026/02/14 23:00") == datetime(2026, 2, 14, 23)
    with pytest.raises(ValueError, match="month"):
        wall_time("14/13/2026 23:00:00")
    with pytest.raises(ValueError, match="no time"):
        wall_time(None)


def test_a_stamp_without_zone_is_of_brussels_in_winter_and_summer() -> None:
    clock = StreetClock()
    assert clock.read("2021/09/20 11:35") == (utc(2021, 9, 20, 9, 35), 0)
    assert clock.read("2021/12/20 11:35") == (utc(2021, 12, 20, 10, 35), 0)
    assert clock.read("2021-12-20T11:35:00+00:00") == (utc(2021, 12, 20, 11, 35), 0)


def test_the_hour_left_out_in_spring_is_refused() -> None:
    assert StreetClock().read("2026/03/29 01:59") == (utc(2026, 3, 29, 0, 59), 0)
    assert StreetClock().read("2026/03/29 03:00") == (utc(2026, 3, 29, 1, 0), 0)
    with pytest.raises(ValueError, match="left out in spring"):
        StreetClock().read("2026/03/29 02:30")


def test_the_hour_that_comes_twice_is_told_by_when_it_came() -> None:
    first, second = utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)
    assert StreetClock(received=utc(2026, 10, 25, 0, 31)).read("2026/10/25 02:30") == (first, 0)
    assert StreetClock(received=utc(2026, 10, 25, 1, 31)).read("2026/10/25 02:30") == (second, 0)


def test_without_it_order_tells_and_the_reading_is_in_doubt() -> None:
    clock = StreetClock()
    found = [clock.read(f"2026/10/25 {wall}", "one") for wall in ("01:59", "02:00", "02:30", "02:00", "02:30", "03:00")]
    assert [flag for _, flag in found] == [0, *[Flag.CLOCK] * 4, 0]
    hours = [(23, 59, 24), (0, 0, 25), (0, 30, 25), (1, 0, 25), (1, 30, 25), (2, 0, 25)]
    assert [time for time, _ in found] == [utc(2026, 10, day, hour, minute) for hour, minute, day in hours]


@pytest.mark.parametrize("stamp", ["-", "", "soon", "2021/09/31 10:00", "0001-01-01 00:00", "9999-12-31 23:59", 12])
def test_what_is_no_time_of_a_sensor_is_refused(stamp: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  (the words differ with what is wrong)
        StreetClock().read(stamp)


def test_minus_one_is_none_and_other_negatives_are_mistakes() -> None:
    assert measure(0) == 0.0
    assert measure("36", 1 / 3.6) == pytest.approx(10.0)
    assert all(math.isnan(measure(none)) for none in (-1, "-1", -1.0, None, "", "-", float("nan")))
    for wrong in (-2, "many", True, [], {}, math.inf, 10**400):
        with pytest.raises(ValueError):  # noqa: PT011
            measure(wrong)


def test_a_place_is_read_without_type_and_in_swapped_order() -> None:
    assert place_of({"coordinates": [4.393, 50.824]}) == (4.393, 50.824, False)
    assert place_of({"coordinates": [50.845, 4.368], "type": "Point"}) == (4.368, 50.845, True)
    assert place_of({"coordinates": [None, None]}) == place_of(None) == (None, None, False)
    for wrong in ([[4.3, 50.8]], [148000.0, 170000.0], [10**400, 1], "4.3"):
        with pytest.raises(ValueError):  # noqa: PT011
            place_of({"coordinates": wrong})


def test_a_table_that_breaks_off_keeps_its_rows_and_tells() -> None:
    gathering = Gathering("feed")
    rows = list(rows_of("a,b\n1,2\n3," + "x" * 200_000, ("a", "b"), gathering))
    assert rows == [{"a": "1", "b": "2"}]
    assert gathering.parsed().problems[0].field == "csv"


def test_a_name_is_a_part_of_an_id() -> None:
    assert own_id("ROG 106") == "ROG_106"
    assert own_id("a/b") == "a-b"
    for wrong in ("", "  ", None, []):
        with pytest.raises(ValueError, match="no name"):
            own_id(wrong)
