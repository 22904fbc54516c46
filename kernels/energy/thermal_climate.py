"""The climate of the demand engines: air, sky and light on every plane the zones have, from a weather year."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.contract import LayerError
from kernels.energy.glazing import DIFFUSE_GAIN, relative_gain
from kernels.energy.plane_of_array import GROUND_ALBEDO, on_planes, skylight
from kernels.energy.thermal import RADIATIVE_OUT, SKY_DROP, Climate
from kernels.heat.sky import extraterrestrial
from kernels.heat.sun import sun_position

STEFAN_BOLTZMANN = 5.670374419e-8
"""[W m⁻² K⁻⁴], CODATA 2018."""


def climate(
    begins: NDArray,
    air: ArrayLike,
    global_horizontal: ArrayLike,
    diffuse_horizontal: ArrayLike,
    direct_normal: ArrayLike,
    planes: NDArray,
    latitude: float,
    longitude: float,
    *,
    longwave: ArrayLike | None = None,
    altitude: float = 0.0,
    sun_offset: float = 0.0,
    albedo: float = GROUND_ALBEDO,
    utc_offset: float = 0.0,
) -> Climate:
    """Lay a weather year on planes.

    Parameters
    ----------
    begins : (hour,) datetime64
        Of the hours. [UTC]
    air : (hour,) float64
        [K]
    global_horizontal, diffuse_horizontal, direct_normal : (hour,) float64
        [W m⁻²]
    planes : (plane, 2) float64
        Tilt and azimuth, see `kernels.energy.thermal.planes_of`. [rad]
    latitude, longitude : float
        [degree]
    longwave : (hour,) float64, optional
        From the sky, on the level; `SKY_DROP` below the air where it was not measured. [W m⁻²]
    altitude : float
        Above the sea. [m]
    sun_offset : float
        When the sun stands as the file says, from the middle of the hour. [s]
    albedo : float
        Of the ground. [1]
    utc_offset : float
        Of the clock whose months the ground follows. [s]

    Returns
    -------
    Climate

    Raises
    ------
    LayerError
        A weather series has a gap or another length.

    Notes
    -----
    Light by Perez et al. (1990); the beam and the glow round the sun pass glass at the sun's angle, all other light as
    an even sky does. The sky is as warm as a black body of its long waves.
    """
    begins = np.asarray(begins, "datetime64[ns]")
    series = {"air_temperature": air}
    if longwave is not None:
        series["downwelling_longwave_irradiance"] = longwave
    for name, values in series.items():
        found = np.asarray(values, float)
        if found.shape != begins.shape or not np.isfinite(found).all():
            raise LayerError(
                f"{name} needs a number for each of {begins.size} hours, got {np.isfinite(found).sum()} of {found.size}"
                "; fill gaps"
            )
    air = np.asarray(air, float)
    times = begins + np.timedelta64(int(1e9 * (1800.0 + sun_offset)), "ns")
    elevation, azimuth = sun_position(times, latitude, longitude, altitude, air=(101_325.0, float(air.mean())))
    outside = extraterrestrial(times)
    light = skylight(global_horizontal, diffuse_horizontal, direct_normal, elevation, azimuth, outside, albedo)
    tilt, toward = np.asarray(planes, float).reshape(-1, 2).T
    laid = on_planes(light, tilt, toward)
    sunny = relative_gain(np.arccos(np.clip(laid.incidence, -1.0, 1.0)))
    even = np.maximum(laid.sky - laid.glow, 0.0) + laid.ground
    loss = np.full(air.size, SKY_DROP * RADIATIVE_OUT / 0.9)
    if longwave is not None:
        loss = STEFAN_BOLTZMANN * air**4 - np.asarray(longwave, float)
    local = (begins + np.timedelta64(round(1e9 * utc_offset), "ns")).astype("datetime64[M]")
    return Climate(
        air=air,
        sky_loss=loss,
        planes=np.asarray(planes, float).reshape(-1, 2),
        light=np.ascontiguousarray(laid.whole),
        through=np.ascontiguousarray(sunny * (laid.direct + laid.glow) + DIFFUSE_GAIN * even),
        month=local.astype(np.int64) % 12,
    )
