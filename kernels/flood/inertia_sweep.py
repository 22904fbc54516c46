"""Both halves of a local inertia step over strips of tiles, compiled once per precision and kept on disk.

The first half finds the discharges of all faces and, while they are still in the cache, moves the water of the rows
that no other strip looks at; the second half moves the water of the rest.
"""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit

from kernels.flood import local_inertia, shallow_water, tiles
from kernels.flood.local_inertia import (
    balance,
    face_discharges,
    leaving_only,
    limited,
    note_fast,
    shares_of,
    wall_discharges,
)
from kernels.flood.shallow_water import forget_tops, note_tops, track


@njit(nogil=True, error_model="numpy")
def inner_rows(strips, number, nx):
    """First row, and the one after the last, that no other strip reads the old depth of; none in a narrow strip."""
    j0, j1 = strips[number, 1], strips[number, 2]
    whole = strips[number, 3] == 1 and strips[number, 4] == nx + 1
    return (j0 + 2, j1 - 1) if whole else (j0, j0)


@njit(nogil=True, error_model="numpy")
def finish_row(water, pattern, row, end, c0, c1, numbers, q, peaks, fast, speed, bits, tops, sides):
    """Move the water of a row over its faces, keep its maxima, and book what passed the sides."""
    h, _, qx, qy = water
    ny, nx = h.shape[0] - 2, h.shape[1] - 2
    balance(water, pattern, row, c0, c1, numbers, q)
    track(h, row, q[:1], q[1:], 0, c0, c1, numbers, peaks, speed, 0)
    note_fast(h, q, row, c0, c1, fast)
    note_tops(bits, 0, row, end, c0, c1, tops)
    if c0 == 1:
        sides[0][0, row] = qx[row, 0]
    if c1 == nx + 1:
        sides[0][1, row] = -qx[row, nx]
    if row == 1:
        sides[1][0, c0:c1] = qy[0, c0:c1]
    if row == ny:
        sides[1][1, c0:c1] = -qy[ny, c0:c1]


