"""Networks of warm and cold water: closed forms of a pipe and of loops, closures, and water that stands still."""

import numpy as np
import pytest
from scipy.optimize import root

from kernels.contract import LayerError
from kernels.energy.heat_network import DENSITY, HeatNetwork, solve_flows
from kernels.energy.heat_network_temperatures import SPECIFIC_HEAT, carry_heat

GROUND, WARM = 283.15, 343.15


def pipes(tail, head, plant=(0,), length=100.0, diameter=0.1, transmittance=0.25, **more):
    return HeatNetwork(np.array(tail), np.array(head), length, diameter, transmittance, np.array(plant), **more)


def two_loops(**more):
    #  0 - 1 - 2
    #  |   |   |
    #  3 - 4 - 5
    return pipes(
        [0, 1, 0, 1, 2, 3, 4], [1, 2, 3, 4, 5, 4, 5],
        length=np.array([100.0, 150, 80, 60, 90, 120, 200]), diameter=np.array([0.15, 0.1, 0.12, 0.08, 0.1, 0.1, 0.08]),
        **more,
    )  # fmt: skip


def test_a_pipe_cools_as_an_exponential_both_ways():
    # closed form: T = Tg + (T0 - Tg) exp(-U L / (m c))
    heat, spread = 40e3, 30.0
    mass = heat / (SPECIFIC_HEAT * spread)
    found = carry_heat(pipes([0], [1]), [1], [[heat]], WARM, spread, GROUND)
    kept = np.exp(-0.25 * 100 / (mass * SPECIFIC_HEAT))
    out = GROUND + (WARM - GROUND) * kept
    back = GROUND + (out - spread - GROUND) * kept
    np.testing.assert_allclose(found.supply[0], [WARM, out], rtol=1e-14)
    np.testing.assert_allclose(found.back[0], [back, out - spread], rtol=1e-14)
    assert found.plant_heat[0] == pytest.approx(mass * SPECIFIC_HEAT * (WARM - back), rel=1e-13)


def test_a_pipe_loses_the_pressure_of_darcy_and_weisbach():
    # f L / D rho v² / 2, f of a rough pipe from the chart of Moody: eps / D = 0.0005 gives 0.0167
    found = solve_flows(pipes([0], [1]), np.array([[0.0, 12.0]]))
    speed = 12.0 / (DENSITY * np.pi * 0.05**2)
    expected = 0.0167 * 100 / 0.1 * DENSITY * speed**2 / 2
    assert -found.pressure[0, 1] == pytest.approx(expected, rel=5e-3)


def test_two_ways_share_a_flow_by_the_root_of_their_resistance():
    # equal losses: r1 q1² = r2 q2², and r goes with the length: q1 / q2 = sqrt(L2 / L1) = 2
    found = solve_flows(pipes([0, 0, 2], [1, 2, 1], length=np.array([100.0, 200, 200])), np.array([[0.0, 9.0, 0.0]]))
    np.testing.assert_allclose(found.mass_flow, [[6.0, 3.0, 3.0]], rtol=1e-9)


def test_two_loops_equal_the_solution_of_all_equations_at_once(measured):
    network, drawn = two_loops(), np.array([[0, 2.0, 3.0, 1.0, 0.5, 4.0]])
    found = solve_flows(network, drawn)
    r = network.resistance()

    def residual(x):
        q, p = x[:7], np.concatenate(([0.0], x[7:]))
        drop = p[network.tail] - p[network.head] - r * q * np.abs(q) / 1e3
        made = np.bincount(network.head, q, 6) - np.bincount(network.tail, q, 6) - drawn[0]
        return np.concatenate((drop, made[1:]))

    start = np.concatenate((found.mass_flow[0] * 0.7 + 0.3, np.linspace(-1, -9, 5)))
    other = root(residual, start, tol=1e-13)
    assert other.success
    measured(
        case="Flows of a network of two loops", source="SciPy root (MINPACK hybr) on all pipes and nodes at once",
        ours=np.abs(found.mass_flow[0] - other.x[:7]).max() / drawn.sum(), bar=1e-9, unit="of the flow",
    )  # fmt: skip


