"""District heat: closed forms of a pipe, ledgers, sewers that two share, ground that cools, hours without demand."""

import sys
import time
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq, root

from kernels.contract import LayerError
from kernels.energy.boreholes import BoreField, brine_temperature
from kernels.energy.district_network_loops import performance
from kernels.energy.district_networks import PUMP_EFFICIENCY, SUBSTATION_PRESSURE, Networks, NetworkState
from kernels.energy.district_plants import COLDEST_BRINE
from kernels.energy.heat_network import DENSITY, HeatNetwork, solve_flows
from kernels.energy.heat_network_temperatures import SPECIFIC_HEAT, carry_heat
from kernels.energy.heat_pumps import COP_CURVES, CORRECTION, SMALLEST_LIFT, cop
from kernels.energy.sewer_heat import LEAST_TEMPERATURE, WATER_HEAT

sys.path.insert(0, str(Path(__file__).parent))
from district_toy import HOURS, demand, forcing, layers, single, tree

SOURCES = ("gas", "air", "ground", "sewer", "waste")
SEWER = {"sewers": [(0, 0, 0.2)], "waste_heat": 1e5}


def run(found, asked, hours=None):
    asked = np.atleast_2d(np.asarray(asked, float))
    networks = Networks.of(found, forcing(hours or asked.shape[1]))
    return networks.run(0, asked, networks.start())


def test_a_pipe_cools_as_an_exponential_both_ways():
    # closed form: T = Tg + (T0 - Tg) exp(-U L / (m c)), and the flow is the root of m c (T - 40 °C) = Q, by brentq
    heat, ground = 40e3, 279.0
    found = run(single(winter_air=250.0, summer_supply=338.15), [[heat]])
    supply, back = 338.15, 313.15

    def out(mass):
        return ground + (supply - ground) * np.exp(-0.2 * 500 / (mass * SPECIFIC_HEAT))

    soil = 284.0 - 5.0 * np.cos(2 * np.pi * -1.5 / 12)
    ground = soil
    mass = brentq(lambda m: m * SPECIFIC_HEAT * (out(m) - back) - heat, 0.3, 2.0, xtol=1e-15)
    returned = ground + (back - ground) * np.exp(-0.2 * 500 / (mass * SPECIFIC_HEAT))
    assert found.mass_flow[0, 0] == pytest.approx(mass, rel=1e-10)
    assert found.return_temperature[0, 0] == pytest.approx(returned, rel=1e-10)
    assert found.plant_heat[0, 0] == pytest.approx(mass * SPECIFIC_HEAT * (supply - returned), rel=1e-10)
    assert found.lost[0, 0] == pytest.approx(mass * SPECIFIC_HEAT * (supply - out(mass) + back - returned), rel=1e-9)


def test_a_tree_equals_the_network_of_any_shape_at_the_same_flows():
    # the general solver (spanning tree, Newton, sorted nodes) with one consumer's flow: spread = its own fall
    above, length = [-1, 0, 0, 2], np.array([120.0, 80.0, 60.0, 40.0])
    asked = np.array([[0.0, 30e3]]).T
    found = run(layers(above, length, 0.08, [1, 3]), asked)
    general = HeatNetwork(np.array([0, 1, 1, 3]), np.array([1, 2, 3, 4]), length, 0.08, 0.2, np.array([0]))
    soil = 284.0 - 5.0 * np.cos(2 * np.pi * 1.5 / 12)
    spread = 30e3 / (SPECIFIC_HEAT * found.mass_flow[0, 0])
    same = carry_heat(general, [2, 4], asked.T, float(found.supply_temperature[0, 0]), spread, soil)
    assert found.plant_heat[0, 0] == pytest.approx(same.plant_heat[0], rel=1e-9)
    assert found.lost[0, 0] == pytest.approx(same.lost[0], rel=1e-9)
    assert same.consumer_back[0, 1] == pytest.approx(313.15, abs=1e-8)
    fall = -solve_flows(general, np.array([[0, 0, 0, 0, found.mass_flow[0, 0]]])).pressure[0, 4]
    pump = found.mass_flow[0, 0] / DENSITY * (2 * fall + SUBSTATION_PRESSURE) / PUMP_EFFICIENCY
    assert found.pump_electricity[0, 0] == pytest.approx(pump, rel=1e-12)


