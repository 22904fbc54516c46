"""Columns of heat as slabs: how thick ground, ponds and roofs are, on which nodes they stand, and their tables.

Convection follows ISO 6946; the nodes of open ground are fitted so that few of them answer at the surface like a
half-space does.
"""

from dataclasses import dataclass

import numpy as np

from kernels.heat.columns import (
    BOTTOM,
    CONDUCTANCE,
    COUNTED,
    EMISSIVITY,
    GAMMA,
    INERTIA,
    INVERSE,
    SHARE,
    STILL_COLD,
    STILL_WARM,
    TOP,
    WETNESS,
    WIND,
)

NODES = 6
"""Nodes of a column, the surface included."""
GROUND_SPACINGS = (0.0817, 0.1891, 0.3753, 0.7906, 1.7086)
GROUND_SHARES = (0.0284, 0.1325, 0.2650, 0.5433, 1.1734, 2.6968)
GROUND_REST = 3.6600
"""Half-space on few nodes: distances between nodes, depths of ground whose heat each holds, depth to the deep
temperature, all in diurnal damping depths √(2k/(ρc ω)). [1]

Least-squares fit of the grid's surface impedance to that of ground 10 damping depths deep, tanh(10 q)/q with
q = √(iω), for waves of 20 minutes to 10 days; it errs by at most 1.0 %, by 0.4 % for the day. Such grids and why their
steps grow like a power: D. Ingerman, V. Druskin, L. Knizhnerman, Optimal finite difference grids and rational
approximations of the square root, Commun. Pure Appl. Math. 53 (2000), 1039-1066.
"""
DAY = 86400.0
"""[s]"""

DEEP_TEMPERATURE = 291.15
"""Of the ground some metres down in summer, about the mean air temperature of July at Uccle (18.7 °C, normals
1991-2020 of the Royal Meteorological Institute). [K]"""
ROOF_THICKNESS = 0.05
"""Of the tiles, slab or substrate above a roof's insulation, assumed. [m]"""
ROOF_RESISTANCE = 1.6
"""From under a roof's cover to the room: U of 0.6 W m⁻² K⁻¹, assumed for a stock of which half is insulated, with the
inner surface resistance 0.10 of ISO 6946. [m² K W⁻¹]"""
INDOOR_TEMPERATURE = 297.15
"""Rooms on hot days, assumed. [K]"""
WATER_CAPACITY = 4.0e6
"""A volumetric capacity from which a cover is open water: no soil or stone comes near. [J m⁻³ K⁻¹]"""
WATER_DEPTH = 1.0
"""Of the ponds, assumed. [m]"""
WATER_MIXING = 5.0e-5
"""Eddy diffusivity of a shallow pond stirred by wind, within 1e-5 to 1e-3 of the upper layers of lakes: D. M. Imboden,
A. Wüest, Mixing mechanisms in lakes, 1995, doi:10.1007/978-3-642-85132-2_4. [m² s⁻¹]"""

STILL_WARM_AIR = 4.0
"""Convection in still air over a warmer surface: the constant of ISO 6946:2017, annex C, h = 4 + 4 v. [W m⁻² K⁻¹]"""
STILL_COLD_AIR = 2.0
"""Half of it over a surface colder than the air: the ratio 0.76/1.51 of stable to unstable convection over a level
plate in G. N. Walton, Thermal Analysis Research Program, NBSIR 83-2655, 1983. [W m⁻² K⁻¹]"""
PER_WIND = 4.0
"""Convection per wind speed along the surface, ISO 6946:2017, annex C. [J m⁻³ K⁻¹]"""
GROUND_WIND, ROOF_WIND = 0.6, 1.0
"""Wind along the surface per wind at 10 m: log law over short grass (z0 0.03 m) at 1.1 m; a roof stands in it. [1]"""

BED_RESISTANCE = 1.0
"""From a pond's water to the deep temperature: 1.25 m of half-wet sandy soil (Oke 1987, table 2.1). [m² K W⁻¹]"""


