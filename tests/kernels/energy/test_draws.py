"""Habits that differ: means are kept, many even out, and no order counts."""

import numpy as np
import pytest
from scipy.stats import poisson

from kernels.energy.draws import (
    APPLIANCE_BURST,
    APPLIANCES,
    BUCKETS,
    HOT_WATER,
    HOT_WATER_DRAW,
    LEVEL_SPREAD,
    OTHER_LEVEL_SPREAD,
    WARMING_SHARE,
    empty_week,
    fill_hours,
    fill_week,
    hash_of,
    level_of,
    quantile_rows,
    row_of,
    shift_of,
    shift_week,
)

HOUR = np.arange(168) % 24
COURSE = np.where((HOUR >= 17) & (HOUR < 22), 6.0, 2.0)
WARM = np.where((HOUR >= 6) & (HOUR < 9), 8.0, 1.5)
GAINS = 1.5 + 0.7 * COURSE
PLUG = np.where(HOUR >= 18, 700.0, 75.0)
CLOCK = (np.arange(52 * 168) + 72) % 168


def draw(seed, dwellings=1.0, area=100.0, vehicles=1.0, clock=CLOCK, first=0):
    """(4, hour): gains, appliances, hot water and charging."""
    mean, draws = empty_week()
    fill_week(GAINS, COURSE, WARM, PLUG, seed, dwellings, area, vehicles, mean, draws)
    found = np.full((4, clock.size), np.nan)
    fill_hours(clock, first, mean, draws, quantile_rows(), *found)
    return found


def test_rows_are_the_quantiles_of_poissons_law():
    rows = quantile_rows().reshape(-1, BUCKETS)
    np.testing.assert_allclose(rows.mean(axis=1, dtype=float), 1.0, atol=1e-6)
    for mean in (0.0703125, 0.5625, 2.25, 9.0):  # middles of rows
        row = rows[row_of(mean)] * mean
        middle = poisson.ppf((np.arange(BUCKETS) + 0.5) / BUCKETS, mean)
        assert np.mean(np.abs(row - middle) < 1e-3) > 0.97, "a few buckets straddle two counts"
        assert np.var(row) == pytest.approx(mean, rel=0.02)


