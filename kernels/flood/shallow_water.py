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

GRAVITY = 9.81
"""Standard acceleration of free fall, rounded as hydraulic practice does. [m s⁻²]"""
HOLE = 1e8
"""Bed from which on a cell is a hole: far above any ground, exact in float32. [m]"""
DRY = 1e-6
"""Depth under which water has no momentum. [m]"""
SMOOTH_X, SMOOTH_Y = 1, 2
"""Bits of ``smooth``: the reconstruction may be linear along x, along y."""


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _still(difference, depths):
    """A difference of levels, zero where it is no more than the rounding of the depths it comes from."""
    real = type(difference)
    return difference if abs(difference) > real(2.0) * real(np.finfo(real).eps) * depths else real(0.0)


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
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


@njit(nogil=True, cache=True, error_model="numpy")
def velocities(h, qn, qt, un, ut):
    """Velocity [m s⁻¹] of a row of cells from depth [m] and unit discharge [m² s⁻¹]."""
    real = h.dtype.type
    for i in range(h.size):
        inverse = real(1.0) / max(h[i], real(DRY))
        un[i] = qn[i] * inverse
        ut[i] = qt[i] * inverse


@njit(nogil=True, cache=True, error_model="numpy")
def face_fluxes(z0, h0, u0, t0, z1, h1, u1, t1, mass, left, right, side):
    """Fluxes of first order between two rows of cells (or one row and its shift): four outputs of `_flux`."""
    real = h0.dtype.type
    for i in range(mass.size):
        hole0 = z0[i] >= real(HOLE)
        hole1 = z1[i] >= real(HOLE)
        closed = hole0 or hole1
        hl = h1[i] if hole0 else h0[i]
        ul = -u1[i] if hole0 else u0[i]
        hr = h0[i] if hole1 else h1[i]
        ur = -u0[i] if hole1 else u1[i]
        step = real(0.0) if closed else z1[i] - z0[i]
        jump = _still((hl - hr) - step, hl + hr)
        mass[i], left[i], right[i], side[i] = _flux(hl, ul, t0[i], hr, ur, t1[i], step, jump, closed)


@njit(nogil=True, cache=True, error_model="numpy", inline="always")
def _minmod(a, b):
    """The smaller of two slopes where they agree in sign, else zero."""
    real = type(a)
    smaller = a if abs(a) < abs(b) else b
    return smaller if a * b > real(0.0) else real(0.0)


@njit(nogil=True, cache=True, error_model="numpy")
def half_slopes(zb, hb, ub, tb, z, h, u, t, zf, hf, uf, tf, smooth, bit, film, dh, dl, du, dt):
    """Half differences over each cell of a row, from the cells before (b) and after (f) it along one axis.

    Level (dl), normal and tangential velocity are limited by minmod. The bed takes what is left of the level's slope
    once depth (dh) is kept from falling under zero, so a lake at rest keeps a flat level whatever its bed. Cells
    without the bit, or with less water than ``film`` [m], stay flat.
    """
    real = h.dtype.type
    zero, half = real(0.0), real(0.5)
    for i in range(h.size):
        keep = (smooth[i] & bit) != 0 and h[i] > film
        level = _minmod((h[i] - hb[i]) + (z[i] - zb[i]), (hf[i] - h[i]) + (zf[i] - z[i]))
        level = _still(level, h[i] + (hb[i] + hf[i]))
        bed = _minmod(z[i] - zb[i], zf[i] - z[i])
        level = half * level if keep else zero
        bed = half * bed if keep else zero
        dl[i] = level
        dh[i] = max(min(level - bed, h[i]), -h[i])
        du[i] = half * _minmod(u[i] - ub[i], uf[i] - u[i]) if keep else zero
        dt[i] = half * _minmod(t[i] - tb[i], tf[i] - t[i]) if keep else zero


@njit(nogil=True, cache=True, error_model="numpy")
def sloped_fluxes(z0, h0, u0, t0, s0, z1, h1, u1, t1, s1, mass, left, right, side):
    """Fluxes of second order between two rows of cells; ``s0``, ``s1`` hold their half slopes (dh, dl, du, dt)."""
    real = h0.dtype.type
    zero = real(0.0)
    dh0, dl0, du0, dt0 = s0[0], s0[1], s0[2], s0[3]
    dh1, dl1, du1, dt1 = s1[0], s1[1], s1[2], s1[3]
    for i in range(mass.size):
        hole0 = z0[i] >= real(HOLE)
        hole1 = z1[i] >= real(HOLE)
        closed = hole0 or hole1
        hl = h0[i] + dh0[i]
        hr = h1[i] - dh1[i]
        ul = u0[i] + du0[i]
        ur = u1[i] - du1[i]
        hm = hr if hole0 else hl
        hn = hl if hole1 else hr
        um = -ur if hole0 else ul
        un = -ul if hole1 else ur
        rise = z1[i] - z0[i]
        step = zero if closed else rise - ((dl0[i] - dh0[i]) + (dl1[i] - dh1[i]))
        jump = zero if closed else _still((h0[i] - h1[i]) - rise, h0[i] + h1[i]) + (dl0[i] + dl1[i])
        tl, tr = t0[i] + dt0[i], t1[i] - dt1[i]
        mass[i], left[i], right[i], side[i] = _flux(hm, um, tl, hn, un, tr, step, jump, closed)


