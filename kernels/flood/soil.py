"""Loops of what the ground keeps: depression storage, infiltration by four laws, the assumed sewer, time under water.

One pass over rows of cells, with selects instead of branches and without ``pow``, ``log`` or ``exp``: what a law needs
of them is a short series, good to 1e-9 for the spans the march trades at. Longer spans take the slow form of the same
equation. Everything works in the precision of its arrays; what was moved is booked in float64 from the arrays as they
were and as they are, so that rounding is in the ledger too.
"""

import math

import numpy as np
from numba import njit

NONE, CONSTANT, GREEN_AMPT, HORTON, SCS_CN = 0, 1, 2, 3, 4
"""Laws of infiltration, as the loops know them."""
DRIEST = 1e-12
"""Cumulative infiltration that a dry Green-Ampt soil starts from: the equation has no rate at 0. [m]"""
FADED = 1e-20
"""Part of Horton's excess capacity under which it is gone; keeps float32 off its denormal numbers. [1]"""
SHORT = 0.5
"""Relative growth of the wetted depth, or decay of the capacity, up to which the series are good. [1]"""

DEPRESSION, SINK, FIRST, SECOND, THIRD = 0, 1, 2, 3, 4
"""Columns of the table of a span: most that depressions hold, most that the sewer takes, numbers of the law."""


@njit(nogil=True, error_model="numpy", inline="always")
def _log_gap(u):
    """Give u - ln(1 + u) for 0 <= u <= `SHORT`, to 1e-10: ln as 2 artanh(u / (2 + u)), less what cancels."""
    real = type(u)
    s = u / (real(2.0) + u)
    z = s * s
    series = real(1.0 / 9.0) + z * (real(1.0 / 11.0) + z * (real(1.0 / 13.0) + z * real(1.0 / 15.0)))
    series = real(1.0 / 3.0) + z * (real(1.0 / 5.0) + z * (real(1.0 / 7.0) + z * series))
    return s * (u - real(2.0) * z * series)


@njit(nogil=True, error_model="numpy", inline="always")
def _first_growth(F, S, k):
    """Growth u = ΔF / (F + S) from the Padé form ln(1 + u) ≈ u (6 + u) / (6 + 4 u): never less than the true one."""
    real = type(F)
    A = real(4.0) * F + real(3.0) * S
    B = real(3.0) * F - real(2.0) * k
    R = math.sqrt(B * B + real(6.0) * k * A)
    below = real(0.0) > B
    return (R - B if below else real(6.0) * k) / (A if below else B + R)


@njit(nogil=True, error_model="numpy", inline="always")
def _newton(u, F, S, k):
    """A Newton step for F u + S (u - ln(1 + u)) = k."""
    real = type(u)
    one = real(1.0)
    return max(u - (F * u + S * _log_gap(u) - k) * (one + u) / (F * (one + u) + S * u), real(0.0))


@njit(nogil=True, error_model="numpy", inline="always")
def _fading(t):
    """1 - exp(-t) for 0 <= t <= `SHORT`, to 1e-9: eight terms of its series."""
    real = type(t)
    one = real(1.0)
    series = one - t * real(1.0 / 6.0) * (one - t * real(1.0 / 7.0) * (one - t * real(1.0 / 8.0)))
    series = one - t * real(1.0 / 3.0) * (one - t * real(1.0 / 4.0) * (one - t * real(1.0 / 5.0) * series))
    return t * (one - t * real(0.5) * series)


