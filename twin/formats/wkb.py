"""Faces out of well-known binary: polygons, TINs and polyhedral surfaces with heights, which Shapely does not read."""

import struct
from collections.abc import Iterator

_POLYGON, _MULTIPOLYGON, _COLLECTION, _POLYHEDRAL, _TIN, _TRIANGLE = 3, 6, 7, 15, 16, 17
_OTHERS = {1: "Point", 2: "LineString", 4: "MultiPoint", 5: "MultiLineString"}

Ring = list[tuple[float, float, float]]


def faces_of(data: bytes) -> list[list[Ring]]:
    """Polygons of a geometry, each a list of rings that do not repeat their first corner.

    Parameters
    ----------
    data : bytes
        ISO or extended WKB of a (multi)polygon, triangle, TIN, polyhedral surface or a collection of them; a corner
        without height gets NaN.

    Raises
    ------
    ValueError
        Another kind of geometry, or cut short.
    """
    try:
        return list(_geometry(data, 0, 0)[0])
    except (struct.error, IndexError) as error:
        raise ValueError(f"the geometry is cut short ({error})") from error


def _geometry(data: bytes, at: int, depth: int) -> tuple[list[list[Ring]], int]:
    if depth > 8:
        raise ValueError("geometry collections nested deeper than 8")
    order = "<" if data[at] else ">"
    (code,) = struct.unpack_from(order + "I", data, at + 1)
    at += 5
    has_z = bool(code & 0x80000000) or (code & 0x0FFFFFFF) // 1000 in (1, 3)
    has_m = bool(code & 0x40000000) or (code & 0x0FFFFFFF) // 1000 in (2, 3)
    if code & 0x20000000:
        at += 4
    kind = (code & 0x0FFFFFFF) % 1000
    if kind in _OTHERS:
        raise ValueError(f"is a {_OTHERS[kind]}, expected polygons")
    (count,) = struct.unpack_from(order + "I", data, at)
    at += 4
    if count > len(data):
        raise ValueError(f"names {count} parts in {len(data)} bytes")
    if kind in (_POLYGON, _TRIANGLE):
        rings = []
        for _ in range(count):
            ring, at = _ring(data, at, order, 2 + has_z + has_m, has_z)
            rings.append(ring)
        return ([rings] if rings else []), at
    if kind not in (_MULTIPOLYGON, _COLLECTION, _POLYHEDRAL, _TIN):
        raise ValueError(f"has the geometry type {code}, expected polygons")
    found: list[list[Ring]] = []
    for _ in range(count):
        parts, at = _geometry(data, at, depth + 1)
        found += parts
    return found, at


def _ring(data: bytes, at: int, order: str, width: int, has_z: bool) -> tuple[Ring, int]:
    (count,) = struct.unpack_from(order + "I", data, at)
    at += 4
    if count * width * 8 > len(data):
        raise ValueError(f"names {count} corners in {len(data)} bytes")
    numbers = struct.unpack_from(f"{order}{count * width}d", data, at)
    corners = list(_corners(numbers, width, has_z))
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()
    return corners, at + count * width * 8


def _corners(numbers: tuple[float, ...], width: int, has_z: bool) -> Iterator[tuple[float, float, float]]:
    for i in range(0, len(numbers), width):
        yield numbers[i], numbers[i + 1], numbers[i + 2] if has_z else float("nan")
