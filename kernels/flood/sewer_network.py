"""A sewer as Dataset to the arrays its loops take: what a network may hold, and what is refused."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.flood.drains_sections import full_areas, slot_widths
from kernels.flood.sewer_words import (
    EGG,
    NODE_KINDS,
    OUTFALL_FREE,
    OUTFALL_LEVEL,
    POND_AREA,
    PUMP_LAWS,
    SHAPES,
    STORAGE,
    TABLES,
    TRAPEZOIDAL,
)


@dataclass(frozen=True)
class Series:
    """Piecewise linear series of some nodes, held at their first and last value.

    Attributes
    ----------
    node : (series,) int64
    start : (series + 1,) int64
        Points of each series.
    time, value : (point,) float64
        [s], unit of the quantity.
    """

    node: np.ndarray
    start: np.ndarray
    time: np.ndarray
    value: np.ndarray

    def at(self, time: float) -> np.ndarray:
        """Values at a time, one for each series."""
        return np.array([np.interp(time, self.time[a:b], self.value[a:b]) for a, b in self._spans()], float)

    def between(self, begin: float, end: float) -> np.ndarray:
        """Exact integrals over a span. [unit s]"""
        return np.array([self._upto(a, b, end) - self._upto(a, b, begin) for a, b in self._spans()], float)

    def _spans(self) -> list[tuple[int, int]]:
        return list(zip(self.start[:-1].tolist(), self.start[1:].tolist(), strict=True))

    def _upto(self, first: int, last: int, time: float) -> float:
        t, v = self.time[first:last], self.value[first:last]
        if time <= t[0]:
            return float(v[0] * (time - t[0]))
        inside = t < time
        upto, values = np.append(t[inside], time), np.append(v[inside], np.interp(time, t, v))
        return float(np.trapezoid(values, upto))


@dataclass(frozen=True)
class Network:
    """The arrays of a sewer, as `kernels.flood.drains.march_drains` takes them, and what the Dataset side keeps.

    Attributes
    ----------
    table : dict of str to ndarray
        Every variable of `TABLES`, defaults filled in, float64.
    nodes, curve, ends, conduits, weirs, orifices, pumps, points : tuple of ndarray
    inflows, levels : Series
    """

    table: dict[str, np.ndarray]
    nodes: tuple[np.ndarray, ...]
    curve: tuple[np.ndarray, ...]
    ends: tuple[np.ndarray, ...]
    conduits: tuple[np.ndarray, ...]
    weirs: tuple[np.ndarray, ...]
    orifices: tuple[np.ndarray, ...]
    pumps: tuple[np.ndarray, ...]
    points: tuple[np.ndarray, ...]
    inflows: Series
    levels: Series

    @property
    def is_outfall(self) -> np.ndarray:
        """(node,) bool."""
        return self.nodes[0] >= OUTFALL_FREE


def read_network(layers: xr.Dataset, has_ground: np.ndarray) -> Network:
    """Check a network and lay out its arrays.

    Parameters
    ----------
    layers : xarray.Dataset
        Holds the variables of `TABLES` along their dimensions.
    has_ground : (node,) bool
        Whether there is an open cell for the node's water to rise onto; elsewhere it ponds above the rim.

    Raises
    ------
    LayerError
        Names the object, what was expected, what came and the remedy.
    """
    table: dict[str, np.ndarray] = {}
    for dim, parts in TABLES.items():
        table |= _read(layers, dim, parts)
    _check(table)

    def whole(*names: str) -> tuple[np.ndarray, ...]:
        return tuple(np.ascontiguousarray(table[name].astype(np.int64)) for name in names)

    def real(*names: str) -> tuple[np.ndarray, ...]:
        return tuple(np.ascontiguousarray(table[name]) for name in names)

    count = table["node_x"].size
    kind, gate = whole("node_kind", "node_gate")
    # nothing comes back where there is no water beyond
    gate = np.where((kind >= OUTFALL_FREE) & (kind < OUTFALL_LEVEL), 1, np.where(kind == OUTFALL_LEVEL, gate, 0))
    pond = np.where(table["node_ponded_area"] > 0, table["node_ponded_area"], POND_AREA)
    nodes = (
        kind, *real("node_invert", "node_area", "node_rim"), np.where(has_ground, 0.0, pond), gate,
    )  # fmt: skip
    storage, curve_start = _grouped(table["storage_node"], count)
    depth, area = table["storage_depth"][storage], table["storage_area"][storage]
    curve = (curve_start, depth, area, _curve_volumes(curve_start, depth, area))
    start, end = whole("conduit_start", "conduit_end")
    order, ends_start = _grouped(np.concatenate([start, end]), count)
    both = np.tile(np.arange(start.size), 2)[order]
    inverts = np.concatenate([table["conduit_start_invert"], table["conduit_end_invert"]])[order]
    shape, flap = whole("conduit_shape", "conduit_gate")
    sizes = real("conduit_height", "conduit_width", "conduit_side_slope")
    conduits = (
        start, end, shape, *sizes, slot_widths(full_areas(shape, *sizes)),
        *real("conduit_length", "conduit_barrels", "conduit_start_invert", "conduit_end_invert", "conduit_roughness"),
        table["conduit_loss"], flap,
    )  # fmt: skip
    weirs = (
        *whole("weir_start", "weir_end"),
        *real("weir_crest", "weir_length", "weir_height", "weir_coefficient"),
        *real("weir_side_slope", "weir_side_coefficient"), *whole("weir_gate"),
    )  # fmt: skip
    orifices = (
        *whole("orifice_start", "orifice_end"),
        *real("orifice_invert", "orifice_height", "orifice_area", "orifice_coefficient"), *whole("orifice_gate"),
    )  # fmt: skip
    pumps = (*whole("pump_start", "pump_end", "pump_law"), *real("pump_on", "pump_off", "pump_capacity"))
    curves, points_start = _grouped(table["curve_pump"], table["pump_start"].size)
    points = (points_start, table["curve_head"][curves], table["curve_flow"][curves])
    return Network(
        table, nodes, curve, (ends_start, both, inverts), conduits, weirs, orifices, pumps, points,
        _series(table, "series_node", "series_time", "series_inflow"),
        _series(table, "level_node", "level_time", "level_elevation"),
    )  # fmt: skip


def _read(layers: xr.Dataset, dim: str, parts: dict[str, float | None]) -> dict[str, np.ndarray]:
    """The variables of one dimension, float64, defaults filled in; all empty where the dimension is not there."""
    given = [name for name in parts if name in layers]
    count = layers.sizes[dim] if given else 0
    found = {}
    for name, default in parts.items():
        if name in layers:
            if layers[name].dims != (dim,):
                raise LayerError(f"sewer: {name!r} must go along ('{dim}',), got {layers[name].dims}")
            found[name] = layers[name].values.astype(float)
        elif default is None and given:
            raise LayerError(
                f"sewer: there is {given[0]!r} but no {name!r}; a network needs "
                f"{', '.join(n for n, value in parts.items() if value is None)} along '{dim}'"
            )
        else:
            found[name] = np.full(count, np.nan if default is None else default)
        if default is None or np.isfinite(default):
            bad = np.flatnonzero(~np.isfinite(found[name])) if name != "node_surcharge_depth" else np.zeros(0)
            if bad.size:
                raise LayerError(f"sewer: {name!r} of {_label(layers, dim, int(bad[0]))} is not a number; give it one")
    return found


def _label(layers: xr.Dataset, dim: str, index: int) -> str:
    name = f" ({layers[dim].values[index]})" if dim in layers.coords else ""
    return f"{dim} {index}{name}"


def _check(table: dict[str, np.ndarray]) -> None:
    """Refuse what the loops could not go on with."""
    count = table["node_x"].size
    if count == 0:
        raise LayerError("sewer: the network has no node; leave it out, or give 'node_invert' and its companions")
    pumps = table["pump_start"].size
    for dim in ("conduit", "weir", "orifice", "pump"):
        for name in (f"{dim}_start", f"{dim}_end"):
            _refuse(name, (table[name] < 0) | (table[name] >= count), table[name], f"0 to {count - 1}, a node")
        _refuse(f"{dim}_end", table[f"{dim}_end"] == table[f"{dim}_start"], table[f"{dim}_end"], "another node")
    for name in ("inlet_node", "storage_node", "series_node", "level_node"):
        _refuse(name, (table[name] < 0) | (table[name] >= count), table[name], f"0 to {count - 1}, a node")
    _refuse("curve_pump", (table["curve_pump"] < 0) | (table["curve_pump"] >= pumps), table["curve_pump"], "a pump")
    for name, words in (("node_kind", NODE_KINDS), ("conduit_shape", SHAPES), ("pump_law", PUMP_LAWS)):
        _refuse(name, ~np.isin(table[name], range(len(words))), table[name], f"0 to {len(words) - 1}: {words}")
    for name in (
        "conduit_length", "conduit_height", "conduit_roughness", "conduit_barrels", "weir_coefficient",
        "weir_height", "orifice_area", "orifice_coefficient",
    ):  # fmt: skip
        _refuse(name, ~(table[name] > 0), table[name], "more than 0")
    kind = table["node_kind"]
    _refuse("node_area", ~(table["node_area"] > 0) & (kind < OUTFALL_FREE), table["node_area"], "more than 0")
    flat = (table["conduit_shape"] < EGG) & (table["conduit_shape"] > 0) & ~(table["conduit_width"] > 0)
    pointed = (table["conduit_shape"] == TRAPEZOIDAL) & (table["conduit_side_slope"] > 0)
    _refuse("conduit_width", flat & ~pointed, table["conduit_width"], "more than 0")
    for name in (
        "node_surcharge_depth", "node_initial_depth", "node_inflow", "storage_depth", "storage_area", "conduit_loss",
        "conduit_side_slope", "weir_length", "weir_side_slope", "weir_side_coefficient", "orifice_height",
        "pump_capacity", "inlet_length", "inlet_area", "series_inflow",
    ):  # fmt: skip
        _refuse(name, table[name] < 0, table[name], "0 or more")
    blocked = table["inlet_blockage"]
    _refuse("inlet_blockage", (blocked < 0) | (blocked > 1), blocked, "0 (clear) to 1 (blocked)")
    _refuse("node_rim", (table["node_rim"] < table["node_invert"]) & (kind < OUTFALL_FREE), table["node_rim"],
            "no lower than its invert")  # fmt: skip
    for name in ("inlet_node", "series_node"):
        to_outfall = kind[table[name].astype(int)] >= OUTFALL_FREE
        _refuse(name, to_outfall, table[name], "no outfall; water given to one would be lost")
    _refuse("storage_node", kind[table["storage_node"].astype(int)] != STORAGE, table["storage_node"], "a storage")
    leveled = np.isin(np.arange(count), table["level_node"])
    unknown = (kind == OUTFALL_LEVEL) & ~leveled & np.isnan(table["node_level"])
    _refuse("node_level", unknown, table["node_level"], "the level of an outfall of that kind, or points of a series")
    _refuse("node_inflow", (table["node_inflow"] > 0) & (kind >= OUTFALL_FREE), table["node_inflow"], "0 at an outfall")
    held = ~np.isnan(table["node_surcharge_depth"])
    _refuse("node_surcharge_depth", ~held, table["node_surcharge_depth"], "a number, infinite for a bolted cover")


def _refuse(name: str, bad: np.ndarray, values: np.ndarray, expected: str) -> None:
    where = np.flatnonzero(bad)
    if where.size:
        first = int(where[0])
        raise LayerError(
            f"sewer: {name!r} of {name.split('_')[0]} {first} must be {expected}, got {values[first]:g} "
            f"({where.size} in all); mend the network"
        )


def _grouped(owner: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Order that sorts entries by their owner, and where each owner's begin."""
    owner = owner.astype(np.int64)
    order = np.argsort(owner, kind="stable")
    return order, np.searchsorted(owner[order], np.arange(count + 1)).astype(np.int64)