def _faces_over(loops: int) -> Callable[..., None]:
    """Bind the sweep to the text of what it calls and names: the cache on disk keys on closures, not on those."""

    @njit(nogil=True, cache=True, error_model="numpy")
    def inertia_faces(span, strips, numbers, ground, water, out, walls_x, walls_y, free, peaks, fast, tops, sides):
        """Discharges of all faces of some strips after a step, from ``water`` into ``out``; then the inner rows.

        Parameters
        ----------
        span : (2,) int
            First strip and the one after the last.
        strips : (strip, 5) int64
            See `kernels.flood.tiles.Tiles.due`.
        numbers : (7,) float
            dt/dx [s m⁻¹], dt [s], factor of ``pattern`` that gives the step's rain [m], time after the step [s], film
            depth [m], arrival depth [m], highest Froude number of local inertia [1].
        ground : tuple of (y, x) float
            Bed [m], g n² [m^(1/3)], rain pattern [1].
        water : tuple of (y, x) float
            Depth [m], its compensation [m], unit discharge of east and north faces [m² s⁻¹].
        out : tuple of (y, x) float
            Receives the discharges of east and north faces.
        walls_x, walls_y : tuple
            (start by row, face or column, crest [m]) of the faces with walls.
        free : (4,) int
            Whether west, east, south, north let water out and none in.
        peaks : tuple of (y, x) float
            See `kernels.flood.shallow_water.track`.
        fast : (y, x) uint8
            1 where the Froude number ever was `kernels.flood.local_inertia.FAST` or more.
        tops, sides
            As for `kernels.flood.sweep.sweep`.
        """
        _ = loops  # read, so that the closure holds it
        z, gn2, pattern = ground
        h, c, qx, qy = water
        after = (h, c, out[0], out[1])
        kind, real = h.dtype, h.dtype.type
        ny, nx = h.shape[0] - 2, h.shape[1] - 2
        over = numbers[0]
        X, Y = np.zeros((2, nx + 2), kind), np.zeros((3, nx + 2), kind)
        share, q = np.ones((3, nx + 2), kind), np.zeros((2, nx + 2), kind)
        speed = np.zeros((2, nx + 2), kind)
        bits = speed.view(tops.dtype)
        for number in range(span[0], span[1]):
            j0, j1 = strips[number, 1], strips[number, 2]
            c0, c1 = strips[number, 3], strips[number, 4]
            e1 = min(nx + 1, c1 + 1)
            first_row, last_row = inner_rows(strips, number, nx)
            forget_tops(strips, number, tops)
            share[:, c0 - 1] = real(1.0)
            share[:, e1] = real(1.0)
            share[(j0 - 1) % 3, c0:e1] = real(1.0)
            # row r - 1 can be finished once the shares of row r are known
            for r in range(j0 - 1, j1 + 1):
                m, south = r % 3, (r - 1) % 3
                if r == ny + 1:
                    share[m, c0:e1] = real(1.0)
                else:
                    rb, rf = (r - 1, r + 1) if 0 < r < ny else (r, r)
                    face_discharges(z, h, gn2, qy, r, r + 1, 0, r, rb, rf, 0, c0, e1, numbers, Y, m)
                    wall_discharges(walls_y, z, h, gn2, qy, r, r, r + 1, 0, c0, e1, numbers, Y, m)
                    if (r == 0 and free[2]) or (r == ny and free[3]):
                        leaving_only(Y, m, c0, e1, real(-1.0) if r == 0 else real(1.0))
                    if r < j0:
                        continue
                    x = r % 2
                    first, last = max(c0 - 1, 1), min(e1, nx)
                    face_discharges(z, h, gn2, qx, r, r, 1, r, r, r, 1, first, last, numbers, X, x)
                    if c0 == 1:
                        face_discharges(z, h, gn2, qx, r, r, 1, r, r, r, 0, 0, 1, numbers, X, x)
                    if e1 == nx + 1:
                        face_discharges(z, h, gn2, qx, r, r, 1, r, r, r, 0, nx, nx + 1, numbers, X, x)
                    wall_discharges(walls_x, z, h, gn2, qx, r, r, r, 1, c0 - 1, e1, numbers, X, x)
                    if free[0] and c0 == 1:
                        leaving_only(X, x, 0, 1, real(-1.0))
                    if free[1] and e1 == nx + 1:
                        leaving_only(X, x, nx, nx + 1, real(1.0))
                    shares_of(h, r, X, x, Y, south, m, over, c0, e1, share, m)
                    if r == 1:
                        limited(share, 0, 1, 0, c0, c1, Y, 0, out[1], 0)
                j = r - 1
                if j < j0:
                    continue
                x = j % 2
                limited(share, j % 3, j % 3, 1, 0 if c0 == 1 else c0, c1, X, x, out[0], j)
                limited(share, j % 3, m, 0, c0, c1, Y, j % 3, out[1], j)
                if first_row <= j < last_row:
                    finish_row(
                        after, pattern, j, min(j1, last_row), c0, c1, numbers, q, peaks, fast, speed, bits,
                        tops, sides,
                    )  # fmt: skip

    return inertia_faces


def _cells_over(loops: int) -> Callable[..., None]:
    """As `_faces_over`."""

    @njit(nogil=True, cache=True, error_model="numpy")
    def inertia_cells(span, strips, numbers, pattern, water, peaks, fast, tops, sides):
        """Move the water of the rows of some strips that `inertia_faces` has left, in place.

        Parameters
        ----------
        span, strips, numbers, water
            As for `inertia_faces`, the discharges those after the step.
        pattern : (y, x) float
            Rain pattern. [1]
        peaks, fast, tops, sides
            As for `inertia_faces`.
        """
        _ = loops  # read, so that the closure holds it
        nx = water[0].shape[1] - 2
        q, speed = np.zeros((2, nx + 2), water[0].dtype), np.zeros((2, nx + 2), water[0].dtype)
        bits = speed.view(tops.dtype)
        for number in range(span[0], span[1]):
            first_row, last_row = inner_rows(strips, number, nx)
            for j in range(strips[number, 1], strips[number, 2]):
                if j < first_row or j >= last_row:
                    finish_row(
                        water, pattern, j, j + 1, strips[number, 3], strips[number, 4], numbers, q, peaks, fast,
                        speed, bits, tops, sides,
                    )  # fmt: skip

    return inertia_cells


_TEXTS = (shallow_water, local_inertia, tiles)
_LOOPS = zlib.crc32(b"".join(Path(one.__file__).read_bytes() for one in _TEXTS))
inertia_faces = _faces_over(_LOOPS)
inertia_cells = _cells_over(_LOOPS)
