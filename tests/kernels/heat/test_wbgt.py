"""WBGT: the globe against an independent program, the wick against psychrometry, both against their own balances."""

import time

import numpy as np
import pytest
from pythermalcomfort.environment import mean_radiant_tmp
from pythermalcomfort.models import wbgt as independent_wbgt
from scipy.optimize import brentq

from kernels.heat.patches import beam_weight
from kernels.heat.utci import saturation_vapour_pressure
from kernels.heat.wbgt import wbgt_block, wbgt_of

PRESSURE = 101_325.0


def _shade(air, radiant, wind, humidity):
    """WBGT, wet bulb and globe [°C] without any beam, of temperatures in °C and humidity in 0 … 1."""
    vapour = humidity * float(saturation_vapour_pressure(air + 273.15))
    return np.array(wbgt_of(air + 273.15, radiant + 273.15, wind, vapour, PRESSURE, 0.0, 0.2, 0.0)) - 273.15


def _psychrometric(air, humidity):
    """Wet bulb [°C] of an aspirated psychrometer: WMO-No. 8, A = 6.53e-4 (1 + 9.44e-4 tw) K⁻¹, eq. 4.A.6."""
    vapour = humidity * float(saturation_vapour_pressure(air + 273.15))

    def gap(wet):
        lowered = 6.53e-4 * (1 + 9.44e-4 * wet) * PRESSURE * (air - wet)
        return float(saturation_vapour_pressure(wet + 273.15)) - lowered - vapour

    return brentq(gap, -10, air)


def test_the_globe_gives_back_the_radiation_that_heats_it(measured):
    """ISO 7726 the other way round, by an independent program; the sun is in the mean radiant temperature."""
    rng = np.random.default_rng(7243)
    worst = 0.0
    for _ in range(200):
        air, wind = rng.uniform(10, 40), rng.uniform(0.3, 5)
        radiant = air + rng.uniform(-5, 40)
        globe = _shade(air, radiant, wind, 0.4)[2]
        back = float(mean_radiant_tmp(tg=globe, tdb=air, v=wind, d=0.15, emissivity=0.95, standard="ISO"))
        worst = max(worst, abs(back - radiant))
    measured(
        case="WBGT globe, radiation given back", source="ISO 7726; pythermalcomfort", ours=worst, bar=0.02, unit="K"
    )


def test_an_aspirated_wick_is_a_psychrometer(measured):
    """In the shade at 5 m/s with walls at the air's temperature; the natural wet bulb is then within 0.5 K of it."""
    worst = 0.0
    for air in (20.0, 30.0, 38.0):
        for humidity in (0.2, 0.5, 0.9):
            worst = max(worst, abs(_shade(air, air, 5.0, humidity)[1] - _psychrometric(air, humidity)))
    source = "WMO-No. 8, psychrometer formula"
    measured(case="WBGT wick at 5 m/s in shade", source=source, ours=worst, bar=0.5, unit="K")


def test_saturated_air_wets_nothing_and_cools_nothing():
    found = _shade(30.0, 30.0, 1.0, 1.0)
    np.testing.assert_allclose(found, 30.0, atol=0.02)


def test_the_mix_is_that_of_the_standard():
    """ISO 7243 by an independent program: 0.7 and 0.3 without sun, 0.7, 0.2 and 0.1 with it."""
    felt, wet, globe = _shade(32.0, 40.0, 1.0, 0.4)
    assert felt == pytest.approx(independent_wbgt(wet, globe, round_output=False).wbgt, abs=1e-9)
    vapour = 0.4 * float(saturation_vapour_pressure(305.15))
    sunny = np.array(wbgt_of(305.15, 335.15, 1.0, vapour, PRESSURE, 850.0, 0.2, 0.8)) - 273.15
    theirs = independent_wbgt(sunny[1], sunny[2], 32.0, with_solar_load=True, round_output=False).wbgt
    assert sunny[0] == pytest.approx(theirs, abs=1e-9)


def test_the_globe_in_the_sun_is_the_closed_balance_of_a_ball():
    """A ball takes a quarter of the beam: 0.95 (surroundings + I / 4) = 0.95 σ Tg⁴ + h (Tg − Ta), solved apart."""
    air, surround, wind, beam, elevation = 305.15, 305.15, 1.5, 800.0, np.radians(50)
    share = float(beam_weight("cylinder", elevation, 0.0))
    sigma = 5.670374419e-8
    radiant = (surround**4 + 0.70 / 0.97 * share * beam / sigma) ** 0.25
    transfer = 6.3 * wind**0.6 / 0.15**0.4
    hand = brentq(
        lambda globe: 0.95 * (sigma * surround**4 + beam / 4 - sigma * globe**4) - transfer * (globe - air), 250, 400
    )
    globe = wbgt_of(air, radiant, wind, 1500.0, PRESSURE, beam, share, np.sin(elevation))[2]
    assert globe == pytest.approx(hand, abs=1e-3)


def test_a_hot_afternoon_reads_as_hot_afternoons_do():
    """Uccle, 25 July 2019, 39 °C at 20 % in full sun: WBGT lies between its wet bulb and its air, near 30 °C.

    Sign and size only; there is no reading of that day.
    """
    vapour = 0.2 * float(saturation_vapour_pressure(312.15))
    share = float(beam_weight("cylinder", np.radians(55), 0.0))
    felt, wet, globe = np.array(wbgt_of(312.15, 342.15, 1.5, vapour, PRESSURE, 850.0, share, np.sin(np.radians(55))))
    assert wet < felt < 312.15 < globe
    assert 25 < felt - 273.15 < 33


def test_more_sun_less_wind_and_more_vapour_are_hotter():
    base = _shade(32.0, 45.0, 1.0, 0.4)[0]
    assert _shade(32.0, 55.0, 1.0, 0.4)[0] > base
    assert _shade(32.0, 45.0, 0.4, 0.4)[0] > base
    assert _shade(32.0, 45.0, 1.0, 0.6)[0] > base


def test_a_map_is_its_cells_and_gaps_stay_gaps(measured):
    rng = np.random.default_rng(5)
    count = 50_000
    air = rng.uniform(290, 313, count)
    radiant, wind, shadow = air + rng.uniform(-5, 35, count), rng.uniform(0.1, 4, count), rng.uniform(0, 1, count)
    vapour = rng.uniform(0.2, 0.9, count) * saturation_vapour_pressure(air)
    for number, one in enumerate((air, radiant, wind, vapour)):
        one[number] = np.nan
    given = [one.astype(np.float32) for one in (air, radiant, wind, vapour)]
    shadow, out = shadow.astype(np.float32), np.full(count, -1, np.float32)
    wbgt_block(*given, PRESSURE, shadow, 800.0, 0.2, 0.7, out, 0, 10)
    assert np.isnan(out[:4]).all()
    assert (out[10:] == -1).all()
    start = time.thread_time()
    wbgt_block(*given, PRESSURE, shadow, 800.0, 0.2, 0.7, out, 4, count)
    took = (time.thread_time() - start) * 1e6 / count
    one = wbgt_of(*(float(x[77]) for x in given), PRESSURE, 800.0 * (1 - float(shadow[77])), 0.2, 0.7)[0]
    assert out[77] == pytest.approx(one, abs=1e-4)
    assert np.isfinite(out[4:]).all()
    measured(case="WBGT of a million cells, one thread", source="none", ours=took, bar=4.0, unit="s")
