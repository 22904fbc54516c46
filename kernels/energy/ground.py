"""What a floor on the ground loses: ISO 13370 as one U value and a temperature of the ground by month."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.contract import LayerError

FILM_IN, FILM_OUT = 0.17, 0.04
"""Surface resistances of ISO 13370:2017, heat downwards and outside. [m² K W⁻¹]"""

LAG = 1.0
"""The flow through a slab is this long behind the air outside: ISO 13370:2017, annex on monthly flows. [month]"""

YEAR = 3.15e7
"""As the standard rounds it for the depth of penetration. [s]"""


class Soil(NamedTuple):
    """Ground of ISO 13370:2017.

    Attributes
    ----------
    conductivity : float
        [W m⁻¹ K⁻¹]
    capacity : float
        [J m⁻³ K⁻¹]
    """

    conductivity: float
    capacity: float

    @property
    def depth(self) -> float:
        """How deep a year's wave goes before it has fallen by e. [m]"""
        return float(np.sqrt(YEAR * self.conductivity / (np.pi * self.capacity)))


CLAY, SAND, ROCK = Soil(1.5, 3.0e6), Soil(2.0, 2.0e6), Soil(3.5, 2.0e6)
"""Clay or silt; sand or gravel, which also stands for unknown ground; rock."""


def ground(
    area: ArrayLike,
    perimeter: ArrayLike,
    wall_thickness: ArrayLike,
    floor_resistance: ArrayLike,
    monthly_air: ArrayLike,
    soil: Soil = SAND,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """U value of slabs on the ground, and what temperature they feel below.

    Parameters
    ----------
    area : (building,) float64
        Of the slab. [m²]
    perimeter : (building,) float64
        Along the outer air only: a wall shared with a heated neighbour is not counted. [m]
    wall_thickness : (building,) float64
        [m]
    floor_resistance : (building,) float64
        Of the slab's layers, surfaces not counted. [m² K W⁻¹]
    monthly_air : (12,) float64
        Means of the air outside. [K]
    soil : Soil

    Returns
    -------
    u_value : (building,) float64
        From room to the outer air, ground included; 0 where nothing is exposed. [W m⁻² K⁻¹]
    temperature : (building, 12) float64
        With which ``u_value`` gives the month's flow. [K]

    Raises
    ------
    LayerError
        Something negative or missing, or not twelve months.

    Notes
    -----
    Slab without edge insulation of ISO 13370:2017: characteristic dimension ``B = A / (P / 2)``, equivalent thickness
    ``d = w + k (0.17 + R + 0.04)``, ``U = 2 k / (pi B + d) ln(pi B / d + 1)``, or ``k / (0.457 B + d)`` where d is
    not below B. The yearly wave of the air comes in through ``0.37 P k ln(depth / d + 1)`` and `LAG` later; its
    amplitude is that of the first harmonic of the twelve means. The room is taken to be as warm all year: then
    its temperature cancels out of the virtual temperature.
    """
    parts = np.broadcast_arrays(*(np.asarray(one, np.float64) for one in (area, perimeter)))
    size, edge = (np.array(one) for one in parts)
    walls, resistance = np.asarray(wall_thickness, np.float64), np.asarray(floor_resistance, np.float64)
    air = np.asarray(monthly_air, np.float64)
    for name, values in (
        ("area", size),
        ("perimeter", edge),
        ("wall_thickness", walls),
        ("floor_resistance", resistance),
    ):
        if not (np.isfinite(values).all() and (values >= 0.0).all()):
            raise LayerError(f"ground: {name} must be zero or more everywhere, got {np.min(values):g} or a gap")
    if air.shape != (12,) or not np.isfinite(air).all():
        raise LayerError(f"ground: monthly_air needs twelve numbers, got shape {air.shape} or a gap")
    conductivity = soil.conductivity
    exposed = (size > 0.0) & (edge > 0.0)
    width = np.where(exposed, size, 1.0) / (0.5 * np.where(exposed, edge, 2.0))
    thick = walls + conductivity * (FILM_IN + resistance + FILM_OUT)
    shallow = 2 * conductivity / (np.pi * width + thick) * np.log(np.pi * width / thick + 1)
    u_value = np.where(exposed, np.where(thick < width, shallow, conductivity / (0.457 * width + thick)), 0.0)
    wave = np.where(exposed, 0.37 * 2 / width * conductivity * np.log(soil.depth / thick + 1), 0.0)
    share = wave / np.where(exposed, u_value, 1.0)
    month = np.arange(12.0)
    turn = 2 * np.pi * month / 12
    cosine, sine = 2 * (air * np.cos(turn)).mean(), 2 * (air * np.sin(turn)).mean()
    late = turn - 2 * np.pi * LAG / 12
    return u_value, air.mean() + share[..., None] * (cosine * np.cos(late) + sine * np.sin(late))
