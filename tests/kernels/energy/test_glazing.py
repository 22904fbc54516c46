"""Double glass against Fresnel's limits and the published properties of the standard method of test."""

import numpy as np
import pytest

from kernels.energy.glazing import DIFFUSE_GAIN, INDEX, double, gain, pane, relative_gain


def test_clear_glass_lets_in_what_the_standard_method_of_test_prints(measured):
    # Judkoff and Neymark (1995), IEA BESTEST, NREL/TP-472-6231, table 1-12: 0.86156 and 0.74745 at normal incidence
    for case, ours, published in (
        ("one pane", pane(np.zeros(1))[0].mean(), 0.86156),
        ("two panes", double(np.zeros(1))[0][0], 0.74745),
    ):
        measured(
            case=f"Transmittance of clear glass, {case}, off by",
            source="IEA BESTEST, NREL/TP-472-6231",
            ours=abs(ours - published),
            bar=0.002,
        )
    assert gain(np.zeros(())) == pytest.approx(0.789, abs=0.005)


def test_one_polarisation_passes_at_brewsters_angle():
    _, reflected, _ = pane(np.arctan(INDEX))
    assert reflected[1] < 1e-12 < reflected[0]


def test_all_light_is_passed_on_sent_back_or_taken_up():
    angle = np.radians(np.arange(0, 90, 5))
    assert (np.array(pane(angle)) >= 0).all()
    np.testing.assert_allclose(sum(pane(angle)), 1.0)


def test_gain_falls_from_one_to_nothing():
    curve = relative_gain(np.radians([0, 20, 40, 60, 70, 80, 90, 120]))
    assert curve[0] == pytest.approx(1.0)
    assert (np.diff(curve[:7]) < 0).all()
    assert (curve[-2:] == 0).all()
    assert curve[6] < DIFFUSE_GAIN < curve[0]
