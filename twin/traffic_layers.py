"""From a City and what edits do to its streets to the network of traffic: links, nodes, turns, closures, changes."""

import json
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import shapely
import xarray as xr
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from kernels.quantities import attrs
from kernels.traffic.queues_inputs import MODE_NAMES, mode_bits
from twin.bus_lines import services
from twin.city import City, Terrain
from twin.neighbourhoods import neighbourhoods
from twin.rasterise import Grid
from twin.street_access import MODES
from twin.street_classes import class_of, of_classes, street_classes
from twin.street_directions import BUS, MOTOR, Directions, Row, as_modes, directions_of, worked
from twin.street_graph import StreetGraph, graph_of
from twin.street_works import StreetWorks
from twin.traffic_crossings import crossings_of
from twin.traffic_signals import signals

DRIVES = mode_bits("car+van+truck+bus+bike")
"""A direction is a link where one of these may go; pedestrians have a graph of their own."""
STEEPEST = 0.25
"""Slopes beyond this are taken for this: no street of Brussels is steeper, a terrain beside a wall is. [1]"""


def traffic_layers(
    city: City,
    works: StreetWorks | None = None,
    *,
    start: datetime,
    duration_s: float,
    grid: Grid | None = None,
    graph: StreetGraph | None = None,
) -> xr.Dataset:
    """The network that the kernel of traffic reads.

    Parameters
    ----------
    city : City
    works : StreetWorks, optional
        What edits do; their hours are those of the clock of Brussels. Changes of demand are not looked at.
    start : datetime
        Of the run, with its zone.
    duration_s : float
    grid : Grid, optional
        Cells of the ground, for the heat of traffic: gives ``(crossing)``.
    graph : StreetGraph, optional
        `twin.street_graph.graph_of` the city, where it is known.

    Returns
    -------
    xarray.Dataset
        Dimension ``link`` is one direction of a street where something other than pedestrians may go: ``<street>>``
        along its line, ``<street><`` against it; coordinate ``street`` names the street. Lanes that works give to buses
        at all hours are links of their own, ``<street>>>`` and ``<street><<``, behind all others. Nodes are those where
        a link ends. ``street_capacity`` is that
        between crossings: what a signal lets through is its part ``signal_green / signal_cycle``. What always holds is
        in the values of links; hours are rows of ``closure`` and ``street_change``. Attribute ``told`` is JSON: what
        was assumed, left out and found, in words; see `told`.

    Raises
    ------
    CityError
        The city has no streets, or works name one that it does not have.
    """
    graph = graph_of(city) if graph is None else graph
    links = graph.links
    ends = np.column_stack(graph.ends()).astype(np.int64)
    lengths = np.maximum(shapely.length(links.geometry.to_numpy()), 0.01)
    codes = class_of(links["kind"].to_numpy(object))
    mapped, counts = directions_of(graph)
    now, rows, said = worked(mapped, works or StreetWorks(), links.index, lengths, start, duration_s)
    # a street that works close keeps its link: without traffic, but there
    plain = np.nonzero((mapped.modes | now.modes) & DRIVES)
    strips = np.nonzero((now.bus_lanes > 0) & ((now.modes & BUS) != 0))
    street, side = (np.concatenate([one, more]) for one, more in zip(plain, strips, strict=True))
    strip = np.arange(street.size) >= plain[0].size
    number = np.full((*mapped.modes.shape, 2), -1, np.int64)
    number[street, side, strip.astype(int)] = np.arange(street.size)
    # nodes of footpaths alone are nobody's business here
    kept = np.unique(ends[np.unique(street)])
    nodes = graph.nodes.iloc[kept]
    tail, head = np.searchsorted(kept, ends[street, side]), np.searchsorted(kept, ends[street, 1 - side])
    beside = ~strip & (number[street, side, 1] >= 0)  # buses leave the lanes of others where they have their own
    modes = np.where(strip, BUS, now.modes[street, side] & ~np.where(beside, BUS, 0))
    modes &= ~as_modes(nodes["barred"].to_numpy())[tail]
    lanes = np.where(strip, now.bus_lanes[street, side], now.lanes[street, side])
    capacity = _capacity(now, mapped, codes)[street, side]
    capacity[strip] = of_classes("lane_capacity", codes)[street[strip]] * lanes[strip]
    main = of_classes("main", codes)
    area, node_area = neighbourhoods(
        ends[:, 0], ends[:, 1], main, ((mapped.modes & MOTOR) != 0).any(axis=1), len(graph.nodes)
    )
    weight = of_classes("green_weight", codes)[street] * lanes
    large = np.isin(codes, [street_classes()[key].code for key in ("primary", "secondary")])[street]
    plan = signals(
        tail, head, lengths[street], _bearings(links.geometry.to_numpy())[street, side], weight, large,
        (mapped.modes | now.modes)[street, side] & MOTOR != 0, capacity, nodes["signal"].to_numpy(bool),
    )  # fmt: skip
    slope, unknown = _gradients(graph, city.terrain, lengths)
    ends_with = np.array([[">", "<"], [">>", "<<"]])[strip.astype(int), side]
    ids = np.array([f"{name}{end}" for name, end in zip(links.index[street], ends_with, strict=True)], dtype=np.str_)
    values: dict[str, tuple[str, np.ndarray]] = {
        "link_start_node": ("link", tail.astype(np.int32)),
        "link_end_node": ("link", head.astype(np.int32)),
        "street_length": ("link", lengths[street]),
        "free_speed": ("link", now.speed[street, side]),
        "street_capacity": ("link", capacity),
        "street_lanes": ("link", lanes),
        "allowed_modes": ("link", modes.astype(np.int32)),
        "street_class": ("link", codes[street]),
        "street_gradient": ("link", np.where(side == 0, 1.0, -1.0) * slope[street]),
        "cycle_lane": ("link", now.cycle_lane[street, side] & ~strip),
        "signal_cycle": ("link", plan.cycle),
        "signal_green": ("link", plan.green),
        "signal_offset": ("link", plan.offset),
        "link_area": ("link", area[street]),
        "node_x": ("node", shapely.get_x(nodes.geometry.to_numpy())),
        "node_y": ("node", shapely.get_y(nodes.geometry.to_numpy())),
        "node_area": ("node", node_area[kept]),
        **_turns(graph, number),
        **_rows(rows, number),
    }
    if grid is not None:
        above = ~links["below"].to_numpy(bool)
        link, row, column, length = crossings_of(links.geometry.to_numpy(), street, above[street], grid)
        values |= {
            "crossing_link": ("crossing", link), "crossing_row": ("crossing", row),
            "crossing_column": ("crossing", column), "crossing_length": ("crossing", length),
        }  # fmt: skip
    coords: dict[str, Any] = {
        "link": ids,
        "street": ("link", np.array(links.index[street], dtype=np.str_)),
        "node": np.array(nodes.index, dtype=np.str_),
    }
    words = {**graph.counts, **counts, **plan.counts, **said, "links": street.size, "neighbourhoods": area.max() + 1}
    if city.bus_lines is not None:
        shapes = links.geometry.to_numpy()[street].copy()
        shapes[side == 1] = shapely.reverse(shapes[side == 1])
        runs = services(
            city.bus_lines, shapes, tail, head, (modes & mode_bits("bus")) != 0, start=start, duration_s=duration_s
        )
        values |= {
            "service_departure": ("service", runs.departure), "service_leg_run": ("service_leg", runs.leg_run),
            "service_leg_link": ("service_leg", runs.leg_link), "service_leg_dwell": ("service_leg", runs.leg_dwell),
        }  # fmt: skip
        coords["service_line"] = "service", runs.line
        words |= runs.counts
    network = xr.Dataset(
        {name: ((dim,), array, attrs(name)) for name, (dim, array) in values.items()},
        coords=coords,
    )
    network["street_class"].attrs |= {
        "flag_values": [one.code for one in street_classes().values()],
        "flag_meanings": " ".join(street_classes()),
    }
    if unknown:
        words["streets taken as flat"] = unknown
    driven = np.unique(np.concatenate([tail, head], axis=0)[np.tile(modes & mode_bits("car") != 0, 2)])
    cut = driven.size - int(reachable(network).sum())
    if cut:
        words["nodes off the part where cars go round"] = cut
    rounded = {name: round(float(value), 6) for name, value in words.items()}
    return network.assign_attrs(told=json.dumps(rounded, ensure_ascii=False))


