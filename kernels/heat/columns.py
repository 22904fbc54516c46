"""Loops of the columns of heat under each cell and behind each wall: conduction, the balance at the surface, the books.

A column is a few nodes, the first of them the surface itself. All that is not linear stands in the balance of that
first node, so the nodes below are eliminated from the bottom up with factors that a material and a time step fix once
and for all (Thomas' algorithm); what is left for a cell is one equation for its surface temperature, which two Newton
steps solve. Cells are taken `LANE` at a time, node by node, so that each inner loop runs along cells and vectorises.
What the books receive is what the last Newton step used, so that they close to the rounding of float32.
"""

import numpy as np
from numba import njit

LANE = 64
"""Cells that are worked on together: their nodes and factors fit the first cache."""

GAMMA = 1.0 - 0.5**0.5
"""Share of a step at which its first stage stands: the L-stable method of second order of Alexander 1977. [1]"""

CONDUCTANCE, SHARE, INVERSE, INERTIA = 0, 1, 2, 3
"""Planes of the table ``inner``: below a node [W m⁻² K⁻¹], u and 1/denominator of the elimination, C/(γ Δt)."""

EMISSIVITY, WETNESS, WIND, STILL_WARM, STILL_COLD, BOTTOM, TOP, COUNTED = 0, 1, 2, 3, 4, 5, 6, 7
"""Rows of the table ``surface``; see `kernels.heat.slabs.tables`."""

ABSORBED, LONGWAVE_IN, EMITTED, SENSIBLE, LATENT, BELOW, STORED = 0, 1, 2, 3, 4, 5, 6
"""Columns of the ledger of a block. [J m⁻²], summed over its cells"""
ACCOUNTS = 7

_SIGMA = np.float32(5.670374e-8)
"""Stefan-Boltzmann constant, CODATA 2018. [W m⁻² K⁻⁴]"""
_COLDEST, _HOTTEST = np.float32(-40.0), np.float32(75.0)
"""Between these the saturation polynomial is used; beyond them its tangent. [°C]"""
_FREEZING = np.float32(273.15)
_NIL, _HALF, _FOUR = np.float32(0.0), np.float32(0.5), np.float32(4.0)
_FIRST, _SECOND = np.float32(1.0 - GAMMA), np.float32(GAMMA)
_NEXT = np.uint64(1)
_AHEAD = np.float32((1.0 - GAMMA) / GAMMA)


@njit(nogil=True, error_model="numpy", inline="always")
def _saturation(x):
    """Saturation vapour pressure over water [Pa] and its slope [Pa K⁻¹] at x [K], float32.

    Polynomial of eighth order of Flatau, Walko and Cotton (1992), table 4, relative error norm,
    doi:10.1175/1520-0450(1992)031<1507:PFTSVP>2.0.CO;2; a tangent takes over at `_COLDEST` and `_HOTTEST`.
    """
    t = x - _FREEZING
    z = t if t > _COLDEST else _COLDEST
    z = z if z < _HOTTEST else _HOTTEST
    a8, a7 = np.float32(-9.76195544e-14), np.float32(-9.52447341e-12)
    a6, a5, a4 = np.float32(6.40689451e-9), np.float32(2.06739458e-6), np.float32(3.02950461e-4)
    a3, a2, a1, a0 = np.float32(0.0264847430), np.float32(1.42986287), np.float32(44.3987641), np.float32(611.239921)
    two, three, five = np.float32(2.0), np.float32(3.0), np.float32(5.0)
    six, seven, eight = np.float32(6.0), np.float32(7.0), np.float32(8.0)
    value = a0 + z * (a1 + z * (a2 + z * (a3 + z * (a4 + z * (a5 + z * (a6 + z * (a7 + z * a8)))))))
    upper = five * a5 + z * (six * a6 + z * (seven * a7 + z * eight * a8))
    slope = a1 + z * (two * a2 + z * (three * a3 + z * (_FOUR * a4 + z * upper)))
    return value + slope * (t - z), slope