@pytest.mark.parametrize("scale", [1e-9, 1e-3, 1.0])
def test_flows_of_a_branched_tree_solve_all_equations_at_once(scale):
    # independent: MINPACK on the consumers' equations m c (T - back) = Q, temperatures by following each way; at the
    # small scale every service pipe only keeps itself warm
    above, length, at = [-1, 0, 0, 1, 1, 2], np.array([150.0, 90, 70, 30, 45, 60]), np.array([3, 4, 5])
    asked = scale * np.array([8e3, 15e3, 22e3])
    found = run(layers(above, length, 0.06, at), asked[:, None])
    soil, supply = 284.0 - 5.0 * np.cos(2 * np.pi * 1.5 / 12), float(found.supply_temperature[0, 0])

    def short(mass):
        flow = np.zeros(6)
        for pipe, one in zip(at, mass, strict=True):
            while pipe >= 0:
                flow[pipe] += one
                pipe = above[pipe]
        arrived = []
        for pipe in at:
            lost = 0.0
            while pipe >= 0:
                lost += 0.2 * length[pipe] / (SPECIFIC_HEAT * flow[pipe])
                pipe = above[pipe]
            arrived.append(soil + (supply - soil) * np.exp(-lost))
        return mass * SPECIFIC_HEAT * (np.array(arrived) - 313.15) - asked

    start = (asked + 60.0 * 0.2 * 54.0) / (SPECIFIC_HEAT * (supply - 313.15))
    other = root(short, start, tol=1e-14)
    assert np.abs(short(other.x)).max() < 1e-6
    assert found.mass_flow[0, 0] == pytest.approx(other.x.sum(), rel=1e-8)


def test_flows_settle_in_any_tree_however_little_or_much_is_asked():
    # service pipes of 3 km, falls of 2 K, demands from a nanowatt to ten megawatts side by side
    chance = np.random.default_rng(0)
    for _ in range(60):
        pipes = int(chance.integers(1, 40))
        above = [-1, *(int(chance.integers(0, one)) for one in range(1, pipes))]
        at = chance.choice(pipes, int(chance.integers(1, pipes + 1)), replace=False)
        back = chance.uniform(283.0, 330.0)
        fall = 10 ** chance.uniform(0.3, 1.7)
        found = layers(
            above, 10 ** chance.uniform(0, 3.5, pipes), 10 ** chance.uniform(-1.7, -0.5, pipes), at,
            winter_supply=back + fall, summer_supply=back + 0.6 * fall, consumer_return=back,
        )  # fmt: skip
        asked = 10 ** chance.uniform(-9, 7, (at.size, 100)) * (chance.uniform(size=(at.size, 100)) < 0.5)
        done = run(found, asked)
        assert done.closure().max() < 1e-12 * max(done.plant_heat.max(), 1.0)
        assert (done.plant_heat >= 0).all()


@pytest.mark.parametrize("source", SOURCES)
def test_books_close_at_every_network_and_hour(measured, source):
    found = run(tree(source, source_capacity=150e3, boiler_capacity=120e3, **SEWER), demand())
    assert found.unserved.sum() > 0.0
    asked = demand().sum(axis=0)
    np.testing.assert_allclose(found.delivered[0] + found.unserved[0], asked, rtol=1e-9)
    np.testing.assert_allclose(found.served.sum(axis=0), found.delivered[0], rtol=1e-9, atol=1e-6)
    assert (found.source_heat <= 150e3 * (1 + 1e-9)).all()
    assert (found.boiler_heat <= 120e3 * (1 + 1e-6)).all()
    assert (found.boiler_heat >= -1e-6).all()
    assert found.sewer_closure < 1e-12
    measured(
        case=f"District heat of 50 consumers on {source}, 8,760 hours: plant - delivered - lost, and its sources",
        source="ledger of pipes and plant", ours=found.closure().max() / 1e3, bar=1e-6, unit="kWh/h",
    )  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_a_year_at_once_is_the_year_by_months_bit_for_bit(source):
    networks = Networks.of(tree(source, source_capacity=150e3, boiler_capacity=120e3, **SEWER), forcing())
    asked, state, parts = demand(), networks.start(), []
    whole = networks.run(0, asked, state)
    for first in range(0, HOURS, 730):
        part = networks.run(first, asked[:, first : first + 730], NetworkState.restored(state.saved()))
        state = part.state
        parts.append(part)
    for name in (one.name for one in fields(whole) if one.name not in ("state", "sewer_closure")):
        np.testing.assert_array_equal(
            getattr(whole, name), np.concatenate([getattr(one, name) for one in parts], axis=1)
        )
    np.testing.assert_array_equal(whole.state.ground_rate, state.ground_rate)


