"""Lists of trees as a municipality keeps them, CSV or GeoJSON: columns found by their names in three languages."""

import csv
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from twin.city import CityError
from twin.formats.features import Bounds, Tally, already_lambert, count, read_features, to_lambert
from twin.formats.packed import read_bytes, read_json
from twin.formats.tree_records import TALLEST, THICKEST, WIDEST, TreeRecord, as_trees, metres, year

COLUMNS: dict[str, tuple[str, ...]] = {
    "x": ("x", "easting", "xlambert", "lambertx", "coordx", "longitude", "lon", "lng"),
    "y": ("y", "northing", "ylambert", "lamberty", "coordy", "latitude", "lat"),
    "place": ("geopoint2d", "geopoint", "coordinates", "coordonnees", "latlon"),
    "id": ("id", "treeid", "ref", "objectid", "gid", "numero", "nummer", "arbreid", "boomid"),
    "species": ("species", "scientificname", "nomscientifique", "wetenschappelijkenaam", "latin", "nomlatin", "taxon",
                "essence", "espece", "boomsoort", "soort", "genus", "genre", "name", "nom", "naam"),
    "height": ("height", "hauteur", "hoogte", "boomhoogte"),
    "crown_diameter": ("crowndiameter", "crown", "diametrecouronne", "couronne", "kroondiameter", "kroon"),
    "crown_base": ("crownbase", "basecouronne", "takvrijehoogte"),
    "girth": ("girth", "circumference", "circonference", "stamomtrek", "omtrek"),
    "trunk_diameter": ("trunkdiameter", "dbh", "diametretronc", "stamdiameter"),
    "planted": ("planted", "plantingyear", "yearplanted", "anneeplantation", "dateplantation", "plantjaar"),
}  # fmt: skip
"""What a tree may have, and the column names it is known by: without accents, signs, capitals and unit."""

_MOST = {
    "height": TALLEST,
    "crown_diameter": WIDEST,
    "crown_base": TALLEST,
    "girth": np.pi * THICKEST,
    "trunk_diameter": THICKEST,
}
_UNITS = {"mm": 0.001, "cm": 0.01, "m": 1.0}


