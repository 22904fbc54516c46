"""Weather that was not measured, modelled from what was, and said so."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.heat.forcing import (
    DIFFUSE,
    DIRECT,
    GLOBAL,
    LONGWAVE,
    NEEDED,
    OPTIONAL,
    Corrections,
    checked,
    columns,
    count,
    dataset,
    mend_beam,
    mend_humidity,
    mend_radiation,
    seconds_of,
)
from kernels.heat.sky import SOLAR_CONSTANT, clear_sky_global, diffuse_fraction, extraterrestrial
from kernels.heat.sky_longwave import cloud_fraction, downwelling_longwave
from kernels.heat.sun import sun_position
from kernels.heat.utci import saturation_vapour_pressure

#: Below this sun the direct part is too uncertain to be divided by its sine: all light is taken as diffuse. [rad]
_LOWEST_BEAM = np.radians(3.0)
#: Standard atmosphere at sea level, ISO 2533, and below its fall with height in the troposphere. [Pa]
_STANDARD_PRESSURE = 101_325.0


def complete(
    raw: xr.Dataset,
    *,
    start: np.datetime64 | None = None,
    latitude: float | None = None,
    longitude: float | None = None,
    altitude: float = 0.0,
    grid_convergence: float = 0.0,
    split: str = "erbs",
) -> tuple[xr.Dataset, Corrections]:
    """The forcing with everything the kernel needs, modelled where it was not measured.

    Parameters
    ----------
    raw : xarray.Dataset
        Along ``time`` [s since ``start``] at least the air's temperature, its relative humidity or dew point, the
        wind's speed, and the global irradiance or its direct and diffuse parts.
    start : datetime64, optional
        Time 0 [UTC]; needed, with the place, unless the sun's two angles are given.
    latitude, longitude : float, optional
        [degree]
    altitude : float
        [m]
    grid_convergence : float
        Azimuth of grid north from true north. [degree]
    split : {"erbs", "reindl"}
        Model of the diffuse share, where only the global irradiance is given.

    Returns
    -------
    forcing : xarray.Dataset
        All of `kernels.heat.forcing.NEEDED`, and the air's pressure, in float64.
    corrections : dict
        As in `kernels.heat.forcing.checked`; for each modelled variable, by its name, how it was modelled.

    Raises
    ------
    LayerError
        What cannot be modelled is absent, or as in `checked`.
    """
    found = columns(raw, (*NEEDED, *OPTIONAL, "dew_point_temperature"))
    corrections: Corrections = {}
    seconds = seconds_of(raw)
    when = None if start is None else np.datetime64(start, "ns") + (seconds * 1e9).astype("timedelta64[ns]")
    _need(found, "air_temperature", "wind_speed")
    if "solar_elevation_angle" not in found or "solar_azimuth_angle" not in found:
        if when is None or latitude is None or longitude is None:
            raise LayerError(
                "heat: the forcing has no solar angles; give start, latitude and longitude to compute them"
            )
        up, around = sun_position(when, latitude, longitude, altitude, grid_convergence)
        found["solar_elevation_angle"], found["solar_azimuth_angle"] = np.degrees(up), np.degrees(around)
    if "relative_humidity" not in found:
        _need(found, "dew_point_temperature", remedy="relative_humidity would do as well")
        wet, dry = (saturation_vapour_pressure(found[n]) for n in ("dew_point_temperature", "air_temperature"))
        found["relative_humidity"] = wet / dry
        corrections["relative_humidity"] = "from the dew point"
    mend_humidity(found, corrections)
    mend_radiation(found, corrections)
    mend_beam(found, corrections)
    outside = np.full(seconds.size, SOLAR_CONSTANT) if when is None else extraterrestrial(when)
    _model_light(found, corrections, split, outside)
    if LONGWAVE not in found:
        _model_longwave(found, corrections)
    if "air_pressure" not in found:
        found["air_pressure"] = np.full(seconds.size, _STANDARD_PRESSURE * (1 - 2.25577e-5 * altitude) ** 5.25588)
        corrections["air_pressure"] = "of the standard atmosphere"
    found.pop("dew_point_temperature", None)
    done, more = checked(dataset(raw, found))
    return done, corrections | {key: _plus(corrections.get(key, 0), value) for key, value in more.items()}


def _plus(before: Any, more: Any) -> Any:
    return before + more if isinstance(before, int) and isinstance(more, int) else more


def _need(found: Mapping[str, np.ndarray], *names: str, remedy: str = "") -> None:
    missing = [name for name in names if name not in found]
    if missing:
        raise LayerError(
            f"heat: the forcing has no {missing} and no model stands in for it{'; ' * bool(remedy)}{remedy}"
        )


def _model_light(found: dict[str, np.ndarray], corrections: Corrections, split: str, outside: np.ndarray) -> None:
    """Global, diffuse and direct irradiance from whichever of them were given."""
    given = [name for name in (GLOBAL, DIFFUSE, DIRECT) if name in found]
    elevation = np.radians(found["solar_elevation_angle"])
    sine = np.sin(np.maximum(elevation, 0.0))
    if GLOBAL not in found:
        _need(found, DIFFUSE, DIRECT, remedy="the global irradiance alone would do as well")
        found[GLOBAL] = found[DIFFUSE] + found[DIRECT] * sine
    if DIFFUSE not in found:
        if DIRECT in found:
            rest = found[GLOBAL] - found[DIRECT] * sine
            count(corrections, "direct irradiance above the global set to it", rest < -1e-6)
            found[DIFFUSE] = np.maximum(rest, 0.0)
            found[DIRECT] = np.where(rest < -1e-6, found[GLOBAL] / np.maximum(sine, 1e-6), found[DIRECT])
        else:
            found[DIFFUSE] = found[GLOBAL] * diffuse_fraction(found[GLOBAL], elevation, split, outside)
            corrections[DIFFUSE] = f"modelled: {split.capitalize()}"
    if DIRECT not in found:
        beam = np.maximum(found[GLOBAL] - found[DIFFUSE], 0.0) / np.maximum(sine, 1e-6)
        low = (elevation < _LOWEST_BEAM) | (beam > outside)
        found[DIRECT] = np.where(low, 0.0, beam)
        found[DIFFUSE] = np.where(low, found[GLOBAL], found[DIFFUSE])
    if len(given) < 3:
        others = ", ".join(name.split("_")[0] for name in given)
        for name in (GLOBAL, DIFFUSE, DIRECT):
            if name not in given:
                corrections.setdefault(name, f"from what was given ({others})")


def _model_longwave(found: dict[str, np.ndarray], corrections: Corrections) -> None:
    """Radiation of the sky by its emissivity and its cloud."""
    air = found["air_temperature"]
    vapour = found["relative_humidity"] * saturation_vapour_pressure(air)
    elevation = np.radians(found["solar_elevation_angle"])
    if "cloud_fraction" in found:
        cloud, whence = found["cloud_fraction"], "cloud as given"
    elif (clear_sky_global(elevation) > 0).any():
        cloud, whence = cloud_fraction(found[GLOBAL], elevation), "cloud from the sun's irradiance"
    else:
        cloud, whence = np.zeros(air.size), "a clear sky, for no sun tells of clouds"
    found[LONGWAVE] = downwelling_longwave(air, vapour, cloud)
    corrections[LONGWAVE] = f"modelled: Prata, Crawford and Duchon, {whence}"
