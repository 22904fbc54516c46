"""Any file of trees: OpenStreetMap, the register of remarkable trees, or a list of one's own."""

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd

from twin.formats import osm, remarkable_trees, tree_lists
from twin.formats.features import Bounds, Tally
from twin.formats.packed import read_json, shown_name


def read_trees(
    path: str | Path,
    *,
    bounds: Bounds | None = None,
    tally: Tally | None = None,
    columns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Read trees of any kind of file; which kind is told by its name and content.

    Parameters
    ----------
    path : path
        OSM GeoJSON or pbf, register of remarkable trees (JSON), CSV or GeoJSON list.
    bounds : tuple, optional
        West, south, east, north: trees outside are left out. [m]
    tally : dict, optional
    columns : mapping of str to str, optional
        Names of the columns of a list, see `twin.formats.tree_lists`; a file of another kind does not read it.

    Returns
    -------
    GeoDataFrame
        Columns of ``TREE_COLUMNS``.
    """
    name = shown_name(path)
    if name.endswith((".csv", ".txt", ".tsv")):
        return tree_lists.read_trees(path, bounds=bounds, tally=tally, columns=columns)
    if name.endswith((".pbf", ".osm")):
        return osm.read_trees(path, bounds=bounds, tally=tally)
    document = read_json(path)
    if remarkable_trees.is_register(document):
        return remarkable_trees.read_trees(path, bounds=bounds, tally=tally)
    features = document.get("features") if isinstance(document, dict) else None
    if isinstance(features, list) and not any(_is_map(one) for one in features):
        return tree_lists.read_trees(path, bounds=bounds, tally=tally, columns=columns)
    return osm.read_trees(path, bounds=bounds, tally=tally)


def _is_map(feature: object) -> bool:
    """Whether a feature speaks of OSM's natural things."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return isinstance(properties, dict) and "natural" in properties
