"""Whether there is room: buildings do not overlap nor stand on dug ground, walls do not run through buildings."""

import geopandas as gpd
import shapely
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.base import BaseGeometry

from scenarios.problem import EditError
from scenarios.situation import Situation

REACH = 2.0
"""A wall may end this far inside a building: so one joins it to a facade by hand. [m]"""
OVERLAP = 0.1
"""Two buildings that share less ground than this stand side by side. [m²]"""


def refuse_wall_through(line: LineString, buildings: gpd.GeoDataFrame) -> None:
    """Refuse a wall that runs through a building.

    Raises
    ------
    EditError
        Names the building.
    """
    for row in sorted(buildings.sindex.query(line, predicate="intersects").tolist()):
        through = passage(line, buildings.geometry.iloc[row])
        if through > 0:
            raise EditError(
                f"runs {through:.1f} m through the building {buildings.index[row]!r}; end it at the facade "
                f"(up to {REACH:g} m inside is fine) or draw around it",
                "line",
            )


def refuse_occupied(outline: Polygon, buildings: gpd.GeoDataFrame, walls: gpd.GeoDataFrame, place: str) -> None:
    """Refuse a building on top of another one, or across a wall.

    Raises
    ------
    EditError
        Names what stands there.
    """
    refuse_on_buildings(outline, buildings, place)
    for row in sorted(walls.sindex.query(outline, predicate="intersects").tolist()):
        if passage(walls.geometry.iloc[row], outline) > 0:
            raise EditError(f"stands across the wall {walls.index[row]!r}; draw beside it or remove it first", place)


def refuse_on_buildings(outline: Polygon, buildings: gpd.GeoDataFrame, place: str) -> None:
    """Refuse what would lie on a building.

    Raises
    ------
    EditError
        Names the building.
    """
    for row in sorted(buildings.sindex.query(outline, predicate="intersects").tolist()):
        shared = shapely.intersection(outline, buildings.geometry.iloc[row]).area
        if shared > OVERLAP:
            raise EditError(
                f"covers {shared:.1f} m² of the building {buildings.index[row]!r}; draw beside it or remove it first",
                place,
            )


def refuse_point_on_buildings(point: Point, buildings: gpd.GeoDataFrame, place: str) -> None:
    """Refuse what would stand in a building.

    Raises
    ------
    EditError
        Names the building.
    """
    for row in sorted(buildings.sindex.query(point, predicate="within").tolist()):
        raise EditError(
            f"({point.x:g}, {point.y:g}) is inside the building {buildings.index[row]!r}; take a point beside it", place
        )


def refuse_on_dug_ground(outline: Polygon, situation: Situation, place: str) -> None:
    """Refuse a building on a swale, a rain garden or a basin, or on boreholes.

    Raises
    ------
    EditError
        Names what is dug there.
    """
    for work in situation.works.ground:
        shared = shapely.intersection(outline, work.shape).area if work.is_dug else 0.0
        if shared > OVERLAP:
            raise EditError(
                f"covers {shared:.1f} m² of the dug ground {work.id!r}; draw beside it or take that away first", place
            )
    refuse_on_boreholes(outline, situation, place)


def refuse_on_boreholes(outline: Polygon, situation: Situation, place: str) -> None:
    """Refuse what would lie on a field of boreholes.

    Raises
    ------
    EditError
        Names the field.
    """
    for one in situation.added_to("geothermal_fields"):
        shared = shapely.intersection(outline, one.geometry).area
        if shared > OVERLAP:
            raise EditError(
                f"covers {shared:.1f} m² of the geothermal field {one.id!r}; draw beside it or take that away first",
                place,
            )


def passage(line: BaseGeometry, building: BaseGeometry) -> float:
    """Longest part of a wall inside a building that is more than an end reaching in. [m]"""
    rim = shapely.buffer(shapely.boundary(building), 1e-3)
    ends = shapely.get_parts(shapely.boundary(line))
    found = 0.0
    for part in shapely.get_parts(shapely.intersection(line, building)):
        if part.length < 1e-6 or shapely.covers(rim, part):
            continue
        is_end = bool((shapely.distance(part, ends) < 1e-6).any())
        if not (is_end and part.length <= REACH):
            found = max(found, float(part.length))
    return found
