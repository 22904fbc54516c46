"""Archetypes by period: the printed U values come back from the layers, and what is not known is told."""

from itertools import pairwise

import numpy as np
import pytest

from kernels.energy.thermal import Surface
from kernels.energy.thermal_rc import transmittance
from twin.building_archetypes import SOURCES, archetypes, layers_of, period_of
from twin.city import CityError

TILT = {"roof": 0.0, "wall": np.pi / 2, "floor": np.pi}


def test_periods_follow_each_other_without_gap():
    found = archetypes()
    assert found[0].first_year is None
    assert found[-1].last_year is None
    for before, after in pairwise(found):
        assert after.first_year == before.last_year + 1
    assert {one.source for one in found} == set(SOURCES)


@pytest.mark.parametrize("part", ["roof", "wall", "floor"])
def test_layers_give_the_u_value_of_the_table(part):
    for one in archetypes():
        outside = "ground" if part == "floor" else "outdoor"
        surface = Surface(one.layers(part), 1.0, TILT[part], outside=outside)
        assert transmittance(surface) == pytest.approx(getattr(one, f"{part}_u"), rel=1e-12), one.period


def test_an_uninsulated_wall_keeps_its_mass():
    old, new = layers_of("wall", 2.5), layers_of("wall", 0.2)
    assert sum(one.capacity for one in old) == pytest.approx(0.23 * 1600 * 840)
    assert len(new) == 3
    assert new[1].thickness == pytest.approx((1 / 0.2 - 0.17 - 0.23 / 0.8) * 0.035)


def test_a_u_value_that_no_wall_has_is_refused():
    for u_value in (0.0, 6.0, float("nan")):
        with pytest.raises(CityError, match="cannot have"):
            layers_of("wall", u_value)


def test_a_year_finds_its_period_and_a_missing_one_is_told():
    place, assumed = period_of([1880, 1945, 1946, 1970, 1971, 2011, 2012, 2030, np.nan])
    assert place.tolist() == [0, 0, 1, 1, 2, 4, 5, 5, 0]
    assert assumed.tolist() == [False] * 8 + [True]
