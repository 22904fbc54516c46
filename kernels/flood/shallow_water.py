"""Loops of the shallow water equations over rows of cells: each face once, selects instead of branches.

All grids here carry one ring of ghost cells, so shapes are ``(ny + 2, nx + 2)``. Face ``f`` of a row lies between the
cells ``f`` and ``f + 1``; row of faces ``r`` lies between the rows ``r`` and ``r + 1``. A hole (building, closed side)
has a bed at or above `HOLE`; a face that touches one reflects. Everything works in the precision of its arrays. No sum
depends on the order of west and east, south and north, x and y, so that mirrored input gives bitwise mirrored output.

Sources: HLLC as in Toro (2001) with the two-rarefaction wave speeds; hydrostatic reconstruction of Audusse et al.
(2004), doi:10.1137/S1064827503431090, with the push of steps higher than the water beside them after Chen and Noelle
(2017), doi:10.1137/15M1053074, without which a thin film hardly feels a slope.
"""

import math

import numpy as np
from numba import njit

from kernels.flood.tiles import TILE_COLUMNS, TILE_ROWS

GRAVITY = 9.81
"""Standard acceleration of free fall, rounded as hydraulic practice does. [m s⁻²]"""
HOLE = 1e8
"""Bed from which on a cell is a hole: far above any ground, exact in float32. [m]"""
DRY = 1e-6
"""Depth under which water has no momentum. [m]"""
index = np.uint64
"""Type of the columns in the inner loops: without a sign nothing wraps around, so that they vectorise."""


@njit(nogil=True, error_model="numpy", inline="always")
def _still(difference, depths):
    """A difference of levels, zero where it is no more than the rounding of the depths it comes from."""
    real = type(difference)
    return difference if abs(difference) > real(2.0) * real(np.finfo(real).eps) * depths else real(0.0)


@njit(nogil=True, error_model="numpy", inline="always")
def _flux(hl, ul, tl, hr, ur, tr, step, jump, closed):
    """Flux over one face from its two sides.

    ``step`` is the bed on the right less that on the left, ``jump`` the level on the left less that on the right [m]:
    the two depths say so too, but for their rounding, which would stir a lake at rest.

    Returns the mass flux, the normal momentum fluxes that the left and the right cell see (less their own hydrostatic
    pressure), the tangential momentum flux.
    """
    real = type(hl)
    zero, half, two, g = real(0.0), real(0.5), real(2.0), real(GRAVITY)
    up = max(step, zero)
    down = max(-step, zero)
    a = max(hl - up, zero)
    b = max(hr - down, zero)
    ca = math.sqrt(g * a)
    cb = math.sqrt(g * b)
    more = jump if (hl > up and hr > down) else a - b
    us = half * (ul + ur) + (ca - cb)
    cs = abs(half * (ca + cb) + real(0.25) * (ul - ur))
    wet_a = a > zero
    wet_b = b > zero
    sl = min(ul - ca, us - cs) if wet_b else ul - ca
    sl = sl if wet_a else ur - two * cb
    sr = max(ur + cb, us + cs) if wet_a else ur + cb
    sr = sr if wet_b else ul + two * ca
    sl = min(sl, zero)
    sr = max(sr, zero)
    width = sr - sl
    wide = width > real(1e-12)
    scale = real(1.0) / (width if wide else real(1.0))
    scale = scale if wide else zero
    ma = a * ul
    mb = b * ur
    both = sl * sr
    mass = ((sr * ma - sl * mb) - both * more) * scale
    mass = zero if closed else mass
    # less the own pressure from the start: at rest nothing is left to cancel
    drop = half * g * more * (a + b)
    carried = (sr * ma * ul - sl * mb * ur) + both * (mb - ma)
    left = (carried + sl * drop) * scale - g * a * max(down - hr, zero)
    right = (carried + sr * drop) * scale - g * b * max(up - hl, zero)
    return mass, left, right, mass * (tl if mass > zero else tr)


@njit(nogil=True, error_model="numpy")
def velocities(water, row, first, last, u, v, k):
    """Velocity [m s⁻¹] of cells ``first`` to ``last`` from depth [m] and unit discharge [m² s⁻¹], into row ``k``."""
    h, _, qx, qy = water
    real = h.dtype.type
    for i in range(index(first), index(last)):
        inverse = real(1.0) / max(h[row, i], real(DRY))
        u[k, i] = qx[row, i] * inverse
        v[k, i] = qy[row, i] * inverse


