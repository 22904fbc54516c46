"""The seam between what a warm rerun computes and what it reads: cells that follow the recording between snapshots."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, error_model="numpy")
def lay_seam(water, rows, columns, before, after, share):
    """Put cells between two snapshots.

    Parameters
    ----------
    water : tuple of (y, x) float
        Depth [m], its compensation [m], unit discharge eastward and northward [m² s⁻¹]; padded.
    rows, columns : (n,) int64
        The cells, in the padded grid.
    before, after : (3, n) float32
        Depth and discharges at the two snapshots.
    share : float
        Part of the time between them that is over. [1]
    """
    h, c, qx, qy = water
    part = np.float32(share)
    for k in range(rows.size):
        j, i = rows[k], columns[k]
        h[j, i] = before[0, k] + part * (after[0, k] - before[0, k])
        qx[j, i] = before[1, k] + part * (after[1, k] - before[1, k])
        qy[j, i] = before[2, k] + part * (after[2, k] - before[2, k])
        c[j, i] = 0.0
