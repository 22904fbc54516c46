"""The weather of ``bxl-twin heat``: an EPW or CSV as the forcing of the kernel, with the sun of each stamp."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import xarray as xr

from kernels.heat.forcing_models import complete
from kernels.heat.sun import sun_position
from kernels.quantities import attrs
from twin.formats import epw, weather_csv
from viewer.cli.raw_files import InputError, Raster

FAR = 0.5
"""Distance from the raster's own place beyond which the place given is doubted. [degree]"""
_READ = (
    "air_temperature",
    "relative_humidity",
    "wind_speed",
    "global_horizontal_irradiance",
    "diffuse_horizontal_irradiance",
    "direct_normal_irradiance",
    "downwelling_longwave_irradiance",
    "wind_from_direction",
    "air_pressure",
)


@dataclass(frozen=True)
class Weather:
    """What drives a run.

    Attributes
    ----------
    forcing : xarray.Dataset
        Along ``time`` [s] since one step before the first entry: what the file holds, what was modelled, and the sun.
    stamps : (time,) datetime64[ns]
        Of the entries, local standard time.
    wanted : (output,) int
        Entries that are output times.
    place : dict
        ``latitude``, ``longitude`` [degree], ``utc_offset`` [h], ``sun_offset_min`` [min], ``grid_north`` [degree].
    modelled : dict
        By quantity, how it was modelled where the file has it not.
    corrected : dict
        By what was done, how many entries it befell.
    notes : list of str
    """

    forcing: xr.Dataset
    stamps: np.ndarray
    wanted: np.ndarray
    place: dict[str, float]
    modelled: dict[str, str]
    corrected: dict[str, Any]
    notes: list[str]


def read_weather(
    path: Path,
    like: Raster,
    first: datetime,
    last: datetime,
    *,
    latitude: float | None = None,
    longitude: float | None = None,
    utc_offset: float | None = None,
    sun_offset: float | None = None,
) -> Weather:
    """Read a weather file and lay it on the time of a run.

    The run begins at the midnight before ``first`` where the file reaches back so far, so that surfaces have their
    morning; what it holds of the rest of that day tells the kernel what days are like.

    Parameters
    ----------
    path : path
        ``.epw`` or ``.csv``, also ``.gz``.
    like : Raster
        Whose grid north the sun's azimuth is told from.
    first, last : datetime
        Of the output, local standard time, both included.
    latitude, longitude : float, optional
        Of the file (EPW) or of the raster where not given. [degree]
    utc_offset : float, optional
        Local standard time minus UTC; of the file where it is an EPW. [h]
    sun_offset : float, optional
        How much later than the stamp the sun stands; the offset that closes the irradiances best for an EPW, 0 for a
        CSV. [min]

    Raises
    ------
    InputError, CityError, LayerError
        Names the option or file, what was expected and the remedy.
    """
    if first.tzinfo is not None or last.tzinfo is not None or last < first:
        raise InputError(
            f"--from {first.isoformat()} --to {last.isoformat()}: expected local standard time without a zone, the "
            "second not before the first"
        )
    table, zone, offset, notes = _table(path, first.year, utc_offset)
    offset = offset if sun_offset is None else sun_offset
    if not abs(offset) <= 180:
        raise InputError(f"--sun-offset-min must be minutes from -180 to 180, got {offset:g}")
    latitude, longitude, more = _place(table, like, latitude, longitude)
    notes += more
    utc = table["time"].values.astype("datetime64[ns]")
    stamps: np.ndarray = np.asarray(utc + _minutes(60.0 * zone))
    wanted = (stamps >= np.datetime64(first)) & (stamps <= np.datetime64(last))
    if not wanted.any():
        raise InputError(
            f"{path}: has no row from {first.isoformat()} to {last.isoformat()} in local standard time; it goes from "
            f"{_iso(stamps[0])} to {_iso(stamps[-1])}"
        )
    morning = datetime.combine(first, time.min)
    midnight = np.datetime64(morning, "ns")
    end = np.datetime64(max(last, morning + timedelta(days=1)), "ns")
    used = (stamps >= midnight) & (stamps <= end)
    begun = stamps[used][0]
    if begun > midnight + np.timedelta64(1, "h"):
        notes.append(f"{path}: has nothing before {_iso(begun)}; surfaces begin as on a day like the rows there are")
    grid_north = _grid_north(like)
    high, azimuth = sun_position(utc[used] + _minutes(offset), latitude, longitude, grid_convergence=grid_north)
    _refuse_gaps(path, table, stamps, used)
    # an entry drives the interval that ends at it: the first one's begins as long before as the next one's
    step = np.diff(stamps[used][:2])[0] if used.sum() > 1 else np.timedelta64(1, "h")
    seconds = (stamps[used] - begun + step) / np.timedelta64(1, "s")
    fields: dict[str, Any] = {name: ("time", table[name].values[used], attrs(name)) for name in _READ if name in table}
    fields["solar_elevation_angle"] = ("time", np.degrees(high), attrs("solar_elevation_angle"))
    fields["solar_azimuth_angle"] = ("time", np.degrees(azimuth), attrs("solar_azimuth_angle"))
    place = {
        "latitude": latitude, "longitude": longitude, "utc_offset": zone, "sun_offset_min": offset,
        "grid_north": grid_north,
    }  # fmt: skip
    raw = xr.Dataset(fields, coords={"time": ("time", seconds, {"units": "s"})})
    altitude = float(table.attrs.get("altitude", np.nanmean(like.values)))
    forcing, changes = complete(raw, start=utc[used][0], altitude=altitude)
    modelled = {name: str(how) for name, how in changes.items() if name in forcing}
    corrected = {what: number for what, number in changes.items() if what not in modelled}
    notes += [f"{name.replace('_', ' ')}: {how}" for name, how in modelled.items()]
    notes += [f"weather corrected: {what}: {number}" for what, number in corrected.items()]
    return Weather(forcing, stamps[used], np.flatnonzero(wanted[used]), place, modelled, corrected, notes)


