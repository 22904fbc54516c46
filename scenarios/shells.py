"""Shells of buildings that edits add or take away: extruded, chosen, joined."""

from dataclasses import replace

import numpy as np
from shapely.geometry import Polygon
from shapely.geometry.polygon import orient

from twin.city import GROUND, ROOF, WALL, Surfaces
from twin.faces import triangulate


def extruded(outline: Polygon, foot: float, top: float) -> Surfaces:
    """A closed box over an outline (LOD1): one floor, one flat roof, one wall per side, all seen from outside.

    Parameters
    ----------
    outline : Polygon
        Simple, without holes.
    foot, top : float
        Heights TAW. [m]

    Returns
    -------
    Surfaces
        Of building 0.
    """
    corners = np.array(orient(outline, 1.0).exterior.coords)[:-1, :2]
    count = len(corners)
    low = np.column_stack([corners, np.full(count, foot)])
    high = np.column_stack([corners, np.full(count, top)])
    around = np.arange(count)
    after = (around + 1) % count
    walls = np.column_stack([around, after, after + count, around + count])
    rings = np.concatenate([around[::-1], around + count, walls.ravel()]).astype(np.int32)
    sizes = np.concatenate([[0, count, count], np.full(count, 4)])
    kind = np.concatenate([[GROUND, ROOF], np.full(count, WALL)]).astype(np.int8)
    none = np.zeros(0, np.int32)
    open_faces = Surfaces(
        np.concatenate([low, high]),
        rings,
        np.cumsum(sizes).astype(np.int32),
        np.arange(count + 3, dtype=np.int32),
        kind,
        np.zeros(count + 2, np.int32),
        none.reshape(0, 3),
        none,
    )
    triangles, triangle_surface = triangulate(open_faces)
    return replace(open_faces, triangles=triangles, triangle_surface=triangle_surface)


def without(faces: Surfaces, removed: np.ndarray) -> Surfaces:
    """The faces of the buildings that stay, renumbered without gaps.

    Parameters
    ----------
    faces : Surfaces
    removed : (building,) bool
    """
    stays = ~removed[faces.building]
    ring_surface = np.repeat(np.arange(len(faces)), np.diff(faces.surface_rings))
    ring_stays = stays[ring_surface]
    corner_stays = np.repeat(ring_stays, np.diff(faces.ring_offsets))
    triangle_stays = stays[faces.triangle_surface]
    corners, triangles = faces.ring_vertices[corner_stays], faces.triangles[triangle_stays]
    used = np.zeros(len(faces.vertices), bool)
    used[corners] = used[triangles] = True
    vertex = np.cumsum(used) - 1
    surface = np.cumsum(stays) - 1
    building = np.cumsum(~removed) - 1
    return Surfaces(
        faces.vertices[used],
        vertex[corners].astype(np.int32),
        _offsets(np.diff(faces.ring_offsets)[ring_stays]),
        _offsets(np.diff(faces.surface_rings)[stays]),
        faces.kind[stays],
        building[faces.building[stays]].astype(np.int32),
        vertex[triangles].astype(np.int32),
        surface[faces.triangle_surface[triangle_stays]].astype(np.int32),
    )


def joined(parts: list[Surfaces], first_building: list[int]) -> Surfaces:
    """Several lots of faces in one row.

    Parameters
    ----------
    parts : list of Surfaces
    first_building : list of int
        What to add to the building numbers of each part.
    """
    vertices = np.cumsum([0, *(len(one.vertices) for one in parts)])
    surfaces = np.cumsum([0, *(len(one) for one in parts)])
    return Surfaces(
        np.concatenate([one.vertices for one in parts]),
        np.concatenate([one.ring_vertices + shift for one, shift in _zip(parts, vertices)]).astype(np.int32),
        _offsets(np.concatenate([np.diff(one.ring_offsets) for one in parts])),
        _offsets(np.concatenate([np.diff(one.surface_rings) for one in parts])),
        np.concatenate([one.kind for one in parts]),
        np.concatenate([one.building + first for one, first in zip(parts, first_building, strict=True)]).astype(
            np.int32
        ),
        np.concatenate([one.triangles + shift for one, shift in _zip(parts, vertices)]).astype(np.int32),
        np.concatenate([one.triangle_surface + shift for one, shift in _zip(parts, surfaces)]).astype(np.int32),
    )


def _zip(parts: list[Surfaces], shifts: np.ndarray) -> list[tuple[Surfaces, int]]:
    return list(zip(parts, shifts[:-1].tolist(), strict=True))


def _offsets(sizes: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
