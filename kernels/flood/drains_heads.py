"""Volume and head of the nodes of a sewer."""

import math

from numba import njit

from kernels.flood.drains_sections import section
from kernels.flood.sewer_words import OUTFALL_FREE


@njit(nogil=True, error_model="numpy")
def stored(n, head, nodes, curve, ends, conduits):
    """Volume [m³] and free surface [m²] of node ``n`` at a head [m]."""
    invert, area, rim, pond = nodes[1][n], nodes[2][n], nodes[3][n], nodes[4][n]
    depth = head - invert
    first, last = curve[0][n], curve[0][n + 1]
    if last > first:
        depths, areas, volumes = curve[1], curve[2], curve[3]
        k = first
        while k + 1 < last and depths[k + 1] < depth:
            k += 1
        over = depth - depths[k]
        if k + 1 < last:
            rate = (areas[k + 1] - areas[k]) / (depths[k + 1] - depths[k])
            volume, surface = volumes[k] + over * (areas[k] + 0.5 * rate * over), areas[k] + rate * over
        else:
            volume, surface = volumes[k] + over * areas[k], areas[k]
    else:
        volume, surface = area * depth, area
    if pond > 0.0 and head > rim:
        volume += pond * (head - rim)
        surface += pond
    shape, height, width, slope, slot, length, barrels = conduits[2:9]
    for e in range(ends[0][n], ends[0][n + 1]):
        j = ends[1][e]
        y = head - ends[2][e]
        if y > 0.0:
            wet, top, _ = section(y, shape[j], height[j], width[j], slope[j], slot[j])
            volume += 0.5 * length[j] * barrels[j] * wet
            surface += 0.5 * length[j] * barrels[j] * top
    return volume, surface


@njit(nogil=True, error_model="numpy")
def find_heads(volume, head, surface, nodes, curve, ends, conduits):
    """Heads at which the nodes hold their volumes, by Newton inside a bracket.

    Parameters
    ----------
    volume : (node,) float64
        [m³]
    head, surface : (node,) float64
        Changed in place: head, of which the old value is the first guess [m]; free surface [m²].
    nodes : tuple of (node,) arrays
        Kind, invert [m], plan area [m²], rim [m], area that water above the rim stands on [m²].
    curve : tuple
        Start of each node's points; depth [m], area [m²] and volume [m³] of the points.
    ends : tuple
        Start of each node's conduit ends; conduit of each end; its invert [m].
    conduits : tuple of (conduit,) arrays
        As in `march_drains`.
    """
    kind, invert = nodes[0], nodes[1]
    for n in range(head.size):
        if kind[n] >= OUTFALL_FREE:
            surface[n] = 1e30
            continue
        if volume[n] <= 0.0:
            head[n] = invert[n]
            surface[n] = max(stored(n, invert[n], nodes, curve, ends, conduits)[1], 1e-3)
            continue
        low, high = invert[n], math.inf
        x = max(head[n], invert[n])
        for _ in range(200):
            held, area = stored(n, x, nodes, curve, ends, conduits)
            miss = held - volume[n]
            surface[n] = max(area, 1e-3)
            if abs(miss) <= 1e-13 * volume[n]:
                break
            if miss > 0.0:
                high = x
            else:
                low = x
            new = x - miss / surface[n]
            if not low < new < high:
                new = 0.5 * (low + high) if high < math.inf else 2.0 * x - low + 1.0
            if abs(new - x) <= 4e-16 * max(abs(x), 1.0) or high - low <= 4e-16 * max(abs(x), 1.0):
                x = new
                break
            x = new
        head[n] = x
