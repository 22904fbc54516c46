"""Loops of the local inertia equations over rows of cells: the fast screening scheme, without convective acceleration.

Discharges live on faces: ``qx[r, i]`` lies between the cells ``i`` and ``i + 1`` of row ``r``, ``qy[r, i]`` between the
rows ``r`` and ``r + 1``. Grids carry one ring of ghost cells as in `kernels.flood.shallow_water`.

Sources: Bates, Horritt and Fewtrell (2010), doi:10.1016/j.jhydrol.2010.03.027, for the equation; de Almeida and Bates
(2013), doi:10.1002/wrcr.20366, for the q-centred diffusion that grows with the Courant number of the flow. Friction in
the denominator slows a thin film instead of overshooting. Two limiters of our own make it safe where its physics ends:
no face carries more than the Froude number that is allowed, no cell gives more than it has.
"""

import math

import numpy as np
from numba import njit

from kernels.flood.shallow_water import DRY, GRAVITY, HOLE, _still, index

FAST = 0.8
"""Froude number from which on the missing convective acceleration shows. [1]"""


@njit(nogil=True, error_model="numpy", inline="always")
def _discharge(q, beside, hf, jump, gn2, over, dt, cap):
    """Discharge of a face after a step [m² s⁻¹].

    ``beside`` is the mean of its two neighbours in the direction of the flow, ``hf`` the depth of the flow [m],
    ``jump`` the fall of the level [m], ``cap`` the highest Froude number. ``hf^(-1/3)`` comes from an integer first
    guess and Newton steps; two are good for 1e-5, far below what is known of any roughness.
    """
    real = type(q)
    zero, one, g = real(0.0), real(1.0), real(GRAVITY)
    wet = hf > real(DRY)
    depth = hf if wet else one
    bits = np.float32(np.float32(depth).view(np.int32))
    root = real(np.int32(np.float32(0x54A21D2A) - bits * np.float32(1.0 / 3.0)).view(np.float32))
    third, over_third = depth * real(1.0 / 3.0), real(4.0 / 3.0)
    root = root * (over_third - third * (root * root * root))
    root = root * (over_third - third * (root * root * root))
    if np.finfo(real).eps < 1e-12:
        root = root * (over_third - third * (root * root * root))
        root = root * (over_third - third * (root * root * root))
    inverse = root * root * root
    wave = math.sqrt(g * depth)
    size = abs(q)
    spread = over * min(size * inverse, wave)
    pushed = q + spread * (beside - q) + (g * over) * (depth * jump)
    after = pushed / (one + (dt * gn2) * size * (inverse * inverse * root))
    most = cap * depth * wave
    after = max(min(after, most), -most)
    return after if wet else zero


@njit(nogil=True, error_model="numpy")
def face_discharges(z, h, gn2, q, a, b, shift, row, rb, rf, back, first, last, numbers, out, m):
    """Discharges after a step of the faces ``first`` to ``last`` of a row, into ``out[m]``.

    The cells before the faces lie in row ``a``, those after in row ``b``, ``shift`` columns on. The neighbours of face
    ``i`` in the direction of the flow are ``q[rb, i - back]`` and ``q[rf, i + back]``. A hole is dry and higher than
    any water, so that no face of it ever opens.
    """
    real = h.dtype.type
    over, dt, cap = numbers[0], numbers[1], numbers[6]
    zero, half = real(0.0), real(0.5)
    for i in range(index(first), index(last)):
        j = i + index(shift)
        z0, z1, h0, h1 = z[a, i], z[b, j], h[a, i], h[b, j]
        own, before, after = q[row, i], q[rb, i - index(back)], q[rf, i + index(back)]
        rough = half * (gn2[a, i] + gn2[b, j])
        step = z1 - z0
        hf = max(h0 - max(step, zero), h1 + min(step, zero))
        jump = _still((h0 - h1) - step, h0 + h1)
        out[m, i] = _discharge(own, half * (before + after), hf, jump, rough, over, dt, cap)


