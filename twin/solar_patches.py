"""Roofs and facades of a city in patches of a few metres, each a place where the sun is asked for."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from kernels.energy.horizons import horizons
from kernels.energy.triangle_tree import TriangleTree
from twin.city import GROUND, ROOF, WALL, City, CityError, Surfaces
from twin.faces import closed_rings, corner_range, ramp, surface_areas, surface_vectors
from twin.mesh import copies_of
from twin.party_walls import PartyWalls, party_walls
from twin.roofs import azimuth_and_tilt

PATCH = 8.0
"""Longest side of a patch; one that a longer face is cut into is 4 m at least. [m]"""

BEFORE = 0.1
"""Patches are asked this far before their face, so that they do not see it: twice what may lie between two walls that
touch, see `twin.party_walls.GAP`. [m]"""

BENT = 0.02
"""A face whose corners leave its mean plane by more than this is bent. [m]"""

SMALLEST = 0.01
"""Slivers below this are left out and counted. [m²]"""


@dataclass(frozen=True, eq=False)
class SolarPatches:
    """Patches, in the order of the buildings.

    Attributes
    ----------
    table : DataFrame
        One row per patch: ``building`` (row of the table), ``surface`` (number in ``city.surfaces``), ``kind`` (`ROOF`
        or `WALL`), ``area`` [m2], ``tilt``, ``azimuth`` (NaN where level) [degree].
    points : (patch, 3) float64
        `BEFORE` its face. [m]
    normals : (patch, 3) float64
        Outward unit vectors. [1]
    party : float
        Wall left out because a neighbour stands against it. [m2]
    slivers : float
        Left out because smaller than `SMALLEST`. [m2]
    bent : float
        On faces whose corners leave their plane by more than `BENT`; they look where the whole face looks. [m2]
    """

    table: pd.DataFrame
    points: np.ndarray
    normals: np.ndarray
    party: float
    slivers: float
    bent: float

    def __len__(self) -> int:
        return len(self.table)


def solar_patches(
    city: City,
    *,
    largest: float = PATCH,
    roofs: bool = True,
    facades: bool = True,
    walls: PartyWalls | None = None,
) -> SolarPatches:
    """Cut the roofs that look up and the walls that stand free into patches.

    A face is cut along the level and up its slope into equal cells no larger than ``largest``; what a neighbour stands
    against is taken off by exact polygons. A face that repeats another of its building counts once.

    Parameters
    ----------
    city : City
    largest : float
        [m]
    roofs, facades : bool
        Which faces.
    walls : PartyWalls, optional
        If they are known.

    Returns
    -------
    SolarPatches

    Raises
    ------
    CityError
        A size that is none.
    """
    if not 0.1 <= largest <= 1000.0:
        raise CityError(f"patches need a size between 0.1 and 1000 m, got {largest}")
    faces = city.surfaces
    vectors = surface_vectors(faces)
    size = np.linalg.norm(vectors, axis=1)
    single = (copies_of(faces) == np.arange(len(faces))) & (size > SMALLEST)
    wanted = (roofs & (faces.kind == ROOF) & (vectors[:, 2] > 0)) | (facades & (faces.kind == WALL))
    which = np.flatnonzero(single & wanted)
    if not len(which):
        return _no_patches()
    normals = vectors[which] / size[which, None]
    frames = _frames(faces, which, normals)
    shapes = _flat(faces, which, *frames)
    whole = shapely.area(shapes)
    party = 0.0
    if facades:
        shapes = _without_neighbours(faces, which, shapes, frames, walls or party_walls(city))
        party = float((whole - shapely.area(shapes)).sum())
    cells, owner = _cut(shapes, largest)
    area = shapely.area(cells)
    # a bent face has more than its shadow on the plane: its patches share that out
    area *= np.where(whole > 0, surface_areas(faces)[which] / np.maximum(whole, 1e-12), 1.0)[owner]
    kept = area >= SMALLEST
    slivers = float(area[~kept].sum())
    cells, owner, area = cells[kept], owner[kept], area[kept]
    middle = shapely.centroid(cells)
    outside = ~shapely.contains(cells, middle)
    middle[outside] = shapely.point_on_surface(cells[outside])
    origin, along, upward = frames
    flat = np.column_stack([shapely.get_x(middle), shapely.get_y(middle)])
    lift, bent = _bulge(faces, which, owner, flat, frames, normals)
    before = (BEFORE + lift)[:, None] * normals[owner]
    points = origin[owner] + flat[:, :1] * along[owner] + flat[:, 1:] * upward[owner] + before
    azimuth, tilt = azimuth_and_tilt(normals)
    order = np.argsort(faces.building[which[owner]], kind="stable")
    table = pd.DataFrame(
        {
            "building": faces.building[which[owner]].astype(np.int64),
            "surface": which[owner],
            "kind": faces.kind[which[owner]],
            "area": area,
            "tilt": tilt[owner],
            "azimuth": azimuth[owner],
        }
    )
    return SolarPatches(
        table.iloc[order].reset_index(drop=True), points[order], normals[owner][order], party, slivers,
        float(area[bent].sum()),
    )  # fmt: skip


def city_tree(city: City) -> TriangleTree:
    """All roofs and walls of a city, as what stands in the way of the sun; the ground and trees do not."""
    faces = city.surfaces
    stands = faces.kind[faces.triangle_surface] != GROUND
    return TriangleTree.of(faces.vertices[faces.triangles[stands]])


def patch_horizons(patches: SolarPatches, tree: TriangleTree, threads: int | None = None) -> np.ndarray:
    """Horizon of every patch: (patch, azimuth) uint8, from grid north; see `kernels.energy.horizons`."""
    return horizons(patches.points, tree, threads=threads)


def _no_patches() -> SolarPatches:
    table = pd.DataFrame({"building": np.zeros(0, np.int64), "surface": np.zeros(0, np.int64),
                          "kind": np.zeros(0, np.int8), "area": np.zeros(0), "tilt": np.zeros(0),
                          "azimuth": np.zeros(0)})  # fmt: skip
    return SolarPatches(table, np.zeros((0, 3)), np.zeros((0, 3)), 0.0, 0.0, 0.0)


def _frames(faces: Surfaces, which: np.ndarray, normals: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A corner of each surface, the level direction in its plane (east where it lies level), and that up its slope."""
    first, _ = corner_range(faces)
    origin = faces.vertices[faces.ring_vertices[first[which]]]
    along = np.column_stack([-normals[:, 1], normals[:, 0], np.zeros(len(which))])
    length = np.linalg.norm(along, axis=1)
    level = length < 1e-3
    along[level] = np.cross((0.0, 1.0, 0.0), normals[level])
    along /= np.linalg.norm(along, axis=1)[:, None]
    return origin, along, np.cross(normals, along)


