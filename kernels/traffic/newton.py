"""Trips move from dear paths to the cheapest of their row, by Newton's step, until all that are used cost the same."""

from numba import njit

from kernels.traffic.volume_delay import time_slope, travel_time

_TURNS = 20
"""Newton's steps at most for one pair of paths."""
_STRIDE, _STEEP = 7, 3
"""Sweeps between two moves of all rows together, and how many of them pass before the direction is taken."""
_ROOM = 10.0
"""Times the direction that every path of a row must be able to go, for the row to take part. [1]"""
_NOISE = 1e-9
"""Descent, as part of the terms that make it up, below which it may be rounding. [1]"""
_NEAR = 0.2
"""Part of the difference that may be left: the moves of other rows will change it anyway. [1]"""


@njit(nogil=True, cache=True)
def settle(
    from_row, to_row, first, after, begin, link, flow, path_fixed, link_flow, time, slope, free, factor, capacity,
    power, mark, sweeps, aim, strides,
):  # fmt: skip
    """Even out the costs within each row, sweep by sweep over some rows, links and flows kept up to date.

    Parameters
    ----------
    from_row, to_row : int
        Rows to even out, the last one excluded.
    first, after, begin, link, flow, path_fixed
        Of `kernels.traffic.paths.Pool`, cut to its paths; the flows change in place.
    link_flow, time, slope : (link,) float64
        Flow in units of cars [1], time, and its slope; change in place.
    free, factor, capacity, power : (link,) float64
        See `kernels.traffic.volume_delay.travel_time`.
    mark : (link,) int64
        Room to work in: zeros before the first call, then left as it is.
    sweeps : int
        At most so many.
    aim : float
        Excess cost of these rows at which to stop. [vehicles times unit of time]
    strides : bool
        Whether these rows may also move together, see `_stride`.

    Returns
    -------
    float
        Excess cost that is left, all paths at the same costs where ``aim`` is reached. [vehicles times unit of time]

    Notes
    -----
    Gradient projection, Jayakrishnan et al. (1994), Transportation Research Record 1443, 75-83: the flow of a path
    is lowered by the difference of cost to the cheapest over the sum of slopes on the links that the two do not
    share, at most to zero. Where slopes are 0, as on empty links, or change fast, that step goes wrong; it is repeated
    between bounds, with bisection as the way out, until most of the difference is gone or the path is empty.
    """
    left = 0.0
    ignored = aim / max(to_row - from_row, 1)
    number = mark.max() if mark.size else 0
    old_flow, changes = (flow.copy(), link_flow.copy()) if strides else (flow[:0], link_flow[:0])
    for sweep in range(sweeps):
        left = 0.0
        for row in range(from_row, to_row):
            path = first[row]
            if path < 0 or after[path] < 0:
                continue
            best, least, weighted, used = path, 1e300, 0.0, 0.0
            while path >= 0:
                along = path_fixed[path]
                for place in range(begin[path], begin[path + 1]):
                    along += time[link[place]]
                weighted += flow[path] * along
                used += flow[path]
                if along < least:
                    best, least = path, along
                path = after[path]
            excess = weighted - used * least
            left += excess
            if excess <= ignored:
                continue
            path = first[row]
            while path >= 0:
                if path != best and flow[path] > 0.0:
                    number += 2
                    _even_out(
                        path, best, begin, link, flow, path_fixed, link_flow, time, slope, free, factor, capacity,
                        power, mark, number,
                    )  # fmt: skip
                path = after[path]
        # each row saw the moves of those before it; rows that pull in turn show only when all are looked at together
        if left <= aim:
            left = _excess(from_row, to_row, first, after, begin, link, flow, path_fixed, time)
            if left <= aim:
                break
        turn = sweep % _STRIDE
        if strides and turn == _STRIDE - 1 and sweep < sweeps - 2 * _STRIDE:
            _stride(
                from_row, to_row, first, after, begin, link, flow, old_flow, path_fixed, link_flow, time, slope, free,
                factor, capacity, power, changes,
            )  # fmt: skip
        elif strides and turn == _STEEP - 1:  # what is steep has settled, what goes on lies along the valley
            old_flow[:] = flow
    return left


@njit(nogil=True, cache=True)
def _excess(from_row, to_row, first, after, begin, link, flow, path_fixed, time):
    """Cost above what it would be if all took the cheapest known path of their row, at the present costs."""
    excess = 0.0
    for row in range(from_row, to_row):
        path = first[row]
        if path < 0 or after[path] < 0:
            continue
        least, weighted, used = 1e300, 0.0, 0.0
        while path >= 0:
            along = path_fixed[path]
            for place in range(begin[path], begin[path + 1]):
                along += time[link[place]]
            weighted += flow[path] * along
            used += flow[path]
            least = min(least, along)
            path = after[path]
        excess += weighted - used * least
    return excess


