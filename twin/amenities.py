"""Amenities of the ten-minute city: what OSM knows of a place, as one of fifteen categories of daily life."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from kernels.quantities import Language
from twin.city import CRS, City, CityError
from twin.formats.features import Bounds, Feature, Tally, count, place_id, put, read_features

_TABLE = Path(__file__).parents[1] / "assets" / "amenity_categories.csv"

SOURCES = {
    "City geoportal 2024": "City of Brussels, geoportal of the ten-minute city, as told by BX1 in September 2024: ten "
    "minutes on foot, five and twenty for what the table names, "
    "https://bx1.be/categories/news/la-ville-de-bruxelles-ouvre-un-geoportail-detaille-des-services-disponibles-a-proximite-2/",
    "ten-minute city": "City of Brussels, municipal plan for sustainable development: every service within ten "
    "minutes on foot",
}
"""Works behind the short names of the table's source column."""

_CLOSED = frozenset({"private", "no"})
_GONE = frozenset({"vacant", "no", "disused"})


@dataclass(frozen=True)
class Category:
    """One of the fifteen.

    Attributes
    ----------
    key : str
    words : dict
        Name by language.
    minutes : float
        Within which the City wants it. [min]
    tags : tuple of (str, str)
        OSM keys and values; the value ``*`` stands for all that no other category names.
    source : str
        Of the time.
    """

    key: str
    words: dict[Language, str]
    minutes: float
    tags: tuple[tuple[str, str], ...]
    source: str


@cache
def categories() -> dict[str, Category]:
    """The fifteen categories of ``assets/amenity_categories.csv``, by key, in the order of the table."""
    with _TABLE.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: Category(
                row["key"],
                {"fr": row["fr"], "nl": row["nl"], "en": row["en"]},
                float(row["minutes"]),
                tuple((tag.partition("=")[0], tag.partition("=")[2]) for tag in row["tags"].split()),
                row["source"],
            )
            for row in csv.DictReader(file)
        }


@cache
def _by_tag() -> dict[tuple[str, str], str]:
    return {tag: one.key for one in reversed(categories().values()) for tag in one.tags}


@cache
def _by_value() -> dict[str, str]:
    return {value: key for (_, value), key in _by_tag().items() if value != "*"}


def category_of(tags: Mapping[str, str]) -> str | None:
    """The category of a place by its OSM tags, None for none; a named value goes before ``*``.

    Several values of a key are separated by semicolons.
    """
    known = _by_tag()
    pairs = [(key, one.strip()) for key, text in tags.items() for one in text.split(";")]
    # the order of the table decides where a place is two things, not that of its tags
    found = {known[pair] for pair in pairs if pair in known}
    if not found:
        found = {known[key, "*"] for key, value in pairs if (key, "*") in known and value not in _GONE}
    return next((key for key in categories() if key in found), None)


def category_of_value(value: str) -> str | None:
    """The category of the ``category`` of a City's amenities: one of the fifteen, or the value of a tag."""
    return value if value in categories() else _by_value().get(value)


def read_places(path: str | Path, *, bounds: Bounds | None = None, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """Read the places of the fifteen categories.

    Parameters
    ----------
    path : path
        GeoJSON (``.gz`` too) or ``.osm.pbf``. A feature that has a property ``category`` with one of the fifteen keys
        is taken by its word.
    bounds : tuple, optional
        West, south, east, north: places outside are left out. [m]
    tally : dict, optional
        Counts what was read, left out and not mapped.

    Returns
    -------
    GeoDataFrame
        Index ``id``; ``category``, ``name``, ``capacity`` (NaN where not known) [1]; points, and areas where the source
        has them: one enters a park at its edge.
    """
    keys = ("category", *dict.fromkeys(key for one in categories().values() for key, _ in one.tags))
    found = read_features(path, keys, tally)
    count(tally, "read", len(found))
    box = None if bounds is None else shapely.box(*bounds)
    rows: dict[str, tuple[Any, str, str, float]] = {}
    for one in found:
        category = _category(one)
        if category is None:
            count(tally, "of no category")
        elif one.tags.get("access") in _CLOSED:
            count(tally, "not open to all")
        elif one.geometry.is_empty or (box is not None and not box.intersects(one.geometry)):
            count(tally, "outside")
        elif one.tags.get("highway") == "pedestrian" and "Polygon" not in one.geometry.geom_type:
            count(tally, "a street, no place")
        else:
            point = one.geometry.representative_point()
            name = f"amenity_{one.id}" if one.id else place_id("amenity", point)
            put(rows, name, (_shape(one.geometry), category, one.tags.get("name", ""), _capacity(one.tags)))
    return _table(rows)


def places_of(city: City, tally: Tally | None = None) -> gpd.GeoDataFrame:
    """The places of a City's amenities, as `read_places` gives them."""
    rows: dict[str, tuple[Any, str, str, float]] = {}
    for name, shape, value, words in zip(
        city.amenities.index, city.amenities.geometry, city.amenities["category"], city.amenities["name"], strict=True
    ):
        category = category_of_value(value)
        if category is None:
            count(tally, "of no category")
        else:
            rows[name] = (shape, category, words, np.nan)
    return _table(rows)


def _category(one: Feature) -> str | None:
    said = one.tags.get("category")
    if said in categories():
        return said
    return category_of(one.tags)


def _shape(shape: Any) -> Any:
    """Points and areas as they are, a closed line as its area, other lines as a point on them."""
    if "Polygon" in shape.geom_type or shape.geom_type == "Point":
        return shape
    if shape.geom_type == "LineString" and shape.is_ring:
        return shapely.make_valid(shapely.Polygon(shape))
    return shape.representative_point()


def _capacity(tags: Mapping[str, str]) -> float:
    text = tags.get("capacity", "")
    return float(text) if text.isdigit() and 0 < int(text) < 100_000 else np.nan


def _table(rows: dict[str, tuple[Any, str, str, float]]) -> gpd.GeoDataFrame:
    shapes, kinds, names, capacities = zip(*rows.values(), strict=True) if rows else ((), (), (), ())
    found = gpd.GeoDataFrame(
        {
            "category": np.array(kinds, object),
            "name": np.array(names, object),
            "capacity": np.array(capacities, np.float64),
        },
        geometry=gpd.GeoSeries(list(shapes), crs=CRS).to_numpy(),
        crs=CRS,
    )
    found.index = pd.Index(list(rows), dtype=object, name="id")
    return found


def refuse_category(key: str) -> str:
    """The key itself if it is one of the fifteen.

    Raises
    ------
    CityError
    """
    if key not in categories():
        raise CityError(f"there is no category {key!r}; expected one of {', '.join(categories())}")
    return key
