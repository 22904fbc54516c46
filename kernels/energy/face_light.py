"""Light on the faces of one building through a piece of the hours, all daylight at once."""

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kernels.energy.glazing import relative_gain

PIECE = 512
"""Hours that are worked at once, so that they stay near the processor. [1]"""

P = PIECE

DEGREE = 9
"""Of the polynomial in the cosine that stands for what slanting glass lets in; within 0.002 of it. [1]"""


@cache
def slanting() -> NDArray:
    """Coefficients of what glass lets in over normal incidence, by the cosine: c¹ first. (9,) [1]

    A least squares fit of `kernels.energy.glazing.relative_gain` that is 0 at 90° and 1 at 0°.
    """
    cosine = 0.5 * (1 - np.cos(np.pi * (np.arange(2000) + 0.5) / 2000))
    powers = cosine[:, None] ** np.arange(1, DEGREE + 1)
    wanted = relative_gain(np.arccos(cosine))
    # the last coefficient makes their sum one
    free, *_ = np.linalg.lstsq(powers[:, :-1] - powers[:, -1:], wanted - powers[:, -1], rcond=None)
    found: NDArray = np.append(free, 1 - free.sum())
    return found


def lay_light(light: NDArray) -> NDArray:
    """Lay the light of daylight hours in rows of a fixed length, one behind the other, with room for the horizon.

    Parameters
    ----------
    light : (time, 8) float64
        Rows of `kernels.energy.plane_of_array.Skylight.parts`; at most `PIECE` of them.

    Returns
    -------
    (9 * PIECE,) float64
    """
    found = np.zeros((9, PIECE))
    found[:8, : len(light)] = light.T
    return found.reshape(-1)


@njit(nogil=True, cache=True, error_model="numpy")
def light_faces(first, last, normals, seen, warms, passes, horizon, sector, height, light, glass, diffuse, shone):
    """Sum the light on some faces.

    Parameters
    ----------
    first, last : int
        Faces to take.
    normals, seen : (face, 3) float64
        Outward normal; parts of even sky, band and ground that are seen. [1]
    warms, passes : (face,) float64
        Rise of the temperature outside the mass by light [K W⁻¹ m²]; window area times g [m²].
    horizon : (face, azimuth) uint8
        As `kernels.energy.horizons.horizons` gives it.
    sector, height : (time,) float64
        Where the sun stands, in the units of the horizons; a sun that is down stands below all.
    light : (9 * PIECE,) float64
        Of `lay_light`; its last row is written.
    glass : (9,) float64
        See `slanting`.
    diffuse : float
        What glass lets in of an even sky, over normal incidence. [1]
    shone : (2 * PIECE,) float64
        Written: rise outside the mass [K], sun through windows [W].

    Notes
    -----
    See `kernels.energy.patch_light.light_on`, of which this is the wide form: rows lie at places the compiler knows,
    so that it sees that none lies on another, and choices stand for branches.
    """
    times, azimuths = sector.size, horizon.shape[1]
    g1, g2, g3, g4, g5, g6, g7, g8, g9 = (
        glass[0], glass[1], glass[2], glass[3], glass[4], glass[5], glass[6], glass[7], glass[8],
    )  # fmt: skip
    for t in range(times):
        shone[t], shone[P + t] = 0.0, 0.0
    for face in range(first, last):
        row = horizon[face]
        for t in range(times):
            lower = int(sector[t])
            before = float(row[np.uintp(lower if lower < azimuths else lower - azimuths)])
            after = float(row[np.uintp(lower + 1 if lower + 1 < azimuths else lower + 1 - azimuths)])
            light[8 * P + t] = height[t] - (before + (sector[t] - lower) * (after - before))
        east, north, up = normals[face, 0], normals[face, 1], normals[face, 2]
        sky_part, band_part, ground_part = seen[face, 0], seen[face, 1], seen[face, 2]
        warm, through = warms[face], passes[face]
        for t in range(times):
            cosine = east * light[t] + north * light[P + t] + up * light[2 * P + t]
            cosine = cosine if light[8 * P + t] > 0.0 else 0.0
            cosine = cosine if cosine > 0.0 else 0.0
            direct, glow = cosine * light[3 * P + t], cosine * light[4 * P + t]
            sky = glow + sky_part * light[5 * P + t] + band_part * light[6 * P + t]
            sky = sky if sky > 0.0 else 0.0
            back = ground_part * light[7 * P + t]
            shone[t] += warm * (direct + sky + back)
            glow = glow if glow < sky else sky
            part = g9 * cosine + g8
            part = part * cosine + g7
            part = part * cosine + g6
            part = part * cosine + g5
            part = part * cosine + g4
            part = part * cosine + g3
            part = part * cosine + g2
            part = (part * cosine + g1) * cosine
            shone[P + t] += through * (diffuse * (sky - glow + back) + part * (direct + glow))
