"""Routes of reach: what one reaches from a point on foot or by bicycle, and the fifteen kinds of places near it."""

import threading
from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from fastapi import APIRouter, Depends, Query
from shapely.ops import substring

from kernels.access.reach import Graph, Seeds, nearest
from scenarios.problem import ScenarioError
from scenarios.ten_minutes import Homes, TenMinutes, homes_along, homes_in, ten_minutes
from twin.amenities import categories, places_of
from twin.city import CRS, City, CityError, empty_table
from twin.layers import remembered
from twin.street_graph import graph_of
from twin.street_reach import StreetTimes
from viewer.server.desk import Desk, desk_of
from viewer.server.problems import Problem, documented
from viewer.tiles import local_origin

router = APIRouter(tags=["reach"], prefix="/api/city")
TheDesk = Annotated[Desk, Depends(desk_of)]
Mode = Literal["walk", "bike"]
Place = Annotated[float, Query(allow_inf_nan=False)]

BESIDE = 35.0
"""What lies this near to a street that is reached is reached with it: the houses, and half the block behind. [m]"""
_SIMPLER = 2.0
"""Outlines are sent to this. [m]"""
LONGEST = 30.0
"""That may be asked for. [min]"""
MOST_BANDS = 6
_one_at_a_time = threading.Lock()


def _streets(city: City, mode: Mode) -> StreetTimes:
    def make() -> StreetTimes:
        return StreetTimes.of(graph_of(city), mode, city.terrain)

    try:
        with _one_at_a_time:
            found: StreetTimes = remembered(("street times", city.digest, mode), make)
    except CityError as error:
        raise Problem(404, "no-streets", str(error)) from error
    return found


def _point(desk: Desk, x: float, y: float, streets: StreetTimes) -> shapely.Point:
    """A point of the local frame in Lambert 72; refused where it is on no street."""
    east, north = local_origin(desk.city)
    point = shapely.Point(x + east, y + north)
    if streets.spots(np.array([point], object)).lost:
        raise Problem(404, "outside", f"({x:g}, {y:g}) is near no street of this city; choose another point")
    return point


@router.get("/reach", responses=documented(404, 422))
def reach(
    desk: TheDesk,
    x: Place,
    y: Place,
    mode: Mode = "walk",
    minutes: Annotated[str, Query(max_length=40)] = "5,10,15",
) -> dict[str, Any]:
    """Send what one reaches from a point of the local frame within each of some times, as rings around the next.

    Times follow the slope of the streets; nobody waits at a light or a crossing. ``bands`` come from the shortest time
    to the longest, each without what the one before it holds; ``streets`` are the reached streets with the seconds to
    their start and to their end, null where that end is not reached.
    """
    asked = _minutes(minutes)
    streets = _streets(desk.city, mode)
    point = _point(desk, x, y, streets)
    forward = _forward(desk.city, mode, streets)
    seconds, spot = _from(streets, forward, point, 60.0 * asked[-1])
    start, end = streets.streets.ends()
    origin = local_origin(desk.city)
    bands, inner = [], None
    for limit in asked:
        shape = _outline(streets, seconds, start, end, 60.0 * limit, spot)
        ring = shape if inner is None else shapely.difference(shape, inner)
        bands.append({"minutes": limit, "area": round(float(shape.area), 1), "rings": _rings(ring, origin)})
        inner = shape
    reached = np.flatnonzero(np.isfinite(seconds[start]) | np.isfinite(seconds[end]))
    names = streets.streets.links.index
    return {
        "mode": mode,
        "point": [x, y],
        "bands": bands,
        "streets": [
            {"id": str(names[row]), "start": _known(seconds[start[row]]), "end": _known(seconds[end[row]])}
            for row in reached
        ],
        "assumed": streets.counts,
    }


@router.get("/ten-minutes", responses=documented(404))
def places(desk: TheDesk, x: Place, y: Place, mode: Mode = "walk") -> dict[str, Any]:
    """Say how far the nearest place of each of fifteen kinds is from a point of the local frame.

    ``minutes`` is null beyond half an hour; ``within`` is the time the City of Brussels wants it in; ``share`` of the
    people of this city have one in that time. A kind of which no place is known says so by ``known``: that tells
    something of the data, not of the city.
    """
    streets = _streets(desk.city, mode)
    point = _point(desk, x, y, streets)
    known = places_of(desk.city)
    if known.empty:
        raise Problem(404, "no-places", f"{desk.city.name} has no place of any of the fifteen kinds; import amenities")
    whole = _whole(desk.city, mode)
    table = gpd.GeoDataFrame({"people": [1.0], "sector": [""]}, index=["here"], geometry=[point], crs=CRS)
    empty = empty_table({"name_fr": "str", "name_nl": "str", "population": "f8"})
    found = ten_minutes(streets, known, Homes(table, empty, counted=False))
    rows = []
    for number, (key, one) in enumerate(categories().items()):
        seconds, place = float(found.seconds[number, 0]), int(found.place[number, 0])
        rows.append(
            {
                "key": key,
                "label": one.words,
                "within": one.minutes,
                "minutes": round(seconds / 60, 2) if np.isfinite(seconds) else None,
                "met": seconds <= 60 * one.minutes,
                "known": key not in found.unknown,
                "name": str(known["name"].iloc[place]) if place >= 0 else "",
                "share": None if whole is None else _known(whole.whole[key]),
            }
        )
    return {"mode": mode, "point": [x, y], "categories": rows, "residents": whole is not None and whole.homes.counted}