@njit(nogil=True, error_model="numpy")
def wall_discharges(walls, z, h, gn2, q, row, a, b, shift, first, last, numbers, out, m):
    """Replace the discharges of those of the faces ``first`` to ``last`` of a row that carry a wall.

    The crest is the bed of the face; what passes is at most the free discharge of a broad-crested weir,
    (2/3)^(3/2) g^(1/2) H^(3/2) (ISO 3846).
    """
    start, face, crest = walls
    real = h.dtype.type
    zero, half = real(0.0), real(0.5)
    law = real((2.0 / 3.0) ** 1.5 * GRAVITY**0.5)
    for k in range(start[row], start[row + 1]):
        i = face[k]
        if i < first or i >= last:
            continue
        j = i + shift
        z0, z1 = z[a, i], z[b, j]
        if z0 >= real(HOLE) or z1 >= real(HOLE):
            continue
        top = max(crest[k], max(z0, z1))
        head = max(max(h[a, i] - (top - z0), h[b, j] - (top - z1)), zero)
        over_l, over_r = max(h[a, i] - (top - z0), zero), max(h[b, j] - (top - z1), zero)
        own = q[row, i]
        rough = half * (gn2[a, i] + gn2[b, j])
        new = _discharge(own, own, head, over_l - over_r, rough, numbers[0], numbers[1], numbers[6])
        most = law * head * math.sqrt(head)
        out[m, i] = max(min(new, most), -most)


@njit(nogil=True, error_model="numpy")
def leaving_only(out, m, first, last, outward):
    """Keep free faces from letting water in: ``outward`` is the sign of a leaving discharge."""
    real = out.dtype.type
    for i in range(first, last):
        out[m, i] = out[m, i] if out[m, i] * outward > real(0.0) else real(0.0)


@njit(nogil=True, error_model="numpy")
def shares_of(h, row, X, x, Y, south, north, over, first, last, share, k):
    """Part of its outflow that each of the cells ``first`` to ``last`` can afford in a step; counts who cannot."""
    real = h.dtype.type
    zero, one = real(0.0), real(1.0)
    safe = one - real(8.0) * real(np.finfo(h.dtype).eps)
    count = np.int32(0)
    for i in range(index(first), index(last)):
        w = i - index(1)
        out = (max(X[x, i], zero) - min(X[x, w], zero)) + (max(Y[north, i], zero) - min(Y[south, i], zero))
        out = over * out
        have = safe * h[row, i]
        drains = out > have
        part = have / (out if drains else one)
        share[k, i] = part if drains else one
        count += np.int32(1) if drains else np.int32(0)
    return count


@njit(nogil=True, error_model="numpy")
def limited(share, k0, k1, shift, first, last, flux, m, q, row):
    """Write the faces ``first`` to ``last``, each scaled by the share of the cell it drains, to ``q[row]``."""
    real = flux.dtype.type
    for i in range(index(first), index(last)):
        before, after, mass = share[k0, i], share[k1, i + index(shift)], flux[m, i]
        q[row, i] = mass * (before if mass > real(0.0) else after)


@njit(nogil=True, error_model="numpy")
def balance(water, pattern, row, first, last, numbers, q):
    """Update depth and compensation of a row from its faces and the rain; write discharges at the centres to ``q``.

    Two-sum as in `kernels.flood.shallow_water.add_gain`.
    """
    h, c, qx, qy = water
    real = h.dtype.type
    over, rain, half = numbers[0], numbers[2], real(0.5)
    for i in range(index(first), index(last)):
        w = i - index(1)
        west, east, south, north = qx[row, w], qx[row, i], qy[row - 1, i], qy[row, i]
        y = (over * ((west - east) + (south - north)) + rain * pattern[row, i]) + c[row, i]
        before = h[row, i]
        total = before + y
        back = total - before
        c[row, i] = (before - (total - back)) + (y - back)
        h[row, i] = total
        q[0, i] = half * (west + east)
        q[1, i] = half * (south + north)


@njit(nogil=True, error_model="numpy")
def note_fast(h, q, row, first, last, fast):
    """Mark the cells of a row that are, or were, faster than the scheme is meant for: Froude number >= `FAST`."""
    real = h.dtype.type
    limit = real(FAST * FAST * GRAVITY)
    for i in range(index(first), index(last)):
        depth = h[row, i]
        swift = (q[0, i] * q[0, i] + q[1, i] * q[1, i] >= limit * depth * depth * depth) & (depth > real(1e-2))
        fast[row, i] = fast[row, i] | np.uint8(1 if swift else 0)
