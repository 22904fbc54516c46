"""Alarms against the published run lengths, night loads and the ranking by hand."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.cusum import cusum, night_loads, ranked_by_saving, standardised


def run_length(drift, limit, meters, steps, seed=0):
    scores = np.random.default_rng(seed).normal(drift, 1.0, (meters, steps))
    found = cusum(scores, limit=limit).alarm != 0
    assert found.any(axis=1).mean() > 0.999
    return (found.argmax(axis=1) + 1).mean()


@pytest.mark.parametrize(
    ("drift", "limit", "published", "meters", "steps"),
    [
        (0.0, 5.0, 465.0, 3000, 4000),
        (0.0, 4.0, 168.0, 3000, 1500),
        (1.0, 5.0, 10.4, 20_000, 120),
        (1.0, 4.0, 8.38, 20_000, 120),
        (2.0, 5.0, 4.01, 20_000, 40),
    ],
)
def test_run_lengths_are_those_of_lucas_and_crosier(drift, limit, published, meters, steps, measured):
    measured(case=f"steps to an alarm, drift {drift:g}, limit {limit:g}",
             source="Lucas and Crosier (1982), doi:10.1080/00401706.1982.10487759",
             ours=abs(run_length(drift, limit, meters, steps) / published - 1.0), bar=0.05, unit="1",
             published=f"{published:g} steps")  # fmt: skip


def test_an_alarm_says_since_when_and_starts_anew():
    scores = np.concatenate([np.zeros(10), np.full(8, 2.5), np.full(9, np.nan), np.full(8, -2.5)])[None]
    found = cusum(scores)
    assert np.flatnonzero(found.alarm[0]).tolist() == [12, 15, 29, 32]
    assert found.alarm[0, [12, 29]].tolist() == [1, -1]
    assert found.since[0, [12, 15, 29]].tolist() == [10, 13, 27]


def test_correlated_residuals_become_independent_ones():
    rng = np.random.default_rng(1)
    errors = rng.normal(0, 1, (50, 3000))
    for t in range(1, 3000):
        errors[:, t] = 0.7 * errors[:, t - 1] + errors[:, t] * np.sqrt(1 - 0.49)
    z = standardised(errors * 40.0, np.full(50, 40.0), np.full(50, 0.7))
    assert abs(z.std() - 1) < 0.01
    assert abs((z[:, 1:] * z[:, :-1]).mean()) < 0.01


def test_the_site_that_never_sleeps_ranks_first_and_its_class_is_the_measure():
    hour = np.arange(24 * 7 * 4) % 168
    day = (hour % 24 >= 8) & (hour % 24 < 18)
    power = np.stack([np.where(day, 5000, 500), np.where(day, 5000, 2000), np.where(day, 5000, 500), day * 5000.0])
    power[2, 10:40] = np.nan
    area = np.array([1000.0, 1000.0, 1000.0, np.nan])
    found = night_loads(power, hour, area, np.zeros(4, int))
    assert found.base.tolist() == [500, 2000, 500, 0]
    assert found.rank.tolist() == [2, 1, 2, 0]
    assert found.excess.tolist() == [0, 1500, 0, 0]
    assert found.share[1] == pytest.approx(2000 / (5000 * 10 / 24 + 2000 * 14 / 24))


def test_sites_are_ranked_by_their_largest_saving_and_not_by_its_sum():
    order, saving = ranked_by_saving(np.array([5.0, np.nan, 3.0]), np.array([4.0, 7.0, -1.0]))
    assert order.tolist() == [1, 0, 2]
    assert saving.tolist() == [5, 7, 3]


def test_a_limit_of_nothing_is_refused():
    with pytest.raises(LayerError, match="above 0"):
        cusum(np.zeros((1, 3)), limit=0.0)
    with pytest.raises(LayerError, match=r"\(meter, time\)"):
        cusum(np.zeros(3))
