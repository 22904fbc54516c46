"""Loops over a graph: the bounded search from many sources, its repair after a change, and who lies in reach."""

import numpy as np
from numba import njit

NONE = np.int32(-(2**31))
"""In ``via``: the node is not reached."""


@njit(nogil=True, cache=True)
def _settle(first, head, cost, limit, per_second, slots, start, best, via, reached, known, waiting, after):
    """Search on from nodes whose times have just been bettered.

    Nodes wait in buckets of equal width on a ring; a node that is bettered again while its bucket is emptied is taken
    again. Every time is a minimum over the same sums along ways, so that it does not depend on the order.

    Parameters
    ----------
    per_second : float
        Buckets in a second. [s⁻¹]
    slots : int
        Buckets of the ring, a power of two, more than the dearest arc spans.
    start : (start,) int32
        With their times in ``best``, sorted by them.
    reached : (node,) int32
        Nodes whose time was infinite are noted behind ``known``, as far as there is room.
    waiting, after : (room,) int32
        Room for those who wait: more than all nodes and the arcs of any one.

    Returns
    -------
    int
        How many are noted.

    Notes
    -----
    Dial (1969), Algorithm 360, doi:10.1145/363269.363610; with buckets wider than the cheapest arc it corrects
    labels inside one, as in Meyer and Sanders (2003), doi:10.1016/S0196-6774(03)00076-2.
    """
    ring, mask = np.full(slots, -1, np.int32), slots - 1
    room = waiting.size
    fresh, live, begun, now = 0, 0, 0, 0
    while True:
        if live == 0:
            if begun == start.size:
                return known
            now = max(now, int(best[start[begun]] * per_second))
            fresh = 0
        while begun < start.size and int(best[start[begun]] * per_second) < now + slots:
            node = start[begun]
            begun += 1
            bucket = int(best[node] * per_second)
            if bucket < now:
                continue
            if fresh == room:
                fresh = live = _tightened(ring, mask, per_second, best, waiting, after)
            waiting[fresh], after[fresh] = node, ring[bucket & mask]
            ring[bucket & mask] = fresh
            fresh += 1
            live += 1
        slot = now & mask
        while ring[slot] >= 0:
            entry = ring[slot]
            node = waiting[entry]
            ring[slot] = after[entry]
            live -= 1
            so_far = best[node]
            if int(so_far * per_second) < now:
                continue  # it was bettered since and has been taken
            if fresh + first[node + 1] - first[node] > room:
                fresh = live = _tightened(ring, mask, per_second, best, waiting, after)
            for arc in range(first[node], first[node + 1]):
                other = head[arc]
                key = so_far + cost[arc]
                if key < best[other] and key <= limit:
                    if known < reached.size and best[other] == np.inf:
                        reached[known] = other
                        known += 1
                    best[other] = key
                    via[other] = node
                    into = int(key * per_second) & mask
                    waiting[fresh], after[fresh] = other, ring[into]
                    ring[into] = fresh
                    fresh += 1
                    live += 1
        now += 1


@njit(nogil=True, cache=True)
def _tightened(ring, mask, per_second, best, waiting, after):
    """Put those who wait at the start of their room, each once, in the bucket of its time; gives their number."""
    kept, where = np.empty(best.size, np.int32), np.empty(best.size, np.int32)
    seen = np.zeros(best.size, np.bool_)
    count = 0
    for slot in range(ring.size):
        entry = ring[slot]
        while entry >= 0:
            node = waiting[entry]
            if not seen[node] and int(best[node] * per_second) & mask == slot:
                seen[node] = True
                kept[count], where[count] = node, slot
                count += 1
            entry = after[entry]
        ring[slot] = -1
    for number in range(count):
        waiting[number], after[number] = kept[number], ring[where[number]]
        ring[where[number]] = number
    return count


@njit(nogil=True, cache=True)
def _in_order(start, best):
    keys = np.empty(start.size)
    for number in range(start.size):
        keys[number] = best[start[number]]
    return start[np.argsort(keys)]


@njit(nogil=True, cache=True)
def _sow(seed_node, seed_cost, limit, best, via, start, count):
    """Put seeds that better their node behind ``count`` of ``start``; a node may stand there twice."""
    for seed in range(seed_node.size):
        node, key = seed_node[seed], seed_cost[seed]
        if key < best[node] and key <= limit:
            best[node] = key
            via[node] = -1 - seed
            start[count] = node
            count += 1
    return count


