"""The patches of the sky against closed forms of the hemisphere and a fine quadrature of each patch."""

import numpy as np
import pytest

from kernels.heat.patches import EAST, PATCHES, SIDES, beam_weight, body_weights


def _quadrature(weight):
    """Integral of ``weight(elevation, azimuth)`` over each patch by Gauss-Legendre, 40 points a side."""
    x, w = np.polynomial.legendre.leggauss(40)
    el = 0.5 * (PATCHES.high + PATCHES.low)[:, None] + 0.5 * (PATCHES.high - PATCHES.low)[:, None] * x
    az = 0.5 * (PATCHES.last + PATCHES.first)[:, None] + 0.5 * (PATCHES.last - PATCHES.first)[:, None] * x
    area = 0.25 * ((PATCHES.high - PATCHES.low) * (PATCHES.last - PATCHES.first))[:, None, None] * np.outer(w, w)
    el, az = el[:, :, None], az[:, None, :]
    return (area * np.cos(el) * weight(el, az)).sum((1, 2))


def test_patches_tile_the_hemisphere_without_gap_or_overlap():
    assert len(PATCHES) == 153
    rng = np.random.default_rng(1)
    el, az = np.arcsin(rng.uniform(0, 1, 5000)), rng.uniform(0, 2 * np.pi, 5000)
    in_band = (PATCHES.low[:, None] <= el) & (el < PATCHES.high[:, None])
    in_wedge = (az - PATCHES.first[:, None]) % (2 * np.pi) < (PATCHES.last - PATCHES.first)[:, None]
    in_wedge |= (PATCHES.last - PATCHES.first)[:, None] >= 2 * np.pi
    np.testing.assert_array_equal((in_band & in_wedge).sum(0), 1)


def test_sums_over_the_patches_are_those_of_the_hemisphere():
    assert PATCHES.solid_angle.sum() == pytest.approx(2 * np.pi, rel=1e-14)
    assert PATCHES.horizontal.sum() == pytest.approx(1.0, rel=1e-14)
    assert PATCHES.cylinder.sum() == pytest.approx(np.pi**2 / 2, rel=1e-14)
    for azimuth in (*SIDES, 1.2345):
        assert PATCHES.side(azimuth).sum() == pytest.approx(0.5, rel=1e-13)


def test_each_patch_is_its_integral_and_not_its_centre():
    np.testing.assert_allclose(PATCHES.solid_angle, _quadrature(lambda el, az: 1.0 + 0 * az), rtol=1e-12)
    np.testing.assert_allclose(PATCHES.horizontal, _quadrature(lambda el, az: np.sin(el) / np.pi + 0 * az), rtol=1e-12)
    np.testing.assert_allclose(PATCHES.cylinder, _quadrature(lambda el, az: np.cos(el) + 0 * az), rtol=1e-12)
    side = _quadrature(lambda el, az: np.maximum(0, np.cos(el) * np.cos(az - EAST)) / np.pi)
    np.testing.assert_allclose(PATCHES.side(EAST), side, atol=2e-5)  # the quadrature stumbles over the kink


@pytest.mark.parametrize("body", ["cylinder", "six_directions"])
def test_an_even_sky_fills_half_of_what_a_person_sees(body):
    weights = body_weights(body)
    assert weights.sum() == pytest.approx(0.5, rel=1e-14)
    assert (weights > 0).all()


@pytest.mark.parametrize("body", ["cylinder", "six_directions"])
def test_a_beam_from_every_direction_is_felt_as_the_even_sky(body):
    """The beam is the limit of a small patch: its integral over a patch is the patch's weight times π."""
    found = _quadrature(lambda el, az: beam_weight(body, el + 0 * az, az + 0 * el))
    np.testing.assert_allclose(found / np.pi, body_weights(body), atol=2e-5)


def test_a_cylinder_does_not_care_whence_a_six_sided_person_does():
    el, az = np.radians(30.0), np.radians([0.0, 45.0])
    round_, square = beam_weight("cylinder", el, az), beam_weight("six_directions", el, az)
    assert round_[0] == round_[1] == pytest.approx(0.06 * 0.5 + 0.88 / np.pi * np.cos(el))
    assert square[1] / square[0] > 1.3  # two faces at 45° instead of one: √2 on the sides
    assert beam_weight("cylinder", -0.1, 0.0) == 0.0


def test_a_body_of_another_kind_is_named():
    with pytest.raises(ValueError, match="'sphere'"):
        body_weights("sphere")
    with pytest.raises(ValueError, match="'sphere'"):
        beam_weight("sphere", 0.5, 0.0)


def test_nobody_can_write_into_the_shared_sky():
    for values in (PATCHES.elevation, PATCHES.horizontal, PATCHES.cylinder, PATCHES.solid_angle):
        with pytest.raises(ValueError, match="read-only"):
            values[0] = 1.0
