"""The sewer as a part of the flood: reads the network from the layers, trades with the street, keeps its accounts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.flood.drains import fill_drains, march_drains
from kernels.flood.drains_sections import full_areas
from kernels.flood.inlets import COVER_AREA, COVER_LENGTH
from kernels.flood.sewer_network import Network, read_network
from kernels.flood.sewer_words import NEEDS, OUTFALL_LEVEL, STORAGE
from kernels.quantities import attrs

if TYPE_CHECKING:
    from kernels.flood.state import FloodState

_LEDGER = (
    "volume_inlets", "volume_surcharge", "volume_drains_inflow", "volume_outfall", "volume_outfall_back",
    "volume_pumped",
)  # fmt: skip
_STATE = ("volume", "head", "surface", "flow", "carried", "on", "weir", "orifice", "pump", "inlet")
_PEAKS = ("max_node_head", "max_conduit_flow", "max_conduit_filling")


class Sewer:
    """A sewer under the grid, an `kernels.flood.exchange.Exchange`.

    Parameters
    ----------
    network : Network
    inlets : tuple of (inlet,) arrays
        As `kernels.flood.inlets.trade` takes them: the inlets of the network, then the covers of its nodes.
    rows, columns : (cell,) int64
        Cells that have an inlet or a cover.
    cell_area : float
        [m²]
    names : xarray.Dataset
        Coordinates of the network's dimensions.

    Notes
    -----
    An inlet works both ways. A node whose own cell is open ground has a cover as well, through which it spills when
    its head stands above the ground by more than ``node_surcharge_depth`` (infinite: bolted), and which lets nothing
    in. In the grid the ground of the cell is the lip, whatever ``node_rim`` says, so that street and sewer agree on
    where the street is. A node without inlet and cover keeps what rises above its rim on ``node_ponded_area``, or on
    `kernels.flood.sewer_words.POND_AREA`, and takes it back.
    """

    name = "drains"

    def __init__(
        self, network: Network, inlets: tuple[np.ndarray, ...], rows: np.ndarray, columns: np.ndarray,
        cell_area: float, names: xr.Dataset,
    ) -> None:  # fmt: skip
        self._network, self._inlets, self._names = network, inlets, names
        self.rows, self.columns, self._cell_area = rows, columns, cell_area
        nodes, links, table = network.nodes[0].size, network.conduits[0].size, network.table
        self._state = (
            np.zeros(nodes), network.nodes[1].copy(), np.ones(nodes), table["conduit_initial_flow"].copy(),
            np.zeros(links), (table["pump_running"] > 0).astype(np.int64), np.zeros(table["weir_start"].size),
            np.zeros(table["orifice_start"].size), np.zeros(table["pump_start"].size), np.zeros(inlets[0].size),
        )  # fmt: skip
        self._full = full_areas(*network.conduits[2:6])
        self._ledger, self._spilled = np.zeros((2, len(_LEDGER))), np.zeros(nodes)
        self._by_cell = np.argsort(inlets[1], kind="stable")
        self._given, self._received = np.zeros(rows.size), 0.0
        self.steps = 0
        self._set_levels(0.0)
        fill_drains(table["node_initial_depth"], *self._shape(), self._state)
        self._initial = self.held()
        self._peaks = (self._state[1].copy(), np.abs(self._state[3]), self._filling())

    @classmethod
    def from_layers(cls, layers: xr.Dataset, hole: np.ndarray, cell_size: float) -> "Sewer | None":
        """Build the sewer of some layers; None where they have none.

        Parameters
        ----------
        layers : xarray.Dataset
            ``ground_elevation`` with ``x`` and ``y``, and the network along its dimensions.
        hole : (y, x) bool
            Buildings and cells outside.
        cell_size : float
            [m]

        Raises
        ------
        LayerError
            The network cannot be used, or an inlet lies outside the grid or on a building.
        """
        if not any(need.name in layers for need in NEEDS):
            return None
        if "node_x" not in layers or "node_y" not in layers or "node_kind" not in layers:
            found = [need.name for need in NEEDS if need.name in layers]
            raise LayerError(f"sewer: there is {found[0]!r} but no 'node_x', 'node_y' and 'node_kind'; give the nodes")
        ground = layers["ground_elevation"]
        place = _Grid(float(ground.x.values[0]), float(ground.y.values[0]), cell_size, hole)
        node_row, node_column, node_in = place.cells(layers["node_x"].values, layers["node_y"].values)
        count = node_row.size
        kind = layers["node_kind"].values
        row = column = node = np.zeros(0, np.int64)
        length = area = np.zeros(0)
        if "inlet_node" in layers:
            x, y = layers["inlet_x"].values, layers["inlet_y"].values
            row, column, inside = place.cells(x, y)
            for k in np.flatnonzero(~inside)[:1]:
                raise LayerError(
                    f"sewer: inlet {k} at {x[k]:.3f}, {y[k]:.3f} lies outside the grid or on a building; move it to "
                    "open ground or leave it out"
                )
            node = layers["inlet_node"].values.astype(np.int64)
        has_ground = node_in.copy()
        has_ground[node[(node >= 0) & (node < count)]] = True
        network = read_network(layers, has_ground)
        if node.size:
            clear = 1.0 - network.table["inlet_blockage"]
            length, area = network.table["inlet_length"] * clear, network.table["inlet_area"] * clear
        covered = np.flatnonzero(node_in & ~network.is_outfall & np.isfinite(network.table["node_surcharge_depth"]))
        # an open basin spills over its whole edge
        open_area = np.where(kind[covered] == STORAGE, network.table["node_area"][covered], COVER_AREA)
        wide = np.maximum(open_area, COVER_AREA)
        rows, columns = np.concatenate([row, node_row[covered]]), np.concatenate([column, node_column[covered]])
        cells, cell = np.unique(rows * hole.shape[1] + columns, return_inverse=True)
        rows, columns = cells // hole.shape[1], cells % hole.shape[1]
        lip = ground.values.astype(float)[rows, columns][cell]
        held = np.concatenate([np.full(node.size, -1.0), network.table["node_surcharge_depth"][covered]])
        inlets = (
            np.concatenate([node, covered]), cell.astype(np.int64), lip,
            np.concatenate([length, np.where(wide > COVER_AREA, 4.0 * np.sqrt(wide), COVER_LENGTH)]),
            np.concatenate([area, wide]), held,
        )  # fmt: skip
        names = xr.Dataset(
            coords={d: layers[d] for d in ("node", "conduit", "weir", "pump", "inlet") if d in layers.coords}
        )
        return cls(network, inlets, rows, columns, cell_size**2, names)

    def receive(self, nodes: np.ndarray, volumes: np.ndarray) -> None:
        """Take water that another part leads into nodes (roofs, underdrains). [m³]

        It is that part's water no more and this part's from now on; neither came from outside nor from the street.
        """
        if self._network.is_outfall[nodes].any():
            raise LayerError("sewer: a downpipe or underdrain leads to an outfall; lead it to the node before")
        np.add.at(self._state[0], nodes, volumes)
        self._received += float(np.sum(volumes))

    def exchange(self, state: "FloodState", start: float, end: float) -> None:
        """March the sewer from ``start`` to ``end`` [s] and settle with the cells what went through the inlets."""
        h, c = state.water[:2]
        at = self.rows + 1, self.columns + 1
        cells = (h[at].astype(float) + c[at].astype(float)) * self._cell_area
        before = cells.copy()
        self.advance(start, end, cells)
        given = self._given
        gets, gives = np.flatnonzero(given > 0), np.flatnonzero(given < 0)
        if gets.size:
            state.pour(self.rows[gets], self.columns[gets], given[gets])
        if gives.size:
            # the sum of many small takings may end a rounding above what the cell had
            asked = np.minimum(-given[gives], before[gives])
            taken = state.take(self.rows[gives], self.columns[gives], asked)
            self._settle(gives, taken + given[gives])

    def _settle(self, cells: np.ndarray, more: np.ndarray) -> None:
        """Give the nodes what the cells gave beyond what was asked, a rounding: the ledger is closed by what moved."""
        volume, first = self._state[0], np.searchsorted(self._inlets[1], cells, sorter=self._by_cell)
        for node, rest in zip(self._inlets[0][self._by_cell[first]].tolist(), more.tolist(), strict=True):
            if volume[node] + rest >= 0.0:
                volume[node] += rest
                self._ledger[0, 0] += rest

    def advance(self, start: float, end: float, cells: np.ndarray) -> None:
        """March from ``start`` to ``end`` [s] beside cells that hold ``cells`` [m³], which are changed in place."""
        network, span = self._network, end - start
        if span <= 0:
            return
        self._set_levels(0.5 * (start + end))
        feed = network.table["node_inflow"].copy()
        feed[network.inflows.node] += network.inflows.between(start, end) / span
        self.steps += self._march(span, feed, self._state, cells)
        for peak, now in zip(self._peaks, (self._state[1], np.abs(self._state[3]), self._filling()), strict=True):
            np.maximum(peak, now, out=peak)

    def accounts(self) -> dict[str, float]:
        """Volumes by quantity name, so far. [m³]"""
        found = dict(zip(_LEDGER, self._ledger.sum(axis=0).tolist(), strict=True))
        return found | {"volume_drains_initial": self._initial, "volume_drains_held": self.held()}

    def held(self) -> float:
        """Water in the sewer. [m³]"""
        return float(self._state[0].sum())

    def came(self) -> float:
        """What it began with, sewage and inflows, and what came back in at outfalls. [m³]"""
        return self._initial + float(self._ledger[:, [2, 4]].sum())

    def gone(self) -> float:
        """What ran out of the outfalls. [m³]"""
        return float(self._ledger[:, 3].sum())

    def observe(self) -> xr.Dataset:
        """Head, depth, volume, spilled volume of nodes; flow, velocity, filling of conduits; flows of the rest."""
        state = tuple(part.copy() for part in self._state)
        # what another part has just led in has not been levelled yet
        self._march(0.0, np.zeros_like(state[0]), state, np.zeros(self.rows.size))
        volume, levels, _, flow, carried, _, weir, orifice, pump, _ = state
        wet = np.maximum(carried * self._network.conduits[8], 1e-9)
        fields = {
            "node_head": ("node", levels),
            "node_depth": ("node", np.maximum(levels - self._network.nodes[1], 0.0)),
            "node_volume": ("node", volume.copy()),
            "node_spilled": ("node", self._spilled.copy()),
            "conduit_flow": ("conduit", flow.copy()),
            "conduit_velocity": ("conduit", np.where(flow == 0.0, 0.0, flow / wet)),
            "conduit_filling": ("conduit", self._filling()),
            "weir_flow": ("weir", weir.copy()),
            "orifice_flow": ("orifice", orifice.copy()),
            "pump_flow": ("pump", pump.copy()),
        }
        return self._dataset(fields)

    def summarise(self) -> xr.Dataset:
        """Maxima over the run so far, at the ends of the exchanges."""
        fields = dict(zip(_PEAKS, (("node", self._peaks[0]), *(("conduit", p) for p in self._peaks[1:])), strict=True))
        fields["max_node_depth"] = ("node", np.maximum(self._peaks[0] - self._network.nodes[1], 0.0))
        return self._dataset({name: (dim, values.copy()) for name, (dim, values) in fields.items()})

    def checkpoint(self) -> dict[str, np.ndarray]:
        """Everything the sewer needs to go on."""
        saved = {f"drains_{name}": part.copy() for name, part in zip(_STATE, self._state, strict=True)}
        saved |= {f"drains_{name}": part.copy() for name, part in zip(_PEAKS, self._peaks, strict=True)}
        saved["drains_ledger"], saved["drains_spilled"] = self._ledger.copy(), self._spilled.copy()
        saved["drains_totals"] = np.array([self._initial, self._received, float(self.steps)])
        return saved

    def restore(self, saved: Mapping[str, np.ndarray]) -> None:
        """Go on from what `checkpoint` gave.

        Raises
        ------
        LayerError
            The checkpoint is of another network.
        """
        own = (*zip(_STATE, self._state, strict=True), *zip(_PEAKS, self._peaks, strict=True),
               ("ledger", self._ledger), ("spilled", self._spilled))  # fmt: skip
        for name, part in own:
            found = np.asarray(saved.get(f"drains_{name}", np.zeros(0)))
            if found.shape != part.shape:
                raise LayerError(
                    f"sewer: the checkpoint's {name!r} has shape {found.shape}, this network needs {part.shape}; "
                    "restart with the network it was made with"
                )
            part[:] = found
        self._initial, self._received, steps = np.asarray(saved["drains_totals"]).tolist()
        self.steps = int(steps)

    def _set_levels(self, time: float) -> None:
        """Heads of outfalls at a time [s]."""
        kind, invert, head = self._network.nodes[0], self._network.nodes[1], self._state[1]
        level = self._network.table["node_level"].copy()
        level[self._network.levels.node] = self._network.levels.at(time)
        out = self._network.is_outfall
        head[out] = np.where(kind[out] == OUTFALL_LEVEL, level[out], invert[out])

    def _shape(self) -> tuple[tuple[np.ndarray, ...], ...]:
        network = self._network
        return network.nodes, network.curve, network.ends, network.conduits

    def _march(self, span: float, feed: np.ndarray, state: tuple[np.ndarray, ...], cells: np.ndarray) -> int:
        network = self._network
        return int(
            march_drains(
                span, *self._shape(), network.weirs, network.orifices, network.pumps, network.points, self._inlets,
                self._cell_area, feed, state, cells, self._given, self._spilled, self._ledger,
            )
        )  # fmt: skip

    def _filling(self) -> np.ndarray:
        """Part of each conduit's section that is wet, 1 when full. [1]"""
        return np.minimum(self._state[4] / self._full, 1.0)

    def _dataset(self, fields: dict[str, tuple[str, np.ndarray]]) -> xr.Dataset:
        variables = {name: ((dim,), values, attrs(name)) for name, (dim, values) in fields.items() if values.size}
        used = {dims[0] for dims, *_ in variables.values()}
        return xr.Dataset(variables, coords={d: c for d, c in self._names.coords.items() if d in used})


class _Grid:
    """Finds the open cell under a point."""

    def __init__(self, west: float, south: float, size: float, hole: np.ndarray) -> None:
        self._west, self._south, self._size, self._hole = west, south, size, hole

    def cells(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row and column of each point, and whether it lies on open ground."""
        row = np.floor((np.asarray(y, float) - self._south) / self._size + 0.5).astype(np.int64)
        column = np.floor((np.asarray(x, float) - self._west) / self._size + 0.5).astype(np.int64)
        rows, columns = self._hole.shape
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        inside[inside] = ~self._hole[row[inside], column[inside]]
        return row, column, inside
