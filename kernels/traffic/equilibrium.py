"""Static user equilibrium: nobody can save time by another path; found on paths, and found again after an edit."""

from dataclasses import dataclass, field

import numpy as np

from kernels.contract import KernelError, LayerError
from kernels.crew import Crew
from kernels.traffic.demand import Demand, Rows, rows_of
from kernels.traffic.network import Network
from kernels.traffic.newton import settle
from kernels.traffic.path_store import PathStore
from kernels.traffic.paths import Paths, fixed_of_paths, gather, load, weigh
from kernels.traffic.shortest_paths import grow_trees
from kernels.traffic.volume_delay import fill_times, time_integral

_PARTS = 4  # of the trees at a cold start: each part sees the streets that those before it filled
_SMALL = 400_000  # trees times nodes below which a second thread costs more than it brings
_SWEEPS = 50
_DEEPER = 0.01  # excess within the known paths at which new ones are looked for, as part of that of the last trees


@dataclass(frozen=True)
class Equilibrium:
    """Flows at which all used paths of a row cost the same, to within ``gap``.

    Attributes
    ----------
    network : Network
    rows : Rows
        The demand that was served.
    paths : Paths
        Of each row, in links of ``network``. Their flows are one of many equally good splits: only the flows of
        links are unique.
    class_flow : (kind, link) float64
        In units of cars. [1]
    time : (link,) float64
        [unit of time of the network]
    fixed_cost : (kind, link) float64
        Toll and distance as time, infinite where barred. [unit of time of the network]
    shortest : (row,) float64
        Least cost. [unit of time of the network]
    gap : float
        Relative gap: excess over total cost, of these very flows. [1]
    excess, total_cost : float
        [vehicles times the unit of time of the network]
    gaps : tuple of float
        After each sweep of trees, the last one that of the result. [1]
    converged : bool
    unserved : (some,) structured array
        ``origin``, ``destination``, ``kind``, ``trips``: rows that no path serves.
    """

    network: Network
    rows: Rows
    paths: Paths
    class_flow: np.ndarray
    time: np.ndarray
    fixed_cost: np.ndarray
    shortest: np.ndarray
    gap: float
    excess: float
    total_cost: float
    gaps: tuple[float, ...]
    converged: bool
    unserved: np.ndarray = field(repr=False)

    @property
    def iterations(self) -> int:
        """Rounds of looking for new paths and evening out."""
        return len(self.gaps) - 1

    @property
    def flow(self) -> np.ndarray:
        """Flow of all classes in units of cars. (link,) float64 [1]"""
        return self.class_flow.sum(axis=0)

    @property
    def cost(self) -> np.ndarray:
        """Time and fixed cost of the first class. (link,) float64 [unit of time of the network]"""
        return self.time + self.fixed_cost[0]

    @property
    def objective(self) -> float:
        """Beckmann's objective, least at the equilibrium. [vehicles times unit of time]"""
        network = self.network
        bent = time_integral(
            self.flow, network.free_flow_time, network.delay_factor, network.capacity, network.delay_power
        )
        return float(bent.sum() + self._paid())

    @property
    def total_time(self) -> float:
        """Time of all trips on the network, without tolls and distance. [vehicles times unit of time]"""
        return float((self.flow * self.time).sum())

    def _paid(self) -> float:
        open_links = np.isfinite(self.fixed_cost)
        return float((self.class_flow[open_links] * self.fixed_cost[open_links]).sum())

    def paths_through(self, link: int) -> np.ndarray:
        """Which paths use a link (select-link analysis): places in ``paths``. (some,) int64"""
        places = np.flatnonzero(self.paths.link == link)
        return np.unique(np.searchsorted(self.paths.begin, places, side="right") - 1)

    def kept(self) -> PathStore:
        """What another run can begin from."""
        return PathStore.of(self.network, self.rows, self.paths)


