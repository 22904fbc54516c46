"""SPICECO: small weather and air stations of Ixelles, a CSV of a station's month."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from twin.sensors.feeds.payloads import MICROGRAM, read_text
from twin.sensors.model import Datastream, Gathering, Parsed, Readings, SensorError, Thing
from twin.sensors.quality import Flag

FEED = "spiceco"

QUANTITIES = {
    "temperature": ("air_temperature", 1.0, 273.15), "pressure": ("air_pressure", 100.0, 0.0),
    "relative_humidity": ("relative_humidity", 0.01, 0.0), "wind_speed": ("wind_speed", 1.0, 0.0),
    "wind_direction": ("wind_from_direction", 1.0, 0.0), "no2": ("nitrogen_dioxide", MICROGRAM, 0.0),
    "o3": ("ozone", MICROGRAM, 0.0), "pm10": ("particles_10", MICROGRAM, 0.0),
    "pm25": ("particles_2_5", MICROGRAM, 0.0),
}  # fmt: skip
"""Quantity of each column that is read, with factor and offset to its unit. Units of columns (°C, hPa, %, m/s, µg/m³)
from the page of the data, github.com/christosnix/Ixelles-Sensor-Data. Rain is there in %, which is no depth, and is
left, as are NO and PM1."""

RECORD = 41.8 + 273.15
"""Highest air temperature ever measured in Belgium (Begijnendijk, 25 July 2019). [K] A thermometer that shows more
stands in the sun; its humidity and its ozone are those of a hot box too."""

PLACES = {
    "S3": "VUB Usquare", "S5": "Ixelles cemetery / cimetière d'Ixelles", "S6": "avenue Depage 30", "S8": "ULB Solbosch",
}  # fmt: skip

GAP = 2.5
"""An interval so many times the usual one is a gap; assumed. [1]"""


def parse(
    payload: bytes | str, station: str, *, longitude: float | None = None, latitude: float | None = None
) -> Parsed:
    """Readings of a station.

    Parameters
    ----------
    payload : bytes or str
        CSV with ``timestamp`` and some of the columns of `QUANTITIES`. Stamps bear no zone; they are UTC, for the
        coldest hour of August is 4 h and the sun is up from 5 h on, two hours before the clock on the wall.
    station : str
        Such as ``S6``; the file does not say it.
    longitude, latitude : float, optional
        [degree]

    Returns
    -------
    Parsed
        -9999 is NaN. Values are never changed: 0.0 °C that comes with a humidity of 0 %, which no open air has, is
        flagged not valid with it, and what is hotter than `RECORD` sun-heated. ``counts``: "rows", "missing values",
        "gaps" (nothing is put in them), "flagged".

    Raises
    ------
    SensorError
        No such CSV.
    """
    found = Gathering(FEED)
    table, times = _table(found, read_text(payload, FEED))
    thing = Thing(f"{FEED}:{station}", f"SPICECO {station}", longitude, latitude, {"place": PLACES.get(station, "")})
    found.thing(thing)
    values = {name: _numbers(found, table, name) for name in QUANTITIES if name in table}
    flags = _flags(values, times.size)
    steps = np.diff(np.sort(times))
    if steps.size:
        found.met("gaps", int((steps > GAP * np.median(steps)).sum()))
    parts = []
    for name, (known, value) in values.items():
        quantity, factor, offset = QUANTITIES[name]
        stream = Datastream(f"{thing.id}/{quantity}", thing.id, quantity, sensor="small station")
        found.stream(stream)
        found.met("missing values", int(np.isnan(value[known]).sum()))
        found.met("flagged", int((flags[name][known] > 0).sum()))
        names = np.full(int(known.sum()), stream.id, object)
        parts.append(Readings(names, times[known], value[known] * factor + offset, flags[name][known]))
    return replace(found.parsed(), readings=Readings.joined(parts))


def _table(found: Gathering, text: str) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Rows with the right number of cells and a time, and these times. [ns]"""
    lines = [line for line in text.splitlines() if line.strip()]
    head = [name.strip() for name in lines[0].split(",")]
    absent = [name for name in ("timestamp", "temperature") if name not in head]
    if absent:
        raise SensorError(f"{FEED}: the payload lacks the column {absent[0]!r}; it starts with {lines[0][:80]!r}")
    commas = len(head) - 1
    good = [line for line in lines[1:] if line.count(",") == commas]
    found.met("rows", len(lines) - 1)
    if len(good) < len(lines) - 1:
        for line in lines[1:]:
            if line.count(",") != commas:
                found.problem("row", f"has not {len(head)} cells", line)
    table = pd.read_csv(io.StringIO("\n".join(good)), names=head, header=None, low_memory=False, quoting=3)
    stamps = pd.to_datetime(table["timestamp"], format="ISO8601", errors="coerce", utc=True)
    known = stamps.notna().to_numpy()
    for row in np.flatnonzero(~known):
        found.problem("timestamp", "is no time", good[row])
    times = stamps[known].dt.tz_localize(None).to_numpy("datetime64[ns]").astype(np.int64)
    return table[known].reset_index(drop=True), times


def _numbers(found: Gathering, table: pd.DataFrame, name: str) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Which cells of a column can be read, and its numbers with NaN where a cell says that it knows nothing."""
    cells = table[name]
    value = pd.to_numeric(cells, errors="coerce").to_numpy(float, copy=True)
    bad = (np.isnan(value) & cells.notna().to_numpy()) | np.isinf(value)
    for row in np.flatnonzero(bad):
        found.problem(name, "is no number", f"{table['timestamp'][row]}: {cells[row]!r}")
    value[value == -9999.0] = np.nan
    return ~bad, value


def _flags(
    values: dict[str, tuple[NDArray[np.bool_], NDArray[np.float64]]], size: int
) -> dict[str, NDArray[np.uint16]]:
    flags = {name: np.zeros(size, np.uint16) for name in values}
    temperature = values["temperature"][1]
    hot = temperature + 273.15 > RECORD
    for name in ("temperature", "relative_humidity", "o3"):
        if name in flags:
            flags[name][hot] |= np.uint16(Flag.SUN_HEATED)
    if "relative_humidity" in values:
        dry = values["relative_humidity"][1] == 0.0
        flags["relative_humidity"][dry] |= np.uint16(Flag.NOT_VALID)
        flags["temperature"][dry & (temperature == 0.0)] |= np.uint16(Flag.NOT_VALID)
    return flags