def test_a_loop_of_equals_has_a_pipe_that_stands_still():
    # two equal ways to two equal consumers: nothing flows between them, and water there is as cold as the ground
    network = pipes([0, 0, 1, 3], [1, 2, 3, 2])
    found = carry_heat(network, [1, 2], [[30e3, 30e3], [0.0, 0.0]], WARM, 30.0, GROUND)
    np.testing.assert_allclose(found.flows.mass_flow[0, 2:], 0.0, atol=1e-9)
    assert found.supply[0, 3] == pytest.approx(GROUND)
    np.testing.assert_array_equal(found.supply[1], GROUND)
    assert found.lost[1] == found.plant_heat[1] == 0.0
    assert np.isfinite(found.back).all()


def test_two_plants_feed_by_their_shares():
    network = two_loops(plant=(0, 5), plant_share=np.array([0.7, 0.3]))
    found = carry_heat(network, [1, 3, 4], np.full((1, 3), 50e3), WARM, 30.0, GROUND)
    out = found.flows.mass_flow[0]
    total = 150e3 / (SPECIFIC_HEAT * 30.0)
    assert out[0] + out[2] == pytest.approx(0.7 * total, rel=1e-12)
    assert -(out[4] + out[6]) == pytest.approx(0.3 * total, rel=1e-12)
    assert found.closure() < 1e-6


@pytest.mark.parametrize(("sign", "warm", "spread"), [(1.0, WARM, 25.0), (-1.0, 274.15, -4.0)])
def test_heat_and_water_close_in_every_hour(measured, sign, warm, spread):
    chance = np.random.default_rng(3)
    demand = sign * chance.uniform(0, 80e3, (500, 4)) * (chance.uniform(size=(500, 4)) < 0.6)
    found = carry_heat(two_loops(), [1, 3, 4, 5], demand, warm, spread, GROUND + chance.uniform(-3, 3, 500))
    # warm pipes lose to the ground; a cold one gains as long as its water is colder
    assert (sign * found.lost[demand.any(axis=1)] > 0).all()
    assert found.flows.node_error < 1e-9
    assert found.flows.loop_error < 1e-6
    measured(
        case=f"Network of {'heat' if sign > 0 else 'cold'}, 500 hours: plant - delivered - lost",
        source="ledger of the network", ours=found.closure() / 1e3, bar=1e-6, unit="kWh/h",
    )  # fmt: skip


def test_a_far_consumer_whose_water_comes_cold_is_told():
    found = carry_heat(pipes([0], [1], length=3000.0), [1], [[200.0], [90e3]], WARM, 30.0, GROUND)
    assert found.too_weak.tolist() == [[True], [False]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: pipes([0, 2], [1, 3]), "no pipe leads from the plant to nodes"),
        (lambda: pipes([0], [1], diameter=0.0), "diameter must be"),
        (lambda: pipes([0], [1], plant=(0, 1), plant_share=np.array([0.5, 0.6])), "must add up to 1"),
        (lambda: solve_flows(pipes([0], [1]), np.zeros((1, 3))), "drawn has the shape"),
        (lambda: solve_flows(pipes([0], [1]), np.array([[0.0, -1.0]])), "zero or more"),
        (lambda: carry_heat(pipes([0], [1]), [1], [[-5.0]], WARM, 30.0, GROUND), "sign of the spread"),
        (lambda: carry_heat(pipes([0], [1]), [1], [[5.0]], np.nan, 30.0, GROUND), "fill gaps"),
        (lambda: carry_heat(pipes([0], [1]), [7], [[5.0]], WARM, 30.0, GROUND), "for 1 consumers"),
    ],
)
def test_what_means_nothing_is_refused(call, words):
    with pytest.raises(LayerError, match=words):
        call()
