"""Whole trees of shortest paths down a hierarchy, eight origins at a time: the links by which each node is reached."""

import numpy as np
from numba import njit

from kernels.traffic.hierarchy_sweep import enter, sweep
from kernels.traffic.shortest_paths import grow_tree

_LANES = 8  # constants of a loop live in its own file: Numba's cache on disk does not see those of others
_ROUNDING = 1e-13  # by which sums over shortcuts may differ from sums from the origin on, as a part [1]


@njit(nogil=True, cache=True)
def grow_side_by_side(first, last, source, hierarchy, weights, room, tree):
    """Grow the trees of some sources, all of one class.

    Parameters
    ----------
    first, last : int
        Trees to grow, the last one excluded.
    source : (tree,) int32
        Node where each begins.
    hierarchy : kernels.traffic.hierarchy.Hierarchy
    weights : kernels.traffic.hierarchy.Weights
    room : kernels.traffic.hierarchy_sweep.Room
    tree : (tree, node) int32
        Written: last link of the path to each node, -1 at the source and where none leads; as
        `kernels.traffic.shortest_paths.grow_trees` writes it, but that of links at equal costs it may be another.
    """
    row_of, into = hierarchy.row_of, hierarchy.into
    nodes, ranks = row_of.size, room.touched.size
    passable = row_of < ranks
    cost, key = np.empty(nodes), np.empty(nodes)
    heap, place_in_heap = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    for begin in range(first, last, _LANES):
        lanes = min(_LANES, last - begin)
        sweep(source[begin : begin + lanes], hierarchy, weights, room)
        enter(hierarchy, weights, room)
        for lane in range(lanes):
            one = source[begin + lane]
            if _join_ties(lane, row_of[one], hierarchy, weights, room):
                for node in range(nodes):
                    place = np.int64(room.entry[row_of[node] * _LANES + lane])
                    tree[begin + lane, node] = into[place] if place >= 0 else -1
            else:
                grow_tree(
                    one, hierarchy.start, hierarchy.head, weights.cost, passable, cost, tree[begin + lane], key, heap,
                    place_in_heap,
                )  # fmt: skip


@njit(nogil=True, cache=True)
def _join_ties(lane, source, hierarchy, weights, room):
    """Give nodes behind links of no cost the entry that `enter` dared not give; whether all that are reached have one.

    Such a node takes its cheapest link from a node that has an entry by now and is no farther. Costs never rise on the
    way back, and where they stay, a node that has an entry leads only to such as had theirs before: so no ring is made.
    Where rounding leaves a node no such link that is as cheap as the cheapest, the tree is to be grown otherwise.
    """
    begin, into_row, into_cost = hierarchy.into_start, hierarchy.into_row, weights.into_cost
    distance, entry = room.distance, room.entry
    left, size = np.empty(64, np.int64), 0
    for row in range(room.touched.size):
        if entry[row * _LANES + lane] < 0.0 and distance[row * _LANES + lane] < np.inf and row != source:
            if size == left.size:
                more = np.empty(2 * size, np.int64)
                more[:size] = left
                left = more
            left[size] = row
            size += 1
    changed = True
    while size > 0 and changed:
        changed, still = False, 0
        for spot in range(size):
            row = left[spot]
            best, least, by = np.inf, np.inf, -1
            for place in range(begin[row], begin[row + 1]):
                other = into_row[place] * _LANES + lane
                way = distance[other] + into_cost[place]
                least = min(least, way)
                known = into_row[place] == source or entry[other] >= 0.0
                if way < best and known and distance[other] <= distance[row * _LANES + lane]:
                    best, by = way, place
            if by >= 0 and best <= (1.0 + _ROUNDING) * least:
                entry[row * _LANES + lane] = by
                changed = True
            else:
                left[still] = row
                still += 1
        size = still
    return size == 0
