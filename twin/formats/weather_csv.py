"""Weather as a CSV of plain columns with their units in their names, as a Dataset."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from kernels.quantities import attrs
from twin.city import CityError
from twin.formats.packed import read_bytes

# column: quantity, factor, offset to SI
_NEEDED: dict[str, tuple[str, float, float]] = {
    "air_temperature_c": ("air_temperature", 1.0, 273.15),
    "relative_humidity_pct": ("relative_humidity", 0.01, 0.0),
    "wind_speed_m_s": ("wind_speed", 1.0, 0.0),
    "global_w_m2": ("global_horizontal_irradiance", 1.0, 0.0),
}
_OPTIONAL: dict[str, tuple[str, float, float]] = {
    "diffuse_w_m2": ("diffuse_horizontal_irradiance", 1.0, 0.0),
    "direct_normal_w_m2": ("direct_normal_irradiance", 1.0, 0.0),
    "longwave_down_w_m2": ("downwelling_longwave_irradiance", 1.0, 0.0),
    "wind_from_direction_deg": ("wind_from_direction", 1.0, 0.0),
    "pressure_pa": ("air_pressure", 1.0, 0.0),
    "pressure_hpa": ("air_pressure", 100.0, 0.0),
}
COLUMNS = ("time", *_NEEDED, *_OPTIONAL)
"""Columns that are read, in the order of the documentation; the first five must be there."""

_MISSING = (-999.0, -9999.0)
_PLAUSIBLE = {
    "air_temperature_c": (-60.0, 60.0),
    "relative_humidity_pct": (0.0, 200.0),
    "wind_speed_m_s": (0.0, 100.0),
    "longwave_down_w_m2": (0.0, 1000.0),
    "wind_from_direction_deg": (-360.0, 720.0),
    "pressure_pa": (5e4, 1.1e5),
    "pressure_hpa": (500.0, 1100.0),
}


def read(path: str | Path, *, utc_offset: float) -> xr.Dataset:
    """Read weather for anyone's place.

    Parameters
    ----------
    path : path
        ``.csv``, ``.gz`` too; lines that begin with ``#`` are comments. Columns are `COLUMNS`: ``time`` is ISO 8601 in
        local standard time, increasing; empty, ``-999`` and ``-9999`` mean missing.
    utc_offset : float
        Local standard time minus UTC, daylight saving never counted. [h]

    Returns
    -------
    xarray.Dataset
        Along ``time``, the UTC stamps of the file, SI units, NaN where the file says missing. An optional quantity is
        there only where its column holds a number. Attributes: ``utc_offset`` [h], ``ignored``, the columns that were
        not read.

    Raises
    ------
    CityError
        Missing column or row, a value that is no number or cannot be in its column's unit, time that does not increase.
    """
    table = _table(path)
    if not (np.isfinite(utc_offset) and -12 <= utc_offset <= 14):
        raise CityError(f"the UTC offset must be hours from -12 to 14, got {utc_offset:g}; Brussels is 1")
    stamps = _stamps(path, table["time"], utc_offset)
    found: dict[str, tuple[str, np.ndarray, dict[str, str]]] = {}
    for column, (name, factor, offset) in (_NEEDED | _OPTIONAL).items():
        if column not in table:
            continue
        values = _numbers(path, table[column], column)
        if column in _OPTIONAL and not np.isfinite(values).any():
            continue
        if name in found:
            raise CityError(f"{path}: has pressure_pa and pressure_hpa; keep one of them")
        if column == "wind_from_direction_deg":
            values = values % 360.0  # -90 and 270 are both in use for the west
        found[name] = ("time", values * factor + offset, attrs(name))
    ignored = [str(column) for column in table.columns if column not in COLUMNS]
    return xr.Dataset(
        found,
        coords={"time": ("time", stamps, {"long_name": "Time (UTC)"})},
        attrs={"Conventions": "CF-1.11", "utc_offset": float(utc_offset), "ignored": ignored},
    )


def _table(path: str | Path) -> pd.DataFrame:
    if not Path(path).is_file():
        raise CityError(f"{path}: no such file")
    try:
        text = read_bytes(path).decode("utf-8-sig")
        table = pd.read_csv(io.StringIO(text), comment="#", skipinitialspace=True, dtype=str, keep_default_na=True)
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise CityError(f"{path}: not a CSV in UTF-8 that can be read ({error})") from error
    if not isinstance(table.index, pd.RangeIndex):
        raise CityError(
            f"{path}: rows hold more values than there are columns; values are separated by commas, decimals by points"
        )
    table.columns = pd.Index([str(column).strip() for column in table.columns])
    absent = [column for column in ("time", *_NEEDED) if column not in table]
    if absent:
        raise CityError(
            f"{path}: lacks the column {absent[0]!r}; needed are {','.join(('time', *_NEEDED))}, there are "
            f"{','.join(table.columns)}"
        )
    if table.empty:
        raise CityError(f"{path}: has no row")
    return table


def _stamps(path: str | Path, texts: pd.Series, utc_offset: float) -> np.ndarray:
    """Times in UTC, as datetime64 in nanoseconds."""
    local: list[pd.Timestamp] = []
    for row, text in enumerate(texts, 1):
        one = pd.to_datetime(str(text).strip(), format="ISO8601", errors="coerce")
        if not isinstance(one, pd.Timestamp):
            raise CityError(f"{path}: time in row {row} is {text!r}, expected ISO 8601 such as 2019-07-25T15:00")
        stated = one.utcoffset()
        if stated is not None and stated != pd.Timedelta(hours=utc_offset):
            raise CityError(
                f"{path}: time in row {row} states UTC{stated.total_seconds() / 3600:+g} h, the UTC offset given is "
                f"{utc_offset:+g}; write all times in local standard time"
            )
        local.append(one.tz_localize(None))
    index = pd.DatetimeIndex(local).as_unit("ns")
    back = np.flatnonzero(np.diff(index.to_numpy()) <= np.timedelta64(0, "ns"))
    if back.size:
        row = int(back[0])
        raise CityError(
            f"{path}: time must increase, but row {row + 2} has {index[row + 1]} after {index[row]}; local standard "
            "time knows no summer time"
        )
    return (index - pd.Timedelta(hours=utc_offset)).to_numpy()


def _numbers(path: str | Path, texts: pd.Series, column: str) -> np.ndarray:
    values = pd.to_numeric(texts, errors="coerce").to_numpy(float, copy=True)
    strange = np.flatnonzero(~np.isfinite(values) & texts.notna().to_numpy())
    if strange.size:
        row = int(strange[0])
        raise CityError(f"{path}: {column} in row {row + 1} is {texts.iloc[row]!r}, expected a number")
    values[np.isin(values, _MISSING)] = np.nan
    low, high = _PLAUSIBLE.get(column, (-np.inf, np.inf))
    odd = np.flatnonzero((values < low) | (values > high))
    if odd.size:
        row = int(odd[0])
        raise CityError(
            f"{path}: {column} in row {row + 1} is {values[row]:g}, which lies outside {low:g} to {high:g}; is it in "
            "another unit, or a fault?"
        )
    if column == "relative_humidity_pct" and np.nanmax(values, initial=0.0) <= 1.0 and np.isfinite(values).any():
        raise CityError(f"{path}: {column} never exceeds 1, so it seems to be a fraction; give it in per cent")
    return values
