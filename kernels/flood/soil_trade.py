"""Loops that pour water into single cells and take it out, for the parts that trade with a list of cells."""

import math

import numpy as np
from numba import njit

from kernels.flood.shallow_water import DRY, GRAVITY


@njit(nogil=True, error_model="numpy", inline="always")
def _give_depth(h, c, row, column, depth):
    """Give a padded cell a depth, as depth and compensation; what the two hold together, never below 0. [m]"""
    h[row, column] = depth
    c[row, column] = depth - np.float64(h[row, column])
    holds = np.float64(h[row, column]) + np.float64(c[row, column])
    if holds < 0.0:
        h[row, column] = 0.0
        c[row, column] = 0.0
        holds = 0.0
    return holds


@njit(nogil=True, cache=True, error_model="numpy")
def pour_into(water, area, rows, columns, volumes):
    """Add volumes of still water to cells, one after the other.

    Parameters
    ----------
    water : tuple of (y + 2, x + 2) float
        Depth [m], its compensation [m], unit discharge eastward and northward [m² s⁻¹].
    area : float
        Of a cell. [m²]
    rows, columns : (n,) int
        Cells, without ghosts; one may stand there more than once.
    volumes : (n,) float64
        0 or more. [m³]

    Returns
    -------
    float
        Highest wave speed |u| + √(g h) of the cells that got water. [m s⁻¹]
    """
    h, c, qx, qy = water
    fastest = 0.0
    for n in range(volumes.size):
        if volumes[n] > 0.0:
            j, i = rows[n] + 1, columns[n] + 1
            depth = _give_depth(h, c, j, i, np.float64(h[j, i]) + np.float64(c[j, i]) + volumes[n] / area)
            flow = max(abs(np.float64(qx[j, i])), abs(np.float64(qy[j, i])))
            fastest = max(fastest, flow / max(depth, DRY) + math.sqrt(GRAVITY * depth))
    return fastest


@njit(nogil=True, cache=True, error_model="numpy")
def take_from(water, area, rows, columns, volumes, slows, taken):
    """Take volumes out of cells, at most what is there, one after the other.

    Parameters
    ----------
    water, area, rows, columns
        As of `pour_into`.
    volumes : (n,) float64
        Wanted, 0 or more. [m³]
    slows : bool
        Whether discharges live in the cells, so that they lose the momentum of the water that leaves.
    taken : (n,) float64
        Receives what the cells hold less afterwards. [m³]
    """
    h, c, qx, qy = water
    real = h.dtype.type
    for n in range(volumes.size):
        taken[n] = 0.0
        j, i = rows[n] + 1, columns[n] + 1
        before = np.float64(h[j, i]) + np.float64(c[j, i])
        if volumes[n] > 0.0 and before > 0.0:
            after = _give_depth(h, c, j, i, max(before - volumes[n] / area, 0.0))
            taken[n] = (before - after) * area
            if slows:
                qx[j, i] *= real(after / before)
                qy[j, i] *= real(after / before)
