"""Stops and lines of the STIB-MIVB, joined with the shapes of its lines: where along them its vehicles are."""

import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from twin.formats.features import to_lambert
from twin.formats.transit_shapes import _along as places_along
from twin.formats.transit_shapes import _layer as shapefile_layer
from twin.sensors.feeds.opendatasoft import records
from twin.sensors.feeds.payloads import read_number
from twin.sensors.model import Gathering, Problem

FEED = "stib"
NEAR = 100.0
"""A stop farther from a shape is not on it, assumed: platforms and the middle of a wide street are nearer. [m]"""
MOST = 0.9
"""Share of the stops of a direction that must be on a shape for it to be that of the direction; assumed. [1]"""


@dataclass(frozen=True)
class Stop:
    """A stop, or one platform of it.

    Attributes
    ----------
    id : str
        Digits and, for some, the letter of a mode.
    names : mapping of str to str
        By language.
    longitude, latitude : float
        [degree]
    """

    id: str
    names: Mapping[str, str]
    longitude: float
    latitude: float

    @property
    def name(self) -> str:
        """French name, or what there is."""
        return self.names.get("fr") or next(iter(self.names.values()), self.id)


@dataclass(frozen=True, eq=False)
class Direction:
    """One direction of a line.

    Attributes
    ----------
    line, way : str
        Such as ``81`` and ``City``.
    destination : str
    stops : tuple of str
        Ids of stops with a known place, in their order.
    shape : LineString
        Lambert 72. [m]
    along : (stop,) float64
        Place of each stop on the shape. [m]
    surveyed : bool
        The shape is that of the line; else it is straight from stop to stop.
    """

    line: str
    way: str
    destination: str
    stops: tuple[str, ...]
    shape: shapely.LineString
    along: NDArray[np.float64]
    surveyed: bool


@dataclass(frozen=True, eq=False)
class Network:
    """Stops and directions.

    Attributes
    ----------
    stops : mapping of str to Stop
    directions : mapping of str to sequence of Direction
        By line.
    problems : tuple of Problem
    counts : mapping of str to int
        "stops", "directions", "directions with a shape", "directions on straight lines", "stops that are not known".
    """

    stops: Mapping[str, Stop]
    directions: Mapping[str, Sequence[Direction]]
    problems: tuple[Problem, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    _by_number: dict[str, list[str]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for one in sorted(self.stops):
            self._by_number.setdefault(number_of(one), []).append(one)

    def stop(self, point: str, line: str = "") -> tuple[Stop, bool] | None:
        """The stop that a vehicle names, and whether a letter had to be put behind its number.

        Where several letters fit, that of a stop of the line is taken, else the first.
        """
        if point in self.stops:
            return self.stops[point], False
        fitting = [one for one in self._by_number.get(number_of(point), ()) if one.startswith(point)]
        if not fitting:
            return None
        served = {one for way in self.directions.get(line, ()) for one in way.stops}
        return self.stops[next((one for one in fitting if one in served), fitting[0])], True


def number_of(stop: str) -> str:
    """Id of a stop without the letter behind it."""
    return stop.rstrip(string.ascii_letters)


def read_stops(payload: bytes | str) -> tuple[dict[str, Stop], tuple[Problem, ...]]:
    """Read the details of stops, whose places and names are JSON inside JSON.

    Raises
    ------
    SensorError
        No JSON of rows.
    """
    found, stops = Gathering(FEED), dict[str, Stop]()
    for row in records(payload, FEED)[1]:
        try:
            place, names = inner(row["gpscoordinates"]), inner(row["name"])
            longitude, latitude = read_number(place["longitude"]), read_number(place["latitude"])
            if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
                raise ValueError("no place")
            stop = Stop(str(row["id"]), {str(key): str(value) for key, value in names.items()}, longitude, latitude)
        except (KeyError, TypeError, ValueError, AttributeError):
            found.problem("stops", "cannot be read", row)
            continue
        stops.setdefault(stop.id, stop)
    return stops, found.parsed().problems


def read_shapes(path: str | Path) -> dict[str, list[shapely.LineString]]:
    """Read shapes by number of line from the zip of shapefiles; metro, tram and bus.

    Raises
    ------
    CityError
        Not such a file.
    """
    lines = shapefile_layer(Path(path), "LINES", ("LIGNE", "VARIANTE"))
    shapes: dict[str, list[shapely.LineString]] = {}
    for code, shape in zip(lines["LIGNE"], shapely.force_2d(lines.geometry.to_numpy()), strict=True):
        shapes.setdefault(code[:-1].lstrip("0"), []).append(shape)
    return shapes


def network(
    stops: bytes | str, lines: bytes | str, shapes: Mapping[str, Sequence[shapely.LineString]] | None = None
) -> Network:
    """Join details of stops, stops by line and shapes.

    Parameters
    ----------
    stops, lines : bytes or str
        Payloads of the stop details and of the stops by line.
    shapes : mapping of str to sequence of LineString, optional
        By line, Lambert 72, in the direction of travel: `read_shapes`. The one that passes by the stops of a direction
        in their order is taken; a direction without one is straight from stop to stop.

    Raises
    ------
    SensorError
        No JSON of rows.
    """
    known, problems = read_stops(stops)
    found, directions = Gathering(FEED), dict[str, list[Direction]]()
    found.met("stops", len(known))
    for row in records(lines, FEED)[1]:
        try:
            ordered = sorted(inner(row["points"]), key=lambda one: int(one["order"]))
            ids = [str(one["id"]) for one in ordered]
            destination = inner(row["destination"])
            line, way, name = str(row["lineid"]), str(row["direction"]), str(destination.get("fr", ""))
        except (KeyError, TypeError, ValueError, AttributeError):
            found.problem("stops by line", "cannot be read", row)
            continue
        placed = [one for one in ids if one in known]
        found.met("stops that are not known", len(ids) - len(placed))
        if len(placed) < 2:
            found.problem("points", "have no two stops that are known", row)
            continue
        made = _direction((line, way, name), placed, known, (shapes or {}).get(line, ()))
        directions.setdefault(line, []).append(made)
        found.met("directions")
        found.met("directions with a shape" if made.surveyed else "directions on straight lines")
    said = found.parsed()
    return Network(known, directions, problems + said.problems, said.counts)


def inner(text: Any) -> Any:
    """JSON inside JSON; what already is an object or a list is taken as it is."""
    return json.loads(text) if isinstance(text, str) else text


def _direction(
    names: tuple[str, str, str], ids: list[str], stops: Mapping[str, Stop], shapes: Sequence[shapely.LineString]
) -> Direction:
    line, way, destination = names
    places = to_lambert(np.array([[stops[one].longitude, stops[one].latitude] for one in ids]))
    points = shapely.points(places)
    best, share = None, MOST
    for shape in shapes:
        along = np.array(places_along(shape, points))
        off = shapely.distance(points, shapely.line_interpolate_point(shape, along))
        near = float(np.mean(off <= NEAR))
        if near >= share:
            best, share = (shape, along), near
    if best is not None:
        return Direction(line, way, destination, tuple(ids), best[0], best[1], True)
    steps = np.hypot(*np.diff(places, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    return Direction(line, way, destination, tuple(ids), shapely.LineString(places), along, False)
