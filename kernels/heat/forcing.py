"""The weather that drives the heat: every correction counted, every gap named."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.quantities import QUANTITIES, attrs

GLOBAL, DIFFUSE, DIRECT = (
    "global_horizontal_irradiance",
    "diffuse_horizontal_irradiance",
    "direct_normal_irradiance",
)
LONGWAVE = "downwelling_longwave_irradiance"
RADIATION = (GLOBAL, DIFFUSE, DIRECT, LONGWAVE)
#: What the kernel drives with; each is finite at every time once `checked` is through.
NEEDED = (
    "air_temperature",
    "relative_humidity",
    "wind_speed",
    *RADIATION,
    "solar_elevation_angle",
    "solar_azimuth_angle",
)
OPTIONAL = ("wind_from_direction", "air_pressure", "cloud_fraction")

#: What a weather station on Earth can tell; beyond, the unit is wrong. [units of the quantity]
_PLAUSIBLE = {
    "air_temperature": (203.15, 333.15, "is it in degrees Celsius?"),
    "dew_point_temperature": (173.15, 313.15, "is it in degrees Celsius?"),
    "relative_humidity": (0.0, 1.05, "is it in percent?"),
    "wind_speed": (0.0, 75.0, "is it in km/h?"),
    "wind_from_direction": (0.0, 360.0, "directions are degrees from north clockwise"),
    "air_pressure": (50_000.0, 110_000.0, "is it in hPa?"),
    GLOBAL: (-50.0, 1600.0, "is it a sum over the hour in J?"),
    DIFFUSE: (-50.0, 1200.0, "is it a sum over the hour in J?"),
    DIRECT: (-50.0, 1500.0, "is it a sum over the hour in J?"),
    LONGWAVE: (50.0, 700.0, "is it the net flux instead of the downward one?"),
    "solar_elevation_angle": (-90.0, 90.0, "angles are degrees"),
    "solar_azimuth_angle": (-360.0, 720.0, "angles are degrees"),
    "cloud_fraction": (0.0, 1.0, "is it in tenths or oktas?"),
}
#: Global minus direct and diffuse above which the three are said not to belong together. [W m⁻²]
_CLOSURE = 30.0

Corrections = dict[str, Any]


def checked(forcing: xr.Dataset) -> tuple[xr.Dataset, Corrections]:
    """The complete forcing with its faults mended, and what was mended.

    Parameters
    ----------
    forcing : xarray.Dataset
        All of `NEEDED`, and any of `OPTIONAL`, along ``time``.

    Returns
    -------
    forcing : xarray.Dataset
        A copy in float64.
    corrections : dict
        By what was done, how many hours it befell; and words on what a reader must know. Empty if nothing was.

    Raises
    ------
    LayerError
        A variable is absent, has a gap, or a value no weather has; names the hour.
    """
    missing = [name for name in NEEDED if name not in forcing]
    if missing:
        raise LayerError(
            f"heat needs {missing} in its forcing; kernels.heat.forcing_models.complete models what it can"
        )
    found = columns(forcing, (*NEEDED, *OPTIONAL))
    corrections: Corrections = {}
    mend_humidity(found, corrections)
    mend_radiation(found, corrections)
    mend_beam(found, corrections)
    _mend_diffuse(found, corrections)
    _tell_of_the_sun(found, corrections)
    return dataset(forcing, found), corrections


def seconds_of(forcing: xr.Dataset) -> np.ndarray:
    """The times [s], refused unless they are numbers that increase."""
    if "time" not in forcing.coords:
        raise LayerError("heat: the forcing has no coordinate 'time' [s]; assign_coords(time=…)")
    times = np.asarray(forcing["time"].values)
    if times.dtype.kind not in "fiu":
        raise LayerError(f"heat: the times of the forcing must be seconds since its start, got {times.dtype}")
    if times.size == 0 or not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise LayerError(f"heat: the times of the forcing must be finite and increase, got {times[:8].tolist()}")
    return times.astype(float)


def columns(forcing: xr.Dataset, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Copies of the named variables, refused where they have gaps or values no weather has."""
    seconds = seconds_of(forcing)
    found = {}
    for name in names:
        if name not in forcing:
            continue
        variable = forcing[name]
        if variable.dims != ("time",):
            raise LayerError(f"heat reads {name!r} along ('time',), got {variable.dims}")
        units = variable.attrs.get("units", QUANTITIES[name].units)
        if units != QUANTITIES[name].units:
            raise LayerError(f"heat reads {name!r} in {QUANTITIES[name].units!r}, got {units!r}; convert it")
        values = np.array(variable.values, dtype=float)
        _refuse(name, values, ~np.isfinite(values), seconds, "is missing", "fill the gap from a neighbour or a model")
        low, high, remedy = _PLAUSIBLE[name]
        _refuse(name, values, (values < low) | (values > high), seconds, f"is not in {low:g} … {high:g}", remedy)
        found[name] = values
    return found


