"""Clocks of devices that are whole hours off."""

import numpy as np
import pytest

from twin.sensors.clocks import hours_late, hours_moved
from twin.sensors.model import SECOND

HOUR = 3600 * SECOND


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
