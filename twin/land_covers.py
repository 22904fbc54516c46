"""The one table of land covers: what each ground is called, looks like and does to water and heat."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from kernels.quantities import Language

_TABLE = Path(__file__).parents[1] / "assets" / "land_covers.csv"

PARAMETERS = (
    "albedo",
    "emissivity",
    "thermal_conductivity",
    "volumetric_heat_capacity",
    "surface_wetness",
    "manning_roughness",
    "saturated_hydraulic_conductivity",
    "wetting_front_suction",
    "moisture_deficit",
    "depression_storage",
)
"""Quantities the table gives, in the units of ``kernels.quantities``."""

SOIL_PARAMETERS = ("curve_number", "infiltration_initial")
"""Quantities the table gives for other laws of infiltration than Green-Ampt's, in the same units."""

HORTON_DECAY = 4.14 / 3600
"""Decay of infiltration capacity where nothing is known of the soil, SWMM I: 2 to 7 per hour. [s⁻¹]"""

HALF_FULL = 0.5
"""Part of the effective porosity that is dry in the table's moisture deficits. [1]"""

SOURCES = {
    "Oke 1987": "T. R. Oke, Boundary Layer Climates, 2nd ed., Methuen 1987",
    "Chow 1959": "V. T. Chow, Open-Channel Hydraulics, McGraw-Hill 1959, table 5-6",
    "Rawls 1983": "W. J. Rawls, D. L. Brakensiek, N. Miller, Green-Ampt infiltration parameters from soils data, "
    "J. Hydraul. Eng. 109(1) 1983, doi:10.1061/(ASCE)0733-9429(1983)109:1(62)",
    "ASCE 1992": "ASCE, Design & Construction of Urban Stormwater Management Systems, 1992, as table 3-5 of "
    "L. A. Rossman, W. C. Huber, SWMM Reference Manual I, EPA/600/R-15/162A, 2016",
    "NRCS 1986": "USDA Natural Resources Conservation Service, Urban Hydrology for Small Watersheds, TR-55, 1986, "
    "tables 2-2a to 2-2c; silt loam is of hydrologic soil group B",
    "SWMM I": "L. A. Rossman, W. C. Huber, SWMM Reference Manual I, EPA/600/R-15/162A, 2016, after Akan 1993: 3 in/h "
    "for dry loam and 5 for dry sandy soil, twice that under dense vegetation, a third once drained",
    "FAO 56": "R. G. Allen, L. S. Pereira, D. Raes, M. Smith, Crop evapotranspiration, FAO Irrigation and Drainage "
    "Paper 56, 1998; a surface resistance r_s is a wetness of r_a / (r_a + r_s), with r_a 100 s/m for 12 W/(m2 K)",
    "Kelliher 1995": "F. M. Kelliher, R. Leuning, M. R. Raupach, E.-D. Schulze, Maximum conductances for evaporation "
    "from global vegetation types, Agric. For. Meteorol. 73 (1995), 1-16, doi:10.1016/0168-1923(94)02178-M",
    "Deardorff 1978": "J. W. Deardorff, Efficient prediction of ground surface temperature and moisture, with "
    "inclusion of a layer of vegetation, J. Geophys. Res. 83 (1978), 1889-1903, doi:10.1029/JC083iC04p01889",
    "Monteith 2013": "J. L. Monteith, M. H. Unsworth, Principles of Environmental Physics, 4th ed., 2013",
}
"""Works behind the short names of the table's source columns."""

DEFAULT = "courtyard"
"""Ground that no polygon and no street covers: inside the blocks of Brussels, half garden and half paved."""


@dataclass(frozen=True)
class LandCover:
    """One kind of ground.

    Attributes
    ----------
    code : int
        Value of the layer ``land_cover``: the row of the table.
    key : str
    label : dict
        Words for people, by language.
    color : str
        In the maquette. "#rrggbb"
    parameters : dict
        Each of `PARAMETERS` and `SOIL_PARAMETERS` in SI.
    sources : dict
        Where the figures are from: radiation, thermal, roughness, infiltration, storage, curve_number, horton,
        wetness.
    """

    code: int
    key: str
    label: dict[Language, str]
    color: str
    parameters: dict[str, float]
    sources: dict[str, str]


@cache
def land_covers() -> dict[str, LandCover]:
    """All land covers by key, in the order of their codes."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for code, row in enumerate(rows):
        found[row["key"]] = LandCover(
            code,
            row["key"],
            {"fr": row["fr"], "nl": row["nl"], "en": row["en"]},
            row["color"],
            {name: float(row[name]) for name in (*PARAMETERS, *SOIL_PARAMETERS)},
            {name.removeprefix("source_"): words for name, words in row.items() if name.startswith("source_")},
        )
    return found


@cache
def parameter_table() -> dict[str, np.ndarray]:
    """Each of `PARAMETERS` as an array by code, float32. [units of the quantity]"""
    return {name: _by_code(name) for name in PARAMETERS}


@cache
def soil_table() -> dict[str, np.ndarray]:
    """Each of `SOIL_PARAMETERS` as an array by code, float32. [units of the quantity]"""
    return {name: _by_code(name) for name in SOIL_PARAMETERS}


def _by_code(name: str) -> np.ndarray:
    return np.array([one.parameters[name] for one in land_covers().values()], np.float32)
