"""Least costs from eight nodes at once to all others: up the hierarchy one by one, then down it side by side."""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.traffic.hierarchy import Hierarchy
from kernels.traffic.hierarchy_lanes import LANES, find_entry, forget, take_least

_LANES = 8  # constants of a loop live in its own file: Numba's cache on disk does not see those of others


class Room(NamedTuple):
    """What a sweep writes, the eight lanes of each node side by side, and room to work in.

    Attributes
    ----------
    distance : (row * 8,) float64
        Least cost from the source of each lane, infinite where no path leads; nodes that are not passable are infinite
        but for a lane that begins there. [as the weights]
    entry : (row * 8,) float64
        Place in `Hierarchy.into` of the link by which the least cost comes, -1 at the source, where no path leads, and
        where the cost does not truly rise along the link.
    came_by : (rank * 8,) int32
        Where the climb led: the arc by which its least cost came, -1 at the source, ``-2 - link`` for a first link out
        of a source that is not passable. Elsewhere it means nothing.
    touched : (rank,) bool
        Where lanes climbed; False before and after.
    own : (rank,) float64
        Infinite before and after.
    chain : (rank,) int32
    seen : (node,) int64
    """

    distance: np.ndarray
    entry: np.ndarray
    came_by: np.ndarray
    touched: np.ndarray
    own: np.ndarray
    chain: np.ndarray
    seen: np.ndarray

    @classmethod
    def of(cls, hierarchy: Hierarchy) -> "Room":
        """Room for one thread."""
        nodes, ranks = hierarchy.row_of.size, hierarchy.ranks
        return cls(
            _aligned(nodes * LANES), _aligned(nodes * LANES), np.empty(ranks * LANES, np.int32), np.zeros(ranks, bool),
            np.full(ranks, np.inf), np.empty(ranks, np.int32), np.zeros(nodes, np.int64),
        )  # fmt: skip


def _aligned(size: int) -> np.ndarray:
    """Room that begins with a line of the cache, so that the lanes of a node fill one. (size,) float64"""
    room = np.empty(size + LANES)
    begin = -(room.ctypes.data // room.itemsize) % LANES
    return room[begin : begin + size]


@njit(nogil=True, cache=True)
def sweep(sources, hierarchy, weights, room):
    """Find the least costs from some nodes to all.

    Parameters
    ----------
    sources : (at most 8,) int32
        One for each lane.
    hierarchy : kernels.traffic.hierarchy.Hierarchy
    weights : kernels.traffic.hierarchy.Weights
    room : Room
        ``distance`` is written for all nodes, ``entry`` for those that are not passable.

    Notes
    -----
    PHAST, Delling et al. (2013), doi:10.1016/j.jpdc.2012.02.007: arcs lie in the order of the sweep, so that memory
    is read straight on, and what is read once serves all lanes.
    """
    distance, touched = room.distance, room.touched
    first, other, down = hierarchy.first, hierarchy.other, weights.down
    ranks, rows = touched.size, hierarchy.row_of.size
    for row in range(ranks, rows):
        forget(distance, row)
    for lane in range(sources.size):
        _climb(lane, sources[lane], hierarchy, weights, room)
    for node in range(ranks - 1, -1, -1):
        if touched[node]:
            touched[node] = False
        else:
            forget(distance, node)
        take_least(distance, node, other, down, first[node], first[node + 1])
    _find_entries(ranks, rows, hierarchy, weights, room)


@njit(nogil=True, cache=True)
def enter(hierarchy, weights, room):
    """Find the entries of all passable nodes after a `sweep`, whose arguments these are."""
    _find_entries(0, room.touched.size, hierarchy, weights, room)


@njit(nogil=True, cache=True)
def _find_entries(row, last, hierarchy, weights, room):
    begin, into_row, into_cost = hierarchy.into_start, hierarchy.into_row, weights.into_cost
    for one in range(row, last):
        find_entry(room.distance, room.entry, one, into_row, into_cost, begin[one], begin[one + 1])


@njit(nogil=True, cache=True)
def _climb(lane, source, hierarchy, weights, room):
    """Go up from one source: only nodes above it in the elimination tree are met, a few hundred.

    The search of Dibbelt, Strasser and Wagner (2016), doi:10.1145/2886843, section 6, along the elimination tree: no
    queue, as the nodes come by rank.
    """
    row_of, head, first, other, up = hierarchy.row_of, hierarchy.head, hierarchy.first, hierarchy.other, weights.up
    distance, came_by, touched, own, chain = room.distance, room.came_by, room.touched, room.own, room.chain
    ranks, size, row = touched.size, 0, row_of[source]
    if row < ranks:
        own[row] = 0.0
        came_by[row * _LANES + lane] = -1
        size = _line_up(row, first, other, chain, size)
    else:
        distance[row * _LANES + lane] = 0.0
        for link in range(hierarchy.start[source], hierarchy.start[source + 1]):
            node = row_of[head[link]]
            if node < ranks and weights.cost[link] < own[node]:
                own[node] = weights.cost[link]
                came_by[node * _LANES + lane] = -2 - link
                size = _line_up(node, first, other, chain, size)
    for spot in range(size):
        node = chain[spot]
        reached = own[node]
        own[node] = np.inf
        for arc in range(first[node], first[node + 1]):
            # both are written always: a branch here would be guessed wrongly too often
            to, way = np.uint32(other[arc]), reached + up[arc]  # unsigned: spares a look for negative places
            there = np.uint32(to * _LANES + lane)
            before, by = own[to], came_by[there]
            came_by[there] = arc if way < before else by
            own[to] = way if way < before else before
        if not touched[node]:
            touched[node] = True
            forget(distance, node)
        distance[node * _LANES + lane] = reached


@njit(nogil=True, cache=True)
def _line_up(node, first, other, chain, size):
    """Merge a node and all above it into the ascending chain; the new size of the chain."""
    spot = 0
    while True:
        while spot < size and chain[spot] < node:
            spot += 1
        if spot < size and chain[spot] == node:  # the rest of the way is there already
            return size
        for later in range(size, spot, -1):
            chain[later] = chain[later - 1]
        chain[spot] = node
        size += 1
        if first[node] == first[node + 1]:
            return size
        node = other[first[node]]
