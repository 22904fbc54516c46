"""Trees as any source gives them, and the one way to fill in what the source does not say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from twin.allometry import (
    BASE_PER_HEIGHT,
    CROWN_PER_HEIGHT,
    TREE_HEIGHT,
    height_from_trunk,
    trunk_from_crown,
    trunk_from_height,
)
from twin.city import TREE_COLUMNS, as_table
from twin.formats.features import Bounds, Tally, count, place_id
from twin.tree_species import find_species

TALLEST, WIDEST, THICKEST = 60.0, 40.0, 4.0
"""Height, crown and trunk beyond which a figure is taken for a slip. [m]"""


@dataclass(frozen=True, eq=False)
class TreeRecord:
    """One tree of a source; None where the source does not say.

    Attributes
    ----------
    geometry : shapely Point
        Lambert 72. [m]
    source : str
        One word: osm, heritage, list.
    id : str
        Of the source, empty where it has none.
    species : str
    height, crown_diameter, crown_base, trunk_diameter : float or None
        [m]
    planted : float or None
        Year.
    """

    geometry: Any
    source: str
    id: str = ""
    species: str = ""
    height: float | None = None
    crown_diameter: float | None = None
    crown_base: float | None = None
    trunk_diameter: float | None = None
    planted: float | None = None


def as_trees(
    records: Iterable[TreeRecord], *, bounds: Bounds | None = None, tally: Tally | None = None
) -> gpd.GeoDataFrame:
    """The table of trees of a City, with what is not known assumed and named in the column ``assumed``.

    A height is taken from the trunk, else from the crown, else it is `TREE_HEIGHT` or the usual height of a smaller
    species; a crown is as wide for its height as is usual for the species; a trunk follows the height, else the crown.

    Parameters
    ----------
    records : iterable of TreeRecord
    bounds : tuple, optional
        West, south, east, north: trees outside are left out. [m]
    tally : dict, optional
        Counts what was left out and assumed.

    Returns
    -------
    GeoDataFrame
        Columns of ``TREE_COLUMNS``; ids keep to the place of the tree where the source has none.
    """
    rows: dict[str, tuple[Any, ...]] = {}
    outside = 0
    for one in records:
        if bounds is not None and not _inside(one.geometry, bounds):
            outside += 1
            continue
        name = f"tree_{one.id}" if one.id else place_id("tree", one.geometry)
        if name in rows:
            count(tally, "twice in the same place")
            continue
        rows[name] = (one.geometry, *_row(one, tally))
    count(tally, "outside", outside)
    columns = list(zip(*rows.values(), strict=True)) if rows else [()] * (1 + len(TREE_COLUMNS))
    return as_table(rows, columns[0], TREE_COLUMNS, **dict(zip(TREE_COLUMNS, columns[1:], strict=True)))


def _inside(point: Any, bounds: Bounds) -> bool:
    west, south, east, north = bounds
    return bool(west <= point.x < east and south <= point.y < north)


def _row(one: TreeRecord, tally: Tally | None) -> tuple[Any, ...]:
    """Values of one tree in the order of ``TREE_COLUMNS``."""
    species = find_species(one.species)
    known = species is not None and bool(species.family)
    slender = species.crown_diameter / species.height if species is not None and known else CROWN_PER_HEIGHT
    height, crown, trunk = one.height, one.crown_diameter, one.trunk_diameter
    if height is None:
        if trunk is not None:
            height = float(height_from_trunk(trunk))
        elif crown is not None:
            height = float(np.clip(crown / slender, 3.0, 30.0))
        else:
            height = min(TREE_HEIGHT, species.height) if species is not None and known else TREE_HEIGHT
    if crown is None:
        crown = float(np.clip(slender * height, 2.0, 20.0))
    if trunk is None:
        by_crown = one.height is None and one.crown_diameter is not None
        trunk = float(trunk_from_crown(height, crown) if by_crown else trunk_from_height(height))
    assumed = [
        name for name in ("height", "crown_diameter", "crown_base", "trunk_diameter") if getattr(one, name) is None
    ]
    for what in assumed:
        count(tally, f"assumed {what}")
    base = BASE_PER_HEIGHT * height if one.crown_base is None else min(one.crown_base, height)
    planted = float("nan") if one.planted is None else one.planted
    return height, crown, base, one.species, " ".join(assumed), trunk, planted, one.source


def metres(text: str | None, most: float) -> float | None:
    """A length as people write it ("12 m", "12,5", "30 ft", "85 cm"), or None where it is none or out of (0, most]."""
    match = re.fullmatch(r"\s*~?\s*(\d+(?:[.,]\d+)?)\s*(cm|m|metres?|meters?|ft|')?\s*", text or "")
    if match is None:
        return None
    scale = {"ft": 0.3048, "'": 0.3048, "cm": 0.01}.get(match[2] or "", 1.0)
    value = float(match[1].replace(",", ".")) * scale
    return value if 0 < value <= most else None


def year(text: str | None) -> float | None:
    """The year at the beginning of a date, or None where there is none from 1500 to 2100."""
    match = re.match(r"\s*(\d{4})(?!\d)", text or "")
    value = float(match[1]) if match else 0.0
    return value if 1500 <= value <= 2100 else None
