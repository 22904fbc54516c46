"""The ground under a floor: tabled U values, the standard's month by hand, and the ends of the formula."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.ground import CLAY, ROCK, SAND, ground

MONTHS = 283.15 - 7.0 * np.cos(2 * np.pi * np.arange(12) / 12)
"""A year whose coldest month is January."""


def test_u_values_are_those_of_the_printed_table_for_clay():
    # CIBSE Guide A (2006), table 3.18: solid floors on clay, walls of 0.3 m, no insulation, by perimeter over area
    printed = {
        0.05: 0.13,
        0.10: 0.22,
        0.20: 0.37,
        0.30: 0.49,
        0.40: 0.60,
        0.50: 0.70,
        0.60: 0.78,
        0.80: 0.93,
        1.0: 1.05,
    }
    found, _ = ground(100.0, 100.0 * np.array(list(printed)), 0.3, 0.0, MONTHS, CLAY)
    np.testing.assert_allclose(found, list(printed.values()), atol=0.006)


def test_a_well_insulated_floor_takes_the_other_formula():
    # by hand: B = 4 m, d = 0.3 + 2 (0.21 + 4) = 8.72 m, U = 2 / (0.457 x 4 + 8.72)
    found, _ = ground(40.0, 20.0, 0.3, 4.0, MONTHS)
    assert found == pytest.approx(2 / 10.548, rel=1e-12)


def test_a_months_flow_is_that_of_the_standard_worked_by_hand():
    # A 80 m2, P 24 m, walls 0.3 m, R 0.6, sand: B 6.667 m, d 0.3 + 2 x 0.81 = 1.92 m
    u_value, temperature = ground(80.0, 24.0, 0.3, 0.6, MONTHS)
    by_hand = 4 / (20.944 + 1.92) * np.log(20.944 / 1.92 + 1)
    assert u_value == pytest.approx(by_hand, rel=1e-4)
    through_edge = 0.37 * 24 * 2.0 * np.log(3.166 / 1.92 + 1)
    for month in range(12):  # the standard counts the coldest month as 1 and lags by 1
        flow = 80 * by_hand * (293.15 - 283.15) + through_edge * 7.0 * np.cos(2 * np.pi * (month - 1) / 12)
        assert 80 * float(u_value) * (293.15 - temperature[month]) == pytest.approx(flow, rel=2e-4)


def test_depth_of_penetration_is_that_of_the_standard():
    # ISO 13370:2017: 2.2 m in clay, 3.2 m in sand, 4.2 m in rock
    assert [round(one.depth, 1) for one in (CLAY, SAND, ROCK)] == [2.2, 3.2, 4.2]


def test_what_no_air_touches_loses_nothing_and_stays_at_the_mean():
    u_value, temperature = ground([50.0, 0.0, 50.0], [0.0, 20.0, 1e-9], 0.3, 0.5, MONTHS)
    assert u_value[:2].tolist() == [0.0, 0.0]
    assert u_value[2] < 1e-8
    np.testing.assert_allclose(temperature[:2], 283.15, rtol=1e-12)
    assert np.isfinite(temperature).all()


def test_the_wave_below_is_weaker_than_in_the_air_and_late():
    _, temperature = ground([30.0, 100.0, 2000.0], [12.0, 20.0, 180.0], 0.4, [0.0, 1.0, 4.0], MONTHS)
    assert (temperature.argmin(axis=1) == 1).all()
    np.testing.assert_allclose(temperature.mean(axis=1), 283.15, rtol=1e-12)
    assert (np.ptp(temperature, axis=1) < 14.0).all()


def test_the_year_may_begin_with_the_summer():
    _, north = ground(80.0, 24.0, 0.3, 0.6, MONTHS)
    _, south = ground(80.0, 24.0, 0.3, 0.6, np.roll(MONTHS, 6))
    np.testing.assert_allclose(south, np.roll(north, 6), rtol=1e-12)


@pytest.mark.parametrize(
    "wrong", [{"area": -1.0}, {"perimeter": np.nan}, {"floor_resistance": -0.1}, {"monthly_air": MONTHS[:11]}]
)
def test_nonsense_is_refused(wrong):
    with pytest.raises(LayerError, match="ground: "):
        ground(
            **{"area": 80.0, "perimeter": 24.0, "wall_thickness": 0.3, "floor_resistance": 0.6, "monthly_air": MONTHS}
            | wrong
        )