@njit(nogil=True, error_model="numpy")
def face_fluxes(z, h, un, ut, a, b, ka, kb, shift, first, last, flux, m):
    """Fluxes of first order over faces ``first`` to ``last`` of a row, into ``flux[m]``; see `_flux`.

    The cells before the faces lie in row ``a`` (row ``ka`` of the velocities), those after in row ``b``, ``shift``
    columns on: 0 for faces between two rows, 1 for faces within one. ``un``, ``ut``: velocity across and along.
    """
    real = h.dtype.type
    for i in range(index(first), index(last)):
        j = i + index(shift)
        z0, z1, h0, h1 = z[a, i], z[b, j], h[a, i], h[b, j]
        u0, u1, t0, t1 = un[ka, i], un[kb, j], ut[ka, i], ut[kb, j]
        hole0 = z0 >= real(HOLE)
        hole1 = z1 >= real(HOLE)
        closed = hole0 | hole1
        hl = h1 if hole0 else h0
        ul = -u1 if hole0 else u0
        hr = h0 if hole1 else h1
        ur = -u0 if hole1 else u1
        step = real(0.0) if closed else z1 - z0
        jump = _still((hl - hr) - step, hl + hr)
        mass, left, right, side = _flux(hl, ul, t0, hr, ur, t1, step, jump, closed)
        flux[m, 0, i], flux[m, 1, i], flux[m, 2, i], flux[m, 3, i] = mass, left, right, side


@njit(nogil=True, error_model="numpy", inline="always")
def _minmod(a, b):
    """The smaller of two slopes where they agree in sign, else zero."""
    real = type(a)
    smaller = a if abs(a) < abs(b) else b
    return smaller if a * b > real(0.0) else real(0.0)


@njit(nogil=True, error_model="numpy")
def half_slopes(z, h, un, ut, row, before, after, kb, k, kf, shift, film, first, last, slope, m):
    """Half differences over cells ``first`` to ``last`` of a row along one axis, into ``slope[m]``.

    They are of depth, level, and both velocities. The cell before lies in row ``before``, ``shift`` columns back, the
    cell after likewise ahead. Level and velocities are limited by minmod. The bed takes what is left of the level's
    slope once depth is kept from falling under zero, so a lake at rest keeps a flat level whatever its bed. Cells
    beside a hole, or with less water than ``film`` [m], stay flat.
    """
    real = h.dtype.type
    zero, half = real(0.0), real(0.5)
    for i in range(index(first), index(last)):
        p, n = i - index(shift), i + index(shift)
        # all is loaded before anything is chosen, or the loop does not vectorise
        depth, bed, h_b, h_f = h[row, i], z[row, i], h[before, p], h[after, n]
        z_b, z_f = z[before, p], z[after, n]
        u_b, u, u_f = un[kb, p], un[k, i], un[kf, n]
        t_b, t, t_f = ut[kb, p], ut[k, i], ut[kf, n]
        rise_b, rise_f = bed - z_b, z_f - bed
        keep = (max(abs(rise_b), abs(rise_f)) < real(0.5 * HOLE)) & (depth > film)
        level = _still(_minmod((depth - h_b) + rise_b, (h_f - depth) + rise_f), depth + (h_b + h_f))
        part = half if keep else zero
        level = part * level
        floor = part * _minmod(rise_b, rise_f)
        slope[m, 0, i] = max(min(level - floor, depth), -depth)
        slope[m, 1, i] = level
        slope[m, 2, i] = part * _minmod(u - u_b, u_f - u)
        slope[m, 3, i] = part * _minmod(t - t_b, t_f - t)


@njit(nogil=True, error_model="numpy")
def flatten(walls, row, shift, slope, m):
    """Make the cells on both sides of a row's walls flat, across faces within the row (``shift`` 1) or above it (0)."""
    start, face, _ = walls
    for k in range(start[row], start[row + 1]):
        for i in range(face[k], face[k] + shift + 1):
            slope[m, :, i] = slope.dtype.type(0.0)


