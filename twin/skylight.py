"""The light of a weather file, divided for planes, with the sun where the file's own hours had it."""

import numpy as np
import xarray as xr
from pvlib import atmosphere

from kernels.energy.plane_of_array import GROUND_ALBEDO, Skylight, skylight
from kernels.heat.sky import extraterrestrial
from kernels.heat.sun import sun_position
from twin.city import CityError

AIR = 285.15
"""Of the air that bends the light of a low sun; ten degrees more or less turn the sun by less than 0.02°. [K]"""

_IRRADIANCES = ("global_horizontal_irradiance", "diffuse_horizontal_irradiance", "direct_normal_irradiance")


def sun_times(weather: xr.Dataset) -> np.ndarray:
    """When the sun stood as each hour of a file says: (time,) datetime64 [UTC].

    Parameters
    ----------
    weather : xarray.Dataset
        As `twin.formats.epw.read` gives it, with ``sun_offset_min``: a file whose sun stands at the end of its hours
        read as the middle takes light from east walls and gives it to west walls, some 10 % each way.
    """
    seconds = round(60 * (30 + float(weather.attrs["sun_offset_min"])))
    times: np.ndarray = weather["time"].values + np.timedelta64(seconds, "s")
    return times


def skylight_of(weather: xr.Dataset, albedo: float = GROUND_ALBEDO, grid_convergence: float = 0.0) -> Skylight:
    """Divide the light of a weather year.

    Parameters
    ----------
    weather : xarray.Dataset
        As `twin.formats.epw.read` gives it.
    albedo : float
        Of the ground before the planes. [1]
    grid_convergence : float
        Azimuth of grid north, from true north clockwise; that of the city (`twin.place.Place`) if the planes are
        told from its grid. [degree]

    Returns
    -------
    Skylight

    Raises
    ------
    CityError
        The file lacks one of the three irradiances at some hour: nothing is filled in silence.
    """
    for name in _IRRADIANCES:
        gaps = int(np.isnan(weather[name].values).sum())
        if gaps:
            raise CityError(
                f"{weather.attrs.get('place') or 'weather'}: {name} is missing in {gaps} hours; fill them first, "
                "for a year with gaps has no sum"
            )
    times = sun_times(weather)
    latitude, longitude, altitude = (float(weather.attrs[name]) for name in ("latitude", "longitude", "altitude"))
    pressure = float(atmosphere.alt2pres(altitude))
    elevation, azimuth = sun_position(times, latitude, longitude, altitude, grid_convergence, air=(pressure, AIR))
    whole, diffuse, direct = (weather[name].values for name in _IRRADIANCES)
    return skylight(whole, diffuse, direct, elevation, azimuth, extraterrestrial(times), albedo)