def _flat(faces: Surfaces, which: np.ndarray, origin: np.ndarray, along: np.ndarray, upward: np.ndarray) -> np.ndarray:
    """Surfaces as polygons in planes, one for each."""
    vertex, owner, ring_offsets, polygon_offsets = closed_rings(faces, which)
    offset = faces.vertices[vertex] - origin[owner]
    flat = np.column_stack([(offset * along[owner]).sum(axis=1), (offset * upward[owner]).sum(axis=1)])
    found = np.asarray(
        shapely.from_ragged_array(shapely.GeometryType.POLYGON, flat, (ring_offsets, polygon_offsets)), dtype=object
    )
    bad = ~shapely.is_valid(found)
    found[bad] = shapely.make_valid(found[bad])
    return found


def _without_neighbours(
    faces: Surfaces,
    which: np.ndarray,
    shapes: np.ndarray,
    frames: tuple[np.ndarray, np.ndarray, np.ndarray],
    walls: PartyWalls,
) -> np.ndarray:
    """Shapes less the walls of neighbours that stand against them."""
    one = np.concatenate([walls.pairs["surface"], walls.pairs["other"]]).astype(np.int64)
    other = np.concatenate([walls.pairs["other"], walls.pairs["surface"]]).astype(np.int64)
    place = np.full(len(faces), -1, np.int64)
    place[which] = np.arange(len(which))
    touched = place[one] >= 0
    at, other = place[one[touched]], other[touched]
    if not len(at):
        return shapes
    against = _flat(faces, other, *(frame[at] for frame in frames))
    found = shapes.copy()
    # a wall has few neighbours: take off the first of every wall at once, then the second, and so on
    order = np.argsort(at, kind="stable")
    at, against = at[order], against[order]
    turn = np.arange(len(at)) - np.searchsorted(at, at)
    for number in range(int(turn.max()) + 1):
        now = turn == number
        found[at[now]] = shapely.difference(found[at[now]], against[now])
    return found


