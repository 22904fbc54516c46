"""Building meshes as binary glTF 2.0: quantised, with feature ids and a property table."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

ARRAY_BUFFER, ELEMENT_BUFFER = 34962, 34963
BYTE, UNSIGNED_BYTE, UNSIGNED_SHORT, UNSIGNED_INT = 5120, 5121, 5123, 5125

PROPERTIES: dict[str, tuple[str, str]] = {
    "id": ("STRING", ""),
    "row": ("UINT32", "row of the building in the city's table, for colour look-up"),
    "ridge_height": ("FLOAT32", "highest roof point above the building's ground [m]"),
    "ground_z": ("FLOAT32", "lowest ground of the building, height TAW [m]"),
    "roof_area": ("FLOAT32", "roof area [m2]"),
    "volume": ("FLOAT32", "volume, -1 where the shell is open [m3]"),
    "storeys": ("UINT16", "storeys above ground"),
    "use": ("STRING", ""),
    "name": ("STRING", ""),
    "quality": ("STRING", "flags of the import, space separated"),
}
"""Name -> (component type or STRING, words) of the property table's columns."""

_NUMBERS = {"UINT32": "<u4", "UINT16": "<u2", "FLOAT32": "<f4"}

BYTES_PER_VERTEX = 24
BYTES_PER_TRIANGLE = 6
BYTES_PER_FEATURE = 50
BYTES_OF_HEADER = 4_200


@dataclass(frozen=True)
class Mesh:
    """Triangles of one tile, in a right-handed frame with z up.

    Attributes
    ----------
    position : (vertex, 3) float64
        East, north, up. [m]
    normal : (vertex, 3) float64
        Unit vectors, one per flat face.
    triangle : (triangle, 3) int
        Counter-clockwise seen from outside.
    kind : (vertex,) uint8
        0 ground, 1 wall, 2 roof; becomes ``_SURFACE``.
    color : (vertex, 3) uint8
        Linear (not sRGB) albedo; becomes ``COLOR_0``.
    feature : (vertex,) int or None
        Row of the property table; becomes ``_FEATURE_ID_0``. None: a coarse tile without buildings of its own.
    """

    position: np.ndarray
    normal: np.ndarray
    triangle: np.ndarray
    kind: np.ndarray
    color: np.ndarray
    feature: np.ndarray | None = None


class _Buffer:
    """The one binary chunk of a GLB and the views into it."""

    def __init__(self) -> None:
        self.blob = bytearray()
        self.views: list[dict[str, int]] = []

    def add(self, data: bytes, *, target: int | None = None, stride: int | None = None) -> int:
        self.blob += b"\0" * (-len(self.blob) % 8)
        view = {"buffer": 0, "byteOffset": len(self.blob), "byteLength": len(data)}
        if stride is not None:
            view["byteStride"] = stride
        if target is not None:
            view["target"] = target
        self.blob += data
        self.views.append(view)
        return len(self.views) - 1


def _padded(values: np.ndarray, dtype: str, columns: int) -> bytes:
    """Rows widened with zeros, so that each vertex starts on four bytes (glTF 2.0, 3.6.2.4)."""
    out = np.zeros((len(values), columns), dtype)
    rows = values.reshape(len(values), -1)
    out[:, : rows.shape[1]] = rows
    return out.tobytes()


def _attributes(mesh: Mesh, buffer: _Buffer) -> tuple[dict[str, int], list[dict[str, Any]], dict[str, Any]]:
    """Vertex accessors, and the node that undoes the quantisation of KHR_mesh_quantization."""
    up = np.column_stack([mesh.position[:, 0], mesh.position[:, 2], -mesh.position[:, 1]])  # glTF is y up
    normal = np.column_stack([mesh.normal[:, 0], mesh.normal[:, 2], -mesh.normal[:, 1]])
    low = np.floor(up.min(axis=0) * 1000) / 1000
    size = float(np.ceil(max((up - low).max(), 1e-3) * 1000) / 1000)
    grid = np.rint((up - low) / size * 65535).astype("<u2")
    count = len(grid)
    accessors: list[dict[str, Any]] = [
        {
            "bufferView": buffer.add(_padded(grid, "<u2", 4), target=ARRAY_BUFFER, stride=8),
            "componentType": UNSIGNED_SHORT,
            "normalized": True,
            "count": count,
            "type": "VEC3",
            "min": grid.min(axis=0).tolist(),
            "max": grid.max(axis=0).tolist(),
        },
        {
            "bufferView": buffer.add(_padded(np.rint(normal * 127), "i1", 4), target=ARRAY_BUFFER, stride=4),
            "componentType": BYTE,
            "normalized": True,
            "count": count,
            "type": "VEC3",
        },
        {
            "bufferView": buffer.add(
                _padded(np.column_stack([mesh.color, np.full(count, 255)]), "u1", 4), target=ARRAY_BUFFER, stride=4
            ),
            "componentType": UNSIGNED_BYTE,
            "normalized": True,
            "count": count,
            "type": "VEC4",
        },
        {
            "bufferView": buffer.add(_padded(mesh.kind, "u1", 4), target=ARRAY_BUFFER, stride=4),
            "componentType": UNSIGNED_BYTE,
            "count": count,
            "type": "SCALAR",
        },
    ]
    names = {"POSITION": 0, "NORMAL": 1, "COLOR_0": 2, "_SURFACE": 3}
    if mesh.feature is not None:
        names["_FEATURE_ID_0"] = len(accessors)
        accessors.append(
            {
                "bufferView": buffer.add(_padded(mesh.feature, "<u2", 2), target=ARRAY_BUFFER, stride=4),
                "componentType": UNSIGNED_SHORT,
                "count": count,
                "type": "SCALAR",
            }
        )
    node = {"mesh": 0, "translation": low.tolist(), "scale": [size] * 3}
    return names, accessors, node


