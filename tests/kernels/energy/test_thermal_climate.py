"""The climate of the demand engines: light as it was laid, glass by its angle, the sky's cold, and gaps refused."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.energy.glazing import relative_gain
from kernels.energy.thermal_climate import climate

HOURS = 48
BEGINS = np.datetime64("2019-06-20T00:00") + np.arange(HOURS) * np.timedelta64(1, "h")
LEVEL_AND_SOUTH = np.array([[0.0, 0.0], [np.pi / 2, np.pi]])
NOON = 11  # its middle is a quarter of an hour before the sun is highest


def made(**rest):
    sun = np.where(np.arange(HOURS) % 24 == NOON, 800.0, 0.0)
    air = np.full(HOURS, 290.0)
    given = {"air": air, "global_horizontal": sun, "diffuse_horizontal": 0.0 * sun, "direct_normal": sun} | rest
    return climate(BEGINS, **given, planes=LEVEL_AND_SOUTH, latitude=50.85, longitude=4.35)


def test_the_beam_passes_glass_at_the_suns_own_angle():
    # noon of 20 June in Brussels: the sun 62.6° high (90 - 50.85 + 23.44), so 62.6° off a south wall
    found = made()
    beam = 800 * np.cos(np.radians(62.5))
    ground = 0.5 * 0.2 * 800
    assert found.light[1, NOON] == pytest.approx(beam + ground, rel=0.02)
    assert found.through[1, NOON] < found.light[1, NOON]
    assert found.through[0, NOON] == pytest.approx(found.light[0, NOON] * relative_gain(np.radians(27.5)), rel=0.01)
    assert (found.light[:, :4] == 0).all()


def test_an_unmeasured_sky_is_eleven_kelvin_below_the_air():
    # ISO 52016-1:2017, table B.19, with 4.14 W/m2K for an emittance of 0.9
    np.testing.assert_allclose(made().sky_loss, 11.0 * 4.14 / 0.9)


def test_a_sky_as_warm_as_the_air_takes_nothing():
    black = np.full(HOURS, 5.670374419e-8 * 290.0**4)
    np.testing.assert_allclose(made(longwave=black).sky_loss, 0.0, atol=1e-9)


def test_the_months_are_those_of_the_clock():
    assert (made().month == 5).all()


@pytest.mark.parametrize("name", ["air", "longwave", "global_horizontal", "diffuse_horizontal", "direct_normal"])
def test_a_gap_is_refused_and_named(name):
    series = np.full(HOURS, 290.0)
    series[7] = np.nan
    with pytest.raises(LayerError, match="fill gaps"):
        made(**{name: series})
