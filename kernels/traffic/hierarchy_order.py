"""In which order the nodes of a hierarchy are taken away, and which shortcuts that leaves: both know no costs."""

import numpy as np
from numba import njit


def skeleton(nodes: int, tail: np.ndarray, head: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Order the nodes, and list the arcs and shortcuts of each to those above it.

    Parameters
    ----------
    nodes : int
    tail, head : (link,) int
        Ends of the links; direction, loops and links in parallel do not matter.

    Returns
    -------
    rank : (node,) int32
        Place of each node in the order; the nodes of a subtree of the elimination tree follow each other, the root of
        each subtree last, so that a sweep finds in the cache what it wants.
    first : (node + 1,) int64
        By rank: arcs ``first[v]`` up to ``first[v + 1]`` lead from v to nodes of higher rank.
    other : (arc,) int32
        Those nodes by rank, ascending for each v.

    Notes
    -----
    Taking a node away joins all its neighbours, as in the elimination of a symmetric matrix; the graph with all these
    shortcuts is the hierarchy of Dibbelt, Strasser and Wagner (2016), doi:10.1145/2886843. They order by nested
    dissection; here the node of least degree goes first, George and Liu (1989), doi:10.1137/1031001, the longest
    waiting of equals, which on street networks leaves about as many shortcuts and needs no library.
    """
    straight = tail != head
    low, high = np.minimum(tail, head)[straight], np.maximum(tail, head)[straight]
    pair = np.unique(low.astype(np.int64) * nodes + high)
    ends = np.concatenate((pair // nodes, pair % nodes))
    others = np.concatenate((pair % nodes, pair // nodes)).astype(np.int32)[np.argsort(ends, kind="stable")]
    start = np.concatenate(([0], np.cumsum(np.bincount(ends, minlength=nodes)))).astype(np.int64)
    order, begin, above = _eliminate(start, others)
    rank = _postorder(order, begin, above)
    low = np.repeat(rank[order], np.diff(begin)).astype(np.int64)
    arcs = np.sort(low * nodes + rank[above])
    first = np.concatenate(([0], np.cumsum(np.bincount(low, minlength=nodes)))).astype(np.int64)
    return rank, first, (arcs % nodes).astype(np.int32)


@njit(nogil=True, cache=True)
def _eliminate(start, others):
    """Take away the node of least degree until none is left.

    Parameters
    ----------
    start, others : (node + 1,) int64, (neighbour,) int32
        Neighbours of each node.

    Returns
    -------
    order : (node,) int32
        Nodes as they were taken.
    begin, above : (node + 1,) int64, (arc,) int32
        The neighbours that each had left then, in the order of ``order``.

    Notes
    -----
    The quotient graph of George and Liu (1989): of a clique that a node leaves behind only the list of its members is
    kept, and a clique that lies in a newer one is forgotten. A node keeps no more cliques and neighbours than it had
    neighbours at first, so both lists live in one place of that size: cliques from the left, neighbours from the right.
    """
    nodes = start.size - 1
    list_of, cliques, near = others.copy(), np.zeros(nodes, np.int64), np.zeros(nodes, np.int64)
    degree, left = np.zeros(nodes, np.int64), np.full(nodes, -1, np.int64)
    queue_head, queue_tail = np.full(nodes + 1, -1, np.int64), np.full(nodes + 1, -1, np.int64)
    before, after = np.full(nodes, -1, np.int64), np.full(nodes, -1, np.int64)
    mark, stamp = np.zeros(nodes, np.int64), 0
    order, begin = np.empty(nodes, np.int32), np.zeros(nodes + 1, np.int64)
    above = np.empty(8 * others.size + 16, np.int32)
    for node in range(nodes):
        near[node] = degree[node] = start[node + 1] - start[node]
        _join(node, degree[node], queue_head, queue_tail, before, after)
    least = 0
    for turn in range(nodes):
        while queue_head[least] < 0:
            least += 1
        node = queue_head[least]
        _part(node, least, queue_head, queue_tail, before, after)
        order[turn], left[node] = node, turn
        end = begin[turn]
        if end + nodes > above.size:
            larger = np.empty(2 * above.size + nodes, np.int32)
            larger[:end] = above[:end]
            above = larger
        # all that are joined to it, each once
        stamp += 1
        mark[node] = stamp
        for place in range(start[node], start[node] + cliques[node]):
            clique = left[list_of[place]]
            for member in range(begin[clique], begin[clique + 1]):
                one = above[member]
                if mark[one] != stamp:
                    mark[one] = stamp
                    above[end] = one
                    end += 1
        for place in range(start[node + 1] - near[node], start[node + 1]):
            one = list_of[place]
            if mark[one] != stamp:
                mark[one] = stamp
                above[end] = one
                end += 1
        begin[turn + 1] = end
        # its cliques lie in the new one from now on
        inner = stamp
        stamp += 1
        for place in range(start[node], start[node] + cliques[node]):
            mark[list_of[place]] = stamp
        gone = stamp
        for member in range(begin[turn], end):
            one = above[member]
            kept = start[one]
            for place in range(start[one], start[one] + cliques[one]):
                if mark[list_of[place]] != gone:
                    list_of[kept] = list_of[place]
                    kept += 1
            kept_near = start[one + 1]
            for place in range(start[one + 1] - 1, start[one + 1] - near[one] - 1, -1):
                if mark[list_of[place]] != inner:
                    kept_near -= 1
                    list_of[kept_near] = list_of[place]
            list_of[kept] = node
            cliques[one], near[one] = kept + 1 - start[one], start[one + 1] - kept_near
        for member in range(begin[turn], end):
            one = above[member]
            stamp += 1
            mark[one] = stamp
            count = near[one]
            for place in range(start[one + 1] - near[one], start[one + 1]):
                mark[list_of[place]] = stamp
            for place in range(start[one], start[one] + cliques[one]):
                clique = left[list_of[place]]
                for inside in range(begin[clique], begin[clique + 1]):
                    if mark[above[inside]] != stamp:
                        mark[above[inside]] = stamp
                        count += 1
            if count != degree[one]:
                _part(one, degree[one], queue_head, queue_tail, before, after)
                degree[one] = count
                _join(one, count, queue_head, queue_tail, before, after)
                least = min(least, count)
    return order, begin, above[: begin[nodes]].copy()


@njit(nogil=True, cache=True)
def _join(node, degree, queue_head, queue_tail, before, after):
    """Put a node at the end of the queue of its degree."""
    last = queue_tail[degree]
    before[node], after[node] = last, -1
    queue_tail[degree] = node
    if last < 0:
        queue_head[degree] = node
    else:
        after[last] = node


@njit(nogil=True, cache=True)
def _part(node, degree, queue_head, queue_tail, before, after):
    """Take a node out of the queue of its degree."""
    if before[node] < 0:
        queue_head[degree] = after[node]
    else:
        after[before[node]] = after[node]
    if after[node] < 0:
        queue_tail[degree] = before[node]
    else:
        before[after[node]] = before[node]


@njit(nogil=True, cache=True)
def _postorder(order, begin, above):
    """Rank so that each subtree of the elimination tree is one run of numbers; the shortcuts stay the same ones.

    Parameters
    ----------
    order, begin, above
        Of `_eliminate`.

    Returns
    -------
    (node,) int32
    """
    nodes = order.size
    turn, size = np.empty(nodes, np.int64), np.ones(nodes, np.int64)
    turn[order] = np.arange(nodes)
    parent = np.full(nodes, -1, np.int64)  # by turns
    for one in range(nodes):
        for place in range(begin[one], begin[one + 1]):
            higher = turn[above[place]]
            if parent[one] < 0 or higher < parent[one]:
                parent[one] = higher
        if parent[one] >= 0:
            size[parent[one]] += size[one]
    rank, free, roots = np.empty(nodes, np.int32), np.zeros(nodes, np.int64), 0
    for one in range(nodes - 1, -1, -1):
        if parent[one] < 0:
            begins, roots = roots, roots + size[one]
        else:
            begins = free[parent[one]]
            free[parent[one]] += size[one]
        free[one] = begins
        rank[order[one]] = begins + size[one] - 1
    return rank