def read_trees(
    path: str | Path,
    *,
    bounds: Bounds | None = None,
    tally: Tally | None = None,
    columns: Mapping[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Read a list of trees.

    A unit at the end of a column's name counts ("girth_cm", "hauteur (m)"); without one, a girth or trunk is in
    centimetres where most of the column is too much for metres.

    Parameters
    ----------
    path : path
        CSV (comma, semicolon or tab; ``.gz`` too) with coordinates in Lambert 72 or degrees, or GeoJSON of points.
    bounds : tuple, optional
        West, south, east, north: trees outside are left out. [m]
    tally : dict, optional
    columns : mapping of str to str, optional
        Key of `COLUMNS` to the name of the column, where it is not found by itself.

    Returns
    -------
    GeoDataFrame
        Columns of ``TREE_COLUMNS``.

    Raises
    ------
    CityError
        A column that was asked for is missing, there is no place, or the file is neither.
    """
    raw = read_bytes(path)
    places, rows, names = _geojson(path, tally) if raw.lstrip()[:1] == b"{" else _csv(path, raw)
    found = _mapping(path, names, columns or {})
    if places is None:
        places = _places(path, rows, found)
    scales = {what: _scale(what, found[what], rows, tally) for what in _MOST if what in found}
    records = []
    count(tally, "read", len(rows))
    for place, row in zip(places, rows, strict=True):
        if place is None:
            count(tally, "without a place")
            continue
        records.append(_record(place, row, found, scales, tally))
    return as_trees(records, bounds=bounds, tally=tally)


def _record(
    place: Any, row: dict[str, str], found: dict[str, str], scales: dict[str, float], tally: Tally | None
) -> TreeRecord:
    sizes: dict[str, float | None] = {}
    for what, scale in scales.items():
        text = row.get(found[what], "")
        value = metres(text, _MOST[what] / scale)
        sizes[what] = None if value is None else value * scale
        if text.strip() not in ("", "0") and value is None:
            count(tally, f"{what} not understood")
    girth = sizes.pop("girth", None)
    if girth is not None:
        sizes["trunk_diameter"] = girth / np.pi
    name = row.get(found["id"], "").strip() if "id" in found else ""
    species = row.get(found["species"], "").strip() if "species" in found else ""
    planted = year(row.get(found["planted"])) if "planted" in found else None
    return TreeRecord(place, "list", f"list_{name}" if name else "", species=species, planted=planted, **sizes)


def _bare(name: str) -> tuple[str, str]:
    """A column's name without accents and signs, and the unit at its end."""
    folded = re.sub(r"[éèêë]", "e", re.sub(r"[àâ]", "a", name.lower()))
    words = re.findall(r"[a-z0-9]+", folded)
    unit = words.pop() if len(words) > 1 and words[-1] in _UNITS else ""
    return "".join(words), unit


def _mapping(path: str | Path, names: list[str], asked: Mapping[str, str]) -> dict[str, str]:
    strange = sorted(set(asked) - set(COLUMNS))
    if strange:
        raise CityError(f"a tree has no {strange[0]!r}; name one of {', '.join(COLUMNS)}")
    missing = next((name for name in asked.values() if name not in names), None)
    if missing is not None:
        raise CityError(f"{path}: has no column {missing!r}, only {', '.join(names)}")
    bare: dict[str, str] = {}
    for name in names:
        bare.setdefault(_bare(name)[0], name)
    known = {
        what: next(bare[alias] for alias in aliases if alias in bare)
        for what, aliases in COLUMNS.items()
        if any(alias in bare for alias in aliases)
    }
    return known | dict(asked)


def _scale(what: str, column: str, rows: list[dict[str, str]], tally: Tally | None) -> float:
    """Metres in a unit of the column."""
    unit = _bare(column)[1]
    if unit:
        return _UNITS[unit]
    values = [value for row in rows if (value := metres(row.get(column), 1e6)) is not None]
    if what in ("girth", "trunk_diameter") and values and float(np.median(values)) > _MOST[what]:
        count(tally, f"{what} read as centimetres", len(values))
        return 0.01
    return 1.0


def _csv(path: str | Path, raw: bytes) -> tuple[None, list[dict[str, str]], list[str]]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    head = text.split("\n", 1)[0]
    sign = max(";\t,", key=head.count)
    reader = csv.DictReader(StringIO(text, newline=""), delimiter=sign)
    try:
        rows = [{key: value or "" for key, value in row.items() if key is not None} for row in reader]
    except csv.Error as error:
        raise CityError(f"{path}: is not CSV ({error}); save it as CSV with one header line") from error
    if not rows or not reader.fieldnames:
        raise CityError(f"{path}: has no tree; save it as CSV with one header line and a line for each tree")
    return None, rows, list(reader.fieldnames)


def _geojson(path: str | Path, tally: Tally | None) -> tuple[list[Any], list[dict[str, str]], list[str]]:
    document = read_json(path)
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise CityError(f"{path}: is no GeoJSON FeatureCollection (no list named features)")
    properties = (one.get("properties") for one in features if isinstance(one, dict))
    names = list(dict.fromkeys(name for one in properties if isinstance(one, dict) for name in one))
    found = read_features(path, names, tally)
    points = [one for one in found if one.geometry.geom_type == "Point"]
    count(tally, "not a point", len(found) - len(points))
    return [one.geometry for one in points], [one.tags for one in points], names


def _places(path: str | Path, rows: list[dict[str, str]], found: dict[str, str]) -> list[Any]:
    if "x" in found and "y" in found:
        pairs = [(row.get(found["x"], ""), row.get(found["y"], "")) for row in rows]
    elif "place" in found:  # open data portals write latitude first
        pairs = [_swapped(row.get(found["place"], "")) for row in rows]
    else:
        raise CityError(
            f"{path}: has no columns for the place among {', '.join(rows[0])}; name them, such as x=X_L72,y=Y_L72"
        )
    points = np.array([_numbers(pair) for pair in pairs], np.float64)
    known = np.asarray(np.isfinite(points).all(axis=1))
    if not known.any():
        raise CityError(f"{path}: no tree has a place; x and y must be numbers in Lambert 72 or degrees")
    if not already_lambert(path, shapely.points(points[known])):
        points[known] = to_lambert(points[known])
    shapes = shapely.points(points)
    return [shape if good else None for shape, good in zip(shapes, known, strict=True)]


def _swapped(text: str) -> tuple[str, str]:
    numbers = re.findall(r"-?\d+(?:\.\d+)?", text)
    return (numbers[1], numbers[0]) if len(numbers) == 2 else ("", "")


def _numbers(pair: Iterable[str]) -> list[float]:
    found = []
    for text in pair:
        try:
            found.append(float(text.strip().replace(",", ".")))
        except ValueError:
            found.append(float("nan"))
    return found