@njit(nogil=True, error_model="numpy")
def sloped_fluxes(z, h, un, ut, a, b, ka, kb, shift, first, last, slope, sa, sb, flux, m):
    """Fluxes of second order over faces ``first`` to ``last``; rows ``sa``, ``sb`` of ``slope`` lie on their sides."""
    real = h.dtype.type
    zero = real(0.0)
    for i in range(index(first), index(last)):
        j = i + index(shift)
        hole0 = z[a, i] >= real(HOLE)
        hole1 = z[b, j] >= real(HOLE)
        closed = hole0 | hole1
        dh0, dl0, dh1, dl1 = slope[sa, 0, i], slope[sa, 1, i], slope[sb, 0, j], slope[sb, 1, j]
        hl = h[a, i] + dh0
        hr = h[b, j] - dh1
        ul = un[ka, i] + slope[sa, 2, i]
        ur = un[kb, j] - slope[sb, 2, j]
        tl = ut[ka, i] + slope[sa, 3, i]
        tr = ut[kb, j] - slope[sb, 3, j]
        hm = hr if hole0 else hl
        hn = hl if hole1 else hr
        um = -ur if hole0 else ul
        vm = -ul if hole1 else ur
        rise = z[b, j] - z[a, i]
        step = zero if closed else rise - ((dl0 - dh0) + (dl1 - dh1))
        jump = zero if closed else _still((h[a, i] - h[b, j]) - rise, h[a, i] + h[b, j]) + (dl0 + dl1)
        mass, left, right, side = _flux(hm, um, tl, hn, vm, tr, step, jump, closed)
        flux[m, 0, i], flux[m, 1, i], flux[m, 2, i], flux[m, 3, i] = mass, left, right, side


@njit(nogil=True, error_model="numpy")
def wall_fluxes(walls, row, z, h, un, ut, a, b, ka, kb, shift, first, last, flux, m):
    """Replace the fluxes of those of the faces ``first`` to ``last`` of a row that carry a wall.

    The crest [m, absolute as ``z``] is the bed of the face; what flows over is at most the free discharge of a
    broad-crested weir, (2/3)^(3/2) g^(1/2) H^(3/2) with H the head over the crest, velocity head included
    (ISO 3846). What the wall stops pushes back on the cell as on a mirror.
    """
    start, face, crest = walls
    real = h.dtype.type
    zero, half, g = real(0.0), real(0.5), real(GRAVITY)
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
        hl, hr, ul, ur = h[a, i], h[b, j], un[ka, i], un[kb, j]
        over_l = max(hl - (top - z0), zero)
        over_r = max(hr - (top - z1), zero)
        jump = _still((hl - hr) - (z1 - z0), hl + hr)
        mass, left, right, side = _flux(over_l, ul, ut[ka, i], over_r, ur, ut[kb, j], zero, jump, False)
        head = over_l + half * ul * ul / g if mass > zero else over_r + half * ur * ur / g
        limit = law * head * math.sqrt(head)
        share = limit / abs(mass) if abs(mass) > limit else real(1.0)
        held_l = (hl - over_l) * ul * (math.sqrt(g * hl) + real(1.5) * max(ul, zero))
        held_r = (hr - over_r) * ur * (math.sqrt(g * hr) + real(1.5) * max(-ur, zero))
        flux[m, 0, i] = share * mass
        flux[m, 1, i] = share * left + held_l
        flux[m, 2, i] = share * right - held_r
        flux[m, 3, i] = share * side


@njit(nogil=True, error_model="numpy")
def outflow_only(flux, m, first, last, outward):
    """Keep free faces from letting water in: ``outward`` is the sign of a leaving mass flux."""
    real = flux.dtype.type
    for i in range(index(first), index(last)):
        leaves = flux[m, 0, i] * outward > real(0.0)
        flux[m, 0, i] = flux[m, 0, i] if leaves else real(0.0)
        flux[m, 3, i] = flux[m, 3, i] if leaves else real(0.0)


