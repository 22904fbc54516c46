"""Materials of ground and roofs: which columns of heat the cells of a city carry, and how they are stepped and begun.

Every column sees the reference weather: wind at 10 m and air temperature of the forcing, not the street's own fields.
So the temperature of a cell hangs on what it absorbs alone, and an edit stays within the reach of its shade.
"""

from dataclasses import dataclass, field

import numpy as np
from numba import njit

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.heat.columns import ACCOUNTS, LANE, advance_cells
from kernels.heat.evaporation import psychrometric_constant, vapour_pressure
from kernels.heat.slabs import DEEP_TEMPERATURE, INDOOR_TEMPERATURE, NODES, Slab, tables

SUBSTEP = 1800.0
"""Longest sub-step of a column. [s]"""


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
        return self.tables(SUBSTEP)[2]

    def begin(self, profile: np.ndarray, exposure: np.ndarray | None = None) -> np.ndarray:
        """Node temperatures of every cell at the start.

        Parameters
        ----------
        profile : (kind, exposure, node) float32
            From `kernels.heat.surfaces_start.initial_profile`; the first exposure is sun, the last shade. [K]
        exposure : (cell,) float32, optional
            Share of the first exposure in each cell; 1 everywhere if left out. [1]

        Returns
        -------
        (node, cell) float32
            [K]
        """
        found = np.empty((NODES, self.kind.size), np.float32)
        share = np.ones(1, np.float32) if exposure is None else exposure.reshape(-1)
        for node in range(NODES):
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
        found = self.tables(dt / substeps)
        sw, lw, then = before or (absorbed, longwave, weather)
        numbers, wind = np.array([then.numbers(), weather.numbers()]), np.ones(1, np.float32)

        def work(first: int, last: int) -> None:
            advance_cells(temperature, self.kind, *found, numbers, wind, (sw, absorbed), (lw, longwave), float(dt),
                          substeps, sensible, latent, ledger, first, last)  # fmt: skip

        if crew is None:
            work(0, self.blocks)
        else:
            crew.share_out(self.blocks, work, small=self.kind.size < 20_000)

    def tables(self, span: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tables ``inner``, ``surface`` and ``capacity`` of `advance_cells` for sub-steps of ``span`` [s]."""
        if span not in self._steps:
            self._steps[span] = tables(self.slabs, span)
        return self._steps[span]


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
