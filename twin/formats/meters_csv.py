"""Meters and air temperatures as anyone's CSV: stamps in UTC, one series for each meter."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd

from kernels.energy.readings import utc_of_local
from twin.city import CityError

ZONE = "Europe/Brussels"
"""Of stamps that name no offset: the clock on the wall."""

COLUMNS = ("time", "meter", "kind", "reading", "unit", "value")
"""Columns of a file of meters; others are not read."""

KINDS = {"electricity": {"kWh", "Wh", "MJ", "J"}, "heat": {"kWh", "Wh", "MJ", "J"}, "gas": {"kWh", "Wh", "MJ", "J"},
         "water": {"m3", "L"}}  # fmt: skip
"""Kinds of meters and the units each may have; cubic metres of gas hold no fixed energy."""

FACTORS = {"kWh": 3.6e6, "Wh": 3600.0, "MJ": 1e6, "J": 1.0, "m3": 1.0, "L": 1e-3}
"""To joule and cubic metre."""

READINGS = ("counter", "use")
"""A counter tells what it has counted up to the stamp; use is what was used since the stamp."""


@dataclass(frozen=True)
class Meter:
    """What one meter said.

    Attributes
    ----------
    name, kind, reading : str
    utc : (reading,) float64
        Seconds since 1970, in the order of the file. [s]
    value : (reading,) float64
        [J] or [m³]; NaN where the file has none.
    counts : dict of str to int
        Stamps that the change of the clock makes doubtful.
    """

    name: str
    kind: str
    reading: str
    utc: np.ndarray
    value: np.ndarray
    counts: dict[str, int] = field(default_factory=dict)


def read(path: str | Path, *, zone: str = ZONE) -> list[Meter]:
    """Read meters, in the order in which the file first names them.

    Parameters
    ----------
    path : path
        CSV with `COLUMNS`; ``time`` is ISO 8601, with an offset or on the wall clock of ``zone``.
    zone : str
        IANA name.

    Raises
    ------
    CityError
        Missing column, a kind, unit or reading that is not known or changes within a meter, a value that is no number.
    """
    table = _table(path, COLUMNS)
    for column, allowed in (("kind", tuple(KINDS)), ("reading", READINGS)):
        odd = table.index[~table[column].isin(allowed)]
        if odd.size:
            raise CityError(
                f"{path}: {column} in row {odd[0] + 1} is {table[column][odd[0]]!r}, expected {', '.join(allowed)}"
            )
    values, stamped = _numbers(path, table["value"], "value"), _has_offset(path, table["time"])
    found = []
    for name, rows in table.groupby("meter", sort=False).indices.items():
        one = table.iloc[rows]
        for column in ("kind", "reading", "unit"):
            if one[column].nunique(dropna=False) > 1:
                raise CityError(f"{path}: meter {name} has more than one {column}; name it twice or convert it")
        kind, unit = str(one["kind"].iloc[0]), str(one["unit"].iloc[0])
        if unit not in KINDS[kind]:
            why = "; multiply by the calorific value of the bill" if kind == "gas" else ""
            raise CityError(
                f"{path}: meter {name} of {kind} is in {unit!r}, expected {', '.join(sorted(KINDS[kind]))}{why}"
            )
        utc, counts = _utc(path, one["time"], zone, stamped)
        known = np.isfinite(utc)
        found.append(
            Meter(str(name), kind, str(one["reading"].iloc[0]), utc[known], values[rows][known] * FACTORS[unit], counts)
        )
    return found


def read_temperatures(path: str | Path, *, zone: str = ZONE) -> tuple[np.ndarray, np.ndarray]:
    """Read outdoor air temperatures: columns ``time`` as in `read` and ``air_temperature_c``.

    Returns
    -------
    utc, temperature : (reading,) float64
        [s since 1970], [K]
    """
    table = _table(path, ("time", "air_temperature_c"))
    utc, _ = _utc(path, table["time"], zone, _has_offset(path, table["time"]))
    celsius = _numbers(path, table["air_temperature_c"], "air_temperature_c")
    odd = np.flatnonzero(np.abs(celsius) > 60.0)
    if odd.size:
        raise CityError(f"{path}: air_temperature_c in row {odd[0] + 1} is {celsius[odd[0]]:g}; is it in another unit?")
    known = np.isfinite(utc) & np.isfinite(celsius)
    return utc[known], celsius[known] + 273.15


def offsets_of(utc: np.ndarray, zone: str = ZONE) -> np.ndarray:
    """Local time less UTC at these times. (time,) [s]"""
    hours = np.unique(utc // 3600)
    known = np.array([_offset(hour * 3600, _zone(zone)) for hour in hours])
    return known[np.searchsorted(hours, utc // 3600)]


def _table(path: str | Path, columns: tuple[str, ...]) -> pd.DataFrame:
    if not Path(path).is_file():
        raise CityError(f"{path}: no such file")
    try:
        table = pd.read_csv(path, comment="#", skipinitialspace=True, dtype=str, encoding="utf-8-sig")
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise CityError(f"{path}: not a CSV in UTF-8 that can be read ({error})") from error
    table.columns = pd.Index([str(column).strip() for column in table.columns])
    absent = [column for column in columns if column not in table]
    if absent:
        raise CityError(f"{path}: lacks the column {absent[0]!r}; needed are {','.join(columns)}")
    if table.empty:
        raise CityError(f"{path}: has no row")
    return table.reset_index(drop=True)


def _numbers(path: str | Path, texts: pd.Series, column: str) -> np.ndarray:
    values = pd.to_numeric(texts, errors="coerce").to_numpy(float, copy=True)
    odd = np.flatnonzero(~np.isfinite(values) & texts.notna().to_numpy())
    if odd.size:
        raise CityError(f"{path}: {column} in row {odd[0] + 1} is {texts.iloc[odd[0]]!r}, expected a number")
    return values


def _has_offset(path: str | Path, texts: pd.Series) -> bool:
    with_one = texts.fillna("").str.strip().str.contains(r"T?\d\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$", regex=True)
    if with_one.any() and not with_one.all():
        row = int(np.flatnonzero(with_one.to_numpy() != with_one.iloc[0])[0])
        raise CityError(
            f"{path}: time in row {row + 1} is {texts.iloc[row]!r}; write all times with an offset, or none"
        )
    return bool(with_one.all())


def _utc(path: str | Path, texts: pd.Series, zone: str, stamped: bool) -> tuple[np.ndarray, dict[str, int]]:
    parsed = pd.to_datetime(texts.str.strip(), format="ISO8601", errors="coerce", utc=True)
    odd = np.flatnonzero(parsed.isna().to_numpy())
    if odd.size:
        raise CityError(f"{path}: {texts.iloc[odd[0]]!r} is no time; expected ISO 8601 such as 2024-01-31T15:00")
    seconds = parsed.dt.tz_localize(None).to_numpy("datetime64[ns]").astype(np.int64) / 1e9
    return (seconds, {}) if stamped else _from_wall(seconds, _zone(zone))


def _from_wall(local: np.ndarray, zone: ZoneInfo) -> tuple[np.ndarray, dict[str, int]]:
    """UTC of stamps of the wall clock; each change of the clock judges the stamps nearest to it."""
    first, last = local.min() - 86400, local.max() + 86400
    days = np.arange(np.floor(first / 86400) * 86400, last + 2 * 86400, 86400.0)
    changes = []
    for begin, end in pairwise(days):
        if _offset(begin, zone) != _offset(end, zone):
            hours = np.arange(begin, end + 1, 3600.0)
            changed = next(hour for hour in hours if _offset(hour, zone) != _offset(begin, zone))
            changes.append((changed, _offset(changed - 1, zone), _offset(changed, zone)))
    if not changes:
        return local - _offset(first, zone), {}
    middles = [0.5 * (one[0] + two[0]) for one, two in pairwise(changes)]
    which = np.searchsorted(np.array(middles), local)
    utc, counts = np.empty(local.size), dict[str, int]()
    for number, (when, before, after) in enumerate(changes):
        rows = which == number
        utc[rows], seen = utc_of_local(local[rows], before, after, when)
        counts = {words: counts.get(words, 0) + many for words, many in seen.items()}
    return utc, counts


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CityError(f"there is no time zone {name!r}; expected an IANA name such as {ZONE}") from error


def _offset(utc: float, zone: ZoneInfo) -> float:
    found = datetime.fromtimestamp(utc, UTC).astimezone(zone).utcoffset()
    return 0.0 if found is None else found.total_seconds()