@njit(nogil=True, error_model="numpy")
def draining_shares(h, row, X, x, Y, south, north, over, first, last, share, drained, k):
    """Part of its outflow that each of the cells ``first`` to ``last`` can afford in a step: 1, or less if it runs dry.

    ``over`` is dt/dx [s m⁻¹]; ``x``, ``south``, ``north`` are the rows of ``X`` and ``Y`` around the cells.
    ``drained`` counts the cells that cannot afford all of it.
    """
    real = h.dtype.type
    zero, one = real(0.0), real(1.0)
    safe = one - real(8.0) * real(np.finfo(h.dtype).eps)
    count = np.int32(0)
    for i in range(index(first), index(last)):
        w = i - index(1)
        out = (max(X[x, 0, i], zero) - min(X[x, 0, w], zero)) + (max(Y[north, 0, i], zero) - min(Y[south, 0, i], zero))
        out = over * out
        have = safe * h[row, i]
        drains = out > have
        part = have / (out if drains else one)
        share[k, i] = part if drains else one
        count += np.int32(1) if drains else np.int32(0)
    drained[k] = count


@njit(nogil=True, error_model="numpy")
def limit_fluxes(share, k0, k1, shift, first, last, flux, m):
    """Scale faces ``first`` to ``last`` by the share of the cell they drain; the rest of the face is a wall."""
    real = flux.dtype.type
    for i in range(index(first), index(last)):
        before, after, mass = share[k0, i], share[k1, i + index(shift)], flux[m, 0, i]
        part = before if mass > real(0.0) else after
        flux[m, 0, i] = mass * part
        flux[m, 1, i] *= part
        flux[m, 2, i] *= part
        flux[m, 3, i] *= part


