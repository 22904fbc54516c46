"""Materials of ground and roofs: which columns of heat the cells of a city carry, and how they are stepped and begun.

Every column sees the reference weather: wind at 10 m and air temperature of the forcing, not the street's own fields.
So the temperature of a cell hangs on what it absorbs alone, and an edit stays within the reach of its shade.
"""

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.heat.columns import (
    ACCOUNTS,
    BOTTOM,
    CONDUCTANCE,
    COUNTED,
    EMISSIVITY,
    GAMMA,
    INERTIA,
    INVERSE,
    LANE,
    SHARE,
    STILL_COLD,
    STILL_WARM,
    TOP,
    WETNESS,
    WIND,
    advance_cells,
)
from kernels.heat.evaporation import psychrometric_constant, vapour_pressure

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
SUBSTEP = 1800.0
"""Longest sub-step of a column. [s]"""
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
"""Wind along the surface in the wind at 10 m: log law over short grass (z0 0.03 m) at 1.1 m; a roof stands in it. [1]"""

BED_RESISTANCE = 1.0
"""From a pond's water to the deep temperature: 1.25 m of half-wet sandy soil (Oke 1987, table 2.1). [m² K W⁻¹]"""

OUTSIDE = 0
"""Kind of the cells that are nobody's: nothing of them is counted."""


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


@dataclass(frozen=True)
class Weather:
    """The air over all columns at a moment.

    Attributes
    ----------
    air_temperature : float
        [K]
    relative_humidity : float
        0 to 1. [1]
    wind_speed : float
        At 10 m. [m s⁻¹]
    air_pressure : float
        [Pa]
    """

    air_temperature: float
    relative_humidity: float
    wind_speed: float
    air_pressure: float = 101325.0

    def numbers(self) -> tuple[float, float, float, float]:
        """As the loops read it: air temperature [K], vapour pressure [Pa], psychrometric constant [Pa K⁻¹], wind."""
        return (
            float(self.air_temperature),
            float(vapour_pressure(self.air_temperature, self.relative_humidity)),
            float(psychrometric_constant(self.air_temperature, self.air_pressure)),
            float(self.wind_speed),
        )


