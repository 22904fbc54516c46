"""Paths of many rows against the shortest that a sweep finds; a path is laid out in links only where it is new."""

import numpy as np
from numba import njit

from kernels.traffic.hierarchy_sweep import enter, sweep

_LANES = 8  # constants of a loop live in its own file: Numba's cache on disk does not see those of others
_NEW = 1e-14  # a path counts as shorter when it is so by this part: less is rounding [1]
_ROUNDING = 1e-13  # by which sums over shortcuts may differ from sums from the origin on, as a part [1]


@njit(nogil=True, cache=True)
def search(first_tree, last_tree, source, row_start, target, hierarchy, weights, fixed, known, room, shortest, sums):
    """Find the least costs of all rows of up to eight trees, weigh their known paths, and lay out those that are new.

    Parameters
    ----------
    first_tree, last_tree : int
        Trees to look at, the last one excluded; all of one class.
    source, row_start, target
        As of `kernels.traffic.shortest_paths.grow_trees`.
    hierarchy : kernels.traffic.hierarchy.Hierarchy
    weights : kernels.traffic.hierarchy.Weights
    fixed : (link,) or (0,) float64
        The part of the cost of links that does not depend on flow; empty where there is none. [as the weights]
    known : tuple of (row,), (path,), (path + 1,), (place,), (path,)
        ``first``, ``after``, ``begin``, ``places`` and ``flow`` of `kernels.traffic.paths.Pool`.
    room : kernels.traffic.hierarchy_sweep.Room
    shortest : (row,) float64
        Written: least cost, summed from the origin on; infinite where no path leads. [as the weights]
    sums : (2,) float64
        Written: excess and total cost of these rows. [vehicles times cost]

    Returns
    -------
    rows : (new,) int64
        Rows whose shortest path is not among the known ones.
    ends : (new,) int64
        Where each new path ends in ``links``, which holds them one after the other.
    links : (place,) int32
    fixed_costs : (new,) float64
        The part of the cost of each that does not depend on flow. [as the weights]
    """
    first, after, begin, link, flow = known
    cost = weights.cost
    sweep(source[first_tree:last_tree], hierarchy, weights, room)
    entered = False
    rows = row_start[last_tree] - row_start[first_tree]
    new, ends, fixed_costs = np.empty(rows, np.int64), np.empty(rows, np.int64), np.zeros(rows)
    links, back, stack = np.empty(16 * rows + 64, np.int32), np.empty(256, np.int32), np.empty(64, np.int64)
    alongs, flows = np.empty(16), np.empty(16)
    count, size, excess, total = 0, 0, 0.0, 0.0
    for tree in range(first_tree, last_tree):
        lane = tree - first_tree
        for row in range(row_start[tree], row_start[tree + 1]):
            least = _least(target[row], lane, hierarchy, weights, room)
            best, paths = np.inf, 0
            path = first[row]
            while path >= 0:
                along = 0.0  # added from the origin on, so that equal paths cost equally much
                for place in range(begin[path], begin[path + 1]):
                    along += cost[link[place]]
                if paths == alongs.size:
                    alongs, flows = _longer(alongs), _longer(flows)
                alongs[paths], flows[paths] = along, flow[path]
                paths += 1
                total += flow[path] * along
                best = min(best, along)
                path = after[path]
            fresh = 0
            if least < np.inf and (paths == 0 or best - least > _ROUNDING * best):
                if not entered:
                    enter(hierarchy, weights, room)
                    entered = True
                back, many = _trace(source[tree], target[row], lane, hierarchy, room, back)
                if many < 0:
                    back, stack, many = _unpack(target[row], lane, hierarchy, weights, room, back, stack)
                    many = _cut_rings(target[row], back, many, hierarchy.tail, room.seen)
                while links.size < size + many:
                    links = _longer(links)
                fresh, least = many, 0.0
                for spot in range(many):
                    one = back[many - 1 - spot]
                    links[size + spot] = one
                    least += cost[one]
                if paths > 0 and best - least <= _NEW * best:
                    fresh = 0
            least = min(least, best)
            shortest[row] = least
            for path in range(paths):
                excess += flows[path] * max(alongs[path] - least, 0.0)
            if fresh > 0:
                if fixed.size:
                    for place in range(size, size + fresh):
                        fixed_costs[count] += fixed[links[place]]
                size += fresh
                new[count], ends[count] = row, size
                count += 1
    sums[0], sums[1] = excess, total
    return new[:count], ends[:count], links[:size], fixed_costs[:count]


