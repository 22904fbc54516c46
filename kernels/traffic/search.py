"""How an assignment looks for shorter paths: by a tree from each origin, or by sweeps down a hierarchy."""

from typing import Protocol

import numpy as np

from kernels.crew import Crew
from kernels.traffic.demand import Rows
from kernels.traffic.hierarchy_lanes import LANES
from kernels.traffic.hierarchy_paths import search
from kernels.traffic.hierarchy_sweep import Room
from kernels.traffic.network import Network
from kernels.traffic.paths import Pool
from kernels.traffic.shortest_paths import grow_trees

PARTS = 4
"""Of the trees of an assignment: each sees the streets as those before it left them."""
_SMALL = 400_000  # trees times nodes below which a second thread costs more than it brings, and a hierarchy too


class Search(Protocol):
    """Looks for the shortest path of each row of some trees."""

    shortest: np.ndarray

    def look(self, first: int, last: int, pool: Pool, cost: np.ndarray) -> tuple[float, float]:
        """Weigh the paths of some trees' rows against the shortest, and add that one to the pool where it is new.

        Parameters
        ----------
        first, last : int
            Trees to look at, the last one excluded.
        pool : Pool
            Gains paths; they are empty but where a row had none.
        cost : (kind, link) float64
            Of each link, in the order of tails. [unit of time]

        Returns
        -------
        excess, total : float
            Cost above what it would be if all took the shortest path at these costs, a sum without a negative term,
            and the total cost. [vehicles times unit of time]
        """


def search_of(network: Network, rows: Rows, fixed: np.ndarray, threads: int | None, hierarchy: bool | None) -> Search:
    """The search that is faster.

    Parameters
    ----------
    network : Network
    rows : Rows
    fixed : (kind, link) float64
        The part of the cost that does not depend on flow, links in the order of tails. [unit of time]
    threads : int or None
    hierarchy : bool or None
        Whether to use a hierarchy; where it pays, if None.
    """
    small = rows.source.size * network.nodes < _SMALL
    crew = Crew(1 if small else threads)
    if hierarchy is None:
        # a part of the trees is grown at a time, class by class
        share = rows.source.size // (PARTS * max(np.unique(rows.tree_kind).size, 1))
        hierarchy = not small and network.hierarchy.pays(share)
    return Sweeps(network, rows, fixed, crew) if hierarchy else Trees(network, rows, fixed, crew)


class Trees:
    """Dijkstra's trees, one from each origin."""

    def __init__(self, network: Network, rows: Rows, fixed: np.ndarray, crew: Crew) -> None:
        self._network, self._rows, self._fixed, self._crew = network, rows, fixed, crew
        self._tail, self._head = network.tail[network.order], network.head[network.order]
        self._tree = np.empty((rows.source.size, network.nodes), np.int32)
        self.shortest = np.full(rows.trips.size, np.inf)

    def look(self, first: int, last: int, pool: Pool, cost: np.ndarray) -> tuple[float, float]:
        """See `Search`."""
        rows, network = self._rows, self._network

        def work(one: int, end: int) -> None:
            grow_trees(
                first + one, first + end, rows.source, rows.tree_kind, rows.row_start, rows.destination, network.start,
                self._head, cost, network.passable, self._tree, self.shortest,
            )  # fmt: skip

        self._crew.share_out(last - first, work, small=False)
        return pool.extend(
            slice(int(rows.row_start[first]), int(rows.row_start[last])), rows.kind, rows.trips, rows.tree_of,
            rows.destination, self._tail, self._tree, cost, self._fixed, self.shortest,
        )  # fmt: skip


class Sweeps:
    """Sweeps down a hierarchy, eight origins at a time; paths are laid out in links only where they are new."""

    def __init__(self, network: Network, rows: Rows, fixed: np.ndarray, crew: Crew) -> None:
        self._hierarchy, self._rows, self._crew = network.hierarchy, rows, crew
        self._fixed = [one if one.any() else one[:0] for one in fixed]
        self.shortest = np.full(rows.trips.size, np.inf)

    def look(self, first: int, last: int, pool: Pool, cost: np.ndarray) -> tuple[float, float]:
        """See `Search`."""
        rows, hierarchy, batches = self._rows, self._hierarchy, list[tuple[int, int, int]]()
        kinds = np.unique(rows.tree_kind[first:last]).tolist()
        for kind in kinds:  # trees are sorted by class
            begin, end = (first + np.searchsorted(rows.tree_kind[first:last], [kind, kind + 1])).tolist()
            batches += [(kind, one, min(one + LANES, end)) for one in range(begin, end, LANES)]
        weights = {kind: hierarchy.weights(cost[kind]) for kind in kinds}
        known = (pool.first, pool.after, pool.begin, pool.places, pool.flow)
        sums = np.zeros((len(batches), 2))
        found = list[tuple[np.ndarray, ...]]([()]) * len(batches)

        def work(one: int, beyond: int) -> None:
            room = Room.of(hierarchy)
            for batch in range(one, beyond):
                kind, begin, end = batches[batch]
                found[batch] = search(
                    begin, end, rows.source, rows.row_start, rows.destination, hierarchy, weights[kind],
                    self._fixed[kind], known, room, self.shortest, sums[batch],
                )  # fmt: skip

        self._crew.share_out(len(batches), work, small=False)
        for new, ends, links, fixed_costs in found:
            pool.append(new, ends, links, fixed_costs, rows.trips)
        excess, total = sums.sum(axis=0).tolist()
        return excess, total
