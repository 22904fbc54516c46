"""What of one direction of the sky each cell sees: past roofs, and through crowns that have a gap below them.

Heights are taken in sheared coordinates ``z + s tan(elevation)``, where ``s`` is the way along the line: every ray of
the direction is then level, a roof hides all that stays below the running maximum, and a crown hides an interval. Each
line carries the intervals of its crowns, merged where they overlap, in a few slots; a slot is
free again once all that is still to come lies above it.
"""

import numpy as np
from numba import njit

NONE = np.float32(-1e9)
"""Lower than any height. [m]"""

CHUNK = 64
"""Neighbouring lines of which it is asked at once whether any has a new crown."""


@njit(nogil=True, cache=True)
def see_roofs(height, edge, order, base, strip, rise, state, bit, seen):
    """Set one bit where a direction is not hidden by roofs or ground.

    Parameters
    ----------
    height : (major, minor) float32
        Of roofs and ground. [m]
    edge : (major, minor) uint8
        Half steps from the centre of a cell to the edge that hides what lies behind: 1 for a building, 0 on the ground,
        whose slope runs through the centres.
    order, base : (step,) int64
        See `kernels.heat.lines.Lines`.
    strip : (4,) int64
        First step and the one after the last, first line and the one after the last.
    rise : float32
        By which the ray climbs in a step: stride · cell size · tan(elevation). [m]
    state : (1, line) float32
        Scratch.
    bit : uint8
    seen : (major, minor) uint8
        Set in place.
    """
    state[0, :] = NONE
    ahead = np.float32(0.5) * rise
    for step in range(strip[0], strip[1]):
        row, line = order[step], base[step]
        left, right = max(strip[2] - line, 0), min(strip[3] - line, height.shape[1])
        if left >= right:
            continue
        shear = np.float32(step) * rise
        z, e, out = height[row, left:right], edge[row, left:right], seen[row, left:right]
        highest = state[0, line + left : line + right]
        for k in range(np.uint64(right - left)):
            here = z[k] + shear
            beyond = here + np.float32(e[k]) * ahead
            top = highest[k]
            flag = out[k]
            out[k] = flag | (bit if here >= top else np.uint8(0))
            highest[k] = beyond if beyond > top else top


@njit(nogil=True, cache=True)
def see_through_crowns(
    height,
    edge,
    crown_top,
    crown_bottom,
    order,
    base,
    strip,
    rise,
    half,
    lowest,
    slots,
    state,
    row_state,
    bit,
    seen,
    veiled,
):
    """Set one bit where a direction is not hidden by roofs, and one more where it passes a crown on the way.

    Parameters
    ----------
    height, edge, order, base, strip, rise, bit, seen
        As `see_roofs`.
    crown_top, crown_bottom : (major, minor) float32
        Of crowns, not above ground; both `NONE` where there is none. [m]
    half : float32
        0.5 where a crown fills its cell, 0 where it stands in its centre. [step]
    lowest : float32
        The lowest cell of the grid. [m]
    slots : int
        Separate intervals of crowns that a line carries.
    state : (1 + 2 slots, line) float32
        Scratch.
    row_state : (4, minor) float32
        Scratch.
    veiled : (major, minor) uint8
        Set in place.

    Returns
    -------
    int
        Crowns that found every slot in use and took the one that ends lowest.
    """
    state[0, :] = NONE
    reach, ahead = half * rise, np.float32(0.5) * rise
    lost, used = 0, 0
    settled = np.empty(height.shape[1], np.int32)
    for step in range(strip[0], strip[1]):
        row, line = order[step], base[step]
        left, right = max(strip[2] - line, 0), min(strip[3] - line, height.shape[1])
        if left >= right:
            continue
        cells = right - left
        first = line + left
        shear = np.float32(step) * rise
        at, low, high, hit = row_state[0, :cells], row_state[1, :cells], row_state[2, :cells], row_state[3, :cells]
        known = settled[:cells]
        lay_out(
            height[row, left:right], crown_top[row, left:right], crown_bottom[row, left:right],
            shear, reach, at, low, high, hit, known,
        )  # fmt: skip
        for slot in range(used):
            bottom, top = state[1 + 2 * slot, first : first + cells], state[2 + 2 * slot, first : first + cells]
            ask_and_merge(bottom, top, at, low, high, hit, known)
        e, out, veil = edge[row, left:right], seen[row, left:right], veiled[row, left:right]
        highest = state[0, first : first + cells]
        for k in range(np.uint64(cells)):
            here, far, flag, mark, struck, top_so_far = at[k], e[k], out[k], veil[k], hit[k], highest[k]
            beyond = here + np.float32(far) * ahead
            sees = bit if here >= top_so_far else np.uint8(0)
            out[k] = flag | sees
            veil[k] = mark | (sees if struck > np.float32(0) else np.uint8(0))
            highest[k] = beyond if beyond > top_so_far else top_so_far
        used, early = take_slots(state, first, slots, used, lowest + shear, low, high, known)
        lost += early
    return lost


