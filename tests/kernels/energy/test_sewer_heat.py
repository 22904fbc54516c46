"""Heat from sewers: no two buildings sell the same heat, and the ledger of the network closes."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.sewer_heat import WATER_HEAT, SewerTree, share_heat

WARM, LEAST = 288.15, 283.15


def one_pipe(nodes, **more):
    """Nodes in a row, water from the first to the last."""
    return SewerTree(np.append(np.arange(1, nodes), -1), **more)


def share(tree, inflow, takers, wanted, warm=WARM, soil=285.15, **more):
    flow = np.atleast_2d(np.asarray(inflow, float))
    return share_heat(
        tree, flow, np.full(flow.shape, warm), np.full(len(flow), soil), np.array(takers, int),
        np.atleast_2d(np.asarray(wanted, float)), **more,
    )  # fmt: skip


def test_two_buildings_cannot_sell_the_same_heat():
    # 0.02 m³/s of 15 °C hold 0.02 * 4.18e6 * 5 = 418 kW above 10 °C, once
    found = share(one_pipe(3), [0.02, 0, 0], [0, 1], [300e3, 300e3])
    np.testing.assert_allclose(found.taken, [[300e3, 118e3]])
    np.testing.assert_allclose(found.temperature[0, 1:], LEAST)


def test_an_older_right_below_binds_a_newer_one_above():
    found = share(one_pipe(3), [0.02, 0, 0], [2, 0], [400e3, 300e3])
    np.testing.assert_allclose(found.taken, [[400e3, 18e3]])
    np.testing.assert_allclose(found.temperature[0, 2], LEAST)


def test_heat_is_bounded_by_the_flow():
    found = share(one_pipe(2), [[0.0, 0.03], [1e-3, 0.03]], [0], [[50e3], [50e3]])
    np.testing.assert_allclose(found.taken[:, 0], [0.0, 1e-3 * WATER_HEAT * 5])
    assert np.isnan(found.temperature[0, 0])


def test_water_that_comes_too_cold_gives_nothing():
    found = share(one_pipe(2), [0.02, 0], [0], [1e3], warm=282.0)
    assert found.taken.sum() == 0.0


def test_a_pipe_tends_to_the_soil_as_an_exponential():
    # closed form of a pipe with steady flow: T = Ts + (T0 - Ts) exp(-UA / (rho c Q))
    tree = one_pipe(4, conductance=500.0, least_temperature=273.15)
    found = share(tree, [5e-4, 0, 0, 0], [], np.zeros((1, 0)), soil=280.0)
    down = 280.0 + (WARM - 280.0) * np.exp(-np.arange(4) * 500.0 / (5e-4 * WATER_HEAT))
    np.testing.assert_allclose(found.temperature[0], down, rtol=1e-13)


def test_what_the_soil_gives_back_may_be_taken_again():
    # taken at the top, the water comes back towards the soil before the second building: by hand
    tree = one_pipe(2, conductance=500.0)
    stream, kept = 5e-4 * WATER_HEAT, np.exp(-500.0 / (5e-4 * WATER_HEAT))
    found = share(tree, [5e-4, 0], [0, 1], [1e9, 1e9], soil=286.0)
    again = stream * (286.0 + (LEAST - 286.0) * kept - LEAST)
    np.testing.assert_allclose(found.taken, [[stream * (WARM - LEAST), again]])


def random_network(seed, nodes=60, hours=200, takers=15):
    chance = np.random.default_rng(seed)
    down = np.array([-1] + [chance.integers(0, node) for node in range(1, nodes)])
    flow = chance.uniform(0, 2e-3, (hours, nodes)) * (chance.uniform(size=(hours, nodes)) < 0.5)
    return (
        SewerTree(down, chance.uniform(0, 300, nodes)), flow, chance.uniform(283, 295, flow.shape),
        chance.uniform(279, 288, hours), chance.integers(0, nodes, takers), chance.uniform(0, 30e3, (hours, takers)),
    )  # fmt: skip


def test_the_ledger_of_a_network_closes(measured):
    found = share_heat(*random_network(1))
    assert found.taken.sum() > 0
    measured(
        case="Heat from a network of sewers, 200 hours", source="heat in + soil - taken - out",
        ours=found.closure(), bar=1e-12, unit="of what came in",
    )  # fmt: skip


def test_takers_never_cool_a_node_below_its_least_that_was_not_colder_of_itself():
    tree, flow, warm, soil, takers, wants = random_network(2)
    without = share_heat(tree, flow, warm, soil, takers, np.zeros_like(wants)).temperature
    found = share_heat(tree, flow, warm, soil, takers, wants)
    wet = found.flow > 0
    assert (found.temperature[wet] >= np.minimum(without[wet], LEAST) - 1e-9).all()
    assert (found.taken <= wants).all()


def test_threads_change_no_bit():
    case = random_network(3)
    one, two = share_heat(*case, threads=1), share_heat(*case, threads=2)
    assert np.array_equal(one.taken, two.taken)
    assert np.array_equal(one.temperature, two.temperature, equal_nan=True)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: SewerTree(np.array([1, 0])), "in a circle"),
        (lambda: SewerTree(np.array([5])), "down must name nodes"),
        (lambda: SewerTree(np.array([-1]), conductance=-1.0), "conductance must be zero or more"),
        (lambda: share(one_pipe(2), [0.1], [0], [1.0]), "inflow has the shape"),
        (lambda: share(one_pipe(2), [-0.1, 0], [0], [1.0]), "inflow must be finite"),
        (lambda: share(one_pipe(2), [0.1, 0], [7], [1.0]), "stands at no node"),
        (lambda: share(one_pipe(2), [0.1, 0], [0], [1.0], warm=15.0), "in kelvin"),
    ],
)
def test_what_means_nothing_is_refused(call, words):
    with pytest.raises(LayerError, match=words):
        call()
