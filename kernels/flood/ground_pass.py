"""What the ground keeps of the water on it: soil, depressions, the assumed sewer, and how long it was how deep."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
import xarray as xr

from kernels.contract import LayerError, Need
from kernels.flood import soil
from kernels.flood.forcing import refuse_negative
from kernels.flood.state import SMALL
from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS

if TYPE_CHECKING:
    from kernels.flood.state import FloodState

NEEDS = tuple(
    Need(name, ("y", "x"), optional=True)
    for name in (
        "depression_storage",
        "sink_capacity",
        "saturated_hydraulic_conductivity",
        "wetting_front_suction",
        "moisture_deficit",
        "infiltration_initial",
        "infiltration_final",
        "infiltration_decay",
        "curve_number",
        "layer_stack",
    )
)
"""Layers the pass reads; without one of them that process is off."""

LAWS: dict[str, tuple[int, tuple[str, ...]]] = {
    "none": (soil.NONE, ()),
    "constant": (soil.CONSTANT, ("saturated_hydraulic_conductivity",)),
    "green_ampt": (
        soil.GREEN_AMPT,
        ("saturated_hydraulic_conductivity", "wetting_front_suction", "moisture_deficit"),
    ),
    "horton": (soil.HORTON, ("infiltration_initial", "infiltration_final", "infiltration_decay")),
    "scs_cn": (soil.SCS_CN, ("curve_number",)),
}
"""Words of the knob ``soil``: the law's number in the loops and the layers it reads."""

DURATIONS = {"duration_10": 0.10, "duration_25": 0.25, "duration_50": 0.50}
"""Depths whose time is counted, by the quantity that gives it. [m]"""
DURATION_STEP = 4.0
"""How often a cell is looked at; 16 bits hold three days of it. [s]"""
INITIAL_ABSTRACTION = 0.2
"""Initial abstraction in parts of the retention: NEH part 630, chapter 10. [1]"""
MOST_CLASSES = 65_535
"""Combinations of parameters that the class of a cell can name."""