@njit(nogil=True, error_model="numpy")
def green_ampt(F, there, k, S, take):
    """Infiltrate a row by the law of Green and Ampt.

    Parameters
    ----------
    F : (x,) float
        Infiltrated depth so far; grows by what is taken. [m]
    there : (x,) float
        Water that stands on the cell. [m]
    k, S : (x,) float
        Conductivity times span [m]; suction times moisture deficit [m].
    take : (x,) float
        Receives the depth that goes into the soil. [m]

    Notes
    -----
    ΔF - S ln(1 + ΔF / (F + S)) = K Δt, implicit and exact under ponding, whatever Δt: Green and Ampt (1911),
    doi:10.1017/S0021859600001441, with the wetted depth before ponding of Mein and Larson (1973),
    doi:10.1029/WR009i002p00384: as long as the water there is less than ΔF, all of it goes in. The head of the water
    on the ground is left out beside the suction, as there. Solved for u = ΔF / (F + S) by Newton steps from above on a
    convex function, so that each step is nearer and none is below.
    """
    real = F.dtype.type
    floor = real(DRIEST)
    for i in range(F.size):
        f, s, rate, water = max(F[i], floor), S[i], k[i], there[i]
        u = _newton(_first_growth(f, s, rate), f, s, rate)
        u = _newton(u, f, s, rate)
        most = min(u * (f + s), water)
        take[i] = most
        F[i] = F[i] + most


@njit(nogil=True, error_model="numpy")
def green_ampt_slowly(F, there, k, S, take):
    """`green_ampt` for any span, with the library's logarithm."""
    real = F.dtype.type
    one, zero, floor = real(1.0), real(0.0), real(DRIEST)
    for i in range(F.size):
        f, s, rate = max(F[i], floor), S[i], k[i]
        u = _first_growth(f, s, rate)
        for _ in range(6):
            gap = u - math.log1p(u)
            u = max(u - (f * u + s * gap - rate) * (one + u) / (f * (one + u) + s * u), zero)
        take[i] = min(u * (f + s), there[i])
        F[i] = F[i] + take[i]


@njit(nogil=True, error_model="numpy")
def horton(E, there, final, excess, faded, decay, take, long):
    """Infiltrate a row by Horton's law, its clock running on what went in.

    Parameters
    ----------
    E : (x,) float
        Part of the excess capacity that is left, exp(-k t) at the equivalent time t; shrinks. [1]
    there : (x,) float
        Water that stands on the cell. [m]
    final : (x,) float
        Final capacity times span. [m]
    excess : (x,) float
        (Initial less final capacity) / k, the depth that the excess takes in all. [m]
    faded : (x,) float
        1 - exp(-k Δt). [1]
    decay : (x,) float
        k Δt. [1]
    take : (x,) float
        Receives the depth that goes into the soil. [m]
    long : bool
        Whether the span is too long for the series.

    Notes
    -----
    Capacity f = fc + (f0 - fc) exp(-k t), Horton (1940), doi:10.2136/sssaj1941.036159950005000C0075x. Water short of
    it moves the equivalent time on only so far that the integral of f equals what went in: the capacity does not decay
    under drizzle as if it had poured.
    """
    real = E.dtype.type
    one, zero, tiny = real(1.0), real(0.0), real(1e-30)
    for i in range(E.size):
        e = E[i]
        linear = final[i] / max(decay[i], tiny)
        bend = excess[i] * e
        most = final[i] + bend * faded[i]
        depth = min(most, there[i])
        t = decay[i] * min(depth / max(most, tiny), one)
        for _ in range(2):
            gone = -math.expm1(-t) if long else _fading(t)
            t = max(t - (linear * t + bend * gone - depth) / max(linear + bend * (one - gone), tiny), zero)
        left = math.exp(-t) if long else one - _fading(t)
        take[i] = depth
        E[i] = max(e * (left if depth < most else one - faded[i]), real(FADED))


@njit(nogil=True, error_model="numpy")
def scs_cn(P, there, rain, retention, abstraction, take):
    """Infiltrate a row by the curve number of the Soil Conservation Service, step by step on cumulative rain.

    Parameters
    ----------
    P : (x,) float
        Rain so far; grows by ``rain``. [m]
    there : (x,) float
        Water that stands on the cell. [m]
    rain : (x,) float
        Rain of the span. [m]
    retention, abstraction : (x,) float
        Potential retention S and initial abstraction. [m]
    take : (x,) float
        Receives the depth that goes into the soil. [m]

    Notes
    -----
    Runoff Q = (P - Ia)² / (P - Ia + S) of the National Engineering Handbook part 630, chapter 10; the soil takes the
    growth of P - Q. Water that runs on from elsewhere is no rain and does not count, as in that method.
    """
    real = P.dtype.type
    zero, tiny = real(0.0), real(1e-30)
    for i in range(P.size):
        before, s, first = P[i], retention[i], abstraction[i]
        after = before + rain[i]
        early = min(after, first) - min(before, first)
        low = max(before - first, zero) + s
        high = max(after - first, zero) + s
        late = max(rain[i] - early, zero) * (s / max(low, tiny)) * (s / max(high, tiny))
        take[i] = min(early + late, there[i])
        P[i] = after


