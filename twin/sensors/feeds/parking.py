"""Public car parks: places that are free, from a table of our own or the rows that Belgian cities publish."""

import math
from collections.abc import Iterator
from typing import Any

from twin.sensors.feeds.counters import own_id
from twin.sensors.feeds.opendatasoft import records
from twin.sensors.feeds.payloads import WallClock, read_json, read_number, read_rows, read_text
from twin.sensors.model import Datastream, Gathering, Parsed, Thing
from twin.sensors.quality import Flag

FEED = "parking"

COLUMNS = {
    "id": ("id", "parking_id", "garage_id"),
    "name": ("name", "name_fr", "naam", "title"),
    "time": ("time", "lastupdate", "last_update", "updated"),
    "free": ("free", "availablecapacity", "available", "free_places"),
    "occupied": ("occupied", "occupied_places"),
    "capacity": ("capacity", "totalcapacity", "total", "total_capacity"),
    "open": ("open", "isopennow", "is_open"),
    "longitude": ("longitude", "lon"),
    "latitude": ("latitude", "lat"),
    "place": ("location", "geo_point_2d", "geometry"),
}
"""Names under which a column is met, the first is ours. ``id``, ``time`` and one of ``free`` and ``occupied`` must be
there. ``time`` is ISO 8601, of the clock of Brussels where it bears no zone; ``open`` 1 or 0."""


def parse(payload: bytes | str) -> Parsed:
    """Places that are free.

    Parameters
    ----------
    payload : bytes or str
        CSV with a head of `COLUMNS`, a list of JSON, GeoJSON, or a page or export of Opendatasoft.

    Returns
    -------
    Parsed
        -1 and null are NaN. A closed car park is silent: none of its places is free, yet none is taken. The first row
        of a car park tells its place and capacity. More free places than there are, or fewer than none, is flagged out
        of range. ``counts``: "rows", "closed", "missing values".

    Raises
    ------
    SensorError
        None of these.
    """
    found, clock = Gathering(FEED), WallClock()
    heads: dict[tuple[str, ...], _Names] = {}
    parks: dict[str, _Park] = {}
    for row in _rows(payload):
        found.met("rows")
        try:
            head = tuple(row)
            if head not in heads:
                heads[head] = {name: [one for one in others if one in row] for name, others in COLUMNS.items()}
            names = heads[head]
            own = own_id(_first(row, names["id"]))
        except (AttributeError, KeyError, TypeError, ValueError):
            found.problem("id", "is missing", row)
            continue
        if own not in parks:
            parks[own] = _park(found, row, names, own)
        _row(found, row, names, parks[own], clock)
    return found.parsed()


def _first(row: dict[str, Any], names: list[str]) -> Any:
    """What the first of these columns says that says something."""
    for name in names:
        if row[name] not in (None, ""):
            return row[name]
    return None


def _rows(payload: bytes | str) -> Iterator[Any]:
    text = read_text(payload, FEED)
    if not text.lstrip().startswith(("{", "[")):
        yield from read_rows(text, FEED, ("id", "time"))
        return
    tree = read_json(text, FEED)
    if isinstance(tree, dict) and isinstance(tree.get("features"), list):
        for one in tree["features"]:
            said = one.get("properties") if isinstance(one, dict) else None
            yield {"geometry": one.get("geometry"), "id": one.get("id")} | said if isinstance(said, dict) else one
        return
    yield from records(text, FEED)[1]


_Names = dict[str, list[str]]
"""Which columns of a row are met, by our name."""
_Park = tuple[Thing, Datastream, float]
"""A car park, its datastream and its capacity."""


def _park(found: Gathering, row: dict[str, Any], names: _Names, own: str) -> _Park:
    said = {name: _first(row, columns) for name, columns in names.items()}
    longitude, latitude = _place(found, said)
    try:
        capacity = read_number(said["capacity"])
    except ValueError:
        found.problem("capacity", "is no number", said)
        capacity = math.nan
    thing = Thing(f"{FEED}:{own}", str(said["name"] or own), longitude, latitude,
                  {} if math.isnan(capacity) else {"capacity": capacity})  # fmt: skip
    found.thing(thing)
    return thing, Datastream(f"{thing.id}/free_places", thing.id, "free_places", sensor=FEED), capacity


def _row(found: Gathering, row: dict[str, Any], names: _Names, park: _Park, clock: WallClock) -> None:
    thing, stream, capacity = park
    if str(_first(row, names["open"])).lower() in ("0", "0.0", "false"):
        found.met("closed")
        found.silent += 1
        return
    before = clock.twice
    try:
        time = clock.read(str(_first(row, names["time"])), thing.id)
    except ValueError:
        found.problem("time", "is no time", row)
        return
    try:
        told = _first(row, names["free"])
        free = read_number(told)
        free = math.nan if free == -1 else free
        if told is None:
            free = capacity - read_number(_first(row, names["occupied"]))
    except ValueError:
        found.problem("free", "is no number", row)
        return
    flag = int(Flag.OUT_OF_RANGE) if free > capacity or free < 0 else 0
    if clock.twice > before:
        flag |= int(Flag.CLOCK)
    found.met("missing values", int(math.isnan(free)))
    found.reading(stream, time, free, flag)


def _place(found: Gathering, said: dict[str, Any]) -> tuple[float, float] | tuple[None, None]:
    place = said["place"]
    try:
        if said["longitude"] is not None:
            longitude, latitude = read_number(said["longitude"]), read_number(said["latitude"])
        elif place is None:
            return None, None
        elif isinstance(place, list):
            latitude, longitude = (read_number(one) for one in place)
        elif "coordinates" in place:
            longitude, latitude = (read_number(one) for one in place["coordinates"][:2])
        else:
            longitude, latitude = read_number(place["lon"]), read_number(place["lat"])
    except (KeyError, TypeError, ValueError):
        found.problem("place", "is no place", said)
        return None, None
    if not (abs(longitude) <= 180 and abs(latitude) <= 90):
        found.problem("place", "is no place", said)
        return None, None
    return longitude, latitude
