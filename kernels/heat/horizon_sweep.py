"""The horizon of roofs and ground along one azimuth, by the upper hull of each line: exact at any distance."""

import numpy as np
from numba import njit

CHUNK = 64
"""Neighbouring lines that are followed one after the other, so that their cells stay in the cache."""

UNIT = np.float32(2**22)
"""Whole sky of an azimuth; a thousand of them fit in 32 bits."""
HALF = np.float32(0.5)


@njit(nogil=True, cache=True)
def add_open_sky(height, edge, order, base, strip, step_length, total):
    """Add cos² of the horizon's elevation, the part of an azimuth's sky that a level plane sees.

    Parameters
    ----------
    height, edge : (minor, major) float32
        Roofs and ground [m], and see `kernels.heat.scene.Scene`; transposed against the other sweeps.
    order, base : (step,) int64
        See `kernels.heat.lines.Lines`.
    strip : (4,) int64
        First step and the one after the last, first line and the one after the last.
    step_length : float32
        [m]
    total : (minor, major) uint32
        Added to in place, in parts of `UNIT`: whole numbers add up to the same in any order.

    Notes
    -----
    The points a line has passed are kept as their upper hull, seen from where the line stands: a point under the chord
    of its neighbours can never be the horizon again. Each point is pushed and dropped once, so a line costs as much
    as it is long (Dozier, Bruno and Downey 1981, doi:10.1016/0098-3004(81)90026-4).
    """
    steps, half_step = order.size, HALF * step_length
    far, tall = np.empty(steps + 1, np.float32), np.empty(steps + 1, np.float32)
    minor = height.shape[0]
    for chunk in range(strip[2], strip[3], CHUNK):
        for line in range(chunk, min(chunk + CHUNK, strip[3])):
            n = np.int64(0)
            begin, end = strip[0], strip[1]
            while begin < end and not 0 <= line - base[begin] < minor:
                begin += 1
            while end > begin and not 0 <= line - base[end - 1] < minor:
                end -= 1
            for step in range(begin, end):
                k, j = line - base[step], order[step]
                z, here = height[k, j], np.float32(step) * step_length
                if n > 0:
                    while n > 1 and (tall[n - 1] - tall[n - 2]) * (here - far[n - 2]) <= (z - tall[n - 2]) * (
                        far[n - 1] - far[n - 2]
                    ):
                        n -= 1
                    rise, away = tall[n - 1] - z, here - far[n - 1]
                    square = away * away
                    above = square / (square + rise * rise)
                    total[k, j] += np.uint32(UNIT * (above if rise > np.float32(0) else np.float32(1)) + HALF)
                else:
                    total[k, j] += np.uint32(UNIT)
                far[n] = here + np.float32(edge[k, j]) * half_step
                tall[n] = z
                n += 1