def told(network: xr.Dataset) -> dict[str, float]:
    """What was assumed, left out and found when a network was made, in words."""
    return dict(json.loads(network.attrs["told"]))


def reachable(network: xr.Dataset, mode: str = "car") -> np.ndarray:
    """Which nodes lie in the largest part in which a mode gets from everywhere to everywhere.

    Closures by the hour are not looked at.

    Returns
    -------
    (node,) bool
    """
    open_to = (network["allowed_modes"].values >> MODE_NAMES.index(mode) & 1).astype(bool)
    tail, head = (network[name].values[open_to] for name in ("link_start_node", "link_end_node"))
    size = network.sizes["node"]
    touched = np.zeros(size, bool)
    touched[tail] = touched[head] = True
    _, part = connected_components(
        coo_matrix((np.ones(tail.size), (tail, head)), shape=(size, size)), directed=True, connection="strong"
    )
    # whoever no link touches is a part of its own, and never the largest while there is a link
    count = np.bincount(part[touched], minlength=1)
    return touched & (part == int(np.argmax(count)))


def _capacity(now: Directions, mapped: Directions, codes: np.ndarray) -> np.ndarray:
    """Cars that pass between crossings; where only bicycles go, those of a cycle track. (street, 2) [h⁻¹]"""
    ever = (now.modes | mapped.modes) & MOTOR != 0
    lane = np.broadcast_to(of_classes("lane_capacity", codes)[:, None], ever.shape)
    cycle = street_classes()["cycle"].lane_capacity
    return np.where(ever, lane * now.lanes * now.part, cycle)


