"""Arithmetic of many polygons in space at once: vector areas, triangles, plain arrays in and out."""

import mapbox_earcut
import numpy as np

from twin.city import Surfaces
from twin.formats.part import offsets


def ring_vectors(vertices: np.ndarray, ring_vertices: np.ndarray, ring_offsets: np.ndarray) -> np.ndarray:
    """Vector area of each ring: along its normal, as long as its area (Newell's sum).

    Parameters
    ----------
    vertices : (vertex, 3) float64
    ring_vertices, ring_offsets
        As `twin.city.Surfaces`.

    Returns
    -------
    (ring, 3) float64
        Right-handed to the order of the corners. [m2]
    """
    sizes = np.diff(ring_offsets)
    if not sizes.size:
        return np.zeros((0, 3))
    origin = vertices[ring_vertices[ring_offsets[:-1]]]
    points = vertices[ring_vertices] - np.repeat(origin, sizes, axis=0)
    following = points[next_corner(ring_offsets)]
    return np.add.reduceat(np.cross(points, following), ring_offsets[:-1], axis=0) / 2


def ramp(counts: np.ndarray) -> np.ndarray:
    """Count up from 0 in runs: ``[2, 3] -> [0, 1, 0, 1, 2]``."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - counts, counts)


def closed_rings(faces: Surfaces, which: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Corners of some surfaces with every ring's first corner repeated at its end, as Shapely wants them.

    Returns
    -------
    vertex : (corner,) int
    surface : (corner,) int64
        Position in ``which``.
    ring_offsets, polygon_offsets : int64
        For ``shapely.from_ragged_array``.
    """
    counts = np.diff(faces.surface_rings)[which]
    rings = np.repeat(faces.surface_rings[which], counts) + ramp(counts)
    sizes = np.diff(faces.ring_offsets)[rings].astype(np.int64)
    place = np.repeat(faces.ring_offsets[rings], sizes + 1) + ramp(sizes + 1) % np.repeat(sizes, sizes + 1)
    surface = np.repeat(np.repeat(np.arange(len(which)), counts), sizes + 1)
    return faces.ring_vertices[place], surface, offsets(sizes + 1), offsets(counts)


def next_corner(ring_offsets: np.ndarray) -> np.ndarray:
    """For each ring corner the number of the corner that follows it in its ring."""
    found = np.arange(1, ring_offsets[-1] + 1)
    found[ring_offsets[1:] - 1] = ring_offsets[:-1]
    return found


def surface_vectors(faces: Surfaces) -> np.ndarray:
    """Vector area of each surface, holes taken off.

    Returns
    -------
    (surface, 3) float64
        Points out of the building where the winding is right. [m2]
    """
    rings = ring_vectors(faces.vertices, faces.ring_vertices, faces.ring_offsets)
    if not len(faces):
        return np.zeros((0, 3))
    return np.add.reduceat(rings, faces.surface_rings[:-1], axis=0)


def triangle_vectors(faces: Surfaces) -> np.ndarray:
    """Vector area of each triangle. [m2]"""
    corners = faces.vertices[faces.triangles]
    return np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]) / 2


def surface_areas(faces: Surfaces) -> np.ndarray:
    """True area of each surface, as the sum of its triangles (a bent polygon has more than its vector area). [m2]"""
    areas = np.linalg.norm(triangle_vectors(faces), axis=1)
    return np.bincount(faces.triangle_surface, areas, len(faces))


def plan_areas(faces: Surfaces) -> np.ndarray:
    """Area of each surface seen from above, positive where it faces up. [m2]"""
    return surface_vectors(faces)[:, 2]


def surface_of_ring(faces: Surfaces) -> np.ndarray:
    """Surface of each ring."""
    return np.repeat(np.arange(len(faces)), np.diff(faces.surface_rings))


def surface_of_corner(faces: Surfaces) -> np.ndarray:
    """Surface of each ring corner."""
    return np.repeat(surface_of_ring(faces), np.diff(faces.ring_offsets))


def corner_range(faces: Surfaces) -> tuple[np.ndarray, np.ndarray]:
    """First corner of each surface, and the one after its last."""
    return faces.ring_offsets[faces.surface_rings[:-1]], faces.ring_offsets[faces.surface_rings[1:]]


