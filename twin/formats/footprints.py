"""Plain footprints with a height (GeoJSON, GeoPackage, Shapefile): extruded to blocks, LoD 1."""

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import shapely

from twin.city import GROUND, ROOF, WALL, CityError
from twin.formats.packed import members, read_json, shown_name
from twin.formats.part import BuildingsPart, Face, PartBuilder, Refused, known_attributes

HEIGHTS = ("ridge_height", "height", "measuredheight", "building:height", "hauteur", "hoogte", "h_max", "height_m")
"""Names of the height above ground, in any case; the first that is there counts. [m]"""

GROUNDS = ("ground_z", "ground_height", "base_z", "z_min", "zmin", "ground", "base", "terrain_z")
"""Names of the height of the ground. [m TAW]"""

LEVELS = ("building:levels", "storeys", "storeysaboveground", "levels", "floors")
IDS = ("gml_id", "inspire_id", "id", "osm_id", "identifier", "fid")

STOREY = 3.2
"""Height of a storey where only their number is known; see `twin.roofs.STOREY`. [m]"""

MIN_AREA = 0.01
"""Smaller footprints are refused, in the square of the file's unit when that is metres. [m2]"""


def read(path: str | Path) -> BuildingsPart:
    """Read footprints and stand each up as a block.

    The height comes from the first of `HEIGHTS` that is there, or from the number of storeys; a footprint with neither
    is refused. Without a ground height (`GROUNDS`) the block stands at 0 and is flagged ``no_ground_height``.

    Raises
    ------
    CityError
        No polygon layer, a damaged file, or no footprint with a height.
    """
    if shown_name(path).endswith((".json", ".geojson")):
        return parse(path, read_json(path))
    with tempfile.TemporaryDirectory() as folder:
        local = unpacked(path, Path(folder))
        try:
            table = pyogrio.read_dataframe(local, layer=_polygon_layer(local))
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, RuntimeError) as error:
            raise CityError(f"{path}: cannot be read as vector data ({error}); download it again") from error
    crs = None if table.crs is None else table.crs.to_string()
    columns = [name for name in table.columns if name != table.geometry.name]
    records = table[columns].to_dict("records")
    return _part(str(path), crs, ((table.geometry.iloc[i], records[i], "") for i in range(len(table))))


def parse(path: str | Path, document: Any) -> BuildingsPart:
    """Read a GeoJSON value; longitude and latitude unless it states a CRS (the ``crs`` member of GeoJSON 2008)."""
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise CityError(f"{path}: is no GeoJSON FeatureCollection (no list named features)")
    named = ((document.get("crs") or {}).get("properties") or {}).get("name") if document.get("crs") else None
    return _part(str(path), str(named) if named else "EPSG:4326", _of_features(str(path), features))


def unpacked(path: str | Path, folder: Path) -> Path:
    """A file that OGR can open: the given one, or the contents of a zip in ``folder``."""
    path = Path(path)
    if path.is_dir() or path.suffix.lower() in (".shp", ".gpkg"):
        return path
    wanted: Path | None = None
    for name, data in members(path):
        target = folder / Path(name).name
        target.write_bytes(data)
        if target.suffix.lower() in (".gpkg", ".shp") and (wanted is None or "face" in name.lower()):
            wanted = target
    if wanted is None:
        raise CityError(f"{path}: holds neither a GeoPackage nor a Shapefile; name the right file")
    return wanted


def _polygon_layer(path: Path) -> str:
    layers = pyogrio.list_layers(path)
    names = [str(name) for name, kind in layers if kind and "Polygon" in str(kind)]
    if not names:
        raise CityError(f"{path.name}: has no layer of polygons, only {[str(name) for name, _ in layers]}")
    return next((name for name in names if "build" in name.lower() or "footprint" in name.lower()), names[0])


def _of_features(path: str, features: list[Any]) -> Iterable[tuple[Any, Mapping[str, Any], str]]:
    for number, one in enumerate(features):
        try:
            shape = shapely.geometry.shape(one["geometry"]) if one.get("geometry") else None
            properties = dict(one.get("properties") or {})
        except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
            raise CityError(f"{path}: feature {number} is not GeoJSON ({error}); repair or remove it") from error
        yield shape, properties, "" if one.get("id") is None else str(one["id"])


