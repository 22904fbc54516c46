"""Loops of the mass-consistent correction: its grids, its column relaxation, its conjugate gradients."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def relax(first, last, colour, potential, source, across, along, upward):
    """Solve every column of each second row exactly, its neighbours held: columns of one row see each other's past.

    The arrays are those of `_Level`; rows of the other colour are up to date, so two calls make a sweep.
    """
    _, levels, ghosts_x = potential.shape
    gain = np.empty((levels, ghosts_x), np.float32)
    ratio = np.empty((levels, ghosts_x), np.float32)
    one, least = np.float32(1), np.float32(1e-20)
    for piece in range(first, last):
        j = np.uint32(1 + 2 * piece + colour)
        for k in range(levels):
            s, here = source[j, k], potential[j, k]
            south, north = potential[j - 1, k], potential[j + 1, k]
            c, cs, cn, cz = across[j, k], along[j - 1, k], along[j, k], upward[j, k]
            if k == 0:
                for i in range(np.uint32(1), np.uint32(ghosts_x - 1)):
                    west, east = c[i - 1], c[i]
                    known = s[i] + west * here[i - 1] + east * here[i + 1] + cs[i] * south[i] + cn[i] * north[i]
                    pivot = one / (west + east + cs[i] + cn[i] + cz[i] + least)
                    ratio[k, i] = cz[i] * pivot
                    gain[k, i] = known * pivot
            else:
                below, rb, gb = upward[j, k - 1], ratio[k - 1], gain[k - 1]
                for i in range(np.uint32(1), np.uint32(ghosts_x - 1)):
                    west, east = c[i - 1], c[i]
                    known = s[i] + west * here[i - 1] + east * here[i + 1] + cs[i] * south[i] + cn[i] * north[i]
                    diagonal = west + east + cs[i] + cn[i] + cz[i] + below[i] + least
                    pivot = one / (diagonal - below[i] * rb[i])
                    ratio[k, i] = cz[i] * pivot
                    gain[k, i] = (known + below[i] * gb[i]) * pivot
        top = potential[j, levels - 1]
        for i in range(1, ghosts_x - 1):
            top[i] = gain[levels - 1, i]
        for k in range(levels - 2, -1, -1):
            here, above = potential[j, k], potential[j, k + 1]
            for i in range(1, ghosts_x - 1):
                here[i] = gain[k, i] + ratio[k, i] * above[i]


@njit(nogil=True, cache=True)
def outflow(row, k, potential, across, along, upward, out):
    """Outflow of the potential's own gradient from one row of cells: sum of c (p - its neighbour)."""
    levels, ghosts_x = potential.shape[1], potential.shape[2]
    here, south, north = potential[row, k], potential[row - 1, k], potential[row + 1, k]
    c, cs, cn, cz = across[row, k], along[row - 1, k], along[row, k], upward[row, k]
    for i in range(np.uint32(1), np.uint32(ghosts_x - 1)):
        p = here[i]
        beside = c[i - 1] * (p - here[i - 1]) + c[i] * (p - here[i + 1])
        out[i] = beside + cs[i] * (p - south[i]) + cn[i] * (p - north[i])
    if k < levels - 1:
        above = potential[row, k + 1]
        for i in range(1, ghosts_x - 1):
            out[i] += cz[i] * (here[i] - above[i])
    else:
        for i in range(1, ghosts_x - 1):
            out[i] += cz[i] * here[i]
    if k > 0:
        below, under = potential[row, k - 1], upward[row, k - 1]
        for i in range(1, ghosts_x - 1):
            out[i] += under[i] * (here[i] - below[i])


