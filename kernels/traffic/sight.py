"""Who sees whom between buildings: whether straight ways cross walls, found through a grid of the walls."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kernels.contract import LayerError
from kernels.crew import Crew

CELL = 10.0
"""Side of the grid's cells: about a wall. It changes the time taken and nothing else. [m]"""


@dataclass(frozen=True)
class Walls:
    """Straight walls seen from above, sorted into the cells that they touch.

    Attributes
    ----------
    ends : (wall, 4) float64
        x and y of the one end, then of the other. [m]
    west, south : float
        Outer corner of the first cell. [m]
    columns, rows : int
    first : (cell + 1,) int64
        Walls of cell c are ``wall[first[c]]`` up to ``wall[first[c + 1]]``.
    wall : (place,) int32
    """

    ends: NDArray
    west: float
    south: float
    columns: int
    rows: int
    first: NDArray
    wall: NDArray

    @classmethod
    def of(cls, ends: NDArray) -> "Walls":
        """Sort walls into a grid.

        Raises
        ------
        LayerError
            A wall is not finite.
        """
        ends = np.ascontiguousarray(ends, np.float64).reshape(-1, 4)
        if not np.isfinite(ends).all():
            wall = int(np.flatnonzero(~np.isfinite(ends).all(axis=1))[0])
            raise LayerError(f"wall {wall} runs to {ends[wall].tolist()}; expected finite places")
        if not ends.shape[0]:
            return cls(ends, 0.0, 0.0, 0, 0, np.zeros(1, np.int64), np.zeros(0, np.int32))
        x, y = ends[:, [0, 2]], ends[:, [1, 3]]
        west, south = float(x.min()) - CELL / 2, float(y.min()) - CELL / 2
        columns, rows = int((x.max() - west) / CELL) + 2, int((y.max() - south) / CELL) + 2
        first = np.zeros(columns * rows + 1, np.int64)
        _count(ends, west, south, columns, CELL, first)
        np.cumsum(first, out=first)
        wall = np.empty(first[-1], np.int32)
        _sort(ends, west, south, columns, CELL, first[:-1].copy(), wall)
        return cls(ends, west, south, columns, rows, first, wall)

    def between(self, begin: NDArray, end: NDArray, threads: int | None = None) -> NDArray:
        """Whether a wall crosses or touches the straight way from each place to another.

        Parameters
        ----------
        begin, end : (way, 2) float64
            [m]
        threads : int, optional
            None takes every processor; the result does not depend on it.

        Returns
        -------
        (way,) bool
        """
        begin, end = (np.ascontiguousarray(one, np.float64).reshape(-1, 2) for one in (begin, end))
        found = np.zeros(begin.shape[0], bool)
        if not self.ends.shape[0] or not found.size:
            return found
        grid = (self.ends, self.west, self.south, self.columns, self.rows, CELL, self.first, self.wall)

        def work(low: int, high: int) -> None:
            _crossed(begin[low:high], end[low:high], *grid, found[low:high])

        Crew(threads).share_out(found.size, work, small=found.size < 20_000)
        return found


@njit(nogil=True, cache=True)
def _span(low, high, origin, cell):
    """First and last cell between two places."""
    return int((min(low, high) - origin) / cell), int((max(low, high) - origin) / cell)


@njit(nogil=True, cache=True)
def _count(ends, west, south, columns, cell, first):
    """Count the walls of each cell, one place further on."""
    for wall in range(ends.shape[0]):
        left, right = _span(ends[wall, 0], ends[wall, 2], west, cell)
        low, high = _span(ends[wall, 1], ends[wall, 3], south, cell)
        for row in range(low, high + 1):
            for column in range(left, right + 1):
                first[row * columns + column + 1] += 1


@njit(nogil=True, cache=True)
def _sort(ends, west, south, columns, cell, spot, found):
    """Put the walls into their cells; ``spot`` is the next free place of each."""
    for wall in range(ends.shape[0]):
        left, right = _span(ends[wall, 0], ends[wall, 2], west, cell)
        low, high = _span(ends[wall, 1], ends[wall, 3], south, cell)
        for row in range(low, high + 1):
            for column in range(left, right + 1):
                place = row * columns + column
                found[spot[place]] = wall
                spot[place] += 1


@njit(nogil=True, cache=True)
def _meet(ax, ay, bx, by, cx, cy, dx, dy):
    """Whether the stretch from a to b meets that from c to d, ends included."""
    c_side = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    d_side = (bx - ax) * (dy - ay) - (by - ay) * (dx - ax)
    a_side = (dx - cx) * (ay - cy) - (dy - cy) * (ax - cx)
    b_side = (dx - cx) * (by - cy) - (dy - cy) * (bx - cx)
    if c_side * d_side > 0.0 or a_side * b_side > 0.0:
        return False
    if c_side == 0.0 and d_side == 0.0:  # on one line: they meet where their boxes do
        return (
            max(min(ax, bx), min(cx, dx)) <= min(max(ax, bx), max(cx, dx))
            and max(min(ay, by), min(cy, dy)) <= min(max(ay, by), max(cy, dy))
        )  # fmt: skip
    return True


@njit(nogil=True, cache=True)
def _crossed(begin, end, ends, west, south, columns, rows, cell, first, wall, found):
    """Walk each way from cell to cell until a wall stands in it.

    Notes
    -----
    Amanatides and Woo (1987), A fast voxel traversal algorithm for ray tracing, doi:10.2312/egtp.19871000.
    """
    for way in range(begin.shape[0]):
        ax, ay, bx, by = begin[way, 0], begin[way, 1], end[way, 0], end[way, 1]
        column, row = math.floor((ax - west) / cell), math.floor((ay - south) / cell)
        last_column, last_row = math.floor((bx - west) / cell), math.floor((by - south) / cell)
        right, up = (1 if bx > ax else -1), (1 if by > ay else -1)
        step_x = cell / abs(bx - ax) if bx != ax else np.inf
        step_y = cell / abs(by - ay) if by != ay else np.inf
        edge_x = west + (column + (1 if right > 0 else 0)) * cell
        edge_y = south + (row + (1 if up > 0 else 0)) * cell
        next_x = (edge_x - ax) / (bx - ax) if bx != ax else np.inf
        next_y = (edge_y - ay) / (by - ay) if by != ay else np.inf
        for _ in range(abs(last_column - column) + abs(last_row - row) + 1):
            if 0 <= column < columns and 0 <= row < rows:
                place = row * columns + column
                for spot in range(first[place], first[place + 1]):
                    one = wall[spot]
                    if _meet(ax, ay, bx, by, ends[one, 0], ends[one, 1], ends[one, 2], ends[one, 3]):
                        found[way] = True
                        break
                if found[way]:
                    break
            if next_x < next_y:
                column += right
                next_x += step_x
            else:
                row += up
                next_y += step_y