def _part(path: str, crs: str | None, rows: Iterable[tuple[Any, Mapping[str, Any], str]]) -> BuildingsPart:
    builder = PartBuilder()
    refused: list[Refused] = []
    flags: dict[str, list[str]] = {}
    skipped: dict[str, int] = {}
    seen: set[str] = set()
    objects = 0
    for number, (shape, properties, given) in enumerate(rows):
        lower = {str(key).lower(): value for key, value in properties.items()}
        kind = "None" if shape is None else shape.geom_type
        if "Polygon" not in kind:
            skipped[kind] = skipped.get(kind, 0) + 1
            continue
        objects += 1
        name = given or next(
            (str(lower[key]) for key in IDS if lower.get(key) not in (None, "")), f"footprint_{number}"
        )
        if name in seen:
            name = f"{name}_{number}"
        seen.add(name)
        height, ground = _height(lower), _number(lower, GROUNDS)
        if not np.isfinite(shapely.get_coordinates(shape)).all():
            refused.append(Refused(name, "a corner is not a finite number"))
            continue
        if height is None:
            refused.append(Refused(name, f"has no height above 0 (looked for {', '.join(HEIGHTS[:3])}, {LEVELS[0]})"))
            continue
        if not shape.is_valid:
            flags.setdefault(name, []).append("footprint_repaired")
            shape = shapely.make_valid(shape)
        polygons = [one for one in _polygons(shape) if one.area > 0]
        if not polygons:
            refused.append(Refused(name, "its footprint has no area"))
            continue
        if ground is None:
            flags.setdefault(name, []).append("no_ground_height")
        faces = [face for one in polygons for face in _block(one, ground or 0.0, height)]
        builder.add(name, faces, known_attributes(properties) | {"origin": name})
    if not builder.ids:
        first = f"; {refused[0].id}: {refused[0].reason}" if refused else ""
        raise CityError(f"{path}: none of {objects} footprints can be stood up{first}; add a column height in metres")
    return builder.finish(
        path,
        crs,
        objects=objects,
        refused=refused,
        skipped=skipped,
        flags=flags,
        notes=["footprints extruded to blocks (LoD 1)"],
    )


def _polygons(shape: Any) -> list[Any]:
    return [one for one in shapely.get_parts(shapely.get_parts(shape)) if one.geom_type == "Polygon"]


def _height(lower: Mapping[str, Any]) -> float | None:
    height = _number(lower, HEIGHTS)
    if height is None:
        levels = _number(lower, LEVELS)
        height = None if levels is None else levels * STOREY
    return height if height is not None and 0 < height < 1000 else None


def _number(values: Mapping[str, Any], names: tuple[str, ...]) -> float | None:
    for name in names:
        text = values.get(name)
        if text is None or text == "":
            continue
        try:
            found = float(str(text).lower().removesuffix("m").replace(",", ".").strip())
        except ValueError:
            continue
        if np.isfinite(found):
            return found
    return None


def _block(polygon: Any, ground: float, height: float) -> list[Face]:
    polygon = shapely.geometry.polygon.orient(shapely.force_2d(polygon))
    rings = [shapely.get_coordinates(ring)[:-1].tolist() for ring in (polygon.exterior, *polygon.interiors)]
    top = ground + height
    faces: list[Face] = [
        (GROUND, [[(x, y, ground) for x, y in reversed(ring)] for ring in rings]),
        (ROOF, [[(x, y, top) for x, y in ring] for ring in rings]),
    ]
    for ring in rings:
        for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
            faces.append((WALL, [[(ax, ay, ground), (bx, by, ground), (bx, by, top), (ax, ay, top)]]))
    return faces


def table_of(path: Path, layer: str) -> gpd.GeoDataFrame:
    """One layer of a vector file, columns in lower case."""
    table = pyogrio.read_dataframe(path, layer=layer)
    return table.rename(columns={name: name.lower() for name in table.columns if name != table.geometry.name})
