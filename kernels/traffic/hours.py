"""The day in slices: a user equilibrium for each, the one after begun from the one before."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from kernels.traffic.demand import Demand, VehicleClass
from kernels.traffic.equilibrium import Equilibrium, assign
from kernels.traffic.inputs import Inputs
from kernels.traffic.network import Network
from kernels.traffic.path_store import PathStore
from kernels.traffic.queues_inputs import MODE_NAMES, MODES
from kernels.traffic.turns import with_turns

CAR, BUS = MODE_NAMES.index("car"), MODE_NAMES.index("bus")
DELAY_FACTOR, DELAY_POWER = 0.15, 4.0
"""Of the volume-delay function: Bureau of Public Roads, Traffic Assignment Manual (1964)."""
_LEFT = 0.1  # of a capacity, at least, whatever buses and changes take


@dataclass(frozen=True)
class Slice:
    """One slice of the day.

    Attributes
    ----------
    begin, until : float
        [s]
    found : Equilibrium
        Of its trips; links beyond those of the streets are turns.
    flow : (mode, link) float64
        Vehicles, buses too. [s⁻¹]
    time : (link,) float64
        Of a car, signals too. [s]
    free : (link,) float64
        Of a car on the empty link, signals too. [s]
    capacity : (link,) float64
        Cars that its end lets go. [s⁻¹]
    row : (some,) int64
        Rows of the demand with trips in it.
    trips : (some,) float64
        Their trips in it.
    place : (some,) int64
        Their rows of ``found``; -1 where no way serves them, -2 where they begin and end at one node.
    """

    begin: float
    until: float
    found: Equilibrium
    flow: np.ndarray
    time: np.ndarray
    free: np.ndarray
    capacity: np.ndarray
    row: np.ndarray
    trips: np.ndarray
    place: np.ndarray

    @property
    def kinds(self) -> tuple[int, ...]:
        """The mode of each class of ``found``: every mode of `MODES`, in its order."""
        return tuple(range(len(MODES)))

    def seconds_and_metres(self, inputs: Inputs) -> tuple[np.ndarray, np.ndarray]:
        """Mean duration [s] and length [m] of the trips of each row of ``found``."""
        paths, links = self.found.paths, inputs.links
        plain = paths.link < links
        length = np.where(plain, inputs.length[np.minimum(paths.link, links - 1)], 0.0)
        of_path = np.add.reduceat(length, paths.begin[:-1]) if paths.flow.size else np.zeros(0)
        rows = paths.rows()
        total = np.bincount(rows, paths.flow, minlength=self.found.rows.trips.size)
        metres = np.bincount(rows, paths.flow * of_path, minlength=total.size) / np.maximum(total, 1e-300)
        return self.found.shortest, metres


def slices_of(
    inputs: Inputs, slice_s: float, *, gap: float, iterations: int, threads: int | None, begin: PathStore | None = None
) -> list[Slice]:
    """Find the equilibrium of every slice with trips.

    Parameters
    ----------
    inputs : Inputs
    slice_s : float
        Length of a slice; closures and changes cut it where they begin and end. [s]
    gap : float
        Relative gap to reach. [1]
    iterations : int
        Rounds at most.
    threads : int or None
    begin : PathStore, optional
        Paths that the first slice begins from.

    Returns
    -------
    list of Slice
        One after the other in time.

    Notes
    -----
    Within a slice trips begin and end: queues that outlast it are left to the dynamic model. Bikes take no more room
    than their car equivalents and wait at the same signals; turns that are barred to cars are barred to all. Buses
    take their room from the capacity.
    """
    edges = _edges(inputs, slice_s)
    found: list[Slice] = []
    for first, last in pairwise(edges.tolist()):
        one = _slice(inputs, first, last, gap, iterations, threads, begin)
        if one is not None:
            found.append(one)
            begin = one.found.kept()
    return found


def _edges(inputs: Inputs, slice_s: float) -> np.ndarray:
    demand = inputs.demand
    if not demand.size:
        return np.zeros(1)
    end = float(demand.until.max())
    whole = np.arange(int(np.ceil(end / slice_s)) + 1) * slice_s
    turning = (inputs.closures.begin, inputs.closures.until, inputs.changes.begin, inputs.changes.until)
    cuts = np.concatenate([np.asarray(one, float) for one in turning])
    return np.unique(np.concatenate([whole, cuts[(cuts > 0) & (cuts < whole[-1]) & np.isfinite(cuts)]]))


def holds(begin: np.ndarray, until: np.ndarray, first: float, last: float) -> np.ndarray:
    """Which rows hold for more than half of an interval. (row,) bool"""
    overlap = np.minimum(until, last) - np.maximum(begin, first)
    return overlap > 0.5 * (last - first)


def streets_in(inputs: Inputs, first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Free speed [m s⁻¹] and capacity [s⁻¹] of each link in an interval, with the changes that hold in it."""
    speed, part = inputs.speed.copy(), np.ones(inputs.links)
    changes = inputs.changes
    if changes.size:
        on = holds(changes.begin, changes.until, first, last)
        link = changes.link.astype(np.int64)
        said = on & np.isfinite(changes.speed)
        speed[link[said]] = changes.speed[said]
        np.multiply.at(part, link[on], changes.capacity[on])
    return speed, np.maximum(part, _LEFT) * inputs.capacity


