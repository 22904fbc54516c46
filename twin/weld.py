"""From a reader's part to clean faces: vertices that touch become one, corners that repeat go."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from twin.city import Surfaces
from twin.faces import next_corner, ring_vectors
from twin.formats.part import offsets

WELD = 0.001
"""Vertices are laid on a grid of this size, once those nearer than half of it have become one. [m]"""


def unique_rows(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell equal rows, much faster than ``np.unique(axis=0)``.

    Parameters
    ----------
    rows : (row, column)

    Returns
    -------
    first : (distinct,) int64
        Where each distinct row occurs first, in sorted order of the rows.
    number : (row,) int64
        Distinct row of each row.
    """
    order = np.lexsort(rows.T[::-1])
    ordered = rows[order]
    new = np.ones(len(rows), bool)
    new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    number = np.empty(len(rows), np.int64)
    number[order] = np.cumsum(new) - 1
    return order[new], number


def weld(vertices: np.ndarray, tolerance: float = WELD) -> tuple[np.ndarray, np.ndarray]:
    """Let vertices that touch become one.

    Vertices less than half a ``tolerance`` apart, or linked by such steps, take the place of the first of them.

    Parameters
    ----------
    vertices : (vertex, 3) float64
        All finite. [m]
    tolerance : float
        [m]

    Returns
    -------
    vertices : (fewer, 3) float64
        In the order of their first use.
    number : (vertex,) int64
        New number of each given vertex.
    """
    first, number = unique_rows(np.rint(vertices / (tolerance / 100)).astype(np.int64))
    places = vertices[first]
    pairs = (
        KDTree(places).query_pairs(0.499 * tolerance, output_type="ndarray") if len(places) else np.zeros((0, 2), int)
    )
    graph = coo_array((np.ones(len(pairs), bool), (pairs[:, 0], pairs[:, 1])), shape=(len(places), len(places)))
    count, group = connected_components(graph, directed=False)
    group = group[number]
    leader = np.full(count, len(vertices))
    np.minimum.at(leader, group, np.arange(len(vertices)))
    order = np.argsort(leader)
    rank = np.empty(count, np.int64)
    rank[order] = np.arange(count)
    return vertices[leader[order]], rank[group]


def clean_faces(
    vertices: np.ndarray,
    ring_vertices: np.ndarray,
    ring_offsets: np.ndarray,
    surface_rings: np.ndarray,
    kind: np.ndarray,
    building: np.ndarray,
) -> tuple[Surfaces, np.ndarray]:
    """Weld the vertices, drop repeated corners, rings of fewer than three corners and surfaces without outer ring.

    Holes are turned against their outer ring. Nothing is triangulated yet. Unused vertices go, the others stand in the
    order in which the rings meet them.

    Parameters
    ----------
    vertices, ring_vertices, ring_offsets, surface_rings, kind, building
        As `twin.city.Surfaces`.

    Returns
    -------
    faces : Surfaces
        Without triangles.
    kept : (surface,) int64
        Number each surface had before.
    """
    used, place = np.unique(ring_vertices, return_inverse=True)
    welded, number = weld(vertices[used])
    corners = number[place.reshape(-1)]
    sizes = np.diff(ring_offsets)
    ring = np.repeat(np.arange(len(sizes)), sizes)
    repeated = np.zeros(len(corners), bool)
    if len(corners):
        repeated = (corners[next_corner(ring_offsets)] == corners) & (sizes[ring] > 1)
    corners, ring = corners[~repeated], ring[~repeated]
    sizes = np.bincount(ring, minlength=len(sizes))

    surface = np.repeat(np.arange(len(kind)), np.diff(surface_rings))
    outer = np.zeros(len(sizes), bool)
    outer[surface_rings[:-1]] = True
    sound = sizes >= 3
    alive = sound[surface_rings[:-1]]
    keep = sound & alive[surface]
    corners = corners[keep[ring]]
    surface, sizes, outer = surface[keep], sizes[keep], outer[keep]
    kept = np.flatnonzero(alive)
    new_offsets = offsets(sizes)
    new_surface_rings = offsets(np.bincount(surface, minlength=len(kind))[kept])

    corners = _turn_holes(welded, corners, new_offsets, outer, np.cumsum(outer) - 1)
    left, first, place = np.unique(corners, return_index=True, return_inverse=True)
    order = np.argsort(first)  # vertices in the order the rings meet them, whatever the file's own order
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    left, corners = left[order], rank[place.reshape(-1)]
    faces = Surfaces(
        welded[left],
        corners.astype(np.int32),
        new_offsets.astype(np.int32),
        new_surface_rings.astype(np.int32),
        kind[kept].astype(np.int8),
        building[kept].astype(np.int32),
        np.zeros((0, 3), np.int32),
        np.zeros(0, np.int32),
    )
    return faces, kept


def _turn_holes(
    vertices: np.ndarray, corners: np.ndarray, ring_offsets: np.ndarray, outer: np.ndarray, surface: np.ndarray
) -> np.ndarray:
    vectors = ring_vectors(vertices, corners, ring_offsets)
    along = (vectors * vectors[outer][surface]).sum(axis=1) > 0 if outer.any() else np.zeros(0, bool)
    corners = corners.copy()
    for r in np.flatnonzero(along & ~outer).tolist():
        start, stop = ring_offsets[r], ring_offsets[r + 1]
        corners[start:stop] = corners[start:stop][::-1]
    return corners
