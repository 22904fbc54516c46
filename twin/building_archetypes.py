"""What Belgian buildings of a period are made of, where nobody measured it."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.energy.thermal_layers import Layer, resistance
from twin.city import CityError

_TABLE = Path(__file__).parents[1] / "assets" / "building_archetypes.csv"

SOURCES = {
    "TABULA-BE 2011": "W. Cyx, N. Renders, M. Van Holm, S. Verbeke, IEE TABULA: typology approach for building stock "
    "energy assessment, scientific report Belgium, VITO (2011)",
}
"""Works behind the short names of the table."""

UNKNOWN_YEAR = 1930
"""Assumed year of construction where none is known: most houses of the Region are older than 1946. [year]"""

Part = Literal["roof", "wall", "floor"]

INSULATION = (0.035, 30.0, 1400.0)
"""Assumed between the structure's layers: conductivity [W m⁻¹ K⁻¹], density [kg m⁻³], specific heat [J kg⁻¹ K⁻¹] of
mineral wool or foam, ISO 10456:2007."""

_BRICK, _CONCRETE, _SCREED = (0.8, 1600.0, 840.0), (1.7, 2300.0, 1000.0), (1.3, 2000.0, 1000.0)
_BOARD, _WOOD = (0.25, 900.0, 1000.0), (0.13, 500.0, 1600.0)

STRUCTURE: dict[Part, tuple[tuple[Layer, ...], tuple[Layer, ...]]] = {
    "wall": ((Layer(0.14, *_BRICK),), (Layer(0.09, *_BRICK),)),
    "roof": ((Layer(0.0125, *_BOARD),), (Layer(0.02, *_WOOD),)),
    "floor": ((Layer(0.05, *_SCREED),), (Layer(0.15, *_CONCRETE),)),
}
"""Assumed layers on the inner and the outer side of the insulation, from inside to outside: a cavity wall of brick, a
pitched roof on boards, a slab on the ground; values of ISO 10456:2007."""

_FILMS: dict[Part, float] = {"wall": 0.13 + 0.04, "roof": 0.10 + 0.04, "floor": 0.17}
"""Surface resistances of ISO 6946:2017, table 7; a floor lies on the ground. [m² K W⁻¹]"""


@dataclass(frozen=True)
class Archetype:
    """What buildings of a period are made of.

    Attributes
    ----------
    period : str
        Its name.
    first_year, last_year : int or None
        Both included; None reaches on.
    roof_u, wall_u, floor_u, window_u : float
        [W m⁻² K⁻¹]
    window_g : float
        [1]
    infiltration : float
        [h⁻¹]
    source, source_g : str
    """

    period: str
    first_year: int | None
    last_year: int | None
    roof_u: float
    wall_u: float
    floor_u: float
    window_u: float
    window_g: float
    infiltration: float
    source: str
    source_g: str

    def layers(self, part: Part) -> tuple[Layer, ...]:
        """Layers of a part from inside to outside, with the insulation its U value asks for.

        Where the structure alone would insulate better than the U value says, it keeps its mass and conducts better.
        """
        u_value = {"roof": self.roof_u, "wall": self.wall_u, "floor": self.floor_u}[part]
        return layers_of(part, u_value)


def layers_of(part: Part, u_value: float) -> tuple[Layer, ...]:
    """Layers of the assumed structure with insulation for a U value, such as that of a certificate.

    Raises
    ------
    CityError
        A U value that no layers give: 0 or less, or beyond what the surfaces alone let through.
    """
    wanted = 1 / u_value - _FILMS[part] if u_value > 0 else -1.0
    if not wanted > 0:
        raise CityError(
            f"a {part} cannot have a U value of {u_value} W/m2K: it must be above 0 and below {1 / _FILMS[part]:.2f}"
        )
    inner, outer = STRUCTURE[part]
    bare = resistance((*inner, *outer))
    if wanted > bare:
        conductivity, density, heat = INSULATION
        return (*inner, Layer((wanted - bare) * conductivity, conductivity, density, heat), *outer)
    return tuple(
        Layer(one.thickness, one.conductivity * bare / wanted, one.density, one.specific_heat)
        for one in (*inner, *outer)
    )


@cache
def archetypes() -> tuple[Archetype, ...]:
    """All periods, oldest first."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Archetype(
                period=row["period"],
                first_year=int(row["first_year"]) if row["first_year"] else None,
                last_year=int(row["last_year"]) if row["last_year"] else None,
                roof_u=float(row["roof_u"]),
                wall_u=float(row["wall_u"]),
                floor_u=float(row["floor_u"]),
                window_u=float(row["window_u"]),
                window_g=float(row["window_g"]),
                infiltration=float(row["infiltration_ach"]),
                source=row["source"],
                source_g=row["source_g"],
            )
            for row in csv.DictReader(file)
        )


def period_of(years: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Place in `archetypes` of years of construction, and which were assumed.

    Parameters
    ----------
    years : (building,) float64
        NaN where unknown: then it is `UNKNOWN_YEAR`.

    Returns
    -------
    place : (building,) int64
    assumed : (building,) bool
        To be counted and shown.
    """
    given = np.atleast_1d(np.asarray(years, float))
    assumed = ~np.isfinite(given)
    starts = [one.first_year for one in archetypes() if one.first_year is not None]
    return np.searchsorted(starts, np.where(assumed, UNKNOWN_YEAR, given), side="right"), assumed