@njit(nogil=True, cache=True)
def spread(first, head, cost, limit, per_second, slots, seed_node, seed_cost, best, via, waiting, after):
    """Search outward from all seeds of one category at once.

    Parameters
    ----------
    first : (node + 1,) int32
        Arcs of node ``n`` are ``first[n]:first[n + 1]``.
    head : (arc,) int32
    cost : (arc,) float64
        Zero or more; infinite where closed. [s]
    limit : float
        Nodes further than this are not reached. [s]
    per_second : float
        Buckets in a second; their width changes the speed alone. [s⁻¹]
    slots : int
        More buckets than the dearest arc spans, a power of two.
    seed_node : (seed,) int32
    seed_cost : (seed,) float64
        From the source to that node. [s]
    best : (node,) float64
        Infinite on entry; the time of each reached node on leaving. [s]
    via : (node,) int32
        `NONE` on entry; on leaving the node before, or ``-1 - seed``.
    waiting, after : (room,) int32
        Room to work in: more than all nodes and the arcs of any one.
    """
    start = np.empty(seed_node.size, np.int32)
    count = _sow(seed_node, seed_cost, limit, best, via, start, 0)
    order = _in_order(start[:count], best)
    _settle(first, head, cost, limit, per_second, slots, order, best, via, start[:0], 0, waiting, after)


@njit(nogil=True, cache=True)
def repair(first, head, cost, limit, per_second, slots, seed_node, seed_cost, best, via, waiting, after):
    """Make an earlier search right for a graph or for seeds that have changed.

    One pass finds the nodes whose way no longer holds and forgets them with all that were reached through them; a
    second finds the arcs and seeds that now better a node; only from there is searched again.

    Parameters
    ----------
    first, head, cost, limit, per_second, slots, seed_node, seed_cost
        As they are now, see `spread`.
    best, via : (node,) float64, int32
        Of the earlier search on entry, right on leaving.
    waiting, after : (room,) int32
        See `spread`.

    Returns
    -------
    int
        Nodes that were forgotten or bettered before the search began.
    """
    nodes = best.size
    # 0 as the node before it, 1 holds, 2 is lost, 3 a seed to be looked up
    state = np.zeros(nodes, np.int8)
    for node in range(nodes):
        if via[node] < 0 and via[node] != NONE:
            state[node] = 3
    for seed in range(seed_node.size):
        node = seed_node[seed]
        if state[node] == 3 and seed_cost[seed] == best[node]:
            via[node] = -1 - seed
            state[node] = 1
    for node in range(nodes):
        if state[node] == 3 or (best[node] > limit and via[node] != NONE):
            state[node] = 2
        elif via[node] >= 0:
            holds = False
            before = via[node]
            for arc in range(first[before], first[before + 1]):
                if head[arc] == node and best[before] + cost[arc] == best[node]:
                    holds = True
                    break
            if not holds:
                state[node] = 2
    chain = np.empty(nodes, np.int32)
    for one in range(nodes):
        depth, node = 0, np.int32(one)
        while state[node] == 0 and via[node] >= 0:
            chain[depth] = node
            depth += 1
            node = via[node]
        for step in range(depth):
            state[chain[step]] = state[node]
    touched = 0
    for node in range(nodes):
        if state[node] == 2:
            best[node] = np.inf
            via[node] = NONE
            touched += 1
    start, marked = np.empty(nodes + seed_node.size, np.int32), np.zeros(nodes, np.bool_)
    count = _sow(seed_node, seed_cost, limit, best, via, start, 0)
    for number in range(count):
        marked[start[number]] = True
    for node in range(nodes):
        so_far = best[node]
        if so_far == np.inf or marked[node]:
            continue  # what is unreached betters nothing, and a seed is searched from anyway
        for arc in range(first[node], first[node + 1]):
            other = head[arc]
            key = so_far + cost[arc]
            if key < best[other] and key <= limit:
                best[other] = key
                via[other] = node
                if not marked[other]:
                    marked[other] = True
                    start[count] = other
                    count += 1
    order = _in_order(start[:count], best)
    _settle(first, head, cost, limit, per_second, slots, order, best, via, start[:0], 0, waiting, after)
    return touched + count


@njit(nogil=True, cache=True)
def one_by_one(
    first, head, cost, limit, per_second, slots, sources, weight, total, found_node, found_cost, ends, waiting, after
):
    """Search from each source alone: what it reaches, and the weight of it.

    Parameters
    ----------
    first, head, cost, limit, per_second, slots
        See `spread`.
    sources : (source,) int32
    weight : (node,) float64
    total : (source,) float64
        Weight of all nodes in reach, written.
    found_node, found_cost : (room,) int32, float64
        Nodes in reach and their times, source by source, written as far as there is room. [s]
    ends : (source,) int64
        Where the nodes of each source end, written.
    waiting, after : (room,) int32
        See `spread`.

    Returns
    -------
    int
        Room that all would take; more than there is asks for another call.
    """
    nodes = first.size - 1
    best, via = np.full(nodes, np.inf), np.full(nodes, NONE, np.int32)
    reached = np.empty(nodes, np.int32)
    wanted = 0
    for number in range(sources.size):
        best[sources[number]], reached[0] = 0.0, sources[number]
        here = sources[number : number + 1]
        known = _settle(
            first, head, cost, limit, per_second, slots, here, best, via, reached, 1, waiting, after
        )  # fmt: skip
        weighs = 0.0
        for one in range(known):
            node = reached[one]
            weighs += weight[node]
            if wanted < found_node.size:
                found_node[wanted], found_cost[wanted] = node, best[node]
            wanted += 1
            best[node] = np.inf
            via[node] = NONE
        total[number] = weighs
        ends[number] = wanted
    return wanted
