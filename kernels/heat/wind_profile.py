"""Wind over and inside a built block as the weather station's log law sees it: roughness, blending height, canopy."""

import math

import numpy as np
from scipy.ndimage import uniform_filter

KARMAN = 0.4
STATION_HEIGHT = 10.0
"""Height of the anemometer of a weather file. [m]"""
STATION_ROUGHNESS = 0.03
"""Roughness length of the short grass round a weather station, and of open ground here. [m] (WMO-No. 8, class 3)"""
BLENDING_HEIGHT = 60.0
"""Lowest height at which wind no longer feels the block under it. [m] (Wieringa 1986, doi:10.1002/qj.49711247309)"""
BLOCK = 200.0
"""Side of the moving block over which roughness is taken. [m]"""
PEDESTRIAN_HEIGHT = 1.1
"""Height of the wind a person feels: the centre of gravity of UTCI's walker. [m]"""
UTCI_TEN_METRES = math.log(10.0 / 0.01) / math.log(PEDESTRIAN_HEIGHT / 0.01)
"""UTCI wants the wind at 10 m over its own ground, z0 0.01 m (Bröde et al. 2012, doi:10.1007/s00484-011-0454-1)."""

_STAGGERED = 4.43  # A and beta of staggered arrays, eq. 23 and 26 of Macdonald et al.
_DRAG = 1.2
_DENSEST = 0.8  # the formula was fitted below; above it d tends to H and the log law has no room left
_CROWN = 1.0


def macdonald(plan_area_index, frontal_area_index, height):
    """Displacement height and roughness length of a block of buildings.

    Parameters
    ----------
    plan_area_index, frontal_area_index : array_like
        Plan and frontal area of the buildings per ground area. [1]
    height : array_like
        Mean height of the buildings. [m]

    Returns
    -------
    (d, z0) : float64 arrays
        Displacement height and roughness length, both 0 where there is no building. [m]

    Notes
    -----
    Macdonald, Griffiths and Hall (1998), doi:10.1016/S1352-2310(97)00403-2, eq. 23 and 26 with A = 4.43, beta = 1,
    Cd = 1.2 (staggered). Plan area indices above 0.8 count as 0.8.
    """
    plan = np.clip(np.asarray(plan_area_index, float), 0.0, _DENSEST)
    frontal, height = np.asarray(frontal_area_index, float), np.asarray(height, float)
    displacement = 1 + _STAGGERED**-plan * (plan - 1)
    drag = 0.5 * _DRAG / KARMAN**2 * (1 - displacement) * np.maximum(frontal, 1e-12)
    roughness = (1 - displacement) * np.exp(-(drag**-0.5))
    return displacement * height, np.where(frontal > 0, roughness * height, 0.0)


def block_indices(roof, open_share, cell_size, block=BLOCK):
    """Plan area index, frontal area indices by side and mean building height on moving blocks.

    A block weighs what is near more, down to nothing at its edge, so that a row of walls does not enter all at once.

    Parameters
    ----------
    roof : (y, x) float
        Height of the buildings above ground, 0 where there is none. [m]
    open_share : (y, x) float
        Share of a cell no building covers. [1]
    cell_size, block : float
        Sides of a cell and of the moving block. [m]

    Returns
    -------
    plan, height : (y, x) float64
        Plan area index [1], mean building height weighted by plan area [m].
    sides : (4, y, x) float64
        Wall area per ground area that faces west, east, south and north. [1]
    """
    built = 1.0 - np.asarray(open_share, float)
    mass = np.asarray(roof, float) * built  # a half-built cell shows half its wall
    jump_x, jump_y = np.diff(mass, axis=1, prepend=0, append=0), np.diff(mass, axis=0, prepend=0, append=0)
    walls = (
        np.maximum(jump_x[:, :-1], 0), np.maximum(-jump_x[:, 1:], 0),
        np.maximum(jump_y[:-1], 0), np.maximum(-jump_y[1:], 0),
    )  # fmt: skip
    size = 2 * int(block / cell_size / 4) + 1  # odd, so that the block lies even about its cell

    def mean(field):
        once = uniform_filter(field, size, mode="nearest")
        return np.maximum(uniform_filter(once, size, mode="nearest"), 0.0)

    plan = mean(built)
    height = np.divide(mean(mass), plan, out=np.zeros_like(plan), where=plan > 1e-9)
    return plan, height, np.stack([mean(wall) / cell_size for wall in walls])


def frontal_area_index(sides, east, north):
    """Frontal area index for a wind that blows toward (``east``, ``north``), a unit vector. [1]

    Parameters
    ----------
    sides : (4, y, x) float
        See `block_indices`.
    east, north : float
        Unit vector the wind blows toward. [1]
    """
    return sides[0 if east > 0 else 1] * abs(east) + sides[2 if north > 0 else 3] * abs(north)


