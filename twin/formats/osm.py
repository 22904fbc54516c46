"""OpenStreetMap and its like: trees, land cover, amenities and sectors from GeoJSON or ``.osm.pbf``.

Every reader takes WGS84 and gives tables of the City in Lambert 72. Keyword ``tally`` is an optional dict in which it
counts what it read, left out and assumed, under plain words, for the import report.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from twin.city import AMENITY_COLUMNS, SECTOR_COLUMNS, as_table
from twin.formats.features import Bounds, Feature, Tally, count, place_id, put, read_features
from twin.formats.tree_records import TALLEST, THICKEST, WIDEST, TreeRecord, as_trees, metres, year
from twin.tree_species import CONIFER


def read_trees(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Read single trees: OSM ``natural=tree``.

    Heights, crowns and girths may be text ("12 m", "12,5"); a girth above 12.5 is taken for centimetres. What is
    unknown is assumed, see `twin.formats.tree_records.as_trees`.

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
    found = [one for one in read_features(path, ("natural",), tally) if one.tags["natural"] == "tree"]
    count(tally, "read", len(found))
    points = [one for one in found if one.geometry.geom_type == "Point"]
    count(tally, "not a point", len(found) - len(points))
    return as_trees((_tree(one, tally) for one in points), bounds=bounds, tally=tally)


_NAMES = ("species", "taxon", "genus", "species:fr", "species:nl", "species:en", "genus:fr", "genus:nl", "genus:en")
"""Tags that may name the species, the most exact first."""


def _tree(one: Feature, tally: Tally | None) -> TreeRecord:
    tags = one.tags
    girth = metres(tags.get("circumference"), 100 * np.pi * THICKEST)
    if girth is not None and girth > np.pi * THICKEST:
        count(tally, "girth read as centimetres")
        girth /= 100.0
    species = next((tags[name] for name in _NAMES if tags.get(name)), "")
    return TreeRecord(
        one.geometry,
        "osm",
        one.id,
        species=species or (CONIFER if tags.get("leaf_type") == "needleleaved" else ""),
        height=metres(tags.get("height") or tags.get("est_height"), TALLEST),
        crown_diameter=metres(tags.get("diameter_crown"), WIDEST),
        trunk_diameter=None if girth is None else girth / np.pi,
        planted=year(tags.get("start_date")),
    )


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