@njit(nogil=True, cache=True, error_model="numpy")
def saturation_pressure(temperature, pressure):
    """Saturation vapour pressure over water as the columns know it.

    Parameters
    ----------
    temperature : (n,) float32
        [K]
    pressure : (n,) float32
        Receives it. [Pa]
    """
    for n in range(temperature.size):
        pressure[n] = _saturation(temperature[n])[0]


@njit(nogil=True, cache=True, error_model="numpy")
def _eliminate(n, upward, T, b, v, K, p, M, carried):
    """Express the change of each node by that of the node above: d[i] = u[i] d[i - 1] + v[i], from the bottom up.

    Two things here are for the vectoriser. ``carried`` takes v from node to node, as a row that is read where another
    is written might overlap it; and the rows stand in ``upward``, as in a loop that plainly counts down the check that
    arrays do not overlap is drawn out of it and fails (four times slower).
    """
    carried[:] = _NIL
    for k in range(upward.size):
        i = upward[k]
        above, below = i - _NEXT, i + _NEXT
        for column in range(n):
            c = np.uint64(column)
            here = T[i, c]
            gain = K[above, c] * (T[above, c] - here) - K[i, c] * (here - T[below, c] - carried[c])
            change = (M[i, c] * b[i, c] + gain) * p[i, c]
            carried[c] = change
            v[i, c] = change


@njit(nogil=True, cache=True, error_model="numpy")
def _follow(n, d, v, u, carried):
    """Let the nodes below follow the surface, of which ``carried`` has the change."""
    for row in range(1, u.shape[0]):
        i = np.uint64(row)
        for column in range(n):
            c = np.uint64(column)
            change = u[i, c] * carried[c] + v[i, c]
            carried[c] = change
            d[i, c] = change


@njit(nogil=True, error_model="numpy", inline="always")
def _newton(x, T, A, R, e, h, wet, air, vapour):
    """One Newton step of the surface balance A d + emitted + sensible + latent = R from the temperature x.

    Returns
    -------
    tuple of float32
        The change d [K] since T, and what it emits, gives to the air and evaporates [W m⁻²].
    """
    cube = e * _SIGMA * x * x * x
    slope = _FOUR * cube
    back = T - x
    dry = R - cube * x - slope * back - h * (T - air)
    stiff = A + slope + h
    value, rise = _saturation(x)
    lack = value + rise * back - vapour
    d_wet = (dry - wet * lack) / (stiff + wet * rise)
    d_dry = dry / stiff
    evaporates = lack + rise * d_wet > _NIL
    d = d_wet if evaporates else d_dry
    latent = wet * (lack + rise * d) if evaporates else _NIL
    return d, cube * x + slope * (back + d), h * (T + d - air), latent


@njit(nogil=True, cache=True, error_model="numpy")
def _surface(
    n, T, b, d, carried, K, M, top, gain, rise, at, e, h, wet, air, vapour, weight, emitted, sensible, latent
):  # fmt: skip
    """Solve the balance of the first node and book its fluxes over ``weight`` [s]."""
    for column in range(n):
        c = np.uint64(column)
        here, ahead = T[0, c], b[0, c]
        R = gain[c] + at * rise[c] - K[0, c] * (here - T[1, c] - carried[c]) + M[0, c] * ahead
        first = _newton(here + ahead, here, top[c], R, e[c], h[c], wet[c], air, vapour)
        d_last, E, H, L = _newton(here + first[0], here, top[c], R, e[c], h[c], wet[c], air, vapour)
        d[0, c] = d_last
        carried[c] = d_last
        emitted[c] += weight * E
        sensible[c] += weight * H
        latent[c] += weight * L


@njit(nogil=True, cache=True, error_model="numpy")
def _leave(n, T, d, K, weight, below):
    """Book what left by the bottom over ``weight`` [s]."""
    last = np.uint64(K.shape[0] - 1)
    for column in range(n):
        c = np.uint64(column)
        below[c] += weight * K[last, c] * (T[last, c] + d[last, c] - T[last + _NEXT, c])


