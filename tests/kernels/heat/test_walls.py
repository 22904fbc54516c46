"""Walls as columns: what they are made of, and how they take a hot day."""

import numpy as np
import pytest

from kernels.heat.slabs import NODES
from kernels.heat.surfaces import Weather
from kernels.heat.surfaces_start import initial_profile
from kernels.heat.walls import WALLS, wall_materials

HOURS = np.arange(24) * 3600.0


def weather() -> list[Weather]:
    air = 301.0 + 7.0 * np.cos((HOURS / 3600 - 16) / 24 * 2 * np.pi)
    return [Weather(float(one), 0.4, 2.0) for one in air]


def day_at(material: str, sun: np.ndarray) -> np.ndarray:
    """Temperature of the face over a day that comes round, by hour."""
    materials, air = wall_materials(1, material), weather()
    longwave = np.array([0.9 * 5.67e-8 * one.air_temperature**4 for one in air])
    profile = initial_profile(materials, sun[None], longwave[None], air, HOURS)
    temperature = np.ascontiguousarray(profile[1].T)
    out, found = np.empty((2, 1), np.float32), []
    for k in range(24):
        was, now = (
            (np.array([sun[q]], np.float32), np.array([longwave[q]], np.float32), air[q]) for q in (k, (k + 1) % 24)
        )
        materials.advance(temperature, *now, 3600.0, *out, materials.ledger(), before=was)
        found.append(float(temperature[0, 0]))
    return np.array(found)


def afternoon() -> np.ndarray:
    return (
        450.0 * np.clip(np.sin((HOURS / 3600 - 12) / 9 * np.pi), 0, None) * (HOURS >= 12 * 3600) * (HOURS < 21 * 3600)
    )


@pytest.mark.parametrize(("material", "transmittance"), [("brick", 1.7), ("insulated_brick", 0.3), ("glass", 1.3)])
def test_walls_let_through_what_walls_of_their_make_do(material: str, transmittance: float) -> None:
    # ISO 6946: 1 / (0.04 + R + 0.13). Solid brick 29 cm 1.7; filled cavity about 0.3; double glazing 1.1 to 1.4
    slab = WALLS[material]
    assert 1 / (0.04 + slab.thickness / slab.conductivity + slab.resistance) == pytest.approx(transmittance, abs=0.2)


def harmonics(material: str, sun: np.ndarray) -> np.ndarray:
    """The same day by the admittance of the wall, each harmonic by itself and radiation made linear. [K]"""
    slab, air = WALLS[material], np.array([one.air_temperature for one in weather()])
    middle = 305.0
    radiative = 4 * slab.emissivity * 5.670374e-8 * middle**3
    convective = 4.0 + 4.0 * 0.25 * 2.0
    longwave = slab.emissivity * (0.9 * 5.67e-8 * air**4 - 5.670374e-8 * middle**4) + radiative * middle
    gain = np.fft.rfft(sun + longwave + convective * air)
    omega = 2 * np.pi / 86400 * np.arange(gain.size)
    q = np.sqrt(1j * omega[1:] * slab.capacity / slab.conductivity)
    own, through = 1 / (slab.conductivity * q), np.tanh(q * slab.thickness)
    impedance = own * (slab.resistance + own * through) / (own + slab.resistance * through)
    steady = 1 / (slab.thickness / slab.conductivity + slab.resistance)
    gain[0] += 24 * steady * slab.behind
    gain /= radiative + convective + np.concatenate([[steady], 1 / impedance])
    return np.roll(np.fft.irfft(gain, 24), -1)


@pytest.mark.parametrize("material", ["brick", "insulated_brick", "concrete"])
def test_a_wall_takes_a_day_as_the_sum_of_its_harmonics(measured, material: str) -> None:
    for name, sun in (("afternoon sun", afternoon()), ("shade", np.zeros(24))):
        error = np.abs(day_at(material, sun) - harmonics(material, sun)).max()
        measured(
            case=f"A day of a {material.replace('_', ' ')} wall in {name}",
            source="admittance method, EN ISO 13786; Carslaw and Jaeger 3.7; radiation linear at 305 K",
            ours=error,
            bar=1.0,
            unit="K",
        )


def test_a_sunlit_wall_does_not_outrun_its_sol_air_temperature_and_one_in_shade_stays_near_air() -> None:
    air, sun = np.array([one.air_temperature for one in weather()]), afternoon()
    sunlit, shaded = day_at("brick", sun), day_at("brick", np.zeros(24))
    sol_air = (air + sun / (4 + 4 * 0.25 * 2 + 4 * 0.91 * 5.67e-8 * 300**3)).max()
    assert air.max() + 10.0 < sunlit.max() < sol_air
    assert abs(shaded.mean() - air.mean()) < 4.0


def test_a_light_wall_swings_more_than_a_heavy_one_and_a_heavy_one_is_warmer_at_night() -> None:
    heavy, light = day_at("brick", afternoon()), day_at("rendered_insulation", afternoon())
    assert np.ptp(light) > np.ptp(heavy) + 3.0
    assert heavy[:4].mean() > light[:4].mean() + 1.0  # 1 to 4 o'clock


def test_a_wall_evaporates_nothing() -> None:
    materials = wall_materials(3)
    out = np.empty((2, 3), np.float32)
    temperature = np.full((NODES, 3), 310.0, np.float32)
    some = np.full(3, 400.0, np.float32)
    materials.advance(temperature, some, some, Weather(300.0, 0.2, 5.0), 600.0, *out, materials.ledger())
    assert (out[1] == 0.0).all()
    assert (out[0] > 0.0).all()


def test_another_material_is_not_known() -> None:
    with pytest.raises(KeyError):
        wall_materials(1, "gingerbread")
