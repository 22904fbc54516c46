"""What the traffic kernel reads, checked and as plain arrays: streets, turns, closures, changes, trips and buses."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import LayerError, Need
from kernels.traffic.queues_inputs import EVERY_MODE, MODES, Closures

DENSEST = 1.0 / 6.5
"""Cars on a metre of one lane when they stand: 6.5 m each, HCM 2010, chapter 10. [m⁻¹]"""
_FULLEST = 0.8  # of speed times jam density: a slow street cannot pass what its lanes could at speed

NEEDS: tuple[Need, ...] = (
    Need("link_start_node", ("link",)),
    Need("link_end_node", ("link",)),
    Need("street_length", ("link",)),
    Need("free_speed", ("link",)),
    Need("street_capacity", ("link",)),
    Need("street_lanes", ("link",), optional=True),
    Need("allowed_modes", ("link",), optional=True),
    Need("cycle_lane", ("link",), optional=True),
    Need("street_class", ("link",), optional=True),
    Need("street_gradient", ("link",), optional=True),
    Need("signal_cycle", ("link",), optional=True),
    Need("signal_green", ("link",), optional=True),
    Need("signal_offset", ("link",), optional=True),
    Need("link_area", ("link",), optional=True),
    Need("node_x", ("node",), optional=True),
    Need("node_y", ("node",), optional=True),
    Need("node_area", ("node",), optional=True),
    Need("node_capacity", ("node",), optional=True, finite=False),
    Need("turn_from_link", ("turn",), optional=True),
    Need("turn_to_link", ("turn",), optional=True),
    Need("turn_modes", ("turn",), optional=True),
    Need("closure_link", ("closure",), optional=True),
    Need("closure_modes", ("closure",), optional=True),
    Need("closure_begin", ("closure",), optional=True),
    Need("closure_until", ("closure",), optional=True),
    Need("change_link", ("street_change",), optional=True),
    Need("change_begin", ("street_change",), optional=True),
    Need("change_until", ("street_change",), optional=True),
    Need("change_speed", ("street_change",), optional=True, finite=False),
    Need("change_capacity", ("street_change",), optional=True),
    Need("demand_start_node", ("demand",)),
    Need("demand_end_node", ("demand",)),
    Need("demand_mode", ("demand",)),
    Need("demand_trips", ("demand",)),
    Need("demand_begin", ("demand",)),
    Need("demand_until", ("demand",)),
    Need("service_departure", ("service",), optional=True),
    Need("service_leg_run", ("service_leg",), optional=True),
    Need("service_leg_link", ("service_leg",), optional=True),
    Need("service_leg_dwell", ("service_leg",), optional=True),
    Need("crossing_link", ("crossing",), optional=True),
    Need("crossing_row", ("crossing",), optional=True),
    Need("crossing_column", ("crossing",), optional=True),
    Need("crossing_length", ("crossing",), optional=True),
)


@dataclass(frozen=True)
class Table:
    """Rows of one kind, a column by name without its prefix; empty where the layers have none."""

    columns: dict[str, np.ndarray]

    def __getattr__(self, name: str) -> np.ndarray:
        try:
            return self.columns[name]
        except KeyError as error:
            raise AttributeError(name) from error

    @property
    def size(self) -> int:
        """How many rows there are."""
        return int(next(iter(self.columns.values())).size)


@dataclass(frozen=True)
class Inputs:
    """The layers of the traffic kernel.

    Attributes
    ----------
    names : (link,) str
        For errors and for coordinates.
    tail, head : (link,) int32
    length : (link,) float64
        [m]
    speed : (link,) float64
        Of an empty link. [m s⁻¹]
    capacity : (link,) float64
        Of all its lanes, never more than its speed and its jam density let pass. [s⁻¹]
    jam_density : (link,) float64
        Of all its lanes. [m⁻¹]
    allowed : (link,) int64
        Bits of modes.
    passing : (link,) bool
        Whether the fast overtake the slow: bikes ride beside the cars, or there is more than one lane.
    cycle, green, offset : (link,) float64
        Signal at its end, 0 where there is none. [s]
    link_area : (link,) int64
    node_area : (node,) int64
    nodes : int
    node_capacity : (node,) float64
        Infinite where nothing bounds it. [s⁻¹]
    turns, changes, demand, service, legs, crossings : Table
    closures : Closures
    grid : tuple of int or None
        Rows and columns of the ground, where crossings are given.
    slowed : int
        Links whose capacity was more than their speed lets pass.
    """

    names: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    length: np.ndarray
    speed: np.ndarray
    capacity: np.ndarray
    jam_density: np.ndarray
    allowed: np.ndarray
    passing: np.ndarray
    cycle: np.ndarray
    green: np.ndarray
    offset: np.ndarray
    link_area: np.ndarray
    node_area: np.ndarray
    nodes: int
    node_capacity: np.ndarray
    turns: Table
    changes: Table
    demand: Table
    service: Table
    legs: Table
    crossings: Table
    closures: Closures
    grid: xr.Dataset | None
    slowed: int

    @property
    def links(self) -> int:
        """How many links there are."""
        return int(self.tail.size)

    @classmethod
    def of(cls, layers: xr.Dataset) -> "Inputs":
        """Read the layers.

        Raises
        ------
        LayerError
            Names the link or the row of demand that does not fit, what was expected and the remedy.
        """
        links = layers.sizes["link"]
        names = layers["link"].values.astype(str) if "link" in layers.coords else np.arange(links).astype(str)
        read = _Reader(layers, names)
        tail, head = read.whole("link_start_node"), read.whole("link_end_node")
        if links == 0:
            raise LayerError("traffic: there is no link; import streets with --streets")
        read.refuse("link_start_node", tail < 0, "a number of a node, from 0")
        read.refuse("link_end_node", head < 0, "a number of a node, from 0")
        nodes = max(int(max(tail.max(), head.max())) + 1, layers.sizes.get("node", 0))
        speed, length = read.number("free_speed"), read.number("street_length")
        read.refuse("free_speed", ~(speed > 0), "more than 0 m/s")
        read.refuse("street_length", ~(length > 0), "more than 0 m")
        lanes = np.maximum(read.number("street_lanes", 1.0), 1.0)
        capacity = read.number("street_capacity") / 3600.0
        read.refuse("street_capacity", ~(capacity > 0), "more than 0 cars an hour; close a street with a closure")
        most = _FULLEST * speed * lanes * DENSEST
        cycle = read.number("signal_cycle", 0.0)
        green = read.number("signal_green", 0.0)
        read.refuse(
            "signal_green", (cycle > 0) & ~((green > 0) & (green <= cycle)), "more than 0 and at most its cycle"
        )
        demand = read.table("demand", "start_node", "end_node", "mode", "trips", "begin", "until")
        _check_demand(demand, nodes)
        closures = read.table("closure", "link", "modes", "begin", "until")
        turns = read.table("turn", "from_link", "to_link", "modes")
        changes = read.table("change", "link", "begin", "until", "speed", "capacity")
        grid = layers[["y", "x"]].coords.to_dataset() if {"x", "y"} <= set(layers.coords) else None
        return cls(
            names, tail.astype(np.int32), head.astype(np.int32), length, speed,
            np.minimum(capacity, most), lanes * DENSEST,
            read.whole("allowed_modes", EVERY_MODE), (read.number("cycle_lane", 0.0) > 0) | (lanes > 1),
            cycle, green, read.number("signal_offset", 0.0),
            read.whole("link_area", -1), read.of_nodes("node_area", nodes, -1).astype(np.int64), nodes,
            read.of_nodes("node_capacity", nodes, np.inf), turns, changes, demand,
            read.table("service", "departure"), read.table("service_leg", "run", "link", "dwell"),
            read.table("crossing", "link", "row", "column", "length"),
            Closures(
                closures.link.astype(np.int64), closures.modes.astype(np.int64), closures.begin, closures.until
            ).checked(links),
            grid, int((capacity > most).sum()),
        )  # fmt: skip


class _Reader:
    """Reads variables of the layers by name."""

    def __init__(self, layers: xr.Dataset, names: np.ndarray) -> None:
        self._layers, self._names = layers, names

    def number(self, name: str, default: float | None = None) -> np.ndarray:
        if name not in self._layers and default is not None:
            return np.full(self._names.size, float(default))
        return np.asarray(self._layers[name].values, np.float64)

    def whole(self, name: str, default: int | None = None) -> np.ndarray:
        if name not in self._layers and default is not None:
            return np.full(self._names.size, default, np.int64)
        return np.asarray(self._layers[name].values, np.int64)

    def of_nodes(self, name: str, nodes: int, default: float) -> np.ndarray:
        found = np.full(nodes, float(default))
        if name in self._layers:
            found[: self._layers.sizes["node"]] = self._layers[name].values
        return found

    def table(self, prefix: str, *names: str) -> Table:
        columns: dict[str, Any] = {}
        for one in names:
            whole = f"{prefix}_{one}"
            columns[one] = np.asarray(self._layers[whole].values) if whole in self._layers else np.zeros(0)
        sizes = {one.size for one in columns.values()}
        if len(sizes) > 1:
            lacking = sorted(f"{prefix}_{one}" for one, values in columns.items() if values.size == 0)
            raise LayerError(f"traffic: rows of {prefix} lack {', '.join(lacking)}; give all of their columns")
        return Table(columns)

    def refuse(self, what: str, wrong: np.ndarray, expected: str) -> None:
        if wrong.any():
            link = int(np.flatnonzero(wrong)[0])
            value = float(self._layers[what].values[link])
            raise LayerError(
                f"traffic: {what} of link {self._names[link]} is {value:g}, expected {expected}; "
                f"{int(wrong.sum())} of {self._names.size} links are so"
            )


def _check_demand(demand: Table, nodes: int) -> None:
    def refuse(wrong: np.ndarray, words: str) -> None:
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise LayerError(
                f"traffic: row {row} of the demand (node {int(demand.start_node[row])} to {int(demand.end_node[row])}) "
                f"{words}; {int(wrong.sum())} of {demand.size} rows are so"
            )

    if not demand.size:
        return
    for ends in (demand.start_node, demand.end_node):
        refuse((ends < 0) | (ends >= nodes), f"names a node that is not there; the streets know 0 to {nodes - 1}")
    refuse((demand.mode < 0) | (demand.mode >= len(MODES)), f"has a mode beyond the {len(MODES)} there are")
    refuse(~(np.isfinite(demand.trips) & (demand.trips >= 0)), "has trips below zero or not finite")
    refuse(~(demand.until > demand.begin), "sets out until a moment that is not after its begin")
    refuse(~(demand.begin >= 0), "sets out before the run")
