"""Roughness, blending height and crowns against the papers they come from."""

import math

import numpy as np
import pytest

from kernels.heat import wind_profile as profiles


def test_roughness_of_cubes_is_that_of_macdonalds_staggered_arrays(measured):
    """Worked by hand from eq. 23 and 26 at plan = frontal = 0.16, A 4.43, Cd 1.2, k 0.4; and his own measured peak.

    d/H = 1 - 0.84 · 0.788089 = 0.338005; z0/H = 0.661995 exp(-(3.75 · 0.661995 · 0.16)^-0.5)
    = 0.661995 exp(-1.586700) = 0.135444.
    """
    d, z0 = profiles.macdonald(0.16, 0.16, 10.0)
    assert d == pytest.approx(10 * (1 + math.exp(-0.16 * math.log(4.43)) * -0.84), rel=1e-12)
    assert float(d) == pytest.approx(3.38005, abs=1e-5)
    share = np.linspace(0.02, 0.7, 200)
    peak = share[np.argmax(profiles.macdonald(share, share, 1.0)[1])]
    # Grimmond and Oke (1999), doi:10.1175/1520-0450(1999)038<1262:APOUAD>2.0.CO;2: z0/H peaks between 0.1 and 0.4.
    assert 0.1 < peak < 0.4
    measured(case="Roughness of cubes, plan area 0.16", source="Macdonald et al. 1998, eq. 26",
             ours=abs(float(z0) / 10 - 0.135444), bar=2e-6, unit="z0/H")  # fmt: skip


def test_open_ground_gives_back_the_stations_log_law(measured):
    """Exact: ln(z/0.03)/ln(10/0.03)."""
    none = np.zeros((2, 3))
    heights = np.array([1.1, 2.0, 5.0, 10.0, 30.0, 60.0])
    ours = np.array([profiles.profile(z, none, none, none)[0, 0] for z in heights])
    worst = np.abs(ours / (np.log(heights / 0.03) / math.log(10 / 0.03)) - 1).max()
    measured(case="Log law over open ground, 1.1 to 60 m", source="exact", ours=worst, bar=1e-12, unit="1")


def test_block_and_station_share_the_wind_at_the_blending_height():
    d, z0 = profiles.macdonald(0.4, 0.25, np.array([[12.0]]))
    at_top = profiles.profile(60.0, np.array([[12.0]]), d, z0)
    assert at_top == pytest.approx(math.log(60 / 0.03) / math.log(10 / 0.03), rel=1e-12)


def test_profile_is_continuous_at_the_roofs_and_grows_upward():
    height = np.array([[15.0]])
    d, z0 = profiles.macdonald(0.35, 0.2, height)
    below, above = (profiles.profile(z, height, d, z0) for z in (15 - 1e-9, 15 + 1e-9))
    assert below == pytest.approx(above, rel=1e-6)
    for aspect in (None, np.array([[0.8]])):
        speeds = [float(profiles.profile(z, height, d, z0, aspect)[0, 0]) for z in (0.5, 1.1, 3, 8, 14, 16, 30, 60)]
        assert np.all(np.diff(speeds) > 0)


def test_streets_are_slowed_as_in_massons_town():
    """U(H/2)/U(H) = 2/pi exp(-h/w/4) in the middle, Masson (2000); an endless canyon's h/w is its own."""
    height, aspect = np.array([[15.0]]), np.array([[1.5]])
    d, z0 = profiles.macdonald(0.35, 0.3, height)
    roof = profiles.profile(15.0, height, d, z0)
    assert float((profiles.profile(7.5, height, d, z0, aspect) / roof)[0, 0]) == pytest.approx(
        2 / math.pi * math.exp(-1.5 / 4), rel=1e-9
    )
    bars = np.tile(np.repeat([12.0, 0.0], 10), (200, 10))  # 20 m bars and 20 m streets, 12 m high
    plan, _, sides = profiles.block_indices(bars, (bars == 0).astype(float), 2.0, block=160)
    assert profiles.street_aspect(plan, sides)[100, 100] == pytest.approx(12 / 20, rel=0.03)


def test_frontal_area_of_a_box_is_its_width_times_its_height():
    """Boxes of 20 m by 10 m, 8 m tall, one on each 61 m by 61 m of a plain: H W / A each way, by hand."""
    one = np.zeros((61, 61))
    one[20:40, 25:35] = 8.0
    roof = np.tile(one, (3, 3))
    plan, height, sides = profiles.block_indices(roof, (roof == 0).astype(float), 1.0, block=122)
    assert plan[91, 91] == pytest.approx(200 / 3721)
    assert height[91, 91] == pytest.approx(8.0)
    assert profiles.frontal_area_index(sides, 1.0, 0.0)[91, 91] == pytest.approx(20 * 8 / 3721)
    assert profiles.frontal_area_index(sides, 0.0, -1.0)[91, 91] == pytest.approx(10 * 8 / 3721)


def test_a_crown_slows_its_own_cell_by_the_depth_it_fills():
    """Closed form exp(-(top - bottom)/top); 1.1 m is below all these crowns but the last, which reaches the ground."""
    top, bottom = np.array([[0.0, 12.0, 6.0, 10.0]]), np.array([[0.0, 4.0, 2.0, 0.0]])
    expected = [1.0, math.exp(-8 / 12), math.exp(-4 / 6), math.exp(-8.9 / 10)]
    np.testing.assert_allclose(profiles.canopy_factor(top, bottom)[0], expected, rtol=1e-6)


def test_utcis_ten_metres_turn_back_into_pedestrian_wind():
    """Bröde et al. (2012): the walker feels v10 ln(1.1/0.01)/ln(10/0.01)."""
    assert pytest.approx(1.0) == profiles.UTCI_TEN_METRES * math.log(110) / math.log(1000)
