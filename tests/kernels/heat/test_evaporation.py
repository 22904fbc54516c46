"""Vapour at surfaces against the standard of steam and the combination equation."""

import numpy as np
import pytest

from kernels.heat.evaporation import latent_heat, psychrometric_constant, saturation_vapour_pressure, vapour_pressure
from kernels.heat.slabs import NODES, Slab
from kernels.heat.surfaces import Materials, Weather


def steam(temperature: np.ndarray) -> np.ndarray:
    """Saturation pressure of water of the IAPWS: W. Wagner, A. Pruss 1993, doi:10.1063/1.555926, equation 1. [Pa]"""
    critical, pressure = 647.096, 22.064e6
    t = 1 - temperature / critical
    series = (
        -7.85951783 * t + 1.84408259 * t**1.5 - 11.7866497 * t**3 + 22.6807411 * t**3.5 - 15.9618719 * t**4
        + 1.80122502 * t**7.5
    )  # fmt: skip
    return pressure * np.exp(critical / temperature * series)


def test_saturation_pressure_is_that_of_steam_tables(measured) -> None:
    kelvin = np.linspace(273.16, 343.15, 141)
    error = np.abs(saturation_vapour_pressure(kelvin) / steam(kelvin) - 1).max()
    measured(case="Saturation vapour pressure, 0 to 70 °C", source="Wagner and Pruss 1993, doi:10.1063/1.555926",
             ours=100 * error, bar=0.2, unit="%", published="the fit of Flatau et al. 1992")  # fmt: skip


def test_the_psychrometric_constant_and_latent_heat_are_those_of_the_tables() -> None:
    # FAO 56, annex 2: γ 0.0674 kPa/K at 101.3 kPa (with λ 2.45 MJ/kg, at 20 °C); Oke 1987: λ 2.45 MJ/kg at 20 °C
    assert latent_heat(293.15) == pytest.approx(2.45e6, rel=0.002)
    assert psychrometric_constant(293.15, 101300.0) == pytest.approx(67.4, rel=0.015)


def test_vapour_pressure_is_a_share_of_saturation() -> None:
    assert vapour_pressure(300.0, 0.4) == pytest.approx(0.4 * saturation_vapour_pressure(300.0))


def settled(wetness: float, weather: Weather, net: float) -> tuple[float, float, float]:
    """Surface temperature [K], sensible and latent heat [W m⁻²] of a thin insulated wet cloth in the end."""
    cloth = Slab(1.0, 1e6, 0.002, np.inf, 300.0, 1e-9, wetness, wind=1.0)
    materials = Materials(np.array([1], np.uint16), (cloth, cloth))
    temperature = np.full((NODES, 1), weather.air_temperature, np.float32)
    out, sun = np.empty((2, 1), np.float32), np.array([net], np.float32)
    for _ in range(100):
        materials.advance(temperature, sun, np.zeros(1, np.float32), weather, 600.0, *out, materials.ledger())
    return float(temperature[0, 0]), float(out[0, 0]), float(out[1, 0])


@pytest.mark.parametrize(("wetness", "net"), [(1.0, 300.0), (0.59, 400.0), (0.1, 400.0)])
def test_a_wet_surface_evaporates_as_the_combination_equation_says(measured, wetness, net) -> None:
    # Penman-Monteith with r_s: LE = (Δ R + ρc D / r_a) / (Δ + γ (1 + r_s/r_a)), its Δ the chord from air to surface
    weather = Weather(303.15, 0.4, 2.0)
    surface, sensible, latent = settled(wetness, weather, net)
    h = 12.0 if surface > 303.15 else 10.0
    gamma, vapour = psychrometric_constant(303.15, 101325.0), 0.4 * steam(np.array(303.15))
    slope = (steam(np.array(surface)) - steam(np.array(303.15))) / (surface - 303.15)
    deficit = steam(np.array(303.15)) - vapour
    expected = (slope * net + h * deficit) / (slope + gamma / wetness)
    measured(
        case=f"Latent heat of a surface of wetness {wetness:g}",
        source="Penman-Monteith equation, Monteith and Unsworth 2013, chapter 13",
        ours=100 * abs(latent / expected - 1),
        bar=0.5,
        unit="%",
    )
    assert sensible + latent == pytest.approx(net, abs=0.05)


def test_a_wet_bulb_reads_what_a_psychrometer_does() -> None:
    # WMO-No. 8, annex 4.B, Assmann's psychrometer: e = e_s(T_w) - 6.53e-4 (1 + 0.000944 t_w) p (T - T_w)
    surface, _, _ = settled(1.0, Weather(303.15, 0.4, 3.0), 0.0)
    pull = 6.53e-4 * (1 + 0.000944 * (surface - 273.15)) * 101325.0 * (303.15 - surface)
    vapour = steam(np.array(surface)) - pull
    assert vapour == pytest.approx(0.4 * steam(np.array(303.15)), rel=0.01)


def test_dew_does_not_fall() -> None:
    surface, _, latent = settled(1.0, Weather(300.0, 0.9, 1.0), -200.0)
    assert surface < 300.0 - 2.0
    assert latent == 0.0


def test_air_that_is_full_takes_nothing_from_water_as_warm_as_itself() -> None:
    surface, sensible, latent = settled(1.0, Weather(295.0, 1.0, 1.0), 0.0)
    assert surface == pytest.approx(295.0, abs=1e-3)
    assert abs(sensible) + abs(latent) < 0.05
