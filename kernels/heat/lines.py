"""The lines along which sun and sky are swept: every cell of a grid once, in parallel lines of one azimuth."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Lines:
    """Parallel lines across a grid, one step of the major axis at a time.

    At step ``i`` all lines stand on one row (or column) of the grid, ``order[i]``; the line on its cell ``k`` is line
    ``k + base[i]``. So a step is one pass over neighbouring cells, and the state of all lines one array: the loops
    over them vectorise.

    Attributes
    ----------
    transposed : bool
        Whether the major axis is x; the arrays to sweep are then ``(x, y)``.
    order : (step,) int64
        Index along the major axis.
    base : (step,) int64
        Line of the first cell.
    base_begin, base_end : (step,) int64
        The same half a step before and after, where a line may touch the next cell of the same row.
    lines : int
        How many.
    stride : float
        Length of a step. [cell]
    """

    transposed: bool
    order: np.ndarray
    base: np.ndarray
    base_begin: np.ndarray
    base_end: np.ndarray
    lines: int
    stride: float


def lines_away_from(azimuth: float, shape: tuple[int, int], beside: float = 0.0) -> Lines:
    """The lines that run away from a direction, so that what stands towards it is met first.

    Parameters
    ----------
    azimuth : float
        Of the sun or of a patch of sky, from grid north (+y) clockwise. [rad]
    shape : (rows, columns)
        Rows ascend northwards, columns eastwards.
    beside : float
        By how much lines run beside the centres of the cells they are counted to, within half a cell. [cell]
    """
    north, east = -math.cos(azimuth), -math.sin(azimuth)
    rows, columns = shape
    transposed = abs(east) >= abs(north)
    along, across = (east, north) if transposed else (north, east)
    major, minor = (columns, rows) if transposed else (rows, columns)
    slope = abs(across) / abs(along)
    steps = np.arange(major)
    # rows of the two halves of a step lie within those of the steps beside it, so that no line leaves the count
    centre, begin, end = (np.floor(slope * (steps + half) + 0.5 + beside).astype(np.int64) for half in (0.0, -0.5, 0.5))
    extent = int(centre[-1])
    begin, end = np.maximum(begin, centre[0]), np.minimum(end, extent)
    bases = [extent - shift if across >= 0 else shift for shift in (centre, begin, end)]
    order = steps if along > 0 else major - 1 - steps
    return Lines(transposed, order.astype(np.int64), *bases, minor + extent, math.hypot(1.0, slope))


Window = tuple[int, int, int, int]
"""First row, row after the last, first column, column after the last."""


def whole(shape: tuple[int, int]) -> Window:
    """The window that is the grid."""
    return 0, shape[0], 0, shape[1]


def strip_of(lines: Lines, window: Window, look_back: float) -> np.ndarray:
    """The steps and lines that decide what a window sees.

    Parameters
    ----------
    lines : Lines
    window : Window
    look_back : float
        Steps before the window beyond which nothing can hide it; infinite where all that stands before it counts.

    Returns
    -------
    (4,) int64
        First step and the one after the last, first line and the one after the last.
    """
    rows, columns = window[:2], window[2:]
    (first, last), (left, right) = (columns, rows) if lines.transposed else (rows, columns)
    steps = np.flatnonzero((lines.order >= first) & (lines.order < last))
    base = lines.base[steps]
    start = 0 if not math.isfinite(look_back) else max(0, int(steps[0]) - int(look_back) - 2)
    return np.array([start, steps[-1] + 1, base.min() + left, base.max() + right], np.int64)
