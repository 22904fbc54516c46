"""Things of a map with their tags, from GeoJSON or OpenStreetMap's ``.osm.pbf``, in Lambert 72."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import pyproj
import shapely

from twin.city import CRS, CityError
from twin.formats.packed import read_json, shown_name

Bounds = tuple[float, float, float, float]
Tally = dict[str, int]

_BELGIUM = (2.3, 49.4, 6.5, 51.6)
_TO_LAMBERT = pyproj.Transformer.from_crs("EPSG:4326", CRS, always_xy=True)


@dataclass(frozen=True, eq=False)
class Feature:
    """One thing of a map.

    Attributes
    ----------
    id : str
        Of the source, empty where it has none.
    tags : dict
    geometry : shapely geometry
        Lambert 72. [m]
    nodes : tuple of int
        OSM node of each corner of a line; empty where the source does not say.
    """

    id: str
    tags: dict[str, str]
    geometry: Any
    nodes: tuple[int, ...] = ()


def read_features(path: str | Path, keys: Iterable[str], tally: Tally | None = None) -> list[Feature]:
    """Read all features that carry at least one of the tags ``keys``.

    Parameters
    ----------
    path : path
        GeoJSON (``.gz`` too) or ``.osm.pbf``.
    keys : iterable of str
        OSM keys or GeoJSON property names; for pbf, points, lines and closed areas are told apart as OSM tools do.
    tally : dict, optional

    Raises
    ------
    CityError
        Neither format, cut short, not in degrees, or longitude and latitude swapped.
    """
    keys = tuple(keys)
    if shown_name(path).endswith((".pbf", ".osm")):
        found = list(_pbf(Path(path), keys, tally))
    else:
        found = list(_geojson(path, keys, tally))
    if not found:
        return []
    geometry = np.array([one.geometry for one in found], dtype=object)
    if not already_lambert(path, geometry):
        geometry = shapely.transform(geometry, to_lambert)
    return [Feature(one.id, one.tags, shape, one.nodes) for one, shape in zip(found, geometry, strict=True)]


def already_lambert(path: str | Path, geometry: np.ndarray) -> bool:
    """Whether shapes are in Lambert 72; else they are in degrees, longitude first.

    Raises
    ------
    CityError
        Neither, or longitude and latitude swapped.
    """
    west, south, east, north = shapely.total_bounds(geometry)
    if not np.isfinite([west, south, east, north]).all():
        raise CityError(f"{path}: has coordinates that are not finite numbers; repair the file")
    if west > 10_000 and south > 10_000 and east < 310_000 and north < 270_000:
        return True  # the span of Lambert 72 over Belgium, out of reach of degrees
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 180:
        raise CityError(f"{path}: ({west:g}, {south:g}) is neither in degrees nor in Lambert 72; convert the file")
    x, y = np.median(shapely.get_coordinates(geometry), axis=0)
    left, low, right, high = _BELGIUM
    if left < y < right and low < x < high:
        raise CityError(f"{path}: longitude and latitude are swapped ({x:g}, {y:g}); GeoJSON puts longitude first")
    return False


def _geojson(path: str | Path, keys: tuple[str, ...], tally: Tally | None) -> Iterator[Feature]:
    document = read_json(path)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise CityError(f"{path}: is no GeoJSON FeatureCollection (no list named features)")
    for number, one in enumerate(features):
        try:
            tags = {key: str(value) for key, value in (one["properties"] or {}).items() if value is not None}
            if not any(key in tags for key in keys):
                continue
            if one["geometry"] is None:
                count(tally, "without geometry")
                continue
            geometry = shapely.force_2d(shapely.geometry.shape(one["geometry"]))
            nodes = tuple(one["properties"].get("nodes") or ())
        except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
            raise CityError(f"{path}: feature {number} is not GeoJSON ({error!r}); repair or remove it") from error
        yield Feature(tags.get("osm_id") or str(one.get("id", "")), tags, geometry, nodes)


def _pbf(path: Path, keys: tuple[str, ...], tally: Tally | None) -> Iterator[Feature]:
    if not path.is_file():
        raise CityError(f"{path}: there is no such file")
    wkb = osmium.geom.WKBFactory()
    try:
        whole = osmium.FileProcessor(path).with_areas(osmium.filter.KeyFilter(*keys))
        one: Any
        for one in whole.with_filter(osmium.filter.KeyFilter(*keys)):
            tags = {tag.k: tag.v for tag in one.tags}
            if one.is_node() and one.location.valid():
                yield Feature(f"n{one.id}", tags, shapely.Point(one.location.lon, one.location.lat))
            elif one.is_way():
                places = [(node.ref, node.location) for node in one.nodes if node.location.valid()]
                if len(places) > 1:
                    line = shapely.LineString([(place.lon, place.lat) for _, place in places])
                    yield Feature(str(one.id), tags, line, tuple(ref for ref, _ in places))
            elif one.is_area():
                try:
                    shape = shapely.from_wkb(wkb.create_multipolygon(one))
                except RuntimeError:  # rings that cross or do not close; the file itself is sound
                    count(tally, "area without an outline")
                    continue
                whose = "w" if one.from_way() else "r"
                yield Feature(f"{whose}{one.orig_id()}", tags, shape)
    except RuntimeError as error:
        raise CityError(f"{path}: is damaged or no OSM file ({error}); download it again") from error


def to_lambert(points: np.ndarray) -> np.ndarray:
    """Longitude and latitude to Lambert 72.

    Parameters
    ----------
    points : (point, 2) float64
        WGS84. [degree]

    Returns
    -------
    (point, 2) float64
        Easting, northing; within about 4 cm without the national grid of PROJ. [m]
    """
    return np.column_stack(_TO_LAMBERT.transform(points[:, 0], points[:, 1]))


def count(tally: Tally | None, words: str, number: int = 1) -> None:
    """Add to a tally under plain words, where there is a tally."""
    if tally is not None and number:
        tally[words] = tally.get(words, 0) + number


def place_id(what: str, point: Any) -> str:
    """An id for a thing that has none, by its place to 10 cm: the same file gives the same ids."""
    return f"{what}_{round(point.x * 10)}_{round(point.y * 10)}"


def put(rows: dict[str, Any], name: str, row: Any) -> None:
    """Add a row under its id, or under the id with a number where it is taken."""
    fresh, number = name, 1
    while fresh in rows:
        number += 1
        fresh = f"{name}_{number}"
    rows[fresh] = row
