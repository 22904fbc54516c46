"""The direct beam along one direction: how much of each cell it lights, what crowns let through, what walls catch.

As in `kernels.heat.interval_sweep` rays are level in sheared coordinates. A cell takes the part of its rise that stands
above the running maximum, so that the edge of a shadow falls within a cell, and all that a line catches adds up to what
came to it: ground and roofs up to one step's rise each, walls the rest.
"""

import numpy as np
from numba import njit

NONE = np.float32(-1e9)
"""Lower than any height. [m]"""

CHUNK = 64
"""Neighbouring lines of which it is asked at once whether any has a new crown."""


@njit(nogil=True, cache=True)
def light_up(
    height, crown_top, crown_bottom, transmissivity, order, bases, strip, rise, half, lowest, soft, slots, state,
    row_state, weight, lit, sun, caught,
):  # fmt: skip
    """Follow the beam across the grid, along one set of lines.

    Parameters
    ----------
    height, crown_top, crown_bottom, transmissivity : (major, minor) float32
        See `kernels.heat.scene.Scene`. [m], [1]
    order : (step,) int64
    bases : (3, step) int64
        ``base``, ``base_begin`` and ``base_end`` of `kernels.heat.lines.Lines`.
    strip : (4,) int64
        First step and the one after the last, first line and the one after the last.
    rise, half, lowest : float32
        See `kernels.heat.interval_sweep.see_through_crowns`.
    soft : bool
        Whether a cell may be lit in part; else its centre decides.
    slots : int
        Separate intervals of crowns that a line carries; 0 where there are no crowns.
    state : (2 + 3 slots, line) float32
        Scratch.
    row_state : (4, minor) float32
        Scratch.
    weight : float32
        Of this set of lines among those that are followed. [1]
    lit : (major, minor) float32
        Part of the cell that roofs and ground leave in the sun; added to. [1]
    sun : (major, minor) float32
        The same, less what the densest crown on the way keeps; added to. [1]
    caught : (major, minor) float32
        Beam caught by the wall at the cell's sunward edge, in beams of a cell; added to. [1]

    Returns
    -------
    int
        Crowns that found every slot in use and took the one that ends lowest.
    """
    state[0, :] = NONE
    state[1, :] = 0
    reach = half * rise
    per_rise = np.float32(1) / rise
    lost, used = 0, 0
    settled = np.empty(height.shape[1], np.int32)
    for step in range(strip[0], strip[1]):
        row, line = order[step], bases[0, step]
        shear = np.float32(step) * rise
        begins, ends = soft and bases[1, step] != line, soft and bases[2, step] != line
        if begins:
            touch(height[row], bases[1, step], strip, shear - rise, per_rise, state)
        left, right = max(strip[2] - line, 0), min(strip[3] - line, height.shape[1])
        if left < right:
            first, last = line + left, line + right
            scratch, known, own = row_state[:, : right - left], settled[: right - left], transmissivity[row, left:right]
            at, low, high, through = scratch[0], scratch[1], scratch[2], scratch[3]
            lay_out(
                height[row, left:right], crown_top[row, left:right], crown_bottom[row, left:right], own,
                shear, reach, at, low, high, through, known,
            )  # fmt: skip
            for slot in range(used):
                ask_and_merge(
                    state[2 + 3 * slot, first:last], state[3 + 3 * slot, first:last], state[4 + 3 * slot, first:last],
                    own, at, low, high, through, known,
                )  # fmt: skip
            used, early = take_slots(state, first, slots, used, lowest + shear, low, high, own, known)
            lost += early
            leaves = np.float32(0.25) * rise if ends else np.float32(0)
            highest, owed = state[0, first:last], state[1, first:last]
            catch(
                at, through, highest, owed, per_rise, leaves, soft, weight,
                lit[row, left:right], sun[row, left:right], caught[row, left:right],
            )  # fmt: skip
        if ends:
            touch(height[row], bases[2, step], strip, shear, per_rise, state)
    return lost


