"""Paths in use, row by row of the demand: how they are gathered from trees, weighed, and turned into link flows."""

from dataclasses import dataclass

import numpy as np
from numba import njit

_NEW = 1e-14
"""A path counts as shorter when it is so by this part: less is rounding. [1]"""


@dataclass
class Paths:
    """The paths of all rows, one after the other.

    Attributes
    ----------
    first : (row + 1,) int64
        Paths ``first[r]`` up to ``first[r + 1]`` serve row r.
    begin : (path + 1,) int64
        Where each path begins in ``link``.
    link : (place,) int32
        Links of all paths, each from its origin on.
    flow : (path,) float64
        In units of cars. [1]
    """

    first: np.ndarray
    begin: np.ndarray
    link: np.ndarray
    flow: np.ndarray

    @classmethod
    def none(cls, rows: int) -> "Paths":
        """No path for any row."""
        return cls(np.zeros(rows + 1, np.int64), np.zeros(1, np.int64), np.zeros(0, np.int32), np.zeros(0))

    def rows(self) -> np.ndarray:
        """The row of each path. (path,) int64"""
        return np.repeat(np.arange(self.first.size - 1), np.diff(self.first))


class Pool:
    """Paths while a search goes on: new ones are put at the end, those of a row are chained.

    Attributes
    ----------
    first : (row,) int32
        First path of each row, -1 for none.
    after : (room,) int32
        Next path of the same row, -1 at the end.
    begin : (room + 1,) int64
        Path p holds ``link[begin[p]]`` up to ``link[begin[p + 1]]``.
    link : (room,) int32
    flow, fixed : (room,) float64
        Flow in units of cars [1], and the part of the cost that does not depend on flow. [unit of time]
    count : int
        Paths in the pool, also those without flow.
    began : int
        Paths at the beginning, at least one a row.
    """

    def __init__(self, paths: Paths, kind: np.ndarray, fixed: np.ndarray) -> None:
        rows, self.count = paths.first.size - 1, paths.flow.size
        self.began = max(self.count, rows)
        some = np.diff(paths.first) > 0
        self.first = np.where(some, paths.first[:-1], -1).astype(np.int32)
        self.after = np.arange(1, self.count + 1, dtype=np.int32)
        self.after[paths.first[1:][some] - 1] = -1
        self.begin, self.link, self.flow = paths.begin, paths.link, paths.flow
        self.fixed = np.zeros(self.count)
        if fixed.any():
            fixed_of_paths(paths.first, paths.begin, paths.link, kind, fixed, self.fixed)
        self._grow(rows // 2 + 16, 8 * rows + 4096)

    def _grow(self, paths: int, places: int) -> None:
        def longer(values: np.ndarray, more: int) -> np.ndarray:
            return np.concatenate((values, np.zeros(more, values.dtype)))

        self.after, self.flow, self.fixed = (longer(one, paths) for one in (self.after, self.flow, self.fixed))
        self.begin, self.link = longer(self.begin, paths), longer(self.link, places)

    def extend(self, rows: slice, kind, trips, tree_of, target, tail, tree, cost, fixed, shortest):
        """Add the shortest path of each row where it is new; the arguments are those of the loop ``extend``.

        Returns
        -------
        excess, total : float
            See there.
        """
        sums = np.zeros(2)
        row = rows.start
        while True:
            row, self.count = extend(
                row, rows.stop, self.first, self.after, self.begin, self.link, self.flow, self.fixed, self.count, kind,
                trips, tree_of, target, tail, tree, cost, fixed, shortest, sums,
            )  # fmt: skip
            if row == rows.stop:
                return float(sums[0]), float(sums[1])
            self._grow(self.flow.size // 2, self.link.size // 2 + tail.size)

    def append(self, rows, ends, links, fixed, trips) -> None:
        """Add paths found elsewhere; one of a row without any takes all its trips.

        Parameters
        ----------
        rows, ends, links : (new,), (new,), (place,) int
            The row of each, where each ends in ``links``, and the links.
        fixed : (new,) float64
            The part of the cost of each that does not depend on flow. [unit of time]
        trips : (row,) float64
            [1]
        """
        if self.count + rows.size > self.flow.size or self.begin[self.count] + links.size > self.link.size:
            self._grow(self.flow.size // 2 + rows.size, self.link.size // 2 + links.size)
        begin, first = self.begin[self.count], self.count
        self.link[begin : begin + links.size] = links
        self.begin[first + 1 : first + rows.size + 1] = begin + ends
        self.count = count = first + rows.size
        self.fixed[first:count] = fixed
        self.flow[first:count] = np.where(self.first[rows] < 0, trips[rows], 0.0)
        self.after[first:count] = self.first[rows]  # a row comes once
        self.first[rows] = np.arange(first, count)

    @property
    def places(self) -> np.ndarray:
        """``link`` as unsigned numbers: a loop then spares a look for negative places, a third of its time. uint32"""
        return self.link.view(np.uint32)

    def load(self, kind: np.ndarray, link_flow: np.ndarray) -> None:
        """Set the flow of all links, class by class, from those of paths. (kind, link) float64, written [1]"""
        load(self.first, self.after, self.begin, self.places, self.flow, kind, link_flow)

    def used(self) -> Paths:
        """The paths that have flow, in the order of rows."""
        return Paths(*compact(self.first, self.after, self.begin, self.link, self.flow))


@njit(nogil=True, cache=True)
def extend(
    row, last, first, after, begin, link, flow, path_fixed, count, kind, trips, tree_of, target, tail, tree, cost,
    fixed, shortest, sums,
):  # fmt: skip
    """Weigh the paths of some rows against the shortest, and add that one where it is new.

    A row without any path puts all its trips on the shortest; a row that no path reaches stays as it is.

    Parameters
    ----------
    row, last : int
        Rows to look at, the last one excluded.
    first, after, begin, link, flow, path_fixed, count
        Of `Pool`; change in place.
    kind, trips, tree_of, target : (row,)
        Class, vehicles [1], tree that reaches the row, and node to reach.
    tail : (link,) int32
        Where each link begins.
    tree : (tree, node) int32
        Last link of the path to each node.
    cost, fixed : (kind, link) float64
        Cost of each link, and the part of it that does not depend on flow. [unit of time]
    shortest : (row,) float64
        Least cost of each row, infinite where there is no path. [unit of time]
    sums : (2,) float64
        Gains the cost above what it would be if all took the shortest path at these costs, a sum without a negative
        term, and the total cost. [vehicles times unit of time]

    Returns
    -------
    row, count : int
        The first row that was not looked at, as there was no room, else ``last``; paths in the pool.
    """
    while row < last:
        costs, least = cost[kind[row]], shortest[row]
        best, excess, total = np.inf, 0.0, 0.0
        path = first[row]
        while path >= 0:
            along = 0.0  # added from the origin on, as in the tree, so that equal paths cost equally much
            for place in range(begin[path], begin[path + 1]):
                along += costs[link[place]]
            total += flow[path] * along
            excess += flow[path] * max(along - least, 0.0)
            best = min(best, along)
            path = after[path]
        if least < np.inf and (first[row] < 0 or best - least > _NEW * best):
            entry = tree[tree_of[row]]
            size = 0
            into = entry[target[row]]
            while into >= 0:
                size += 1
                into = entry[tail[into]]
            if count >= flow.size or begin[count] + size > link.size:
                return row, count
            place = begin[count] + size
            begin[count + 1] = place
            path_fixed[count] = 0.0
            into = entry[target[row]]
            while into >= 0:
                place -= 1
                link[place] = into
                path_fixed[count] += fixed[kind[row], into]
                into = entry[tail[into]]
            flow[count] = trips[row] if first[row] < 0 else 0.0
            after[count] = first[row]
            first[row] = count
            count += 1
        sums[0] += excess
        sums[1] += total
        row += 1
    return row, count


@njit(nogil=True, cache=True)
def compact(first, after, begin, link, flow):
    """The paths that have flow, in the order of rows: arguments of `Pool`, result those of `Paths`."""
    rows = first.size
    paths, places = 0, 0
    for row in range(rows):
        path = first[row]
        while path >= 0:
            if flow[path] > 0.0:
                paths += 1
                places += begin[path + 1] - begin[path]
            path = after[path]
    new_first, new_begin = np.zeros(rows + 1, np.int64), np.zeros(paths + 1, np.int64)
    new_link, new_flow = np.empty(places, np.int32), np.empty(paths)
    at, spot = 0, 0
    for row in range(rows):
        path = first[row]
        while path >= 0:
            if flow[path] > 0.0:
                for place in range(begin[path], begin[path + 1]):
                    new_link[spot] = link[place]
                    spot += 1
                new_flow[at] = flow[path]
                at += 1
                new_begin[at] = spot
            path = after[path]
        new_first[row + 1] = at
    return new_first, new_begin, new_link, new_flow


@njit(nogil=True, cache=True)
def load(first, after, begin, link, flow, kind, link_flow):
    """Add up the flows of all paths, class by class.

    Parameters
    ----------
    first, after, begin, link, flow
        Of `Pool`.
    kind : (row,) int32
        Class of each row.
    link_flow : (kind, link) float64
        Written: flow in units of cars. [1]
    """
    link_flow[:] = 0.0
    for row in range(first.size):
        flows = link_flow[kind[row]]
        path = first[row]
        while path >= 0:
            for place in range(begin[path], begin[path + 1]):
                flows[link[place]] += flow[path]
            path = after[path]


@njit(nogil=True, cache=True)
def fixed_of_paths(first, begin, link, kind, fixed, path_fixed):
    """Set the part of each path's cost that does not depend on flow.

    Parameters
    ----------
    first, begin, link
        Of `Paths`.
    kind : (row,) int32
        Class of each row.
    fixed : (kind, link) float64
        [unit of time]
    path_fixed : (path,) float64
        Written. [unit of time]
    """
    for row in range(first.size - 1):
        costs = fixed[kind[row]]
        for path in range(first[row], first[row + 1]):
            total = 0.0
            for place in range(begin[path], begin[path + 1]):
                total += costs[link[place]]
            path_fixed[path] = total
