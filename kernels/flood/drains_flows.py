"""Discharges of a sewer's conduits, weirs, orifices and pumps over one step, and how long that step may be."""

import math

from numba import njit

from kernels.flood.drains_laws import (
    even_out,
    orifice_discharge,
    pump_discharge,
    weir_discharge,
)
from kernels.flood.drains_sections import critical_depth, is_open, section
from kernels.flood.sewer_words import OUTFALL_FREE, OUTFALL_NORMAL, PUMP_IDEAL
from kernels.flood.shallow_water import GRAVITY

COURANT = 0.6
"""Part of the longest stable step that is taken. [1]"""
NEARLY_FULL = 0.7
"""Filling from which on a closed pipe may be full before the step ends. [1]"""


@njit(nogil=True, error_model="numpy")
def sections(head, conduits, wet, top, radius):
    """Wet area [m²], top width [m] and hydraulic radius [m] of one barrel halfway along each conduit."""
    start, end, shape, height, width, slope, slot = conduits[:7]
    z1, z2 = conduits[9], conduits[10]
    for j in range(start.size):
        y1, y2 = max(head[start[j]] - z1[j], 0.0), max(head[end[j]] - z2[j], 0.0)
        area, over, wetted = section(0.5 * (y1 + y2), shape[j], height[j], width[j], slope[j], slot[j])
        if not is_open(shape[j]) and 0.5 * (y1 + y2) > height[j]:
            # the slot holds water but does not carry any
            area -= slot[j] * (0.5 * (y1 + y2) - height[j])
        wet[j], top[j] = area, over
        radius[j] = area / wetted if wetted > 0.0 else 0.0


@njit(nogil=True, error_model="numpy")
def longest_step(head, nodes, conduits, wet, flow, surface, stiff, tight):
    """Longest step for which the march is stable. [s]

    The march is an oscillator whose highest frequency is at most ``sqrt(2 Σ(gA/L) / S)`` over the conduits that meet a
    node of free surface S (Gershgorin); it is stable up to two over that. A parcel may not outrun a conduit either. A
    pipe that is nearly full counts as full: within the step it may be, and its surface is then the slot's.
    """
    start, end, shape, height, width, slope, slot, length, barrels, z1, z2 = conduits[:11]
    stiff[:] = 0.0
    tight[:] = surface
    fastest = 0.0
    for j in range(start.size):
        area = wet[j] * barrels[j]
        k = GRAVITY * area / length[j]
        stiff[start[j]] += k
        stiff[end[j]] += k
        if area > 0.0:
            fastest = max(fastest, abs(flow[j]) / (area * length[j]))
        if not is_open(shape[j]):
            for n, z in ((start[j], z1[j]), (end[j], z2[j])):
                y = head[n] - z
                if NEARLY_FULL * height[j] < y < height[j]:
                    top = section(y, shape[j], height[j], width[j], slope[j], slot[j])[1]
                    tight[n] -= 0.5 * length[j] * barrels[j] * (top - slot[j])
    worst = 0.0
    for n in range(stiff.size):
        if nodes[0][n] < OUTFALL_FREE:
            worst = max(worst, stiff[n] / max(tight[n], 1e-3))
    return COURANT / (math.sqrt(0.5 * worst) + fastest + 1e-6)


@njit(nogil=True, error_model="numpy")
def _leaving_depth(y_in, y_out, discharge, j, conduits):
    """Depth at the end by which water leaves: critical where the water beyond is lower, or as it came if it shoots."""
    if y_out >= y_in or discharge == 0.0:
        return y_out
    shape, height, width, slope, slot = (
        conduits[2][j], conduits[3][j], conduits[4][j], conduits[5][j], conduits[6][j]
    )  # fmt: skip
    if not is_open(shape) and y_out >= height:
        return y_out
    one = discharge / conduits[8][j]
    area, top, _ = section(y_out, shape, height, width, slope, slot)
    if GRAVITY * area**3 >= one * one * top:
        return y_out
    return max(y_out, min(critical_depth(one, shape, height, width, slope, slot), y_in))


