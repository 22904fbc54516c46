"""Quickest ways through streets whose travel times change while one drives, and what given ways take."""

import numpy as np
from numba import njit

from kernels.traffic.queues_links import barred
from kernels.traffic.shortest_paths import rise, sink

_SETTLED = -2
_AT_ONCE = 1e-9  # whoever reached a node so soon has just set out [s]


@njit(nogil=True, cache=True, inline="always")
def value_at(values, begin, interval, time):
    """A value between the middles of intervals, straight from one to the next; beyond the first and last as there.

    Parameters
    ----------
    values : (interval,) float
        Means over intervals from ``begin`` on. [any]
    begin, interval, time : float
        [s]
    """
    place = (time - begin) / interval - 0.5
    if place <= 0.0:
        return values[0]
    before = int(place)
    if before >= values.size - 1:
        return values[values.size - 1]
    part = place - before
    return (1.0 - part) * values[before] + part * values[before + 1]


@njit(nogil=True, cache=True)
def way_times(first, last, way_begin, way_link, way, kind, mode, set_out, net, time, door, begin, interval, out):
    """How long ways take from a moment on.

    Parameters
    ----------
    first, last : int
        Vehicles to look at, the last excluded.
    way_begin, way_link
        See `kernels.traffic.ways`.
    way, kind, mode : (vehicle,) int
        The way; the row of ``time`` that it goes by; what may not enter where.
    set_out : (vehicle,) float64
        [s]
    net
        See `kernels.traffic.queues_state.StreetArrays`.
    time : (kind, link, interval) float32
        By the interval in which a link is entered. [s]
    door : (link, interval) float32
        Wait to set out on a link. [s]
    begin, interval : float
        [s]
    out : (vehicle,) float64
        Written: infinite where a link is barred when it would be entered. [s]
    """
    for vehicle in range(first, last):
        now = set_out[vehicle]
        leg = way_begin[way[vehicle]]
        now += value_at(door[way_link[leg]], begin, interval, now)
        while leg < way_begin[way[vehicle] + 1]:
            link = way_link[leg]
            if barred(net, link, mode[vehicle], now):
                now = np.inf
                break
            now += value_at(time[kind[vehicle], link], begin, interval, now)
            leg += 1
        out[vehicle] = now - set_out[vehicle]


@njit(nogil=True, cache=True)
def _grow(source, set_out, wanted, graph, mode, times, net, door, begin, interval, room):
    """Dijkstra's search by moments of arrival, right where nobody gains by entering later."""
    start, order, head, shut, closed = graph
    reached, entry, heap_key, heap_node, place, mark = room
    links = net.link.size
    reached[:] = np.inf
    entry[:] = -1
    place[:] = -1
    size = 1
    heap_node[0], heap_key[0], place[source], reached[source] = source, set_out, 0, set_out
    while size > 0:
        node, now = heap_node[0], heap_key[0]
        place[node] = _SETTLED
        size -= 1
        if size > 0:
            sink(heap_key, heap_node, place, size)
        if mark[node]:
            wanted -= 1
            if wanted == 0:
                return
        if closed[node] and node != source:
            continue
        for spot in range(start[node], start[node + 1]):
            link = order[spot]
            to = head[link]
            if place[to] == _SETTLED:
                continue
            found = now
            if link >= links:
                if shut[link - links] >> mode & 1:
                    continue
            else:
                if now < set_out + _AT_ONCE:
                    found += value_at(door[link], begin, interval, now)
                if barred(net, link, mode, found):
                    continue
                found += value_at(times[link], begin, interval, found)
            if found >= reached[to]:
                continue
            reached[to], entry[to] = found, link
            child = place[to]
            if child == -1:
                child = size
                size += 1
            rise(heap_key, heap_node, place, child, found, to)


@njit(nogil=True, cache=True)
def quickest_ways(
    first, last, source, set_out, tree_kind, tree_mode, row_start, target, own, graph, tail, net, time, door, begin,
    interval, shortest,
):  # fmt: skip
    """Quickest ways from some nodes at some moments; those that beat the ways known are written out.

    Parameters
    ----------
    first, last : int
        Trees to grow, the last one excluded.
    source, set_out, tree_kind, tree_mode : (tree,)
        Node [1], moment [s], row of ``time`` and mode of each.
    row_start : (tree + 1,) int64
        Rows of each tree.
    target : (row,) int
        Nodes to reach.
    own : (row,) float64
        Ways are written out where they take less than this. [s]
    graph : tuple
        Start of the links of each place in ``order``, order of the links by tails, heads, mode bits that may not make
        the turns that come after the links, and whether a place is only for those who begin or end there.
    tail : (link and turn,) int32
    net, time, door, begin, interval
        As of `way_times`.
    shortest : (row,) float64
        Written: time of the quickest way, infinite where none leads. [s]

    Returns
    -------
    (row of these trees,) int64
        Links of each way written out; 0 for the others.
    (leg,) int32
    """
    nodes, links = graph[0].size - 1, net.link.size
    mark = np.zeros(nodes, np.bool_)
    room = (
        np.empty(nodes), np.empty(nodes, np.int32), np.empty(nodes), np.empty(nodes, np.int32),
        np.empty(nodes, np.int32), mark,
    )  # fmt: skip
    reached, entry = room[0], room[1]
    legs = np.zeros(row_start[last] - row_start[first], np.int64)
    found, used = np.empty(1024, np.int32), 0
    for tree in range(first, last):
        wanted = 0
        for row in range(row_start[tree], row_start[tree + 1]):
            if not mark[target[row]]:
                mark[target[row]] = True
                wanted += 1
        _grow(
            source[tree], set_out[tree], wanted, graph, tree_mode[tree], time[tree_kind[tree]], net, door, begin,
            interval, room,
        )  # fmt: skip
        for row in range(row_start[tree], row_start[tree + 1]):
            mark[target[row]] = False
            shortest[row] = reached[target[row]] - set_out[tree]
            if not shortest[row] < own[row]:
                continue
            many, node = 0, target[row]
            while node != source[tree]:
                many += entry[node] < links
                node = tail[entry[node]]
            if used + many > found.size:
                longer = np.empty(2 * (used + many), np.int32)
                longer[:used] = found[:used]
                found = longer
            legs[row - row_start[first]] = many
            used += many
            spot, node = used, target[row]
            while node != source[tree]:
                if entry[node] < links:
                    spot -= 1
                    found[spot] = entry[node]
                node = tail[entry[node]]
    return legs, found[:used]
