"""The sky in 153 patches: where each one stands, and its exact share of what a plane or a person receives."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal

import numpy as np

Body = Literal["cylinder", "six_directions"]

#: Rings from the horizon up: edges [degree], number of patches, azimuth of the first centre [degree]. The ring sizes
#: are those of Wallenberg et al. (2020), doi:10.1016/j.uclim.2020.100589, after the 145 of Tregenza (1987),
#: doi:10.1177/096032718701900103, and of Robinson and Stone (2004), doi:10.1016/j.solener.2004.05.010; the first
#: azimuths only keep the seams of neighbouring rings apart.
RING_EDGES = (0.0, 12.0, 24.0, 36.0, 48.0, 60.0, 72.0, 84.0, 90.0)
RING_PATCHES = (31, 30, 28, 24, 19, 13, 7, 1)
RING_STARTS = (0.0, 4.0, 2.0, 5.0, 8.0, 0.0, 10.0, 0.0)

#: Direction in which the cap around the zenith is looked at [degree]: the tangent of 90 is of no use to a sweep.
CAP_ELEVATION = 89.9

#: Share of a standing person that faces up (and as much down) and each of the four sides [1]: VDI 3787-2, after
#: Fanger (1972); Lindberg et al. (2008), doi:10.1007/s00484-008-0162-7.
F_UP = 0.06
F_SIDE = 0.22
#: Projected area factor of the person's side as an upright cylinder [1]: 4 F_SIDE / π, so that a uniform radiation
#: from all around is felt the same by both bodies. Holmer et al. (2015, 9th International Conference on Urban
#: Climate, Toulouse: "How to transform the standing man from a box to a cylinder") and later writers round it to
#: 0.28, which leaves an isothermal box 0.04 % short.
F_CYLINDER = 4 * F_SIDE / np.pi

#: Azimuths the four sides of the six-direction person look at, from north clockwise. [rad]
NORTH, EAST, SOUTH, WEST = 0.0, 0.5 * np.pi, np.pi, 1.5 * np.pi
SIDES = (NORTH, EAST, SOUTH, WEST)


@dataclass(frozen=True)
class Patches:
    """The sky in patches: bands of elevation cut by azimuth.

    Attributes
    ----------
    elevation, azimuth : (patch,) float64
        Direction of the centre, above the horizon and from north clockwise; the cap around the zenith is looked at
        along `CAP_ELEVATION`. [rad]
    low, high : (patch,) float64
        Elevation of the lower and upper edge. [rad]
    first, last : (patch,) float64
        Azimuth of the left and right edge; ``last`` > ``first``, so they may leave 0 … 2π. [rad]
    """

    elevation: np.ndarray
    azimuth: np.ndarray
    low: np.ndarray
    high: np.ndarray
    first: np.ndarray
    last: np.ndarray

    def __post_init__(self) -> None:
        for one in fields(self):
            getattr(self, one.name).flags.writeable = False

    def __len__(self) -> int:
        return self.elevation.size

    @cached_property
    def solid_angle(self) -> np.ndarray:
        """Solid angle, 2π in all. [sr]"""
        return _frozen((np.sin(self.high) - np.sin(self.low)) * (self.last - self.first))

    @cached_property
    def horizontal(self) -> np.ndarray:
        """∫ sin(elevation) dΩ / π: view factor from a level plane, 1 in all. [1]"""
        return _frozen((np.sin(self.high) ** 2 - np.sin(self.low) ** 2) * (self.last - self.first) / (2 * np.pi))

    @cached_property
    def cylinder(self) -> np.ndarray:
        """∫ cos(elevation) dΩ: what an upright cylinder receives of unit radiance, π²/2 in all. [sr]"""
        return _frozen(self._cosine_squared() * (self.last - self.first))

    def side(self, azimuth: float) -> np.ndarray:
        """View factor from an upright plane that looks at an azimuth, 1/2 in all.

        Parameters
        ----------
        azimuth : float
            Of the plane's normal, from north clockwise. [rad]

        Returns
        -------
        (patch,) float64
            ∫ max(0, cos(elevation) cos(azimuth of the sky − azimuth)) dΩ / π. [1]
        """
        seen = _lit_cosine(self.last - azimuth) - _lit_cosine(self.first - azimuth)
        return self._cosine_squared() * seen / np.pi

    def _cosine_squared(self) -> np.ndarray:
        """∫ cos² over the band of elevation. [rad]"""
        return 0.5 * (self.high - self.low) + 0.25 * (np.sin(2 * self.high) - np.sin(2 * self.low))


def beam_weight(body: Body, elevation: float | np.ndarray, azimuth: float | np.ndarray) -> np.ndarray:
    """Share of the direct normal irradiance that a standing person receives, averaged over the skin.

    Parameters
    ----------
    body : {"cylinder", "six_directions"}
        As in `body_weights`.
    elevation, azimuth : float or array
        Direction of the sun, from north clockwise; below the horizon the share is 0. [rad]

    Returns
    -------
    float64, shaped like the sun
        [1]
    """
    elevation, azimuth = np.broadcast_arrays(elevation, azimuth)
    up, out = np.sin(elevation), np.cos(elevation)
    if body == "cylinder":
        share = F_UP * up + F_CYLINDER * out
    elif body == "six_directions":
        share = F_UP * up + F_SIDE * out * sum(np.maximum(0.0, np.cos(azimuth - side)) for side in SIDES)
    else:
        raise _unknown(body)
    return np.where(elevation > 0, share, 0.0)


def _unknown(body: str) -> ValueError:
    return ValueError(f"body is 'cylinder' or 'six_directions', got {body!r}")


def _frozen(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values


def _lit_cosine(angle: np.ndarray) -> np.ndarray:
    """∫ max(0, cos) from −π/2 to an angle, for any turn. [1]"""
    turns, rest = np.divmod(angle + 0.5 * np.pi, 2 * np.pi)
    return 2 * turns + np.where(rest < np.pi, 1 - np.cos(rest), 2.0)


def _hemisphere() -> Patches:
    """The 153 patches, ring by ring from the horizon up, each ring clockwise from its start."""
    count = np.array(RING_PATCHES)
    number = np.concatenate([np.arange(patches) for patches in RING_PATCHES])
    low, high = (np.repeat(np.radians(edges), count) for edges in (RING_EDGES[:-1], RING_EDGES[1:]))
    half = np.pi / np.repeat(count, count)
    azimuth = np.radians(np.repeat(RING_STARTS, count)) + 2 * half * number
    elevation = np.where(np.repeat(count, count) == 1, np.radians(CAP_ELEVATION), 0.5 * (low + high))
    return Patches(elevation, azimuth, low, high, azimuth - half, azimuth + half)


#: The sky of the heat kernel.
PATCHES = _hemisphere()


def body_weights(body: Body) -> np.ndarray:
    """What a standing person receives of each patch, as a share of the patch's exitance (radiance times π).

    Parameters
    ----------
    body : {"cylinder", "six_directions"}
        Upright cylinder with two ends (Holmer et al. 2015), or a box of six faces (Lindberg et al. 2008,
        doi:10.1007/s00484-008-0162-7).

    Returns
    -------
    (patch,) float64
        Their sum is 0.5 exactly: the sky fills half of what a person sees. [1]
    """
    if body == "cylinder":
        return F_UP * PATCHES.horizontal + F_CYLINDER / np.pi * PATCHES.cylinder
    if body == "six_directions":
        return F_UP * PATCHES.horizontal + F_SIDE * sum(PATCHES.side(azimuth) for azimuth in SIDES)
    raise _unknown(body)
