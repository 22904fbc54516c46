"""Sunlight between the hours of a file, carried by the clearness of the sky instead of watts, and under a clear sky."""

from dataclasses import dataclass

import numpy as np
from pvlib import atmosphere, clearsky, irradiance

from kernels.heat.sun import sun_position
from twin.place import Place

LOW_SUN = np.radians(3.0)
"""Lower than this the sun says nothing of how clear the sky is: a minute too early or late changes all. [rad]"""

CLEAREST = 1.0
"""Most of the extraterrestrial light that may reach the ground; what a file has above is a fault of its timing. [1]"""


@dataclass(frozen=True)
class Sunlight:
    """Light from the sun and the sky at some times.

    Attributes
    ----------
    elevation, azimuth : (time,) float64
        Of the sun, true, from grid north clockwise. [degree]
    global_horizontal, diffuse_horizontal, direct_normal : (time,) float64
        They close: global = direct sin(elevation) + diffuse. [W m⁻²]
    """

    elevation: np.ndarray
    azimuth: np.ndarray
    global_horizontal: np.ndarray
    diffuse_horizontal: np.ndarray
    direct_normal: np.ndarray


def sun_of(times: np.ndarray, place: Place) -> tuple[np.ndarray, np.ndarray]:
    """True elevation and azimuth of the sun, from grid north clockwise. [rad]"""
    return sun_position(times, place.latitude, place.longitude, place.altitude, place.grid_convergence)


def beyond_the_air(times: np.ndarray) -> np.ndarray:
    """Normal irradiance outside the atmosphere, by the distance of the sun (Spencer 1971). [W m⁻²]"""
    day = (times.astype("datetime64[D]") - times.astype("datetime64[Y]")).astype(int) + 1
    found: np.ndarray = np.asarray(irradiance.get_extra_radiation(day, method="spencer"), float)
    return found


def clear_sky(times: np.ndarray, place: Place, turbidity: float) -> Sunlight:
    """Sunlight under a sky without a cloud.

    Parameters
    ----------
    times : (time,) datetime64
        [UTC]
    place : Place
    turbidity : float
        Of Linke, at air mass 2. [1]

    Returns
    -------
    Sunlight

    Notes
    -----
    P. Ineichen, R. Perez (2002), A new airmass independent formulation for the Linke turbidity coefficient, Solar
    Energy 73, 151-157, doi:10.1016/S0038-092X(02)00045-2. Its direct light is kept; the diffuse is what closes.
    """
    elevation, azimuth = sun_of(times, place)
    up = elevation > 0
    zenith = 90 - np.degrees(np.where(up, elevation, 0.1))
    mass = atmosphere.get_absolute_airmass(atmosphere.get_relative_airmass(zenith), atmosphere.alt2pres(place.altitude))
    light = clearsky.ineichen(zenith, mass, turbidity, place.altitude, beyond_the_air(times))
    whole = np.where(up, light["ghi"], 0.0)
    beam = np.where(up, np.minimum(light["dni"], whole / np.sin(np.where(up, elevation, 1.0))), 0.0)
    diffuse = np.where(up, whole - beam * np.sin(elevation), 0.0)
    return Sunlight(np.degrees(elevation), np.degrees(azimuth), whole, diffuse, beam)


def carried(
    times: np.ndarray,
    measured_at: np.ndarray,
    global_horizontal: np.ndarray,
    diffuse_horizontal: np.ndarray | None,
    place: Place,
) -> Sunlight:
    """Sunlight at any times, from that of other times.

    The clearness of the sky (global over extraterrestrial on the plane) and the diffuse part of the light go straight
    from one measured time to the next, over the night too; the sun of each time then makes light of them. So a shadow
    turns with the sun and light ends at the horizon, whatever the step of the file.

    Parameters
    ----------
    times : (time,) datetime64
        Asked for. [UTC]
    measured_at : (entry,) datetime64
        Where the sun stood for each entry, increasing. [UTC]
    global_horizontal : (entry,) float64
        [W m⁻²]
    diffuse_horizontal : (entry,) float64 or None
        None takes all light as diffuse: split it before it is used. [W m⁻²]
    place : Place

    Returns
    -------
    Sunlight
        NaN where an entry that would be needed is missing.
    """
    stood, _ = sun_of(measured_at, place)
    judges = stood > LOW_SUN
    elevation, azimuth = sun_of(times, place)
    if not judges.any():
        nothing = np.zeros(times.size)
        return Sunlight(np.degrees(elevation), np.degrees(azimuth), nothing, nothing, nothing)
    outside = beyond_the_air(measured_at)[judges] * np.sin(stood[judges])
    whole = global_horizontal[judges]
    clear = np.clip(whole / outside, 0.0, CLEAREST)
    part = np.ones(whole.size)
    if diffuse_horizontal is not None:
        part = np.clip(np.divide(diffuse_horizontal[judges], whole, out=part, where=whole > 0), 0.0, 1.0)
    at = measured_at[judges].astype("datetime64[ns]").astype(np.int64)
    asked = times.astype("datetime64[ns]").astype(np.int64)
    clear, part = np.interp(asked, at, clear), np.interp(asked, at, part)
    direct_and_sky = np.where(elevation > 0, clear * beyond_the_air(times), 0.0)
    light = direct_and_sky * np.maximum(np.sin(elevation), 0.0)
    return Sunlight(np.degrees(elevation), np.degrees(azimuth), light, part * light, (1 - part) * direct_and_sky)
