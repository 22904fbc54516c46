"""A tree over the triangles of a city: the highest angle at which they stand above a place, in one direction."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kernels.contract import LayerError

LEAF = 4
"""Triangles of a leaf at most. It changes the time taken and nothing else."""


@dataclass(frozen=True, eq=False)
class TriangleTree:
    """Triangles in boxes in larger boxes, halved by the middle of their longer side seen from above.

    Attributes
    ----------
    corners : (triangle, 9) float64
        x, y, z of three corners, in the order of the tree. [m]
    boxes : (node, 5) float64
        Least x and y, greatest x and y, greatest z. [m]
    first, last : (node,) int32
        Triangles of a leaf; of any other node ``first`` is minus its left child less 1, the right one follows it.
    """

    corners: NDArray
    boxes: NDArray
    first: NDArray
    last: NDArray

    @classmethod
    def of(cls, corners: NDArray) -> "TriangleTree":
        """Sort triangles into a tree.

        Parameters
        ----------
        corners : (triangle, 3, 3) float64
            Corners of each, x east, y north, z up. [m]

        Raises
        ------
        LayerError
            Another shape, or a coordinate that is no number.
        """
        given = np.ascontiguousarray(corners, np.float64)
        if given.ndim != 3 or given.shape[1:] != (3, 3):
            raise LayerError(f"triangles are three corners of x, y and z each, got an array of shape {given.shape}")
        bad = ~np.isfinite(given).all(axis=(1, 2))
        if bad.any():
            raise LayerError(
                f"triangle {int(np.argmax(bad))} has a coordinate that is no number; repair the mesh first"
            )
        count = given.shape[0]
        order = np.arange(count, dtype=np.int64)
        room = max(2 * count, 1)
        boxes, first, last = np.zeros((room, 5)), np.zeros(room, np.int32), np.zeros(room, np.int32)
        used = _build(given.mean(axis=1)[:, :2].copy(), given, order, LEAF, boxes, first, last) if count else 1
        flat = np.ascontiguousarray(given[order].reshape(count, 9))
        return cls(flat, boxes[:used].copy(), first[:used].copy(), last[:used].copy())

    def __len__(self) -> int:
        return self.corners.shape[0]


@njit(nogil=True, cache=True)
def _build(middle, corners, order, leaf, boxes, first, last):
    """Halve the triangles from the whole down to the leaves; returns how many nodes there are."""
    count = order.size
    todo = np.empty((128, 3), np.int64)
    todo[0, 0], todo[0, 1], todo[0, 2] = 0, 0, count
    waiting, used = 1, 1
    while waiting > 0:
        waiting -= 1
        node, begin, end = todo[waiting, 0], todo[waiting, 1], todo[waiting, 2]
        low_x = low_y = math.inf
        high_x = high_y = top = -math.inf
        left = bottom = math.inf
        right = up = -math.inf
        for place in range(begin, end):
            one = order[place]
            left, right = min(left, middle[one, 0]), max(right, middle[one, 0])
            bottom, up = min(bottom, middle[one, 1]), max(up, middle[one, 1])
            for k in range(3):
                low_x, high_x = min(low_x, corners[one, k, 0]), max(high_x, corners[one, k, 0])
                low_y, high_y = min(low_y, corners[one, k, 1]), max(high_y, corners[one, k, 1])
                top = max(top, corners[one, k, 2])
        boxes[node, 0], boxes[node, 1], boxes[node, 2], boxes[node, 3] = low_x, low_y, high_x, high_y
        boxes[node, 4] = top
        if end - begin <= leaf:
            first[node], last[node] = begin, end
            continue
        axis = 0 if right - left >= up - bottom else 1
        part = order[begin:end].copy()
        ranks = np.argsort(middle[part, axis], kind="mergesort")
        for place in range(begin, end):
            order[place] = part[ranks[place - begin]]
        half = begin + (end - begin) // 2
        first[node] = -used - 1
        todo[waiting, 0], todo[waiting, 1], todo[waiting, 2] = used, begin, half
        todo[waiting + 1, 0], todo[waiting + 1, 1], todo[waiting + 1, 2] = used + 1, half, end
        waiting += 2
        used += 2
    return used


@njit(nogil=True, cache=True)
def _steepest(x, y, z, east, north, box):
    """Greatest slope at which anything in a box can stand above a place in one direction; minus infinity if none."""
    if box[4] <= z:
        return -math.inf
    near, far = 0.0, math.inf
    if east != 0.0:
        one, two = (box[0] - x) / east, (box[2] - x) / east
        near, far = max(near, min(one, two)), min(far, max(one, two))
    elif x < box[0] or x > box[2]:
        return -math.inf
    if north != 0.0:
        one, two = (box[1] - y) / north, (box[3] - y) / north
        near, far = max(near, min(one, two)), min(far, max(one, two))
    elif y < box[1] or y > box[3]:
        return -math.inf
    if near > far:
        return -math.inf
    return (box[4] - z) / near if near > 0.0 else math.inf


@njit(nogil=True, cache=True)
def _slope_of(x, y, z, east, north, corner):
    """Greatest slope of the cut of one triangle by the upright half-plane in one direction; minus infinity if none.

    The cut is a straight stretch, along which the slope as seen from the place only rises or only falls: one of its
    ends is the greatest. What passes right overhead is infinitely steep.
    """
    best = -math.inf
    begin_along, begin_above = 0.0, 0.0
    cuts = 0
    for k in range(3):
        a, b = 3 * k, 3 * ((k + 1) % 3)
        ax, ay, bx, by = corner[a] - x, corner[a + 1] - y, corner[b] - x, corner[b + 1] - y
        side_a, side_b = ax * north - ay * east, bx * north - by * east
        if (side_a >= 0.0) == (side_b >= 0.0):
            continue
        share = side_a / (side_a - side_b)
        along = (ax + share * (bx - ax)) * east + (ay + share * (by - ay)) * north
        above = corner[a + 2] + share * (corner[b + 2] - corner[a + 2]) - z
        if along > 0.0:
            best = max(best, above / along)
        if cuts == 1 and (along > 0.0) != (begin_along > 0.0):
            over = begin_above + (above - begin_above) * begin_along / (begin_along - along)
            if over > 0.0:
                return math.inf
        begin_along, begin_above = along, above
        cuts += 1
    return best


@njit(nogil=True, cache=True)
def _highest_slope(x, y, z, east, north, corners, boxes, first, last, stack, bound):
    """Greatest slope at which any triangle stands above a place in one direction.

    Parameters
    ----------
    x, y, z : float
        [m]
    east, north : float
        Unit vector seen from above. [1]
    corners, boxes, first, last
        See `TriangleTree`.
    stack : (128,) int64
        Room to work in.
    bound : (128,) float64
        Room to work in.

    Returns
    -------
    float
        Rise over run; 0 where nothing stands above the level. [1]
    """
    best = 0.0
    if corners.shape[0] == 0:
        return best
    stack[0] = 0
    bound[0] = _steepest(x, y, z, east, north, boxes[0])
    waiting = 1
    while waiting > 0:
        waiting -= 1
        if bound[waiting] <= best:
            continue
        node = stack[waiting]
        if first[node] >= 0:
            for one in range(first[node], last[node]):
                best = max(best, _slope_of(x, y, z, east, north, corners[one]))
            if best == math.inf:
                return best
            continue
        left = -first[node] - 1
        for_left = _steepest(x, y, z, east, north, boxes[left])
        for_right = _steepest(x, y, z, east, north, boxes[left + 1])
        # the one that may stand higher comes off the stack first, so that the other is often never opened
        later, sooner = (left, left + 1) if for_right >= for_left else (left + 1, left)
        stack[waiting], bound[waiting] = later, min(for_left, for_right)
        stack[waiting + 1], bound[waiting + 1] = sooner, max(for_left, for_right)
        waiting += 2
    return best


@njit(nogil=True, cache=True)
def look_round(points, rays, steps, corners, boxes, first, last, found):
    """Fill in the horizon of each place, the mean angle of a few ways in each sector.

    Parameters
    ----------
    points : (patch, 3) float64
        [m]
    rays : int
        Ways looked along in each sector.
    steps : int
        The zenith, in steps of ``found``.
    corners, boxes, first, last
        See `TriangleTree`.
    found : (patch, azimuth) uint8
        Written.

    Notes
    -----
    It stands beside what it calls, for the compiler's store does not see changes in another file.
    """
    azimuths = found.shape[1]
    stack, bound = np.empty(128, np.int64), np.empty(128)
    width = 2.0 * math.pi / azimuths
    for patch in range(points.shape[0]):
        for sector in range(azimuths):
            angle = 0.0
            for ray in range(rays):
                azimuth = width * (sector + (ray + 0.5) / rays - 0.5)
                angle += math.atan(
                    _highest_slope(
                        points[patch, 0], points[patch, 1], points[patch, 2], math.sin(azimuth), math.cos(azimuth),
                        corners, boxes, first, last, stack, bound,
                    )
                )  # fmt: skip
            found[patch, sector] = int(angle / rays / (0.5 * math.pi) * steps + 0.5)


@njit(nogil=True, cache=True)
def look_again(
    points, rays, steps, corners, boxes, first, last, changed, changed_boxes, changed_first, changed_last, found
):  # fmt: skip
    """Fill in again those sectors of known horizons in which anything that came or went stands above the level.

    Parameters
    ----------
    points, rays, steps, corners, boxes, first, last
        See `look_round`; the tree is that of all that stands now.
    changed, changed_boxes, changed_first, changed_last
        The tree of all that came or went.
    found : (patch, azimuth) uint8
        Horizons before; written where they may differ now. What does not stand above the level in any way of a sector
        was not its greatest slope and is not now, so that all others are as `look_round` has them, to the bit.
    """
    azimuths = found.shape[1]
    stack, bound = np.empty(128, np.int64), np.empty(128)
    width = 2.0 * math.pi / azimuths
    east, north = np.empty((azimuths, rays)), np.empty((azimuths, rays))
    for sector in range(azimuths):
        for ray in range(rays):
            azimuth = width * (sector + (ray + 0.5) / rays - 0.5)
            east[sector, ray], north[sector, ray] = math.sin(azimuth), math.cos(azimuth)
    for patch in range(points.shape[0]):
        x, y, z = points[patch, 0], points[patch, 1], points[patch, 2]
        for sector in range(azimuths):
            touched = False
            for ray in range(rays):
                slope = _highest_slope(
                    x, y, z, east[sector, ray], north[sector, ray], changed, changed_boxes, changed_first,
                    changed_last, stack, bound,
                )  # fmt: skip
                if slope > 0.0:
                    touched = True
                    break
            if not touched:
                continue
            angle = 0.0
            for ray in range(rays):
                angle += math.atan(
                    _highest_slope(
                        x, y, z, east[sector, ray], north[sector, ray], corners, boxes, first, last, stack, bound
                    )
                )
            found[patch, sector] = int(angle / rays / (0.5 * math.pi) * steps + 0.5)
