"""The UTCI against an independent program on its whole range, and against what its authors say of it."""

import time

import numpy as np
import pytest
from pythermalcomfort.models import utci as independent_utci

from kernels.heat.utci import STRESS, outside, saturation_vapour_pressure, utci, utci_block
from kernels.quantities import LANGUAGES

SOURCE = "Bröde et al. 2012, doi:10.1007/s00484-011-0454-1; pythermalcomfort"


def _valid_points(count):
    """Random points of the polynomial's whole range: air, radiant, wind and relative humidity."""
    rng = np.random.default_rng(20190725)
    air = rng.uniform(223.15, 323.15, count)
    radiant = air + rng.uniform(-30, 70, count)
    wind = rng.uniform(0.5, 17, count)
    highest = np.minimum(1.0, 5000 / saturation_vapour_pressure(air))
    return air, radiant, wind, highest * rng.uniform(0.001, 0.999, count)


def _independent(air, radiant, wind, humidity):
    found = independent_utci(air - 273.15, radiant - 273.15, wind, humidity * 100, round_output=False)
    return np.asarray(found.utci) + 273.15


def _block(air, radiant, wind, humidity):
    given = [one.astype(np.float32) for one in (air, radiant, wind, humidity * saturation_vapour_pressure(air))]
    out = np.empty(air.size, np.float32)
    utci_block(*given, out, 0, air.size)
    return out


def test_utci_of_twenty_thousand_points_is_that_of_an_independent_program(measured):
    """Of the nesting and the units; the 210 digits are one public table, which that program transcribes too."""
    points = _valid_points(20_000)
    expected = _independent(*points)
    assert np.isfinite(expected).all()
    worst = np.abs(utci(*points) - expected).max()
    measured(case="UTCI, 20 000 random points, float64", source=SOURCE, ours=worst, bar=1e-3, unit="K")


def test_the_map_in_single_precision_feels_the_same(measured):
    points = _valid_points(20_000)
    worst = np.abs(_block(*points) - _independent(*points)).max()
    measured(case="UTCI, 20 000 random points, float32 maps", source=SOURCE, ours=worst, bar=0.05, unit="K")


def test_in_the_reference_climate_utci_is_the_air_temperature():
    """Its definition: radiant = air, 0.5 m/s, 50 % humidity (20 hPa at most). The fit's own RMSE is 1.1 K."""
    air = 273.15 + np.arange(-40.0, 46.0, 1.0)
    humidity = np.minimum(0.5, 2000 / saturation_vapour_pressure(air))
    error = utci(air, air, 0.5, humidity) - air
    assert np.sqrt((error**2).mean()) < 1.1


def test_beyond_the_range_there_is_no_figure_and_wind_is_held():
    air = np.array([222.0, 324.0, 300.0, 300.0, 320.0])
    radiant = air + np.array([0.0, 0.0, -31.0, 71.0, 0.0])
    assert np.isnan(utci(air, radiant, 1.0, [0.5, 0.4, 0.5, 0.5, 0.99])).all()
    assert np.isnan(_block(air, radiant, np.ones(5), np.array([0.5, 0.4, 0.5, 0.5, 0.99]))).all()
    warm = utci(300.0, 310.0, [0.1, 0.5, 17.0, 25.0], 0.5)
    assert warm[0] == warm[1]
    assert warm[2] == warm[3]
    vapour = 0.5 * saturation_vapour_pressure(300.0)
    counted = outside([300.0, 300.0, 300.0, np.nan], [310.0, 310.0, 380.0, 300.0], [0.1, 1.0, 1.0, 1.0], vapour)
    assert counted == {"wind held": 1, "without UTCI": 1}


@pytest.mark.parametrize("missing", range(4))
def test_what_is_missing_stays_missing(missing):
    point = [np.array([300.0]), np.array([310.0]), np.array([2.0]), np.array([0.5])]
    point[missing] = np.array([np.nan])
    assert np.isnan(utci(*point)).all()
    assert np.isnan(_block(*point)).all()


def test_a_block_writes_its_own_cells_only():
    air, radiant, wind, humidity = _valid_points(64)
    given = [one.astype(np.float32) for one in (air, radiant, wind, humidity * saturation_vapour_pressure(air))]
    out = np.full(64, -1, np.float32)
    utci_block(*given, out, 10, 20)
    assert (out[:10] == -1).all()
    assert (out[20:] == -1).all()
    np.testing.assert_array_equal(out[10:20], _block(air, radiant, wind, humidity)[10:20])


def test_saturation_is_that_of_the_steam_tables():
    """IAPWS (Wagner and Pruss 2002, doi:10.1063/1.1461829): 611.657 Pa at the triple point, 3.1699 kPa at 25 °C."""
    np.testing.assert_allclose(saturation_vapour_pressure([273.16, 298.15]), [611.657, 3169.9], rtol=2e-4)


def test_categories_rise_and_speak_three_languages():
    thresholds = np.array([stress.above for stress in STRESS]) - 273.15
    np.testing.assert_allclose(thresholds[1:], [-40, -27, -13, 0, 9, 26, 32, 38, 46], atol=1e-9)
    assert all(stress.label[language] for stress in STRESS for language in LANGUAGES)


def test_a_million_cells_take_a_blink(measured):
    points = _valid_points(1_000_000)
    given = [one.astype(np.float32) for one in (*points[:3], points[3] * saturation_vapour_pressure(points[0]))]
    out = np.empty(points[0].size, np.float32)
    utci_block(*given, out, 0, 1)
    took = []  # processor time: a busy machine must not fail it
    for _ in range(3):
        start = time.thread_time()
        utci_block(*given, out, 0, out.size)
        took.append(time.thread_time() - start)
    measured(case="UTCI of a million cells, one thread", source="specs of the twin", ours=min(took), bar=0.06, unit="s")