def assign(
    network: Network,
    demand: Demand,
    *,
    gap: float = 1e-6,
    iterations: int = 1000,
    closed: np.ndarray | None = None,
    begin: PathStore | None = None,
    threads: int | None = None,
) -> Equilibrium:
    """Find the user equilibrium.

    Parameters
    ----------
    network : Network
    demand : Demand
    gap : float
        Relative gap to reach. [1]
    iterations : int
        Rounds at most.
    closed : (link,) bool, optional
        Links closed to all classes.
    begin : PathStore, optional
        Paths of an earlier run, of this network or a like one: those over closed or missing links are dropped, the
        others take the trips of their row in proportion.
    threads : int, optional
        Of the search for trees; no result depends on it. All processors where not given.

    Returns
    -------
    Equilibrium

    Raises
    ------
    LayerError
        The demand or the closures do not fit the network.
    KernelError
        A cost is no longer finite.

    Notes
    -----
    Trees of all origins at the same costs give the exact gap of the present flows and each row's shortest path;
    then `kernels.traffic.newton.settle` evens out the costs among the paths known so far. Flows of links are added
    up anew from those of the paths in every round, so that no rounding gathers.
    """
    if not gap > 0:
        raise LayerError(f"the gap to reach must be more than zero, got {gap:g}; 1e-6 is fine for flows to 0.1 %")
    run = _Run(network, rows_of(network, demand), _fixed(network, demand, closed), threads)
    run.begin(begin)
    excess, total = run.look(0, run.rows.source.size)
    gone = run.take_out_unserved()
    if gone.size:
        run.begin(begin)
        excess, total = run.look(0, run.rows.source.size)
    gaps: list[float] = []
    while True:
        lacking = bool((np.diff(run.paths.first) == 0).any())
        if not np.isfinite(total):
            raise KernelError("the costs of the network are no longer finite; lower the demand, or a delay_power")
        gaps.append(1.0 if lacking else excess / total if total > 0 else 0.0)
        if gaps[-1] <= gap or len(gaps) > iterations:
            break
        run.add_paths()
        run.even_out(max(_DEEPER * gaps[-1], 0.1 * gap) * total, strides=len(gaps) % 2 == 1)
        excess, total = run.look(0, run.rows.source.size)
    return run.result(gaps, excess, total, gap, gone)


def _fixed(network: Network, demand: Demand, closed: np.ndarray | None) -> np.ndarray:
    """Fixed costs by class, infinite where barred or closed. (kind, link) float64"""
    fixed = np.zeros((len(demand.classes), network.links))
    for kind, one in enumerate(demand.classes):
        for name in ("fixed_cost", "barred"):
            value = getattr(one, name)
            if value is not None and np.shape(value) != (network.links,):
                raise LayerError(
                    f"{name} of class {one.name} has shape {np.shape(value)}, expected one for each of "
                    f"{network.links} links"
                )
        if one.fixed_cost is not None:
            fixed[kind] = one.fixed_cost
            bad = ~(np.isfinite(fixed[kind]) & (fixed[kind] >= 0))
            if bad.any():
                link = int(np.flatnonzero(bad)[0])
                raise LayerError(
                    f"fixed_cost of class {one.name} on link {network.name(link)} is {fixed[kind, link]:g}, expected "
                    "zero or more; bar a link with barred"
                )
        if one.barred is not None:
            fixed[kind, np.asarray(one.barred, bool)] = np.inf
    if closed is not None:
        closed = np.asarray(closed)
        if closed.shape != (network.links,) or closed.dtype != bool:
            raise LayerError(
                f"closed must hold True or False for each of {network.links} links, got {closed.dtype} of shape "
                f"{closed.shape}"
            )
        fixed[:, closed] = np.inf
    return fixed