@njit(nogil=True, cache=True)
def lay_out(height, crown_top, crown_bottom, shear, reach, at, low, high, hit, known):
    """Put a row into sheared coordinates: its ground, and its crowns, whose sunward half may hide their own ground.

    ``known`` is 0 where a crown still looks for a slot, 1 elsewhere.
    """
    for k in range(np.uint64(at.size)):
        here = height[k] + shear
        bottom, ceiling = crown_bottom[k], crown_top[k] + shear
        lo = bottom + shear - reach
        at[k] = here
        low[k] = lo
        high[k] = ceiling + reach
        over = np.float32(1) if ceiling > here else np.float32(0)
        hit[k] = over if lo < here else np.float32(0)
        known[k] = np.int32(0) if bottom > NONE * np.float32(0.5) else np.int32(1)


@njit(nogil=True, cache=True)
def ask_and_merge(bottom, top, at, low, high, hit, known):
    """Ask one slot of every line whether it hides the ground, and let it grow by the crown that meets it."""
    for k in range(np.uint64(at.size)):
        p, q, here, lo, hi, h, m = bottom[k], top[k], at[k], low[k], high[k], hit[k], known[k]
        over = np.float32(1) if q > here else np.float32(0)
        over = over if p < here else np.float32(0)
        meets = np.int32(1) if lo <= q else np.int32(0)
        meets = meets if hi >= p else np.int32(0)
        smaller, larger = (lo if lo < p else p), (hi if hi > q else q)
        hit[k] = over if over > h else h
        known[k] = meets | m
        bottom[k] = smaller if meets > 0 else p
        top[k] = larger if meets > 0 else q


@njit(nogil=True, cache=True)
def take_slots(state, first, slots, used, floor, low, high, known):
    """Give each crown that met none the first slot that nothing can ask for any more.

    Returns
    -------
    used : int
        Slots that have ever been in use.
    lost : int
        Crowns that found none and took the slot that ends lowest.
    """
    lost = 0
    for chunk in range(0, known.size, CHUNK):
        end = min(chunk + CHUNK, known.size)
        settled = 0
        for k in range(chunk, end):
            settled += known[k]
        if settled == end - chunk:
            continue
        for k in range(chunk, end):
            if known[k] > 0:
                continue
            line = first + k
            best, slot = 0, 0
            while slot < used and state[2 + 2 * slot, line] > floor:
                if state[2 + 2 * slot, line] < state[2 + 2 * best, line]:
                    best = slot
                slot += 1
            if slot == used and used < slots:
                for part in range(2):
                    state[1 + part + 2 * used, :] = NONE
                used += 1
            if slot < used:
                best = slot
            else:
                lost += 1
            state[1 + 2 * best, line] = low[k]
            state[2 + 2 * best, line] = high[k]
    return used, lost
