"""Items of the city as files: GeoJSON and CSV, read row by row and written whole."""

import csv
import io
import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pyproj import Transformer
from shapely.errors import ShapelyError
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from kernels.quantities import LANGUAGES
from twin.city import CRS, CityError
from twin.city_layers import FIELDS, NEEDED, Fault, Item, Items, Known, Row, checked
from twin.street_works import BRUSSELS

_PLACES = ("wkt", "longitude", "latitude")
_DIGITS = 7
"""Decimals of a degree in files, a centimetre. [1]"""


def read_items(path: Path, area: BaseGeometry | None = None, known: Known | None = None) -> Items:
    """Items of a file, ``.geojson``, ``.json`` or ``.csv``; see `parse`.

    Raises
    ------
    CityError
        The file cannot be read, or is none of these.
    """
    try:
        payload = path.read_bytes()
    except OSError as error:
        raise CityError(f"{path}: cannot be read ({error.strerror or error})") from error
    return parse(payload, path.suffix.lower(), area, known, name=path.name)


def parse(
    payload: bytes | str, suffix: str, area: BaseGeometry | None = None, known: Known | None = None, *,
    name: str = "city layer",
) -> Items:  # fmt: skip
    """Items of a text.

    Parameters
    ----------
    payload : bytes or str
        UTF-8.
    suffix : str
        ``.geojson``, ``.json`` or ``.csv``; for their fields see `twin.city_layers.FIELDS`.
    area : Polygon, optional
        The city, Lambert 72: places are cut to it. [m]
    known : Known, optional
        What items may name.
    name : str
        Told in errors.

    Returns
    -------
    Items
        A row that cannot be is a fault with its line and field, and costs itself alone.

    Raises
    ------
    CityError
        It is no such file at all, or lacks a column that is needed.
    """
    try:
        text = payload.decode("utf-8-sig") if isinstance(payload, bytes) else payload.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise CityError(f"{name}: is not UTF-8 at byte {error.start}; save it as UTF-8") from error
    if suffix == ".csv":
        return _csv(text, area, known, name)
    if suffix in (".geojson", ".json"):
        return checked(_features(text, name), area, known)
    raise CityError(f"{name}: items are read from .geojson or .csv, not {suffix!r}")


def _csv(text: str, area: BaseGeometry | None, known: Known | None, name: str) -> Items:
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        head = [one.strip() for one in next(reader, [])]
    except csv.Error as error:
        raise CityError(f"{name}, line 1: {error}") from error
    lacking = [one for one in NEEDED if one not in head]
    if "wkt" not in head and not {"longitude", "latitude"} <= set(head):
        lacking.append("longitude and latitude, or wkt")
    if lacking:
        raise CityError(f"{name}, line 1: has no column {', '.join(lacking)}; begins {text[:80]!r}")
    strange = [one for one in head if one not in FIELDS and one not in _PLACES]
    found = checked(_rows(reader, head, name), area, known)
    told = tuple(Fault(1, one, "is no field of items; left out") for one in strange)
    return Items(found.items, told + found.faults, found.outside, found.cut)


def _rows(reader: Any, head: list[str], name: str) -> Iterator[Row]:
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise CityError(f"{name}, line {line}: {error}") from error
        if cells is None:
            return
        if not any(cells):
            continue
        told = dict(zip(head, cells, strict=False))
        if len(cells) != len(head):
            yield line, told, None, f"row has {len(cells)} fields, the header {len(head)}; quote what holds a comma"
            continue
        place, why = _place_of(told)
        yield line, told, place, why


def _place_of(told: Mapping[str, str]) -> tuple[BaseGeometry | None, str]:
    if told.get("wkt"):
        try:
            return _plausible(shapely.from_wkt(told["wkt"]))
        except ShapelyError as error:
            return None, f"wkt cannot be read: {error}"
    try:
        return _plausible(shapely.Point(float(told.get("longitude", "")), float(told.get("latitude", ""))))
    except ValueError:
        return None, f"longitude and latitude are no numbers: {told.get('longitude')!r}, {told.get('latitude')!r}"


