"""3D Tiles 1.0 with batched models (b3dm): the published UrbIS tiles, back to buildings with their faces."""

import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from twin.city import GROUND, ROOF, WALL, CityError
from twin.formats.packed import members, read_bytes
from twin.formats.part import UNKNOWN, BuildingsPart, offsets
from twin.formats.polygons import Triangles, polygons_of
from twin.weld import unique_rows

_COLOURS = {(255, 255, 255): ROOF, (180, 255, 100): WALL, (239, 239, 239): GROUND}
"""Colours that UrbIS gives its faces; nothing else in the tiles says what a face is."""

_TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_WIDTH = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_PARENTS = ("gml_parent_id", "parent_id", "building_id", "buildingid")
_IDS = ("gml_id", "id", "name")


@dataclass(frozen=True, eq=False)
class _Tile:
    """Triangles of one tile in geocentric coordinates, with the building of each."""

    corners: np.ndarray  # (triangle, 3, 3)
    feature: np.ndarray  # (triangle,)
    kind: np.ndarray  # (triangle,)
    buildings: list[str]  # of each feature


def read(path: str | Path) -> BuildingsPart:
    """Read a tileset: its folder, its ``tileset.json``, one ``.b3dm``, or a tar or zip of it (``.gz``, ``.zst`` too).

    Features with one parent (``gml_parent_id``) are the faces of a building; a feature without a parent is one itself.
    Triangles of a face are joined to a polygon where they lie in a plane and have a simple outline.

    Returns
    -------
    BuildingsPart
        Geocentric WGS84 (EPSG:4978), heights therefore ellipsoidal.

    Raises
    ------
    CityError
        Not a tileset, damaged, without batch ids or without any b3dm.
    """
    path = Path(path)
    tiles: list[_Tile] = []
    transforms: dict[str, np.ndarray] = {}
    held: list[tuple[str, bytes]] = []
    for name, data in _files(path):
        if name.lower().endswith(".b3dm"):
            held.append((name, data))
        elif PurePosixPath(name).name.lower().endswith(".json") and b'"root"' in data:
            transforms |= _transforms(path, name, data)
    for name, data in sorted(held):
        try:
            tiles += _tile(name, data, transforms.get(str(PurePosixPath(name)), np.eye(4)))
        except (struct.error, KeyError, IndexError, ValueError, TypeError, UnicodeDecodeError) as error:
            raise CityError(
                f"{path}: {name} is not a b3dm this program can read ({error!r}); download it again"
            ) from error
    if not tiles:
        raise CityError(f"{path}: holds no b3dm with triangles; 3D Tiles 1.1 with glb contents cannot be imported")
    return _part(path, tiles)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.name.lower().endswith(".b3dm"):
        yield path.name, read_bytes(path)
    elif path.name.lower() == "tileset.json":
        yield from members(path.parent)
    else:
        yield from members(path)