class _Run:
    """The arrays of one search, links sorted by their tails."""

    def __init__(self, network: Network, rows: Rows, fixed: np.ndarray, threads: int | None) -> None:
        order = network.order
        self.network, self.rows, self.fixed = network, rows, fixed
        self.rank = np.empty_like(order)
        self.rank[order] = np.arange(order.size)
        self.tail, self.head = network.tail[order], network.head[order]
        self.shape = tuple(
            np.ascontiguousarray(getattr(network, name)[order])
            for name in ("free_flow_time", "delay_factor", "capacity", "delay_power")
        )
        self.costs_fixed = np.ascontiguousarray(fixed[:, order])
        self.class_flow = np.zeros_like(self.costs_fixed)
        self.flow, self.time, self.slope = (np.zeros(order.size) for _ in range(3))
        self.mark = np.zeros(order.size, np.int64)
        small = rows.source.size * network.nodes < _SMALL
        self.crew = Crew(1 if small else threads)
        self._make_room(rows)
        self.fill()

    def _make_room(self, rows: Rows) -> None:
        self.rows, self.paths = rows, Paths.none(rows.trips.size)
        self.tree = np.empty((rows.source.size, self.network.nodes), np.int32)
        self.shortest = np.full(rows.trips.size, np.inf)
        self.path_cost = np.zeros(0)

    def fill(self) -> None:
        """Times, slopes and costs of the present flows."""
        free, factor, capacity, power = self.shape
        fill_times(self.flow, free, factor, capacity, power, self.time, self.slope)
        self.cost = self.time + self.costs_fixed

    def reload(self) -> None:
        """Flows of links from those of paths, and what they cost."""
        paths = self.paths
        load(paths.first, paths.begin, paths.link, paths.flow, self.rows.kind, self.class_flow)
        np.sum(self.class_flow, axis=0, out=self.flow)
        self.fill()

    def grow(self, first: int, last: int) -> None:
        """Trees of some origins at the present costs."""
        rows = self.rows

        def work(one: int, end: int) -> None:
            grow_trees(
                first + one, first + end, rows.source, rows.tree_kind, rows.row_start, rows.destination,
                self.network.start, self.head, self.cost, self.network.passable, self.tree, self.shortest,
            )  # fmt: skip

        self.crew.share_out(last - first, work, small=False)

    def look(self, first: int, last: int) -> tuple[float, float]:
        """Trees, the cost of every path, and how far all are from the shortest."""
        self.grow(first, last)
        paths, rows = self.paths, self.rows
        self.path_cost = np.empty(paths.flow.size)
        return weigh(
            paths.first, paths.begin, paths.link, paths.flow, rows.kind, self.cost, self.shortest, self.path_cost
        )

    def add_paths(self) -> None:
        """Drop paths without flow, add the shortest of the trees."""
        paths, rows = self.paths, self.rows
        self.paths = Paths(
            *gather(
                paths.first, paths.begin, paths.link, paths.flow, self.path_cost, rows.trips, rows.tree_of,
                rows.destination, self.tail, self.tree, self.shortest,
            )
        )  # fmt: skip

    def even_out(self, aim: float, strides: bool) -> None:
        """Move trips among known paths."""
        self.reload()
        paths = self.paths
        path_fixed = np.zeros(paths.flow.size)
        if self.costs_fixed.any():
            fixed_of_paths(paths.first, paths.begin, paths.link, self.rows.kind, self.costs_fixed, path_fixed)
        settle(
            paths.first, paths.begin, paths.link, paths.flow, path_fixed, self.flow, self.time, self.slope,
            *self.shape, self.mark, _SWEEPS, aim, strides,
        )  # fmt: skip
        self.reload()

    def begin(self, store: PathStore | None) -> None:
        """First paths: those kept, and the shortest for rows without, found part by part of the trees.

        Each part goes by the costs that those before it left.
        """
        if store is not None:
            self.paths = store.restore(self.network, self.rows, self.fixed)
            self.paths.link = self.rank[self.paths.link].astype(np.int32)
            self.reload()
        trees = self.rows.source.size
        for part in range(_PARTS):
            first, last = trees * part // _PARTS, trees * (part + 1) // _PARTS
            rows = slice(self.rows.row_start[first], self.rows.row_start[last])
            if (np.diff(self.paths.first)[rows] == 0).any():
                self.shortest[:] = np.inf  # those of other parts are stale
                self.look(first, last)
                self.add_paths()
                self.reload()

    def take_out_unserved(self) -> np.ndarray:
        """Rows that no path serves, by name; the search goes on without them, from the beginning."""
        lost = ~np.isfinite(self.shortest)
        rows, names = self.rows, self.network.node_id
        kinds = [("origin", names.dtype), ("destination", names.dtype), ("kind", np.int32), ("trips", float)]
        told = np.empty(int(lost.sum()), kinds)
        told["origin"], told["destination"] = names[rows.origin[lost]], names[rows.destination[lost]]
        told["kind"], told["trips"] = rows.kind[lost], rows.trips[lost]
        if told.size:
            self._make_room(rows.only(~lost))
            self.reload()
        return told

    def result(self, gaps: list[float], excess: float, total: float, gap: float, gone: np.ndarray) -> Equilibrium:
        """Everything in the order of the network's links."""
        paths = Paths(
            self.paths.first, self.paths.begin, self.network.order[self.paths.link].astype(np.int32), self.paths.flow
        )
        return Equilibrium(
            self.network, self.rows, paths, self.class_flow[:, self.rank], self.time[self.rank], self.fixed,
            self.shortest, gaps[-1], excess, total, tuple(gaps), gaps[-1] <= gap, gone,
        )  # fmt: skip
