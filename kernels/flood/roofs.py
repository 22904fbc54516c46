"""Roofs with a way of their own: green roofs, and downpipes into the sewer."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import xarray as xr

from kernels.contract import LayerError, Need
from kernels.flood.forcing import Rain
from kernels.flood.layer_stacks_units import StackUnits
from kernels.flood.roof_gutters import RoofGutters

if TYPE_CHECKING:
    from kernels.flood.state import FloodState

NEEDS = (
    Need("roof_stack", ("building",), optional=True),
    Need("downpipe_node", ("building",), optional=True),
)
"""Layers the roofs read, beside those of the stacks.

The coordinate ``building`` holds values of ``building_index``; without one the buildings count from 0.
"""


class Roofs:
    """Buildings whose rain passes a layer stack, or a downpipe to a node of the sewer, or both.

    All other roofs stay in the static pattern of the rain, which leads them to the ground around them.

    Parameters
    ----------
    rain : Rain
    mask : (y, x) bool
        Cells of these buildings: the static pattern must leave them out.
    cells, ring : tuple of (entry,) int
        Place of the building and number of the cell in the flattened grid: of its roof, of the ground around it.
    area : (building,) float64
        Roof of each building as the grid has it. [m²]
    units : StackUnits or None
        The green ones.
    green : (place,) int
        Building of each unit.
    nodes : (building,) int
        Node of its downpipe, -1 to the ground around it in equal shares.
    receive : callable or None
        Takes volumes [m³] at nodes of the sewer: ``receive(nodes, volumes)``.

    Notes
    -----
    Rain stays on a green roof up to the stack's surface storage; what is more spills to the same outlet as what the
    drainage mat lets through, at once. Buildings count with the cells they have on the grid, so no rain is lost.
    """

    name: ClassVar[str] = "roofs"

    def __init__(
        self,
        rain: Rain,
        mask: np.ndarray,
        cells: tuple[np.ndarray, np.ndarray],
        ring: tuple[np.ndarray, np.ndarray],
        area: np.ndarray,
        units: StackUnits | None,
        green: np.ndarray,
        nodes: np.ndarray,
        receive: Callable[[np.ndarray, np.ndarray], None] | None,
    ) -> None:
        self.mask = mask
        self._rain, self._cells, self._area = rain, cells, area
        self._units, self._green, self._nodes, self._receive = units, green, nodes, receive
        to_ground = nodes[ring[0]] < 0
        owner, place = ring[0][to_ground], ring[1][to_ground]
        self._ring_owner, self._ring = owner, np.unravel_index(place, mask.shape)
        self._share = 1.0 / np.maximum(np.bincount(owner, minlength=area.size), 1)
        self._on_top = np.zeros(green.size)
        self._volumes = np.zeros(3)
        self._entry, self._rate = -1, np.zeros(area.size)

    @classmethod
    def from_layers(
        cls,
        layers: xr.Dataset,
        building: np.ndarray,
        rain: Rain | None,
        area: float,
        receive: Callable[[np.ndarray, np.ndarray], None] | None = None,
    ) -> "Roofs | None":
        """Gather the roofs with a way of their own; None if there are none, or no rain.

        Parameters
        ----------
        layers : xarray.Dataset
            Any of `NEEDS` and the stacks.
        building : (y, x) int
            ``building_index`` of the cells.
        rain : Rain or None
        area : float
            Of a cell. [m²]
        receive : callable, optional
            Takes what downpipes lead to nodes; without it they end on the ground around the building.

        Raises
        ------
        LayerError
            Names the building or the stack, what was expected and the remedy.
        """
        if rain is None or not any(need.name in layers for need in NEEDS):
            return None
        names = np.asarray(layers["building"].values)
        if names.dtype.kind not in "iu" or np.unique(names).size != names.size:
            raise LayerError("flood: the coordinate 'building' must hold each value of 'building_index' once")
        none = np.full(names.size, -1)
        stack = layers["roof_stack"].values.astype(np.int64) if "roof_stack" in layers else none
        nodes = layers["downpipe_node"].values.astype(np.int64) if "downpipe_node" in layers else none
        nodes = nodes if receive is not None else none
        own = ((stack >= 0) | (nodes >= 0)) & np.isin(names, building)
        if not own.any():
            return None
        names, stack, nodes = names[own], stack[own], nodes[own]
        gutters = RoofGutters(building)
        cells = gutters.cells_of(names)
        mask = np.zeros(building.size, bool)
        mask[cells[1]] = True
        roofs = np.bincount(cells[0], minlength=names.size) * area
        green = np.flatnonzero(stack >= 0)
        units = StackUnits(stack[green], roofs[green], layers, on_roofs=True) if green.size else None
        ring = gutters.around(names)
        return cls(rain, mask.reshape(building.shape), cells, ring, roofs, units, green, nodes, receive)

    def exchange(self, state: "FloodState", start: float, end: float) -> None:
        """Rain on the roofs for the span from ``start`` to ``end`` [s], and lead away what they let go."""
        if end <= start:
            return
        out = self._fallen(start, end)
        self._volumes[0] += float(out @ self._area)
        if self._units is not None:
            out[self._green] = self._through(out[self._green], end - start)
        volumes = out * self._area
        down = self._nodes >= 0
        if self._receive is not None and down.any():
            self._receive(self._nodes[down], volumes[down])
            self._volumes[2] += float(volumes[down].sum())
        shares = (volumes * self._share)[self._ring_owner]
        wet = shares > 0
        if wet.any():
            state.pour(self._ring[0][wet], self._ring[1][wet], shares[wet])
            self._volumes[1] += float(shares.sum())

    def _through(self, rain: np.ndarray, span: float) -> np.ndarray:
        """Pass rain through the green roofs; what leaves them, by mat and over the edge. [m]"""
        units = self._units
        assert units is not None
        units.sink(span)
        self._on_top += rain
        drunk = np.minimum(units.capacity, self._on_top)
        self._on_top -= drunk
        units.absorb(drunk)
        spilled = np.maximum(self._on_top - units.surface_storage, 0.0)
        self._on_top -= spilled
        units.book(2, spilled)
        return units.drained + spilled

    def _fallen(self, start: float, end: float) -> np.ndarray:
        """Rain on each building between two times. [m]"""
        rain = self._rain
        if not rain.varies_in_space:
            return np.full(self._area.size, rain.factor(start, end))
        fallen = np.zeros(self._area.size)
        for entry in range(max(rain.entry(start), 0), rain.entry(end) + 1):
            last = rain.times[entry + 1] if entry + 1 < rain.times.size else np.inf
            fallen += max(min(end, last) - max(start, rain.times[entry]), 0.0) * self._mean_rate(entry)
        return fallen

    def _mean_rate(self, entry: int) -> np.ndarray:
        """Mean intensity over each building of an entry of the rain. [m s⁻¹]"""
        if entry != self._entry:
            owner, cell = self._cells
            weights = self._rain.rates[entry].ravel()[cell]
            count = np.bincount(owner, minlength=self._area.size)
            self._rate = np.bincount(owner, weights=weights, minlength=self._area.size) / count
            self._entry = entry
        return self._rate

    def balance(self) -> xr.Dataset | None:
        """The ledger of the green roofs by stack, along ``stack``. [m³]"""
        return self._units.balance() if self._units is not None else None

    def accounts(self) -> dict[str, float]:
        """Its ledger by quantity name, so far. [m³]"""
        names = ("volume_roofs_rain", "volume_roofs_to_pavement", "volume_roofs_to_drains")
        found = dict(zip(names, self._volumes.tolist(), strict=True)) | {"volume_roofs_held": self.held()}
        if self._units is not None:
            found |= {
                "volume_layers_delayed": float(self._units.sums[1].sum()),
                "volume_layers_spilled": float(self._units.sums[2].sum()),
            }
        return found

    def held(self) -> float:
        """Water on and in the green roofs beyond that of the start. [m³]"""
        if self._units is None:
            return 0.0
        return float(self._units.gained().sum()) + float(self._on_top @ self._area[self._green])

    def came(self) -> float:
        """Rain on these roofs. [m³]"""
        return float(self._volumes[0])

    def gone(self) -> float:
        """Nothing leaves the model from a roof. [m³]"""
        return 0.0

    def checkpoint(self) -> dict[str, np.ndarray]:
        """Everything needed to go on."""
        saved = {"roofs_on_top": self._on_top.copy(), "roofs_volumes": self._volumes.copy()}
        return saved | (self._units.checkpoint("roofs") if self._units is not None else {})

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go on from what `checkpoint` gave, bit for bit."""
        for name, mine in (("roofs_on_top", self._on_top), ("roofs_volumes", self._volumes)):
            found = np.asarray(saved.get(name, np.empty(0)))
            if found.shape != mine.shape:
                raise LayerError(
                    f"flood: the checkpoint's {name!r} has shape {found.shape}, this run needs {mine.shape}; "
                    "restart with its own roofs"
                )
            mine[...] = found
        if self._units is not None:
            self._units.restore(saved, "roofs")
