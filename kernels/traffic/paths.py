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


@njit(nogil=True, cache=True)
def weigh(first, begin, link, flow, kind, cost, shortest, path_cost):
    """Set the cost of every path, and say how far all are from the shortest.

    Parameters
    ----------
    first, begin, link, flow
        Of `Paths`.
    kind : (row,) int32
        Class of each row.
    cost : (kind, link) float64
        [unit of time]
    shortest : (row,) float64
        Least cost of each row, infinite where there is no path. [unit of time]
    path_cost : (path,) float64
        Written. The sum runs from the origin on, as that of the tree does, so that equal paths cost equally much.

    Returns
    -------
    excess, total : float
        Cost above what it would be if all took the shortest path at these costs, a sum without a negative term;
        total cost. [vehicles times unit of time]
    """
    excess, total = 0.0, 0.0
    for row in range(first.size - 1):
        costs = cost[kind[row]]
        for path in range(first[row], first[row + 1]):
            along = 0.0
            for place in range(begin[path], begin[path + 1]):
                along += costs[link[place]]
            path_cost[path] = along
            total += flow[path] * along
            excess += flow[path] * max(along - shortest[row], 0.0)
    return excess, total


@njit(nogil=True, cache=True)
def gather(first, begin, link, flow, path_cost, trips, tree_of, target, tail, tree, shortest):
    """Keep the paths that have flow, and add the shortest one of each row where it is new.

    A row without any path puts all its trips on the shortest; a row that no path reaches stays empty.

    Parameters
    ----------
    first, begin, link, flow
        Of `Paths`.
    path_cost : (path,) float64
        Of `weigh`.
    trips, tree_of, target : (row,)
        Vehicles [1], tree that reaches the row, and node to reach.
    tail : (link,) int32
        Where each link begins.
    tree : (tree, node) int32
        Last link of the path to each node.
    shortest : (row,) float64
        Least cost of each row. [unit of time]

    Returns
    -------
    first, begin, link, flow
        Of the new `Paths`.
    """
    rows = first.size - 1
    added = np.zeros(rows, np.int32)
    paths, places = 0, 0
    for row in range(rows):
        best, kept = np.inf, 0
        for path in range(first[row], first[row + 1]):
            if flow[path] > 0.0:
                kept += 1
                places += begin[path + 1] - begin[path]
                best = min(best, path_cost[path])
        if shortest[row] < np.inf and (kept == 0 or best - shortest[row] > _NEW * best):
            kept += 1
            entry = tree[tree_of[row]]
            into = entry[target[row]]
            while into >= 0:
                added[row] += 1
                into = entry[tail[into]]
            places += added[row]
        paths += kept
    new_first, new_begin = np.empty(rows + 1, np.int64), np.empty(paths + 1, np.int64)
    new_link, new_flow = np.empty(places, np.int32), np.empty(paths)
    at, place = 0, 0
    new_first[0], new_begin[0] = 0, 0
    for row in range(rows):
        alone = True
        for path in range(first[row], first[row + 1]):
            if flow[path] > 0.0:
                alone = False
                for old in range(begin[path], begin[path + 1]):
                    new_link[place] = link[old]
                    place += 1
                new_flow[at] = flow[path]
                at += 1
                new_begin[at] = place
        if added[row]:
            place += added[row]
            spot = place
            entry = tree[tree_of[row]]
            into = entry[target[row]]
            while into >= 0:
                spot -= 1
                new_link[spot] = into
                into = entry[tail[into]]
            new_flow[at] = trips[row] if alone else 0.0
            at += 1
            new_begin[at] = place
        new_first[row + 1] = at
    return new_first, new_begin, new_link, new_flow


@njit(nogil=True, cache=True)
def load(first, begin, link, flow, kind, link_flow):
    """Add up the flows of all paths, class by class.

    Parameters
    ----------
    first, begin, link, flow
        Of `Paths`.
    kind : (row,) int32
        Class of each row.
    link_flow : (kind, link) float64
        Written: flow in units of cars. [1]
    """
    link_flow[:] = 0.0
    for row in range(first.size - 1):
        flows = link_flow[kind[row]]
        for path in range(first[row], first[row + 1]):
            for place in range(begin[path], begin[path + 1]):
                flows[link[place]] += flow[path]


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