def _property_table(table: Mapping[str, list[Any]], buffer: _Buffer) -> dict[str, Any]:
    """EXT_structural_metadata: one class, one table, columns as `PROPERTIES`."""
    count = len(table["id"])
    columns: dict[str, Any] = {}
    schema: dict[str, Any] = {}
    for name, (kind, words) in PROPERTIES.items():
        schema[name] = {"description": words} if words else {}
        if kind == "STRING":
            texts = [str(value).encode() for value in table[name]]
            offsets = np.cumsum([0, *map(len, texts)]).astype("<u4")
            # a bufferView of no bytes is not allowed: a column of empty words keeps one spare byte
            values = buffer.add(b"".join(texts) or b"\0")
            columns[name] = {
                "values": values,
                "stringOffsets": buffer.add(offsets.tobytes()),
                "stringOffsetType": "UINT32",
            }
            schema[name] |= {"type": "STRING"}
        else:
            columns[name] = {"values": buffer.add(np.asarray(table[name]).astype(_NUMBERS[kind]).tobytes())}
            schema[name] |= {"type": "SCALAR", "componentType": kind}
        schema[name]["required"] = True
    return {
        "schema": {"id": "bxl_twin", "classes": {"building": {"properties": schema}}},
        "propertyTables": [{"class": "building", "count": count, "properties": columns}],
    }


def write(mesh: Mesh, table: Mapping[str, list[Any]] | None = None) -> bytes:
    """Bytes of one GLB; the same mesh and table give the same bytes.

    Parameters
    ----------
    mesh : Mesh
        At most 65,535 vertices.
    table : mapping of str to list, optional
        One entry per feature under every name of `PROPERTIES`; goes with ``mesh.feature``.

    Returns
    -------
    bytes
        glTF 2.0 binary with KHR_mesh_quantization (step: tile size / 65,535), EXT_mesh_features and
        EXT_structural_metadata. Vertex attributes: POSITION, NORMAL (flat), COLOR_0 (linear albedo with a hint of
        ambient occlusion at the foot of the walls), ``_SURFACE`` (0 ground, 1 wall, 2 roof), ``_FEATURE_ID_0``.

    Raises
    ------
    ValueError
        More vertices than sixteen bits can index, or no triangle at all.
    """
    count = len(mesh.position)
    if not 0 < count < 65_536 or len(mesh.triangle) == 0:
        raise ValueError(f"a tile holds 1 to 65,535 vertices and a triangle, got {count} and {len(mesh.triangle)}")
    if (mesh.feature is None) != (table is None):
        raise ValueError("feature ids and a property table come together or not at all")
    buffer = _Buffer()
    names, accessors, node = _attributes(mesh, buffer)
    accessors.append(
        {
            "bufferView": buffer.add(mesh.triangle.astype("<u2").tobytes(), target=ELEMENT_BUFFER),
            "componentType": UNSIGNED_SHORT,
            "count": int(mesh.triangle.size),
            "type": "SCALAR",
        }
    )
    primitive: dict[str, Any] = {"attributes": names, "indices": len(accessors) - 1, "material": 0}
    extensions = ["KHR_mesh_quantization"]
    document: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "bxl-twin"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [node],
        "meshes": [{"primitives": [primitive]}],
        "materials": [{"pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 1}, "doubleSided": True}],
        "extensionsRequired": ["KHR_mesh_quantization"],
    }
    if table is not None:
        extensions += ["EXT_mesh_features", "EXT_structural_metadata"]
        feature_ids = {"featureCount": len(table["id"]), "attribute": 0, "propertyTable": 0}
        primitive["extensions"] = {"EXT_mesh_features": {"featureIds": [feature_ids]}}
        document["extensions"] = {"EXT_structural_metadata": _property_table(table, buffer)}
    document |= {
        "extensionsUsed": extensions,
        "accessors": accessors,
        "bufferViews": buffer.views,
        "buffers": [{"byteLength": len(buffer.blob)}],
    }
    return _container(document, bytes(buffer.blob))


def _container(document: dict[str, Any], blob: bytes) -> bytes:
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    blob += b"\0" * (-len(blob) % 4)
    whole = 12 + 8 + len(text) + 8 + len(blob)
    return (
        struct.pack("<4sII", b"glTF", 2, whole)
        + struct.pack("<I4s", len(text), b"JSON")
        + text
        + struct.pack("<I4s", len(blob), b"BIN\0")
        + blob
    )


def read(data: bytes) -> tuple[dict[str, Any], bytes]:
    """Split a GLB into its JSON document and its binary chunk.

    Raises
    ------
    ValueError
        Not a binary glTF 2.0.
    """
    magic, version, whole = struct.unpack_from("<4sII", data)
    if magic != b"glTF" or version != 2 or whole != len(data):
        raise ValueError(f"expected a binary glTF 2.0 of {len(data)} bytes, got {magic!r} {version} of {whole}")
    length, _ = struct.unpack_from("<I4s", data, 12)
    document = json.loads(data[20 : 20 + length])
    return document, data[20 + length + 8 :]
