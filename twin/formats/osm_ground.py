"""Land cover from OpenStreetMap: water, green, squares and mapped surfaces as polygons of the ground."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import shapely

from twin.city import COVER_COLUMNS, as_table
from twin.formats.features import Bounds, Feature, Tally, count, place_id, put, read_features
from twin.streets import DEFAULTS, is_below

# what the ground is where nothing says its surface: key, value -> land cover
_GROUND: dict[tuple[str, str], str] = {
    ("natural", "water"): "water",
    ("natural", "wetland"): "water",
    ("waterway", "riverbank"): "water",
    ("waterway", "dock"): "water",
    ("landuse", "basin"): "water",
    ("landuse", "reservoir"): "water",
    ("leisure", "swimming_pool"): "water",
    ("natural", "grassland"): "lawn",
    ("landuse", "grass"): "lawn",
    ("landuse", "meadow"): "lawn",
    ("landuse", "village_green"): "lawn",
    ("landuse", "recreation_ground"): "lawn",
    ("landuse", "cemetery"): "lawn",
    ("landuse", "allotments"): "lawn",
    ("leisure", "park"): "lawn",
    ("leisure", "garden"): "lawn",
    ("leisure", "dog_park"): "lawn",
    ("leisure", "pitch"): "lawn",
    ("leisure", "playground"): "gravel",
    ("natural", "scrub"): "shrub",
    ("natural", "shrubbery"): "shrub",
    ("natural", "heath"): "shrub",
    ("natural", "wood"): "forest_floor",
    ("landuse", "forest"): "forest_floor",
    ("natural", "sand"): "bare_soil",
    ("natural", "bare_rock"): "gravel",
    ("landuse", "construction"): "bare_soil",
    ("landuse", "brownfield"): "bare_soil",
    ("landuse", "railway"): "rail_ballast",
    ("amenity", "parking"): "asphalt",
    ("place", "square"): "paving",
    ("highway", "pedestrian"): "paving",
    ("highway", "footway"): "paving",
    ("highway", "service"): "asphalt",
}
_SURFACE: dict[str, str] = {
    "asphalt": "asphalt",
    "concrete": "paving",
    "paved": "paving",
    "paving_stones": "paving",
    "sett": "cobblestone",
    "cobblestone": "cobblestone",
    "unhewn_cobblestone": "cobblestone",
    "grass_paver": "permeable_paving",
    "grass": "lawn",
    "gravel": "gravel",
    "fine_gravel": "gravel",
    "pebblestone": "gravel",
    "compacted": "gravel",
    "unpaved": "gravel",
    "ground": "bare_soil",
    "dirt": "bare_soil",
    "earth": "bare_soil",
    "sand": "bare_soil",
    "woodchips": "forest_floor",
}


def read_land_cover(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Read what the ground is made of: water, green, squares, and streets whose surface is mapped.

    The tag ``surface`` decides where it is known, else the kind of place. Streets with such a tag become strips of
    their width. Whatever lies in a tunnel or on another level is left out. Rows run from large to small, so that a pond
    lies on its park.

    Parameters
    ----------
    path : path
        GeoJSON (``.gz`` too) or ``.osm.pbf``, WGS84.
    bounds : tuple, optional
        West, south, east, north: what lies across is cut. [m]
    tally : dict, optional

    Returns
    -------
    GeoDataFrame
        Columns of ``COVER_COLUMNS``.
    """
    keys = tuple(dict.fromkeys(key for key, _ in _GROUND))
    found = read_features(path, keys, tally)
    count(tally, "read", len(found))
    box = None if bounds is None else shapely.box(*bounds)
    rows: dict[str, tuple[Any, str]] = {}
    for one in found:
        cover = _cover(one.tags)
        shape = None if cover is None else _ground_shape(one)
        if cover is None or shape is None:
            count(tally, "no ground")
            continue
        shape = _polygons(shape if box is None else shapely.intersection(shape, box))
        if shape.area < 1.0:
            count(tally, "outside or under 1 m2")
            continue
        point = shape.representative_point()
        put(rows, f"cover_{one.id}" if one.id else place_id("cover", point), (shape, cover))
    ordered = sorted(rows, key=lambda name: (-rows[name][0].area, name))
    return as_table(
        ordered, [rows[name][0] for name in ordered], COVER_COLUMNS, cover=[rows[name][1] for name in ordered]
    )


def _cover(tags: dict[str, str]) -> str | None:
    if is_below(tags) or tags.get("indoor", "no") != "no" or tags.get("level", "0") != "0":
        return None
    place = next((cover for (key, value), cover in _GROUND.items() if tags.get(key) == value), None)
    if place == "water" or (place is None and "highway" not in tags):
        return place
    return _SURFACE.get(tags.get("surface", ""), place)


def _ground_shape(one: Feature) -> Any | None:
    """The area of a place, or the strip of a street whose surface is mapped; None for a mere line or point."""
    if "Polygon" in one.geometry.geom_type:
        return shapely.make_valid(one.geometry)
    kind = one.tags.get("highway")
    if kind is None or "Line" not in one.geometry.geom_type:
        return None
    closed = shapely.get_num_geometries(one.geometry) == 1 and one.geometry.is_ring
    if closed and one.tags.get("area") == "yes":
        return shapely.make_valid(shapely.Polygon(one.geometry))
    if kind in DEFAULTS and one.tags.get("surface", "") in _SURFACE:
        lanes, width, _ = DEFAULTS[kind]
        return shapely.buffer(one.geometry, lanes * width / 2, quad_segs=2)
    return None


def _polygons(shape: Any) -> Any:
    """The areas of a shape, without the lines and points that cutting and mending leave."""
    if "Polygon" in shape.geom_type:
        return shape
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all([part for part in parts if part.geom_type == "Polygon"])