def test_the_row_of_a_mean_is_within_an_eighth_of_an_octave_and_ends_hold():
    means = np.geomspace(2**-9.9, 2**9.9, 500)
    rows = np.array([row_of(one) for one in means])
    middle = 2.0 ** (-10 + rows // 4) * (1 + (rows % 4 + 0.5) / 4)
    assert (np.abs(middle / means - 1) < 0.13).all()
    last = quantile_rows().size // BUCKETS - 1
    assert [row_of(one) for one in (0.0, 1e-30, 1e9, np.inf)] == [0, 0, last, last]


def test_a_shifted_week_keeps_its_mean_and_whole_hours_only_roll():
    out = np.empty(168)
    for shift in (-2.0, 0.0, 3.0):
        shift_week(WARM, shift, out)
        np.testing.assert_array_equal(out, np.roll(WARM, int(shift)))
    shift_week(WARM, 0.25, out)
    np.testing.assert_allclose(out, 0.75 * WARM + 0.25 * np.roll(WARM, 1), rtol=1e-14)
    shift_week(WARM, -1.37, out)
    assert out.mean() == pytest.approx(WARM.mean(), rel=1e-13)


def test_levels_have_mean_one_and_narrow_with_the_dwellings():
    for dwellings, spread in ((1.0, LEVEL_SPREAD), (25.0, LEVEL_SPREAD / 5), (0.0, OTHER_LEVEL_SPREAD)):
        found = np.array([level_of(seed, APPLIANCES, dwellings) for seed in range(40_000)])
        assert found.mean() == pytest.approx(1.0, abs=4 * spread / 200)
        assert found.std() == pytest.approx(spread, rel=0.05)
        assert found.min() > 0


def test_streams_of_a_building_and_neighbours_do_not_know_each_other():
    first, second = (np.array([level_of(seed, one, 1.0) for seed in range(5000)]) for one in (APPLIANCES, HOT_WATER))
    later = np.array([shift_of(seed, 1.0) for seed in range(5000)])
    table = np.corrcoef([first, second, later, np.roll(first, 1)])
    assert (np.abs(table - np.eye(4)) < 4 / np.sqrt(5000)).all()


def test_hashes_fill_their_bits_evenly():
    found = np.array([hash_of(7, key) for key in range(20_000)], np.uint64)
    for bit in range(0, 64, 7):
        ones = ((found >> np.uint64(bit)) & np.uint64(1)).mean()
        assert abs(ones - 0.5) < 4 * 0.5 / np.sqrt(20_000)


def test_a_year_keeps_the_mean_of_each_building_and_of_the_stock():
    expected = np.array([(COURSE * 100).mean(), (WARM * 100).mean(), PLUG.mean()])
    levels = np.array([[level_of(seed, one, 1.0) for one in (APPLIANCES, HOT_WATER)] for seed in range(300)])
    year = np.array([draw(seed)[1:].mean(axis=1) for seed in range(300)])
    year[:, :2] /= levels
    assert (np.abs(year / expected - 1).mean(axis=0) < (0.01, 0.01, 0.02)).all()
    np.testing.assert_allclose(year.mean(axis=0), expected, rtol=2e-3)


def test_the_spread_of_hours_is_that_of_the_draws():
    # closed form: energy in equal draws of e J by Poisson's law has variance e x mean, here by hours of the week
    for stream, column, size in ((APPLIANCES, 1, APPLIANCE_BURST), (HOT_WATER, 2, HOT_WATER_DRAW)):
        seen, wanted = [], []
        for seed in range(200):
            mean, draws = empty_week()
            fill_week(GAINS, COURSE, WARM, PLUG, seed, 1.0, 100.0, 0.0, mean, draws)
            hours = draw(seed)[column].reshape(-1, 168)
            seen.append(hours.var(axis=0).mean())
            wanted.append(size / 3600 * mean[stream].mean())
        assert np.mean(seen) == pytest.approx(np.mean(wanted), rel=0.06)


def test_gains_follow_the_bursts_of_appliances():
    gains, power = draw(5)[:2]
    level = level_of(5, APPLIANCES, 1.0)
    mean, draws = empty_week()
    fill_week(GAINS, COURSE, WARM, PLUG, 5, 1.0, 100.0, 1.0, mean, draws)
    usual = (mean[APPLIANCES] + mean[4])[CLOCK]
    shifted = np.empty(168)
    shift_week(GAINS, shift_of(5, 1.0), shifted)
    np.testing.assert_allclose(gains, 100 * level * shifted[CLOCK] + WARMING_SHARE * (power - usual), rtol=1e-6)
    assert gains.min() > 0


def test_many_dwellings_in_one_building_even_out():
    one, many = draw(11), draw(11, dwellings=400.0, area=40_000.0, vehicles=400.0)
    usual = 40_000 * COURSE[CLOCK]
    assert np.abs(many[1] / usual - 1).mean() < 0.1
    assert many[1].max() / many[1].mean() < 0.5 * one[1].max() / one[1].mean()
    assert many[2].max() / many[2].mean() < 0.5 * one[2].max() / one[2].mean()


def test_pieces_order_and_repetition_change_no_bit():
    whole = draw(-(2**61) + 3)
    for cut in (1, 95, 168, 4000):
        pieces = [draw(-(2**61) + 3, clock=CLOCK[:cut]), draw(-(2**61) + 3, clock=CLOCK[cut:], first=cut)]
        np.testing.assert_array_equal(np.concatenate(pieces, axis=1), whole)
    seeds = list(range(20))
    forth, back = [draw(one) for one in seeds], [draw(one) for one in reversed(seeds)]
    np.testing.assert_array_equal(forth, back[::-1])


def test_no_vehicle_charges_nothing_and_no_area_draws_nothing():
    assert (draw(3, vehicles=0.0)[3] == 0).all()
    assert (draw(3, area=0.0)[:3] == 0).all()
