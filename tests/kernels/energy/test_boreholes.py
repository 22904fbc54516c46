"""Boreholes: the line source, the balance of a year, neighbours, and the sum of many steps."""

import numpy as np
import pytest
from scipy.special import exp1

from kernels.contract import LayerError
from kernels.energy.boreholes import BoreField, brine_temperature

HOUR, YEAR = 3600.0, 8760 * 3600.0


def field_of(count=1, spacing=6.0, depth=100.0, **more):
    x, y = np.meshgrid(np.arange(count) * spacing, np.arange(count) * spacing)
    return BoreField(x.ravel(), y.ravel(), depth, 284.15, **more)


def test_a_deep_borehole_is_a_line_source(measured):
    # infinite line source (Carslaw and Jaeger 1959, 10.4): E1(r² / 4at) / 4 pi k, as long as the ends are far
    field, times = field_of(depth=4000.0, cover=50.0), np.geomspace(10 * HOUR, YEAR / 2, 6)
    closed = exp1(0.075**2 / (4e-6 * times)) / (4 * np.pi * 2.0)
    measured(
        case="Borehole of 4 km, ten hours to half a year", source="infinite line source, Carslaw and Jaeger (1959)",
        ours=np.abs(field.response(times) / closed - 1).max(), bar=2e-3, unit="of the response",
    )  # fmt: skip


def test_a_lone_borehole_settles_on_its_closed_steady_state():
    # a line of length H and its mirror image, averaged over the line, r << H, by hand: the line gives
    # 2 ln(2 H / r) - 2, the image takes 2 ln 2, so that the wall settles (ln(H / r) - 1) / 2 pi k below
    settled = field_of(cover=0.01).response(np.array([3000 * 100.0**2 / 9e-6]))[0]
    assert settled == pytest.approx((np.log(100 / 0.075) - 1) / (2 * np.pi * 2.0), rel=1e-3)


def test_neighbours_add_what_a_line_source_at_their_distance_adds():
    # early, a neighbour at 6 m is an infinite line source at 6 m
    one, four = field_of(1, cover=20.0, depth=600.0), field_of(2, cover=20.0, depth=600.0)
    time = np.array([60 * 24 * HOUR])
    more = four.response(time) - one.response(time)
    closed = (2 * exp1(36 / (4e-6 * time)) + exp1(72 / (4e-6 * time))) / (4 * np.pi * 2.0)
    np.testing.assert_allclose(more, closed, rtol=2e-2)


def test_steps_add_up_as_the_sum_that_they_stand_for():
    chance = np.random.default_rng(0)
    field, heat = field_of(2), chance.uniform(-5e3, 10e3, 12)
    found = brine_temperature(field, heat, HOUR)
    rate = heat / 400.0
    fall = np.zeros(12)
    for step, change in enumerate(np.diff(rate, prepend=0.0)):
        fall[step:] += change * field.response(HOUR * np.arange(1, 13 - step))
    np.testing.assert_allclose(found, 284.15 - fall - rate * 0.1, atol=2e-4)


def test_what_is_put_back_in_summer_keeps_the_ground_warm():
    hour = np.arange(5 * 365)  # days of five years
    winter = 20e3 * np.clip(np.cos(2 * np.pi * hour / 365), 0, None)
    summer = 20e3 * np.clip(-np.cos(2 * np.pi * hour / 365), 0, None)
    field = field_of(3)
    drained, kept = (brine_temperature(field, one, 24 * HOUR) for one in (winter, winter - summer))
    lows = drained.reshape(5, 365).min(axis=1)
    assert (np.diff(lows) < 0).all()
    assert kept.reshape(5, 365).min(axis=1)[-1] > lows[-1]
    assert kept.mean() == pytest.approx(284.15, abs=0.5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: field_of(2, spacing=0.1), "two of them overlap"),
        (lambda: field_of(depth=0.0), "depth must be finite"),
        (lambda: BoreField(np.zeros(2), np.zeros(1), 1.0, 280.0), "of one length"),
        (lambda: brine_temperature(field_of(), np.array([1.0, np.nan]), HOUR), "finite course"),
        (lambda: brine_temperature(field_of(), np.ones(2), 0.0), "finite course"),
    ],
)
def test_what_means_nothing_is_refused(call, words):
    with pytest.raises(LayerError, match=words):
        call()
