"""First guess of the wind among buildings: Röckle's zones of still, reversed and sheltered air, from the raster."""

import numpy as np
from numba import njit

LOWEST_WALL = 2.0
"""A step in the roofs lower than this casts no zone. [m]"""
UPWIND_REACH, DOWNWIND_REACH = 150.0, 75.0
"""How far a wall is looked for against and along the wind. [m]"""

_SIMILAR = 0.75  # cells at least this share as tall belong to the same building


@njit(nogil=True, cache=True)
def chords(first, last, roof, east, north, steps, cell, length, width, left):
    """Extent of the building through each built cell along and across the wind.

    Parameters
    ----------
    first, last : int
        Rows to do.
    roof : (y, x) float32
        Roofs above ground, 0 in the open. [m]
    east, north : float
        Unit vector the wind blows toward. [1]
    steps : int
        Longest half chord, in cells.
    cell : float
        Side of a cell. [m]
    length, width, left : (y, x) float32
        Receive the chord along the wind, the chord across it, and the part of that to the left of the cell. [m]

    Notes
    -----
    A cell counts as the same building while its roof is at least 0.75 of the first, so a tower on a podium has its own
    length and width.
    """
    rows, columns = roof.shape
    for j in range(first, last):
        for i in range(columns):
            own = roof[j, i]
            if own < LOWEST_WALL:
                continue
            for arm in range(4):
                if arm == 0:
                    dx, dy = east, north
                elif arm == 1:
                    dx, dy = -east, -north
                elif arm == 2:
                    dx, dy = -north, east
                else:
                    dx, dy = north, -east
                extent = steps
                for s in range(1, steps + 1):
                    jj, ii = int(np.floor(j + s * dy + 0.5)), int(np.floor(i + s * dx + 0.5))
                    if jj < 0 or jj >= rows or ii < 0 or ii >= columns or roof[jj, ii] < _SIMILAR * own:
                        extent = s - 1
                        break
                reach = (extent + 0.5) * cell
                if arm == 0:
                    length[j, i] = reach
                elif arm == 1:
                    length[j, i] += reach
                elif arm == 2:
                    left[j, i] = reach
                    width[j, i] = reach
                else:
                    width[j, i] += reach


@njit(nogil=True, cache=True)
def cavity_length(length, width, height):
    """Length of the recirculation behind a building, from its lee wall, on the ground at its axis. [m]

    Parameters
    ----------
    length, width, height : float
        Building along the wind, across it, and upward. [m]

    Notes
    -----
    Röckle (1990) after Hosker (1984); in English eq. 4 of Kaplan and Dinar (1996), doi:10.1016/1352-2310(95)00470-6:
    1.8 W / ((L/H)^0.3 (1 + 0.24 W/H)), with L/H kept within 0.3 and 3.
    """
    slender = min(max(length / height, 0.3), 3.0)
    return 1.8 * width / (slender**0.3 * (1 + 0.24 * width / height))


@njit(nogil=True, cache=True)
def displacement_length(width, height):
    """Length of the still air in front of a building, on the ground at its axis; Röckle (1990). [m]

    Parameters
    ----------
    width, height : float
        Building across the wind and upward. [m]
    """
    return 2.0 * width / (1 + 0.8 * width / height)


@njit(nogil=True, cache=True)
def _at(profile, centres, height):
    """Value of a profile at a height, linear between the levels."""
    if height <= centres[0]:
        return profile[0]
    for k in range(1, centres.size):
        if height <= centres[k]:
            share = (height - centres[k - 1]) / (centres[k] - centres[k - 1])
            return profile[k - 1] + share * (profile[k] - profile[k - 1])
    return profile[-1]


