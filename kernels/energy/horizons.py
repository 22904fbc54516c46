"""Horizons of patches of roof and facade: how high the city stands round each, and how much sky that leaves."""

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.energy.triangle_tree import TriangleTree, look_again, look_round

AZIMUTHS = 36
"""Directions of a horizon: number k is the sector of 10 degrees round azimuth 10 k, from north clockwise."""

STEPS = 255
"""The zenith, as horizons are stored: a step is 0.35 degrees, so that rounding is 0.18 degrees at most. [step]"""

RAYS = 2
"""Ways looked along in each sector; the horizon of a sector is their mean angle."""

HORIZON_BAND = math.radians(6.5)
"""The bright band at the horizon is lost evenly as a horizon rises through this.

Height of the band of Perez et al. (1987), A new simplified version of the Perez diffuse irradiance model for tilted
surfaces, doi:10.1016/S0038-092X(87)80031-2; their model of 1990 lets it shrink to a line. [rad]
"""

_WITHIN = 4  # parts of a sector in sums over the sky


@dataclass(frozen=True, eq=False)
class SkySeen:
    """What a horizon leaves of the sky, compared with nothing before the same plane.

    Attributes
    ----------
    even : (patch,) float64
        Of the light of an even sky. [1]
    band : (patch,) float64
        Of that of the band at the horizon. [1]
    """

    even: NDArray
    band: NDArray


def horizons(
    points: NDArray, tree: TriangleTree, azimuths: int = AZIMUTHS, rays: int = RAYS, threads: int | None = None
) -> NDArray:
    """Look round from every patch.

    Parameters
    ----------
    points : (patch, 3) float64
        A little before the face of each, so that it does not see itself. [m]
    tree : TriangleTree
        All that stands in the way.
    azimuths, rays : int
        Sectors, and ways looked along in each.
    threads : int, optional
        None takes every processor; the result does not depend on it.

    Returns
    -------
    (patch, azimuth) uint8
        Angle above the level, 0 … 90 degrees in 0 … 255.

    Raises
    ------
    LayerError
        A place that is no number.

    Notes
    -----
    Along each way the angle is exact: triangles are cut by the upright half-plane, no ray is stepped. A bridge counts
    down to the ground, for a horizon has one angle a direction.
    """
    points = np.ascontiguousarray(points, np.float64).reshape(-1, 3)
    bad = ~np.isfinite(points).all(axis=1)
    if bad.any():
        raise LayerError(f"patch {int(np.argmax(bad))} has a coordinate that is no number; leave it out")
    found = np.zeros((points.shape[0], azimuths), np.uint8)

    def work(low: int, high: int) -> None:
        look_round(
            points[low:high], rays, STEPS, tree.corners, tree.boxes, tree.first, tree.last, found[low:high]
        )  # fmt: skip

    Crew(threads).share_out(points.shape[0], work, small=points.shape[0] < 256)
    return found


def horizons_again(
    points: NDArray,
    tree: TriangleTree,
    before: NDArray,
    changed: TriangleTree,
    rays: int = RAYS,
    threads: int | None = None,
) -> NDArray:
    """Look round again where something came or went, from places whose horizons were known before.

    Parameters
    ----------
    points : (patch, 3) float64
        [m]
    tree : TriangleTree
        All that stands in the way now.
    before : (patch, azimuth) uint8
        Horizons of the same points before the change.
    changed : TriangleTree
        All that came or went.
    rays, threads
        As for `horizons`.

    Returns
    -------
    (patch, azimuth) uint8
        As `horizons` gives it for ``tree``, to the bit.
    """
    points = np.ascontiguousarray(points, np.float64).reshape(-1, 3)
    if before.shape[0] != points.shape[0]:
        raise LayerError(f"{points.shape[0]} patches need as many horizons from before, got {before.shape[0]}")
    found = np.array(before, np.uint8)

    def work(low: int, high: int) -> None:
        look_again(
            points[low:high], rays, STEPS, tree.corners, tree.boxes, tree.first, tree.last, changed.corners,
            changed.boxes, changed.first, changed.last, found[low:high],
        )  # fmt: skip

    Crew(threads).share_out(points.shape[0], work, small=points.shape[0] < 256)
    return found


def sun_among(east: NDArray, north: NDArray, up: NDArray, azimuths: int = AZIMUTHS) -> tuple[NDArray, NDArray]:
    """Where the sun stands in the units of a horizon.

    Parameters
    ----------
    east, north, up : (time,) float64
        Its direction, a unit vector. [1]
    azimuths : int
        Of the horizon.

    Returns
    -------
    sector, height : (time,) float64
        From north clockwise [sector]; above the level, `STEPS` at the zenith [step].
    """
    sector = (np.arctan2(east, north) / (2 * np.pi) % 1.0) * azimuths
    return sector, np.arcsin(np.clip(up, -1, 1)) / (0.5 * np.pi) * STEPS


def sky_seen(horizon: NDArray, normals: NDArray) -> SkySeen:
    """Sum up the sky that horizons leave to their planes.

    Parameters
    ----------
    horizon : (patch, azimuth) uint8
        As `horizons` gives it.
    normals : (patch, 3) float64
        Outward unit vectors. [1]

    Returns
    -------
    SkySeen
        Both 1 for what sees no sky at all, of which there is then nothing to lose.
    """
    found = np.ones((2, horizon.shape[0]))
    _sum_sky(horizon, np.ascontiguousarray(normals, np.float64), STEPS, HORIZON_BAND, _WITHIN, found)
    return SkySeen(*found)


@njit(nogil=True, cache=True)
def _slice(lowest, up, across):
    """Light of an even sky from one thin slice of azimuth above ``lowest``, on a plane.

    Cosine of incidence times solid angle, integrated over the angle e in closed form: up is the normal's vertical
    part, across its part towards the slice; (up sin e + across cos e) cos e from the lower to the upper limit.
    """
    low, high = lowest, 0.5 * math.pi
    if up > 0.0:
        if across < 0.0:
            low = max(low, math.atan(-across / up))
    elif up < 0.0:
        if across <= 0.0:
            return 0.0
        high = math.atan(across / -up)
    elif across <= 0.0:
        return 0.0
    if high <= low:
        return 0.0
    upper = up * math.sin(high) ** 2 + across * (high + math.sin(high) * math.cos(high))
    return 0.5 * (upper - up * math.sin(low) ** 2 - across * (low + math.sin(low) * math.cos(low)))


@njit(nogil=True, cache=True)
def _sum_sky(horizon, normals, steps, band, within, found):
    azimuths = horizon.shape[1]
    for patch in range(horizon.shape[0]):
        east, north, up = normals[patch, 0], normals[patch, 1], normals[patch, 2]
        if abs(up) < 1e-9:  # a wall whose normal is off by rounding is a wall
            up = 0.0
        seen = whole = band_seen = band_whole = 0.0
        for part in range(azimuths * within):
            azimuth = 2.0 * math.pi / azimuths * ((part + 0.5) / within - 0.5)
            across = east * math.sin(azimuth) + north * math.cos(azimuth)
            angle = horizon[patch, part // within] / steps * 0.5 * math.pi
            seen += _slice(angle, up, across)
            whole += _slice(0.0, up, across)
            if across > 0.0:
                band_whole += across
                band_seen += across * max(1.0 - angle / band, 0.0)
        if whole > 0.0:
            found[0, patch] = seen / whole
        if band_whole > 0.0:
            found[1, patch] = band_seen / band_whole