def _table(path: Path, year: int, utc_offset: float | None) -> tuple[xr.Dataset, float, float, list[str]]:
    """The file along UTC stamps, its UTC offset [h], its sun's offset [min], and notes."""
    kind = (path.with_suffix("") if path.suffix == ".gz" else path).suffix.lower()
    if kind == ".epw":
        table = epw.read(path, year=year)
        zone = float((np.datetime64(f"{year}-01-01", "ns") - table["time"].values[0]) / np.timedelta64(1, "h"))
        if utc_offset is not None and utc_offset != zone:
            raise InputError(f"--utc-offset {utc_offset:g}: {path} counts its hours at {zone:g}; leave the option out")
        offset = float(table.attrs["sun_offset_min"])
        misfit = float(table.attrs["sun_closure_error"])
        notes = [
            f"{path.name}: rows stand in the middle of their hour; its irradiances close best with the sun {offset:+g} "
            f"min from there (root mean square {misfit:.1f} W/m²)"
        ]
        return table.assign_coords(time=table["time"].values + np.timedelta64(30, "m")), zone, offset, notes
    if kind != ".csv":
        raise InputError(f"{path}: expected weather as .epw or .csv (also .gz)")
    if utc_offset is None:
        raise InputError(
            f"{path}: a CSV does not say its time zone; give --utc-offset (Brussels: 1, never summer time)"
        )
    table = weather_csv.read(path, utc_offset=utc_offset)
    ignored = table.attrs["ignored"]
    return table, utc_offset, 0.0, [f"{path.name}: not read: {', '.join(ignored)}"] if ignored else []


def _place(
    table: xr.Dataset, like: Raster, latitude: float | None, longitude: float | None
) -> tuple[float, float, list[str]]:
    """Latitude and longitude of the run, and what is doubtful about them."""
    if (latitude is None) != (longitude is None):
        raise InputError("--latitude and --longitude belong together")
    ours, notes = _centre(like), []
    if latitude is None or longitude is None:
        if "latitude" in table.attrs:
            latitude, longitude = float(table.attrs["latitude"]), float(table.attrs["longitude"])
            notes.append(f"place: that of the weather file, {latitude:g}, {longitude:g}")
        elif ours is not None:
            latitude, longitude = ours
            notes.append(f"place: the middle of the raster, {latitude:.4f}, {longitude:.4f}")
        else:
            raise InputError(
                "the place is not known: give --latitude and --longitude in degrees, north and east positive"
            )
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise InputError(
            f"--latitude {latitude:g} --longitude {longitude:g}: expected degrees, north and east positive"
        )
    if ours is not None and max(abs(latitude - ours[0]), abs(longitude - ours[1])) > FAR:
        notes.append(
            f"the place {latitude:g}, {longitude:g} is far from the raster's own, {ours[0]:.3f}, {ours[1]:.3f}; are "
            "latitude and longitude swapped, or is the CRS wrong? The run takes what was given"
        )
    return latitude, longitude, notes


def _centre(like: Raster) -> tuple[float, float] | None:
    """Latitude and longitude of the middle of a raster. [degree]"""
    if like.crs is None:
        return None
    west, south, east, north = like.grid.bounds
    to_earth = pyproj.Transformer.from_crs(like.crs, "EPSG:4326", always_xy=True)
    longitude, latitude = to_earth.transform((west + east) / 2, (south + north) / 2)
    return (latitude, longitude) if np.isfinite([latitude, longitude]).all() else None


def _grid_north(like: Raster) -> float:
    """Azimuth of the grid's north in the middle of the raster, from true north clockwise; 0 without a CRS. [degree]"""
    if like.crs is None or _centre(like) is None:
        return 0.0
    west, south, east, north = like.grid.bounds
    to_earth = pyproj.Transformer.from_crs(like.crs, "EPSG:4326", always_xy=True)
    x, y = (west + east) / 2, (south + north) / 2
    (foot, top), (low, high) = to_earth.transform([x, x], [y - 500.0, y + 500.0])
    azimuth, _, _ = pyproj.Geod(ellps="WGS84").inv(foot, low, top, high)
    return float(azimuth)


def _refuse_gaps(path: Path, table: xr.Dataset, stamps: np.ndarray, used: np.ndarray) -> None:
    """A gap is never filled in silence; it is named with the stamp it has in the file."""
    for name in _READ:
        if name in table:
            gaps = used & np.isnan(table[name].values)
            if gaps.any():
                raise InputError(
                    f"{path}: {name.replace('_', ' ')} is missing at {_iso(stamps[gaps][0])} and {int(gaps.sum()) - 1} "
                    "more of the rows this run needs; fill the gaps from a neighbour, or take out an optional column"
                )


def _minutes(count: float) -> np.timedelta64:
    return np.timedelta64(round(count * 60e9), "ns")


def _iso(stamp: np.datetime64) -> str:
    return pd.Timestamp(stamp).isoformat()