def _refuse(name: str, values: np.ndarray, bad: np.ndarray, seconds: np.ndarray, what: str, remedy: str) -> None:
    """Name the first hour that is bad."""
    if bad.any():
        first = int(np.argmax(bad))
        units = QUANTITIES[name].units
        raise LayerError(
            f"heat: {name!r} {what} [{units}] at {int(bad.sum())} of {bad.size} times, first at hour "
            f"{seconds[first] / 3600:g} ({values[first]:g}); {remedy}"
        )


def count(corrections: Corrections, what: str, befallen: np.ndarray) -> None:
    """Add the hours that a correction befell to its count."""
    if befallen.any():
        corrections[what] = corrections.get(what, 0) + int(befallen.sum())


def mend_humidity(found: dict[str, np.ndarray], corrections: Corrections) -> None:
    """A hygrometer reads a little above saturation in fog: held to 1."""
    wet = found["relative_humidity"] > 1.0
    count(corrections, "relative humidity above 1 set to 1", wet)
    found["relative_humidity"][wet] = 1.0


def mend_radiation(found: dict[str, np.ndarray], corrections: Corrections) -> None:
    """A pyranometer reads a little below zero by night, for its dome is colder than its plate: held to 0."""
    for name in (GLOBAL, DIFFUSE, DIRECT):
        if name in found:
            negative = found[name] < 0
            count(corrections, "negative irradiance set to 0", negative)
            found[name][negative] = 0.0


def mend_beam(found: dict[str, np.ndarray], corrections: Corrections) -> None:
    """No direct light with the sun's centre below the horizon; what an hour's mean had of it is dropped."""
    if DIRECT in found:
        ghost = (found["solar_elevation_angle"] <= 0) & (found[DIRECT] > 0)
        count(corrections, "direct irradiance with the sun down removed", ghost)
        found[DIRECT][ghost] = 0.0


def _mend_diffuse(found: dict[str, np.ndarray], corrections: Corrections) -> None:
    """Diffuse light is a part of the global: held to it, and nothing is then left for the beam."""
    above = found[DIFFUSE] > found[GLOBAL] + 1e-6
    count(corrections, "diffuse irradiance above the global set to it", above)
    found[DIFFUSE][above] = found[GLOBAL][above]
    found[DIRECT][above] = 0.0
    sine = np.sin(np.radians(np.maximum(found["solar_elevation_angle"], 0.0)))
    gap = np.abs(found[GLOBAL] - found[DIFFUSE] - found[DIRECT] * sine)
    apart = gap > np.maximum(_CLOSURE, 0.1 * found[GLOBAL])
    if apart.any():
        corrections["global irradiance apart from its direct and diffuse parts"] = (
            f"at {int(apart.sum())} times, by {gap.max():.0f} W m-2 at most; direct and diffuse are used. "
            "Do the sun's angles stand at the time of the irradiance?"
        )


def _tell_of_the_sun(found: dict[str, np.ndarray], corrections: Corrections) -> None:
    up = found["solar_elevation_angle"] > 0
    lit = (found[DIFFUSE] > 0) | (found[DIRECT] > 0)
    if not up.any():
        corrections["sun"] = "none: it is below the horizon at every time of this forcing"
    elif not lit.any():
        corrections["sun"] = f"up at {int(up.sum())} times, and yet all irradiance is 0"


def dataset(like: xr.Dataset, found: Mapping[str, np.ndarray]) -> xr.Dataset:
    """Columns as a forcing with the times of another, each with its quantity's attributes."""
    return xr.Dataset(
        {name: ("time", values, attrs(name)) for name, values in found.items()},
        coords={"time": ("time", seconds_of(like), dict(like["time"].attrs))},
    )
