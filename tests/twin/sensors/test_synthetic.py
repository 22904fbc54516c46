"""Made-up sensors: labelled, seeded, the same however they are asked for, and with the course of a day."""

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from twin.city import City
from twin.demo import demo_city
from twin.sensors.ingest import Ingest
from twin.sensors.model import SECOND, SensorError
from twin.sensors.neighbours import compared
from twin.sensors.quality import checked, tally
from twin.sensors.recordings import Arrival
from twin.sensors.replay import Replay, ReplayClock
from twin.sensors.sqlite import SqliteStore
from twin.sensors.synthetic import KINDS, MOST, demo_arrivals, demo_sensors, readings_of, uniform
from twin.street_works import BRUSSELS

HOUR = 3600 * SECOND


def wall(*parts):
    return int(datetime(*parts, tzinfo=BRUSSELS).astimezone(UTC).timestamp()) * SECOND


WEEK = wall(2026, 11, 16), wall(2026, 11, 23)
"""Monday to Sunday."""


@pytest.fixture(scope="module")
def city():
    return demo_city()


@pytest.fixture(scope="module")
def sensors(city):
    return demo_sensors(city)


@pytest.fixture(scope="module")
def week(sensors):
    return readings_of(sensors, *WEEK)


def of_quantity(sensors, readings, quantity):
    streams = {one.id for one in sensors.datastreams if one.quantity == quantity}
    rows = np.array([name in streams for name in readings.datastream])
    clock = pd.DatetimeIndex(readings.time[rows], tz="UTC").tz_convert(BRUSSELS)
    return pd.DataFrame({"name": readings.datastream[rows], "value": readings.value[rows], "clock": clock})


def test_all_of_them_stand_in_the_city_and_are_labelled(city, sensors):
    kinds = [one.properties["kind"] for one in sensors.things]
    assert {kind: kinds.count(kind) for kind in KINDS} == MOST
    for one in sensors.things:
        assert one.properties["demo"] is True
        assert "(demo)" in one.name
        assert set(one.properties["names"]) == {"fr", "nl", "en"}
        assert 4.2 < one.longitude < 4.5
        assert 50.7 < one.latitude < 51.0
        where = one.properties.get("link"), one.properties.get("building")
        assert where[0] in city.links.index or where[1] in city.buildings.index
    assert all(one.properties == {"demo": True} for one in sensors.datastreams)
    assert len({one.id for one in sensors.things}) == len(sensors.things)


def test_the_same_comes_however_it_is_asked_for(sensors, week):
    cuts = [WEEK[0], WEEK[0] + 7 * HOUR + 123 * SECOND, WEEK[0] + 50 * HOUR, WEEK[1]]
    parts = [readings_of(sensors, one, other) for one, other in pairwise(cuts)]
    for name in ("datastream", "time", "value"):
        whole = np.concatenate([getattr(one, name) for one in parts])
        assert sorted(whole.tolist()) == sorted(getattr(week, name).tolist())
    assert len({*zip(week.datastream, week.time, strict=True)}) == len(week)
    assert week.time.min() > WEEK[0]
    assert week.time.max() <= WEEK[1]


def test_another_seed_is_another_city_of_sensors(city, sensors, week):
    assert [one.longitude for one in demo_sensors(city, 1).things] != [one.longitude for one in sensors.things]
    assert not np.array_equal(readings_of(demo_sensors(city, 1), *WEEK).value[:100], week.value[:100])
    again = readings_of(demo_sensors(city), *WEEK)
    np.testing.assert_array_equal(again.value, week.value)


def test_working_days_have_two_peaks_by_the_clock_on_the_wall(sensors, week):
    """Expected: 8 to 9 h and 17 to 18 h lie above noon, and night below a quarter of it, on a day of work."""
    counts = of_quantity(sensors, week, "vehicle_count")
    work = counts[counts.clock.dt.day_of_week < 5]
    hourly = work.groupby(work.clock.dt.hour).value.mean()
    assert hourly[8] > hourly[12] < hourly[17]
    assert hourly[3] < hourly[12] / 4


