"""A City as 3D Tiles 1.1: a quadtree of small GLB files, grey massing first, real roofs when one comes near."""

import gzip
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pyproj

from twin.city import GROUND, ROOF, WALL, City
from viewer import glb
from viewer.massing import FOOT, FOOT_SHADE, ROOF_COLOR, WALL_COLOR, dissolved, each_building

TILE_BYTES = 100_000
"""No tile is larger than this. [byte]"""
_AIM = 86_000
_DETAIL_ERROR = 8.0
"""Geometric error of the massing just above the real roofs; it doubles towards the root. [m]"""

GEOID_OFFSET = 42.814
"""Ellipsoidal height (GRS80) minus height TAW over Brussels, one constant. [m]

Found by laying the official UrbIS building 1639974 over the same building of the Region's published 3D Tiles; it holds
to 1 mm there. The step from EPSG:31370 to WGS84 is PROJ's without grids, which needs the two shifts below to meet them.
"""
DATUM_SHIFT = (-0.020, 0.034)
"""Added to easting and northing before PROJ's grid-less step from Lambert 72 to WGS84. [m]"""


@dataclass(frozen=True)
class TilesReport:
    """What `write_tiles` wrote.

    Attributes
    ----------
    folder : Path
        Holds ``tileset.json``.
    tiles, buildings, triangles : int
        Triangles of the finest level.
    bytes, largest, compressed : int
        All tiles, the largest one, and all tiles gzipped (0 if that was not asked for). [byte]
    """

    folder: Path
    tiles: int
    buildings: int
    triangles: int
    bytes: int
    largest: int
    compressed: int


def local_origin(city: City) -> tuple[float, float]:
    """Easting and northing of the local frame of the pages: the centre of the city, in whole metres."""
    west, south, east, north = city.bounds
    return float(round((west + east) / 2)), float(round((south + north) / 2))


def local_to_ecef(origin: tuple[float, float]) -> np.ndarray:
    """Matrix from the local frame (east, north, height TAW) to WGS84 earth-centred coordinates.

    Parameters
    ----------
    origin : tuple of float
        Lambert 72 easting and northing of the local frame. [m]

    Returns
    -------
    (4, 4) float64
        Linear about the origin: the earth's curvature leaves 2 cm at 500 m and 8 cm at 1 km. [m]
    """
    to_degrees = pyproj.Transformer.from_crs("EPSG:31370", "EPSG:4326", always_xy=True)
    to_ecef = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    step = 100.0
    steps = np.array([[0, 0, 0], [step, 0, 0], [-step, 0, 0], [0, step, 0], [0, -step, 0], [0, 0, step], [0, 0, -step]])
    easting, northing = (steps[:, i] + origin[i] + DATUM_SHIFT[i] for i in range(2))
    longitude, latitude = to_degrees.transform(easting, northing)
    centre, *ends = np.column_stack(to_ecef.transform(longitude, latitude, steps[:, 2] + GEOID_OFFSET))
    matrix = np.eye(4)
    matrix[:3, 3] = centre
    for axis in range(3):
        matrix[:3, axis] = (ends[2 * axis] - ends[2 * axis + 1]) / (2 * step)
    return matrix


@dataclass
class _Node:
    """One tile: which pieces of the city lie in it."""

    path: str
    pieces: np.ndarray
    children: list["_Node"] = field(default_factory=list)

    def height(self) -> int:
        return 1 + max(child.height() for child in self.children) if self.children else 0


def _split(pieces: np.ndarray, where: np.ndarray, weight: np.ndarray, parts: int) -> list[tuple[np.ndarray, int]]:
    """Cut pieces in two along the longer side, each half getting its share of ``parts``."""
    if parts < 2 or len(pieces) < 2:
        return [(pieces, parts)]
    spread = np.ptp(where[pieces], axis=0)
    order = pieces[np.argsort(where[pieces, int(spread[1] > spread[0])], kind="stable")]
    first = parts // 2
    running = np.cumsum(weight[order])
    cut = int(np.searchsorted(running, running[-1] * first / parts))
    cut = min(max(cut, 1), len(order) - 1)
    return [(order[:cut], first), (order[cut:], parts - first)]


