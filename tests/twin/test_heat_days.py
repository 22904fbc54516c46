"""Hot days: facts as the station has them, and a course that keeps them."""

import csv
import gzip
from datetime import date

import numpy as np
import pytest

from twin.heat_days import CELSIUS_0, hot_days, temperature_course
from twin.place import Place

UCCLE = Place(50.8, 4.35, 104.0)
DAY = np.timedelta64(1, "m")


def course(start: str, days: int) -> tuple[np.ndarray, np.ndarray]:
    times = np.arange(np.datetime64(start), np.datetime64(start) + np.timedelta64(days, "D"), DAY)
    return times, temperature_course(times, hot_days(), UCCLE) - CELSIUS_0


def test_the_days_are_those_of_the_station(reference_data):
    with gzip.open(reference_data / "weather" / "uccle_ghcn_daily_2019.csv.gz", "rt", encoding="utf-8") as file:
        rows = {row["DATE"]: row for row in csv.DictReader(file)}
    for day, one in hot_days().items():
        row = rows[day.isoformat()]
        assert one.highest - CELSIUS_0 == pytest.approx(float(row["TMAX"]))
        assert one.assumed == (row["TMIN"] == "")
        if row["TMIN"]:
            assert one.lowest - CELSIUS_0 == pytest.approx(float(row["TMIN"]))


def test_the_minimum_nobody_kept_makes_the_mean_that_of_the_station():
    one = hot_days()[date(2019, 7, 26)]
    assert one.assumed
    assert (one.lowest + one.highest) / 2 - CELSIUS_0 == pytest.approx(26.8)


@pytest.mark.parametrize(("day", "lowest", "highest"), [("2019-07-24", 21.8, 35.9), ("2019-07-25", 23.5, 39.7)])
def test_a_day_has_its_own_minimum_and_maximum(day, lowest, highest):
    times, found = course(day, 1)
    # from dawn to dusk; the night before belongs to the fall from the day before
    by_day = (times > np.datetime64(f"{day}T03:00")) & (times < np.datetime64(f"{day}T20:00"))
    assert found[by_day].max() == pytest.approx(highest, abs=0.01)
    assert found.min() == pytest.approx(lowest, abs=0.01)


def test_the_air_is_hottest_in_the_afternoon_and_coolest_at_dawn():
    # solar noon at 4.35 E on 25 July: 12:00 - 17.4 min + 6.5 min (equation of time) = 11:49 UTC; Parton and Logan's
    # 1.86 h later is 13:41; the sun rises at 03:57 UTC (05:57 in Brussels), 0.17 h before that is 03:47
    times, found = course("2019-07-25", 1)
    hottest = times[int(np.argmax(found))] - np.datetime64("2019-07-25")
    coolest = times[int(np.argmin(found))] - np.datetime64("2019-07-25")
    assert hottest / np.timedelta64(1, "m") == pytest.approx(13 * 60 + 41, abs=3)
    assert coolest / np.timedelta64(1, "m") == pytest.approx(3 * 60 + 47, abs=4)


def test_the_course_never_jumps_through_three_days_and_beyond_them():
    _, found = course("2019-07-22", 6)
    # the steepest fall is that after sunset: 2.2 / 0.89 of the fall of the night in its 8.4 h, some 0.04 K a minute
    assert np.abs(np.diff(found)).max() < 0.06
    assert np.isfinite(found).all()


def test_the_middle_of_the_morning_is_on_the_sine():
    # a third of the way from the minimum to the maximum the sine has gone half of the rise
    _, found = course("2019-07-25", 1)
    low, high = int(np.argmin(found)), int(np.argmax(found))
    assert found[low + (high - low) // 3] == pytest.approx(23.5 + 0.5 * (39.7 - 23.5), abs=0.05)