def station_to_blending(blending_height):
    """Wind at the blending height per wind at the station. [1]"""
    return np.log(blending_height / STATION_ROUGHNESS) / math.log(STATION_HEIGHT / STATION_ROUGHNESS)


def street_aspect(plan, sides):
    """Height of the streets of a block over their width: wall area over twice the open area. [1]

    Parameters
    ----------
    plan : (y, x) float
        Plan area index. [1]
    sides : (4, y, x) float
        See `block_indices`. [1]
    """
    return sides.sum(axis=0) / (2 * np.maximum(1 - plan, 1 - _DENSEST))


def profile(z, height, displacement, roughness, aspect=None):
    """Wind at height ``z`` per wind of the station.

    Parameters
    ----------
    z : float
        Height above ground. [m]
    height, displacement, roughness : (y, x) float
        Mean building height, displacement and roughness of the block, see `macdonald`. [m]
    aspect : (y, x) float, optional
        See `street_aspect` [1]. Given, the space below the roofs is slowed as in streets of every orientation; without
        it the log law of open ground joins on at roof height, for zones that add the drag themselves.

    Returns
    -------
    (y, x) float64
        Wind speed per wind speed of the station. [1]

    Notes
    -----
    Station and block share the wind at the blending height, or at twice the roofs where those are higher. In streets
    2/pi U_H exp(-(h/w) (1 - z/H) / 2), Masson (2000), doi:10.1023/A:1002463829265, his middle of the street taken to
    other heights, and never above the log law. It is a mean of speeds over all orientations; a mean of vectors, as in
    Macdonald (2000), would take wind that turns back for calm.
    """
    height, displacement = np.asarray(height, float), np.asarray(displacement, float)
    roughness = np.maximum(roughness, STATION_ROUGHNESS)
    blending = np.maximum(BLENDING_HEIGHT, 2 * height)
    at_blending = station_to_blending(blending) / np.log((blending - displacement) / roughness)

    def above(level):
        return at_blending * np.log(np.maximum((level - displacement) / roughness, 1.05))

    # Over open ground the two laws are one; a block too low to hold a log law of its own counts as open ground.
    roof = np.maximum(height, 1.0)
    log_shape = np.log(max(z, 2 * STATION_ROUGHNESS) / STATION_ROUGHNESS) / np.log(roof / STATION_ROUGHNESS)
    if aspect is not None:
        log_shape = np.minimum(log_shape, 2 / math.pi * np.exp(np.asarray(aspect) / 2 * np.minimum(z / roof - 1, 0)))
    return np.where(z >= roof, above(np.maximum(z, roof)), above(roof) * log_shape)


def friction_ratio(height, displacement, roughness):
    """Friction velocity over a block per wind of the station. [1]

    Parameters
    ----------
    height, displacement, roughness : (y, x) float
        See `profile`. [m]
    """
    blending = np.maximum(BLENDING_HEIGHT, 2 * np.asarray(height, float))
    roughness = np.maximum(roughness, STATION_ROUGHNESS)
    return KARMAN * station_to_blending(blending) / np.log((blending - displacement) / roughness)


def canopy_factor(canopy_top, canopy_bottom):
    """Share of the wind at 1.1 m that a tree's crown leaves in its own cell.

    Parameters
    ----------
    canopy_top, canopy_bottom : (y, x) float
        Crown above ground, 0 where there is none. [m]

    Returns
    -------
    (y, x) float32
        Factor on the pedestrian wind, 1 without a crown. [1]

    Notes
    -----
    Cionco's exponential profile (1965, doi:10.1175/1520-0450(1965)004<0517:AMMFAC>2.0.CO;2), whose drag acts only
    between crown bottom and top: exp(-a (top - max(bottom, 1.1 m)) / top). The index a = 1 stands for open-grown street
    trees, at the low end of the 0.4 to 4 of Cionco (1978, doi:10.1007/BF00165507), as his are closed stands. A crown
    below 1.1 m does nothing; wind next to a crown does not change, so a moved tree changes its own cells only.
    """
    top = np.nan_to_num(np.asarray(canopy_top, np.float32))
    bottom = np.nan_to_num(np.asarray(canopy_bottom, np.float32))
    depth = np.maximum(top - np.maximum(bottom, np.float32(PEDESTRIAN_HEIGHT)), 0)
    return np.exp(-np.float32(_CROWN) * np.divide(depth, top, out=np.zeros_like(depth), where=top > 0))