def _whole(city: City, mode: Mode) -> TenMinutes | None:
    """The same for everybody of a city, made once; None where no street is lived in."""
    streets = _streets(city, mode)

    def make() -> TenMinutes | None:
        try:
            return ten_minutes(streets, places_of(city), homes_in(city) or homes_along(streets))
        except ScenarioError:
            return None

    with _one_at_a_time:
        found: TenMinutes | None = remembered(("ten minutes", city.digest, mode), make)
    return found


def _minutes(said: str) -> list[float]:
    try:
        found = sorted({float(one) for one in said.split(",")})
    except ValueError as error:
        raise Problem(422, "no-minutes", f"{said!r} names no times; write them like 5,10,15") from error
    if len(found) > MOST_BANDS or not all(0 < one <= LONGEST for one in found):
        raise Problem(
            422, "no-minutes", f"{said!r}: expected up to {MOST_BANDS} times above 0 and up to {LONGEST:g} minutes"
        )
    return found


def _forward(city: City, mode: Mode, streets: StreetTimes) -> Graph:
    """The graph by which one sets out; `StreetTimes.towards` is the one by which one arrives."""

    def make() -> Graph:
        start, end = streets.streets.ends()
        return Graph.of(
            np.concatenate([start, end]),
            np.concatenate([end, start]),
            np.concatenate([streets.forward, streets.backward]),
            len(streets.streets.nodes),
        )

    found: Graph = remembered(("street times set out", city.digest, mode), make)
    return found


def _from(
    streets: StreetTimes, graph: Graph, point: shapely.Point, limit: float
) -> tuple[np.ndarray, tuple[int, float, float]]:
    """Seconds to every node, infinite beyond the limit, and the link the point is on, where on it, and how far off."""
    here = streets.spots(np.array([point], object))
    link, part, off = int(here.link[0]), float(here.low[0]), float(here.off[0])
    start, end = streets.streets.ends()
    ahead = (1 - part) * streets.forward[link] if part < 1 else 0.0
    back = part * streets.backward[link] if part > 0 else 0.0
    node, cost = np.array([end[link], start[link]]), np.array([ahead, back]) + off
    use = np.isfinite(cost)
    return nearest(graph, [Seeds.at(node[use], cost[use])], limit).seconds[0], (link, part, off)


def _outline(
    streets: StreetTimes,
    seconds: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    limit: float,
    spot: tuple[int, float, float],
) -> shapely.Geometry:
    """The ground beside all pieces of street that are reached in time."""
    lines = streets.streets.links.geometry.to_numpy()
    with np.errstate(invalid="ignore", divide="ignore"):
        # how far into each link one comes from its start and from its end, as parts of its length
        ahead = np.clip((limit - seconds[start]) / streets.forward, 0.0, 1.0)
        back = np.clip((limit - seconds[end]) / streets.backward, 0.0, 1.0)
    ahead, back = np.nan_to_num(ahead), np.nan_to_num(back)
    link, part, off = spot
    pieces = [lines[row] for row in np.flatnonzero(ahead + back >= 1.0)]
    for row in np.flatnonzero((ahead + back < 1.0) & (ahead + back > 0.0)):
        if ahead[row] > 0:
            pieces.append(substring(lines[row], 0.0, ahead[row], normalized=True))
        if back[row] > 0:
            pieces.append(substring(lines[row], 1.0 - back[row], 1.0, normalized=True))
    left = max(limit - off, 0.0)
    low = max(part - left / streets.backward[link], 0.0) if np.isfinite(streets.backward[link]) else part
    high = min(part + left / streets.forward[link], 1.0) if np.isfinite(streets.forward[link]) else part
    pieces.append(substring(lines[link], low, high, normalized=True))
    return shapely.union_all(shapely.buffer(np.array(pieces, object), BESIDE, quad_segs=3))


def _rings(shape: shapely.Geometry, origin: tuple[float, float]) -> list[list[list[float]]]:
    """Outer rings and holes of an outline in the local frame. [m]"""
    simple = shapely.simplify(shape, _SIMPLER)
    parts = [one for one in shapely.get_parts(simple) if one.geom_type == "Polygon"]
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return [np.round(shapely.get_coordinates(ring) - origin, 1).tolist() for ring in rings]


def _known(value: float) -> float | None:
    return round(float(value), 2) if np.isfinite(value) else None