@njit(nogil=True, cache=True)
def restrict(first, last, potential, source, across, along, upward, coarse_source, coarse_potential):
    """Hand what a level has not solved to the next: sums over two by two columns; its potential starts at zero."""
    rows, levels, columns = potential.shape[0] - 2, potential.shape[1], potential.shape[2] - 2
    out = np.empty(potential.shape[2], np.float32)
    for piece in range(first, last):
        coarse_potential[piece + 1] = 0
        coarse_source[piece + 1] = 0
        for j in range(2 * piece + 1, min(2 * piece + 2, rows) + 1):
            for k in range(levels):
                outflow(j, k, potential, across, along, upward, out)
                s, target = source[j, k], coarse_source[piece + 1, k]
                for i in range(1, columns + 1):
                    target[(i + 1) // 2] += s[i] - out[i]


@njit(nogil=True, cache=True)
def prolong(first, last, coarse, potential):
    """Add the coarse potential to the columns it stands for."""
    levels, columns = potential.shape[1], potential.shape[2] - 2
    for piece in range(first, last):
        for k in range(levels):
            here, above = potential[piece + 1, k], coarse[(piece + 2) // 2, k]
            for i in range(1, columns + 1):
                here[i] += above[(i + 1) // 2]


@njit(nogil=True, cache=True)
def apply(first, last, search, across, along, upward, image, dots):
    """Image of the search direction, and by row its product with it."""
    for j in range(first + 1, last + 1):
        total = 0.0
        for k in range(search.shape[1]):
            out, p = image[j, k], search[j, k]
            outflow(j, k, search, across, along, upward, out)
            for i in range(1, search.shape[2] - 1):
                total += np.float64(out[i]) * np.float64(p[i])
        dots[j - 1] = total


@njit(nogil=True, cache=True)
def advance(first, last, step, per_volume, search, image, potential, source, worst):
    """Go one step along the search direction; by row the worst divergence left."""
    step = np.float32(step)
    for j in range(first + 1, last + 1):
        most = np.float32(0)
        for k in range(search.shape[1]):
            p, q, x, r, f = search[j, k], image[j, k], potential[j, k], source[j, k], per_volume[k]
            for i in range(1, search.shape[2] - 1):
                x[i] += step * p[i]
                left = r[i] - step * q[i]
                r[i] = left
                most = max(most, abs(left) * f)
        worst[j - 1] = most


@njit(nogil=True, cache=True)
def dot(first, last, a, b, dots):
    """Product of two fields, by row."""
    for j in range(first + 1, last + 1):
        total = 0.0
        for k in range(a.shape[1]):
            x, y = a[j, k], b[j, k]
            for i in range(1, a.shape[2] - 1):
                total += np.float64(x[i]) * np.float64(y[i])
        dots[j - 1] = total


@njit(nogil=True, cache=True)
def turn(first, last, share, better, search):
    """New search direction: the preconditioned residual plus a share of the old one."""
    share = np.float32(share)
    for j in range(first + 1, last + 1):
        for k in range(search.shape[1]):
            p, z = search[j, k], better[j, k]
            for i in range(1, search.shape[2] - 1):
                p[i] = z[i] + share * p[i]


@njit(nogil=True, cache=True)
def conductances(first, last, roof, centres, thickness, cell, across, along, upward):
    """Conductance (area over distance) of every face, 0 at walls and ground; rows of the padded grid. [m]

    ``roof`` is padded by one ring of open ground; level k is solid where its centre lies below the roof.
    """
    ghosts_y, levels, ghosts_x = across.shape
    for j in range(first, last):
        for k in range(levels):
            gap = (thickness[k] + thickness[k + 1]) / 2 if k + 1 < levels else thickness[k]
            for i in range(ghosts_x):
                free = centres[k] >= roof[j, i]
                east = i + 1 < ghosts_x and 0 < j < ghosts_y - 1 and free and centres[k] >= roof[j, i + 1]
                north = j + 1 < ghosts_y and 0 < i < ghosts_x - 1 and free and centres[k] >= roof[j + 1, i]
                inside = 0 < j < ghosts_y - 1 and 0 < i < ghosts_x - 1
                across[j, k, i] = thickness[k] if east else 0.0
                along[j, k, i] = thickness[k] if north else 0.0
                upward[j, k, i] = cell * cell / gap if free and inside else 0.0


@njit(nogil=True, cache=True)
def coarsen(first, last, fine_x, fine_y, fine_z, across, along, upward):
    """Conductances of a grid of twice the cell, those of the faces it merges added up. Rows of the coarse padded grid.

    This is what constant pieces make of the fine grid (Galerkin); with walls about, nothing smoother does better.
    """
    rows, levels, columns = fine_x.shape[0] - 2, fine_x.shape[1], fine_x.shape[2] - 2
    coarse_rows = across.shape[0] - 2
    for row in range(first, last):
        inside = 1 <= row <= coarse_rows
        south, north = max(2 * row - 1, 1), min(2 * row, rows)
        for k in range(levels):
            for i in range(across.shape[2] - 1):
                face, west = min(2 * i, columns), max(2 * i - 1, 1)
                if inside:
                    across[row, k, i] = fine_x[south, k, face] + (
                        fine_x[north, k, face] if north > south else np.float32(0)
                    )
                if i > 0 and row <= coarse_rows:
                    along[row, k, i] = fine_y[north, k, west] + (
                        fine_y[north, k, face] if face > west else np.float32(0)
                    )
                if inside and i > 0:
                    total = fine_z[south, k, west]
                    if face > west:
                        total += fine_z[south, k, face]
                    if north > south:
                        total += fine_z[north, k, west]
                        if face > west:
                            total += fine_z[north, k, face]
                    upward[row, k, i] = total


@njit(nogil=True, cache=True)
def to_fluxes(first, last, u, v, w, across, along, upward, areas, flux_x, flux_y, flux_z):
    """Flux through every free face from the winds at the centres beside it; a ghost repeats its neighbour. [m³ s⁻¹]"""
    ghosts_y, levels, ghosts_x = u.shape
    for j in range(first, last):
        for k in range(levels):
            side, roof = areas[0, k], areas[1, k]
            for i in range(ghosts_x):
                x, y, z = np.float32(0), np.float32(0), np.float32(0)
                if across[j, k, i] > 0:
                    x = np.float32(0.5) * (u[j, k, max(i, 1)] + u[j, k, min(i + 1, ghosts_x - 2)]) * side
                if along[j, k, i] > 0:
                    y = np.float32(0.5) * (v[max(j, 1), k, i] + v[min(j + 1, ghosts_y - 2), k, i]) * side
                if upward[j, k, i] > 0:
                    above = w[j, k + 1, i] if k + 1 < levels else w[j, k, i]
                    z = np.float32(0.5) * (w[j, k, i] + above) * roof
                flux_x[j, k, i], flux_y[j, k, i], flux_z[j, k, i] = x, y, z


@njit(nogil=True, cache=True)
def imbalance(first, last, flux_x, flux_y, flux_z, per_volume, source, worst):
    """Outflow of every cell [m³ s⁻¹], and by row the worst divergence in terms of ``per_volume``."""
    for j in range(first + 1, last + 1):
        most = np.float32(0)
        for k in range(flux_x.shape[1]):
            for i in range(1, flux_x.shape[2] - 1):
                out = flux_x[j, k, i] - flux_x[j, k, i - 1] + flux_y[j, k, i] - flux_y[j - 1, k, i] + flux_z[j, k, i]
                if k > 0:
                    out -= flux_z[j, k - 1, i]
                source[j, k, i] = out
                most = max(most, abs(out) * per_volume[k])
        worst[j - 1] = most


@njit(nogil=True, cache=True)
def correct(first, last, potential, across, along, upward, flux_x, flux_y, flux_z):
    """Add the gradient of the potential to the fluxes; rows of the padded grid."""
    ghosts_y, levels, ghosts_x = potential.shape
    for j in range(first, last):
        for k in range(levels):
            for i in range(ghosts_x):
                here = potential[j, k, i]
                if i + 1 < ghosts_x:
                    flux_x[j, k, i] += across[j, k, i] * (potential[j, k, i + 1] - here)
                if j + 1 < ghosts_y:
                    flux_y[j, k, i] += along[j, k, i] * (potential[j + 1, k, i] - here)
                above = potential[j, k + 1, i] if k + 1 < levels else np.float32(0)
                flux_z[j, k, i] += upward[j, k, i] * (above - here)