@njit(nogil=True, cache=True, error_model="numpy")
def _fetch(n, kind, table, rows):
    """Copy a row of the table for each cell's kind, for every row."""
    for row in range(table.shape[0]):
        i = np.uint64(row)
        for column in range(n):
            c = np.uint64(column)
            rows[i, c] = table[i, np.uint64(kind[c])]


@njit(nogil=True, cache=True, error_model="numpy")
def _exchange(n, T, air, speed, wind, surface, h, wet, psychrometric):
    """Heat transfer [W m⁻² K⁻¹] and vapour transfer [W m⁻² Pa⁻¹], by the temperature a step starts from."""
    for column in range(n):
        c = np.uint64(column)
        warm, cold = surface[STILL_WARM, c], surface[STILL_COLD, c]
        h[c] = (warm if T[0, c] > air else cold) + surface[WIND, c] * (speed * wind[c])
        wet[c] = surface[WETNESS, c] * h[c] / psychrometric


@njit(nogil=True, cache=True, error_model="numpy")
def _settle(n, T, d):
    for row in range(d.shape[0]):
        i = np.uint64(row)
        for column in range(n):
            c = np.uint64(column)
            T[i, c] += d[i, c]


@njit(nogil=True, error_model="numpy", inline="always")
def _between(weather, number, at):
    return np.float32(weather[0, number] + at * (weather[1, number] - weather[0, number]))


