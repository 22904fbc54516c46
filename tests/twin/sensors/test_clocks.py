"""Clocks of devices: both changes of the year, and whole hours off."""

from datetime import UTC, datetime

import numpy as np
import pytest

from twin.sensors.clocks import hours_late, hours_moved, utc_of_wall, wall_of
from twin.sensors.model import SECOND
from twin.sensors.quality import Flag

HOUR = 3600 * SECOND


def wall(*texts):
    return np.array([wall_of(text, "%Y-%m-%d %H:%M") for text in texts], np.int64)


def told(time):
    return [datetime.fromtimestamp(int(one) // SECOND, UTC).strftime("%m-%d %H:%M") for one in time]


def test_summer_and_winter_have_their_own_distance_from_utc():
    time, flag = utc_of_wall(wall("2026-01-15 12:00", "2026-07-15 12:00"))
    assert told(time) == ["01-15 11:00", "07-15 10:00"]
    assert not flag.any()


def test_the_hour_that_is_twice_is_told_apart_by_the_order_of_rows():
    # the clocks of Brussels go back on 25 October 2026 at 03:00, which is 01:00 UTC
    time, flag = utc_of_wall(
        wall(*(f"2026-10-25 {one}" for one in ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00")))
    )
    assert told(time) == [
        f"10-{one}" for one in ("24 23:30", "25 00:00", "25 00:30", "25 01:00", "25 01:30", "25 02:00")
    ]
    assert (np.diff(time) == HOUR // 2).all()
    assert not flag.any()


def test_whole_hours_that_are_told_twice_are_two():
    time, flag = utc_of_wall(wall(*(f"2026-10-25 {one}:00" for one in ("01", "02", "02", "03"))))
    assert (np.diff(time) == HOUR).all()
    assert not flag.any()


def test_an_hour_told_once_is_the_first_and_in_doubt():
    # a day of 96 quarters in place of 100
    time, flag = utc_of_wall(wall("2026-10-25 01:45", "2026-10-25 02:00", "2026-10-25 02:45", "2026-10-25 03:00"))
    assert told(time) == ["10-24 23:45", "10-25 00:00", "10-25 00:45", "10-25 02:00"]
    assert flag.tolist() == [0, Flag.CLOCK, Flag.CLOCK, 0]


def test_when_it_came_tells_the_first_hour_from_the_second():
    at = int(datetime(2026, 10, 25, 0, 50, tzinfo=UTC).timestamp()) * SECOND
    time, flag = utc_of_wall(wall("2026-10-25 02:48"), received=at)
    assert (told(time), flag.tolist()) == (["10-25 00:48"], [0])  # the second 02:48 is still to come
    time, flag = utc_of_wall(wall("2026-10-25 02:48"), received=at + HOUR)
    assert (told(time), flag.tolist()) == (["10-25 01:48"], [Flag.CLOCK])


def test_an_hour_that_never_is_is_put_forward_and_in_doubt():
    # the clocks of Brussels go forward on 29 March 2026 at 02:00, which is 01:00 UTC
    time, flag = utc_of_wall(wall("2026-03-29 01:30", "2026-03-29 02:30", "2026-03-29 03:00"))
    assert told(time) == ["03-29 00:30", "03-29 01:30", "03-29 01:00"]
    assert flag.tolist() == [0, Flag.CLOCK, 0]


def test_devices_in_one_table_are_told_apart():
    rows = wall(
        *(f"2026-10-25 {one}" for one in ("02:15", "02:15", "02:45", "02:45", "02:15", "02:15", "02:45", "02:45"))
    )
    group = np.array([0, 1] * 4)
    time, flag = utc_of_wall(rows, group=group)
    assert told(time[group == 1]) == ["10-25 00:15", "10-25 00:45", "10-25 01:15", "10-25 01:45"]
    np.testing.assert_array_equal(time[group == 0], time[group == 1])
    assert not flag.any()


def test_two_autumns_are_two_nights():
    time, flag = utc_of_wall(wall("2025-10-26 02:30", "2025-10-26 02:00", "2026-10-25 02:30"))
    assert told(time) == ["10-26 00:30", "10-26 01:00", "10-25 00:30"]
    assert flag.tolist() == [0, 0, Flag.CLOCK]


def test_no_time_is_no_time():
    time, flag = utc_of_wall(np.zeros(0, np.int64))
    assert time.size == flag.size == 0


@pytest.mark.parametrize("hours", [-2, -1, 0, 1, 2])
def test_a_clock_whole_hours_off_is_told_from_when_its_readings_come(hours):
    received = np.arange(20) * 300 * SECOND + 10**18
    assert hours_late(received - (hours * 3600 + 45) * SECOND, received) == hours


def test_a_device_that_stopped_is_not_an_hour_off():
    received = np.arange(20) * 300 * SECOND + 10**18
    stopped = np.full(20, received[0] - 600 * SECOND)
    assert hours_late(stopped, received) == 0
    assert hours_late(received[:2] - HOUR, received[:2]) == 0


@pytest.mark.parametrize("hours", [-1, 0, 2])
def test_a_course_whole_hours_off_is_told_by_its_neighbour(hours):
    random = np.random.default_rng(3)
    time = 10**18 // HOUR * HOUR + np.arange(72) * HOUR
    course = np.repeat(random.random(72), 1)
    value = course + random.normal(0.0, 0.02, 72)
    assert hours_moved(time - hours * HOUR, value, time, course) == hours


def test_half_a_day_in_common_tells_nothing():
    time = 10**18 // HOUR * HOUR + np.arange(12) * HOUR
    course = np.arange(12.0)
    assert hours_moved(time, course, time, course[::-1]) == 0
