"""Layer stacks in the ground: permeable paving, swales, rain gardens, de-paved soil under the water of their cells."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import xarray as xr

from kernels.contract import Need
from kernels.flood import layer_stacks_units
from kernels.flood.layer_stacks_units import StackUnits
from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS

if TYPE_CHECKING:
    from kernels.flood.state import FloodState

NEEDS = (Need("layer_stack", ("y", "x"), optional=True), *layer_stacks_units.NEEDS)
"""Layers the stacks read."""
Receive = Callable[[np.ndarray, np.ndarray], None]
"""What takes volumes [m³] at nodes of the sewer: ``receive(nodes, volumes)``."""


class LayerStacks:
    """Cells of the ground with a layer stack.

    Parameters
    ----------
    rows, columns : (place,) int
        The cells.
    units : StackUnits
    nodes : (place,) int
        Node of the sewer that each cell's underdrain leads to, -1 where it comes up on the cell itself.
    receive : callable or None
        See `Receive`.

    Notes
    -----
    The surface layer of a stack is the cell of the grid: a swale is as deep as the ground was lowered for it, and what
    a full stack does not take stays on the cell and flows, so nothing is booked as spilled. The plain soil and the
    depressions of such a cell are off. Water held is counted from the start: what was in the soil then is not water
    of the flood.
    """

    name: ClassVar[str] = "layers"

    def __init__(
        self, rows: np.ndarray, columns: np.ndarray, units: StackUnits, nodes: np.ndarray, receive: Receive | None
    ) -> None:
        self._rows, self._columns, self._units, self._nodes, self._receive = rows, columns, units, nodes, receive

    @classmethod
    def from_layers(
        cls, layers: xr.Dataset, hole: np.ndarray, area: float, receive: Receive | None = None
    ) -> "LayerStacks | None":
        """Gather the cells with a stack; None if there are none.

        Parameters
        ----------
        layers : xarray.Dataset
            Any of `NEEDS`.
        hole : (y, x) bool
            Cells without ground.
        area : float
            Of a cell. [m²]
        receive : callable, optional
            Takes what underdrains lead to nodes; without it they come up on their cells.

        Raises
        ------
        LayerError
            Names the stack, what was expected and the remedy.
        """
        if "layer_stack" not in layers:
            return None
        which = layers["layer_stack"].values
        rows, columns = np.nonzero((which >= 0) & ~hole)
        if not rows.size:
            return None
        which = which[rows, columns].astype(np.int64)
        units = StackUnits(which, np.full(rows.size, area), layers, on_roofs=False)
        nodes = np.full(rows.size, -1)
        if receive is not None and "stack_drain_node" in layers:
            nodes = layers["stack_drain_node"].values.astype(np.int64)[which]
        return cls(rows, columns, units, nodes, receive)

    def exchange(self, state: "FloodState", start: float, end: float) -> None:
        """Let the stacks drain and drink for the span from ``start`` to ``end`` [s]."""
        if end <= start:
            return
        units = self._units
        only = state.tiles.only
        chosen = None if only is None else np.flatnonzero(only[self._rows // TILE_ROWS, self._columns // TILE_COLUMNS])
        units.sink(end - start, state.crew, chosen)
        h, c = (part[self._rows + 1, self._columns + 1].astype(float) for part in state.water[:2])
        wish = np.minimum(units.capacity, np.maximum(h + c, 0.0))
        wet = np.flatnonzero(wish > 0)
        if wet.size:
            wish[wet] = state.take(self._rows[wet], self._columns[wet], wish[wet] * units.area[wet]) / units.area[wet]
            units.absorb(wish)
        flows = units.drained > 0
        led = flows & (self._nodes >= 0)
        if self._receive is not None and led.any():
            self._receive(self._nodes[led], units.drained[led] * units.area[led])
        up = flows & ~led
        if up.any():
            state.pour(self._rows[up], self._columns[up], units.drained[up] * units.area[up])

    def balance(self) -> xr.Dataset:
        """The ledger by stack, along ``stack``. [m³]"""
        return self._units.balance()

    def accounts(self) -> dict[str, float]:
        """Its ledger by quantity name, so far. [m³]"""
        names = ("volume_layers_infiltrated", "volume_layers_delayed")
        found = {name: float(values.sum()) for name, values in zip(names, self._units.sums[:2], strict=True)}
        return found | {"volume_layers_held": self.held()}

    def held(self) -> float:
        """Water in the stacks beyond that of the start. [m³]"""
        return float(self._units.gained().sum())

    def came(self) -> float:
        """Nothing comes from the stacks but what they took. [m³]"""
        return 0.0

    def gone(self) -> float:
        """Water that seeped into the native soil. [m³]"""
        return float(self._units.sums[0].sum())

    def checkpoint(self) -> dict[str, np.ndarray]:
        """Everything needed to go on."""
        return self._units.checkpoint("layers") | {"layers_cells": np.stack([self._rows, self._columns])}

    def adopt(self, saved: Mapping[str, np.ndarray], cells: np.ndarray) -> None:
        """Take over some cells from a checkpoint of another run on the same grid; the ledger stays.

        Parameters
        ----------
        saved : mapping
            What `checkpoint` of the other run gave, which may have had stacks on other cells.
        cells : (y, x) bool
        """
        theirs = np.full(cells.shape, -1)
        theirs[tuple(saved["layers_cells"])] = np.arange(saved["layers_cells"].shape[1])
        place = np.where(cells, theirs, -1)[self._rows, self._columns]
        both = place >= 0
        self._units.water[:, both] = saved["layers_water"][:, place[both]]

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go on from what `checkpoint` gave, bit for bit."""
        self._units.restore(saved, "layers")
