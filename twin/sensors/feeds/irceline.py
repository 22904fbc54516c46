"""IRCELINE: air of Belgium, interpolated in cells of 4 km (RIO), at stations, and as means of a year."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyproj

from twin.city import CRS
from twin.frames import BRUSSELS as REGION
from twin.sensors.feeds.counters import own_id
from twin.sensors.feeds.payloads import MICROGRAM, features_of, nanoseconds, read_json, read_number, read_rows, utc_time
from twin.sensors.model import SECOND, Datastream, Gathering, Parsed, SensorError, Thing

FEED = "irceline"
URL = (
    "https://geo.irceline.be/rio/wfs?service=WFS&version=1.3.0&request=GetFeature&outputFormat=application/json"
    "&typeName=rio:no2_hmean,rio:o3_hmean,rio:pm10_hmean,rio:pm25_hmean,rio:bc_hmean"
)
STATIONS_URL = "https://geo.irceline.be/sos/api/v1/timeseries?expanded=true"
"""Last value of every series at every station."""

POLLUTANTS = {"no2": "nitrogen_dioxide", "o3": "ozone", "pm10": "particles_10", "pm25": "particles_2_5",
              "bc": "black_carbon"}  # fmt: skip
"""Quantity by the first word of a layer; all are told in µg/m³."""
PHENOMENA = {"nitrogen dioxide": "nitrogen_dioxide", "ozone": "ozone", "particulate matter < 10 µm": "particles_10",
             "particulate matter < 2.5 µm": "particles_2_5", "black carbon": "black_carbon"}  # fmt: skip
"""Quantity by the words of a series at a station."""

_DAY = 86400.0
MEANS = {"hmean": 3600.0, "dmean": _DAY, "anmean": 365 * _DAY}
"""Length of a mean by the second word of a layer. [s]"""

BELGIUM = (2.3, 49.4, 6.5, 51.6)
"""West, south, east, north of Belgium. [degree]"""
_LAMBERT = (20_000.0, 20_000.0, 300_000.0, 250_000.0)
_TO_DEGREES = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


def parse(payload: bytes | str) -> Parsed:
    """Means of RIO cells or of stations, from a WFS collection.

    Parameters
    ----------
    payload : bytes or str
        Each feature names its layer in its id, ``no2_hmean.fid-…``. ``timestamp`` is the end of the hour (a payload of
        16:55 has 16:00 as its last); ``date`` a day of UTC, ``year`` its last day.

    Returns
    -------
    Parsed
        -9999 and null are NaN. A day that is not over when the payload was made gives no reading, for its mean still
        changes; ``counts`` says "days that are not over", "missing values", "coordinates swapped".

    Raises
    ------
    SensorError
        No feature collection.
    """
    found = Gathering(FEED)
    tree = read_json(payload, FEED)
    features = features_of(tree, FEED)
    made = _time_of(tree.get("timeStamp"))
    for feature in features:
        found.met("rows")
        _feature(found, feature, made)
    return found.parsed()


def parse_stations(payload: bytes | str) -> Parsed:
    """Last values at stations, from the list of series of the SOS interface.

    Parameters
    ----------
    payload : bytes or str
        ``[{id, uom, station: {geometry, properties}, lastValue: {timestamp, value}, parameters: {phenomenon}}]``;
        coordinates come as latitude, longitude and the word "NaN", and are put right.

    Raises
    ------
    SensorError
        No list of series.
    """
    found = Gathering(FEED)
    tree = read_json(payload, FEED)
    if not isinstance(tree, list):
        raise SensorError(f"{FEED}: expected a list of series, got {str(tree)[:80]!r}")
    for series in tree:
        found.met("rows")
        try:
            _series(found, series)
        except (KeyError, TypeError, AttributeError) as error:
            found.problem("series", f"lacks a part ({type(error).__name__})", series)
    return found.parsed()


def parse_daily(payload: bytes | str) -> Parsed:
    """Daily means at stations, from a table: ``time`` (begin of the day), ``station`` and columns of `POLLUTANTS`.

    Returns
    -------
    Parsed
        Other columns are left; the table says no place.

    Raises
    ------
    SensorError
        No such table.
    """
    found = Gathering(FEED)
    for row in read_rows(payload, FEED, ("time", "station")):
        found.met("rows")
        try:
            time, own = utc_time(row["time"]) + int(_DAY) * SECOND, own_id(row.get("station"))
        except ValueError:
            found.problem("time, station", "cannot be read", row)
            continue
        thing = Thing(f"{FEED}:{own}", f"IRCELINE {own}")
        found.thing(thing)
        for name in [one for one in POLLUTANTS if one in row]:
            try:
                value = read_number(row[name])
            except ValueError:
                found.problem(name, "is no number", row)
                continue
            quantity = POLLUTANTS[name]
            found.met("missing values", int(math.isnan(value)))
            stream = Datastream(f"{thing.id}/{quantity}/dmean", thing.id, quantity, _DAY, "station")
            found.reading(stream, time, value * MICROGRAM)
    return found.parsed()


def placed(found: Gathering, coordinates: Any, brussels: bool = False) -> tuple[float, float] | tuple[None, None]:
    """Longitude and latitude of a point or of the middle of a ring, in degrees or Lambert 72, in either order.

    In degrees only one order lies in Belgium. In Lambert 72 both may; easting comes first unless the point is said to
    be of Brussels and only the other order is. What lies nowhere in Belgium has no place, and is told.
    """
    try:
        points = np.array([[read_number(one) for one in point[:2]] for point in _ring(coordinates)])
        first, second = points.mean(axis=0)
    except (TypeError, ValueError, IndexError, KeyError):
        found.problem("geometry.coordinates", "is no place", coordinates)
        return None, None
    for swapped, (x, y) in ((False, (first, second)), (True, (second, first))):
        degrees = _within(x, y, BELGIUM)
        here = REGION if brussels else _LAMBERT
        if degrees or _within(x, y, here):
            found.met("coordinates swapped", int(swapped))
            longitude, latitude = (x, y) if degrees else _TO_DEGREES.transform(x, y)
            return float(longitude), float(latitude)
    found.problem("geometry.coordinates", "is not in Belgium", coordinates)
    return None, None


def _ring(coordinates: Any) -> list[Any]:
    while isinstance(coordinates[0], list) and isinstance(coordinates[0][0], list):
        coordinates = coordinates[0]
    if not isinstance(coordinates[0], list):
        return [coordinates]
    return coordinates[:-1] if coordinates[0] == coordinates[-1] and len(coordinates) > 1 else coordinates


def _within(x: float, y: float, bounds: tuple[float, float, float, float]) -> bool:
    return bounds[0] <= x <= bounds[2] and bounds[1] <= y <= bounds[3]


def _feature(found: Gathering, feature: Any, made: int | None) -> None:
    said = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(said, dict):
        found.problem("properties", "is missing", feature)
        return
    layer = str(feature.get("id", "")).split(".")[0].split(":")[-1]
    pollutant, _, mean = layer.partition("_")
    mean = mean.removesuffix("_station")
    if pollutant not in POLLUTANTS or mean not in MEANS:
        found.problem("id", "is of a layer that is not known", feature.get("id"))
        return
    period = MEANS[mean]
    stamp = next((name for name in ("timestamp", "date", "year") if name in said), "timestamp")
    time = _end(said.get(stamp), stamp)
    if time is None:
        found.problem(f"properties.{stamp}", "is no time" if stamp in said else "is missing", said)
        return
    if stamp != "timestamp" and made is not None and time > made:
        found.met("days that are not over")
        return
    try:
        value = read_number(said.get("value"))
    except ValueError:
        found.problem("properties.value", "is no number", said)
        return
    thing = _place_of(found, feature, said)
    if thing is not None:
        found.met("missing values", int(math.isnan(value)))
        quantity = POLLUTANTS[pollutant]
        sensor = "interpolation RIO" if thing.id.startswith(f"{FEED}:rio/") else "station"
        stream = Datastream(f"{thing.id}/{quantity}/{mean}", thing.id, quantity, period, sensor)
        found.reading(stream, time, value * MICROGRAM)


def _place_of(found: Gathering, feature: dict[str, Any], said: dict[str, Any]) -> Thing | None:
    code = str(said.get("ab_local_code") or "")
    own = code or said.get("id")
    if own is None:
        found.problem("properties.id", "is missing", said)
        return None
    geometry = feature.get("geometry")
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    longitude, latitude = placed(found, coordinates, brussels=said.get("network") == "Brussels")
    name = code or f"RIO {own}"
    thing = Thing(f"{FEED}:{code or f'rio/{own}'}", f"IRCELINE {name}", longitude, latitude,
                  {"network": said.get("network")})  # fmt: skip
    found.thing(thing)
    return thing


def _end(stamp: object, kind: str) -> int | None:
    """End of what a stamp names, or None of a stamp that is no time. [ns]"""
    if kind == "timestamp":
        return _time_of(stamp)
    try:
        day = datetime.strptime(str(stamp).rstrip("Z"), "%Y-%m-%d").replace(tzinfo=UTC)
        return nanoseconds(day + timedelta(days=1))
    except ValueError:
        return None


def _time_of(stamp: object) -> int | None:
    try:
        return utc_time(stamp)
    except ValueError:
        return None


def _series(found: Gathering, series: dict[str, Any]) -> None:
    words = str(series["parameters"]["phenomenon"]["label"])
    quantity = PHENOMENA.get(words.strip().lower().replace("μ", "µ"))
    if quantity is None:
        found.met("series left")
        return
    station = series["station"]
    label = str(station["properties"]["label"])
    code = label.split(" ")[0]
    unit = str(series.get("uom", "")).replace("μ", "µ")
    if unit != "µg/m³":
        found.problem("uom", f"is {unit!r}, not µg/m³", label)
        return
    longitude, latitude = placed(found, station["geometry"]["coordinates"], brussels=code.startswith("41"))
    thing = Thing(f"{FEED}:{code}", label, longitude, latitude)
    found.thing(thing)
    stream = Datastream(f"{thing.id}/{quantity}/hmean", thing.id, quantity, 3600.0, "station",
                        properties={"series": series.get("id")})  # fmt: skip
    last = series.get("lastValue")
    if not isinstance(last, dict) or last.get("value") is None:
        found.stream(stream)
        found.silent += 1
        return
    try:
        time, value = utc_time(last["timestamp"] // 1000), read_number(last["value"])
    except (KeyError, TypeError, ValueError):
        found.problem("lastValue", "is no reading", series)
        return
    found.met("missing values", int(math.isnan(value)))
    found.reading(stream, time, value * MICROGRAM)