@dataclass(frozen=True)
class Materials:
    """The kinds of columns in a city and which cell has which.

    Attributes
    ----------
    kind : (cell,) uint16
        Of each cell, in the order of the flattened grid; `OUTSIDE` where there is none.
    slabs : tuple of Slab
        By kind; the first stands for `OUTSIDE`.
    """

    kind: np.ndarray
    slabs: tuple[Slab, ...]
    _steps: dict = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        conductivity: np.ndarray,
        capacity: np.ndarray,
        emissivity: np.ndarray,
        wetness: np.ndarray,
        is_roof: np.ndarray,
        outside: np.ndarray | None = None,
        deep_temperature: float = DEEP_TEMPERATURE,
        indoor_temperature: float = INDOOR_TEMPERATURE,
    ) -> "Materials":
        """Find the kinds of a grid: each combination of the layers that occurs is one.

        Parameters
        ----------
        conductivity, capacity, emissivity, wetness : (y, x) float
            [W m⁻¹ K⁻¹], [J m⁻³ K⁻¹], [1], [1]
        is_roof, outside : (y, x) bool
            Cells of buildings; cells that are nobody's.
        deep_temperature, indoor_temperature : float
            Behind ground and behind roofs. [K]

        Raises
        ------
        LayerError
            A value no material has, or more than 65,534 kinds.
        """
        inside = np.ones(is_roof.size, bool) if outside is None else ~outside.reshape(-1)
        _check("thermal_conductivity", conductivity, inside, 0.0, 500.0)
        _check("volumetric_heat_capacity", capacity, inside, 0.0, 1e7)
        _check("emissivity", emissivity, inside, 0.0, 1.0)
        _check("surface_wetness", wetness, inside, -1e-9, 1.0)
        values = np.empty((is_roof.size, 5), np.float32)
        for column, layer in enumerate((conductivity, capacity, emissivity, wetness, is_roof)):
            values[:, column] = layer.reshape(-1)
        kind = np.zeros(is_roof.size, np.uint16)
        found = _label(values, inside, kind, np.full(1 << 18, -1, np.int64))
        if found is None:
            raise LayerError(
                "the layers of materials (thermal_conductivity, volumetric_heat_capacity, emissivity, surface_wetness) "
                "must hold at most 65,534 combinations, and hold more; round them, or give each land cover one value"
            )
        slabs = [Slab(1.0, 1e6, 1.0, 1.0, deep_temperature, 1.0)]
        for k, c, e, w, roof in values[found].astype(float).tolist():
            slabs.append(Slab.of(k, c, e, w, bool(roof), deep_temperature, indoor_temperature))
        return cls(kind, tuple(slabs))

    @property
    def blocks(self) -> int:
        """Blocks of cells that the loops take one at a time."""
        return -(-self.kind.size // LANE)

    def ledger(self) -> np.ndarray:
        """An empty ledger, (block, 7) float64; its columns are named in `kernels.heat.columns`. [J m⁻²]"""
        return np.zeros((self.blocks, ACCOUNTS))

    def capacity(self) -> np.ndarray:
        """Heat each node takes per kelvin, (node, kind) float32. [J m⁻² K⁻¹]"""
        return self._tables(SUBSTEP)[2]

    def begin(self, profile: np.ndarray, exposure: np.ndarray | None = None) -> np.ndarray:
        """Node temperatures of every cell at the start.

        Parameters
        ----------
        profile : (kind, exposure, node) float32
            From `initial_profile`; the exposures are sun and shade. [K]
        exposure : (cell,) float32, optional
            Share of the first exposure in each cell; 1 everywhere if left out. [1]

        Returns
        -------
        (node, cell) float32
            [K]
        """
        found = np.empty((profile.shape[2], self.kind.size), np.float32)
        share = np.ones(1, np.float32) if exposure is None else exposure.reshape(-1)
        for node in range(profile.shape[2]):
            by_kind = np.ascontiguousarray(profile[:, :, node], np.float32)
            shade = by_kind[self.kind, -1]
            found[node] = shade + share * (by_kind[self.kind, 0] - shade)
        return found

    def advance(
        self,
        temperature: np.ndarray,
        absorbed: np.ndarray,
        longwave: np.ndarray,
        weather: Weather,
        dt: float,
        sensible: np.ndarray,
        latent: np.ndarray,
        ledger: np.ndarray,
        before: tuple[np.ndarray, np.ndarray, Weather] | None = None,
        crew: Crew | None = None,
    ) -> None:
        """Advance all columns by one step, in place.

        Parameters
        ----------
        temperature, dt, sensible, latent, ledger
            As of `kernels.heat.columns.advance_cells`.
        absorbed, longwave : (cell,) float32
            Short-wave radiation absorbed, long-wave radiation that comes in, at the end of the step. Finite also where
            there is nothing. [W m⁻²]
        weather : Weather
            At the end of the step.
        before : tuple of (cell,) float32, (cell,) float32, Weather, optional
            The same three at its start: then all runs straight from these to those. Left out, all is held for the whole
            step, which moves an hourly forcing half an hour ahead unless it is made of means over the step.
        crew : Crew, optional
            Threads to share out to; this one alone if left out.
        """
        substeps = max(1, int(np.ceil(dt / SUBSTEP - 1e-9)))
        tables = self._tables(dt / substeps)
        sw, lw, then = before or (absorbed, longwave, weather)
        numbers, wind = np.array([then.numbers(), weather.numbers()]), np.ones(1, np.float32)

        def work(first: int, last: int) -> None:
            advance_cells(temperature, self.kind, *tables, numbers, wind, (sw, absorbed), (lw, longwave), float(dt),
                          substeps, sensible, latent, ledger, first, last)  # fmt: skip

        if crew is None:
            work(0, self.blocks)
        else:
            crew.share_out(self.blocks, work, small=self.kind.size < 20_000)

    def _tables(self, span: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if span not in self._steps:
            self._steps[span] = _tables(self.slabs, span)
        return self._steps[span]


def _tables(slabs: tuple[Slab, ...], span: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
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


def _check(name: str, layer: np.ndarray, inside: np.ndarray, above: float, most: float) -> None:
    values = layer.reshape(-1)
    wrong = inside & ~((values > above) & (values <= most))
    if wrong.any():
        at = int(np.argmax(wrong))
        row, column = divmod(at, layer.shape[-1])
        raise LayerError(
            f"{name} must lie above {above:g} and not above {most:g} on every cell of the city, got {values[at]:g} at "
            f"row {row}, column {column}; fill the layer, or mark the cell as outside (building_index -2)"
        )


@njit(nogil=True, cache=True)
def _label(values, inside, kind, slots):
    """Number the rows that differ from 1 in order of appearance; None if there are too many.

    Parameters
    ----------
    values : (cell, n) float32
    inside : (cell,) bool
    kind : (cell,) uint16
        Receives the numbers.
    slots : (power of 2,) int64
        -1; open addressing, holds kinds.

    Returns
    -------
    list of int or None
        A cell of each kind.
    """
    bits = values.view(np.uint32)
    mask = np.uint64(slots.size - 1)
    found = [0 for _ in range(0)]
    before = -1
    for cell in range(kind.size):
        if not inside[cell]:
            continue
        if before >= 0:
            same = True
            for n in range(values.shape[1]):
                same &= values[cell, n] == values[before, n]
            if same:
                kind[cell] = kind[before]
                before = cell
                continue
        key = np.uint64(14695981039346656037)
        for n in range(values.shape[1]):
            key = (key ^ np.uint64(bits[cell, n])) * np.uint64(1099511628211)
            key ^= key >> np.uint64(29)
        slot = key & mask
        while True:
            known = slots[slot]
            if known < 0:
                if len(found) == 65534:
                    return None
                slots[slot] = len(found)
                found.append(cell)
                kind[cell] = len(found)
                break
            other = found[known]
            same = True
            for n in range(values.shape[1]):
                same &= values[cell, n] == values[other, n]
            if same:
                kind[cell] = known + 1
                break
            slot = (slot + np.uint64(1)) & mask
        before = cell
    return found