def test_two_threads_and_one_give_the_same_bits():
    networks, asked = Networks.of(tree(boiler_capacity=120e3, source_capacity=0.0), forcing()), demand()
    one, two = (networks.run(0, asked, networks.start(), threads) for threads in (1, 2))
    for name in ("plant_heat", "lost", "served", "return_temperature"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_a_year_of_fifty_consumers_takes_less_than_two_seconds(measured):
    networks, asked = Networks.of(tree("ground"), forcing()), demand()
    networks.run(0, asked[:, :24], networks.start())
    begin = time.perf_counter()
    networks.run(0, asked, networks.start())
    measured(
        case="District heat of 50 consumers on boreholes, 8,760 hours", source="clock",
        ours=time.perf_counter() - begin, bar=2.0, unit="s",
    )  # fmt: skip


def test_without_demand_water_stands_still():
    asked = np.array([[0.0, 20e3, 0.0]])
    found = run(single("air"), asked)
    for name in ("plant_heat", "lost", "source_heat", "boiler_heat", "source_electricity", "pump_electricity", "fuel",
                 "mass_flow", "ambient_heat", "unserved"):  # fmt: skip
        values = getattr(found, name)[0]
        assert values[0] == values[2] == 0.0, name
    assert found.lost[0, 1] > 0.0
    soil = 284.0 - 5.0 * np.cos(2 * np.pi * 1.5 / 12)
    assert found.return_temperature[0, 0] == pytest.approx(soil)
    assert np.isfinite(found.supply_temperature).all()


def test_a_consumer_who_asks_nothing_cools_nobody():
    # his own pipe stands still: the network is as if it had none
    with_, without = layers([-1, 0, 0], 100.0, 0.08, [1, 2]), layers([-1, 0], 100.0, 0.08, [1])
    one = run(with_, [[20e3], [0.0]])
    other = run(without, [[20e3]])
    assert one.plant_heat[0, 0] == pytest.approx(other.plant_heat[0, 0], rel=1e-12)


def test_supply_slides_between_winter_and_summer():
    found = run(single(), np.full((1, HOURS), 5e3))
    air = forcing()["air_temperature"].values
    warm, cold = found.supply_temperature[0][air > 288.15], found.supply_temperature[0][air < 274.0]
    np.testing.assert_allclose(warm, 328.15)
    # halfway between -8 and 15 °C: halfway between 55 and 65 °C
    middle = np.argmin(np.abs(air - (265.15 + 288.15) / 2))
    assert found.supply_temperature[0, middle] == pytest.approx(333.15, abs=0.05)
    assert (cold > 334.0).all()


@pytest.mark.parametrize("lift", [5.0, 15.0, 40.0, 70.0, 120.0])
def test_compiled_performance_is_that_of_heat_pumps(lift):
    for kind in COP_CURVES:
        brine = 280.0 + (0.0 if kind == "air" else 5.0)
        ours = performance(lift, np.array(COP_CURVES[kind]), CORRECTION, SMALLEST_LIFT)
        assert ours == pytest.approx(float(cop(kind, brine, 280.0 + lift)), rel=1e-14)


def test_the_pump_gives_to_its_capacity_and_boilers_the_rest():
    found = run(single("air", source_capacity=30e3), [[50e3]])
    assert found.source_heat[0, 0] == 30e3
    assert found.fuel[0, 0] == pytest.approx((found.plant_heat[0, 0] - 30e3) / 0.92)
    good = float(cop("air", forcing(1)["air_temperature"].values[0], found.supply_temperature[0, 0]))
    assert found.source_electricity[0, 0] == pytest.approx(30e3 / good)


def test_waste_heat_is_not_given_twice():
    found = run(single("waste", waste_heat=10e3), [[50e3]])
    assert found.ambient_heat[0, 0] == pytest.approx(10e3, rel=1e-12)


def test_ground_follows_the_field_of_boreholes_and_cools_over_years_of_taking():
    found = run(tree("ground"), demand())
    taken = found.ambient_heat[0]
    x, y = np.meshgrid(np.arange(8) * 7.0, np.arange(8) * 7.0)
    field = BoreField(x.ravel()[:60], y.ravel()[:60], 150.0, 286.0)
    np.testing.assert_allclose(found.source_temperature[0], brine_temperature(field, taken, 3600.0), atol=1e-4)
    assert (taken >= 0).all()
    # heat is only taken: at the same time of the year and the same load the brine is colder than at the start
    steady = run(single("ground"), np.full((1, HOURS), 40e3)).source_temperature[0]
    assert (np.diff(steady[24::720]) < 0.05).all()
    assert steady[-1] < steady[24] - 0.3


def test_brine_does_not_fall_below_its_limit():
    found = run(single("ground"), np.full((1, 2000), 900e3))
    assert found.source_temperature.min() >= COLDEST_BRINE - 1e-9
    assert found.source_heat[0, -1] < found.plant_heat[0, -1]
    assert found.unserved.max() == 0.0


def sharing(flows, sewers):
    """Two networks of one pipe each on sewers."""
    return layers([-1, -1], 100.0, 0.15, [0, 1], "sewer", network=[0, 1], consumer_network=[0, 1], sewers=sewers,
                  source_capacity=flows)  # fmt: skip


def test_two_networks_do_not_take_the_same_heat_from_a_sewer():
    hours = 24 * 30
    asked = np.full((2, hours), 3e6)
    both = run(sharing(np.inf, [(0, 0, 0.1), (1, 0, 0.1)]), asked)
    alone = run(sharing(np.inf, [(0, 0, 0.1), (1, 1, 0.1)]), asked)
    # by hand: the water of January, 11.6 °C at 0.1 m³/s times the hour's share, may cool to 10 °C, once
    share = 1.0 - 0.5 * np.cos(2 * np.pi * (np.arange(hours) % 24 - 4) / 24)
    warm = 288.15 - 4.0 * np.cos(2 * np.pi * -1 / 12)
    there = 0.1 * share * WATER_HEAT * (warm - LEAST_TEMPERATURE)
    np.testing.assert_allclose(both.ambient_heat.sum(axis=0), there, rtol=1e-6)
    np.testing.assert_allclose(alone.ambient_heat, [there, there], rtol=1e-6)
    # the one above has it, and what the other cannot get its boilers burn
    np.testing.assert_allclose(both.ambient_heat[1], 0.0, atol=1.0)
    assert (both.fuel[1] > both.fuel[0]).all()
    assert both.unserved.max() == 0.0


def test_more_water_below_feeds_the_second_source():
    asked = np.full((2, 24), 6e6)
    both = run(sharing(np.inf, [(0, 0, 0.1), (1, 0, 0.3)]), asked)
    np.testing.assert_allclose(both.ambient_heat[1], 2 * both.ambient_heat[0], rtol=1e-6)


def test_no_layers_are_no_networks():
    assert Networks.of(single().drop_dims("network"), forcing(1)) is None


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (layers([0], 10.0, 0.1, [0]), "must stand after the one"),
        (layers([-1, -1], 10.0, 0.1, [0], network=[0, 1]), "X"),
        (single(consumer_return=340.0), "warmer than it comes back"),
        (single("sewer"), "has none; add one"),
        (single("ground").drop_dims("network_borefield"), "has no borefield"),
        (single("sewer", sewers=[(0, 0, 0.3), (0, 0, 0.1)]), "less than the one above"),
        (layers([-1], 10.0, 0.1, [0], source_capacity=1.0).assign(network_source=("network", [9.0])), "must be one of"),
    ],
)
def test_layers_that_mean_nothing_are_refused(found, words):
    if words == "X":  # a network without a consumer is dull and allowed
        assert Networks.of(found, forcing(1)) is not None
        return
    with pytest.raises(LayerError, match=words):
        Networks.of(found, forcing(1))


@pytest.mark.parametrize(
    ("first", "asked", "words"),
    [
        (0, np.zeros((2, 4)), "demand has the shape"), (0, np.zeros((1, 40)), "within the 24 hours"),
        (0, -np.ones((1, 4)), "zero or more"), (4, np.ones((1, 4)), "that after 0 hours"),
    ],
)  # fmt: skip
def test_runs_that_mean_nothing_are_refused(first, asked, words):
    networks = Networks.of(single(), forcing(24))
    with pytest.raises(LayerError, match=words):
        networks.run(first, asked, networks.start())
