"""Rows of a run: by the clock of Brussels, bounded, exact in total, the same rows before and after a change."""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kernels.quantities import QUANTITIES
from kernels.traffic.demand import Demand, VehicleClass
from kernels.traffic.equilibrium import assign
from kernels.traffic.network import Network
from kernels.traffic.queues_inputs import MODE_NAMES
from twin.city import CityError
from twin.demo import demo_city
from twin.street_works import DemandChange
from twin.travel_day import DemandModel, day_trips
from twin.travel_demand import travel_demand
from twin.travel_zones import zones_of

sys.path.insert(0, str(Path(__file__).parents[1]))
from travel_toy import TUESDAY_8, network_of, town

HOUR = 3600.0


@pytest.fixture(scope="module")
def known():
    city = town()
    return city, network_of(city)


def trips(demand, mode):
    """Of one mode."""
    return float(demand["demand_trips"].values[demand["demand_mode"].values == MODE_NAMES.index(mode)].sum())


def test_an_hour_holds_the_trips_of_its_part_of_the_day(known):
    """Expected: those of the matrices of the day; trips that begin and end at one crossing use no street."""
    city, network = known
    demand, told = travel_demand(city, network, TUESDAY_8, HOUR)
    zones = zones_of(city, network)
    day = day_trips(network, zones, "weekday", DemandModel())
    for mode in ("car", "van", "truck", "bike"):
        whole = sum(float(matrix.sum()) for matrix in day.hour(mode, 8).values())
        here = sum(float(np.trace(matrix)) for matrix in day.hour(mode, 8).values())
        assert whole - here - 2 <= trips(demand, mode) <= whole * (1 + 1e-9)
    assert told["gates"] == 8
    # 4,000 residents, 2.9 trips by those over 6, 22 % with bus, tram and metro: only in figures
    assert told["transit trips of residents, a day"] == pytest.approx(4000 * 2.9 * 0.92 * 1.03 * 0.22)
    assert set(demand.data_vars) <= set(QUANTITIES)
    assert demand["demand_begin"].values.max() == 0.0
    assert demand["demand_until"].values.min() == HOUR


@pytest.mark.parametrize("utc", [datetime(2026, 3, 10, 7, tzinfo=UTC), datetime(2026, 6, 9, 6, tzinfo=UTC)])
def test_eight_in_the_morning_is_that_of_the_clock_of_brussels(known, utc):
    """Expected: 07:00 UTC in winter, 06:00 in summer."""
    city, network = known
    named, _ = travel_demand(city, network, TUESDAY_8, HOUR)
    found, _ = travel_demand(city, network, utc, HOUR)
    np.testing.assert_array_equal(found["demand_trips"], named["demand_trips"])


def test_a_run_from_half_past_seven_to_nine_has_half_of_an_hour_and_a_whole_one(known):
    """Expected: half of the hour from 7, all of that from 8."""
    city, network = known
    seven, eight = (
        travel_demand(city, network, TUESDAY_8 + timedelta(hours=n), HOUR)[0]["demand_trips"].values.sum()
        for n in (-1, 0)
    )
    found, _ = travel_demand(city, network, TUESDAY_8 - timedelta(minutes=30), 1.5 * HOUR)
    assert float(found["demand_trips"].sum()) == pytest.approx(seven / 2 + eight, rel=0.02)
    assert set(found["demand_begin"].values) == {0.0, 1800.0}


def test_the_calendar_tells_the_day_unless_it_is_named(known):
    city, network = known
    saturday = TUESDAY_8 + timedelta(days=4)
    by_date, _ = travel_demand(city, network, saturday, HOUR)
    named, _ = travel_demand(city, network, TUESDAY_8, HOUR, DemandModel(day="saturday"))
    weekday, _ = travel_demand(city, network, saturday, HOUR, DemandModel(day="weekday"))
    np.testing.assert_array_equal(by_date["demand_trips"], named["demand_trips"])
    assert trips(weekday, "car") > 1.5 * trips(by_date, "car")


def test_in_the_morning_people_come_to_the_offices_and_in_the_evening_they_leave(known):
    """Expected: offices are in B; the two peaks of the tables."""
    city, network = known
    model = DemandModel(modes=("car",), through=False)
    for hours, more in ((0, "demand_zone_to"), (9, "demand_zone_from")):
        demand, _ = travel_demand(city, network, TUESDAY_8 + timedelta(hours=hours), HOUR, model)
        ends = {
            name: float(demand["demand_trips"].values[demand[name].values == 1].sum())
            for name in ("demand_zone_from", "demand_zone_to")
        }
        assert max(ends, key=ends.__getitem__) == more


@pytest.mark.parametrize("most", [40, 400, 60_000])
def test_there_are_no_more_rows_than_asked_and_they_hold_all_trips(known, most):
    city, network = known
    all_rows, _ = travel_demand(city, network, TUESDAY_8, 2 * HOUR)
    demand, _ = travel_demand(city, network, TUESDAY_8, 2 * HOUR, DemandModel(most_rows=most))
    assert demand.sizes["demand"] <= most + 2 * 9  # an hour, mode and way has one at least
    assert float(demand["demand_trips"].sum()) == pytest.approx(float(all_rows["demand_trips"].sum()), rel=0.03)