@njit(nogil=True, cache=True)
def _least(target, lane, hierarchy, weights, room):
    """The least cost of a target; of one that is not passable only the link into it is known."""
    row = hierarchy.row_of[target]
    if row < room.touched.size:
        return room.distance[row * _LANES + lane]
    place = np.int64(room.entry[row * _LANES + lane])
    if place < 0:
        return np.inf
    return room.distance[hierarchy.into_row[place] * _LANES + lane] + weights.into_cost[place]


@njit(nogil=True, cache=True)
def _longer(values):
    """Twice the room, the same beginning."""
    more = np.empty(2 * values.size, values.dtype)
    more[: values.size] = values
    return more


@njit(nogil=True, cache=True)
def _trace(source, target, lane, hierarchy, room, back):
    """Go back from a target by the entries; costs fall at each, so it ends.

    Returns
    -------
    back, many
        Links of the path, the last one first: ``back[:many]``, of more room if it needs more. ``many`` is -1 where a
        node has no entry, as behind links of no cost.
    """
    entry, into, into_row = room.entry, hierarchy.into, hierarchy.into_row
    many, row, begin = 0, hierarchy.row_of[target], hierarchy.row_of[source]
    while row != begin:
        place = np.int64(entry[row * _LANES + lane])
        if place < 0:
            return back, -1
        if many == back.size:
            back = _longer(back)
        back[many] = into[place]
        many += 1
        row = into_row[place]
    return back, many


@njit(nogil=True, cache=True)
def _unpack(target, lane, hierarchy, weights, room, back, stack):
    """Go back from a target: by arcs whose sum is the very number that the sweep found, then by those of the climb.

    It goes up and then down in rank, so it ends, whatever the costs.

    Returns
    -------
    back, stack, many
        As of `_trace`; ``stack`` is room to work in.
    """
    first, other, owner, into_row = hierarchy.first, hierarchy.other, hierarchy.owner, hierarchy.into_row
    distance, down, up_by, down_by = room.distance, weights.down, weights.up_by, weights.down_by
    many, node, climbed, ranks = 0, hierarchy.row_of[target], False, room.touched.size
    if node >= ranks:
        place = np.int64(room.entry[node * _LANES + lane])
        back[0], many, node = hierarchy.into[place], 1, into_row[place]
        if node >= ranks:  # from one node that is not passable straight to another
            return back, stack, many
    while True:
        at, by, upward = node * _LANES + lane, -1, False
        if not climbed:
            value = distance[at]
            for arc in range(first[node], first[node + 1]):
                if distance[other[arc] * _LANES + lane] + down[arc] == value:
                    by = arc
                    break
        if by < 0:
            climbed = upward = True
            by = room.came_by[at]
            if by < 0:
                if by < -1:
                    if many == back.size:
                        back = _longer(back)
                    back[many] = -2 - by
                    many += 1
                return back, stack, many
        node = owner[by] if upward else other[by]
        # a shortcut is an arc down to a lower node and one up from it; arcs down are kept as -1 - arc
        stack[0], depth = by if upward else -1 - by, 1
        while depth > 0:
            depth -= 1
            code = stack[depth]
            halves = up_by[code] if code >= 0 else down_by[-1 - code]
            if halves[1] >= 0:
                if depth + 2 > stack.size:
                    stack = _longer(stack)
                stack[depth], stack[depth + 1] = -1 - np.int64(halves[0]), halves[1]
                depth += 2
                continue
            if many == back.size:
                back = _longer(back)
            back[many] = halves[0]
            many += 1


@njit(nogil=True, cache=True)
def _cut_rings(target, back, many, tail, seen):
    """Take the rings out of ``back`` that links of no cost may have left in it; how many links stay.

    ``seen`` needs no beginning: a place that it names counts only if the path has that very node there.
    """
    length = 0
    for spot in range(many):
        node = tail[back[spot]]
        before = seen[node]
        if node == target:
            length = 0
        elif 0 < before <= length and tail[back[before - 1]] == node:
            length = before
        else:
            back[length] = back[spot]
            length += 1
            seen[node] = length
    return length