@njit(nogil=True, cache=True)
def _stride(
    from_row, to_row, first, after, begin, link, flow, old_flow, path_fixed, link_flow, time, slope, free, factor,
    capacity, power, changes,
):  # fmt: skip
    """Go on in the direction of the last sweeps to where the objective is least, or to where the first path is empty.

    Rows that want the same links in turn only creep along a valley; the direction of several sweeps lies along it. Rows
    in which a path would soon be empty stay where they are.
    """
    changes[:] = 0.0
    most, fixed = 1e4, 0.0
    for row in range(from_row, to_row):
        room = 1e4
        path = first[row]
        while path >= 0:
            change = flow[path] - old_flow[path]
            if change < 0.0:
                room = min(room, -flow[path] / change)
            path = after[path]
        path = first[row]
        while path >= 0:
            change = flow[path] - old_flow[path]
            if room < _ROOM:
                old_flow[path] = flow[path]
            elif change != 0.0:
                most = min(most, room)
                fixed += change * path_fixed[path]
                for place in range(begin[path], begin[path + 1]):
                    changes[link[place]] += change
            path = after[path]
    least, far, go = 0.0, most, 0.0
    for turn in range(2 * _TURNS):
        uphill, bend, size = fixed, 0.0, abs(fixed)
        for one in range(link_flow.size):
            change = changes[one]
            if change != 0.0:
                flow_there = link_flow[one] + go * change
                term = change * travel_time(flow_there, free[one], factor[one], capacity[one], power[one])
                uphill += term
                size += abs(term)
                bend += change * change * time_slope(flow_there, free[one], factor[one], capacity[one], power[one])
        if turn == 0:
            began = uphill
            if began >= -_NOISE * size or most <= 0.0:
                return
        if abs(uphill) <= -_NEAR * began or (uphill < 0.0 and go >= most):
            break
        if uphill < 0.0:
            least = go
        else:
            far = go
        go = go - uphill / bend if bend > 0.0 else most
        if not least < go < far:
            go = most if far >= most and least < most else 0.5 * (least + far)
    for path in range(flow.size):
        flow[path] = max(flow[path] + go * (flow[path] - old_flow[path]), 0.0)
    for one in range(link_flow.size):
        change = changes[one]
        if change != 0.0:
            link_flow[one] += go * change
            time[one] = travel_time(link_flow[one], free[one], factor[one], capacity[one], power[one])
            slope[one] = time_slope(link_flow[one], free[one], factor[one], capacity[one], power[one])


@njit(nogil=True, cache=True)
def _even_out(
    path, best, begin, link, flow, path_fixed, link_flow, time, slope, free, factor, capacity, power, mark, number
):  # fmt: skip
    """Move flow between two paths; links of ``best`` bear the mark ``number``, shared ones ``number + 1``."""
    for place in range(begin[best], begin[best + 1]):
        mark[link[place]] = number
    apart, bend = path_fixed[path] - path_fixed[best], 0.0
    for place in range(begin[path], begin[path + 1]):
        one = link[place]
        if mark[one] == number:
            mark[one] = number + 1
        else:
            apart += time[one]
            bend += slope[one]
    for place in range(begin[best], begin[best + 1]):
        one = link[place]
        if mark[one] == number:
            apart -= time[one]
            bend += slope[one]
    if apart <= 0.0:
        return
    least, most = 0.0, flow[path]  # of what to move
    move = min(most, apart / bend) if bend > 0.0 else most
    moved = 0.0
    for _ in range(_TURNS):
        step = move - moved
        moved = move
        now, bend = path_fixed[path] - path_fixed[best], 0.0
        for place in range(begin[path], begin[path + 1]):
            one = link[place]
            if mark[one] != number + 1:
                link_flow[one] -= step
                time[one] = travel_time(link_flow[one], free[one], factor[one], capacity[one], power[one])
                slope[one] = time_slope(link_flow[one], free[one], factor[one], capacity[one], power[one])
                now += time[one]
                bend += slope[one]
        for place in range(begin[best], begin[best + 1]):
            one = link[place]
            if mark[one] == number:
                link_flow[one] += step
                time[one] = travel_time(link_flow[one], free[one], factor[one], capacity[one], power[one])
                slope[one] = time_slope(link_flow[one], free[one], factor[one], capacity[one], power[one])
                now -= time[one]
                bend += slope[one]
        if abs(now) <= _NEAR * apart or (now > 0.0 and moved >= flow[path]):
            break
        if now > 0.0:
            least = moved
        else:
            most = moved
        move = moved + now / bend if bend > 0.0 else least
        if not least < move < most:
            move = flow[path] if now > 0.0 and most >= flow[path] else 0.5 * (least + most)
    flow[path] = max(flow[path] - moved, 0.0)
    flow[best] += moved