@njit(nogil=True, error_model="numpy")
def push(dt, head, nodes, conduits, wet, top, radius, carried, flow):
    """Advance the discharges of all conduits by one step; see `march_drains` for the arrays."""
    kind, gate = nodes[0], nodes[5]
    start, end, shape, height, width, slope, slot, length, barrels, z1, z2, manning, loss, flap = conduits
    for j in range(start.size):
        a, b = start[j], end[j]
        y1, y2 = head[a] - z1[j], head[b] - z2[j]
        if kind[a] == OUTFALL_FREE:
            y1 = 0.0
        if kind[b] == OUTFALL_FREE:
            y2 = 0.0
        # beyond a normal outfall the pipe goes on as it is
        if kind[a] == OUTFALL_NORMAL:
            y1 = max(y2, 0.0)
        if kind[b] == OUTFALL_NORMAL:
            y2 = max(y1, 0.0)
        area = wet[j]
        if (y1 <= 0.0 and y2 <= 0.0) or area <= 0.0:
            flow[j], carried[j] = 0.0, area
            continue
        s1, s2 = max(y1, 0.0), max(y2, 0.0)
        q = flow[j]
        if q >= 0.0:
            s2 = _leaving_depth(s1, s2, q, j, conduits)
        if q <= 0.0:
            s1 = _leaving_depth(s2, s1, q, j, conduits)
        r = radius[j]
        froude = abs(q) / (area * barrels[j]) * math.sqrt(top[j] / (GRAVITY * area))
        full = not is_open(shape[j]) and 0.5 * (s1 + s2) >= height[j]
        upwind = 0.0 if full else min(max(2.0 * froude - 1.0, 0.0), 1.0)
        if upwind > 0.0 or s1 != max(y1, 0.0) or s2 != max(y2, 0.0) or max(kind[a], kind[b]) >= OUTFALL_FREE:
            # what shoots is steered from upstream; and what leaves freely has its depth made above
            y = 0.5 * (s1 + s2) + 0.5 * upwind * (s1 - s2 if q > 0.0 else s2 - s1)
            area, _, wetted = section(y, shape[j], height[j], width[j], slope[j], slot[j])
            if not is_open(shape[j]) and y > height[j]:
                area -= slot[j] * (y - height[j])
            r = area / wetted if wetted > 0.0 else 0.0
        total = area * barrels[j]
        if total <= 0.0:
            flow[j], carried[j] = 0.0, area
            continue
        v = q / total
        gravity = GRAVITY * total * ((s1 + z1[j]) - (s2 + z2[j])) / length[j]
        convection = 0.0
        if upwind < 1.0 and (is_open(shape[j]) or max(s1, s2) < height[j]):
            one, over_one, _ = section(s1, shape[j], height[j], width[j], slope[j], slot[j])
            two, over_two, _ = section(s2, shape[j], height[j], width[j], slope[j], slot[j])
            # -d(Q²/A)/dx of a steady flow; what else there is of it has no stable explicit form, and none of it has
            # one where the flow shoots at either end: in a jump it would feed an oscillation
            least = max(min(one**3 / over_one, two**3 / over_two), 1e-12)
            froude = max(froude, abs(q) / (barrels[j] * math.sqrt(GRAVITY * least)))
            share = min(max(2.0 - 4.0 * froude, 0.0), 1.0)
            convection = share * barrels[j] * v * v * (two - one) / length[j]
        friction = GRAVITY * manning[j] ** 2 * abs(v) / r ** (4.0 / 3.0) + 0.5 * loss[j] * abs(v) / length[j]
        new = (q + dt * (gravity + convection)) / (1.0 + dt * friction)
        if (new > 0.0 and y1 <= 0.0) or (new < 0.0 and y2 <= 0.0):
            new = 0.0
        if new < 0.0 and (flap[j] != 0 or gate[b] != 0):
            new = 0.0
        if new > 0.0 and gate[a] != 0:
            new = 0.0
        flow[j], carried[j] = new, area


@njit(nogil=True, error_model="numpy")
def structures(dt, volume, head, surface, nodes, weirs, orifices, pumps, points, flows, on):
    """Discharges of weirs, orifices and pumps over a step, into ``flows``; pumps switch here."""
    invert, gate = nodes[1], nodes[5]
    start, end, crest, length, height, c, side, c_side, flap = weirs
    for k in range(start.size):
        a, b = start[k], end[k]
        q = 0.0
        if head[a] != head[b]:
            forward = head[a] > head[b]
            up, down = (a, b) if forward else (b, a)
            if forward or (flap[k] == 0 and gate[b] == 0):
                q = weir_discharge(
                    head[up] - crest[k], head[down] - crest[k], length[k], c[k], side[k], c_side[k], height[k]
                )
                q = even_out(q, head[up] - max(head[down], crest[k]), surface[up], surface[down], dt) if q > 0 else q
                q = q if forward else -q
        flows[0][k] = q
    start, end, sill, height, area, c, flap = orifices
    for k in range(start.size):
        a, b = start[k], end[k]
        q = 0.0
        if head[a] != head[b]:
            forward = head[a] > head[b]
            up, down = (a, b) if forward else (b, a)
            if forward or (flap[k] == 0 and gate[b] == 0):
                q = orifice_discharge(head[up] - sill[k], head[down] - sill[k], height[k], area[k], c[k])
                q = even_out(q, head[up] - max(head[down], sill[k]), surface[up], surface[down], dt) if q > 0 else q
                q = q if forward else -q
        flows[1][k] = q
    start, end, law, starts, stops, capacity = pumps
    for k in range(start.size):
        a, b = start[k], end[k]
        depth = head[a] - invert[a]
        if depth >= starts[k]:
            on[k] = 1
        if depth < stops[k] or volume[a] <= 0.0:
            on[k] = 0
        flows[2][k] = 0.0
        if on[k] != 0:
            lift = head[b] - head[a]
            q = pump_discharge(
                law[k], depth, lift, capacity[k], points[1], points[2], points[0][k], points[0][k + 1]
            )  # fmt: skip
            flows[2][k] = volume[a] / dt if law[k] == PUMP_IDEAL else q
