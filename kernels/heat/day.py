"""The weather of a run, entry by entry: sun, patches of sky, air and wind as the steps read them."""

import numpy as np
import xarray as xr

from kernels.heat.air_box import grass_sensible
from kernels.heat.evaporation import vapour_pressure
from kernels.heat.forcing import DIFFUSE, DIRECT, GLOBAL, LONGWAVE, checked, seconds_of
from kernels.heat.patches import PATCHES
from kernels.heat.radiation import Moment
from kernels.heat.sky import perez
from kernels.heat.sky_longwave import cloud_from_longwave, longwave_patches
from kernels.heat.state import Day
from kernels.heat.surfaces import Weather

SEA_LEVEL = 101325.0
"""Where the weather has no pressure. [Pa]"""

FULL_DAY = 20 * 3600.0
"""From this on the first day tells how warm ground and walls are when it begins. [s]"""


def day_of(forcing: xr.Dataset, sky: str) -> Day:
    """Read and check the forcing.

    Parameters
    ----------
    forcing : xarray.Dataset
        See `kernels.heat.forcing.checked`.
    sky : {"perez", "isotropic"}
    """
    weather, corrections = checked(forcing)
    found = {str(name): values.values for name, values in weather.data_vars.items()}
    times = seconds_of(weather)
    air = found["air_temperature"]
    vapour = vapour_pressure(air, found["relative_humidity"])
    elevation, azimuth = np.radians(found["solar_elevation_angle"]), np.radians(found["solar_azimuth_angle"])
    diffuse, direct, longwave = found[DIFFUSE], found[DIRECT], found[LONGWAVE]
    if sky == "perez":
        light = perez(diffuse, direct, elevation, azimuth)
        warmth = longwave_patches(longwave, air, cloud_from_longwave(longwave, air, vapour))
    else:
        light, warmth = (np.repeat(one[:, None], len(PATCHES), axis=1) for one in (diffuse, longwave))
    pressure = found.get("air_pressure", np.full(times.size, SEA_LEVEL))
    up = elevation > 0
    moments = tuple(
        Moment(
            float(elevation[k]), float(azimuth[k]), float(direct[k]) if up[k] else 0.0, float(diffuse[k]),
            float(longwave[k]), light[k], warmth[k], float(air[k]),
        )
        for k in range(times.size)
    )  # fmt: skip
    at = tuple(
        Weather(float(t), float(rh), float(u), float(p))
        for t, rh, u, p in zip(air, found["relative_humidity"], found["wind_speed"], pressure, strict=True)
    )
    direction = found.get("wind_from_direction")
    if direction is None:
        corrections["wind_from_direction"] = "not given: taken as from the south-west, 225 degrees"
        direction = np.full(times.size, 225.0)
    if times[-1] - times[0] < FULL_DAY:
        corrections["start"] = (
            f"the weather covers {(times[-1] - times[0]) / 3600:.1f} h: ground and walls begin as if days were no more"
        )
    return Day(times, moments, at, direction, vapour, grass_sensible(found[GLOBAL], longwave, air), corrections)


def first_day(day: Day) -> list[int]:
    """Entries of the first 24 hours, or all where there are fewer."""
    last = int(np.searchsorted(day.times, day.times[0] + 86400.0 - 1e-6))
    return list(range(max(1, min(last, day.times.size))))