def surface_heights(faces: Surfaces) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner of each surface. [m]"""
    if not len(faces):
        return np.zeros(0), np.zeros(0)
    heights = faces.vertices[faces.ring_vertices, 2]
    first, _ = corner_range(faces)
    return np.minimum.reduceat(heights, first), np.maximum.reduceat(heights, first)


def triangulate(faces: Surfaces) -> tuple[np.ndarray, np.ndarray]:
    """Cut every surface into triangles that turn the way its outer ring does.

    Triangles and convex quadrilaterals are cut at once; all others one by one by ear clipping in the coordinate plane
    that shows the surface largest.

    Returns
    -------
    triangles : (triangle, 3) int32
        Vertices.
    triangle_surface : (triangle,) int32
        Ascending.
    """
    count = len(faces)
    if not count:
        return np.zeros((0, 3), np.int32), np.zeros(0, np.int32)
    vectors = surface_vectors(faces)
    first, last = corner_range(faces)
    size = last - first
    single = np.diff(faces.surface_rings) == 1
    flat = _flattened(faces, vectors)
    parts: list[np.ndarray] = []
    owners: list[np.ndarray] = []

    three = np.flatnonzero(single & (size == 3))
    parts.append(first[three, None] + np.arange(3))
    owners.append(three)

    four = np.flatnonzero(single & (size == 4))
    corners = first[four, None] + np.arange(4)
    cut = _quad_cut(flat[corners])
    good = cut >= 0
    turned = (corners[good][:, :, None])[:, :, 0]
    turned = np.take_along_axis(turned, (np.arange(4) + cut[good, None]) % 4, axis=1)
    parts += [turned[:, [0, 1, 2]], turned[:, [0, 2, 3]]]
    owners += [four[good], four[good]]

    done = np.zeros(count, bool)
    done[three] = done[four[good]] = True
    many, many_owners = _clip_ears(faces, flat, np.flatnonzero(~done), first, last)
    parts.append(many)
    owners.append(many_owners)

    corner_triangles = np.concatenate(parts)
    owner = np.concatenate(owners)
    order = np.argsort(owner, kind="stable")
    triangles = faces.ring_vertices[corner_triangles[order]].astype(np.int32)
    return triangles, owner[order].astype(np.int32)


def _flattened(faces: Surfaces, vectors: np.ndarray) -> np.ndarray:
    """Corners in the coordinate plane across the largest part of the normal, turned so that outer rings run left."""
    axis = np.abs(vectors).argmax(axis=1)
    positive = np.take_along_axis(vectors, axis[:, None], axis=1)[:, 0] >= 0
    u = np.where(positive, (axis + 1) % 3, (axis + 2) % 3)
    v = np.where(positive, (axis + 2) % 3, (axis + 1) % 3)
    owner = surface_of_corner(faces)
    first, _ = corner_range(faces)
    points = faces.vertices[faces.ring_vertices] - faces.vertices[faces.ring_vertices[first]][owner]
    row = np.arange(len(owner))
    return np.column_stack([points[row, u[owner]], points[row, v[owner]]])


def _quad_cut(quads: np.ndarray) -> np.ndarray:
    """Corner (0 or 1) from which a diagonal cuts each quadrilateral into two left-turning halves; -1 if none does."""

    def twice_area(a: int, b: int, c: int) -> np.ndarray:
        p, q, r = quads[:, a], quads[:, b], quads[:, c]
        return (q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0])

    from_0 = np.minimum(twice_area(0, 1, 2), twice_area(0, 2, 3))
    from_1 = np.minimum(twice_area(1, 2, 3), twice_area(1, 3, 0))
    best = np.where(from_0 >= from_1, 0, 1)
    return np.where(np.maximum(from_0, from_1) > 0, best, -1)


def _clip_ears(
    faces: Surfaces, flat: np.ndarray, which: np.ndarray, first: np.ndarray, last: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    found: list[np.ndarray] = [np.zeros((0, 3), np.int64)]
    owner: list[np.ndarray] = [np.zeros(0, np.int64)]
    ring_offsets, surface_rings = faces.ring_offsets, faces.surface_rings
    for s in which.tolist():
        start, stop = first[s], last[s]
        ends = (ring_offsets[surface_rings[s] + 1 : surface_rings[s + 1] + 1] - start).astype(np.uint32)
        triangles = mapbox_earcut.triangulate_float64(flat[start:stop], ends).reshape(-1, 3).astype(np.int64)
        if len(triangles) and len(triangles) < stop - start + 2 * len(ends) - 4:
            triangles = _with_corners_on_edges(flat[start:stop], triangles)
        found.append(triangles + start)
        owner.append(np.full(len(triangles), s))
    corners = np.concatenate(found)
    p, q, r = (flat[corners[:, k]] for k in range(3))
    twice = (q[:, 0] - p[:, 0]) * (r[:, 1] - p[:, 1]) - (q[:, 1] - p[:, 1]) * (r[:, 0] - p[:, 0])
    corners[twice < 0] = corners[twice < 0][:, ::-1]
    return corners, np.concatenate(owner)


def _with_corners_on_edges(flat: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Split triangles at the corners that ear clipping leaves out because they lie on a straight side.

    Without them the triangles of neighbouring faces would not meet corner to corner.
    """
    found = triangles.tolist()
    for corner in np.setdiff1d(np.arange(len(flat)), triangles).tolist():
        sides = np.array([(a, b) for a, b, c in found] + [(b, c) for a, b, c in found] + [(c, a) for a, b, c in found])
        along = flat[sides[:, 1]] - flat[sides[:, 0]]
        offset = flat[corner] - flat[sides[:, 0]]
        length = np.maximum((along**2).sum(axis=1), 1e-18)
        share = (along * offset).sum(axis=1) / length
        off = np.abs(along[:, 0] * offset[:, 1] - along[:, 1] * offset[:, 0]) / np.sqrt(length)
        off[(share <= 0) | (share >= 1)] = np.inf
        side = int(off.argmin())
        if off[side] > 1e-3:
            continue
        owner, first = side % len(found), side // len(found)
        triangle = found[owner][first:] + found[owner][:first]
        found[owner] = [triangle[0], corner, triangle[2]]
        found.append([corner, triangle[1], triangle[2]])
    return np.array(found, np.int64)


def reversed_surfaces(faces: Surfaces, turn: np.ndarray) -> Surfaces:
    """A copy in which the rings and triangles of the surfaces ``turn`` (bool) run the other way."""
    size = np.diff(faces.ring_offsets)
    start = np.repeat(faces.ring_offsets[:-1], size)
    place = np.arange(faces.ring_offsets[-1])
    # first corner stays, the others run backwards
    mirrored = start + (np.repeat(size, size) - (place - start)) % np.repeat(size, size)
    flip = turn[surface_of_corner(faces)]
    corners = faces.ring_vertices[np.where(flip, mirrored, place)]
    triangles = faces.triangles.copy()
    back = turn[faces.triangle_surface]
    triangles[back] = triangles[back][:, [0, 2, 1]]
    return Surfaces(
        faces.vertices,
        corners,
        faces.ring_offsets,
        faces.surface_rings,
        faces.kind,
        faces.building,
        triangles,
        faces.triangle_surface,
    )