@njit(nogil=True, cache=True, error_model="numpy")
def advance_cells(
    temperature, kind, inner, surface, capacity, weather, wind, absorbed, longwave, dt, substeps, sensible, latent,
    ledger, first, last,
):  # fmt: skip
    """Advance the columns of some blocks of `LANE` cells by one step, in place.

    Parameters
    ----------
    temperature : (node, cell) float32
        Of each node, the surface first; advanced in place. [K]
    kind : (cell,) uint16
        Material of each cell: the last axis of the three tables.
    inner : (4, node, kind) float32
        `CONDUCTANCE`, `SHARE`, `INVERSE`, `INERTIA` for sub-steps of ``dt / substeps``.
    surface : (8, kind) float32
        `EMISSIVITY` [1], `WETNESS` [1], `WIND`: heat transfer per wind speed [J m⁻³ K⁻¹], `STILL_WARM`, `STILL_COLD`:
        in still air, surface warmer or colder than it [W m⁻² K⁻¹], `BOTTOM` [K], `TOP` [W m⁻² K⁻¹], `COUNTED` [1].
    capacity : (node, kind) float32
        [J m⁻² K⁻¹]
    weather : (2, 4) float64
        At the start and the end of the step: air temperature [K], vapour pressure [Pa], psychrometric constant
        [Pa K⁻¹], wind at 10 m [m s⁻¹].
    wind : (cell,) or (1,) float32
        Of the wind at 10 m, what is there. [1]
    absorbed, longwave : tuple of 2 (cell,) float32
        Short-wave radiation absorbed and long-wave radiation that comes in, at the start and the end of the step;
        between them it runs straight. The same array twice holds it constant. [W m⁻²]
    dt : float
        Length of the step. [s]
    substeps : int
        Equal parts of it.
    sensible, latent : (cell,) float32
        Receive the mean fluxes into the air over the step. [W m⁻²]
    ledger : (block, 7) float64
        Grows by `ABSORBED`, `LONGWAVE_IN` (the absorbed part), `EMITTED`, `SENSIBLE`, `LATENT`, `BELOW`, `STORED`,
        each summed over the cells of the block that count. [J m⁻²]
    first, last : int
        Blocks; block k holds the cells from k `LANE`.

    Notes
    -----
    Two stages a sub-step: R. Alexander, Diagonally implicit Runge-Kutta methods for stiff O.D.E.'s, SIAM J. Numer.
    Anal. 14 (1977), doi:10.1137/0714068, theorem 5. Balance and signs after T. R. Oke, Boundary Layer Climates, 1987,
    chapter 2: absorbed + ε (L - σ T⁴) - H - LE = C dT/dt + conduction.
    """
    nodes, cells = temperature.shape
    planes = np.empty((4, nodes, LANE), np.float32)
    K, u, p, M = planes[CONDUCTANCE], planes[SHARE], planes[INVERSE], planes[INERTIA]
    T, v = np.empty((nodes + 1, LANE), np.float32), np.empty((nodes, LANE), np.float32)
    b, d = np.empty((nodes, LANE), np.float32), np.empty((nodes, LANE), np.float32)
    rows, sums = np.empty((8, LANE), np.float32), np.empty((4, LANE), np.float32)
    work = np.empty((6, LANE), np.float32)  # unpacked, its rows would not be known to be contiguous
    gain, rise, h, wet, blow, carried = work[0], work[1], work[2], work[3], work[4], work[5]
    e, top, counted = rows[EMISSIVITY], rows[TOP], rows[COUNTED]
    emits, senses, evaporates, leaves = sums[0], sums[1], sums[2], sums[3]
    upward = np.arange(nodes - 1, 0, -1).astype(np.uint64)
    span, real = np.float32(dt / substeps), np.float32
    for block in range(first, last):
        start = block * LANE
        n = min(LANE, cells - start)
        here = kind[start : start + n]
        sw, lw = absorbed[0][start : start + n], longwave[0][start : start + n]
        sw_end, lw_end = absorbed[1][start : start + n], longwave[1][start : start + n]
        for plane in range(4):
            _fetch(n, here, inner[plane], planes[plane])
        _fetch(n, here, surface, rows)
        sums[:] = _NIL
        T[nodes] = rows[BOTTOM]
        for i in range(nodes):
            T[i, :n] = temperature[i, start : start + n]
        if wind.size == 1:
            blow[:] = wind[0]
        else:
            blow[:n] = wind[start : start + n]
        for c in range(n):
            gain[c] = sw[c] + e[c] * lw[c]
            rise[c] = sw_end[c] + e[c] * lw_end[c] - gain[c]
        for substep in range(substeps):
            at = (substep + 0.5) / substeps
            _exchange(n, T, _between(weather, 0, at), _between(weather, 3, at), blow, rows, h, wet,
                      _between(weather, 2, at))  # fmt: skip
            b[:] = _NIL
            for stage in range(2):
                at = (substep + (1.0 if stage else GAMMA)) / substeps
                weight = span * (_SECOND if stage else _FIRST)
                _eliminate(n, upward, T, b, v, K, p, M, carried)
                _surface(n, T, b, d, carried, K, M, top, gain, rise, real(at), e, h, wet, _between(weather, 0, at),
                         _between(weather, 1, at), weight, emits, senses, evaporates)  # fmt: skip
                _follow(n, d, v, u, carried)
                _leave(n, T, d, K, weight, leaves)
                if stage == 0:
                    for i in range(nodes):
                        for c in range(n):
                            b[i, c] = _AHEAD * d[i, c]
            _settle(n, T, d)
        _fetch(n, here, capacity, M)
        h[:] = _NIL
        for i in range(nodes):
            was, end, holds = temperature[i, start : start + n], T[i], M[i]
            for c in range(n):
                h[c] += holds[c] * (end[c] - was[c])
                was[c] = end[c]
        for c in range(n):
            rise[c] = _HALF * e[c] * (lw[c] + lw_end[c])
            gain[c] = _HALF * (sw[c] + sw_end[c])
        _book(n, dt, gain, rise, counted, sums, h, ledger[block])
        for c in range(n):
            sensible[start + c] = senses[c] / real(dt)
            latent[start + c] = evaporates[c] / real(dt)


@njit(nogil=True, cache=True, error_model="numpy")
def _book(n, dt, sw, lw, counted, sums, stored, ledger):
    """Add a block's cells to its ledger, in float64."""
    for c in range(n):
        counts = np.float64(counted[c])
        ledger[ABSORBED] += counts * dt * sw[c]
        ledger[LONGWAVE_IN] += counts * dt * lw[c]
        ledger[EMITTED] += counts * sums[0, c]
        ledger[SENSIBLE] += counts * sums[1, c]
        ledger[LATENT] += counts * sums[2, c]
        ledger[BELOW] += counts * sums[3, c]
        ledger[STORED] += counts * stored[c]
