"""Trips between zones meet both margins, fall with the cost, and are as long as observed."""

import numpy as np
import pytest
from scipy.optimize import brentq

from kernels.contract import KernelError, LayerError
from kernels.traffic.gravity import balanced, calibrated, deterrence, gravity

HALF_HOUR = 1800.0


def town(zones=30, seed=3):
    """Zones strewn over 5 km, with their trips and the times between them at 20 km/h; 2 min within a zone."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(0.0, 5000.0, (zones, 2))
    time = np.hypot(*(place[:, None] - place).transpose(2, 0, 1)) / 5.56 + 120.0
    produced, attracted = rng.gamma(1.0, 100.0, zones), rng.gamma(0.5, 200.0, zones)
    return time, produced, attracted * produced.sum() / attracted.sum()


def test_both_margins_are_met():
    """Expected: the margins that were given."""
    time, produced, attracted = town()
    found = gravity(time, produced, attracted, 1 / 600.0)
    np.testing.assert_allclose(found.trips.sum(axis=1), produced, rtol=1e-9)
    np.testing.assert_allclose(found.trips.sum(axis=0), attracted, rtol=1e-9)


def test_two_like_zones_share_by_the_odds_of_the_deterrence():
    """Closed form: in a symmetric pair the share that stays is 1 / (1 + exp(-b (c12 - c11)))."""
    near, far, parameter = 300.0, 900.0, 1 / 500.0
    cost = np.array([[near, far], [far, near]])
    found = gravity(cost, [100.0, 100.0], [100.0, 100.0], parameter)
    stays = 100.0 / (1.0 + np.exp(-parameter * (far - near)))
    np.testing.assert_allclose(found.trips, [[stays, 100.0 - stays], [100.0 - stays, stays]], rtol=1e-9)


def test_two_unlike_zones_keep_the_cross_ratio_of_the_weights():
    """Closed form: scaling rows and columns leaves t11 t22 / (t12 t21) as it is, which with margins is a quadratic."""
    weight = np.array([[1.0, 0.4], [0.2, 0.7]])
    found = balanced(weight, [60.0, 40.0], [30.0, 70.0])
    ratio = weight[0, 0] * weight[1, 1] / (weight[0, 1] * weight[1, 0])
    first = brentq(lambda t: t * (40.0 - 30.0 + t) - ratio * (60.0 - t) * (30.0 - t), 1e-9, 30.0 - 1e-9, xtol=1e-13)
    assert found.trips[0, 0] == pytest.approx(first, rel=1e-9)


def test_without_deterrence_trips_are_shared_out_by_the_margins_alone():
    """Closed form: at parameter 0 each trip is produced times attracted over all."""
    time, produced, attracted = town()
    found = gravity(time, produced, attracted, 0.0)
    np.testing.assert_allclose(found.trips, np.outer(produced, attracted) / produced.sum(), rtol=1e-9)


def test_tanner_with_a_power_is_its_formula():
    """Expected: c^n exp(-b c), Tanner (1961), by hand."""
    np.testing.assert_allclose(deterrence(np.array([2.0, np.inf]), 0.5, 2.0), [4.0 * np.exp(-1.0), 0.0], rtol=1e-15)


def test_the_parameter_is_found_again_from_the_mean_cost_it_makes(measured):
    """Closed form: the mean cost of a model with a known parameter leads back to that parameter."""
    time, produced, attracted = town()
    known = 1 / 420.0
    trips = gravity(time, produced, attracted, known).trips
    found = calibrated(time, produced, attracted, (trips * time).sum() / trips.sum(), near=1e-9)
    measured(
        case="Gravity model: parameter found again from the mean trip time", source="made, 30 zones; Hyman 1969",
        ours=abs(found.parameter / known - 1), bar=1e-6, unit="1",
    )  # fmt: skip
    assert found.tried < 20


@pytest.mark.parametrize("part", [0.9, 0.6])
def test_calibration_meets_any_mean_cost_between_the_least_and_that_without_deterrence(part):
    """Expected: the mean cost that was asked for."""
    time, produced, attracted = town()
    free = gravity(time, produced, attracted, 0.0).trips
    mean = part * (free * time).sum() / free.sum()
    found = calibrated(time, produced, attracted, mean)
    assert (found.found.trips * time).sum() / found.found.trips.sum() == pytest.approx(mean, rel=1e-6)
    np.testing.assert_allclose(found.found.trips.sum(axis=1), produced, rtol=1e-9)


def test_trips_longer_than_those_without_deterrence_are_refused_with_what_can_be_reached():
    time, produced, attracted = town()
    with pytest.raises(LayerError, match="too small for such trips"):
        calibrated(time, produced, attracted, 10 * HALF_HOUR)


def test_trips_shorter_than_the_margins_allow_are_refused():
    cost = np.array([[0.0, 100.0], [100.0, 0.0]])
    with pytest.raises(LayerError, match="margins force longer ones"):
        calibrated(cost, [10.0, 0.0], [0.0, 10.0], 50.0)


def test_an_open_margin_keeps_its_weights_and_the_others_are_met():
    """Closed form: one zone beside an open one takes its weight times its factor; the margin fixes the factor."""
    found = balanced([[1.0, 3.0], [2.0, 0.0]], [8.0, np.nan], [np.nan, np.nan])
    np.testing.assert_allclose(found.trips, [[2.0, 6.0], [2.0, 0.0]], rtol=1e-12)


def test_margins_that_no_matrix_with_these_zeros_meets_are_refused():
    with pytest.raises(KernelError, match="misses a margin"):
        balanced([[1.0, 0.0], [1.0, 1.0]], [10.0, 10.0], [5.0, 15.0], rounds=200)


@pytest.mark.parametrize(
    ("weight", "produced", "attracted", "words"),
    [
        ([[1.0, 1.0], [1.0, 1.0]], [1.0, 2.0], [1.0, 1.0], "scale one to the other"),
        ([[1.0, 1.0], [0.0, 0.0]], [1.0, 2.0], [1.0, 2.0], "no way to any other"),
        ([[1.0, -1.0], [1.0, 1.0]], [1.0, 1.0], [1.0, 1.0], "negative or absent"),
        ([[1.0, 1.0], [1.0, 1.0]], [1.0, -1.0], [0.0, 0.0], "by zone 1 are -1"),
        ([[1.0, 1.0]], [1.0, 1.0], [1.0, 1.0], "have shape"),
    ],
)
def test_what_cannot_be_balanced_is_refused_with_the_zone(weight, produced, attracted, words):
    with pytest.raises(LayerError, match=words):
        balanced(weight, produced, attracted)