@njit(nogil=True, cache=True)
def place_zones(first, last, ground, roof, normals, extents, wind, centres, u, v, w):
    """Turn the base wind into Röckle's zones.

    Parameters
    ----------
    first, last : int
        Rows of columns to do.
    ground, roof : (y, x) float32
        Elevation of the ground; roofs above it, 0 in the open. [m]
    normals : (2, y, x) float32
        East and north part of the vector out of the buildings, of any length.
    extents : (3, y, x) float32
        Length, width and left part of `chords`. [m]
    wind : (5,) float64
        Unit vector the wind blows toward [1], cell [m], reach against and along the wind [cell].
    centres : (z,) float64
        Heights of the levels above ground. [m]
    u, v, w : (y + 2, z, x + 2) float32
        Wind toward east, north and up at cell centres, with one ring of ghosts. ``u`` holds the speed of the base wind
        when called; all three are written.

    Notes
    -----
    Every column looks along the wind, both ways. In order of strength: a street canyon, where a wall upwind and one
    downwind are nearer than Kaplan and Dinar's (1.25 + 0.15 min(W/H, 2)) H: the part of the wind across the street
    turns in a vortex and the part along it stays (Singh et al. 2008, doi:10.1007/s10652-008-9084-5); the cavity behind
    a wall, -U_H (1 - x/d)²; the displacement zone before a wall, where the part of the wind onto the wall is zero;
    the wake, U (1 - (d/x)^1.5) up to three cavity lengths. d is the ellipsoid of the cavity at the cell's own height
    and distance from the axis. Of several wakes the deepest counts. Walls are as tall as they stand over the
    ground of the cell that looks. Röckle (1990); Kaplan and Dinar (1996), doi:10.1016/1352-2310(95)00470-6.
    """
    rows, columns = roof.shape
    levels = centres.size
    east, north, cell = wind[0], wind[1], wind[2]
    up_steps, down_steps = int(wind[3]), int(wind[4])
    base = np.empty(levels)
    shelter = np.empty(levels)
    back = np.empty(levels)
    for j in range(first, last):
        for i in range(columns):
            floor_ = ground[j, i]
            for k in range(levels):
                base[k] = u[j + 1, k, i + 1]
                shelter[k] = 1.0
                back[k] = 0.0
            up_distance, up_height, up_width = -1.0, 0.0, 0.0
            normal_x, normal_y = east, north
            before = floor_ + roof[j, i]
            for s in range(1, up_steps + 1):
                jj, ii = int(np.floor(j - s * north + 0.5)), int(np.floor(i - s * east + 0.5))
                if jj < 0 or jj >= rows or ii < 0 or ii >= columns:
                    break
                top = ground[jj, ii] + roof[jj, ii]
                if roof[jj, ii] > LOWEST_WALL and top > before + LOWEST_WALL and top > floor_ + LOWEST_WALL:
                    x, height, width = (s - 0.5) * cell, top - floor_, extents[1, jj, ii]
                    reach = cavity_length(extents[0, jj, ii], width, height)
                    off = min(abs(width / 2 - extents[2, jj, ii]) / (width / 2), 1.0)
                    at_roof = _at(base, centres, height)
                    for k in range(levels):
                        if centres[k] >= height:
                            break
                        edge = reach * np.sqrt((1 - off * off) * (1 - (centres[k] / height) ** 2))
                        if x < edge:
                            if back[k] == 0.0:
                                back[k] = -at_roof * (1 - x / edge) ** 2
                        elif x < 3 * edge:
                            shelter[k] = min(shelter[k], 1 - (edge / x) ** 1.5)
                    if up_distance < 0:
                        up_distance, up_height, up_width = x, height, width
                        nx, ny = normals[0, jj, ii], normals[1, jj, ii]
                        size = np.sqrt(nx * nx + ny * ny)
                        if size > 0 and (nx * east + ny * north) / size > 0.05:
                            normal_x, normal_y = nx / size, ny / size
                before = top
            down_distance, down_height, down_width, down_off = -1.0, 0.0, 0.0, 0.0
            face_x, face_y = east, north
            for s in range(1, down_steps + 1):
                jj, ii = int(np.floor(j + s * north + 0.5)), int(np.floor(i + s * east + 0.5))
                if jj < 0 or jj >= rows or ii < 0 or ii >= columns:
                    break
                height = ground[jj, ii] + roof[jj, ii] - floor_
                if roof[jj, ii] > LOWEST_WALL and height > max(roof[j, i], 0.0) + LOWEST_WALL:
                    down_distance, down_height, down_width = (s - 0.5) * cell, height, extents[1, jj, ii]
                    down_off = min(abs(down_width / 2 - extents[2, jj, ii]) / (down_width / 2), 1.0)
                    nx, ny = normals[0, jj, ii], normals[1, jj, ii]
                    size = np.sqrt(nx * nx + ny * ny)
                    if size > 0 and (nx * east + ny * north) / size < -0.05:
                        face_x, face_y = nx / size, ny / size
                    break
            onto = normal_x * east + normal_y * north
            spacing = (up_distance + down_distance) * onto
            canyon = (
                roof[j, i] < LOWEST_WALL and up_distance > 0 and down_distance > 0
                and spacing < (1.25 + 0.15 * min(up_width / up_height, 2.0)) * up_height
            )  # fmt: skip
            still = displacement_length(down_width, down_height) if down_distance > 0 else 0.0
            vortex = _at(base, centres, up_height) * onto if canyon else 0.0
            p, q = 2 * up_distance * onto / max(spacing, 1e-6), 2 * down_distance * onto / max(spacing, 1e-6)
            face_onto = face_x * east + face_y * north
            for k in range(levels):
                z, speed = centres[k], base[k]
                if z < roof[j, i]:
                    ux, uy, uz = 0.0, 0.0, 0.0
                elif canyon and z < min(up_height, down_height):
                    across, along_x, along_y = -vortex * p * q, east - onto * normal_x, north - onto * normal_y
                    ux, uy = along_x * speed + across * normal_x, along_y * speed + across * normal_y
                    uz = -abs(0.5 * vortex * (1 - p)) * (1 - q)
                elif back[k] < 0.0:
                    ux, uy, uz = back[k] * east, back[k] * north, 0.0
                elif (
                    still > 0 and z < 0.6 * down_height
                    and down_distance < still * np.sqrt((1 - down_off**2) * (1 - (z / (0.6 * down_height)) ** 2))
                ):  # fmt: skip
                    speed *= shelter[k]
                    ux, uy, uz = (east - face_onto * face_x) * speed, (north - face_onto * face_y) * speed, 0.0
                else:
                    speed *= shelter[k]
                    ux, uy, uz = speed * east, speed * north, 0.0
                u[j + 1, k, i + 1], v[j + 1, k, i + 1], w[j + 1, k, i + 1] = ux, uy, uz