def test_the_peak_moves_with_the_clock(sensors):
    """Expected: the clock goes back on 25 October 2026: the peak of 8:30 is at 6:30 UTC before and 7:30 after."""
    peaks = []
    for day in (23, 26):
        counts = of_quantity(
            sensors, readings_of(sensors, wall(2026, 10, day), wall(2026, 10, day, 12)), "vehicle_count"
        )
        hourly = counts.groupby(counts.clock.dt.tz_convert("UTC").dt.floor("30min")).value.mean()
        middle = (hourly.index.hour + hourly.index.minute / 60 + 0.25) @ hourly.to_numpy() ** 8 / (hourly**8).sum()
        peaks.append(middle)
    assert peaks[1] - peaks[0] == pytest.approx(1.0, abs=0.2)


def test_values_are_what_sensors_can_say(sensors, week):
    """Nothing made up is flagged: ranges, rates, stuck and neighbours of assets/sensor_limits.csv."""
    streams = {one.id: one for one in sensors.datastreams}
    flagged = compared(checked(week, streams), streams, {one.id: one for one in sensors.things})
    assert tally(flagged.flag) == {}
    assert np.isfinite(week.value).all()


def test_devices_are_silent_now_and_then(sensors, week):
    """Expected: one block of two hours in a hundred; a silent device has no reading, not a zero."""
    counts = of_quantity(sensors, week, "vehicle_count")
    whole = MOST["traffic"] * 7 * 24 * 12
    assert 0.95 < len(counts) / whole < 1.0


def test_bins_are_emptied_at_six(sensors, week):
    fill = of_quantity(sensors, week, "bin_fill")
    falls = [
        clock.hour
        for _, one in fill.groupby("name")
        for clock, change in zip(one.clock[1:], np.diff(one.value), strict=True)
        if change < 0
    ]
    assert falls
    assert set(falls) <= {6, 7}


def test_it_rains_on_all_gauges_at_once_and_not_always(sensors, week):
    rain = of_quantity(sensors, week, "rain_depth").pivot(index="clock", columns="name", values="value").dropna()
    wet = rain > 0
    assert 0.02 < wet.to_numpy().mean() < 0.5
    assert (wet.all(axis=1) == wet.any(axis=1)).all()


def test_numbers_are_even_and_do_not_know_one_another():
    """Expected of 100,000 numbers from 0 to 1: mean 1/2, variance 1/12, no correlation, each within four errors."""
    some = uniform(np.array([1, 2], np.uint64), np.arange(100_000))
    assert some.mean(axis=1) == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / 1e5))
    assert some.var(axis=1) == pytest.approx(1 / 12, abs=4 * np.sqrt(1 / 180 / 1e5))
    for one, other in ((some[0], some[1]), (some[0, 1:], some[0, :-1])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(1e5)


def test_a_city_without_anything_is_refused():
    with pytest.raises(SensorError, match="neither streets nor buildings"):
        demo_sensors(City("empty", (0.0, 0.0, 1.0, 1.0)))


def test_a_day_is_played_into_a_store_at_sixty_times_its_speed(sensors, tmp_path):
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    begin, end = wall(2026, 10, 25), wall(2026, 10, 26)
    assert end - begin == 25 * HOUR, "the day on which the clock goes back"
    clock = ReplayClock(begin, 60.0, lambda: now[0], sleep)
    with SqliteStore(tmp_path / "store") as store:
        ingest = Ingest(store)
        arrivals = demo_arrivals(sensors, begin, end, 900.0)
        assert not isinstance(arrivals, list)
        played = Replay(arrivals, ingest, clock).run(total=100)
        health = ingest.health(clock.now())
        assert (played.arrivals, played.stored) == (100, len(readings_of(sensors, begin, end)))
        assert played.rows == played.stored
        assert now[0] == pytest.approx(25 * 60)
        assert (health["late"], health["future"], health["outages"]) == (0, 0, [])
        assert all(one.properties["demo"] and one.properties["replayed"] for one in store.things())


def test_arrivals_are_made_as_they_are_played(sensors):
    first = next(demo_arrivals(sensors, WEEK[0], WEEK[0] + 10_000 * 24 * HOUR, 900.0))
    assert isinstance(first, Arrival)
    assert first.time == WEEK[0] + 900 * SECOND