@njit(nogil=True, error_model="numpy")
def _spread(table, number, kinds, out):
    """Give each cell of a row the number of its class."""
    column = table[number]
    for i in range(kinds.size):
        out[i] = column[kinds[i]]


@njit(nogil=True, error_model="numpy")
def _standing(h, c, stored, there):
    """Water on each cell of a row, and how many have any."""
    wet = np.int32(0)
    zero = h.dtype.type(0.0)
    for i in range(h.size):
        water = max((h[i] + c[i]) + stored[i], zero)
        there[i] = water
        wet += np.int32(1) if water > zero else np.int32(0)
    return wet


@njit(nogil=True, error_model="numpy")
def _settle(h, c, stored, there, take, sunk, capacity, sink, kept):
    """Fill the depressions with what the soil left, let the sewer take from the rest; the new depth stays compensated.

    ``sunk`` receives what the sewer took, ``kept`` the part of the depth that stays [1].
    """
    real = h.dtype.type
    zero, one, tiny = real(0.0), real(1.0), real(1e-30)
    for i in range(h.size):
        old, rest, low = h[i], c[i], stored[i]
        left = max(there[i] - take[i], zero)
        full = min(capacity[i], left)
        dry = left <= capacity[i]
        drawn = min(sink[i], left - full)
        y = rest - ((take[i] + (full - low)) + drawn)
        total = old + y
        back = total - old
        extra = (old - (total - back)) + (y - back)
        dry = dry or total <= zero
        h[i] = zero if dry else total
        c[i] = zero if dry else extra
        stored[i] = full
        sunk[i] = drawn
        kept[i] = (zero if dry else min(total / max(old, tiny), one)) if old > zero else zero


@njit(nogil=True, error_model="numpy")
def _book(h, c, stored, before, sunk, infiltrates, soil, sewer):
    """Add to each column's sums what its cell lost to the soil and to the sewer, from the arrays themselves."""
    h0, c0, s0 = before
    for i in range(h.size):
        lost = (
            (np.float64(h0[i]) - np.float64(h[i]))
            + (np.float64(c0[i]) - np.float64(c[i]))
            + (np.float64(s0[i]) - np.float64(stored[i]))
        )
        drawn = np.float64(sunk[i])
        drawn = drawn if infiltrates else (lost if drawn > 0.0 else 0.0)
        sewer[i] += drawn
        soil[i] += lost - drawn


@njit(nogil=True, error_model="numpy")
def _slow(qx, qy, kept):
    for i in range(qx.size):
        qx[i] *= kept[i]
        qy[i] *= kept[i]


@njit(nogil=True, error_model="numpy")
def _copy(row, out):
    for i in range(row.size):
        out[i] = row[i]


