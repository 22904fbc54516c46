"""Degree days by hand, and the correction of a year that was too mild."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.degree_days import corrected_use, degree_days, equivalent_temperature


def test_the_equivalent_temperature_remembers_two_days():
    # by hand: 0.6 * 280 + 0.3 * 270 + 0.1 * 260; the first day knows only itself, the second two thirds and one
    found = equivalent_temperature(np.array([260.0, 270.0, 280.0, np.nan]))
    np.testing.assert_allclose(found[:3], [260, (0.6 * 270 + 0.3 * 260) / 0.9, 275])
    assert np.isnan(found[3])
    assert equivalent_temperature(np.array([280.0])).tolist() == [280.0]


def test_degree_days_are_counted_below_sixteen_and_a_half():
    np.testing.assert_allclose(degree_days(np.array([289.65, 279.65, 300.0])), [0, 10, 0])
    np.testing.assert_allclose(degree_days(np.array([289.65, 300.0]), base=295.0, cooling=True), [0, 5])


def test_a_mild_year_of_a_linear_house_is_corrected_to_the_normal_one():
    """Closed form: a house of 100 W/K and a base of 500 W."""
    rng = np.random.default_rng(0)
    mild, normal = 284 + rng.normal(0, 6, 365), 282 + rng.normal(0, 6, 365)
    use = [(500 + 100 * degree_days(T)).sum() * 86400 for T in (mild, normal)]
    base = 500 * 365 * 86400.0
    found = corrected_use(np.array([use[0]]), np.array([base]), degree_days(mild).sum(), degree_days(normal).sum())
    assert found[0] == pytest.approx(use[1], rel=1e-12)


def test_a_summer_tells_nothing_of_winter():
    with pytest.raises(LayerError, match="in which it was heated"):
        corrected_use(np.ones(1), np.zeros(1), 0.0, 100.0)