def _bulge(
    faces: Surfaces,
    which: np.ndarray,
    owner: np.ndarray,
    flat: np.ndarray,
    frames: tuple[np.ndarray, np.ndarray, np.ndarray],
    normals: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """How far the triangles of a bent face stand before the plane of the face at each patch, and which faces bend.

    Without it a bent roof would lie on its own patches and keep all light from them.
    """
    origin, along, upward = frames
    place = np.full(len(faces), -1, np.int64)
    place[which] = np.arange(len(which))
    mine = np.flatnonzero(place[faces.triangle_surface] >= 0)
    face = place[faces.triangle_surface[mine]]
    offset = faces.vertices[faces.triangles[mine]] - origin[face][:, None]
    out = (offset * normals[face][:, None]).sum(axis=2)
    most = np.zeros(len(which))
    np.maximum.at(most, face, np.abs(out).max(axis=1))
    bent = most[owner] > BENT
    lift = np.where(bent, most[owner], 0.0)  # a spot that no triangle claims stands before the whole face
    patch = np.flatnonzero(bent)
    begin, end = np.searchsorted(face, owner[patch]), np.searchsorted(face, owner[patch], side="right")
    pair = np.repeat(patch, end - begin)
    triangle = np.repeat(begin, end - begin) + ramp(end - begin)
    corner = np.stack([(offset * one[face][:, None]).sum(axis=2)[triangle] for one in (along, upward)], axis=-1)
    corner -= flat[pair][:, None]
    (ax, ay), (bx, by), (cx, cy) = (corner[:, k].T for k in range(3))
    parts = np.stack([bx * cy - by * cx, cx * ay - cy * ax, ax * by - ay * bx], axis=1)
    whole = parts.sum(axis=1)
    share = np.divide(parts, whole[:, None], out=np.full(parts.shape, -1.0), where=np.abs(whole[:, None]) > 1e-9)
    inside = (share > -1e-6).all(axis=1)
    stands = np.full(len(lift), -np.inf)
    np.maximum.at(stands, pair[inside], (share * out[triangle]).sum(axis=1)[inside])
    return np.where(np.isfinite(stands), stands, lift), bent


def _cut(shapes: np.ndarray, largest: float) -> tuple[np.ndarray, np.ndarray]:
    """Cells of shapes, and the shape of each."""
    bounds = shapely.bounds(shapes)
    there = np.flatnonzero(np.isfinite(bounds).all(axis=1))
    low, extent = bounds[there, :2], bounds[there, 2:] - bounds[there, :2]
    counts = np.maximum(np.ceil(extent / largest - 1e-6), 1).astype(np.int64)
    number = counts.prod(axis=1)
    owner = np.repeat(np.arange(len(there)), number)
    cell = np.arange(len(owner)) - np.repeat(np.cumsum(number) - number, number)
    step = extent / counts
    column, row = cell % counts[owner, 0], cell // counts[owner, 0]
    start = low[owner] + np.column_stack([column, row]) * step[owner]
    end = start + step[owner]
    cells = shapes[there][owner]
    several = number[owner] > 1
    boxes = shapely.box(start[several, 0], start[several, 1], end[several, 0], end[several, 1])
    cells[several] = shapely.intersection(cells[several], boxes)
    return cells, there[owner]
