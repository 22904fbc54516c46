"""Where a neighbourhood is closed to through traffic: the fewest streets that part the main streets around it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import breadth_first_order, dijkstra, maximum_flow
from shapely.geometry.base import BaseGeometry

from scenarios.neighbourhood import Neighbourhood, neighbourhood_of
from twin.city import City

MOST_VARIABLES = 40_000
"""Larger neighbourhoods keep the cuts found street by street, which may be more than the fewest."""
PATIENCE = 10.0
"""Longest search for the fewest. [s]"""
BESIDE = 6.0
"""A filter stands so far behind the crossing with the main street. [m]"""
_WHOLE = 1 << 20  # capacity of what is never cut [1]


@dataclass(frozen=True)
class Filter:
    """A street that closes.

    Attributes
    ----------
    street : str
        Id of ``city.links``.
    name_fr, name_nl : str
    end : str
        ``start`` or ``end``, where the street meets a street around the neighbourhood; ``middle`` elsewhere.
    x, y : float
        Where its bollard stands. [m]
    """

    street: str
    name_fr: str
    name_nl: str
    end: str
    x: float
    y: float


@dataclass(frozen=True)
class Proposal:
    """Filters of a neighbourhood.

    Attributes
    ----------
    filters : tuple of Filter
        By id of their street. None where no way leads through.
    both_ways : tuple of str
        One-way streets to open both ways: else somebody could no longer come in or go out.
    gates : int
        Crossings through which cars come in or go out.
    boundary_streets : int
        Streets around the neighbourhood that are parted from each other.
    fewest : bool
        Proved: were all streets two-way, fewer would not do.
    """

    filters: tuple[Filter, ...]
    both_ways: tuple[str, ...]
    gates: int
    boundary_streets: int
    fewest: bool


def proposed_filters(city: City, polygon: BaseGeometry, sides: BaseGeometry | None = None) -> Proposal:
    """Streets to close so that no car drives through a neighbourhood, and every address is still reached.

    Through is from one street around it to another; in and out by the same street is not. Gates on a street that is
    straight between them count as one street's. Main streets inside the polygon keep their traffic and part it.

    Parameters
    ----------
    city : City
    polygon : Polygon
        Around the neighbourhood, in Lambert 72.
    sides : Polygon, optional
        Of few corners, around a whole centre: through is from one of its sides to another, by whatever street.

    Raises
    ------
    ScenarioError
        No local street lies inside it, or none of them meets a street outside.

    Notes
    -----
    A multiway cut (Dahlhaus et al. 1994, doi:10.1137/S0097539792225297) of the undirected streets: minimum cuts that
    isolate one boundary street each by maximum flow, whose sum without the dearest is a cut and whose half sum bounds
    it from below; where the two differ, the fewest by a mixed-integer programme. One-way streets then spare filters
    that no way needs, as long as all are still reached; where somebody is not, one-way streets open both ways, which
    a cut of the undirected streets allows for.
    """
    place = neighbourhood_of(city, polygon, sides)
    search = _Search(place)
    cut, proved = search.smallest_cut()
    candidates = []
    for kept in (cut, search.needed(cut)):
        freed = search.opened(kept)
        if not search.leads_through(kept, freed):
            candidates.append((len(kept) + len(freed), len(kept), sorted(kept), sorted(freed)))
    _, _, streets, freed_streets = min(candidates)
    ids = city.links.index
    return Proposal(
        tuple(sorted((_filter(city, place, street) for street in streets), key=lambda one: one.street)),
        tuple(sorted(str(ids[place.streets[street]]) for street in freed_streets)),
        len(place.gates),
        place.boundary_streets,
        proved,
    )


def _filter(city: City, place: Neighbourhood, street: int) -> Filter:
    row = city.links.iloc[place.streets[street]]
    gates = [int(place.ends[street, side]) in place.gates for side in (0, 1)]
    end = "middle" if gates[0] == gates[1] else ("start" if gates[0] else "end")
    length = row.geometry.length
    away = {"start": min(BESIDE, length / 2), "end": max(length - BESIDE, length / 2), "middle": length / 2}[end]
    x, y = shapely.get_coordinates(shapely.line_interpolate_point(row.geometry, away))[0]
    return Filter(str(row.name), str(row["name_fr"]), str(row["name_nl"]), end, float(x), float(y))


class _Search:
    """Cuts of one neighbourhood, and what they leave open."""

    def __init__(self, place: Neighbourhood) -> None:
        self.place = place
        self.count = place.nodes
        self.terminal = np.full(self.count, -1, np.int64)
        for node, street in place.gates.items():
            self.terminal[node] = street
        self.at_gate = (self.terminal[place.ends] >= 0).any(axis=1)

    @cached_property
    def gates_of(self) -> list[np.ndarray]:
        """Nodes of each boundary street."""
        return [np.flatnonzero(self.terminal == one) for one in range(self.place.boundary_streets)]

    def smallest_cut(self) -> tuple[set[int], bool]:
        """Streets that part all boundary streets, and whether fewer are proved not to do."""
        terminals = self.place.boundary_streets
        if terminals < 2:
            return set(), True
        cuts = [self._isolating(one) for one in range(terminals)]
        dearest = max(range(terminals), key=lambda one: len(cuts[one]))
        found = self._needed_undirected(set().union(*(cut for one, cut in enumerate(cuts) if one != dearest)))
        bound = -(-sum(map(len, cuts)) // 2)
        if len(found) <= bound:
            return found, True
        fewer = self._by_programme()
        return (found, False) if fewer is None else (fewer, True)

    def _isolating(self, terminal: int) -> set[int]:
        """The minimum cut between one boundary street and all others, nearest to the one."""
        ends, source, sink = self.place.ends, self.count, self.count + 1
        mine, others = self.gates_of[terminal], np.flatnonzero((self.terminal >= 0) & (self.terminal != terminal))
        tail = np.concatenate([ends[:, 0], ends[:, 1], np.full(mine.size, source), others])
        head = np.concatenate([ends[:, 1], ends[:, 0], mine, np.full(others.size, sink)])
        room = np.concatenate([np.ones(2 * len(ends), np.int32), np.full(mine.size + others.size, _WHOLE, np.int32)])
        capacity = coo_matrix((room, (tail, head)), shape=(self.count + 2,) * 2, dtype=np.int32).tocsr()
        flow = maximum_flow(capacity, source, sink).flow
        left = (capacity - flow).tocsr()
        left.data = (left.data > 0).astype(np.int8)
        left.eliminate_zeros()
        inside = np.zeros(self.count + 2, bool)
        inside[breadth_first_order(left, source, return_predecessors=False)] = True
        return set(np.flatnonzero(inside[ends[:, 0]] != inside[ends[:, 1]]).tolist())

    def _by_programme(self) -> set[int] | None:
        """The fewest streets, preferring those at gates; None where it is too large or takes too long.

        Each node goes to one boundary street, a gate to its own; a street is cut where its ends went to different ones.
        """
        ends, terminals, streets = self.place.ends, self.place.boundary_streets, len(self.place.ends)
        free = np.flatnonzero(self.terminal < 0)
        variables = free.size * terminals + streets
        if variables > MOST_VARIABLES:
            return None
        column = np.full(self.count, -1, np.int64)
        column[free] = np.arange(free.size) * terminals
        entries: list[tuple[int, int, float]] = []
        below: list[float] = []
        for street, (one, other) in enumerate(ends):
            for label in range(terminals):
                for sign in (1.0, -1.0):  # sign (x_one - x_other) <= cut
                    fixed = 0.0
                    for node, factor in ((int(one), sign), (int(other), -sign)):
                        if column[node] >= 0:
                            entries.append((len(below), int(column[node]) + label, factor))
                        else:
                            fixed += factor * float(self.terminal[node] == label)
                    entries.append((len(below), free.size * terminals + street, -1.0))
                    below.append(-fixed)
        rows, columns, values = zip(*entries, strict=True)
        atmost = csr_matrix((values, (rows, columns)), shape=(len(below), variables))
        one_each = csr_matrix(
            (
                np.ones(free.size * terminals),
                (np.repeat(np.arange(free.size), terminals), np.arange(free.size * terminals)),
            ),
            shape=(free.size, variables),
        )
        cost = np.zeros(variables)
        cost[free.size * terminals :] = 1.0 + np.where(self.at_gate, 0.0, 1.0 / (2 * streets))
        limits = [LinearConstraint(atmost, -np.inf, np.array(below))]
        if free.size:
            limits.append(LinearConstraint(one_each, 1.0, 1.0))
        found = milp(
            cost, integrality=np.ones(variables), bounds=Bounds(0.0, 1.0), constraints=limits,
            options={"time_limit": PATIENCE, "mip_rel_gap": 0.0},
        )  # fmt: skip
        if found.status != 0:
            return None
        return set(np.flatnonzero(found.x[free.size * terminals :] > 0.5).tolist())

    def _needed_undirected(self, cut: set[int]) -> set[int]:
        every = set(range(len(self.place.ends)))
        return self._thinned(cut, lambda kept: self.leads_through(kept, every))

    def needed(self, cut: set[int]) -> set[int]:
        """Those of a cut without which cars could drive through, as one-way streets run now."""
        return self._thinned(cut, lambda kept: self.leads_through(kept, set()))

    def _thinned(self, cut: set[int], through: Callable[[set[int]], bool]) -> set[int]:
        kept = set(cut)
        for street in sorted(cut, key=lambda one: (bool(self.at_gate[one]), one)):  # keep those at gates
            if not through(kept - {street}):
                kept.remove(street)
        return kept

    def leads_through(self, cut: Iterable[int], opened: Iterable[int]) -> bool:
        """Whether a car can drive from one boundary street to another."""
        graph = self._graph(cut, opened)
        for mine in self.gates_of:
            there = np.isfinite(dijkstra(graph, unweighted=True, indices=mine, min_only=True))
            if (there & (self.terminal >= 0) & (self.terminal != self.terminal[mine[0]])).any():
                return True
        return False

    def opened(self, cut: set[int]) -> set[int]:
        """One-way streets that have to open both ways for all to come in and go out as they could before."""
        gates = np.flatnonzero(self.terminal >= 0)
        freed: set[int] = set()
        for back in (False, True):
            before = self._graph((), ())
            could = np.isfinite(dijkstra(before.T if back else before, unweighted=True, indices=gates, min_only=True))
            freed |= self._turned(cut, freed, could, gates, back=back)
        return freed

    def _turned(self, cut: set[int], freed: set[int], could: np.ndarray, gates: np.ndarray, *, back: bool) -> set[int]:
        """One-way streets on the ways that use the fewest of them the wrong way."""
        tail, head, street, wrong = self._arcs(cut, set(range(len(self.place.ends))), freed)
        wanted = np.where(wrong, 1.0, 1e-6)
        key = tail * self.count + head
        order = np.lexsort((street, wanted, key))  # of streets side by side, the one that may be used
        order = order[np.unique(key[order], return_index=True)[1]]
        graph = csr_matrix((wanted[order], (tail[order], head[order])), shape=(self.count,) * 2)
        of = dict(
            zip(key[order].tolist(), zip(street[order].tolist(), wrong[order].tolist(), strict=True), strict=True)
        )
        _, before, _ = dijkstra(
            graph.T.tocsr() if back else graph, indices=gates, min_only=True, return_predecessors=True
        )
        found: set[int] = set()
        for node in np.flatnonzero(could & (self.terminal < 0)).tolist():
            while before[node] >= 0:
                last = int(before[node])
                used, is_wrong = of[node * self.count + last if back else last * self.count + node]
                if is_wrong:
                    found.add(used)
                node = last
        return found

    def _arcs(
        self, cut: Iterable[int], opened: Iterable[int], freed: Iterable[int] = ()
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Tail, head and street of what is open, and whether it runs against a one-way street that is not freed."""
        ends = self.place.ends
        whole = np.arange(len(ends))
        shut, open_, free = (np.isin(whole, list(one)) for one in (cut, opened, freed))
        allowed = self.place.allowed
        runs = [np.flatnonzero((allowed[:, side] | open_) & ~shut) for side in (0, 1)]
        wrong = [~(allowed[run, side] | free[run]) for side, run in enumerate(runs)]
        return (
            np.concatenate([ends[runs[0], 0], ends[runs[1], 1]]),
            np.concatenate([ends[runs[0], 1], ends[runs[1], 0]]),
            np.concatenate(runs),
            np.concatenate(wrong),
        )

    def _graph(self, cut: Iterable[int], opened: Iterable[int]) -> csr_matrix:
        tail, head, _, _ = self._arcs(cut, opened)
        return coo_matrix((np.ones(tail.size), (tail, head)), shape=(self.count,) * 2).tocsr()


def street_ids(proposal: Proposal) -> Sequence[str]:
    """Ids of the streets of a proposal's filters."""
    return [one.street for one in proposal.filters]
