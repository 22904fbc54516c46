"""Ground and roofs over a hot day: kinds, signs, starts, and temperatures that others measured."""

import numpy as np
import pytest

from kernels.contract import KernelError, LayerError
from kernels.heat.evaporation import saturation_vapour_pressure
from kernels.heat.slabs import NODES, OUTSIDE, Slab
from kernels.heat.surfaces import Materials, Weather
from kernels.heat.surfaces_start import initial_profile

HOURS = np.arange(24) * 3600.0
ASPHALT, LAWN, SOIL, CONCRETE = (0.75, 1.94e6, 0.95), (0.92, 2.26e6, 0.95), (0.92, 2.26e6, 0.95), (1.51, 2.11e6, 0.90)
"""Conductivity, capacity, emissivity: Oke 1987, tables 2.1 and 7.4."""


def grids(*kinds: tuple[float, float, float, float, bool]) -> tuple[np.ndarray, ...]:
    """Layers of one row with one cell for each kind."""
    rows = np.array([kind[:4] for kind in kinds], np.float32)
    return *(rows[None, :, column].copy() for column in range(4)), np.array([[kind[4] for kind in kinds]])


class ClearDay:
    """A clear day of midsummer with 35 °C at its height, alike from day to day.

    Sun 900 W/m² at noon over 15.5 hours, vapour pressure 15 hPa, wind 3 m/s; long-wave radiation of a clear sky.
    """

    sun = 900.0 * np.clip(np.cos((HOURS / 3600 - 13) / 15.5 * np.pi), 0, None) * (abs(HOURS / 3600 - 13) < 7.75)
    air = 273.15 + 28 + 7 * np.cos((HOURS / 3600 - 16) / 24 * 2 * np.pi)
    weather = tuple(Weather(float(t), 1500.0 / float(saturation_vapour_pressure(t)), 3.0) for t in air)
    longwave = 0.82 * 5.67e-8 * air**4

    def run(self, materials: Materials, albedo, shade: float = 0.0, days: int = 1) -> np.ndarray:
        """Surface temperatures, (hour, cell); the first row is one o'clock. [K]"""
        cells = materials.kind.size
        absorbing = (1 - shade) * (1 - np.broadcast_to(np.asarray(albedo, float), cells))
        by_kind = np.zeros((len(materials.slabs), 1, 24))
        by_kind[materials.kind, 0] = absorbing[:, None] * self.sun
        profile = initial_profile(materials, by_kind, self.longwave[None], self.weather, HOURS)
        temperature, out, found = materials.begin(profile), np.empty((2, cells), np.float32), []
        for k in range(24 * days):
            was, now = (
                (
                    (absorbing * self.sun[q]).astype(np.float32),
                    np.full(cells, self.longwave[q], np.float32),
                    self.weather[q],
                )
                for q in (k % 24, (k + 1) % 24)
            )
            materials.advance(temperature, *now, 3600.0, *out, materials.ledger(), before=was)
            found.append(temperature[0].copy())
        return np.array(found)


def test_each_combination_of_layers_is_a_kind_and_the_outside_none() -> None:
    layers = grids((*ASPHALT, 0.0, False), (*LAWN, 0.6, False), (*ASPHALT, 0.0, False), (*ASPHALT, 0.0, True))
    materials = Materials.of(*layers)
    assert materials.kind.tolist() == [1, 2, 1, 3]
    assert materials.slabs[2] == Slab.of(*(float(np.float32(one)) for one in LAWN), float(np.float32(0.6)))
    outside = np.array([[False, True, False, False]])
    layers[0][outside] = np.nan
    assert Materials.of(*layers, outside=outside).kind.tolist() == [1, OUTSIDE, 1, 2]


def test_many_kinds_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    conductivity = rng.choice(np.linspace(0.1, 2.0, 3000), (300, 300)).astype(np.float32)
    same = np.full(conductivity.shape, 0.9, np.float32)
    materials = Materials.of(conductivity, 2e6 * same, same, 0 * same, same > 1)
    assert len(materials.slabs) == 1 + np.unique(conductivity).size
    found = np.array([one.conductivity for one in materials.slabs], np.float32)[materials.kind]
    np.testing.assert_array_equal(found, conductivity.reshape(-1))