def _transforms(path: Path, name: str, data: bytes) -> dict[str, np.ndarray]:
    """Transform of each content of a tileset, by the name of its file."""
    try:
        root = json.loads(data)["root"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise CityError(f"{path}: {name} is not a tileset ({error!r}); download it again") from error
    folder = PurePosixPath(name).parent
    found: dict[str, np.ndarray] = {}
    waiting = [(root, np.eye(4))]
    while waiting:
        tile, outer = waiting.pop()
        if not isinstance(tile, dict):
            continue
        matrix = outer
        if tile.get("transform") is not None:
            matrix = outer @ np.array(tile["transform"], float).reshape(4, 4).T
        content = tile.get("content")
        if isinstance(content, dict):
            found[str(folder / str(content.get("uri") or content.get("url")))] = matrix
        waiting += [(child, matrix) for child in tile.get("children") or []]
    return found


def _tile(name: str, data: bytes, transform: np.ndarray) -> list[_Tile]:
    magic, _, _, feature_json, feature_bin, batch_json, batch_bin = struct.unpack_from("<4s6I", data)
    if magic != b"b3dm":
        raise ValueError(f"starts with {magic!r}, expected b3dm")
    at = 28
    features = json.loads(data[at : at + feature_json] or b"{}")
    at += feature_json + feature_bin
    batch = json.loads(data[at : at + batch_json].strip() or b"{}")
    at += batch_json + batch_bin
    length = int(features.get("BATCH_LENGTH", 0))
    if not length:
        raise ValueError("has no batch, so its triangles belong to no building")
    gltf, binary = _glb(data[at:])
    centre = gltf.get("extensions", {}).get("CESIUM_RTC", {}).get("center") or features.get("RTC_CENTER") or (0, 0, 0)
    corners, feature, kind = [], [], []
    for node, matrix in _nodes(gltf):
        for primitive in gltf["meshes"][node["mesh"]]["primitives"]:
            if primitive.get("mode", 4) != 4:
                continue
            points = _accessor(gltf, binary, primitive["attributes"]["POSITION"]).astype(float)
            batch_ids = _accessor(gltf, binary, primitive["attributes"]["_BATCHID"]).astype(np.int64)
            indices = np.arange(len(points))
            if "indices" in primitive:
                indices = _accessor(gltf, binary, primitive["indices"]).astype(np.int64)
            points = points @ matrix[:3, :3].T + matrix[:3, 3]
            upright = np.column_stack([points[:, 0], -points[:, 2], points[:, 1]]) + np.array(centre, float)
            placed = upright @ transform[:3, :3].T + transform[:3, 3]
            triangles = indices.reshape(-1, 3)
            corners.append(placed[triangles])
            feature.append(batch_ids[triangles[:, 0]])
            kind.append(np.full(len(triangles), _kind(gltf, primitive)))
    if not corners:
        return []
    found = np.concatenate(feature)
    if found.min() < 0 or found.max() >= length:
        raise ValueError(f"names feature {found.max()} of {length}")
    return [_Tile(np.concatenate(corners), found, np.concatenate(kind), _parents(name, batch, length))]


def _glb(data: bytes) -> tuple[dict[str, Any], bytes]:
    magic, version, _ = struct.unpack_from("<4s2I", data)
    if magic != b"glTF" or version != 2:
        raise ValueError(f"holds glTF {version}, expected binary glTF 2")
    size, _ = struct.unpack_from("<2I", data, 12)
    gltf = json.loads(data[20 : 20 + size])
    if 20 + size + 8 > len(data):
        return gltf, b""
    length, _ = struct.unpack_from("<2I", data, 20 + size)
    start = 28 + size
    if start + length > len(data):
        raise ValueError("is cut short")
    return gltf, data[start : start + length]


def _nodes(gltf: dict[str, Any]) -> Iterator[tuple[dict[str, Any], np.ndarray]]:
    waiting = [(number, np.eye(4)) for number in gltf["scenes"][gltf.get("scene", 0)]["nodes"]]
    while waiting:
        number, outer = waiting.pop()
        node = gltf["nodes"][number]
        matrix = outer @ np.array(node.get("matrix", np.eye(4).ravel()), float).reshape(4, 4).T
        if "translation" in node:
            matrix = matrix.copy()
            matrix[:3, 3] += matrix[:3, :3] @ np.array(node["translation"], float)
        waiting += [(child, matrix) for child in node.get("children", [])]
        if "mesh" in node:
            yield node, matrix


def _accessor(gltf: dict[str, Any], binary: bytes, number: int) -> np.ndarray:
    accessor = gltf["accessors"][number]
    view = gltf["bufferViews"][accessor["bufferView"]]
    kind, width, count = np.dtype(_TYPES[accessor["componentType"]]), _WIDTH[accessor["type"]], accessor["count"]
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    stride = view.get("byteStride") or kind.itemsize * width
    if start + (count - 1) * stride + kind.itemsize * width > len(binary):
        raise ValueError("is cut short")
    array = np.ndarray((count, width), kind, binary, start, (stride, kind.itemsize))
    return array[:, 0] if width == 1 else array


def _kind(gltf: dict[str, Any], primitive: dict[str, Any]) -> int:
    material = gltf.get("materials", [{}])[primitive.get("material", 0)]
    colour = material.get("pbrMetallicRoughness", {}).get("baseColorFactor", (0, 0, 0, 1))
    return _COLOURS.get(tuple(round(255 * float(part)) for part in colour[:3]), UNKNOWN)  # type: ignore[arg-type]


def _parents(name: str, batch: dict[str, Any], length: int) -> list[str]:
    parents = next((batch[key] for key in _PARENTS if isinstance(batch.get(key), list)), [None] * length)
    own = next((batch[key] for key in _IDS if isinstance(batch.get(key), list)), [None] * length)
    stem = PurePosixPath(name).stem
    return [str(parents[i] or own[i] or f"{stem}_{i}") for i in range(length)]


def _part(path: Path, tiles: list[_Tile]) -> BuildingsPart:
    ids: dict[str, int] = {}
    building, feature, shift = [], [], 0
    for tile in tiles:
        rows = np.array([ids.setdefault(name, len(ids)) for name in tile.buildings], np.int64)
        building.append(rows[tile.feature])
        feature.append(tile.feature + shift)
        shift += len(tile.buildings)
    used, owner = np.unique(np.concatenate(building), return_inverse=True)
    names = list(ids)
    corners = np.concatenate([tile.corners for tile in tiles])
    kind = np.concatenate([tile.kind for tile in tiles])
    # a feature with faces of several kinds is several surfaces
    surface = np.unique(np.concatenate(feature) * 4 + kind + 1, return_inverse=True)[1].reshape(-1)
    order = np.lexsort((surface, owner.reshape(-1)))
    every = corners[order].reshape(-1, 3)
    first, number = unique_rows(every)
    points = every[first]
    found = polygons_of(
        Triangles(points, number.reshape(-1, 3), surface[order], owner.reshape(-1)[order], kind[order].astype(np.int8))
    )
    return BuildingsPart(
        path=str(path),
        crs="EPSG:4978",
        ids=[names[i] for i in used],
        attributes=[{"origin": names[i]} for i in used],
        vertices=points,
        ring_vertices=found.ring_vertices,
        ring_offsets=offsets(found.ring_sizes),
        surface_rings=offsets(found.surface_sizes),
        kind=found.kind,
        building=found.owner,
        objects=len(used),
        notes=[
            f"{len(tiles)} tiles, {len(corners):,} triangles joined to {len(found.kind):,} faces "
            f"({found.kept:,} faces kept as triangles)"
        ],
    )
