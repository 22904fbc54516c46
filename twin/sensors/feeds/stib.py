"""STIB-MIVB: metros, trams and buses, by the metres they are past a stop; no vehicle has a name."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyproj
import shapely

from twin.city import CRS
from twin.sensors.feeds.counters import own_id
from twin.sensors.feeds.opendatasoft import records
from twin.sensors.feeds.payloads import read_number
from twin.sensors.feeds.stib_network import FEED, Direction, Network, Stop, inner, number_of
from twin.sensors.model import Datastream, Gathering, Parsed, Thing

URL = "https://data.stib-mivb.be/api/explore/v2.1/catalog/datasets/vehicle-position-rt-production/records?limit=100"
KEEP_DAYS = 31.0
"""Places of vehicles are forgotten after so long; no one needs older ones. [d]"""
ROOM = 50.0
"""Metres after a stop may be so many more than those to the next stop before that is counted: stop lines and platforms
are not points; assumed. [m]"""
_TO_DEGREES = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)


@dataclass(frozen=True)
class Vehicle:
    """A vehicle in a snapshot.

    Attributes
    ----------
    line : str
    point, towards : str
        Ids of the last stop and of the end of its way, as the payload writes them.
    after : float
        Since the stop, along the line. [m]
    stop : Stop or None
        None where no stop of this number is known.
    lettered : bool
        The stop was found by a letter behind the number.
    longitude, latitude : float or None
        [degree] None without a stop.
    how : str
        "shape" on the line's own shape, "stops" on a straight line between stops, "stop" at the stop itself because
        the line does not list it, "" nowhere.
    beyond : bool
        Farther after the stop than the next stop is; it is put at the next stop.
    """

    line: str
    point: str
    towards: str
    after: float
    stop: Stop | None = None
    lettered: bool = False
    longitude: float | None = None
    latitude: float | None = None
    how: str = ""
    beyond: bool = False


def parse(payload: bytes | str, time: int, network: Network | None = None) -> Parsed:
    """Vehicles on each line, and how far each is past its stop.

    Parameters
    ----------
    payload : bytes or str
        Rows of ``lineid`` and ``vehiclepositions``, which is a string of JSON inside the JSON.
    time : int
        When it was asked for; the payload does not say. [ns, UTC]
    network : Network, optional
        To count which stops are met.

    Returns
    -------
    Parsed
        A thing for each line. A line that is not there, or has no vehicle, has no reading: nobody knows whether it does
        not run or is not seen. ``counts``: "lines", "vehicles"; with a network "joined by a letter", "stops that are
        not known", "on the shape", "between stops", "at a stop", "beyond the next stop".

    Raises
    ------
    SensorError
        No JSON of rows.
    """
    found = Gathering(FEED)
    met = _vehicles(found, payload, network)
    times: dict[str, int] = {}
    by_line: dict[str, int] = {}
    for one in met:
        line = f"{FEED}:line/{one.line}"
        if line not in by_line:
            found.thing(Thing(line, f"STIB-MIVB {one.line}", properties={"line": one.line}))
        by_line[line] = by_line.get(line, 0) + 1
        place = f"{line}/route_distance/{one.point}/{one.towards}"
        times[place] = times.get(place, 0) + 1
        # two of them may be past the same stop; they have no name, so their order in the payload tells them apart
        tail = "" if times[place] == 1 else f"/{times[place]}"
        stop = one.stop.id if one.stop else one.point
        stream = Datastream(place + tail, line, "route_distance", sensor=FEED, retention_days=KEEP_DAYS,
                            properties={"stop": stop, "towards": one.towards})  # fmt: skip
        found.reading(stream, time, one.after)
    for line, many in by_line.items():
        found.reading(Datastream(f"{line}/vehicle_count", line, "vehicle_count", sensor=FEED), time, float(many))
    return found.parsed()


def vehicles(payload: bytes | str, network: Network) -> tuple[Vehicle, ...]:
    """Vehicles with their places, for the map.

    Raises
    ------
    SensorError
        No JSON of rows.
    """
    return tuple(_vehicles(Gathering(FEED), payload, network))


def _vehicles(found: Gathering, payload: bytes | str, network: Network | None) -> list[Vehicle]:
    met: list[Vehicle] = []
    for row in records(payload, FEED)[1]:
        found.met("lines")
        try:
            line, positions = own_id(row["lineid"]), inner(row["vehiclepositions"])
        except (KeyError, TypeError, ValueError):
            found.problem("vehiclepositions", "is no JSON", row)
            continue
        if not isinstance(positions, list):
            found.problem("vehiclepositions", "is no list", row)
            continue
        if not positions:
            found.silent += 1
        for one in positions:
            vehicle = _vehicle(found, line, one)
            if vehicle is not None:
                found.met("vehicles")
                met.append(vehicle if network is None else _placed(found, vehicle, network))
    return met


def _vehicle(found: Gathering, line: str, said: Any) -> Vehicle | None:
    try:
        after = read_number(said["distanceFromPoint"])
        vehicle = Vehicle(line, own_id(said["pointId"]), own_id(said["directionId"]), after)
    except (KeyError, TypeError, ValueError):
        found.problem("vehiclepositions[]", "lacks pointId, directionId or distanceFromPoint", said)
        return None
    if after < 0:
        found.problem("distanceFromPoint", "is below zero", said)
        return None
    return vehicle


def _placed(found: Gathering, vehicle: Vehicle, network: Network) -> Vehicle:
    joined = network.stop(vehicle.point, vehicle.line)
    if joined is None:
        found.met("stops that are not known")
        return vehicle
    stop, lettered = joined
    found.met("joined by a letter", int(lettered))
    way = _direction(vehicle, stop, network)
    if way is None or np.isnan(vehicle.after):
        found.met("at a stop")
        return replace(
            vehicle, stop=stop, lettered=lettered, longitude=stop.longitude, latitude=stop.latitude, how="stop"
        )
    direction, number = way
    start = float(direction.along[number])
    last = number + 1 == len(direction.stops)
    until = direction.shape.length if last else float(direction.along[number + 1])
    beyond = start + vehicle.after > until + ROOM
    found.met("beyond the next stop", int(beyond))
    found.met("on the shape" if direction.surveyed else "between stops")
    point = shapely.line_interpolate_point(direction.shape, min(start + vehicle.after, until))
    longitude, latitude = _TO_DEGREES.transform(point.x, point.y)
    return replace(vehicle, stop=stop, lettered=lettered, longitude=longitude, latitude=latitude,
                   how="shape" if direction.surveyed else "stops", beyond=beyond)  # fmt: skip


def _direction(vehicle: Vehicle, stop: Stop, network: Network) -> tuple[Direction, int] | None:
    """The direction of its line that a vehicle goes, and which of its stops it has passed.

    A direction that ends at the stop it goes towards is best, then one that ends at a stop of that name, for ends have
    several platforms; then one that comes by it later; then any that has the stop.
    """
    goal = network.stop(vehicle.towards, vehicle.line)
    best: tuple[int, Direction, int] | None = None
    for direction in network.directions.get(vehicle.line, ()):
        numbers = [number_of(one) for one in direction.stops]
        if number_of(stop.id) not in numbers:
            continue
        passed = numbers.index(number_of(stop.id))
        end = network.stops[direction.stops[-1]]
        rank = 0
        if number_of(vehicle.towards) in numbers[passed:]:
            rank = 1
        if goal is not None and goal[0].name == end.name:
            rank = 2
        if number_of(vehicle.towards) == numbers[-1]:
            rank = 3
        if best is None or rank > best[0]:
            best = rank, direction, passed
    return None if best is None else best[1:]
