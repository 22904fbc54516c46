"""What traffic sounds like, beside the figures of the directive's table worked by hand."""

import numpy as np
import pytest

from kernels.contract import LayerError
from kernels.traffic.noise import A_WEIGHTING, BANDS, CATEGORIES, a_weighted, line_power, vehicle_power

SOURCE = "Directive (EU) 2021/1226, table F-1"


@pytest.mark.parametrize(("speed", "expected"), [(30, 92.46), (50, 98.44), (70, 103.03)])
def test_a_light_vehicle_sounds_as_the_directive_says(speed, expected, measured):
    ours = float(a_weighted(vehicle_power("1", speed)))
    measured(case=f"CNOSSOS light vehicle at {speed} km/h, off by", source=SOURCE, ours=abs(ours - expected), bar=0.05,
             unit="dB(A)")  # fmt: skip


@pytest.mark.parametrize(("speed", "expected"), [(30, 77.69), (50, 81.45), (70, 84.58)])
def test_a_thousand_light_vehicles_an_hour_are_a_line_as_the_directive_says(speed, expected, measured):
    ours = a_weighted(line_power({"1": np.array([1000.0])}, {"1": np.array([float(speed)])}))[0]
    measured(case=f"CNOSSOS line source 1000 veh/h at {speed} km/h, off by", source=SOURCE, ours=abs(ours - expected),
             bar=0.05, unit="dB(A)/m")  # fmt: skip


def test_the_weighting_is_that_of_the_sound_level_meter():
    # IEC 61672-1, annex E, from its four poles; 125 and 250 Hz are short for 1000 · 10^(0.3 n)
    f = 1000 * 10.0 ** (0.3 * np.arange(-4, 4))
    gain = (12194.217**2 * f**4) / (
        (f**2 + 20.598997**2) * np.sqrt((f**2 + 107.65265**2) * (f**2 + 737.86223**2)) * (f**2 + 12194.217**2)
    )
    np.testing.assert_allclose(A_WEIGHTING, 20 * np.log10(gain) + 2.0, atol=0.06)


def test_twice_the_traffic_is_three_decibels_more():
    one, two = (a_weighted(line_power({"1": np.array([n])}, {"1": np.array([50.0])}))[0] for n in (400.0, 800.0))
    assert two - one == pytest.approx(10 * np.log10(2))


def test_categories_add_as_powers():
    speeds = {name: np.array([50.0]) for name in CATEGORIES}
    each = [line_power({name: np.array([100.0])}, speeds) for name in CATEGORIES]
    together = line_power({name: np.array([100.0]) for name in CATEGORIES}, speeds)
    np.testing.assert_allclose(10 ** (together / 10), sum(10 ** (level / 10) for level in each))


def test_motorcycles_do_not_roll_but_roar():
    # only the propulsion law is left: level falls by B (v - 70) / 70
    np.testing.assert_allclose(vehicle_power("4b", 70.0) - vehicle_power("4b", 35.0),
                               0.5 * np.array([3.2, 5.9, 11.9, 11.6, 11.5, 12.6, 11.1, 12.0]))  # fmt: skip


def test_a_cold_year_is_louder_by_the_factor_of_the_directive():
    # at 120 km/h tyres drown the engine in the 1 kHz band: 0.08 dB a kelvin
    band = BANDS.index(1000.0)
    rise = vehicle_power("1", 120.0, 10.0)[band] - vehicle_power("1", 120.0, 20.0)[band]
    assert rise == pytest.approx(0.8, abs=0.05)


def test_no_car_no_sound():
    assert a_weighted(line_power({"1": np.array([0.0])}, {"1": np.array([np.nan])}))[0] == -np.inf


def test_traffic_that_stands_still_is_refused_with_its_link():
    with pytest.raises(LayerError, match="link 1"):
        line_power({"1": np.array([10.0, 10.0])}, {"1": np.array([50.0, 0.0])})
    with pytest.raises(LayerError, match="category '9'"):
        vehicle_power("9", 50.0)
