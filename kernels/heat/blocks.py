"""Blocks of the city whose walls share their radiation, and the way from cells to blocks and back: bilinear both times.

What a cell sees of walls is read from the blocks around it, linear between their centres. What it sends to walls goes
to the same blocks by the same weights, so that nothing is lost on the way.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit

from kernels.crew import Crew
from kernels.heat.lines import Window

BLOCK = 32.0
"""Side of a block. [m]"""
WHOLE = 65535.0
"""Shares of the sky are kept in parts of this. [1]"""


@dataclass(frozen=True, eq=False)
class Blocks:
    """The blocks under a window of a grid.

    Attributes
    ----------
    size : int
        Cells along a side.
    shape : (rows, columns)
        Blocks of the whole grid.
    window : Window
        The cells that are worked on.
    bands : (band + 1,) int64
        First row, within the window, of each band of rows that lie between the same rows of blocks.
    below : (band,) int64
        Row of blocks south of a band; the other is the next one north.
    weight_y : (row,) float32
        Of the northern row of blocks. [1]
    runs : (run + 1,) int64
        As ``bands``, of columns.
    left : (run,) int64
        Column of blocks west of a run.
    weight_x : (column,) float32
        Of the eastern column of blocks. [1]
    """

    size: int
    shape: tuple[int, int]
    window: Window
    bands: np.ndarray
    below: np.ndarray
    weight_y: np.ndarray
    runs: np.ndarray
    left: np.ndarray
    weight_x: np.ndarray

    def everything(self) -> np.ndarray:
        """Shares of one for every cell of the window, to send with."""
        rows, columns = self.window[1] - self.window[0], self.window[3] - self.window[2]
        return np.full((1, rows, columns), np.uint16(WHOLE))

    @classmethod
    def over(cls, shape: tuple[int, int], cell_size: float, window: Window) -> "Blocks":
        """Lay blocks over a grid."""
        size = max(4, round(BLOCK / cell_size))
        count = (-(-shape[0] // size), -(-shape[1] // size))
        along_y = _between(count[0], size, window[0], window[1])
        along_x = _between(count[1], size, window[2], window[3])
        return cls(size, count, window, *along_y, *along_x)

    def send(self, shares: np.ndarray, leaving: np.ndarray, crew: Crew) -> np.ndarray:
        """Sum what cells send to the walls of each aspect.

        Parameters
        ----------
        shares : (aspect, y, x) uint16
            That a cell sees of walls, in parts of 65535.
        leaving : (y, x) float32
            What it sends out. [W m⁻²]

        Returns
        -------
        (block row, block column, aspect) float64
            Times the area of a cell, what arrives. [W m⁻²]
        """
        parts = np.zeros((self.below.size, 2, self.shape[1] + 1, shares.shape[0]))

        def work(first: int, last: int) -> None:
            send_bands(
                shares, leaving, self.bands, self.weight_y, self.runs, self.left, self.weight_x, parts, first, last
            )

        crew.share_out(self.below.size, work, small=False)
        found = np.zeros((self.shape[0] + 1, *parts.shape[2:]))
        for band, south in enumerate(self.below):
            found[south] += parts[band, 0]
            found[south + 1] += parts[band, 1]
        return found[: self.shape[0], : self.shape[1]]


def _between(count: int, size: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells by the pair of blocks they lie between; beyond the outer centres the outer block alone counts."""
    place = (np.arange(first, last) + 0.5) / size - 0.5
    start = np.clip(np.floor(place).astype(np.int64), 0, max(count - 2, 0))
    weight = np.clip(place - start, 0.0, 1.0 if count > 1 else 0.0)
    edges = np.flatnonzero(np.diff(start)) + 1
    runs = np.concatenate([[0], edges, [last - first]]).astype(np.int64)
    return runs, start[runs[:-1]], weight.astype(np.float32)


@njit(nogil=True, cache=True)
def send_bands(shares, leaving, bands, weight_y, runs, left, weight_x, parts, first, last):
    """Add up what the cells of some bands send; see `Blocks.send`."""
    aspects = shares.shape[0]
    for band in range(first, last):
        for row in range(bands[band], bands[band + 1]):
            north = weight_y[row]
            for run in range(left.size):
                for aspect in range(aspects):
                    share, total, east = shares[aspect, row], 0.0, 0.0
                    for k in range(runs[run], runs[run + 1]):
                        sent = np.float32(share[k]) * leaving[row, k]
                        total += sent
                        east += sent * weight_x[k]
                    total, east = total / WHOLE, east / WHOLE
                    west = total - east
                    parts[band, 0, left[run], aspect] += (1 - north) * west
                    parts[band, 0, left[run] + 1, aspect] += (1 - north) * east
                    parts[band, 1, left[run], aspect] += north * west
                    parts[band, 1, left[run] + 1, aspect] += north * east


@njit(nogil=True, cache=True)
def between_blocks(values, south, north, left, weight, at, slope):
    """A block field on one row of cells as a line in each run of columns: value at its western centre, and rise.

    Parameters
    ----------
    values : (block row, block column, quantity) float32
    south, north : int
        Rows of blocks.
    left : (run,) int64
    weight : float
        Of the northern row.
    at, slope : (run, quantity) float32
        Receive the line: ``at + slope * weight_x``.
    """
    last = values.shape[1] - 1
    for run in range(left.size):
        west, east = left[run], min(left[run] + 1, last)
        for q in range(values.shape[2]):
            here = values[south, west, q] + weight * (values[north, west, q] - values[south, west, q])
            there = values[south, east, q] + weight * (values[north, east, q] - values[south, east, q])
            at[run, q] = here
            slope[run, q] = there - here
