"""OpenStreetMap and its like: streets, trees, land cover, amenities and sectors from GeoJSON or ``.osm.pbf``.

Every reader takes WGS84 and gives tables of the City in Lambert 72. Keyword ``tally`` is an optional dict in which it
counts what it read, left out and assumed, under plain words, for the import report.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from twin.city import AMENITY_COLUMNS, SECTOR_COLUMNS, TREE_COLUMNS, CityError, as_table
from twin.formats.features import Bounds, Feature, Tally, count, place_id, put, read_features, to_lambert
from twin.formats.packed import read_json, shown_name
from twin.streets import street_graph

TREE_HEIGHT = 10.0
"""Assumed where unknown: the height most often given for the trees of central Brussels in OSM. [m]"""
CROWN_PER_HEIGHT = 0.5
"""Assumed crown diameter by height, held between 2 and 20 m. [1]"""
BASE_PER_HEIGHT = 0.25
"""Assumed height of the lowest leaves by height of the tree. [1]"""


def read_streets(
    path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Read the street graph of an OSM extract.

    Parameters
    ----------
    path : path
        GeoJSON (``.gz`` too) or ``.osm.pbf``, WGS84.
    bounds : tuple, optional
        West, south, east, north. Links that touch it are kept whole, so that every crossing keeps its arms. [m]
    tally : dict, optional
        Counts what was read, left out and assumed.

    Returns
    -------
    nodes, links : GeoDataFrame
        As `twin.streets.street_graph` makes them.
    """
    found = read_features(path, ("highway",), tally)
    return street_graph((one for one in found if "Line" in one.geometry.geom_type), bounds=bounds, tally=tally)