@njit(nogil=True, cache=True, error_model="numpy")
def keep_ground(pieces, strips, law, long, slows, table, kinds, memory, stored, water, pattern, rain, sums):
    """Let the ground of some strips of rows keep its share of the water of a span.

    Parameters
    ----------
    pieces : (2,) int
        First strip and the one after the last.
    strips : (strip, 4) int64
        First row and the one after the last, columns likewise.
    law : int
        `NONE`, `CONSTANT`, `GREEN_AMPT`, `HORTON` or `SCS_CN`.
    long : bool
        Whether the span is too long for the series of the law.
    slows : bool
        Whether discharges live in the cells, so that they lose the momentum of the water that leaves.
    table : (6, class) float
        Numbers of the span by class: `DEPRESSION` and `SINK` [m], then those of the law.
    kinds : (y, x) uint8 or uint16
        Class of each cell.
    memory : (y, x) float
        What the law remembers of each cell; of one cell where it remembers nothing.
    stored : (y, x) float
        Water in depressions. [m]
    water : tuple of (y + 2, x + 2) float
        Depth [m], its compensation [m], unit discharge eastward and northward [m² s⁻¹].
    pattern : (y + 2, x + 2) float
        Share of the rain of each cell.
    rain : float
        Factor of ``pattern`` that gives the rain of the span [m].
    sums : (strip, 2) float64
        Receives the depths that went into the soil and into the assumed sewer, summed over the strip. [m]
    """
    h, c, qx, qy = water
    nx = kinds.shape[1]
    numbers = np.zeros((table.shape[0], nx), h.dtype)
    work = np.zeros((7, nx), h.dtype)
    losses = np.zeros((2, nx))
    used = 2 if law == NONE else 3 if law == CONSTANT else 6 if law == HORTON else 4
    for piece in range(pieces[0], pieces[1]):
        j0, j1, i0, i1 = strips[piece, 0], strips[piece, 1], strips[piece, 2], strips[piece, 3]
        n = i1 - i0
        take, sunk, kept, there = work[0, :n], work[1, :n], work[2, :n], work[3, :n]
        h0, c0, s0 = work[4, :n], work[5, :n], work[6, :n]
        soil, sewer = losses[0, :n], losses[1, :n]
        deep, sink = numbers[0, :n], numbers[1, :n]
        one, two, three, four = numbers[2, :n], numbers[3, :n], numbers[4, :n], numbers[5, :n]
        losses[:] = 0.0
        for j in range(j0, j1):
            hj, cj, sj = h[j + 1, i0 + 1 : i1 + 1], c[j + 1, i0 + 1 : i1 + 1], stored[j, i0:i1]
            _copy(hj, h0)
            _copy(cj, c0)
            _copy(sj, s0)
            if _standing(h0, c0, s0, there) == 0 and law != SCS_CN:
                continue
            for number in range(used):
                _spread(table, number, kinds[j, i0:i1], numbers[number, :n])
            if law == CONSTANT:
                for i in range(n):
                    take[i] = min(one[i], there[i])
            elif law == GREEN_AMPT:
                if long:
                    green_ampt_slowly(memory[j, i0:i1], there, one, two, take)
                else:
                    green_ampt(memory[j, i0:i1], there, one, two, take)
            elif law == HORTON:
                horton(memory[j, i0:i1], there, one, two, three, four, take, long)
            elif law == SCS_CN:
                fallen = pattern[j + 1, i0 + 1 : i1 + 1]
                for i in range(n):
                    kept[i] = rain * fallen[i]
                scs_cn(memory[j, i0:i1], there, kept, one, two, take)
            _settle(hj, cj, sj, there, take, sunk, deep, sink, kept)
            _book(hj, cj, sj, (h0, c0, s0), sunk, law != NONE, soil, sewer)
            if slows:
                _slow(qx[j + 1, i0 + 1 : i1 + 1], qy[j + 1, i0 + 1 : i1 + 1], kept)
        into, out = 0.0, 0.0
        for i in range(n):
            into += soil[i]
            out += sewer[i]
        sums[piece, 0] = into
        sums[piece, 1] = out


@njit(nogil=True, cache=True, error_model="numpy")
def count_ticks(pieces, strips, ticks, thresholds, depth, counts):
    """Add ticks to the cells whose depth is above each threshold now; a full counter stays full.

    Parameters
    ----------
    pieces, strips
        As of `keep_ground`.
    ticks : int
        Ticks that have passed.
    thresholds : (threshold,) float
        Depths. [m]
    depth : (y + 2, x + 2) float
        Depth of water. [m]
    counts : (threshold, y, x) uint16
        Ticks so far.
    """
    for piece in range(pieces[0], pieces[1]):
        i0, i1 = strips[piece, 2], strips[piece, 3]
        for j in range(strips[piece, 0], strips[piece, 1]):
            h = depth[j + 1, i0 + 1 : i1 + 1]
            for number in range(thresholds.size):
                row, least = counts[number, j, i0:i1], thresholds[number]
                for i in range(h.size):
                    more = np.int32(row[i]) + (np.int32(ticks) if h[i] > least else np.int32(0))
                    row[i] = np.uint16(min(more, np.int32(65535)))
