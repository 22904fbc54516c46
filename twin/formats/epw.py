"""EnergyPlus weather (EPW): one year of hours as a Dataset."""

import calendar
import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from kernels.quantities import attrs
from twin.city import CityError
from twin.formats.packed import read_bytes
from twin.weather import sun_offset

HOURS = 8760
"""Hours of the one year an EPW holds; leap days are refused."""

_HEADER_LINES = 8
# name: column, value that means missing (and all above), factor, offset to SI
# EnergyPlus Auxiliary Programs, "EnergyPlus Weather File (EPW) Data Dictionary"
_COLUMNS: dict[str, tuple[int, float, float, float]] = {
    "air_temperature": (6, 99.9, 1.0, 273.15),
    "dew_point_temperature": (7, 99.9, 1.0, 273.15),
    "relative_humidity": (8, 999, 0.01, 0.0),
    "air_pressure": (9, 999999, 1.0, 0.0),
    "downwelling_longwave_irradiance": (12, 9999, 1.0, 0.0),
    "global_horizontal_irradiance": (13, 9999, 1.0, 0.0),
    "direct_normal_irradiance": (14, 9999, 1.0, 0.0),
    "diffuse_horizontal_irradiance": (15, 9999, 1.0, 0.0),
    "wind_from_direction": (20, 999, 1.0, 0.0),
    "wind_speed": (21, 999, 1.0, 0.0),
    "cloud_fraction": (22, 99, 0.1, 0.0),
    "rainfall_rate": (33, 999, 0.001 / 3600.0, 0.0),
}


def read(path: str | Path, *, year: int = 2019) -> xr.Dataset:
    """Read a weather year.

    Parameters
    ----------
    path : path
        ``.epw``, ``.gz`` too.
    year : int
        Calendar the hours are laid on, no leap year: a typical year joins months of several years.

    Returns
    -------
    xarray.Dataset
        Along ``time``, the UTC start of each hour (the file counts local standard time and names an hour by its end),
        SI units, NaN where the file says missing. Attributes: ``place``, ``latitude``, ``longitude`` [degree],
        ``altitude`` [m], ``sun_offset_min`` and ``sun_closure_error`` of `twin.weather.sun_offset`: the sun belongs
        ``30 + sun_offset_min`` minutes after the start of the hour.

    Raises
    ------
    CityError
        Not an EPW, cut short, values that are no numbers, or not 8,760 hours.
    """
    if calendar.isleap(year):
        raise CityError(f"{path}: {year} is a leap year, which an EPW of {HOURS} hours does not fill; take another")
    lines = read_bytes(path).decode("utf-8", errors="replace").splitlines()
    head = next(csv.reader(lines[:1]), [""])
    if head[0].upper() != "LOCATION" or len(head) < 10:
        raise CityError(f"{path}: does not begin with LOCATION; is it an EPW weather file?")
    try:
        latitude, longitude, zone, altitude = map(float, head[6:10])
    except ValueError as error:
        raise CityError(f"{path}: LOCATION has no numbers for latitude, longitude, time zone, altitude") from error
    table = _hours(path, lines)
    start = pd.date_range(f"{year}-01-01", periods=HOURS, freq="h") - pd.Timedelta(hours=zone)
    weather = xr.Dataset(
        {name: ("time", _values(path, table, name), attrs(name)) for name in _COLUMNS},
        coords={"time": ("time", start.to_numpy(), {"long_name": "Start of the hour (UTC)"})},
        attrs={
            "Conventions": "CF-1.11",
            "place": head[1],
            "country": head[3],
            "source": head[4],
            "latitude": latitude,
            "longitude": longitude,
            "altitude": altitude,
        },
    )
    minutes, misfit = sun_offset(weather)
    return weather.assign_attrs(sun_offset_min=minutes, sun_closure_error=misfit)


def _hours(path: str | Path, lines: list[str]) -> pd.DataFrame:
    body = [line for line in lines[_HEADER_LINES:] if line.strip()]
    if len(body) != HOURS:
        raise CityError(
            f"{path}: has {len(body)} hours, expected {HOURS}; is it cut short, or does it hold a leap day?"
        )
    try:
        return pd.read_csv(io.StringIO("\n".join(body)), header=None, usecols=[1, 2, 3, *_used()], dtype=str)
    except (ValueError, pd.errors.ParserError) as error:
        raise CityError(f"{path}: a line of hours has not the 35 columns of EPW ({error})") from error


def _used() -> list[int]:
    return sorted({column for column, *_ in _COLUMNS.values()})


def _values(path: str | Path, table: pd.DataFrame, name: str) -> np.ndarray:
    column, missing, factor, offset = _COLUMNS[name]
    found = pd.to_numeric(table[column], errors="coerce").to_numpy(float, copy=True)
    strange = np.flatnonzero(np.isnan(found) & table[column].notna().to_numpy())
    if strange.size:
        text = table[column].iloc[strange[0]]
        raise CityError(f"{path}: hour {strange[0] + 1} has {text!r} for {name}, expected a number")
    found[found >= missing] = np.nan
    return found * factor + offset
