"""Shared bicycles with stations, after the General Bikeshare Feed Specification, versions 1 to 3."""

import math
from typing import Any

from twin.sensors.feeds.counters import own_id
from twin.sensors.feeds.payloads import read_json, read_number, utc_time
from twin.sensors.model import Datastream, Gathering, Parsed, SensorError, Thing
from twin.sensors.quality import Flag

VILLO = "https://api.cyclocity.fr/contracts/bruxelles/gbfs/v3"
"""``/station_information.json`` and ``/station_status.json`` of Villo!, the bicycles of the Region."""


def parse(information: bytes | str, status: bytes | str, feed: str = "villo") -> Parsed:
    """Bicycles at hand and docks that are free, at stations.

    Parameters
    ----------
    information, status : bytes or str
        Payloads of ``station_information`` and ``station_status``.
    feed : str
        Name of the system, the first part of the ids.

    Returns
    -------
    Parsed
        Time is ``last_reported`` of the station, for a station that no longer reports keeps its numbers, and
        ``last_updated`` of the payload where it has none. A station that is not installed, or has no status, is silent;
        one that does not rent, or does not take back, has its number flagged not valid. ``counts``: "stations", "not
        installed", "without a status", "without a place", "not renting", "not returning".

    Raises
    ------
    SensorError
        A payload is no GBFS.
    """
    found = Gathering(feed)
    places, _ = _stations(information, feed)
    states, updated = _stations(status, feed)
    things: dict[str, Thing] = {}
    for row in places:
        try:
            thing = _thing(found, row, feed)
        except (KeyError, TypeError, ValueError, AttributeError):
            found.problem("station_information", "has no station that can be read", row)
            continue
        things[thing.id] = thing
        found.thing(thing)
    told = set[str]()
    for row in states:
        try:
            name = f"{feed}:{own_id(row['station_id'])}"
        except (KeyError, TypeError, ValueError):
            found.problem("station_id", "is missing", row)
            continue
        told.add(name)
        found.met("stations")
        if name not in things:
            found.met("without a place")
            found.thing(Thing(name, name))
        _state(found, row, name, updated)
    lost = len(set(things) - told)
    found.met("without a status", lost)
    found.silent += lost
    return found.parsed()


def _stations(payload: bytes | str, feed: str) -> tuple[list[Any], object]:
    tree = read_json(payload, feed)
    data = tree.get("data") if isinstance(tree, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("stations"), list):
        raise SensorError(f"{feed}: expected GBFS with data.stations, got {str(tree)[:80]!r}")
    return data["stations"], tree.get("last_updated")


def _thing(found: Gathering, row: dict[str, Any], feed: str) -> Thing:
    own, name = own_id(row["station_id"]), row.get("name")
    names = {"": name} if isinstance(name, str) else {one["language"]: one["text"] for one in name or ()}
    longitude, latitude = read_number(row.get("lon")), read_number(row.get("lat"))
    known = abs(longitude) <= 180 and abs(latitude) <= 90
    if not known:
        found.problem("lon, lat", "are no place", row)
    properties = {"capacity": row["capacity"]} if "capacity" in row else {}
    if "" not in names and names:
        properties["names"] = names
    return Thing(f"{feed}:{own}", next(iter(names.values()), own), longitude if known else None,
                 latitude if known else None, properties)  # fmt: skip


def _state(found: Gathering, row: dict[str, Any], name: str, updated: object) -> None:
    if row.get("is_installed") in (False, 0):
        found.met("not installed")
        found.silent += 1
        return
    try:
        time = utc_time(row.get("last_reported") or updated)
    except ValueError:
        found.problem("last_reported", "is no time", row)
        return
    bicycles = "num_vehicles_available" if "num_vehicles_available" in row else "num_bikes_available"
    for quantity, field, use, words in (
        ("bicycles_available", bicycles, "is_renting", "not renting"),
        ("free_places", "num_docks_available", "is_returning", "not returning"),
    ):
        try:
            value = read_number(row.get(field))
            if value < 0:
                raise ValueError(f"{value} is below zero")
        except ValueError:
            found.problem(field, "is no number of bicycles or docks", row)
            continue
        if math.isnan(value):
            found.met(f"without {field}")
            continue
        flag = 0
        if row.get(use) in (False, 0):
            found.met(words)
            flag = int(Flag.NOT_VALID)
        found.reading(Datastream(f"{name}/{quantity}", name, quantity, sensor=found.feed), time, value, flag)