@njit(nogil=True, cache=True, error_model="numpy")
def wall_fluxes(first, last, face, crest, z0, h0, u0, t0, z1, h1, u1, t1, mass, left, right, side):
    """Replace the fluxes of the faces that carry a wall.

    The crest [m, absolute as ``z``] is the bed of the face; what flows over is at most the free discharge of a
    broad-crested weir, (2/3)^(3/2) g^(1/2) H^(3/2) with H the head over the crest, velocity head included
    (ISO 3846). What the wall stops pushes back on the cell as on a mirror.
    """
    real = h0.dtype.type
    zero, half, g = real(0.0), real(0.5), real(GRAVITY)
    law = real((2.0 / 3.0) ** 1.5 * GRAVITY**0.5)
    for k in range(first, last):
        i = face[k]
        if z0[i] >= real(HOLE) or z1[i] >= real(HOLE):
            continue
        top = max(crest[k], max(z0[i], z1[i]))
        hl, hr, ul, ur = h0[i], h1[i], u0[i], u1[i]
        a = max(hl - (top - z0[i]), zero)
        b = max(hr - (top - z1[i]), zero)
        m, fl, fr, _ = _flux(a, ul, t0[i], b, ur, t1[i], zero, _still((hl - hr) - (z1[i] - z0[i]), hl + hr), False)
        head = a + half * ul * ul / g if m > zero else b + half * ur * ur / g
        limit = law * head * math.sqrt(head)
        share = limit / abs(m) if abs(m) > limit else real(1.0)
        held_l = (hl - a) * ul * (math.sqrt(g * hl) + real(1.5) * max(ul, zero))
        held_r = (hr - b) * ur * (math.sqrt(g * hr) + real(1.5) * max(-ur, zero))
        mass[i] = share * m
        left[i] = share * fl + held_l
        right[i] = share * fr - held_r
        side[i] = share * m * (t0[i] if m > zero else t1[i])


@njit(nogil=True, cache=True, error_model="numpy")
def outflow_only(mass, side, outward):
    """Keep a free side from letting water in: ``outward`` is the sign of a leaving mass flux."""
    real = mass.dtype.type
    for i in range(mass.size):
        leaves = mass[i] * outward > real(0.0)
        mass[i] = mass[i] if leaves else real(0.0)
        side[i] = side[i] if leaves else real(0.0)


@njit(nogil=True, cache=True, error_model="numpy")
def draining_shares(h, x, south, north, over, share):
    """Part of its outflow that each cell of a row can afford in one step: 1, or less where it would run dry.

    ``over`` is dt/dx [s m⁻¹]; ``x`` holds the row's own faces, one more than inner cells.
    """
    real = h.dtype.type
    zero, one = real(0.0), real(1.0)
    safe = one - real(8.0) * real(np.finfo(h.dtype).eps)
    share[0] = one
    share[h.size - 1] = one
    for i in range(1, h.size - 1):
        out = (max(x[i], zero) - min(x[i - 1], zero)) + (max(north[i], zero) - min(south[i], zero))
        out = over * out
        drains = out > safe * h[i]
        part = safe * h[i] / (out if drains else one)
        share[i] = part if drains else one


@njit(nogil=True, cache=True, error_model="numpy")
def limit_fluxes(share0, share1, mass, left, right, side):
    """Scale each face by the share of the cell it drains; the open part of the face shrinks, the rest is a wall."""
    real = mass.dtype.type
    for i in range(mass.size):
        part = share0[i] if mass[i] > real(0.0) else share1[i]
        mass[i] *= part
        left[i] *= part
        right[i] *= part
        side[i] *= part


