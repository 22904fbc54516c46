"""Telraam: cameras of citizens that count cars, lorries, bicycles and people on foot, hour by hour.

``https://telraam-api.net/v1/reports/traffic`` and ``/reports/traffic_snapshot_live``, CC BY 4.0; the key stays with who
fetches. Counts of an hour are scaled up by Telraam for the part of it in which the camera saw (``uptime``).
"""

import math
from typing import Any

import numpy as np
import shapely

from twin.sensors.feeds.counters import KILOMETRE_PER_HOUR, mapping, measure
from twin.sensors.feeds.payloads import features_of, read_json, utc_time
from twin.sensors.model import SECOND, Datastream, Gathering, Parsed, SensorError, Thing
from twin.sensors.quality import Flag

FEED = "telraam"
LEAST_UPTIME = 0.5
"""Hours with less are scaled up from too little: the limit that Telraam advises and its users keep to. [1]"""
_PERIODS = {"hourly": 3600.0, "quarterly": 900.0, "daily": 86_400.0}
_COUNTS = (("vehicle_count", ("car", "heavy")), ("bicycle_count", ("bike",)), ("pedestrian_count", ("pedestrian",)))
_SIDES = (("", ""), ("_lft", "/left"), ("_rgt", "/right"))
_CLASS = 5.0
"""Width of a class of the histogram of speeds; the last one, from 120, is taken as wide as the others. [km/h]"""


def parse(payload: bytes | str) -> Parsed:
    """Read counts of street segments.

    Parameters
    ----------
    payload : bytes or str
        JSON ``{"report": [{segment_id, instance_id, date, interval, uptime, car, heavy, bike, pedestrian, car_lft, …,
        car_speed_hist_0to120plus}, …]}``; ``date`` is the begin of the interval, in UTC.

    Returns
    -------
    Parsed
        Vehicles are cars and lorries; ``left`` and ``right`` are directions as Telraam draws the segment. An hour
        without uptime is NaN, for its counts of 0 were counted by nobody; one below `LEAST_UPTIME` has the flag
        ``NOT_VALID``. A segment without any uptime is silent. Speeds are the mean of the histogram.

    Raises
    ------
    SensorError
        No JSON, or no report in it.
    """
    document = read_json(payload, FEED)
    rows = document.get("report") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        raise SensorError(f"{FEED}: the payload has no 'report'; it starts with {str(document)[:80]!r}")
    gathering = Gathering(FEED)
    if not rows:
        gathering.problem("report", "holds no row", document)
    speaks: dict[str, bool] = {}
    for row in rows:
        gathering.met("rows")
        try:
            name = _name(mapping(row))
            period = _PERIODS[str(row.get("interval"))]
            end = utc_time(row.get("date")) + int(period) * SECOND
            uptime = measure(row.get("uptime"))
        except (ValueError, KeyError, OverflowError) as error:
            gathering.problem("segment_id, interval, date, uptime", "cannot be read", (str(error), row))
            continue
        seen = uptime > 0.0
        speaks[name] = speaks.get(name, False) or seen
        gathering.met("rows without uptime", int(not seen))
        gathering.thing(Thing(f"{FEED}:{name}", f"Telraam {name}", properties={"segment": name}))
        flag = int(Flag.NOT_VALID) if seen and uptime < LEAST_UPTIME else 0
        gathering.met("rows of little uptime", int(flag > 0))
        _row(gathering, name, row, end, period, seen, flag)
    gathering.silent = sum(not one for one in speaks.values())
    return gathering.parsed()


def _row(gathering: Gathering, name: str, row: dict[str, Any], end: int, period: float, seen: bool, flag: int) -> None:
    """Note the counts of a row, both directions and each, and its mean speed."""
    thing, tail = f"{FEED}:{name}", f"{period / 60:g}min"
    for quantity, modes in _COUNTS:
        for side, words in _SIDES:
            fields = [f"{mode}{side}" for mode in modes]
            if side and not any(field in row for field in fields):
                continue
            try:
                value = sum(measure(row.get(field)) for field in fields)
            except ValueError as error:
                gathering.problem(", ".join(fields), "cannot be read", (str(error), row))
                continue
            stream = Datastream(f"{thing}/{quantity}/{tail}{words}", thing, quantity, period, FEED)
            gathering.reading(stream, end, value if seen else math.nan, flag)
    histogram = row.get("car_speed_hist_0to120plus")
    if not seen or not histogram:
        return
    try:
        speed = _mean_speed(histogram)
    except (ValueError, TypeError) as error:
        gathering.problem("car_speed_hist_0to120plus", "cannot be read", (str(error), row))
        return
    if not math.isnan(speed):
        stream = Datastream(f"{thing}/traffic_speed/{tail}", thing, "traffic_speed", period, FEED,
                            properties={"from": "histogram of 5 km/h, middle of its classes"})  # fmt: skip
        gathering.reading(stream, end, speed, flag)


def _mean_speed(histogram: Any) -> float:
    """Mean of a histogram of shares; NaN where it has none, for no car came. [m s⁻¹]"""
    shares = [measure(share) for share in histogram]
    total = sum(shares)
    if not total > 0.0:
        return math.nan
    mean = sum(share * (place + 0.5) * _CLASS for place, share in enumerate(shares)) / total
    return mean * KILOMETRE_PER_HOUR


def parse_segments(payload: bytes | str) -> Parsed:
    """Read where segments lie: the middle of their line.

    Parameters
    ----------
    payload : bytes or str
        GeoJSON of lines; ``properties.segment_id``.

    Returns
    -------
    Parsed
        Things alone.

    Raises
    ------
    SensorError
        No JSON, or no features in it.
    """
    features = features_of(read_json(payload, FEED), FEED)
    gathering = Gathering(FEED)
    for feature in features:
        gathering.met("segments")
        try:
            name = _name(mapping(mapping(feature).get("properties")))
            with np.errstate(invalid="ignore"):  # not a number has no length, which is told below
                line = shapely.geometry.shape(mapping(feature.get("geometry")))
            if not line.length > 0.0:
                raise ValueError("it has no length")
            middle = line.interpolate(0.5, normalized=True)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, shapely.errors.ShapelyError) as error:
            gathering.problem("segment_id, geometry", "cannot be read", (str(error), feature))
            continue
        gathering.thing(Thing(f"{FEED}:{name}", f"Telraam {name}", middle.x, middle.y, {"segment": name}))
    return gathering.parsed()


def _name(row: Any) -> str:
    """Id of the segment, or of the camera where a report was asked for a camera.

    Raises
    ------
    ValueError
        Neither.
    """
    for field, prefix in (("segment_id", ""), ("instance_id", "camera")):
        number = row.get(field)
        if isinstance(number, int) and not isinstance(number, bool) and number >= 0:
            return f"{prefix}{number}"
    raise ValueError("it names no segment and no camera")
