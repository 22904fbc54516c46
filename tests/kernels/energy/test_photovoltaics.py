"""Cells, current and glass against pvlib and the figures of the PVWatts manual."""

import numpy as np
import pvlib
import pytest

from kernels.energy import photovoltaics as pv

PVLIB = f"pvlib {pvlib.__version__}"


def test_cells_warm_as_two_published_models_have_it():
    light, air, wind = np.array([0.0, 300.0, 1000.0]), np.array([-5.0, 12.0, 30.0]), np.array([8.0, 2.0, 0.5])
    faiman = pv.cell_temperature(light, air + 273.15, wind) - 273.15
    np.testing.assert_allclose(faiman, pvlib.temperature.faiman(light, air, wind), rtol=1e-12)
    noct = pv.cell_temperature(light, air + 273.15, model="noct") - 273.15
    np.testing.assert_allclose(noct, pvlib.temperature.ross(light, air, noct=45.0), rtol=1e-12)


def test_a_plant_gives_what_pvwatts_gives(measured):
    """A day's sweep of light and warmth through module, losses and inverter."""
    light, cells = (one.ravel() for one in np.meshgrid(np.linspace(0, 1200, 61), np.linspace(-10, 75, 18)))
    dc = pv.direct_current(light, cells + 273.15, 5000.0, -0.0035) * (1 - pv.losses())
    theirs = pvlib.pvsystem.pvwatts_dc(light, cells, 5000.0, -0.0035) * (1 - pvlib.pvsystem.pvwatts_losses() / 100)
    np.testing.assert_allclose(dc, theirs, rtol=1e-10)
    ac = pv.alternating_current(dc, 5000.0 / 1.1)
    known = pvlib.inverter.pvwatts(theirs, 5000.0 / 1.1 / 0.96)
    error = 100 * np.abs(ac - known).max() / known.max()
    measured(case="AC of a plant, any light and warmth", source=PVLIB + ", pvwatts", ours=error, bar=0.5, unit="%")
    assert ac.max() == pytest.approx(5000.0 / 1.1)  # clipped
    assert (ac[light == 0] == 0).all()


def test_the_losses_of_the_manual_are_fourteen_percent():
    """Dobos (2014), NREL/TP-6A20-62641: 14 % in the whole, which pvlib prints as 14.0757 %."""
    assert pv.losses() == pytest.approx(0.140757, abs=5e-7)
    assert 1 - (1 - pv.losses(without=("shading",))) * 0.97 == pytest.approx(pv.losses())


def test_glass_lets_pass_what_its_authors_say():
    angle = np.linspace(0.0, 90.0, 19)
    np.testing.assert_allclose(
        pv.passes_glass(np.cos(np.radians(angle))), pvlib.iam.martin_ruiz(angle, a_r=0.16), atol=1e-12
    )
    tilt = np.array([5.0, 30.0, 60.0, 90.0, 120.0])
    sky, ground = pv.diffuse_passes_glass(np.radians(tilt))
    known = pvlib.iam.martin_ruiz_diffuse(tilt, a_r=0.16, c1=4 / (3 * np.pi))
    np.testing.assert_allclose(sky, known["sky"], atol=1e-6)
    np.testing.assert_allclose(ground, known["ground"], atol=1e-6)


def test_glass_that_looks_up_gets_nothing_of_the_ground():
    sky, ground = pv.diffuse_passes_glass(np.array([0.0, np.pi]))
    assert ground[0] == 0.0
    assert sky[1] == 0.0
    assert 0.9 < sky[0] < 1.0


def test_a_model_without_a_name_or_wind_is_refused():
    with pytest.raises(ValueError, match="'faiman' or 'noct'"):
        pv.cell_temperature(np.zeros(1), np.zeros(1), np.zeros(1), model="guess")
    with pytest.raises(ValueError, match="needs a wind speed"):
        pv.cell_temperature(np.zeros(1), np.zeros(1))