@njit(nogil=True, cache=True, error_model="numpy")
def step_cells(h, qx, qy, gn2, pattern, x, south, north, level_x, level_y, over, dt, rain, gain, qxn, qyn):
    """Advance a row of inner cells by one explicit step with friction point-implicit.

    Depth gain and unit discharge after the step. Friction solves q + τ q² = q* exactly, τ = dt g n² h^(-7/3), so the
    flow settles on Manning's formula for any step. ``h^(-1/3)`` comes from an integer first guess and Newton steps.
    ``x``, ``south``, ``north`` hold (mass, left, right, side) by row; ``level_x``, ``level_y`` the half slopes of
    the level, whose pull g h dη the faces do not carry.
    """
    real = h.dtype.type
    zero, one, two, four = real(0.0), real(1.0), real(2.0), real(4.0)
    third, over_third, g = real(1.0 / 3.0), real(4.0 / 3.0), real(GRAVITY)
    xm, xl, xr, xs = x[0], x[1], x[2], x[3]
    sm, sr, ss = south[0], south[2], south[3]
    nm, nl, ns = north[0], north[1], north[3]
    for i in range(1, h.size - 1):
        dh = over * ((xm[i - 1] - xm[i]) + (sm[i] - nm[i])) + rain * pattern[i]
        pull = two * g * h[i]
        px = qx[i] + over * (((xr[i - 1] - xl[i]) - pull * level_x[i]) + (ss[i] - ns[i]))
        py = qy[i] + over * ((xs[i - 1] - xs[i]) + ((sr[i] - nl[i]) - pull * level_y[i]))
        depth = h[i] + dh
        wet = depth > real(DRY)
        safe = depth if wet else one
        guess = np.int32(np.int32(0x54A21D2A) - np.float32(safe).view(np.int32) // np.int32(3))
        root = real(guess.view(np.float32))
        part = safe * third
        root = root * (over_third - part * root * root * root)
        root = root * (over_third - part * root * root * root)
        root = root * (over_third - part * root * root * root)
        root = root * (over_third - part * root * root * root)
        inverse = root * root * root
        tau = dt * gn2[i] * (inverse * inverse * root)
        brake = two / (one + math.sqrt(one + four * tau * math.sqrt(px * px + py * py)))
        brake = brake if wet else zero
        gain[i] = dh
        qxn[i] = px * brake
        qyn[i] = py * brake


@njit(nogil=True, cache=True, error_model="numpy")
def add_gain(h, c, gain, hn, cn):
    """Add a depth gain to a compensated depth ``h + c`` (Knuth's two-sum): nothing smaller than a digit is lost."""
    for i in range(1, h.size - 1):
        y = gain[i] + c[i]
        total = h[i] + y
        back = total - h[i]
        cn[i] = (h[i] - (total - back)) + (y - back)
        hn[i] = total


@njit(nogil=True, cache=True, error_model="numpy")
def average_stages(h, c, qx, qy, h1, c1, gain, qx2, qy2):
    """Second stage of Heun's method (SSP-RK2): the mean of the start and two Euler steps, written over the start."""
    real = h.dtype.type
    half = real(0.5)
    for i in range(1, h.size - 1):
        y = half * (((h1[i] - h[i]) + (c1[i] - c[i])) + gain[i]) + c[i]
        total = h[i] + y
        back = total - h[i]
        c[i] = (h[i] - (total - back)) + (y - back)
        h[i] = total
        wet = total > real(DRY)
        qx[i] = half * (qx[i] + qx2[i]) if wet else real(0.0)
        qy[i] = half * (qy[i] + qy2[i]) if wet else real(0.0)


@njit(nogil=True, cache=True, error_model="numpy")
def track(h, qx, qy, now, arrival_depth, top_h, top_u, top_q, top_r, arrival, speed):
    """Update the maxima of a row and write each cell's wave speed |u| + √(g h) [m s⁻¹] for the next step.

    Hazard rating HR = d (v + 0.5) + DF with the debris factor of dense urban areas, 1 above 0.25 m or 2 m/s
    (Defra and Environment Agency, FD2321/TR1, 2006).
    """
    real = h.dtype.type
    zero, one, half, g = real(0.0), real(1.0), real(0.5), real(GRAVITY)
    for i in range(1, h.size - 1):
        depth = h[i]
        inverse = one / max(depth, real(DRY))
        q = math.sqrt(qx[i] * qx[i] + qy[i] * qy[i])
        v = q * inverse
        top_h[i] = max(depth, top_h[i])
        seen = depth > real(1e-3)
        top_u[i] = max(v if seen else zero, top_u[i])
        top_q[i] = max(q, top_q[i])
        debris = one if (depth > real(0.25) or v > real(2.0)) else zero
        top_r[i] = max(depth * (v + half) + debris if seen else zero, top_r[i])
        arrival[i] = min(now if depth >= arrival_depth else real(np.inf), arrival[i])
        speed[i] = abs(max(abs(qx[i]), abs(qy[i])) * inverse + math.sqrt(g * depth))


@njit(nogil=True, cache=True, error_model="numpy")
def highest_bits(bits):
    """Largest entry of a row of non-negative floats seen as integers: orders as the floats do, and NaN tops all."""
    top = bits[1]
    for i in range(1, bits.size - 1):
        top = max(top, bits[i])
    return top


@njit(nogil=True, cache=True, error_model="numpy")
def sweep(blocks, rows, stage, numbers, ground, smooth, state, out, peaks, walls_x, walls_y, free, speeds, ledger):
    """Take one Euler stage on some blocks of rows, each face computed once per block.

    Parameters
    ----------
    blocks : (2,) int
        First block and the one after the last.
    rows : int
        Rows in a block.
    stage : int
        0 first order, from ``state`` to ``out``; 1 first stage of second order, the same way; 2 its second stage:
        reads ``state``, averages into ``out``, which holds the start of the step.
    numbers : (6,) float
        dt/dx [s m⁻¹], dt [s], factor of ``pattern`` that gives the step's rain [m], time after the step [s], film
        depth [m], arrival depth [m].
    ground : tuple of (y, x) float
        Bed [m], g n² [m^(1/3)], rain pattern [1].
    smooth : (y, x) uint8
        `SMOOTH_X` and `SMOOTH_Y` bits.
    state, out : tuple of (y, x) float
        Depth [m], its compensation [m], unit discharge eastward and northward [m² s⁻¹].
    peaks : tuple of (y, x) float
        Maxima of depth, speed, unit discharge, hazard rating; arrival time; see `track`.
    walls_x, walls_y : tuple
        (start by row, face or column, crest [m]) of the faces with walls.
    free : (4,) int
        Whether west, east, south, north let water out and none in.
    speeds : (block, x) float and its integer view
        Wave speeds of one row [m s⁻¹]; column 0 of the integer view receives the block's highest.
    ledger : (block, 2) float64
        Receives the sums of mass flux in and out over the sides [m² s⁻¹].
    """
    z, gn2, pattern = ground
    h, c, qx, qy = state
    ho, co, qxo, qyo = out
    top_h, top_u, top_q, top_r, arrival = peaks
    real = h.dtype.type
    over, dt, rain, now, film, arrival_depth = numbers
    ny, nx = h.shape[0] - 2, h.shape[1] - 2
    second = stage > 0
    ahead = 2 if second else 1
    kind = h.dtype
    u, v = np.zeros((4, nx + 2), kind), np.zeros((4, nx + 2), kind)
    sx, sy = np.zeros((2, 4, nx + 2), kind), np.zeros((3, 4, nx + 2), kind)
    X, Y = np.zeros((2, 4, nx + 1), kind), np.zeros((3, 4, nx + 2), kind)
    share = np.ones((3, nx + 2), kind)
    gain, q1, q2 = np.zeros(nx + 2, kind), np.zeros(nx + 2, kind), np.zeros(nx + 2, kind)
    for block in range(blocks[0], blocks[1]):
        speed, bits = speeds[0][block], speeds[1][block]
        top = bits[1] * 0
        ledger[block, 0] = 0.0
        ledger[block, 1] = 0.0
        j0 = 1 + block * rows
        j1 = min(j0 + rows, ny + 1)
        r0 = max(1, j0 - 1)
        share[(r0 - 1) % 3, :] = real(1.0)
        for r in range(max(0, r0 - 2), r0 + ahead):
            velocities(h[r], qx[r], qy[r], u[r % 4], v[r % 4])
        for r in range(r0 - 1, min(j1, ny) + (2 if j1 == ny + 1 else 1)):
            if r == ny + 1:
                share[r % 3, :] = real(1.0)
            else:
                n, e = r + 1, r + ahead
                if e > r0 + ahead - 1 and e <= ny + 1:
                    velocities(h[e], qx[e], qy[e], u[e % 4], v[e % 4])
                if second:
                    for k in range(r if r == r0 - 1 else n, n + 1):
                        if k == 0 or k == ny + 1:
                            sy[k % 3, :, :] = real(0.0)
                        else:
                            a, b, d, s = (k - 1) % 4, k % 4, (k + 1) % 4, sy[k % 3]
                            half_slopes(
                                z[k - 1], h[k - 1], v[a], u[a], z[k], h[k], v[b], u[b], z[k + 1], h[k + 1], v[d], u[d],
                                smooth[k], SMOOTH_Y, film, s[0], s[1], s[2], s[3],
                            )  # fmt: skip
                y, a, b = Y[r % 3], r % 4, n % 4
                if second:
                    sloped_fluxes(
                        z[r], h[r], v[a], u[a], sy[r % 3], z[n], h[n], v[b], u[b], sy[n % 3], y[0], y[1], y[2], y[3]
                    )
                else:
                    face_fluxes(z[r], h[r], v[a], u[a], z[n], h[n], v[b], u[b], y[0], y[1], y[2], y[3])
                wall_fluxes(
                    walls_y[0][r], walls_y[0][n], walls_y[1], walls_y[2],
                    z[r], h[r], v[a], u[a], z[n], h[n], v[b], u[b], y[0], y[1], y[2], y[3],
                )  # fmt: skip
                if (r == 0 and free[2]) or (r == ny and free[3]):
                    outflow_only(y[0], y[3], real(-1.0) if r == 0 else real(1.0))
                if r < r0:
                    continue
                x, w = X[r % 2], nx + 1
                zr, hr, ur, vr = z[r], h[r], u[a], v[a]
                if second:
                    s = sx[r % 2]
                    half_slopes(
                        zr[:-2], hr[:-2], ur[:-2], vr[:-2], zr[1:-1], hr[1:-1], ur[1:-1], vr[1:-1], zr[2:], hr[2:],
                        ur[2:], vr[2:], smooth[r, 1:-1], SMOOTH_X, film,
                        s[0, 1:-1], s[1, 1:-1], s[2, 1:-1], s[3, 1:-1],
                    )  # fmt: skip
                    sloped_fluxes(
                        zr[:w], hr[:w], ur[:w], vr[:w], s[:, :w], zr[1:], hr[1:], ur[1:], vr[1:], s[:, 1:],
                        x[0], x[1], x[2], x[3],
                    )  # fmt: skip
                else:
                    face_fluxes(zr[:w], hr[:w], ur[:w], vr[:w], zr[1:], hr[1:], ur[1:], vr[1:], x[0], x[1], x[2], x[3])
                wall_fluxes(
                    walls_x[0][r], walls_x[0][n], walls_x[1], walls_x[2],
                    zr[:w], hr[:w], ur[:w], vr[:w], zr[1:], hr[1:], ur[1:], vr[1:], x[0], x[1], x[2], x[3],
                )  # fmt: skip
                if free[0]:
                    outflow_only(x[0, :1], x[3, :1], real(-1.0))
                if free[1]:
                    outflow_only(x[0, nx:], x[3, nx:], real(1.0))
                draining_shares(hr, x[0], Y[(r - 1) % 3, 0], y[0], over, share[r % 3])
            j = r - 1
            if j < j0:
                continue
            x, south, north = X[j % 2], Y[(j - 1) % 3], Y[j % 3]
            mine = share[j % 3]
            if j == j0:
                limit_fluxes(share[(j - 1) % 3], mine, south[0], south[1], south[2], south[3])
            limit_fluxes(mine, share[r % 3], north[0], north[1], north[2], north[3])
            limit_fluxes(mine[:-1], mine[1:], x[0], x[1], x[2], x[3])
            if stage == 2:
                step_cells(
                    h[j], qx[j], qy[j], gn2[j], pattern[j], x, south, north, sx[j % 2, 1], sy[j % 3, 1],
                    over, dt, rain, gain, q1, q2,
                )  # fmt: skip
                average_stages(ho[j], co[j], qxo[j], qyo[j], h[j], c[j], gain, q1, q2)
            else:
                step_cells(
                    h[j], qx[j], qy[j], gn2[j], pattern[j], x, south, north, sx[j % 2, 1], sy[j % 3, 1],
                    over, dt, rain, gain, qxo[j], qyo[j],
                )  # fmt: skip
                add_gain(h[j], c[j], gain, ho[j], co[j])
            if stage != 1:
                track(
                    ho[j], qxo[j], qyo[j], now, arrival_depth,
                    top_h[j], top_u[j], top_q[j], top_r[j], arrival[j], speed,
                )  # fmt: skip
                top = max(top, highest_bits(bits))
            ends = (-x[0, 0], x[0, nx])
            for flow in ends:
                ledger[block, 0] += max(-flow, real(0.0))
                ledger[block, 1] += max(flow, real(0.0))
            if j == 1 or j == ny:
                for i in range(1, nx + 1):
                    for flow in (-south[0, i] if j == 1 else real(0.0), north[0, i] if j == ny else real(0.0)):
                        ledger[block, 0] += max(-flow, real(0.0))
                        ledger[block, 1] += max(flow, real(0.0))
        bits[0] = top
