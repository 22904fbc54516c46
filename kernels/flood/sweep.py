"""One Euler stage over tiles: the one loop that Python calls, compiled once per precision and kept on disk."""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit

from kernels.flood import shallow_water, tiles
from kernels.flood.shallow_water import (
    add_gain,
    average_stages,
    draining_shares,
    face_fluxes,
    flatten,
    forget_tops,
    half_slopes,
    limit_fluxes,
    note_tops,
    outflow_only,
    sloped_fluxes,
    step_cells,
    track,
    velocities,
    wall_fluxes,
)


def _sweep_over(loops: int) -> Callable[..., None]:
    """Bind the sweep to the text of what it calls and names: the cache on disk keys on closures, not on those."""

    @njit(nogil=True, cache=True, error_model="numpy")
    def sweep(span, strips, stage, numbers, ground, state, out, peaks, walls_x, walls_y, free, tops, sides):
        """Take one Euler stage on some strips of tiles, each face computed once per strip.

        Parameters
        ----------
        span : (2,) int
            First strip and the one after the last.
        strips : (strip, 5) int64
            See `Tiles.due`.
        stage : int
            0 first order, from ``state`` to ``out``; 1 first stage of second order, the same way; 2 its second stage:
            reads ``state``, averages into ``out``, which holds the start of the step.
        numbers : (7,) float
            dt/dx [s m⁻¹], dt [s], factor of ``pattern`` that gives the step's rain [m], time after the step [s], film
            depth [m], arrival depth [m], highest Froude number of local inertia [1].
        ground : tuple of (y, x) float
            Bed [m], g n² [m^(1/3)], rain pattern [1].
        state, out : tuple of (y, x) float
            Depth [m], its compensation [m], unit discharge eastward and northward [m² s⁻¹].
        peaks : tuple of (y, x) float
            Maxima of depth, speed, unit discharge, hazard rating; arrival time; see `track`.
        walls_x, walls_y : tuple
            (start by row, face or column, crest [m]) of the faces with walls.
        free : (4,) int
            Whether west, east, south, north let water out and none in.
        tops : (tile row, tile column) int
            Receives the highest wave speed of each tile, as bits.
        sides : (2, y) and (2, x) float64
            Receive the mass flux inward over west and east, south and north. [m² s⁻¹]
        """
        _ = loops  # read, so that the closure holds it
        z, h = ground[0], state[0]
        real = h.dtype.type
        kind = h.dtype
        over, film = numbers[0], numbers[4]
        ny, nx = h.shape[0] - 2, h.shape[1] - 2
        second = stage > 0
        ahead = 2 if second else 1
        u, v = np.zeros((4, nx + 2), kind), np.zeros((4, nx + 2), kind)
        sx, sy = np.zeros((2, 4, nx + 2), kind), np.zeros((3, 4, nx + 2), kind)
        X, Y = np.zeros((2, 4, nx + 2), kind), np.zeros((3, 4, nx + 2), kind)
        share, drained = np.ones((3, nx + 2), kind), np.zeros(3, np.int32)
        gain, q = np.zeros(nx + 2, kind), np.zeros((2, nx + 2), kind)
        speed = np.zeros((2, nx + 2), kind)
        bits = speed.view(tops.dtype)
        for number in range(span[0], span[1]):
            j0, j1 = strips[number, 1], strips[number, 2]
            c0, c1 = strips[number, 3], strips[number, 4]
            forget_tops(strips, number, tops)
            r0 = max(1, j0 - 1)
            # cells whose shares the faces of the tile need, and what those in turn need
            e0, e1 = max(1, c0 - 1), min(nx + 1, c1 + 1)
            g0, g1 = max(1, e0 - 1), min(nx + 1, e1 + 1)
            v0, v1 = max(0, e0 - 2), min(nx + 2, e1 + 2)
            share[:, e0 - 1] = real(1.0)
            share[:, e1] = real(1.0)
            share[(r0 - 1) % 3, e0 - 1 : e1 + 1], drained[(r0 - 1) % 3] = real(1.0), 0
            for r in range(max(0, r0 - 2), r0 + ahead):
                velocities(state, r, v0, v1, u, v, r % 4)
            # row r - 1 can be finished once the shares of row r are known
            for r in range(r0 - 1, min(j1, ny) + (2 if j1 == ny + 1 else 1)):
                m, n, e = r % 3, r + 1, r + ahead
                if r == ny + 1:
                    share[m, e0:e1], drained[m] = real(1.0), 0
                else:
                    if r >= r0 and e <= ny + 1:
                        velocities(state, e, v0, v1, u, v, e % 4)
                    a, b = r % 4, n % 4
                    if second:
                        for k in range(r if r == r0 - 1 else n, n + 1):
                            if k <= 1 or k >= ny:
                                # ghosts have no slope, and none is made from them
                                sy[k % 3, :, :] = real(0.0)
                            else:
                                half_slopes(
                                    z, h, v, u, k, k - 1, k + 1, (k - 1) % 4, k % 4, (k + 1) % 4, 0,
                                    film, e0, e1, sy, k % 3,
                                )  # fmt: skip
                                flatten(walls_y, k - 1, 0, sy, k % 3)
                                flatten(walls_y, k, 0, sy, k % 3)
                        sloped_fluxes(z, h, v, u, r, n, a, b, 0, e0, e1, sy, m, n % 3, Y, m)
                    else:
                        face_fluxes(z, h, v, u, r, n, a, b, 0, e0, e1, Y, m)
                    wall_fluxes(walls_y, r, z, h, v, u, r, n, a, b, 0, e0, e1, Y, m)
                    if (r == 0 and free[2]) or (r == ny and free[3]):
                        outflow_only(Y, m, e0, e1, real(-1.0) if r == 0 else real(1.0))
                    if r < r0:
                        continue
                    x = r % 2
                    if second:
                        half_slopes(z, h, u, v, r, r, r, a, a, a, 1, film, max(g0, 2), min(g1, nx), sx, x)
                        flatten(walls_x, r, 1, sx, x)
                        # the outermost cells and the ghosts stay flat
                        sloped_fluxes(z, h, u, v, r, r, a, a, 1, e0 - 1, e1, sx, x, x, X, x)
                    else:
                        face_fluxes(z, h, u, v, r, r, a, a, 1, e0 - 1, e1, X, x)
                    wall_fluxes(walls_x, r, z, h, u, v, r, r, a, a, 1, e0 - 1, e1, X, x)
                    if free[0] and e0 == 1:
                        outflow_only(X, x, 0, 1, real(-1.0))
                    if free[1] and e1 == nx + 1:
                        outflow_only(X, x, nx, nx + 1, real(1.0))
                    draining_shares(h, r, X, x, Y, (r - 1) % 3, m, over, e0, e1, share, drained, m)
                j = r - 1
                if j < j0:
                    continue
                x, south, north = j % 2, (j - 1) % 3, j % 3
                if j == j0 and drained[south] + drained[north] > 0:
                    limit_fluxes(share, south, north, 0, c0, c1, Y, south)
                if drained[north] + drained[m] > 0:
                    limit_fluxes(share, north, m, 0, c0, c1, Y, north)
                if drained[north] > 0:
                    limit_fluxes(share, north, north, 1, c0 - 1, c1, X, x)
                if stage == 2:
                    step_cells(
                        state, ground, j, c0, c1, X, x, Y, south, north, sx, x, sy, north, numbers,
                        gain, q[:1], q[1:], 0,
                    )  # fmt: skip
                    average_stages(out, state, gain, q, j, c0, c1)
                else:
                    step_cells(
                        state, ground, j, c0, c1, X, x, Y, south, north, sx, x, sy, north, numbers,
                        gain, out[2], out[3], j,
                    )  # fmt: skip
                    add_gain(state, gain, out, j, c0, c1)
                if stage != 1:
                    track(out[0], j, out[2], out[3], j, c0, c1, numbers, peaks, speed, 0)
                    note_tops(bits, 0, j, j1, c0, c1, tops)
                if c0 == 1:
                    sides[0][0, j] = X[x, 0, 0]
                if c1 == nx + 1:
                    sides[0][1, j] = -X[x, 0, nx]
                if j == 1:
                    sides[1][0, c0:c1] = Y[south, 0, c0:c1]
                if j == ny:
                    sides[1][1, c0:c1] = -Y[north, 0, c0:c1]

    return sweep


sweep = _sweep_over(zlib.crc32(b"".join(Path(one.__file__).read_bytes() for one in (shallow_water, tiles))))
