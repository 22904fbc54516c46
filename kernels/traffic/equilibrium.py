"""Static user equilibrium: nobody can save time by another path; found on paths, and found again after an edit."""

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from kernels.contract import KernelError, LayerError
from kernels.traffic.demand import Demand, Rows, rows_of
from kernels.traffic.network import Network
from kernels.traffic.newton import settle
from kernels.traffic.path_store import PathStore
from kernels.traffic.paths import Paths, Pool
from kernels.traffic.search import PARTS, search_of
from kernels.traffic.volume_delay import fill_times, time_integral

_SWEEPS = 40
_SWEEPS_OF_PART = 3
_KEEP = 1.5  # times the paths of the last clearing: then empty ones go; until then they may be wanted again
_NEARLY = 15.0  # times the gap to reach, seen on the way: a round gains that much, so the exact one is looked for
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
        As seen in each round, on the way; the last one is exact, that of the result. [1]
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
    hierarchy: bool | None = None,
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
        Of the search for paths; no result depends on it. All processors where not given.
    hierarchy : bool, optional
        Whether paths are found down a hierarchy instead of by trees: where that pays, if not given. Costs then agree
        to rounding, and of equally short paths another one may be taken.

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
    In each round shortest paths are looked for part by part of the origins, by trees or down a hierarchy
    (`kernels.traffic.search`); each row's shortest path joins those known so far, among which
    `kernels.traffic.newton.settle` evens out the costs. When the gap seen on the way is near the one to reach, a look
    from all origins at the same costs tells the exact gap of the present flows. Flows of links are added up anew from
    those of the paths in every round, so that no rounding gathers.
    """
    if not gap > 0:
        raise LayerError(f"the gap to reach must be more than zero, got {gap:g}; 1e-6 is fine for flows to 0.1 %")
    run = _Run(network, rows_of(network, demand), _fixed(network, demand, closed), threads, hierarchy)
    run.begin(begin)
    gone = run.take_out_unserved()
    if gone.size:
        run.begin(begin)
    exact = begin is not None  # who begins from a result may be there already; the others surely are not
    excess, total = run.look() if exact else run.look_and_move()
    gaps = [_gap(excess, total)]
    while not exact or (gaps[-1] > gap and len(gaps) <= iterations):
        exact = gaps[-1] <= _NEARLY * gap or len(gaps) >= iterations
        run.even_out(max(_DEEPER * gaps[-1], 0.1 * gap) * total, strides=len(gaps) % 2 == 1)
        if not exact:
            gaps.append(_gap(*run.look_and_move()))
            if gaps[-1] > gap:
                continue
            run.even_out(0.1 * gap * total, strides=False)
            exact = True
        excess, total = run.look()
        gaps.append(_gap(excess, total))
    return run.result(gaps, excess, total, gap, gone)


def _gap(excess: float, total: float) -> float:
    if not np.isfinite(total):
        raise KernelError("the costs of the network are no longer finite; lower the demand, or a delay_power")
    return excess / total if total > 0 else 0.0


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

    def __init__(
        self, network: Network, rows: Rows, fixed: np.ndarray, threads: int | None, hierarchy: bool | None
    ) -> None:
        order = network.order
        self.network, self.rows, self.fixed = network, rows, fixed
        self.how = threads, hierarchy
        self.rank = np.empty_like(order)
        self.rank[order] = np.arange(order.size)
        self.shape = tuple(
            np.ascontiguousarray(getattr(network, name)[order])
            for name in ("free_flow_time", "delay_factor", "capacity", "delay_power")
        )
        self.costs_fixed = np.ascontiguousarray(fixed[:, order])
        self.class_flow = np.zeros_like(self.costs_fixed)
        self.flow, self.time, self.slope = (np.zeros(order.size) for _ in range(3))
        self.mark = np.zeros(order.size, np.int64)
        self._make_room(rows)
        self.fill()

    def _make_room(self, rows: Rows) -> None:
        self.rows = rows
        trees = rows.source.size
        edges = [trees * part // PARTS for part in range(PARTS + 1)]
        self.parts = [
            (first, last, slice(int(rows.row_start[first]), int(rows.row_start[last])))
            for first, last in pairwise(edges)
            if first < last
        ]
        self.pool = Pool(Paths.none(rows.trips.size), rows.kind, self.costs_fixed)
        self.search = search_of(self.network, rows, self.costs_fixed, *self.how)

    def fill(self) -> None:
        """Times, slopes and costs of the present flows."""
        free, factor, capacity, power = self.shape
        fill_times(self.flow, free, factor, capacity, power, self.time, self.slope)
        self.cost = self.time + self.costs_fixed

    def reload(self) -> None:
        """Flows of links from those of paths, and what they cost."""
        self.pool.load(self.rows.kind, self.class_flow)
        np.sum(self.class_flow, axis=0, out=self.flow)
        self.fill()

    def _look(self, first: int, last: int) -> tuple[float, float]:
        return self.search.look(first, last, self.pool, self.cost)

    def _settle(self, rows: slice, sweeps: int, aim: float, strides: bool) -> None:
        pool, count = self.pool, self.pool.count
        settle(
            rows.start, rows.stop, pool.first, pool.after, pool.begin, pool.places, pool.flow[:count], pool.fixed,
            self.flow, self.time, self.slope, *self.shape, self.mark, sweeps, aim, strides,
        )  # fmt: skip

    def look(self) -> tuple[float, float]:
        """All origins at the same costs: exact excess and total of the present flows; new paths stay empty."""
        return self._look(0, self.rows.source.size)

    def look_and_move(self) -> tuple[float, float]:
        """Part by part of the origins, trips moved at once, as the next parts see; excess and total on the way."""
        sums = np.zeros(2)
        for first, last, rows in self.parts:
            seen = self._look(first, last)
            sums += seen
            self._settle(rows, _SWEEPS_OF_PART, _DEEPER * seen[0], strides=False)
            np.add(self.time, self.costs_fixed, out=self.cost)
        return float(sums[0]), float(sums[1])

    def even_out(self, aim: float, strides: bool) -> None:
        """Move trips among known paths, drop the empty ones, and add up the flows of links anew."""
        self._settle(slice(0, self.rows.trips.size), _SWEEPS, aim, strides)
        if self.pool.count > _KEEP * self.pool.began:
            self.pool = Pool(self.pool.used(), self.rows.kind, self.costs_fixed)
        self.reload()

    def begin(self, store: PathStore | None) -> None:
        """First paths: those kept, and the shortest for rows without, found part by part of the trees.

        Each part goes by the costs that those before it left.
        """
        if store is not None:
            paths = store.restore(self.network, self.rows, self.fixed)
            paths.link = self.rank[paths.link].astype(np.int32)
            self.pool = Pool(paths, self.rows.kind, self.costs_fixed)
            self.reload()
        for first, last, rows in self.parts:
            if (self.pool.first[rows] < 0).any():
                self._look(first, last)
                self.reload()

    def take_out_unserved(self) -> np.ndarray:
        """Rows that no path serves, by name; the search goes on without them, from the beginning."""
        lost = self.pool.first < 0
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
        paths = self.pool.used()
        paths.link = self.network.order[paths.link].astype(np.int32)
        return Equilibrium(
            self.network, self.rows, paths, self.class_flow[:, self.rank], self.time[self.rank], self.fixed,
            self.search.shortest, gaps[-1], excess, total, tuple(gaps), gaps[-1] <= gap, gone,
        )  # fmt: skip