class GroundPass:
    """Soil, depression storage and assumed sewer of every cell, in one pass over the rows.

    Parameters
    ----------
    law : {"none", "constant", "green_ampt", "horton", "scs_cn"}
        Of the infiltration.
    classes : (y, x) uint8 or uint16
        Number of each cell's combination of parameters.
    parameters : dict of (class,) float64
        Layers by name, as the combinations have them.
    kind : dtype
        Float type of the grids.
    area : float
        Of a cell. [m²]

    Notes
    -----
    In the order of the water: it enters the soil, what is left fills the depressions, what is above them flows, and
    the assumed sewer takes from that. Removed water takes its momentum with it; the rest keeps its velocity. Soil
    does not recover within a run. A curve number sees rain only, not water from elsewhere, and of a field
    of rain the map that holds at the end of the span. Under ``none`` there is no
    account of infiltration. Memory: two floats and eight bytes a cell, one float less without a law that remembers.
    """

    name: ClassVar[str] = "soil"

    def __init__(
        self, law: str, classes: np.ndarray, parameters: dict[str, np.ndarray], kind: np.dtype, area: float
    ) -> None:
        self._law, self._code = law, LAWS[law][0]
        self._classes, self._parameters, self._kind, self._area = classes, parameters, kind, area
        shape = classes.shape
        self._keeps = law != "none" or any(parameters[name].any() for name in ("depression_storage", "sink_capacity"))
        remembers = self._code in (soil.GREEN_AMPT, soil.HORTON, soil.SCS_CN)
        self._memory = np.full(shape if remembers else (1, 1), 1.0 if law == "horton" else 0.0, kind)
        self._stored = np.zeros(shape if self._keeps else (1, 1), kind)
        self._counts = np.zeros((len(DURATIONS), *shape), np.uint16)
        self._depths = np.array(list(DURATIONS.values()), kind)
        self._strips: tuple[np.ndarray | None, np.ndarray] = None, _strips(None, shape)
        self._ledger = np.zeros(2)
        self._table = (-1.0, np.zeros((6, 1), kind), False)

    @classmethod
    def from_layers(
        cls,
        layers: xr.Dataset,
        law: str,
        hole: np.ndarray,
        kind: np.dtype,
        area: float,
    ) -> "GroundPass":
        """Gather the parameters of the cells.

        Parameters
        ----------
        layers : xarray.Dataset
            Any of `NEEDS`.
        law : str
            Key of `LAWS`; where the layers have none of its parameters the ground is sealed.
        hole : (y, x) bool
            Cells without ground.
        kind : dtype
            Float type of the grids.
        area : float
            Of a cell. [m²]

        Raises
        ------
        LayerError
            Names the layer, what was expected and the remedy.
        """
        if law not in LAWS:
            raise LayerError(f"flood: soil must be one of {', '.join(LAWS)}, got {law!r}")
        wanted = LAWS[law][1]
        missing = [name for name in wanted if name not in layers]
        if missing and len(missing) < len(wanted):
            raise LayerError(
                f"flood: soil {law!r} reads {', '.join(wanted)}; {', '.join(missing)} is not in the layers"
            )
        if missing:
            law, wanted = "none", ()
        names = ["depression_storage", "sink_capacity", *wanted]
        for name in names:
            if name in layers:
                refuse_negative(layers[name])
        _refuse_odd(layers, wanted)
        stacked = layers["layer_stack"].values >= 0 if "layer_stack" in layers else np.zeros(hole.shape, bool)
        sealed = {name: hole | stacked if name != "sink_capacity" else hole for name in names}
        grids = {name: layers[name].values for name in names if name in layers}
        classes, combinations = _classes(list(grids.values()), [sealed[name] for name in grids], hole.shape)
        found = {name: np.zeros(len(combinations)) for name in names}
        for number, name in enumerate(grids):
            found[name] = combinations[:, number]
        return cls(law, classes, found, np.dtype(kind), area)

    def exchange(self, state: "FloodState", start: float, end: float) -> None:
        """Let the ground keep its share for the span from ``start`` to ``end`` [s], and look how deep the water is."""
        small = state.water[0].size < SMALL
        if state.tiles.only is not self._strips[0]:
            self._strips = state.tiles.only, _strips(state.tiles.only, self._classes.shape)
        strips = self._strips[1]
        if self._keeps and end > start:
            table, is_long = self._numbers(end - start)
            rain = state.rain.factor(start, end) if state.rain is not None and self._code == soil.SCS_CN else 0.0
            sums = np.zeros((len(strips), 2))

            def keep(first: int, last: int) -> None:
                soil.keep_ground(
                    (first, last),
                    strips,
                    self._code,
                    is_long,
                    not state.staggered,
                    table,
                    self._classes,
                    self._memory,
                    self._stored,
                    state.water,
                    state.ground[2],
                    self._kind.type(rain),
                    sums,
                )

            state.crew.share_out(len(strips), keep, small)
            self._ledger += sums.sum(axis=0) * self._area
        ticks = int(end // DURATION_STEP) - int(start // DURATION_STEP)
        if ticks > 0:

            def count(first: int, last: int) -> None:
                soil.count_ticks((first, last), strips, ticks, self._depths, state.water[0], self._counts)

            state.crew.share_out(len(strips), count, small)

    def durations(self) -> dict[str, np.ndarray]:
        """Time that each cell was deeper than each of `DURATIONS`, so far. [s]"""
        return {name: self._counts[number] * np.float32(DURATION_STEP) for number, name in enumerate(DURATIONS)}

    def accounts(self) -> dict[str, float]:
        """Its ledger by quantity name, so far; only of the processes that are on. [m³]"""
        found = {"volume_infiltrated": float(self._ledger[0])} if self._code != soil.NONE else {}
        if self._parameters["depression_storage"].any():
            found["volume_depression"] = self.held()
        if self._parameters["sink_capacity"].any():
            found["volume_sink"] = float(self._ledger[1])
        return found

    def held(self) -> float:
        """Water in the depressions. [m³]"""
        return float(self._stored.sum(dtype=np.float64)) * self._area

    def came(self) -> float:
        """Nothing comes from the ground. [m³]"""
        return 0.0

    def gone(self) -> float:
        """Water in the soil and in the assumed sewer. [m³]"""
        return float(self._ledger[1] + (self._ledger[0] if self._code != soil.NONE else 0.0))

    def checkpoint(self) -> dict[str, np.ndarray]:
        """Everything needed to go on."""
        return {
            "soil_memory": self._memory.copy(),
            "soil_stored": self._stored.copy(),
            "soil_counts": self._counts.copy(),
            "soil_ledger": self._ledger.copy(),
        }

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go on from what `checkpoint` gave, bit for bit.

        Raises
        ------
        LayerError
            If the checkpoint is of another grid, precision or law.
        """
        own = {"memory": self._memory, "stored": self._stored, "counts": self._counts, "ledger": self._ledger}
        for name, mine in own.items():
            found = np.asarray(saved.get(f"soil_{name}", np.empty(0)))
            if found.shape != mine.shape or found.dtype != mine.dtype:
                raise LayerError(
                    f"flood: the checkpoint's 'soil_{name}' is {found.dtype} {found.shape}, this run needs "
                    f"{mine.dtype} {mine.shape}; restart with its own grid, precision and soil law"
                )
            mine[...] = found

    def adopt(self, saved: Mapping[str, np.ndarray], cells: tuple[np.ndarray, np.ndarray] | np.ndarray) -> None:
        """Take over what the soil of some cells holds from another run on the same grid; ledger and durations stay.

        Parameters
        ----------
        saved : mapping
            ``soil_memory`` and ``soil_stored`` of `checkpoint` of the other run, as far as it has them.
        cells : rows and columns, or (y, x) bool
        """
        for name, mine in (("soil_memory", self._memory), ("soil_stored", self._stored)):
            if name in saved and mine.shape == saved[name].shape == self._classes.shape:
                mine[cells] = saved[name][cells]

    def adopt_counts(self, counts: np.ndarray, cells: tuple[np.ndarray, np.ndarray]) -> None:
        """Take over the durations of some cells: (threshold, cell) uint16 in ticks."""
        for mine, values in zip(self._counts, counts, strict=True):
            mine[cells] = values

    def _numbers(self, span: float) -> tuple[np.ndarray, bool]:
        """Table of the span by class, and whether it is too long for the series."""
        if self._table[0] != span:
            own = self._parameters
            table = np.zeros((6, own["sink_capacity"].size))
            table[soil.DEPRESSION], table[soil.SINK] = own["depression_storage"], own["sink_capacity"] * span
            is_long = False
            if self._code in (soil.CONSTANT, soil.GREEN_AMPT):
                table[2] = own["saturated_hydraulic_conductivity"] * span
            if self._code == soil.GREEN_AMPT:
                table[3] = own["wetting_front_suction"] * own["moisture_deficit"]
                k, S = table[2], table[3]
                # growth of a dry soil in this span, from (ΔF/S)²/2 <= K Δt / S (1 + ΔF/S)
                dry = k / np.where(S > 0, S, np.inf)
                is_long = bool((dry + np.sqrt(dry * (dry + 2)) > soil.SHORT).any())
            elif self._code == soil.HORTON:
                decay = own["infiltration_decay"] * span
                more = own["infiltration_initial"] - own["infiltration_final"]
                table[2] = own["infiltration_final"] * span
                table[3] = more / np.where(more > 0, own["infiltration_decay"], 1.0)
                table[4], table[5] = -np.expm1(-decay), decay
                is_long = bool((decay > soil.SHORT).any())
            elif self._code == soil.SCS_CN:
                table[2] = _retention(own["curve_number"])
                table[3] = INITIAL_ABSTRACTION * table[2]
            self._table = span, table.astype(self._kind), is_long
        return self._table[1:]


def _strips(only: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Rows and columns to work on: all of them, or those of the tiles that a partial rerun is confined to.

    Strips are as high as a tile whoever works on them, so that no sum depends on threads. (strip, 4) int64
    """
    tops = range(0, shape[0], TILE_ROWS)
    if only is None:
        found = [(top, min(top + TILE_ROWS, shape[0]), 0, shape[1]) for top in tops]
    else:
        edges = np.diff(np.pad(only.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        pairs = zip(np.argwhere(edges == 1).tolist(), np.argwhere(edges == -1)[:, 1].tolist(), strict=True)
        found = [
            (tops[row], min(tops[row] + TILE_ROWS, shape[0]), left * TILE_COLUMNS, min(right * TILE_COLUMNS, shape[1]))
            for (row, left), right in pairs
        ]
    return np.array(found, np.int64).reshape(-1, 4)


def _retention(curve_number: np.ndarray) -> np.ndarray:
    """Potential retention S = 1000/CN - 10 inches (NEH part 630, chapter 10); sealed where there is no number. [m]"""
    return np.where(curve_number > 0, 0.0254 * (1000.0 / np.where(curve_number > 0, curve_number, 100.0) - 10.0), 0.0)


def _refuse_odd(layers: xr.Dataset, wanted: tuple[str, ...]) -> None:
    """Name the first cell whose parameters contradict each other or themselves."""

    def refuse(bad: np.ndarray, words: str) -> None:
        if bad.any():
            row, column = (int(i) for i in np.argwhere(bad)[0])
            raise LayerError(f"flood: {words} at cell y {row}, x {column}, {int(bad.sum())} in all")

    if "moisture_deficit" in wanted:
        refuse(layers["moisture_deficit"].values > 1, "'moisture_deficit' is above 1, it is a part of the volume,")
    if "curve_number" in wanted:
        refuse(layers["curve_number"].values > 100, "'curve_number' is above 100")
    if "infiltration_decay" in wanted:
        first, last = layers["infiltration_initial"].values, layers["infiltration_final"].values
        refuse(first < last, "'infiltration_initial' is below 'infiltration_final'")
        refuse(
            (first > last) & (layers["infiltration_decay"].values <= 0), "'infiltration_decay' is 0 on falling capacity"
        )


def _classes(
    grids: list[np.ndarray], sealed: list[np.ndarray], shape: tuple[int, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Number the combinations of values that occur, in the order they occur; a sealed cell counts as 0.

    Returns
    -------
    (y, x) uint8, or uint16 where that is too few, (class, grid) float64
    """
    known: dict[tuple[float, ...], int] = {}
    classes = np.zeros(shape, np.uint16)
    chunk = max(1, 4_000_000 // shape[1])
    for first in range(0, shape[0], chunk):
        part = slice(first, first + chunk)
        rows = [
            np.where(mask[part], 0.0, grid[part]).astype(float).ravel()
            for grid, mask in zip(grids, sealed, strict=True)
        ]
        code = np.zeros(classes[part].size, np.int64)
        for values in rows:
            numbers, distinct = pd.factorize(values)
            code = pd.factorize(code * len(distinct) + numbers)[0]
        _, where = np.unique(code, return_index=True)
        keys = [tuple(float(values[cell]) for values in rows) for cell in where]
        names = np.array([known.setdefault(key, len(known)) for key in keys])
        if len(known) > MOST_CLASSES:
            raise LayerError(
                f"flood: soil, depressions and sewer have more than {MOST_CLASSES} combinations of parameters; "
                "give them by land cover and sewershed, or round them"
            )
        classes[part] = names[code].reshape(classes[part].shape)
    small = classes.astype(np.uint8) if len(known) <= 256 else classes
    return small, np.array(list(known), float).reshape(len(known), len(grids))