def _curve_volumes(start: np.ndarray, depth: np.ndarray, area: np.ndarray) -> np.ndarray:
    """Volume below each point of the storage curves. [m³]"""
    volumes = np.zeros(depth.size)
    for node, (a, b) in enumerate(zip(start[:-1].tolist(), start[1:].tolist(), strict=True)):
        if b == a:
            continue
        if depth[a] != 0 or (np.diff(depth[a:b]) <= 0).any() or area[b - 1] <= 0:
            raise LayerError(
                f"sewer: the curve of storage node {node} must begin at depth 0, rise in depth and end with an area "
                f"above 0, got depths {depth[a:b][:6].tolist()}; sort its points"
            )
        steps = np.diff(depth[a:b]) * 0.5 * (area[a : b - 1] + area[a + 1 : b])
        volumes[a + 1 : b] = np.cumsum(steps)
    return volumes


def _series(table: dict[str, np.ndarray], node: str, time: str, value: str) -> Series:
    order, start = _grouped(table[node], table["node_x"].size)
    owners = np.flatnonzero(np.diff(start) > 0)
    times = table[time][order]
    for one in owners:
        steps = np.diff(times[start[one] : start[one + 1]])
        if (steps <= 0).any():
            raise LayerError(f"sewer: {time!r} of node {one} must rise from point to point; sort them")
    bounds = np.append(start[owners], times.size).astype(np.int64)
    return Series(owners.astype(np.int64), bounds, times, table[value][order])