@dataclass(frozen=True)
class Slab:
    """One kind of column: a slab of one material, the resistance below it and what lies behind.

    Attributes
    ----------
    conductivity, capacity : float
        [W m⁻¹ K⁻¹], volumetric [J m⁻³ K⁻¹]
    thickness : float
        From the surface to the last node; infinite is ground that goes on. [m]
    resistance : float
        From the last node to what lies behind; infinite lets no heat through, and ground has its own. [m² K W⁻¹]
    behind : float
        Temperature behind it. [K]
    emissivity, wetness : float
        [1]; share of potential evaporation [1].
    wind : float
        Wind along the surface in the wind at 10 m. [1]
    still_warm, still_cold : float
        Convection in still air, surface warmer or colder than it. [W m⁻² K⁻¹]
    """

    conductivity: float
    capacity: float
    thickness: float
    resistance: float
    behind: float
    emissivity: float
    wetness: float = 0.0
    wind: float = GROUND_WIND
    still_warm: float = STILL_WARM_AIR
    still_cold: float = STILL_COLD_AIR

    @classmethod
    def of(
        cls,
        conductivity: float,
        capacity: float,
        emissivity: float,
        wetness: float = 0.0,
        is_roof: bool = False,
        deep_temperature: float = DEEP_TEMPERATURE,
        indoor_temperature: float = INDOOR_TEMPERATURE,
    ) -> "Slab":
        """The column under a cell: roof over a room, pond over its bed, or ground as deep as the day reaches."""
        if is_roof:
            return cls(conductivity, capacity, ROOF_THICKNESS, ROOF_RESISTANCE, indoor_temperature, emissivity, wetness,
                       ROOF_WIND)  # fmt: skip
        if capacity >= WATER_CAPACITY:
            return cls(WATER_MIXING * capacity, capacity, WATER_DEPTH, BED_RESISTANCE, deep_temperature, emissivity,
                       wetness)  # fmt: skip
        return cls(conductivity, capacity, np.inf, np.inf, deep_temperature, emissivity, wetness)

    def spacings(self) -> np.ndarray:
        """Distances between the nodes. [m]"""
        scale = damping_depth(self.conductivity, self.capacity)
        if np.isinf(self.thickness):
            return scale * np.array(GROUND_SPACINGS)
        steps = _stretch(self.thickness / scale) ** np.arange(NODES - 1)
        return self.thickness * steps / steps.sum()

    def capacities(self) -> np.ndarray:
        """Heat each node takes per kelvin; those of a slab hold what lies between geometric means. [J m⁻² K⁻¹]"""
        scale = damping_depth(self.conductivity, self.capacity)
        if np.isinf(self.thickness):
            return self.capacity * scale * np.array(GROUND_SHARES)
        h = self.spacings()
        shares = np.concatenate([[0.5 * h[0] * (h[0] / h[1]) ** 0.5], np.sqrt(h[:-1] * h[1:])])
        return self.capacity * np.append(shares, self.thickness - shares.sum())

    def conductances(self) -> np.ndarray:
        """Below each node; below the last, to what lies behind. [W m⁻² K⁻¹]"""
        rest = self.resistance
        if np.isinf(self.thickness):
            rest = GROUND_REST * damping_depth(self.conductivity, self.capacity) / self.conductivity
        return np.append(self.conductivity / self.spacings(), 1.0 / rest)


def _stretch(depths: float) -> float:
    """Ratio of a slab's spacing to the one above it: the fitted grid's own where the slab is thick, less if thin."""
    return float(np.clip(1.5 + 0.2 * depths, 1.5, 2.1))


def damping_depth(conductivity, capacity):
    """Depth at which the diurnal wave has faded to 1/e: √(2k/(ρc ω)). [m]

    Oke 1987, equation 2.8.

    Parameters
    ----------
    conductivity, capacity : float or array
        [W m⁻¹ K⁻¹], [J m⁻³ K⁻¹]
    """
    return np.sqrt(conductivity / capacity * DAY / np.pi)


OUTSIDE = 0
"""Kind of the cells that are nobody's: nothing of them is counted."""


def tables(slabs: tuple[Slab, ...], span: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tables ``inner``, ``surface`` and ``capacity`` of `advance_cells` for sub-steps of ``span`` [s]."""
    capacity = np.column_stack([one.capacities() for one in slabs])
    K = np.column_stack([one.conductances() for one in slabs])
    inner, surface = np.zeros((4, NODES, len(slabs))), np.empty((8, len(slabs)))
    M = capacity / (GAMMA * span)
    inner[CONDUCTANCE], inner[INERTIA] = K, M
    below = K[-1]  # what the node feels of all below it, once that is eliminated
    for i in range(NODES - 1, 0, -1):
        inner[INVERSE, i] = 1.0 / (M[i] + K[i - 1] + below)
        inner[SHARE, i] = K[i - 1] * inner[INVERSE, i]
        below = K[i - 1] * (1.0 - inner[SHARE, i])
    for row, name in (
        (EMISSIVITY, "emissivity"),
        (WETNESS, "wetness"),
        (STILL_WARM, "still_warm"),
        (STILL_COLD, "still_cold"),
        (BOTTOM, "behind"),
    ):
        surface[row] = [getattr(one, name) for one in slabs]
    surface[WIND] = [PER_WIND * one.wind for one in slabs]
    surface[TOP] = M[0] + below
    surface[COUNTED] = 1.0
    surface[COUNTED, OUTSIDE] = 0.0
    return inner.astype(np.float32), surface.astype(np.float32), capacity.astype(np.float32)
