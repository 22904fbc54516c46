"""The table of land covers, against the works it cites."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from kernels.quantities import QUANTITIES
from twin.land_covers import DEFAULT, PARAMETERS, SOURCES, land_covers, parameter_table, soil_table

TABLE = Path(__file__).resolve().parents[2] / "assets" / "land_covers.csv"


def test_every_cover_has_words_a_colour_and_a_source_for_each_group() -> None:
    for one in land_covers().values():
        assert all(one.label[language] for language in ("fr", "nl", "en")), one.key
        assert re.fullmatch(r"#[0-9a-f]{6}", one.color), one.key
        groups = {"radiation", "thermal", "roughness", "infiltration", "storage", "curve_number", "horton", "wetness"}
        assert set(one.sources) == groups
        for group, words in one.sources.items():
            cited = any(words.startswith(work) for work in SOURCES)
            assert cited or words.startswith(("sealed", "none", "all of it runs off", "as saturated")), (
                f"{one.key}: {group} cites no known work"
            )


def test_parameters_are_quantities_of_the_twin_within_physical_bounds() -> None:
    bounds = {
        "albedo": (0.03, 0.5),
        "emissivity": (0.85, 1.0),
        "thermal_conductivity": (0.1, 3.0),
        "volumetric_heat_capacity": (1e6, 4.2e6),
        "surface_wetness": (0.0, 1.0),
        "manning_roughness": (0.01, 0.2),
        "saturated_hydraulic_conductivity": (0.0, 1e-4),
        "wetting_front_suction": (0.0, 0.4),
        "moisture_deficit": (0.0, 0.5),
        "depression_storage": (0.0, 0.01),
    }
    assert set(bounds) == set(PARAMETERS) <= set(QUANTITIES)
    for name, values in parameter_table().items():
        low, high = bounds[name]
        assert ((low <= values) & (values <= high)).all(), name


@pytest.mark.parametrize(
    ("key", "conductivity_cm_h", "suction_cm", "effective_porosity"),
    [
        ("lawn", 0.65, 16.68, 0.486),  # silt loam
        ("forest_floor", 1.09, 11.01, 0.412),  # sandy loam
        ("bare_soil", 0.34, 8.89, 0.434),  # loam
        ("gravel", 2.99, 6.13, 0.401),  # loamy sand
        ("rail_ballast", 11.78, 4.95, 0.417),  # sand
    ],
)
def test_infiltration_is_that_of_rawls_brakensiek_and_miller_1983(
    key: str, conductivity_cm_h: float, suction_cm: float, effective_porosity: float
) -> None:
    found = land_covers()[key].parameters
    assert found["saturated_hydraulic_conductivity"] == pytest.approx(conductivity_cm_h / 360_000, rel=0.005)
    assert found["wetting_front_suction"] == pytest.approx(suction_cm / 100, rel=0.005)
    assert found["moisture_deficit"] == pytest.approx(effective_porosity / 2, rel=0.005)


def test_sealed_ground_takes_no_water() -> None:
    for key in ("asphalt", "paving", "cobblestone", "roof", "water"):
        assert land_covers()[key].parameters["saturated_hydraulic_conductivity"] == 0.0


@pytest.mark.parametrize(
    ("key", "curve_number"),
    [
        ("asphalt", 98),  # paved parking lots, roofs, driveways
        ("roof", 98),
        ("lawn", 61),  # open space, good condition
        ("gravel", 85),  # gravel street
        ("bare_soil", 86),  # fallow, bare soil
        ("shrub", 48),  # brush, good condition
        ("forest_floor", 55),  # woods, good condition
        ("courtyard", (61 + 98) / 2),  # half lawn, half paved, by area
    ],
)
def test_curve_numbers_are_those_of_tr_55_for_soils_of_group_b(key: str, curve_number: float) -> None:
    assert land_covers()[key].parameters["curve_number"] == curve_number


@pytest.mark.parametrize(
    ("key", "dry_in_h"),
    [
        ("lawn", 2 * 3),  # loam, twice for dense vegetation
        ("bare_soil", 3),  # loam with little vegetation
        ("gravel", 5),  # sandy soil with little vegetation
        ("courtyard", 2 * 3 / 2),  # half the area sealed
    ],
)
def test_horton_begins_at_a_third_of_the_rates_for_dry_soil_in_the_swmm_manual(key: str, dry_in_h: float) -> None:
    found = land_covers()[key].parameters["infiltration_initial"]
    assert found == pytest.approx(dry_in_h * 0.0254 / 3600 / 3, rel=0.005)


def test_no_soil_takes_less_at_first_than_when_saturated() -> None:
    first, last = soil_table()["infiltration_initial"], parameter_table()["saturated_hydraulic_conductivity"]
    assert (first >= last).all()


def test_sealed_ground_is_dry_and_only_water_is_wet_all_through() -> None:
    for key, one in land_covers().items():
        wetness = one.parameters["surface_wetness"]
        assert (wetness == 0.0) == one.sources["wetness"].startswith(("sealed", "none")), key
        assert (wetness == 1.0) == (key == "water"), key


def test_no_ground_is_wetter_than_the_surface_resistance_of_its_source_lets_it_be() -> None:
    beside = 1005.0 * 1.18 / 12.0  # air over a surface that gives it 12 W/(m2 K) [s/m]
    grass, woody = (beside / (beside + resistance) for resistance in (70.0, 50.0))  # FAO 56; Kelliher et al. 1995
    assert land_covers()["lawn"].parameters["surface_wetness"] <= grass
    assert land_covers()["shrub"].parameters["surface_wetness"] <= woody


def test_codes_are_the_rows_of_the_table() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        keys = [row["key"] for row in csv.DictReader(file)]
    assert [one.key for one in land_covers().values()] == keys
    assert [one.code for one in land_covers().values()] == list(range(len(keys)))
    assert DEFAULT in keys
    assert np.isclose(parameter_table()["manning_roughness"][land_covers()["asphalt"].code], 0.016)
