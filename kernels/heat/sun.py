"""Where the sun stands: the solar position algorithm of NREL, for one place and any times."""

import numpy as np
from pvlib import spa


def sun_position(
    times: np.ndarray,
    latitude: float,
    longitude: float,
    altitude: float = 0.0,
    grid_convergence: float = 0.0,
    air: tuple[float, float] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Elevation and azimuth of the sun's centre.

    Parameters
    ----------
    times : (time,) datetime64
        [UTC]
    latitude, longitude : float
        North and east positive. [degree]
    altitude : float
        Above the sea. [m]
    grid_convergence : float
        Azimuth of grid north, from true north clockwise: what is taken off so that the sun is told from the grid's
        own north. [degree]
    air : (pressure, temperature), optional
        Of the air [Pa, K], to add its refraction; None gives the true elevation, the one shadows are cast by a model
        of straight rays with.

    Returns
    -------
    elevation, azimuth : (time,) float64
        Above the horizon, and from (grid) north clockwise in 0 … 2π. [rad]

    Raises
    ------
    ValueError
        If a time is not a time, or the place is not on Earth.

    Notes
    -----
    Reda and Andreas (2004), doi:10.1016/j.solener.2003.12.003, uncertainty 0.0003° from −2000 to 6000; terrestrial
    minus universal time by the year's polynomial of Espenak and Meeus (2006).
    """
    when = np.atleast_1d(np.asarray(times, dtype="datetime64[ns]"))
    if np.isnat(when).any():
        raise ValueError(f"the sun needs a time at every entry, got NaT at entry {int(np.argmax(np.isnat(when)))}")
    if not (abs(latitude) <= 90 and abs(longitude) <= 360):
        raise ValueError(f"latitude and longitude are degrees, got {latitude} and {longitude}; is the CRS projected?")
    seconds = when.astype("int64") / 1e9
    months = when.astype("datetime64[M]").astype("int64")
    ahead = spa.calculate_deltat(1970 + months // 12, 1 + months % 12)
    pressure, temperature = air or (0.0, 288.15)
    _, _, apparent, true, azimuth, _ = spa.solar_position_numpy(
        seconds, latitude, longitude, altitude, pressure / 100, temperature - 273.15, ahead, 0.5667, 1
    )
    elevation = true if air is None else apparent
    return np.radians(elevation), np.radians(azimuth - grid_convergence) % (2 * np.pi)