def test_a_layer_no_material_has_is_named_with_its_place() -> None:
    layers = grids((*ASPHALT, 0.0, False), (*ASPHALT, 1.5, False))
    with pytest.raises(LayerError, match=r"surface_wetness .* got 1.5 at row 0, column 1"):
        Materials.of(*layers)
    layers = grids((np.nan, 2e6, 0.9, 0.0, False))
    with pytest.raises(LayerError, match="thermal_conductivity"):
        Materials.of(*layers)


def test_too_many_kinds_are_refused() -> None:
    conductivity = np.linspace(0.5, 1.5, 300 * 300, dtype=np.float32).reshape(300, 300)
    same = np.full(conductivity.shape, 0.9, np.float32)
    with pytest.raises(LayerError, match="65,534"):
        Materials.of(conductivity, 2e6 * same, same, 0 * same, same > 1)


def test_the_day_a_column_starts_from_comes_round() -> None:
    materials = Materials.of(*grids((*ASPHALT, 0.0, False), (*LAWN, 0.6, False), (0.84, 1.77e6, 0.9, 0.0, True)))
    found = ClearDay().run(materials, [0.12, 0.2, 0.18], days=3)
    np.testing.assert_allclose(found[23], found[-1], atol=0.02)


def test_a_kind_starts_alike_whichever_others_there_are() -> None:
    day = ClearDay()
    pond, asphalt, lawn = (0.57, 4.18e6, 0.96, 1.0, False), (*ASPHALT, 0.0, False), (*LAWN, 0.6, False)
    sun, warmth = np.stack([0.8 * day.sun, 0.1 * day.sun]), np.stack([day.longwave] * 2)
    among, alone = (
        initial_profile(Materials.of(*grids(*kinds)), sun, warmth, day.weather, HOURS)
        for kinds in ((pond, asphalt, lawn), (asphalt,))
    )
    np.testing.assert_array_equal(among[2], alone[1])


def test_radiation_that_is_no_number_never_comes_round() -> None:
    day = ClearDay()
    with pytest.raises(KernelError, match="finite"):
        initial_profile(
            Materials.of(*grids((*ASPHALT, 0.0, False))),
            np.full((1, 24), np.nan),
            day.longwave[None],
            day.weather,
            HOURS,
        )


def test_the_first_days_hours_must_lie_within_a_day() -> None:
    materials, day = Materials.of(*grids((*ASPHALT, 0.0, False))), ClearDay()
    radiation = np.zeros((1, 25))
    weather = (*day.weather, day.weather[0])
    with pytest.raises(LayerError, match="86400"):
        initial_profile(materials, radiation, radiation, weather, np.arange(25) * 3600.0)
    with pytest.raises(LayerError, match="24 and 24"):
        initial_profile(materials, radiation, radiation, day.weather, HOURS)


def test_a_start_is_blended_by_exposure() -> None:
    materials, day = Materials.of(*grids((*ASPHALT, 0.0, False), (*ASPHALT, 0.0, False))), ClearDay()
    sun = np.stack([0.88 * day.sun, 0.1 * day.sun])
    profile = initial_profile(materials, sun, np.stack([day.longwave] * 2), day.weather, HOURS)
    began = materials.begin(profile, np.array([1.0, 0.25], np.float32))
    assert began.shape == (NODES, 2)
    assert profile[1, 0, -1] > profile[1, 1, -1] + 3.0
    np.testing.assert_allclose(began[:, 0], profile[1, 0], atol=1e-4)
    np.testing.assert_allclose(began[:, 1], 0.25 * profile[1, 0] + 0.75 * profile[1, 1], atol=1e-4)


PAVEMENTS = "pavements reach 48 to 67 °C: U.S. EPA, Reducing Urban Heat Islands, Cool Pavements, 2008"
GRASS = "up to 24 K below concrete: Armson et al. 2012, doi:10.1016/j.ufug.2012.05.002"