def _tree(path: str, pieces: np.ndarray, where: np.ndarray, weight: np.ndarray, parts: int) -> _Node:
    node = _Node(path, np.sort(pieces))
    if parts < 2 and (weight[pieces].sum() <= TILE_BYTES - glb.BYTES_OF_HEADER - 1000 or len(pieces) == 1):
        return node
    for half, share in _split(pieces, where, weight, max(parts, 2)):
        for quarter, rest in _split(half, where, weight, share):
            node.children.append(_tree(f"{path}{len(node.children)}", quarter, where, weight, rest))
    return node


class _Detail:
    """The real faces of all buildings as render vertices, in pieces (mostly one building) that fit into a tile."""

    def __init__(self, city: City, origin: tuple[float, float]) -> None:
        surfaces = city.surfaces
        seen = surfaces.kind[surfaces.triangle_surface] != GROUND  # nobody looks at a building from below
        triangles, owner = surfaces.triangles[seen].astype(np.int64), surfaces.triangle_surface[seen].astype(np.int64)
        corners = surfaces.vertices[triangles]
        area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        whole = np.linalg.norm(area, axis=1) > 1e-9
        triangles, owner, area = triangles[whole], owner[whole], area[whole]
        normal = np.column_stack([np.bincount(owner, area[:, axis], len(surfaces)) for axis in range(3)])
        length = np.linalg.norm(normal, axis=1, keepdims=True)
        up = np.array([0.0, 0.0, 1.0])  # for a face folded onto itself
        normal = np.where(length > 1e-9, normal / np.maximum(length, 1e-9), up)

        # flat shading: a vertex is shared within a face, never between faces
        corner, index = np.unique(owner[:, None] * len(surfaces.vertices) + triangles, return_inverse=True)
        self.triangle = index.reshape(-1, 3)
        surface, vertex = np.divmod(corner, max(len(surfaces.vertices), 1))
        self.row = surfaces.building[surface].astype(np.int64)
        self.kind = surfaces.kind[surface].astype(np.uint8)
        self.normal = normal[surface]
        self.position = surfaces.vertices[vertex] - np.array([*origin, 0.0])
        self.color = np.where((self.kind == ROOF)[:, None], ROOF_COLOR, WALL_COLOR).astype(np.uint8)
        foot = (self.kind == WALL) & (self.position[:, 2] < city.buildings["ground_z"].to_numpy(float)[self.row] + 0.05)
        self.color[foot] = np.rint(self.color[foot] * FOOT_SHADE).astype(np.uint8)
        self.position[foot, 2] -= FOOT

        cost = glb.BYTES_PER_VERTEX * np.bincount(surface, minlength=len(surfaces))
        cost += glb.BYTES_PER_TRIANGLE * np.bincount(owner, minlength=len(surfaces))
        piece_of_surface, self.row_of_piece = _pieces(surfaces.building, cost)
        self.piece_of_triangle = piece_of_surface[owner]
        count = len(self.row_of_piece)
        words = [len(f"{i}{n}{q}".encode()) for i, n, q in _words(city)]
        self.bytes_of_piece = np.bincount(piece_of_surface, cost, count)
        self.bytes_of_piece += glb.BYTES_PER_FEATURE + np.asarray(words, float)[self.row_of_piece]
        where = np.bincount(piece_of_surface[surface], minlength=count)
        self.centre_of_piece = np.column_stack(
            [
                np.bincount(piece_of_surface[surface], self.position[:, axis], count) / np.maximum(where, 1)
                for axis in range(2)
            ]
        )
        self.drawn = np.flatnonzero(where)


def _words(city: City) -> Iterator[tuple[str, str, str]]:
    table = city.buildings
    return zip(table.index, table["name"], table["quality"], strict=True)