def read_trees(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Read single trees: OSM ``natural=tree``, or the register of remarkable trees (JSON with ``entries``).

    Heights and crowns may be text ("12 m", "12,5"). What is unknown is assumed (see `TREE_HEIGHT`,
    `CROWN_PER_HEIGHT`, `BASE_PER_HEIGHT`) and named in the column ``assumed``.

    Parameters
    ----------
    path : path
    bounds : tuple, optional
        West, south, east, north: trees outside are left out. [m]
    tally : dict, optional

    Returns
    -------
    GeoDataFrame
        Columns of ``TREE_COLUMNS``; ids keep to the place of the tree where the source has none.
    """
    document = None if shown_name(path).endswith((".pbf", ".osm")) else read_json(path)
    if isinstance(document, dict) and isinstance(document.get("entries"), list):
        found = list(_register(path, document["entries"]))
    else:
        found = [one for one in read_features(path, ("natural",), tally) if one.tags["natural"] == "tree"]
    count(tally, "read", len(found))
    points = [one for one in found if one.geometry.geom_type == "Point"]
    count(tally, "not a point", len(found) - len(points))
    trees: dict[str, tuple[Any, ...]] = {}
    for one in _inside(points, bounds, tally):
        name = f"tree_{one.id}" if one.id else place_id("tree", one.geometry)
        if name in trees:
            count(tally, "twice in the same place")
            continue
        trees[name] = (one.geometry, *_tree(one.tags, tally))
    columns = list(zip(*trees.values(), strict=True)) if trees else [()] * 6
    return as_table(trees, columns[0], TREE_COLUMNS, **dict(zip(TREE_COLUMNS, columns[1:], strict=True)))


def _register(path: str | Path, entries: list[Any]) -> Iterator[Feature]:
    for number, one in enumerate(entries):
        try:
            x, y = to_lambert(np.array([[float(one["longitude"]), float(one["latitude"])]]))[0]
            tags = {"species": str(one.get("species") or ""), "diameter_crown": str(one.get("crown_m") or "")}
            yield Feature(f"heritage_{one['register_id']}", tags, shapely.Point(x, y))
        except (KeyError, TypeError, ValueError) as error:
            raise CityError(f"{path}: entry {number} of the register is not a tree with a place ({error!r})") from error


def _tree(tags: dict[str, str], tally: Tally | None) -> tuple[float, float, float, str, str]:
    assumed = []
    height = _metres(tags.get("height") or tags.get("est_height"), 60.0)
    crown = _metres(tags.get("diameter_crown"), 40.0)
    if height is None:
        height = TREE_HEIGHT if crown is None else float(np.clip(crown / CROWN_PER_HEIGHT, 3.0, 30.0))
        assumed.append("height")
    if crown is None:
        crown = float(np.clip(CROWN_PER_HEIGHT * height, 2.0, 20.0))
        assumed.append("crown_diameter")
    assumed.append("crown_base")
    for what in assumed:
        count(tally, f"assumed {what}")
    species = tags.get("species") or tags.get("genus") or ""
    return height, crown, BASE_PER_HEIGHT * height, species, " ".join(assumed)


def read_amenities(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Read places people go to; ``category`` is the value of the first of amenity, shop, healthcare, leisure, tourism.

    Areas count at a point inside them; vacant shops are left out.
    """
    keys = ("amenity", "shop", "healthcare", "leisure", "tourism")
    rows: dict[str, tuple[Any, str, str]] = {}
    found = read_features(path, keys, tally)
    count(tally, "read", len(found))
    for one in _inside(found, bounds, tally):
        category = next(one.tags[key] for key in keys if key in one.tags)
        if category in ("vacant", "no") or one.geometry.is_empty:
            count(tally, "vacant")
            continue
        point = one.geometry.representative_point()
        name = f"amenity_{one.id}" if one.id else place_id("amenity", point)
        put(rows, name, (point, category, one.tags.get("name", "")))
    columns = list(zip(*rows.values(), strict=True)) if rows else [()] * 3
    return as_table(rows, columns[0], AMENITY_COLUMNS, category=columns[1], name=columns[2])


def read_sectors(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Read statistical sectors with their population (Statbel's field names; ``population*`` is the head count).

    Sectors that touch ``bounds`` are kept whole, since their population is that of the whole sector.
    """
    rows: dict[str, tuple[Any, str, str, float]] = {}
    found = read_features(path, ("cd_sector",), tally)
    count(tally, "read", len(found))
    box = None if bounds is None else shapely.box(*bounds)
    for one in found:
        shape = one.geometry
        if not shape.is_valid:
            shape = shapely.make_valid(shape)
            count(tally, "outline mended")
        if box is not None and not box.intersects(shape):
            count(tally, "outside")
            continue
        heads = next((value for key, value in one.tags.items() if key.lower().startswith("population")), None)
        if heads is None:
            count(tally, "without population")
        names = [one.tags.get(f"tx_sector_descr_{language}", "") for language in ("fr", "nl")]
        population = float("nan") if heads is None else float(heads)
        put(rows, one.tags["cd_sector"], (shape, names[0], names[1] or names[0], population))
    columns = list(zip(*rows.values(), strict=True)) if rows else [()] * 4
    return as_table(rows, columns[0], SECTOR_COLUMNS, name_fr=columns[1], name_nl=columns[2], population=columns[3])


def _metres(text: str | None, most: float) -> float | None:
    """A length as people write it, or None where it is none or out of (0, most]."""
    match = re.fullmatch(r"\s*~?\s*(\d+(?:[.,]\d+)?)\s*(m|metres?|meters?|ft|')?\s*", text or "")
    if match is None:
        return None
    value = float(match[1].replace(",", ".")) * (0.3048 if match[2] in ("ft", "'") else 1.0)
    return value if 0 < value <= most else None


def _inside(found: Iterable[Feature], bounds: Bounds | None, tally: Tally | None) -> list[Feature]:
    found = list(found)
    if bounds is None:
        return found
    west, south, east, north = bounds
    kept = []
    for one in found:
        point = one.geometry if one.geometry.geom_type == "Point" else one.geometry.representative_point()
        if west <= point.x < east and south <= point.y < north:
            kept.append(one)
    count(tally, "outside", len(found) - len(kept))
    return kept