def _features(text: str, name: str) -> Iterator[Row]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CityError(f"{name}: is no JSON ({error}); begins {text[:80]!r}") from error
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise CityError(f"{name}: is no FeatureCollection of GeoJSON; begins {text[:80]!r}")
    system = str(document.get("crs") or "CRS84")
    if not any(one in system for one in ("CRS84", "4326")):
        raise CityError(f"{name}: GeoJSON is in WGS84 (RFC 7946), this is in {system[:80]}; convert it")
    for number, feature in enumerate(features, 1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
            yield number, {}, None, "is no feature with properties"
            continue
        told = feature["properties"]
        if told.get("id") is None and feature.get("id") is not None:
            told = told | {"id": feature["id"]}
        if not feature.get("geometry"):
            yield number, told, None, "is not there; every item has a place"
            continue
        try:
            place, why = _plausible(shape(feature["geometry"]))
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError, ShapelyError) as error:
            place, why = None, f"cannot be read: {error}"
        yield number, told, place, why


def _plausible(place: BaseGeometry) -> tuple[BaseGeometry | None, str]:
    """A place as it is, or why it is none in WGS84."""
    west, south, east, north = place.bounds if not place.is_empty else (0.0, 0.0, 0.0, 0.0)
    if not all(math.isfinite(one) for one in (west, south, east, north)):
        return None, "has coordinates that are no numbers"
    if west < -180 or east > 180 or south < -90 or north > 90:
        return None, f"is not in degrees: {east:g}, {north:g}; write WGS84, longitude first"
    if 49 <= west <= east <= 52 and 2 <= south <= north <= 7:
        return None, f"has latitude first: {east:g}, {north:g}; write longitude first"
    return shapely.force_2d(place), ""


def as_geojson(items: Iterable[Item]) -> dict[str, Any]:
    """Items as a FeatureCollection (RFC 7946)."""
    listed = list(items)
    places = _to_world([one.place for one in listed])
    features = [
        {"type": "Feature", "id": one.id, "geometry": mapping(place), "properties": _told(one)}
        for one, place in zip(listed, places, strict=True)
    ]
    return {"type": "FeatureCollection", "features": features}


def write_items(path: Path, items: Iterable[Item]) -> None:
    """Write items so that `read_items` reads them again, as ``.geojson`` or ``.csv``; the file is whole or not there.

    Raises
    ------
    CityError
        Another ending, or a place that cannot be written.
    """
    listed = list(items)
    if path.suffix == ".geojson":
        text = json.dumps(as_geojson(listed), ensure_ascii=False, allow_nan=False) + "\n"
    elif path.suffix == ".csv":
        text = _as_csv(listed)
    else:
        raise CityError(f"{path}: items are written as .geojson or .csv, not {path.suffix!r}")
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8", newline="")
        os.replace(fresh, path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise CityError(f"{path}: cannot be written ({error.strerror or error}); check space and rights") from error


def _as_csv(items: list[Item]) -> str:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, [*FIELDS, "wkt"], lineterminator="\n")
    table.writeheader()
    for one, place in zip(items, _to_world([each.place for each in items]), strict=True):
        told = {name: "" if value is None else value for name, value in _told(one).items()}
        table.writerow(
            told | {"demo": "1" if one.demo else "", "wkt": shapely.to_wkt(place, rounding_precision=_DIGITS)}
        )
    return text.getvalue()


def _told(one: Item) -> dict[str, Any]:
    """The fields of an item, in the order of the schema."""
    budget: float | None = None if math.isnan(one.budget) else one.budget
    told: dict[str, Any] = {
        "budget_eur": int(budget) if budget is not None and budget == int(budget) else budget,
        "starts": _moment(one.starts), "ends": _moment(one.ends),
    }  # fmt: skip
    told |= {f"title_{language}": one.title[language] for language in LANGUAGES}
    told |= {f"text_{language}": one.text.get(language, "") for language in LANGUAGES}
    return {name: told[name] if name in told else getattr(one, name) for name in FIELDS}


def _moment(time: int | None) -> str | None:
    if time is None:
        return None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time // 1000)).astimezone(BRUSSELS).isoformat()


def _to_world(shapes: list[BaseGeometry]) -> np.ndarray:
    found = np.empty(len(shapes), object)
    found[:] = [_oriented(one) for one in shapes]
    to = Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)

    def turned(xy: np.ndarray) -> np.ndarray:
        return np.round(np.column_stack(to.transform(xy[:, 0], xy[:, 1])), _DIGITS)

    return np.asarray(shapely.transform(found, turned), object)


def _oriented(place: BaseGeometry) -> BaseGeometry:
    """Areas with their outer ring counter-clockwise, as RFC 7946 wants it."""
    if place.geom_type == "Polygon":
        return shapely.geometry.polygon.orient(place)
    if place.geom_type == "MultiPolygon":
        return shapely.MultiPolygon([shapely.geometry.polygon.orient(one) for one in place.geoms])
    return place
