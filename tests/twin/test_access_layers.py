"""Streets cut at doors: the kernel of access says what the ten-minute city says, home by home."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xarray as xr

from kernels.access.kernel import Access
from kernels.contract import collect, run
from kernels.quantities.access import CATEGORIES, access_time
from scenarios.ten_minutes import homes_along, homes_in, ten_minutes
from twin.access_layers import access_layers, layers_of
from twin.amenities import places_of
from twin.city import CRS, CityError
from twin.demo import demo_city
from twin.street_graph import graph_of
from twin.street_reach import StreetTimes
from twin.street_works import Clock, StreetClosure, StreetWorks

sys.path.insert(0, str(Path(__file__).parents[1]))
from street_toy import FLAT, at, toy

H = 3600.0


def table(rows, **columns):
    """Points or shapes by name."""
    return gpd.GeoDataFrame(columns, index=pd.Index(list(rows), dtype=object, name="id"),
                            geometry=list(rows.values()), crs=CRS)  # fmt: skip


def some_places(**shapes):
    kinds = [name.rpartition("_")[0] for name in shapes]
    return table(shapes, category=kinds, name="", capacity=np.nan)


def some_homes(*points):
    return table({f"home-{n}": at(*one) for n, one in enumerate(points)}, people=np.arange(1.0, len(points) + 1))


def times(layers, **knobs):
    frames, outcome = collect(run(Access(**knobs), layers, layers[[]], [1.0]))
    assert outcome.closure.error == 0.0
    return frames.isel(time=0)


def test_two_doors_of_one_street_are_as_far_as_they_look():
    # homes at x = 100 and 500 of a street of 600 m, a sports hall at x = 180 that stands 10 m off
    found = times(layers_of(StreetTimes.of(toy()), some_places(sport_1=at(180, 10)), some_homes((100, 0), (500, 0))))
    np.testing.assert_allclose(found["access_time_sport"], np.array([80 + 10, 320 + 10]) / FLAT)


def test_a_park_is_entered_wherever_a_street_touches_it():
    park = shapely.box(at(200, 0).x, at(0, 5).y, at(400, 0).x, at(0, 80).y)
    layers = layers_of(StreetTimes.of(toy()), some_places(green_space_1=park), some_homes((300, 0), (500, 0)))
    found = times(layers)["access_time_green_space"].values
    assert found[0] == 0.0
    assert found[1] == pytest.approx(85 / FLAT, abs=3.0)  # its edge is taken 15 m wide


def test_what_stands_on_no_street_is_counted_and_reaches_nothing():
    layers = layers_of(StreetTimes.of(toy()), some_places(sport_1=at(0, 5000), sport_2=at(0, 0)),
                       some_homes((100, 0), (0, 9000)))  # fmt: skip
    assert layers.attrs["lost"] == {"places": 1, "homes": 1}
    assert np.isnan(times(layers)["access_time_sport"].values[1])


def test_a_place_is_open_at_its_hours_by_all_its_doors():
    park = shapely.box(at(200, 0).x, at(0, 5).y, at(400, 0).x, at(0, 80).y)
    layers = layers_of(StreetTimes.of(toy()), some_places(green_space_1=park), some_homes((300, 0)),
                       opening={"green_space_1": [(100.0, 200.0)]})  # fmt: skip
    frames, _ = collect(run(Access(), layers, layers[[]], [50.0, 150.0, 250.0]))
    assert np.isfinite(frames["access_time_green_space"].values[:, 0]).tolist() == [False, True, False]


def test_times_and_places_that_are_not_there_are_named():
    streets, places, homes = StreetTimes.of(toy()), some_places(sport_1=at(0, 0)), some_homes((100, 0))
    with pytest.raises(CityError, match="no category 'golf'"):
        layers_of(streets, places, homes, minutes={"golf": 5})
    with pytest.raises(CityError, match="sport: 0 minutes"):
        layers_of(streets, places, homes, minutes={"sport": 0})
    with pytest.raises(CityError, match="'gym'"):
        layers_of(streets, places, homes, opening={"gym": [(0.0, 1.0)]})
    with pytest.raises(CityError, match="expected later"):
        layers_of(streets, places, homes, opening={"sport_1": [(5.0, 1.0)]})


def test_an_edit_bars_walkers_and_riders_as_it_bars_others_by_the_clock():
    # the demo's streets as they are; from 7 to 11 h by the clock of Brussels nobody may walk or ride in one street
    city = demo_city()
    homes = homes_along(StreetTimes.of(graph_of(city), "walk", city.terrain), city.sectors).table
    street = graph_of(city).links.index[0]
    works = StreetWorks(closures=(StreetClosure("c", (street,), ("bike", "foot"), "both", Clock(((7 * H, 11 * H),))),))
    six = datetime(2026, 6, 1, 4, tzinfo=UTC)  # six in Brussels, in summer
    layers = access_layers(city, homes, works=works, start=six, duration_s=6 * H)
    assert set(layers["shut_begin"].values) == {1 * H}
    assert set(layers["shut_until"].values) == {5 * H}
    frames, outcome = collect(run(Access(), layers, layers[[]], [0.5 * H, 3 * H, 5.5 * H]))
    assert outcome.closure.error == 0.0
    before, during, after = (frames.isel(time=n).drop_vars("time") for n in range(3))
    xr.testing.assert_identical(before, after)
    slower = sum(int((during[name] > before[name]).sum()) for name in map(access_time, CATEGORIES))
    quicker = sum(int((during[name] < before[name]).sum()) for name in map(access_time, CATEGORIES))
    assert slower > 0
    assert quicker == 0
    always = StreetWorks(closures=(StreetClosure("c", (street,), ("bike", "foot")),))
    shut = access_layers(city, homes, works=always, start=six)
    found = times(shut)
    for name in map(access_time, CATEGORIES):
        np.testing.assert_array_equal(found[name].values, during[name].values)
    with pytest.raises(CityError, match="give the start"):
        access_layers(city, homes, works=always)


@pytest.mark.parametrize("mode", ["walk", "bike"])
def test_the_kernel_and_the_ten_minute_city_agree_on_the_demo(mode, measured):
    city = demo_city()
    streets = StreetTimes.of(graph_of(city), mode, city.terrain)
    homes = homes_in(city) or homes_along(streets)
    other = ten_minutes(streets, places_of(city), homes)
    found = times(access_layers(city, homes.table, mode=mode))
    worst = 0.0
    for code, key in enumerate(CATEGORIES):
        ours, theirs = found[access_time(key)].values, other.seconds[code]
        np.testing.assert_array_equal(np.isnan(ours), np.isinf(theirs))
        there = np.isfinite(theirs)
        worst = max(worst, float(np.abs(ours[there] - theirs[there]).max(initial=0.0)))
    measured(case=f"access of the demo by {mode}: kernel against the ten-minute city", ours=worst, bar=1e-8, unit="s",
             source="two ways of counting: streets cut at doors, and both ends of a street")  # fmt: skip
