"""Light on a tilted plane: the beam, the glow round the sun, the even sky, the bright horizon and the ground."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.contract import LayerError
from kernels.heat.sky import SOLAR_CONSTANT, brightness, clearness

CLEARNESS = (1.0, 1.065, 1.23, 1.5, 1.95, 2.8, 4.5, 6.2)
"""Lower bounds of the sky's clearness: Perez et al. (1990), doi:10.1016/0038-092X(90)90055-H, table 1. [1]"""

# fmt: off
COEFFICIENTS = np.array([
    [-0.008, 0.588, -0.062, -0.060, 0.072, -0.022],
    [0.130, 0.683, -0.151, -0.019, 0.066, -0.029],
    [0.330, 0.487, -0.221, 0.055, -0.064, -0.026],
    [0.568, 0.187, -0.295, 0.109, -0.152, -0.014],
    [0.873, -0.392, -0.362, 0.226, -0.462, 0.001],
    [1.132, -1.237, -0.412, 0.288, -0.823, 0.056],
    [1.060, -1.600, -0.359, 0.264, -1.127, 0.131],
    [0.678, -0.327, -0.250, 0.156, -1.377, 0.251],
])
# fmt: on
"""F11, F12, F13, F21, F22, F23 of each bin of clearness: Perez et al. (1990), table 6, all sites together. [1]"""

LOWEST_SINE = float(np.cos(np.radians(85.0)))
"""The glow round the sun is compared with that of a sun at least this high: Perez et al. (1990), eq. 9. [1]"""

GROUND_ALBEDO = 0.2
"""Of the ground before a plane where nobody measured it: ISO 52010-1:2017, annex B. [1]"""


@dataclass(frozen=True, eq=False)
class Skylight:
    """What the sun and the sky send at each time, before a plane is laid into it.

    Attributes
    ----------
    east, north, up : (time,) float64
        Direction of the sun, a unit vector. [1]
    beam : (time,) float64
        Across the beam, 0 with the sun down. [W m⁻²]
    glow : (time,) float64
        Of the sky close round the sun, across the beam. [W m⁻²]
    even : (time,) float64
        Of the even sky, on the level. [W m⁻²]
    horizon : (time,) float64
        Of the band at the horizon, on an upright plane; below 0 where it is darker than the sky. [W m⁻²]
    ground : (time,) float64
        Sent back by level ground. [W m⁻²]
    """

    east: NDArray
    north: NDArray
    up: NDArray
    beam: NDArray
    glow: NDArray
    even: NDArray
    horizon: NDArray
    ground: NDArray

    def __len__(self) -> int:
        return self.up.size

    def parts(self) -> NDArray:
        """All of it in one array, a row a time. (time, 8)"""
        return np.column_stack([getattr(self, one.name) for one in fields(self)])