@pytest.mark.parametrize(
    ("name", "layers", "albedo", "low", "high", "published"),
    [
        ("asphalt", (*ASPHALT, 0.0, False), 0.12, 52.0, 66.0, PAVEMENTS),
        ("dry concrete", (*CONCRETE, 0.0, False), 0.25, 44.0, 58.0, PAVEMENTS),
        ("watered grass", (*LAWN, 0.7, False), 0.20, 29.0, 38.0, GRASS),
    ],
)
def test_surfaces_are_as_hot_at_35_degrees_and_clear_sky_as_others_measured(
    measured, name: str, layers: tuple, albedo: float, low: float, high: float, published: str
) -> None:
    found = ClearDay().run(Materials.of(*grids(layers)), albedo).max() - 273.15
    assert low < found < high
    measured(case=f"Hottest {name} of a clear day of 35 °C", source="plausibility, clear day with 900 W/m² at noon",
             ours=found, bar=None, unit="°C", published=published)  # fmt: skip


def test_de_paved_soil_is_cooler_when_wet_and_about_as_hot_when_dry(measured) -> None:
    # property 14: wet de-paving lowers the surface temperature, dry about 0
    soils = [(*SOIL, wetness, False) for wetness in (0.6, 0.05, 0.0)]
    found = ClearDay().run(Materials.of(*grids((*CONCRETE, 0.0, False), *soils)), [0.25, 0.2, 0.2, 0.2]).max(0)
    wet, drying, dry = found[1:] - found[0]
    assert wet < -10.0
    assert abs(drying) < 0.2 * abs(wet)
    assert 0.0 <= dry < 5.0
    for name, change in (("wetness 0.6", wet), ("wetness 0.05", drying), ("no water", dry)):
        measured(case=f"Concrete becomes soil, {name}: hottest of the day", source="sign, property 14", ours=change,
                 bar=None, unit="K")  # fmt: skip


def test_light_ground_shade_and_wetness_cool() -> None:
    day = ClearDay()
    asphalt = Materials.of(*grids((*ASPHALT, 0.0, False)))
    plain = day.run(asphalt, 0.12)
    assert day.run(asphalt, 0.40).max() < plain.max() - 5.0
    assert day.run(asphalt, 0.12, shade=0.85).max() < plain.max() - 15.0
    wet = [day.run(Materials.of(*grids((*SOIL, wetness, False))), 0.2).max() for wetness in (0.0, 0.1, 0.3, 0.6, 1.0)]
    assert (np.diff(wet) < 0).all()


def test_a_pond_swings_by_a_few_degrees_and_peaks_late() -> None:
    # shallow lakes of about 1 m swing by 1 to 5 K on clear days; heat stored: G sin(ωt) into C lags a quarter day
    pond = Materials.of(*grids((0.57, 4.18e6, 0.96, 1.0, False)))
    found = ClearDay().run(pond, 0.07)[:, 0]
    assert 1.0 < np.ptp(found) < 6.0
    assert 14 <= int(np.argmax(found)) + 1 <= 19


def test_an_insulated_roof_is_hotter_by_day_and_colder_by_night_than_a_road() -> None:
    found = ClearDay().run(Materials.of(*grids((*ASPHALT, 0.0, True), (*ASPHALT, 0.0, False))), 0.12)
    assert found[:, 0].min() < found[:, 1].min() - 1.0
    assert np.argmax(found[:, 0]) <= np.argmax(found[:, 1])


def test_asphalt_stays_warmer_than_air_into_the_night_and_grass_goes_colder() -> None:
    found = ClearDay().run(Materials.of(*grids((*ASPHALT, 0.0, False), (*LAWN, 0.6, False))), [0.12, 0.2])
    air = np.roll(ClearDay.air, -1)
    assert (found[21:23, 0] > air[21:23]).all()  # 10 and 11 in the evening
    assert (found[21:23, 1] < air[21:23]).all()
