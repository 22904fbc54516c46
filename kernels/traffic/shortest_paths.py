"""Shortest paths from one node to all: Dijkstra's search with a heap of four children, and many of them at once."""

import numpy as np
from numba import njit

NONE = np.int32(-1)
_SETTLED = np.int32(-2)


@njit(nogil=True, cache=True)
def grow_tree(source, start, head, cost, passable, distance, entry, heap_key, heap_node, place):
    """Find the least cost from one node to every node.

    Parameters
    ----------
    source : int
        Node where the tree begins.
    start : (node + 1,) int32
        Links ``start[n]`` up to ``start[n + 1]`` leave node n.
    head : (link,) int32
        Node where each link ends.
    cost : (link,) float64
        Of each link, zero or more; infinite closes it. [any]
    passable : (node,) bool
        Whether a path may go on through a node; the source is always left.
    distance : (node,) float64
        Written: least cost, infinite where no path leads. The sum runs from the source on. [as cost]
    entry : (node,) int32
        Written: the last link of the path, -1 at the source and where none leads.
    heap_key, heap_node, place : (node,) float64, int32, int32
        Room to work in.

    Notes
    -----
    Dijkstra (1959), doi:10.1007/BF01386390; heap of d = 4 children with decrease of keys, Johnson (1975),
    doi:10.1016/0020-0190(75)90001-0: it is flatter than a binary one, and four keys share a line of the cache.
    """
    for node in range(distance.size):
        distance[node] = np.inf
        entry[node] = -1
        place[node] = -1
    size = 1
    heap_node[0] = source
    heap_key[0] = 0.0
    place[source] = 0
    distance[source] = 0.0
    while size > 0:
        node, reached = heap_node[0], heap_key[0]
        place[node] = _SETTLED
        size -= 1
        if size > 0:
            sink(heap_key, heap_node, place, size)
        for link in range(start[node], start[node + 1]):
            to = head[link]
            found = reached + cost[link]
            if found >= distance[to]:  # never less for a settled node, as no cost is negative
                continue
            distance[to] = found
            entry[to] = link
            if not passable[to]:  # nothing goes on from there, so it need not wait its turn
                continue
            spot = place[to]
            if spot == -1:
                spot = size
                size += 1
            rise(heap_key, heap_node, place, spot, found, to)


@njit(nogil=True, cache=True, inline="always")
def rise(heap_key, heap_node, place, spot, key, node):
    """Let an entry rise from a spot to where it belongs."""
    while spot > 0:
        above = (spot - 1) >> 2
        if heap_key[above] <= key:
            break
        heap_key[spot] = heap_key[above]
        moved = heap_node[above]
        heap_node[spot] = moved
        place[moved] = spot
        spot = above
    heap_key[spot] = key
    heap_node[spot] = node
    place[node] = spot


@njit(nogil=True, cache=True, inline="always")
def sink(heap_key, heap_node, place, size):
    """Move the last entry to the top and let it sink to where it belongs."""
    key, node, spot = heap_key[size], heap_node[size], 0
    while True:
        child = 4 * spot + 1
        if child >= size:
            break
        least, least_key = child, heap_key[child]
        for other in range(child + 1, min(child + 4, size)):
            if heap_key[other] < least_key:
                least, least_key = other, heap_key[other]
        if least_key >= key:
            break
        moved = heap_node[least]
        heap_key[spot] = least_key
        heap_node[spot] = moved
        place[moved] = spot
        spot = least
    heap_key[spot] = key
    heap_node[spot] = node
    place[node] = spot


@njit(nogil=True, cache=True)
def grow_trees(first, last, source, kind, row_start, target, start, head, cost, passable, tree, shortest):
    """Grow the trees of some sources and read off the costs of their targets.

    Parameters
    ----------
    first, last : int
        Trees to grow, the last one excluded.
    source : (tree,) int32
        Node where each begins.
    kind : (tree,) int32
        Row of ``cost`` that it goes by.
    row_start : (tree + 1,) int64
        Targets ``row_start[t]`` up to ``row_start[t + 1]`` are those of tree t.
    target : (row,) int32
        Nodes to reach.
    start, head, passable
        As of `grow_tree`.
    cost : (kind, link) float64
        Of each link. [any]
    tree : (tree, node) int32
        Written: last link of the path to each node, -1 for none.
    shortest : (row,) float64
        Written: least cost to each target, infinite where no path leads. [as cost]
    """
    nodes = start.size - 1
    distance, heap_key = np.empty(nodes), np.empty(nodes)
    heap_node, place = np.empty(nodes, np.int32), np.empty(nodes, np.int32)
    for one in range(first, last):
        grow_tree(source[one], start, head, cost[kind[one]], passable, distance, tree[one], heap_key, heap_node, place)
        for row in range(row_start[one], row_start[one + 1]):
            shortest[row] = distance[target[row]]
