"""Trips move from dear paths to the cheapest of their row, by Newton's step, until all that are used cost the same."""

from numba import njit

from kernels.traffic.volume_delay import time_slope, travel_time

_BACK = 3
"""Corrections at most of one move that overshot."""


@njit(nogil=True, cache=True)
def settle(
    first, begin, link, flow, path_fixed, link_flow, time, slope, free, factor, capacity, power, mark, sweeps, aim
):  # fmt: skip
    """Even out the costs within each row, sweep by sweep over all rows, links and flows kept up to date.

    Parameters
    ----------
    first, begin, link, flow
        Of `kernels.traffic.paths.Paths`; the flows change in place.
    path_fixed : (path,) float64
        Part of the cost of each path that does not depend on flow. [unit of time]
    link_flow, time, slope : (link,) float64
        Flow in units of cars [1], time, and its slope; change in place.
    free, factor, capacity, power : (link,) float64
        See `kernels.traffic.volume_delay.travel_time`.
    mark : (link,) int64
        Room to work in: zeros before the first call, then left as it is.
    sweeps : int
        At most so many.
    aim : float
        Excess cost of all rows at which to stop. [vehicles times unit of time]

    Returns
    -------
    float
        Excess cost seen in the last sweep, each row before its own moves. [vehicles times unit of time]

    Notes
    -----
    Gradient projection, Jayakrishnan et al. (1994), Transportation Research Record 1443, 75-83: the flow of a path
    is lowered by the difference of cost to the cheapest over the sum of slopes on the links that the two do not
    share, at most to zero. A move that overshoots by more than half is corrected by regula falsi, so that every move
    at least halves the difference or empties the path.
    """
    rows = first.size - 1
    left = 0.0
    ignored = aim / max(rows, 1)
    number = mark.max() if mark.size else 0
    for _ in range(sweeps):
        left = 0.0
        for row in range(rows):
            one, end = first[row], first[row + 1]
            if end - one < 2:
                continue
            best, least, weighted, used = one, 1e300, 0.0, 0.0
            for path in range(one, end):
                along = path_fixed[path]
                for place in range(begin[path], begin[path + 1]):
                    along += time[link[place]]
                weighted += flow[path] * along
                used += flow[path]
                if along < least:
                    best, least = path, along
            excess = weighted - used * least
            left += excess
            if excess <= ignored:
                continue
            for path in range(one, end):
                if path != best and flow[path] > 0.0:
                    number += 2
                    _even_out(
                        path, best, begin, link, flow, path_fixed, link_flow, time, slope, free, factor, capacity,
                        power, mark, number,
                    )  # fmt: skip
        if left <= aim:
            break
    return left


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
    move = flow[path]
    if bend > 0.0:
        move = min(move, apart / bend)
    moved = 0.0
    for turn in range(_BACK + 1):
        step = move - moved
        moved = move
        now = path_fixed[path] - path_fixed[best]
        for place in range(begin[path], begin[path + 1]):
            one = link[place]
            if mark[one] != number + 1:
                link_flow[one] -= step
                time[one] = travel_time(link_flow[one], free[one], factor[one], capacity[one], power[one])
                slope[one] = time_slope(link_flow[one], free[one], factor[one], capacity[one], power[one])
                now += time[one]
        for place in range(begin[best], begin[best + 1]):
            one = link[place]
            if mark[one] == number:
                link_flow[one] += step
                time[one] = travel_time(link_flow[one], free[one], factor[one], capacity[one], power[one])
                slope[one] = time_slope(link_flow[one], free[one], factor[one], capacity[one], power[one])
                now -= time[one]
        if turn == _BACK or now >= -0.5 * apart:
            break
        move = moved * apart / (apart - now)
    flow[path] = max(flow[path] - moved, 0.0)
    flow[best] += moved
