"""Join the triangles of a face to the polygon they fill."""

from dataclasses import dataclass

import numpy as np

FLAT = 0.9999
"""A face is a polygon when its vector area is at least this share of the sum of its triangles. [1]"""


@dataclass(frozen=True, eq=False)
class Triangles:
    """Triangles of many faces.

    Attributes
    ----------
    points : (point, 3) float64
    corners : (triangle, 3) int64
    surface : (triangle,) int64
        Face of each; triangles of one face follow each other.
    owner : (triangle,) int64
        Building; ascending.
    kind : (triangle,) int8
    """

    points: np.ndarray
    corners: np.ndarray
    surface: np.ndarray
    owner: np.ndarray
    kind: np.ndarray


@dataclass(frozen=True, eq=False)
class Polygons:
    """Rings of the faces; ``kept`` counts faces that stay triangles (bent, or without a simple outline)."""

    ring_vertices: np.ndarray
    ring_sizes: list[int]
    surface_sizes: list[int]
    kind: np.ndarray
    owner: np.ndarray
    kept: int


def polygons_of(given: Triangles) -> Polygons:
    """Find the outline of each face, holes included."""
    corners = given.corners
    sound = (corners[:, 0] != corners[:, 1]) & (corners[:, 1] != corners[:, 2]) & (corners[:, 2] != corners[:, 0])
    corners, surface = corners[sound], given.surface[sound]
    owner, kind = given.owner[sound], given.kind[sound]
    starts = np.flatnonzero(np.concatenate([[True], surface[1:] != surface[:-1]])) if len(surface) else np.zeros(0, int)
    stops = np.append(starts[1:], len(surface))
    place = given.points[corners]
    vectors = np.cross(place[:, 1] - place[:, 0], place[:, 2] - place[:, 0]) / 2
    whole = np.add.reduceat(vectors, starts, axis=0) if len(starts) else np.zeros((0, 3))
    areas = np.add.reduceat(np.linalg.norm(vectors, axis=1), starts) if len(starts) else np.zeros(0)
    flat = np.linalg.norm(whole, axis=1) >= FLAT * areas

    edge_start, edge_end, edge_face = _outlines(corners, np.repeat(np.arange(len(starts)), stops - starts), given)
    cuts = np.searchsorted(edge_face, np.arange(len(starts) + 1))
    a_list, b_list = edge_start.tolist(), edge_end.tolist()
    ring_vertices: list[int] = []
    ring_sizes: list[int] = []
    surface_sizes: list[int] = []
    kinds: list[int] = []
    owners: list[int] = []
    kept = 0
    for face in range(len(starts)):
        first, last = int(starts[face]), int(stops[face])
        rings: list[list[int]] | None = None
        if last - first == 1:
            rings = [corners[first].tolist()]
        elif flat[face]:
            rings = _loops(a_list[cuts[face] : cuts[face + 1]], b_list[cuts[face] : cuts[face + 1]])
            if rings is not None and len(rings) > 1:
                rings = _outer_first(given.points, rings, whole[face])
        faces = [rings] if rings else [[one] for one in corners[first:last].tolist()]
        kept += not rings
        for one in faces:
            for ring in one:
                ring_vertices.extend(ring)
                ring_sizes.append(len(ring))
            surface_sizes.append(len(one))
            kinds.append(int(kind[first]))
            owners.append(int(owner[first]))
    return Polygons(
        np.array(ring_vertices, np.int64),
        ring_sizes,
        surface_sizes,
        np.array(kinds, np.int8),
        np.array(owners, np.int64),
        kept,
    )


def _outlines(corners: np.ndarray, face: np.ndarray, given: Triangles) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sides of triangles that no other triangle of the same face runs back along, by face."""
    start = corners.reshape(-1)
    end = corners[:, [1, 2, 0]].reshape(-1)
    of = np.repeat(face, 3)
    count = np.int64(len(given.points) + 1)
    forth = (of * count + start) * count + end
    back = (of * count + end) * count + start
    alone = ~np.isin(forth, back)
    return start[alone], end[alone], of[alone]


def _loops(starts: list[int], ends: list[int]) -> list[list[int]] | None:
    """Closed rings of an outline; None where it branches or does not close."""
    following = dict(zip(starts, ends, strict=True))
    if len(following) != len(starts) or set(following) != set(ends) or not following:
        return None
    rings = []
    while following:
        ring = [next(iter(following))]
        after = following.pop(ring[0])
        while after != ring[0]:
            ring.append(after)
            after = following.pop(after)
        rings.append(ring)
    return rings


def _outer_first(points: np.ndarray, rings: list[list[int]], normal: np.ndarray) -> list[list[int]] | None:
    """The one ring that runs with the face, then the holes; None where several do."""
    turns = []
    for ring in rings:
        place = points[ring] - points[ring[0]]
        turns.append(float(np.cross(place, np.roll(place, -1, axis=0)).sum(axis=0) @ normal))
    outer = [i for i, turn in enumerate(turns) if turn > 0]
    if len(outer) != 1:
        return None
    return [rings[outer[0]], *(ring for i, ring in enumerate(rings) if i != outer[0])]