def service_flow(inputs: Inputs, first: float, last: float) -> np.ndarray:
    """Buses that begin their run in an interval, on each link of it. (link,) float64 [s⁻¹]"""
    if not inputs.service.size:
        return np.zeros(inputs.links)
    run = inputs.legs.run.astype(np.int64)
    departs = inputs.service.departure[run]
    on = (departs >= first) & (departs < last)
    return np.bincount(inputs.legs.link[on].astype(np.int64), minlength=inputs.links) / (last - first)


def _slice(
    inputs: Inputs, first: float, last: float, gap: float, iterations: int, threads: int | None, begin: PathStore | None
) -> Slice | None:
    demand, span = inputs.demand, last - first
    overlap = np.maximum(np.minimum(demand.until, last) - np.maximum(demand.begin, first), 0.0)
    trips = demand.trips * overlap / (demand.until - demand.begin)
    row = np.flatnonzero(trips > 0)
    if not row.size:
        return None
    speed, capacity = streets_in(inputs, first, last)
    red = np.where(inputs.cycle > 0, inputs.cycle - inputs.green, 0.0)
    share = np.where(inputs.cycle > 0, inputs.green / np.where(inputs.cycle > 0, inputs.cycle, 1.0), 1.0)
    # the first term of Webster (1958) at no flow: who arrives at any moment of the cycle waits for the rest of the red
    waits = np.where(inputs.cycle > 0, 0.5 * red * red / np.where(inputs.cycle > 0, inputs.cycle, 1.0), 0.0)
    buses = service_flow(inputs, first, last)
    ends = np.maximum(capacity * share - MODES[BUS].pce * buses, _LEFT * capacity * share)
    free = inputs.length / speed
    plain = Network.of(
        inputs.tail, inputs.head, free_flow_time=free, capacity=ends * span, delay_factor=DELAY_FACTOR,
        delay_power=DELAY_POWER, length=inputs.length, node_id=np.arange(inputs.nodes),
    )  # fmt: skip
    bound = inputs.turns.size and (inputs.turns.modes.astype(np.int64) >> CAR & 1).astype(bool)
    turned = None
    network = plain
    if inputs.turns.size and np.any(bound):
        pairs = np.unique(
            np.stack([inputs.turns.from_link[bound], inputs.turns.to_link[bound]]).astype(np.int64), axis=1
        )
        turned = with_turns(plain, pairs[0], pairs[1], np.full(pairs.shape[1], np.inf))
        network = turned.network
    classes = []
    for mode, words in enumerate(MODES):
        closed = np.zeros(inputs.links, bool)
        rows = inputs.closures
        if rows.link.size:
            barred = holds(rows.begin, rows.until, first, last) & (rows.modes >> mode & 1).astype(bool)
            closed[rows.link[barred]] = True
        closed |= (inputs.allowed >> mode & 1) == 0
        fixed = inputs.length / np.minimum(speed, words.speed) - free + waits
        if turned is not None:
            fixed, closed = turned.spread(fixed), turned.spread(closed, False)
        classes.append(VehicleClass(words.name, words.pce, np.maximum(fixed, 0.0), closed))
    origin, destination = demand.start_node[row].astype(np.int64), demand.end_node[row].astype(np.int64)
    mode = demand.mode[row].astype(np.int64)
    found = assign(
        network, Demand(origin, destination, trips[row], mode, tuple(classes)), gap=gap, iterations=iterations,
        begin=begin, threads=threads,
    )  # fmt: skip
    flow = found.class_flow[:, : inputs.links] / np.array([one.pce for one in MODES])[:, None] / span
    flow[BUS] += buses
    return Slice(
        first, last, found, flow, found.time[: inputs.links] + waits, free + waits, ends, row, trips[row],
        _places(found, origin, destination, mode),
    )  # fmt: skip


def _places(found: Equilibrium, origin: np.ndarray, destination: np.ndarray, mode: np.ndarray) -> np.ndarray:
    """Rows of an equilibrium by origin, destination and mode; -1 where unserved, -2 within one node."""
    rows, nodes = found.rows, np.int64(found.network.nodes)

    def key(kind: Sequence[int], one: Sequence[int], other: Sequence[int]) -> np.ndarray:
        return (np.asarray(kind, np.int64) * nodes + np.asarray(one)) * nodes + np.asarray(other)

    known = key(rows.kind, rows.origin, rows.destination)  # sorted: rows are
    wanted = key(mode, origin, destination)
    if not known.size:
        return np.where(origin == destination, -2, -1)
    place = np.minimum(np.searchsorted(known, wanted), known.size - 1)
    return np.where(origin == destination, -2, np.where(known[place] == wanted, place, -1))