@njit(nogil=True, cache=True)
def touch(height, line, strip, shear, per_rise, state):
    """Let lines be stopped by the cell that they touch beside the one they are counted to."""
    left, right = max(strip[2] - line, 0), min(strip[3] - line, height.size)
    if left >= right:
        return
    z, highest, owed = height[left:right], state[0, line + left : line + right], state[1, line + left : line + right]
    for k in range(np.uint64(right - left)):
        here, top, more = z[k] + shear, highest[k], owed[k]
        steps = (here - top) * per_rise
        steps = steps - np.float32(1) if steps > np.float32(1) else np.float32(0)
        owed[k] = more + (steps if top > NONE * np.float32(0.5) else np.float32(0))
        highest[k] = here if here > top else top


@njit(nogil=True, cache=True)
def catch(at, through, highest, owed, per_rise, leaves, soft, weight, lit, sun, caught):
    """Split what stands above the running maximum into the cell's own share and its wall's.

    ``leaves`` is the rise by which a line leaves the cell before its far edge. [m]
    """
    for k in range(np.uint64(at.size)):
        here, top, passes, more, so_far, sunny, walls = (
            at[k],
            highest[k],
            through[k],
            owed[k],
            lit[k],
            sun[k],
            caught[k],
        )
        steps = (here - top) * per_rise
        steps = np.float32(1) if top < NONE * np.float32(0.5) else steps
        part = steps if steps < np.float32(1) else np.float32(1)
        part = part if part > np.float32(0) else np.float32(0)
        whole = np.float32(1) if steps >= np.float32(0) else np.float32(0)
        share = weight * (part if soft else whole)
        wall = steps - np.float32(1)
        wall = wall if wall > np.float32(0) else np.float32(0)
        beyond = here - leaves
        lit[k] = so_far + share
        sun[k] = sunny + share * passes
        caught[k] = walls + weight * (wall + more)
        owed[k] = np.float32(0)
        highest[k] = beyond if beyond > top else top


@njit(nogil=True, cache=True)
def lay_out(height, crown_top, crown_bottom, own, shear, reach, at, low, high, through, known):
    """Put a row into sheared coordinates; the sunward half of a crown may shade its own ground."""
    for k in range(np.uint64(at.size)):
        here, passes = height[k] + shear, own[k]
        bottom, ceiling = crown_bottom[k], crown_top[k] + shear
        lo = bottom + shear - reach
        at[k] = here
        low[k] = lo
        high[k] = ceiling + reach
        kept = passes if ceiling > here else np.float32(1)
        through[k] = kept if lo < here else np.float32(1)
        known[k] = np.int32(0) if bottom > NONE * np.float32(0.5) else np.int32(1)


@njit(nogil=True, cache=True)
def ask_and_merge(bottom, top, passes, own, at, low, high, through, known):
    """Ask one slot of every line whether it hides the ground, and let it grow by the crown that meets it."""
    for k in range(np.uint64(at.size)):
        p, q, t, here, lo, hi, best, m, mine = (
            bottom[k], top[k], passes[k], at[k], low[k], high[k], through[k], known[k], own[k],
        )  # fmt: skip
        kept = t if q > here else np.float32(1)
        kept = kept if p < here else np.float32(1)
        meets = np.int32(1) if lo <= q else np.int32(0)
        meets = meets if hi >= p else np.int32(0)
        smaller, larger, denser = (lo if lo < p else p), (hi if hi > q else q), (mine if mine < t else t)
        through[k] = kept if kept < best else best
        known[k] = meets | m
        bottom[k] = smaller if meets > 0 else p
        top[k] = larger if meets > 0 else q
        passes[k] = denser if meets > 0 else t


@njit(nogil=True, cache=True)
def take_slots(state, first, slots, used, floor, low, high, own, known):
    """Give each crown that met none the first slot that nothing can ask for any more; as in the interval sweep."""
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
            while slot < used and state[3 + 3 * slot, line] > floor:
                if state[3 + 3 * slot, line] < state[3 + 3 * best, line]:
                    best = slot
                slot += 1
            if slot == used and used < slots:
                for part in range(3):
                    state[2 + part + 3 * used, :] = NONE
                used += 1
            if slot < used:
                best = slot
            else:
                lost += 1
            state[2 + 3 * best, line] = low[k]
            state[3 + 3 * best, line] = high[k]
            state[4 + 3 * best, line] = own[k]
    return used, lost
