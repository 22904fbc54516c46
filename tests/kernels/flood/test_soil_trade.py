"""Pouring into cells and taking out of them: to the last drop, in order, momentum with the water."""

import numpy as np
import pytest

from kernels.flood.shallow_water import GRAVITY
from kernels.flood.soil_trade import pour_into, take_from


def _water(kind, depth=0.0):
    water = tuple(np.zeros((5, 6), kind) for _ in range(4))
    water[0][1:-1, 1:-1] = depth
    return water


def _held(water):
    return float(water[0].astype(float).sum() + water[1].astype(float).sum())


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_drops_too_small_for_the_depth_are_not_lost(kind):
    """By hand: 3000 drops of 1e-9 m on a metre of water, which float32 alone would forget."""
    water = _water(kind, 1.0)
    once = np.zeros(3000, int)
    pour_into(water, 4.0, once + 2, once + 3, np.full(3000, 4e-9))
    assert float(water[0][3, 4]) + float(water[1][3, 4]) - 1.0 == pytest.approx(3e-6, rel=1e-6)
    taken = np.empty(3000)
    take_from(water, 4.0, once + 2, once + 3, np.full(3000, 4e-9), True, taken)
    assert taken.sum() == pytest.approx(1.2e-5, rel=1e-6)
    assert _held(water) == pytest.approx(12.0, rel=1e-14)


def test_a_cell_gives_what_it_has_and_no_more_to_those_who_come_in_turn():
    water = _water(np.float64, 0.01)
    water[2][1, 1] = 0.02
    taken = np.empty(3)
    take_from(water, 4.0, np.zeros(3, int), np.zeros(3, int), np.full(3, 0.016), True, taken)
    np.testing.assert_allclose(taken, [0.016, 0.016, 0.008], rtol=1e-12)
    assert water[0][1, 1] == water[2][1, 1] == 0.0


@pytest.mark.parametrize("slows", [True, False])
def test_momentum_leaves_with_the_water_where_it_lives_in_cells(slows):
    water = _water(np.float64, 0.01)
    water[3][2, 2] = 0.02
    take_from(water, 4.0, np.array([1]), np.array([1]), np.array([0.01]), slows, np.empty(1))
    assert water[3][2, 2] == pytest.approx(0.015 if slows else 0.02, rel=1e-12)


def test_pouring_tells_the_wave_it_makes():
    """By hand: √(g h) of 0.4 m."""
    assert pour_into(_water(np.float64), 4.0, np.array([0]), np.array([0]), np.array([1.6])) == pytest.approx(
        np.sqrt(GRAVITY * 0.4)
    )