def _bearings(lines: np.ndarray) -> np.ndarray:
    """Direction in which streets arrive at their ends, along and against their line. (street, 2) [rad]"""
    last, before = (shapely.get_coordinates(shapely.get_point(lines, place)) for place in (-1, -2))
    first, second = (shapely.get_coordinates(shapely.get_point(lines, place)) for place in (0, 1))
    along, against = last - before, first - second
    return np.column_stack([np.arctan2(one[:, 1], one[:, 0]) for one in (along, against)])


def _gradients(graph: StreetGraph, terrain: Terrain | None, lengths: np.ndarray) -> tuple[np.ndarray, int]:
    """Rise over length from start to end (street,) [1], and how many streets have no known ground at their ends."""
    if terrain is None:
        return np.zeros(lengths.size), lengths.size
    lines = graph.links.geometry.to_numpy()
    heights = []
    for place in (0, -1):
        x, y = shapely.get_coordinates(shapely.get_point(lines, place)).T
        heights.append(terrain.sample(x, y))
    slope = np.clip((heights[1] - heights[0]) / lengths, -STEEPEST, STEEPEST)
    unknown = ~np.isfinite(slope)
    return np.where(unknown, 0.0, slope), int(unknown.sum())


def _turns(graph: StreetGraph, number: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    """Barred turns between links, with the modes each binds."""
    row = {name: place for place, name in enumerate(graph.links.index)}
    start, end = (graph.links[name].to_numpy(object) for name in ("start", "end"))
    bound: dict[tuple[int, int], int] = defaultdict(int)
    for mode in MODES if len(graph.turns) else ():
        bit = int(as_modes(np.array(1 << MODES.index(mode))))
        for arriving, via, leaving in graph.banned_turns(mode):
            one, other = row[arriving], row[leaving]
            into = [link for d in (0, 1) if (end, start)[d][one] == via for link in number[one, d]]
            out = [link for d in (0, 1) if (start, end)[d][other] == via for link in number[other, d]]
            for here in into:
                for there in out:
                    if here >= 0 and there >= 0:
                        bound[int(here), int(there)] |= bit
    pairs = sorted(bound)
    return {
        "turn_from_link": ("turn", np.array([here for here, _ in pairs], np.int32)),
        "turn_to_link": ("turn", np.array([there for _, there in pairs], np.int32)),
        "turn_modes": ("turn", np.array([bound[pair] for pair in pairs], np.int32)),
    }


def _rows(rows: list[Row], number: np.ndarray) -> dict[str, tuple[str, np.ndarray]]:
    """Closures and changes by the hour, by link and begin."""
    found = [(int(number[row.street, row.side, 0]), row) for row in rows]
    for row in rows:  # a lane of buses is closed to them and slowed with the street
        own = replace(row, modes=row.modes & BUS, capacity=1.0)
        if own.modes or np.isfinite(own.speed):
            found.append((int(number[row.street, row.side, 1]), own))
    found.sort(key=lambda one: (one[0], one[1].begin))
    shut = [(link, row) for link, row in found if link >= 0 and row.modes]
    moved = [(link, row) for link, row in found if link >= 0 and not row.modes]

    def column(pairs: list[tuple[int, Row]], name: str) -> np.ndarray:
        return np.array([getattr(row, name) for _, row in pairs], np.int32 if name == "modes" else np.float64)

    def places(pairs: list[tuple[int, Row]]) -> np.ndarray:
        return np.array([link for link, _ in pairs], np.int32)

    values: dict[str, Any] = {
        "closure_link": ("closure", places(shut)),
        "change_link": ("street_change", places(moved)),
    }
    for name in ("modes", "begin", "until"):
        values[f"closure_{name}"] = "closure", column(shut, name)
    for name in ("begin", "until", "speed", "capacity"):
        values[f"change_{name}"] = "street_change", column(moved, name)
    return values