def skylight(
    global_horizontal: ArrayLike,
    diffuse_horizontal: ArrayLike,
    direct_normal: ArrayLike,
    elevation: ArrayLike,
    azimuth: ArrayLike,
    extraterrestrial_normal: ArrayLike = SOLAR_CONSTANT,
    albedo: float = GROUND_ALBEDO,
) -> Skylight:
    """Divide the light of the sky.

    Parameters
    ----------
    global_horizontal, diffuse_horizontal, direct_normal : (time,) float64
        [W m⁻²]
    elevation, azimuth : (time,) float64
        Of the sun as it is seen, refraction included; azimuth from north clockwise. [rad]
    extraterrestrial_normal : float or (time,) float64
        [W m⁻²]
    albedo : float
        Of the ground. [1]

    Returns
    -------
    Skylight

    Raises
    ------
    LayerError
        A value is missing or below 0, or the albedo is not in 0 … 1.

    Notes
    -----
    Perez, Ineichen, Seals, Michalsky and Stewart (1990), Modeling daylight availability and irradiance components
    from direct and global irradiance, doi:10.1016/0038-092X(90)90055-H, eq. 1, 2 and 9. With the sun below the
    horizon the diffuse light comes evenly.
    """
    given = {
        "global_horizontal_irradiance": global_horizontal,
        "diffuse_horizontal_irradiance": diffuse_horizontal,
        "direct_normal_irradiance": direct_normal,
    }
    whole, diffuse, direct = (_checked(name, values) for name, values in given.items())
    if not 0.0 <= albedo <= 1.0:
        raise LayerError(f"the albedo of the ground is a part in 0 … 1, got {albedo}")
    elevation, azimuth = (np.atleast_1d(np.asarray(one, float)) for one in (elevation, azimuth))
    outside = np.broadcast_to(np.asarray(extraterrestrial_normal, float), elevation.shape)
    up = np.sin(elevation)
    day = (up > 0) & (diffuse > 0)
    zenith = np.clip(0.5 * np.pi - elevation, 0.0, 0.5 * np.pi)
    bins = np.searchsorted(CLEARNESS, clearness(diffuse, direct, elevation), side="right") - 1
    f11, f12, f13, f21, f22, f23 = COEFFICIENTS[bins].T
    bright = brightness(diffuse, elevation, outside)
    around = np.where(day, np.maximum(f11 + f12 * bright + f13 * zenith, 0.0), 0.0)
    band = np.where(day, f21 + f22 * bright + f23 * zenith, 0.0)
    level = np.cos(elevation)
    return Skylight(
        level * np.sin(azimuth),
        level * np.cos(azimuth),
        up,
        np.where(up > 0, direct, 0.0),
        diffuse * around / np.maximum(up, LOWEST_SINE),
        diffuse * (1 - around),
        diffuse * band,
        albedo * whole,
    )


def _checked(name: str, values: ArrayLike) -> NDArray:
    found = np.atleast_1d(np.asarray(values, float))
    wrong = ~np.isfinite(found) | (found < 0)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise LayerError(f"{name} needs a number of 0 or more at every time, got {found[at]} at time {at}; fill gaps")
    return found


def outward(tilt: ArrayLike, azimuth: ArrayLike) -> NDArray:
    """Unit vectors across planes: (plane, 3) east, north, up.

    Parameters
    ----------
    tilt, azimuth : (plane,) float64
        0 looks up, π/2 is a wall; from north clockwise. [rad]
    """
    tilt, azimuth = np.broadcast_arrays(np.atleast_1d(np.asarray(tilt, float)), np.asarray(azimuth, float))
    return np.stack([np.sin(tilt) * np.sin(azimuth), np.sin(tilt) * np.cos(azimuth), np.cos(tilt)], axis=-1)


@dataclass(frozen=True, eq=False)
class OnPlanes:
    """Light on planes with nothing before them, (plane, time) float64 each. [W m⁻²]

    Attributes
    ----------
    direct, glow, even, horizon, ground
        See `Skylight`; sky and ground are 0 where they would add up to less.
    incidence : (plane, time) float64
        Cosine of the angle between the sun and the outward normal. [1]
    """

    direct: NDArray
    glow: NDArray
    even: NDArray
    horizon: NDArray
    ground: NDArray
    incidence: NDArray

    @property
    def sky(self) -> NDArray:
        """Diffuse light of the sky: never below 0 though the horizon may be. [W m⁻²]"""
        return np.maximum(self.glow + self.even + self.horizon, 0.0)

    @property
    def whole(self) -> NDArray:
        """``plane_of_array_irradiance``. [W m⁻²]"""
        return self.direct + self.sky + self.ground


def on_planes(light: Skylight, tilt: ArrayLike, azimuth: ArrayLike) -> OnPlanes:
    """Lay planes into the light; what stands before them is for `kernels.energy.solar_year`.

    Parameters
    ----------
    light : Skylight
    tilt, azimuth : (plane,) float64
        0 looks up; from north clockwise. [rad]
    """
    normal = outward(tilt, azimuth)
    incidence = normal @ np.stack([light.east, light.north, light.up])
    seen = np.maximum(incidence, 0.0)
    up = normal[:, 2:]
    return OnPlanes(
        seen * light.beam,
        seen * light.glow,
        0.5 * (1 + up) * light.even,
        np.hypot(normal[:, :1], normal[:, 1:2]) * light.horizon,
        0.5 * (1 - up) * light.ground,
        incidence,
    )