def _pieces(building: np.ndarray, cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the pieces: a building is one, unless it is too large for a tile.

    Parameters
    ----------
    building, cost : (surface,)
        Row of the buildings table; bytes of the surface in a tile.

    Returns
    -------
    (surface,) int, (piece,) int
        Piece of each surface; row of each piece.
    """
    order = np.argsort(building, kind="stable")
    running = np.cumsum(cost[order]) - cost[order]
    _rows, first = np.unique(building[order], return_index=True)
    within = running - np.repeat(running[first], np.diff(np.r_[first, len(order)]))
    pairs = np.column_stack([building[order], within // (TILE_BYTES // 2)]).astype(np.int64)
    found, number = np.unique(pairs, axis=0, return_inverse=True)
    piece = np.empty(len(order), np.int64)
    piece[order] = number.ravel()
    return piece, found[:, 0]


def _table(city: City, rows: np.ndarray) -> dict[str, list[Any]]:
    """Columns of the property table for some buildings."""
    chosen = city.buildings.iloc[rows]
    table: dict[str, list[Any]] = {"id": list(chosen.index), "row": rows.tolist()}
    for name in ("ridge_height", "ground_z", "roof_area", "volume"):
        table[name] = np.nan_to_num(chosen[name].to_numpy(float), nan=-1.0).tolist()
    table["storeys"] = np.clip(chosen["storeys"].to_numpy(), 0, 65535).tolist()
    for name in ("use", "name", "quality"):
        table[name] = chosen[name].tolist()
    return table


def _fine(city: City, detail: _Detail, triangles: np.ndarray) -> bytes:
    """One tile of real faces."""
    used, index = np.unique(detail.triangle[triangles], return_inverse=True)
    rows, feature = np.unique(detail.row[used], return_inverse=True)
    mesh = glb.Mesh(
        detail.position[used],
        detail.normal[used],
        index.reshape(-1, 3),
        detail.kind[used],
        detail.color[used],
        feature,
    )
    return glb.write(mesh, _table(city, rows))


def _coarse(city: City, rows: np.ndarray, origin: tuple[float, float], per_building: bool) -> bytes | None:
    """One tile of massing, as fine as a tile may be large; None where no building is of a size to be drawn."""
    chosen = city.buildings.iloc[rows]
    mesh = each_building(chosen, TILE_BYTES - glb.BYTES_OF_HEADER, origin) if per_building else None
    if mesh is not None:
        data = glb.write(mesh, _table(city, rows))
        if len(data) <= TILE_BYTES:
            return data
    mesh = dissolved(chosen, TILE_BYTES - glb.BYTES_OF_HEADER, origin)
    return None if mesh is None else glb.write(mesh)


def write_tiles(
    city: City,
    folder: Path | str,
    *,
    compress: bool = False,
    on_progress: Callable[[float, str], None] | None = None,
) -> TilesReport:
    """Write a city's buildings as 3D Tiles 1.1.

    Parameters
    ----------
    city : City
    folder : Path or str
        Is made; files of an earlier tileset of the same name are overwritten.
    compress : bool
        Also write each file gzipped beside itself (``.gz``), for a server to send as it is.
    on_progress : callable, optional
        Is told a fraction 0..1 and a word.

    Returns
    -------
    TilesReport

    Notes
    -----
    ``tileset.json`` follows OGC 22-025r4 (3D Tiles 1.1). Tiles are in the local frame of `local_origin` (glTF's y up,
    heights TAW); the root's transform leads to WGS84 (`local_to_ecef`). Refinement is REPLACE; tiles of the finest
    level carry every roof and wall face, coarser ones the massing. The same city gives the same bytes.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    origin = local_origin(city)
    sizes: list[int] = []
    packed: list[int] = []

    def put(name: str, data: bytes) -> None:
        (folder / name).write_bytes(data)
        sizes.append(len(data))
        if compress:
            small = gzip.compress(data, 6, mtime=0)
            (folder / f"{name}.gz").write_bytes(small)
            packed.append(len(small))

    root: dict[str, Any] = {
        "boundingVolume": {"box": [0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1]},
        "geometricError": 0,
    }
    triangles = 0
    if len(city.surfaces):
        detail = _Detail(city, origin)
        triangles = len(detail.triangle)
        total = detail.bytes_of_piece[detail.drawn].sum()
        tree = _tree("t", detail.drawn, detail.centre_of_piece, detail.bytes_of_piece, ceil(total / _AIM))
        root = _write_node(tree, city, detail, origin, put, on_progress or (lambda fraction, word: None))
    root["refine"] = "REPLACE"
    root["transform"] = local_to_ecef(origin).T.ravel().tolist()
    tileset = {
        "asset": {"version": "1.1", "generator": "bxl-twin", "tilesetVersion": city.digest[:16]},
        "geometricError": max(4 * root["geometricError"], 100.0),
        "root": root,
    }
    count = len(sizes)
    largest = max(sizes, default=0)
    put("tileset.json", json.dumps(tileset, separators=(",", ":")).encode())
    return TilesReport(folder, count, len(city.buildings), triangles, sum(sizes), largest, sum(packed))


def _write_node(
    tree: _Node,
    city: City,
    detail: _Detail,
    origin: tuple[float, float],
    put: Callable[[str, bytes], None],
    tell: Callable[[float, str], None],
) -> dict[str, Any]:
    """Write the tree's tiles, finest first; returns the root's entry for ``tileset.json``."""
    leaf_of_piece = np.full(len(detail.row_of_piece), -1)
    leaves: list[_Node] = []
    coarse: dict[str, Future[bytes | None]] = {}
    pool = ThreadPoolExecutor()  # GEOS lets go of the interpreter while it joins outlines

    def visit(node: _Node) -> None:
        if node.children:
            rows = np.unique(detail.row_of_piece[node.pieces])
            coarse[node.path] = pool.submit(_coarse, city, rows, origin, node.height() == 1)
        else:
            leaf_of_piece[node.pieces] = len(leaves)
            leaves.append(node)
        for child in node.children:
            visit(child)

    visit(tree)
    leaf_of_triangle = leaf_of_piece[detail.piece_of_triangle]
    by_leaf = np.argsort(leaf_of_triangle, kind="stable")
    bounds = np.searchsorted(leaf_of_triangle[by_leaf], np.arange(len(leaves) + 1))
    triangles_of = {leaf.path: by_leaf[bounds[i] : bounds[i + 1]] for i, leaf in enumerate(leaves)}
    done = 0

    def entry(node: _Node) -> dict[str, Any]:
        nonlocal done
        children = [entry(child) for child in node.children]
        if children:
            data = coarse[node.path].result()
        else:
            data = _fine(city, detail, triangles_of[node.path])
            done += 1
            tell(done / len(leaves), "tiles")
        found: dict[str, Any] = {"geometricError": _DETAIL_ERROR * 2 ** (node.height() - 1) if children else 0}
        if data is not None:
            put(f"{node.path}.glb", data)
            found |= {"content": {"uri": f"{node.path}.glb"}, "boundingVolume": {"box": _box(data)}}
        if children:
            found["boundingVolume"] = {"box": _around([*children, *([found] if data is not None else [])])}
            found["children"] = children
        return found

    with pool:
        return entry(tree)


def _box(data: bytes) -> list[float]:
    """Bounding box of a tile in the local frame (3D Tiles: centre and three half axes)."""
    document, _ = glb.read(data)
    node, accessor = document["nodes"][0], document["accessors"][0]
    size = node["scale"][0] / 65535
    low = np.array(node["translation"]) + np.array(accessor["min"]) * size
    high = np.array(node["translation"]) + np.array(accessor["max"]) * size
    return _from_corners(np.array([low[0], -high[2], low[1]]), np.array([high[0], -low[2], high[1]]))


def _around(entries: list[dict[str, Any]]) -> list[float]:
    boxes = np.array([one["boundingVolume"]["box"] for one in entries])
    half = boxes[:, [3, 7, 11]]
    return _from_corners((boxes[:, :3] - half).min(axis=0), (boxes[:, :3] + half).max(axis=0))


def _from_corners(low: np.ndarray, high: np.ndarray) -> list[float]:
    x, y, z = np.round((high + low) / 2, 3).tolist()
    a, b, c = np.round((high - low) / 2 + 0.001, 3).tolist()
    return [x, y, z, a, 0, 0, 0, b, 0, 0, 0, c]
