"""CityJSON 1.0, 1.1 and 2.0: buildings in, the city out."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from twin.city import GROUND, ROOF, WALL, City, CityError
from twin.formats.packed import read_json, write_bytes
from twin.formats.part import UNKNOWN, BuildingsPart, Face, PartBuilder, Refused, known_attributes

KIND_OF_TYPE = {
    "RoofSurface": ROOF,
    "OuterFloorSurface": ROOF,
    "GroundSurface": GROUND,
    "WallSurface": WALL,
    "ClosureSurface": WALL,
    "OuterCeilingSurface": WALL,
}
"""CityGML surface types; an underside (OuterCeiling) is an outer face that is neither roof nor ground."""

_TYPE_OF_KIND = {GROUND: "GroundSurface", WALL: "WallSurface", ROOF: "RoofSurface"}


def read(path: str | Path) -> BuildingsPart:
    """Read the buildings of a CityJSON file, ``.gz``, ``.zst`` and ``.zip`` too.

    Parts of a building are merged into it. Of several levels of detail the highest is taken, LoD 0 never.

    Raises
    ------
    CityError
        The file is no CityJSON, or of a version this reader does not know, or holds no building.
    """
    return parse(path, read_json(path))


def parse(path: str | Path, document: Any) -> BuildingsPart:
    """Read the buildings of a CityJSON value; see `read`."""
    _check_head(str(path), document)
    objects: Mapping[str, Any] = document["CityObjects"]
    vertices = _vertices(str(path), document)
    families, skipped = _families(objects)
    builder = PartBuilder()
    refused: list[Refused] = []
    levels: Counter[str] = Counter()
    for name, members in families.items():
        faces: list[Face] = []
        try:
            for member in members:
                level, geometries = _best(objects[member].get("geometry") or [])
                levels[level] += bool(geometries)
                for geometry in geometries:
                    faces.extend(_faces(geometry, len(vertices)))
        except (TypeError, KeyError, IndexError, ValueError, AttributeError) as error:
            refused.append(Refused(name, f"its geometry is not CityJSON ({type(error).__name__}: {error})"))
            continue
        if not faces:
            refused.append(Refused(name, "has no surface above LoD 0"))
            continue
        attributes = known_attributes(_mapping(objects[name].get("attributes")))
        builder.add(name, faces, attributes | {"origin": name})
    if not families:
        raise CityError(f"{path}: holds {len(objects)} objects and none is a Building; is it the right layer?")
    metadata = _mapping(document.get("metadata"))
    return builder.finish(
        str(path),
        _crs(metadata.get("referenceSystem")),
        vertices,
        objects=len(families),
        refused=refused,
        skipped=dict(skipped),
        notes=[f"levels of detail taken: {', '.join(f'{k} ({n})' for k, n in sorted(levels.items()) if k)}"],
        title=str(metadata.get("title") or ""),
        licence=str(metadata.get("license") or metadata.get("licence") or ""),
        vintage=str(metadata.get("referenceDate") or ""),
    )


def _check_head(path: str, document: Any) -> None:
    if not isinstance(document, dict) or document.get("type") != "CityJSON":
        found = document.get("type") if isinstance(document, dict) else type(document).__name__
        raise CityError(f'{path}: expected {{"type": "CityJSON", …}}, got {found!r}; is it the file you meant?')
    version = str(document.get("version"))
    if not re.fullmatch(r"(1\.[01]|2\.0)(\.\d+)?", version):
        raise CityError(f"{path}: is CityJSON {version}, this program reads 1.0 to 2.0; convert it with cjio upgrade")
    if not isinstance(document.get("CityObjects"), dict) or not isinstance(document.get("vertices"), list):
        raise CityError(f"{path}: lacks CityObjects or vertices; the file is not complete CityJSON")


def _vertices(path: str, document: Mapping[str, Any]) -> np.ndarray:
    try:
        vertices = np.array(document["vertices"], float)
        if vertices.size == 0 or vertices.ndim != 2 or vertices.shape[1] != 3:
            raise ValueError(f"shape {vertices.shape}")
        transform = document.get("transform")
        if transform is not None:
            vertices = vertices * np.array(transform["scale"], float) + np.array(transform["translate"], float)
    except (TypeError, ValueError, KeyError) as error:
        raise CityError(f"{path}: its vertices or its transform are not rows of three numbers ({error})") from error
    return vertices


def _families(objects: Mapping[str, Any]) -> tuple[dict[str, list[str]], Counter[str]]:
    """Buildings, each with itself and its parts; and all other objects counted by type."""
    families: dict[str, list[str]] = {}
    skipped: Counter[str] = Counter()
    parts = []
    for name, one in objects.items():
        kind = one.get("type") if isinstance(one, dict) else None
        if kind == "Building":
            families[name] = [name]
        elif kind == "BuildingPart":
            parts.append(name)
        else:
            skipped[str(kind)] += 1
    for name in parts:
        families.setdefault(_root(objects, name), []).append(name)
    return {root: members for root, members in families.items() if root in objects}, skipped


def _root(objects: Mapping[str, Any], name: str) -> str:
    seen = {name}
    while True:
        parents = objects[name].get("parents") or []
        if not parents or parents[0] not in objects or parents[0] in seen:
            return name
        name = parents[0]
        seen.add(name)


def _best(geometries: list[Mapping[str, Any]]) -> tuple[str, list[Mapping[str, Any]]]:
    usable = [one for one in geometries if one.get("type") in _DEPTH and float(one.get("lod") or 1) >= 1]
    if not usable:
        return "", []
    level = max(float(one.get("lod") or 1) for one in usable)
    best = [one for one in usable if float(one.get("lod") or 1) == level]
    solids = [one for one in best if one["type"].endswith("Solid")]
    return f"{level:g}", (solids or best)[:1] if solids else best


_DEPTH = {"MultiSurface": 0, "CompositeSurface": 0, "Solid": 1, "MultiSolid": 2, "CompositeSolid": 2}
"""How many lists lie around the list of faces."""


def _faces(geometry: Mapping[str, Any], vertex_count: int) -> Iterator[Face]:
    semantics = geometry.get("semantics") or {}
    kinds = [KIND_OF_TYPE.get(one.get("type"), UNKNOWN) for one in semantics.get("surfaces") or []]
    groups = [(geometry["boundaries"], semantics.get("values"))]
    for _ in range(_DEPTH[geometry["type"]]):
        groups = [
            (inner, values[i] if values is not None else None)
            for group, values in groups
            for i, inner in enumerate(group)
        ]
    for faces, values in groups:
        for i, rings in enumerate(faces):
            for ring in rings:
                if ring and (max(ring) >= vertex_count or min(ring) < 0):
                    raise IndexError(f"a ring names vertex {max(ring)} of {vertex_count}")
            number = values[i] if values is not None else None
            yield (UNKNOWN if number is None else kinds[number]), rings


def _crs(text: Any) -> str | None:
    if not text:
        return None
    found = re.search(r"(\d{4,6})\s*$", str(text))
    return f"EPSG:{found.group(1)}" if found else str(text)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def write(city: City, path: str | Path) -> None:
    """Write the buildings as CityJSON 2.0: one MultiSurface each, semantic surfaces, millimetres, EPSG:6190.

    Closed shells are written as Solid. What the city knows of a building travels as attributes.

    Parameters
    ----------
    city : City
    path : path
        Packed with gzip where it ends in ``.gz``.
    """
    document = to_document(city)
    data = json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    write_bytes(path, data)


def to_document(city: City) -> dict[str, Any]:
    """The city as a CityJSON 2.0 value, ready for ``json.dumps``."""
    faces = city.surfaces
    origin = np.floor(np.array([city.bounds[0], city.bounds[1], 0.0]))
    steps = np.rint((faces.vertices - origin) * 1000).astype(int)
    corners = faces.ring_vertices.tolist()
    ring_offsets, surface_rings = faces.ring_offsets.tolist(), faces.surface_rings.tolist()
    boundaries: list[list[Any]] = [[] for _ in range(len(city.buildings))]
    values: list[list[int]] = [[] for _ in range(len(city.buildings))]
    for s, (row, kind) in enumerate(zip(faces.building.tolist(), faces.kind.tolist(), strict=True)):
        rings = range(surface_rings[s], surface_rings[s + 1])
        boundaries[row].append([corners[ring_offsets[r] : ring_offsets[r + 1]] for r in rings])
        values[row].append(kind)
    kinds = [{"type": _TYPE_OF_KIND[kind]} for kind in (GROUND, WALL, ROOF)]
    objects = {}
    columns = [name for name in city.buildings.columns if name != city.buildings.geometry.name]
    table = city.buildings[columns].to_dict("records")
    for row, (name, record) in enumerate(zip(city.buildings.index, table, strict=True)):
        closed = record["volume"] == record["volume"]
        geometry = {
            "type": "Solid" if closed else "MultiSurface",
            "lod": "2",
            "boundaries": [boundaries[row]] if closed else boundaries[row],
            "semantics": {"surfaces": kinds, "values": [values[row]] if closed else values[row]},
        }
        attributes = {
            _ATTRIBUTES.get(k, k): int(v) if k == "year" else v for k, v in record.items() if v == v and v != ""
        }
        objects[str(name)] = {"type": "Building", "attributes": attributes, "geometry": [geometry]}
    low, high = (faces.vertices.min(axis=0), faces.vertices.max(axis=0)) if len(faces.vertices) else (origin, origin)
    title = f"{city.name} (demo data, not the cadastre)" if city.demo else city.name
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [0.001] * 3, "translate": origin.tolist()},
        "metadata": {
            "title": title,
            "referenceSystem": "https://www.opengis.net/def/crs/EPSG/0/6190",
            "geographicalExtent": [*low.round(3).tolist(), *high.round(3).tolist()],
        },
        "CityObjects": objects,
        "vertices": steps.tolist(),
    }


_ATTRIBUTES = {"storeys": "storeysAboveGround", "use": "function", "year": "yearOfConstruction"}
"""Names of the city's columns in the CityGML attribute table."""
