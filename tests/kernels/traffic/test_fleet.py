"""Exhaust of a mixed fleet, and the heat of what it burns."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.traffic.emissions import link_emission
from kernels.traffic.fleet import FLEET, Part, check, fleet_emission, traffic_heat

LENGTH = np.array([500.0, 200.0])
TIME = np.array([60.0, 30.0])
STOP = np.array([0.0, 0.4])


def test_every_mode_with_an_engine_has_a_fleet_that_adds_up():
    assert {one.mode for one in FLEET} == {"car", "van", "truck", "bus"}
    check(FLEET)  # raises else
    with pytest.raises(LayerError, match=r"shares of the mode car in the fleet add up to 0\.9"):
        check((Part("car", "car_petrol", "6", 0.9, 1.0),))
    with pytest.raises(LayerError, match="names the curve 'steam'"):
        check((Part("car", "steam", "6", 1.0, 1.0),))


def test_a_hundred_cars_leave_what_their_parts_leave():
    cars = np.array([100.0, 0.0])
    found = fleet_emission("carbon_dioxide", {"car": cars}, TIME, LENGTH, STOP, interval=900.0)
    # by hand from the table's shares: 63 petrol, 29 diesel, 8 electric, in a quarter of an hour
    by_hand = [link_emission(f"car_{fuel}", "carbon_dioxide", cars * part, TIME, LENGTH, STOP)
               for fuel, part in (("petrol", 0.63), ("diesel", 0.29), ("electric", 0.08))]  # fmt: skip
    np.testing.assert_allclose(found, 4.0 * sum(by_hand), rtol=1e-12)
    assert found[0] > 0.0
    assert found[1] == 0.0


def test_an_older_class_leaves_more_nitrogen_and_as_much_carbon():
    # EMEP/EEA 2019, table 3-17
    old = (Part("car", "car_diesel", "5", 1.0, 0.55 / 0.45),)
    new = (Part("car", "car_diesel", "6ab", 1.0, 1.0),)
    cars = {"car": np.array([100.0, 50.0])}
    by_class = [fleet_emission("nitrogen_oxides", cars, TIME, LENGTH, STOP, 3600.0, parts) for parts in (old, new)]
    np.testing.assert_allclose(by_class[0] / by_class[1], 0.55 / 0.45)
    same = [fleet_emission("carbon_dioxide", cars, TIME, LENGTH, STOP, 3600.0, parts) for parts in (old, new)]
    np.testing.assert_array_equal(*same)


def test_modes_may_differ_in_their_times_and_bicycles_leave_nothing():
    entries = {"car": np.array([10.0, 10.0]), "bus": np.array([2.0, 0.0]), "bike": np.array([900.0, 900.0])}
    slow = {"car": TIME, "bus": 2.0 * TIME}
    found = fleet_emission("carbon_dioxide", entries, slow, LENGTH, STOP, 3600.0)
    cars = fleet_emission("carbon_dioxide", {"car": entries["car"]}, TIME, LENGTH, STOP, 3600.0)
    buses = link_emission("bus", "carbon_dioxide", entries["bus"], 2.0 * TIME, LENGTH, STOP)
    np.testing.assert_allclose(found, cars + buses, rtol=1e-12)


def test_an_interval_of_nothing_is_refused():
    with pytest.raises(LayerError, match="the interval is 0 s"):
        fleet_emission("carbon_dioxide", {}, TIME, LENGTH, STOP, 0.0)


def test_a_litre_of_petrol_an_hour_warms_the_street_by_nine_kilowatts(measured):
    # a litre of petrol: 0.7489 kg with 43.1 MJ/kg, leaves 2.31 kg of CO2 (DEFRA conversion factors 2023, 100 % mineral)
    watts = float(traffic_heat(np.array([2.31]))[0])
    expected = 0.7489 * 43.1e6 / 3600.0
    measured(
        case="heat of the carbon dioxide of a litre of petrol an hour", source="DEFRA 2023 fuel properties",
        ours=abs(watts / expected - 1.0), bar=0.04, unit="1",
    )  # fmt: skip