def test_a_quarter_fewer_cars_is_the_same_rows_with_a_quarter_fewer_trips(known):
    """Expected: row by row three quarters for cars, all of the others; so that before and after can be compared."""
    city, network = known
    before, _ = travel_demand(city, network, TUESDAY_8, HOUR)
    after, _ = travel_demand(city, network, TUESDAY_8, HOUR, changes=(DemandChange("x", 0.75, ("car",)),))
    np.testing.assert_array_equal(after["demand_start_node"], before["demand_start_node"])
    factor = np.where(before["demand_mode"].values == 0, 0.75, 1.0)
    np.testing.assert_allclose(after["demand_trips"], before["demand_trips"] * factor, rtol=1e-12)


def test_a_change_in_a_sector_touches_only_trips_that_begin_or_end_there(known):
    city, network = known
    before, _ = travel_demand(city, network, TUESDAY_8, HOUR)
    after, _ = travel_demand(city, network, TUESDAY_8, HOUR, changes=(DemandChange("x", 2.0, (), ("B",)),))
    own = (before["demand_zone_from"].values == 1) | (before["demand_zone_to"].values == 1)
    np.testing.assert_allclose(after["demand_trips"], before["demand_trips"] * np.where(own, 2.0, 1.0), rtol=1e-12)


def test_scale_and_trips_per_person_scale(known):
    city, network = known
    own = DemandModel(through=False)
    one, two = (
        float(travel_demand(city, network, TUESDAY_8, HOUR, model)[0]["demand_trips"].sum())
        for model in (own, DemandModel(through=False, scale=2.0))
    )
    assert two == pytest.approx(2 * one, rel=0.02)


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda: DemandModel(day="holiday"), "no day 'holiday'"),
        (lambda: DemandModel(mode_shares={"horse": 0.1}), "no mode of travel 'horse'"),
        (lambda: DemandModel(modes=("tram",)), "no mode 'tram'"),
        (lambda: DemandModel(mode_shares={"car": 0.9, "bike": 0.2}).shares(), "add up to 1"),
        (lambda: DemandModel(scale=-1.0), "zero or more"),
    ],
)
def test_a_model_that_makes_no_sense_is_refused(work, words):
    with pytest.raises(CityError, match=words):
        work()


def test_what_the_area_does_not_know_is_refused(known):
    city, network = known
    with pytest.raises(CityError, match="names the sector 'C'"):
        travel_demand(city, network, TUESDAY_8, HOUR, changes=(DemandChange("x", 0.5, (), ("C",)),))
    with pytest.raises(CityError, match="names the mode 'tram'"):
        travel_demand(city, network, TUESDAY_8, HOUR, changes=(DemandChange("x", 0.5, ("tram",)),))
    with pytest.raises(CityError, match="needs its zone"):
        travel_demand(city, network, datetime(2026, 3, 10, 7), HOUR)
    with pytest.raises(CityError, match="more than zero"):
        travel_demand(city, network, TUESDAY_8, 0.0)


@pytest.mark.slow
def test_streets_of_the_demo_district_carry_what_such_streets_carry(measured):
    """Expected: what people who know Brussels expect at the peak: 800 to 1,500 on a main axis, 20 to 150 in a street of
    homes, by the static equilibrium with the capacity of signals."""
    city = demo_city()
    network = network_of(city)
    demand, _ = travel_demand(city, network, TUESDAY_8, HOUR, DemandModel(modes=("car", "van", "truck")))
    cars = (network["allowed_modes"].values & 1) > 0
    green = network["signal_green"].values / np.maximum(network["signal_cycle"].values, 1.0)
    capacity = network["street_capacity"].values * np.where(network["signal_cycle"].values > 0, green, 1.0)
    length = network["street_length"].values
    streets = Network.of(
        network["link_start_node"].values[cars], network["link_end_node"].values[cars],
        free_flow_time=(length / network["free_speed"].values)[cars], capacity=capacity[cars],
        node_id=np.arange(network.sizes["node"]),
    )  # fmt: skip
    classes = (VehicleClass("car"), VehicleClass("van"), VehicleClass("truck", 2.3))
    rows = (demand[f"demand_{name}"].values for name in ("start_node", "end_node", "trips", "mode"))
    found = assign(streets, Demand(*rows, classes), gap=1e-4)
    assert found.unserved.size == 0
    keys = network["street_class"].attrs["flag_meanings"].split()
    kind = np.array(keys)[network["street_class"].values[cars]]
    main = np.average(found.flow[kind == "primary"], weights=length[cars][kind == "primary"])
    homes = np.median(found.flow[(kind == "residential") & (found.flow > 0)])
    case, source = "Demo district at 8 h, car units an hour and direction", "expected of Brussels streets"
    measured(case=f"{case}: mean of the main axis", source=source, ours=main, bar=1500.0, unit="h-1")
    measured(case=f"{case}: mean of the main axis", source=source, ours=main, bar=800.0, unit="h-1", at_least=True)
    measured(case=f"{case}: median of streets of homes", source=source, ours=homes, bar=150.0, unit="h-1")
    measured(case=f"{case}: median of streets of homes", source=source, ours=homes, bar=20.0, unit="h-1", at_least=True)
