"""Hours by the clock of Brussels as seconds of a run, over midnight and over the two nights when the clock is moved."""

from datetime import UTC, datetime

from twin.street_works import ALWAYS, Clock, SpeedLimit, StreetClosure, StreetWorks

HOUR = 3600.0
MORNING = Clock(((7 * HOUR, 11 * HOUR),))
DAY = 24 * HOUR


def test_seven_in_brussels_is_six_utc_in_winter_and_five_in_summer():
    assert MORNING.windows(datetime(2026, 1, 14, 5, tzinfo=UTC), DAY / 2) == [(1 * HOUR, 5 * HOUR)]
    assert MORNING.windows(datetime(2026, 7, 15, 5, tzinfo=UTC), DAY / 2) == [(0.0, 4 * HOUR)]


def test_a_window_that_began_before_the_run_is_not_cut():
    assert MORNING.windows(datetime(2026, 1, 14, 8, tzinfo=UTC), 2 * HOUR) == [(-2 * HOUR, 2 * HOUR)]
    assert MORNING.windows(datetime(2026, 1, 14, 10, tzinfo=UTC), 2 * HOUR) == []


def test_the_night_when_the_clock_is_put_forward_is_an_hour_shorter():
    midnight = datetime(2026, 3, 28, 23, tzinfo=UTC)  # 00:00 in Brussels on 29 March 2026, directive 2000/84/EC
    assert MORNING.windows(midnight, 20 * HOUR) == [(6 * HOUR, 10 * HOUR)]
    assert Clock(((1 * HOUR, 4 * HOUR),)).windows(midnight, 20 * HOUR) == [(1 * HOUR, 3 * HOUR)]


def test_the_night_when_the_clock_is_put_back_is_an_hour_longer():
    midnight = datetime(2026, 10, 24, 22, tzinfo=UTC)  # 00:00 in Brussels on 25 October 2026
    assert MORNING.windows(midnight, 20 * HOUR) == [(8 * HOUR, 12 * HOUR)]


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin():
    night = Clock(((22 * HOUR, 2 * HOUR),), days=(0,))  # Monday night
    tuesday = datetime(2026, 1, 12, 23, tzinfo=UTC)  # 00:00 of Tuesday 13 January
    assert night.windows(tuesday, DAY) == [(-2 * HOUR, 2 * HOUR)]
    assert night.windows(datetime(2026, 1, 13, 23, tzinfo=UTC), DAY) == []


def test_days_that_follow_each_other_are_one_window_and_others_are_not():
    friday = datetime(2026, 1, 15, 23, tzinfo=UTC)
    assert Clock(days=(4, 5)).windows(friday, 7 * DAY) == [(0.0, 2 * DAY)]
    assert Clock(days=(4, 6)).windows(friday, 7 * DAY) == [(0.0, DAY), (2 * DAY, 3 * DAY)]
    assert Clock(((8 * HOUR, 9 * HOUR), (9 * HOUR, 10 * HOUR)), (4,)).windows(friday, DAY) == [(8 * HOUR, 10 * HOUR)]
    assert ALWAYS.always
    assert not MORNING.always


def test_what_works_are_called_does_not_count_and_what_they_do_does():
    one = StreetWorks(speeds=(SpeedLimit("a", ("s",), 30.0),))
    assert one.digest == StreetWorks(speeds=(SpeedLimit("b", ("s",), 30.0),)).digest
    assert one.digest != StreetWorks(speeds=(SpeedLimit("a", ("s",), 20.0),)).digest
    assert not StreetWorks()
    assert StreetWorks(closures=(StreetClosure("a", ("s",), ("car",)),))
