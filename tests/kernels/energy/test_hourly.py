"""The hourly model of meters against the one big least squares, and what it says of savings."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.hourly import PIECES, WEEK, fit_hourly

HOURS = 26 * WEEK


def weather(seed):
    rng = np.random.default_rng(seed)
    t = np.arange(HOURS)
    return 283 + 9 * np.sin(2 * np.pi * t / 8760) + 4 * np.sin(2 * np.pi * (t - 9) / 24) + rng.normal(0, 2, HOURS)


def office(T, hour, rng, noise=150.0):
    """An office that heats by day in the week, with a base of 2 kW and 10 kW of use."""
    open_ = (hour < 120) & (hour % 24 >= 8) & (hour % 24 < 18)
    return 2000 + 10_000 * open_ + np.where(open_, 300, 50) * np.maximum(290 - T, 0) + rng.normal(0, noise, T.size)


HOUR = np.arange(HOURS) % WEEK


def test_the_fit_is_that_of_one_big_least_squares_by_numpy(measured):
    T = weather(0)
    power = office(T, HOUR, np.random.default_rng(1))
    power[100:180] = np.nan
    found = fit_hourly(T, HOUR, power[None])
    used = found.occupied[0, HOUR]
    edges = found.edges
    pieces = np.clip(T[:, None] - edges[:-1], 0, np.diff(edges))
    big = np.concatenate([np.eye(WEEK)[HOUR], pieces * used[:, None], (T - edges[0])[:, None] * ~used[:, None]], 1)
    known = np.isfinite(power)
    solved, *_ = np.linalg.lstsq(big[known], power[known], rcond=None)
    measured(case="hourly regression of a meter", source="numpy.linalg.lstsq of all 175 columns",
             ours=np.abs(found.expected(T, HOUR)[0] - big @ solved).max(), bar=1e-6, unit="W")  # fmt: skip


def test_hours_of_use_are_those_of_the_office():
    T = weather(0)
    found = fit_hourly(T, HOUR, office(T, HOUR, np.random.default_rng(1))[None])
    week = np.arange(WEEK)
    np.testing.assert_array_equal(found.occupied[0], (week < 120) & (week % 24 >= 8) & (week % 24 < 18))
    assert found.cv_rmse[0] < 0.30
    assert abs(found.nmbe[0]) < 1e-9


def test_ninety_of_a_hundred_hourly_intervals_hold_the_truth(measured):
    """Closed truth: nothing changed; the building follows the model's own form, a steady slope."""
    rng = np.random.default_rng(5)
    before, after = weather(1), weather(2)
    open_ = (HOUR < 120) & (HOUR % 24 >= 8) & (HOUR % 24 < 18)

    def use(T):
        return 2000 + 9000 * open_ - np.where(open_, 200, 40) * (T - 290) + rng.normal(0, 900, (120, HOURS))

    saved = fit_hourly(before, HOUR, use(before)).savings(after, HOUR, use(after), 3600.0)
    share = (np.abs(saved.value) <= saved.half_width).mean()
    measured(case="90 % intervals of hourly savings that hold the truth, 120 meters", source="closed truth",
             ours=abs(share - 0.9), bar=0.06, unit="1, off 0.90")  # fmt: skip


def test_an_hour_never_read_is_not_guessed_and_an_empty_meter_is_nan():
    T = weather(0)
    power = np.stack([office(T, HOUR, np.random.default_rng(1)), np.full(HOURS, np.nan)])
    power[0, HOUR == 7] = np.nan
    found = fit_hourly(T, HOUR, power)
    guess = found.expected(T, HOUR)
    assert np.isnan(guess[0, HOUR == 7]).all()
    assert np.isfinite(guess[0, HOUR != 7]).all()
    assert np.isnan(guess[1]).all()
    saved = found.savings(T, HOUR, np.where(np.isnan(power), 1.0, power), 3600.0)
    assert saved.steps.tolist() == [HOURS - 26, 0]
    assert saved.value[1] == 0.0


def test_one_or_two_threads_give_the_same_bits():
    rng = np.random.default_rng(3)
    T = weather(0)
    power = np.stack([office(T, HOUR, rng) for _ in range(6)])
    one, two = fit_hourly(T, HOUR, power, threads=1), fit_hourly(T, HOUR, power[::-1], threads=2)
    np.testing.assert_array_equal(one.slopes, two.slopes[::-1])
    assert one.slopes.shape == (6, PIECES + 1)


def test_what_does_not_fit_is_named():
    with pytest.raises(LayerError, match="hours of the week"):
        fit_hourly(np.full(3, 280.0), np.array([1, 2, 168]), np.zeros((1, 3)))
    with pytest.raises(LayerError, match="no known step"):
        fit_hourly(np.full(3, np.nan), np.zeros(3, int), np.zeros((1, 3)))
    with pytest.raises(LayerError, match=r"\(meter, time\)"):
        fit_hourly(np.zeros(3), np.zeros(3, int), np.zeros(3))
