"""Trips of a day between zones and through gates, against sums worked out by hand."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from twin.travel_day import DemandModel, day_trips, motor_shares
from twin.travel_matrix import Outside, day_matrix, outside_of, through_matrix, zone_times
from twin.travel_tables import purposes, rates, travel_modes
from twin.travel_zones import zones_of

sys.path.insert(0, str(Path(__file__).parents[1]))
from travel_toy import network_of, town

CAR = travel_modes()["car"]
A_DAY = 0.5 * 2.9 * 0.92 * 1.03
"""Trips from home of a resident on a working day."""


@pytest.fixture(scope="module")
def known():
    city = town()
    network = network_of(city)
    return network, zones_of(city, network)


def test_times_between_zones_are_those_along_streets(known):
    """Expected: by hand, from (200, 400), the homes of A, to (600, 400), a gate: 400 m at 30 km/h."""
    network, zones = known
    times = zone_times(network, zones, "car")
    gate = zones.id.tolist().index("gate:N600-400")
    place = zones.places["car"]
    assert network["node"].values[place.node[place.first[0] + 1]] == "N200-400"
    assert times[0, gate] == pytest.approx(max(400.0 / (30.0 / 3.6), 60.0))
    assert np.isfinite(times).all()


def test_beyond_one_gate_lies_the_even_plane(known, measured):
    """Closed form: the plane weighed by exp(-b r) has the area 2 pi / b²; cells end where 2 % are left."""
    network, zones = known
    small = network.assign(node_x=network["node_x"] * 0 + 148e3, node_y=network["node_y"] * 0 + 170e3)
    one = replace(zones, gates=replace(zones.gates, node=zones.gates.node[:1]))
    found = outside_of(small, one, CAR, np.ones(1)).area[0]
    rate = 2.0 / CAR.mean_time * CAR.detour / CAR.speed_outside
    measured(case="Area beyond a gate weighed by the deterrence", source="2 pi / b²",
             ours=abs(found / (2 * np.pi / rate**2 * 1e-6) - 1), bar=0.025, unit="1")  # fmt: skip


def alone(known, gates):
    """One sector and some gates, all at no distance."""
    _, zones = known
    picked = replace(zones, id=zones.id[: 1 + gates], sectors=1)
    return picked, np.zeros((1 + gates, 1 + gates))


@pytest.mark.parametrize("beyond", [30.0, 500.0, 0.1])
def test_who_finds_as_much_outside_as_inside_goes_out_for_half_of_it(known, beyond):
    """Closed form: with P trips both ways and M beyond the gate at no more cost, P² / (P + M) stay."""
    zones, times = alone(known, 1)
    trips, gate = np.array([100.0]), Outside(np.ones(1))
    found = day_matrix(zones, times, CAR, trips, trips, gate, gate, beyond, beyond)
    stays = 100.0**2 / (100.0 + beyond)
    np.testing.assert_allclose(found, [[stays, 100.0 - stays], [100.0 - stays, 0.0]], rtol=1e-6)


def test_without_gates_all_stay_and_goals_are_scaled_to_homes(known):
    zones, times = alone(known, 0)
    none = Outside(np.zeros(0))
    np.testing.assert_allclose(
        day_matrix(zones, times, CAR, np.array([70.0]), np.array([10.0]), none, none, 1, 1), 70.0
    )


def test_homes_and_goals_of_a_day_are_met_by_cars_and_their_passengers(known):
    """Expected: by hand from the tables: trips of residents by car, by purpose, over the persons in a car."""
    network, zones = known
    found = day_trips(network, zones, "weekday", DemandModel(modes=("car",), through=False)).parts["car"]
    outs = [part for part in found if part.way == "out"]
    backs = [part for part in found if part.way == "back"]
    for purpose, out, back in zip(purposes().values(), outs, backs, strict=False):
        leave = zones.residents * A_DAY * 0.27 * purpose.share["weekday"] / purpose.persons_per_car
        np.testing.assert_allclose(out.matrix[:2].sum(axis=1), leave, rtol=1e-6)
        np.testing.assert_allclose(back.matrix[:, :2].sum(axis=0), leave, rtol=1e-6)
    work = zones.jobs * 0.62 * 0.36 / 1.05
    np.testing.assert_allclose(outs[0].matrix[:, :2].sum(axis=0), work, rtol=1e-6)


def test_who_comes_goes_again(known):
    """Expected: over a day each zone is left as often as it is reached; vans and trucks too."""
    network, zones = known
    found = day_trips(network, zones, "weekday", DemandModel(through=False))
    for mode in ("car", "van", "truck", "bike"):
        whole = sum(part.matrix for part in found.parts[mode])
        np.testing.assert_allclose(whole[:2].sum(axis=1), whole[:, :2].sum(axis=0), rtol=1e-6)
        assert whole[2:, :2].sum() == pytest.approx(whole[:2, 2:].sum(), rel=1e-6)


def test_what_passes_a_gate_is_its_volume_where_its_own_traffic_leaves_room(known):
    """Expected: 2 lanes of the table, for cars, vans and trucks together; entering as leaving.

    Through traffic that enters and leaves is scaled to the lesser, so that a gate may stay below by some percent.
    """
    network, zones = known
    few = replace(zones, residents=zones.residents / 20, jobs=zones.jobs / 20)
    found = day_trips(network, few, "weekday", DemandModel())
    motor = sum(part.matrix for mode in ("car", "van", "truck") for part in found.parts[mode])
    coming, going = motor[2:].sum(axis=1), motor[:, 2:].sum(axis=0)
    np.testing.assert_allclose(coming, few.gates.vehicles_in, rtol=0.02)
    np.testing.assert_allclose(going, few.gates.vehicles_out, rtol=0.02)


def test_vans_and_trucks_are_their_share_of_motor_traffic(known):
    """Expected: 11 and 3 % of the table."""
    network, zones = known
    found = day_trips(network, zones, "weekday", DemandModel())
    whole = {mode: sum(part.matrix.sum() for part in found.parts[mode]) for mode in ("car", "van", "truck")}
    motor = sum(whole.values())
    assert {mode: value / motor for mode, value in whole.items()} == pytest.approx(motor_shares(), rel=1e-6)
    assert motor_shares() == pytest.approx({"car": 0.86, "van": rates()["van_share"], "truck": rates()["truck_share"]})


def test_three_gates_alike_share_their_through_traffic_evenly_wherever_they_lie(known):
    """Closed form: with equal margins, nothing back and symmetric weights, each of three gates halves its traffic."""
    network, zones = known
    three = replace(zones, gates=replace(zones.gates, node=zones.gates.node[:3]))
    found = through_matrix(network, three, np.full(3, 300.0), np.full(3, 300.0))
    np.testing.assert_allclose(found, 150.0 * (1 - np.eye(3)), rtol=1e-5)


def test_of_four_gates_the_far_ones_exchange_most(known):
    """Expected: the weights of the squared distances; gates at (0, 200), (0, 400), (600, 200), (600, 400)."""
    network, zones = known
    names = zones.id.tolist()
    node = [zones.gates.node[names.index(f"gate:N{one}") - 2] for one in ("0-200", "0-400", "600-200", "600-400")]
    four = replace(zones, gates=replace(zones.gates, node=np.array(node)))
    found = through_matrix(network, four, np.full(4, 300.0), np.full(4, 300.0))
    weight = np.array([0.0, 200.0**2, 600.0**2, 600.0**2 + 200.0**2])
    np.testing.assert_allclose(found[0], 300.0 * weight / weight.sum(), rtol=1e-5)


def test_a_gate_that_holds_more_than_all_others_is_cut_to_what_they_take(known):
    network, zones = known
    three = replace(zones, gates=replace(zones.gates, node=zones.gates.node[:3]))
    found = through_matrix(network, three, np.array([1000.0, 100.0, 100.0]), np.array([1000.0, 100.0, 100.0]))
    assert found[0].sum() == pytest.approx(found[1:, 0].sum(), rel=0.05)
    assert found.sum() > 200.0


def test_half_the_cars_of_the_survey_are_half_the_trips(known):
    network, zones = known
    usual = day_trips(network, zones, "sunday", DemandModel(modes=("bike",), through=False))
    half = day_trips(network, zones, "sunday", DemandModel(modes=("bike",), through=False, mode_shares={"bike": 0.045}))
    one, other = (
        sum(part.matrix[:2].sum() for part in found.parts["bike"] if part.way == "out") for found in (usual, half)
    )
    assert other == pytest.approx(one / 2, rel=1e-9)