@njit(nogil=True, error_model="numpy")
def step_cells(
    water, ground, row, first, last, X, x, Y, south, north, slope_x, mx, slope_y, my, numbers, gain, qxn, qyn, to
):
    """Advance the cells ``first`` to ``last`` of a row by one explicit step with friction point-implicit.

    Depth gain, and unit discharge after the step into row ``to``. Friction solves q + τ q² = q* exactly,
    τ = dt g n² h^(-7/3), so the flow settles on Manning's formula for any step. ``h^(-1/3)`` comes from an integer
    first guess and Newton steps. The slopes of the level add the pull g h dη that the faces do not carry.
    """
    h, _, qx, qy = water
    _, gn2, pattern = ground
    real = h.dtype.type
    zero, one, two, four = real(0.0), real(1.0), real(2.0), real(4.0)
    third, over_third, g = real(1.0 / 3.0), real(4.0 / 3.0), real(GRAVITY)
    over, dt, rain = numbers[0], numbers[1], numbers[2]
    fine = np.finfo(h.dtype).eps < 1e-12
    for i in range(index(first), index(last)):
        w = i - index(1)
        dh = over * ((X[x, 0, w] - X[x, 0, i]) + (Y[south, 0, i] - Y[north, 0, i])) + rain * pattern[row, i]
        pull = two * g * h[row, i]
        across = (X[x, 2, w] - X[x, 1, i]) - pull * slope_x[mx, 1, i]
        px = qx[row, i] + over * (across + (Y[south, 3, i] - Y[north, 3, i]))
        across = (Y[south, 2, i] - Y[north, 1, i]) - pull * slope_y[my, 1, i]
        py = qy[row, i] + over * ((X[x, 3, w] - X[x, 3, i]) + across)
        depth = h[row, i] + dh
        wet = depth > real(DRY)
        safe = depth if wet else one
        guess = np.int32(np.int32(0x54A21D2A) - np.float32(safe).view(np.int32) // np.int32(3))
        root = real(guess.view(np.float32))
        part = safe * third
        root = root * (over_third - part * root * root * root)
        root = root * (over_third - part * root * root * root)
        root = root * (over_third - part * root * root * root)
        if fine:
            root = root * (over_third - part * root * root * root)
        inverse = root * root * root
        tau = dt * gn2[row, i] * (inverse * inverse * root)
        brake = two / (one + math.sqrt(one + four * tau * math.sqrt(px * px + py * py)))
        brake = brake if wet else zero
        gain[i] = dh
        qxn[to, i] = px * brake
        qyn[to, i] = py * brake


@njit(nogil=True, error_model="numpy")
def add_gain(water, gain, out, row, first, last):
    """Add a depth gain to a compensated depth ``h + c`` (Knuth's two-sum): nothing smaller than a digit is lost."""
    h, c = water[0], water[1]
    hn, cn = out[0], out[1]
    for i in range(index(first), index(last)):
        y = gain[i] + c[row, i]
        total = h[row, i] + y
        back = total - h[row, i]
        cn[row, i] = (h[row, i] - (total - back)) + (y - back)
        hn[row, i] = total


@njit(nogil=True, error_model="numpy")
def average_stages(start, water, gain, q, row, first, last):
    """Second stage of Heun's method (SSP-RK2): the mean of the start and two Euler steps, written over the start."""
    h, c, qx, qy = start
    h1, c1 = water[0], water[1]
    real = h.dtype.type
    half = real(0.5)
    for i in range(index(first), index(last)):
        y = half * (((h1[row, i] - h[row, i]) + (c1[row, i] - c[row, i])) + gain[i]) + c[row, i]
        total = h[row, i] + y
        back = total - h[row, i]
        c[row, i] = (h[row, i] - (total - back)) + (y - back)
        h[row, i] = total
        wet = total > real(DRY)
        qx[row, i] = half * (qx[row, i] + q[0, i]) if wet else real(0.0)
        qy[row, i] = half * (qy[row, i] + q[1, i]) if wet else real(0.0)


@njit(nogil=True, error_model="numpy")
def track(h, row, qx, qy, k, first, last, numbers, peaks, speed, block):
    """Update the maxima of a row and write its wave speeds |u| + √(g h) [m s⁻¹], into row ``block`` of ``speed``.

    Discharges are in row ``k`` of ``qx`` and ``qy``. Hazard rating HR = d (v + 0.5) + DF with the debris factor of
    dense urban areas, 1 above 0.25 m or 2 m/s (Defra and Environment Agency, FD2321/TR1, 2006).
    """
    top_h, top_u, top_q, top_r, arrival = peaks
    real = h.dtype.type
    zero, one, half, g = real(0.0), real(1.0), real(0.5), real(GRAVITY)
    now, arrival_depth = numbers[3], numbers[5]
    for i in range(index(first), index(last)):
        depth, px, py = h[row, i], qx[k, i], qy[k, i]
        inverse = one / max(depth, real(DRY))
        q = math.sqrt(px * px + py * py)
        v = q * inverse
        seen = depth > real(1e-3)
        debris = one if (depth > real(0.25)) | (v > real(2.0)) else zero
        top_h[row, i] = max(depth, top_h[row, i])
        top_u[row, i] = max(v if seen else zero, top_u[row, i])
        top_q[row, i] = max(q, top_q[row, i])
        top_r[row, i] = max(depth * (v + half) + debris if seen else zero, top_r[row, i])
        arrival[row, i] = min(now if depth >= arrival_depth else real(np.inf), arrival[row, i])
        # the sum of both discharges times zero is zero, or NaN where either is
        speed[block, i] = abs((max(abs(px), abs(py)) * inverse + math.sqrt(g * depth)) + zero * (px + py))


@njit(nogil=True, error_model="numpy")
def note_tops(bits, block, row, end, first, last, tops):
    """Fold the wave speeds of a row into those of its tiles; after the last row of a tile raise ``tops`` to them.

    Non-negative floats seen as integers order as the floats do, and NaN tops all. ``bits`` holds the row in row
    ``block`` and the highest of its column so far in row ``block + 1``; ``end`` is the row after the last of the strip.
    """
    for i in range(index(first), index(last)):
        bits[block + 1, i] = max(bits[block + 1, i], bits[block, i])
    if row % TILE_ROWS == 0 or row == end - 1:
        for tile in range((first - 1) // TILE_COLUMNS, (last + TILE_COLUMNS - 2) // TILE_COLUMNS):
            start = 1 + tile * TILE_COLUMNS
            top = bits[block + 1, start]
            for i in range(index(start), index(min(start + TILE_COLUMNS, last))):
                top = max(top, bits[block + 1, i])
                bits[block + 1, i] = 0
            tops[(row - 1) // TILE_ROWS, tile] = max(top, tops[(row - 1) // TILE_ROWS, tile])


@njit(nogil=True, error_model="numpy")
def forget_tops(strips, number, tops):
    """Set the wave speeds of the tiles of a strip to zero."""
    j0, j1, c0, c1 = strips[number, 1], strips[number, 2], strips[number, 3], strips[number, 4]
    right = (c1 + TILE_COLUMNS - 2) // TILE_COLUMNS
    tops[(j0 - 1) // TILE_ROWS : (j1 + TILE_ROWS - 2) // TILE_ROWS, (c0 - 1) // TILE_COLUMNS : right] = 0
