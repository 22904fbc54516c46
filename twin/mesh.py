"""Shells of buildings: are they closed, which way do their faces look, how much do they hold."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from twin.city import GROUND, ROOF, Surfaces
from twin.faces import (
    corner_range,
    next_corner,
    reversed_surfaces,
    surface_of_corner,
    surface_vectors,
    triangle_vectors,
)
from twin.weld import unique_rows


def copies_of(faces: Surfaces) -> np.ndarray:
    """Surfaces that repeat an earlier one of their building: same corners, looking the same way.

    Returns
    -------
    (surface,) int64
        Number of the surface it repeats, its own number where it repeats none.
    """
    count = len(faces)
    found = np.arange(count)
    if not count:
        return found
    first, _ = corner_range(faces)
    marks = np.random.default_rng(0).integers(1, 2**63, (len(faces.vertices), 2), dtype=np.uint64)
    sums = np.add.reduceat(marks[faces.ring_vertices], first, axis=0)
    keys = np.column_stack([faces.building.astype(np.uint64), sums])
    leader, group = unique_rows(keys)
    found = leader[group]
    vectors = surface_vectors(faces)
    same_way = (vectors * vectors[found]).sum(axis=1) > 0
    return np.where(same_way, found, np.arange(count))


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges of all surfaces, each surface side once.

    Attributes
    ----------
    start, end : (side,) int64
        Vertices, in the direction of the ring.
    surface : (side,) int64
    edge : (side,) int64
        Number of the edge of the same building and the same two vertices, whatever the direction.
    edge_building : (edge,) int64
    sides : (edge,) int64
        How many sides it has; 2 on a closed surface.
    balance : (edge,) int64
        Sides that run from the smaller to the larger vertex number, less those that run back; 0 on a closed shell.
    """

    start: np.ndarray
    end: np.ndarray
    surface: np.ndarray
    edge: np.ndarray
    edge_building: np.ndarray
    sides: np.ndarray
    balance: np.ndarray


def edges_of(faces: Surfaces, only: np.ndarray | None = None) -> Edges:
    """Match the sides of the surfaces of each building; of the surfaces ``only`` (bool), where given."""
    start = faces.ring_vertices.astype(np.int64)
    end = start[next_corner(faces.ring_offsets)] if len(start) else start
    surface = surface_of_corner(faces)
    if only is not None:
        start, end, surface = start[only[surface]], end[only[surface]], surface[only[surface]]
    building = faces.building[surface].astype(np.int64)
    low, high = np.minimum(start, end), np.maximum(start, end)
    count = np.int64(len(faces.vertices) + 1)
    _, first, edge = np.unique((building * count + low) * count + high, return_index=True, return_inverse=True)
    edge = edge.reshape(-1)
    sides = np.bincount(edge, minlength=len(first))
    balance = np.bincount(edge, np.where(start < end, 1, -1), len(first)).astype(np.int64)
    return Edges(start, end, surface, edge, building[first], sides, balance)


@dataclass(frozen=True, eq=False)
class Shells:
    """What the edges say of each building.

    Attributes
    ----------
    open : (building,) bool
        Some edge has a single side.
    non_manifold : (building,) bool
        Some edge has more than two sides.
    mixed : (building,) bool
        Two faces that share an edge run along it the same way: one of them is wound wrong.
    """

    open: np.ndarray
    non_manifold: np.ndarray
    mixed: np.ndarray


def shells_of(faces: Surfaces, edges: Edges, buildings: int) -> Shells:
    """Judge the shells of all buildings."""

    def any_edge(which: np.ndarray) -> np.ndarray:
        return np.bincount(edges.edge_building[which], minlength=buildings) > 0

    return Shells(
        any_edge(edges.sides == 1),
        any_edge(edges.sides > 2),
        any_edge((edges.sides == 2) & (edges.balance != 0)),
    )


def matched_winding(faces: Surfaces, edges: Edges) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the surfaces to turn so that neighbours agree, and the patches that hang together.

    Over an edge of two sides both surfaces must run opposite ways; what hangs together over such edges is one patch.
    In each patch the smaller area turns. A patch that cannot agree (a Möbius strip) stays as it is.

    Returns
    -------
    turn : (surface,) bool
    patch : (surface,) int64
    twisted : (surface,) bool
        Belongs to a patch that cannot agree.
    """
    count = len(faces)
    paired = np.flatnonzero(edges.sides[edges.edge] == 2)
    paired = paired[np.argsort(edges.edge[paired], kind="stable")]
    one, other = paired[0::2], paired[1::2]
    a, b = edges.surface[one], edges.surface[other]
    same_way = edges.start[one] == edges.start[other]
    # every surface twice, as it is and turned; equal winding links like with like
    rows = np.concatenate([a, a + count])
    columns = np.concatenate([np.where(same_way, b + count, b), np.where(same_way, b, b + count)])
    graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(2 * count, 2 * count))
    _, label = connected_components(graph, directed=False)
    asis, turned = label[:count], label[count:]
    twisted = asis == turned
    patch_label = np.minimum(asis, turned)
    _, first, patch = np.unique(patch_label, return_index=True, return_inverse=True)
    patch = patch.reshape(-1)
    minor = asis != patch_label
    area = np.linalg.norm(surface_vectors(faces), axis=1)
    total = np.bincount(patch, area, len(first))
    minor_area = np.bincount(patch, np.where(minor, area, 0.0), len(first))
    swap = minor_area > total / 2
    return (minor ^ swap[patch]) & ~twisted, patch, twisted


@dataclass(frozen=True, eq=False)
class Oriented:
    """Faces with the winding made right.

    Attributes
    ----------
    faces : Surfaces
    turned : (building,) bool
        Some whole solid of it was inside out.
    rewound : (surface,) bool
        Turned alone because its neighbours ran the other way.
    volume : (building,) float64
        NaN where the shell is not closed. [m3]
    swept : (building,) float64
        Volume between the faces and their mean corner: that of the shell where it is closed, near it where it almost
        is. [m3]
    """

    faces: Surfaces
    turned: np.ndarray
    rewound: np.ndarray
    volume: np.ndarray
    swept: np.ndarray


def orient(faces: Surfaces, buildings: int) -> Oriented:
    """Make the winding right, solid by solid and never face by face.

    First neighbours are made to agree (`matched_winding`). Then every closed patch is turned if its signed volume is
    negative and it is not a hollow inside another one; an open patch is turned if its roofs look down and its grounds
    up; open patches with neither are judged together by the volume about the middle of their building. A surface that
    repeats another one (`copies_of`) follows it and holds no volume of its own.

    Parameters
    ----------
    faces : Surfaces
        Triangulated.
    buildings : int
        Rows of the table.
    """
    original = copies_of(faces)
    single = original == np.arange(len(faces))
    rewound, patch, _ = matched_winding(faces, edges_of(faces, single))
    patch, rewound = patch[original], rewound[original]
    faces = reversed_surfaces(faces, rewound)
    solid, closed = _solids(faces, edges_of(faces, single), patch, single)
    count = closed.size
    owner = np.zeros(count, np.int64)
    owner[solid] = faces.building
    cone = np.where(single, _cones(faces, _middles(faces, buildings)), 0)
    volume = np.bincount(solid, cone, count)
    up = np.where(single, surface_vectors(faces)[:, 2], 0)
    score = np.bincount(solid, np.where(faces.kind == ROOF, up, 0) - np.where(faces.kind == GROUND, up, 0), count)
    judged = np.where(closed | (np.abs(score) < 1e-9), volume, score)
    wrong = (judged < -1e-9) & ~(closed & _hollow(faces, solid, owner, np.abs(volume)))
    faces = reversed_surfaces(faces, wrong[solid])
    whole = np.bincount(owner, ~closed, buildings) == 0
    filled = np.bincount(faces.building, minlength=buildings) > 0
    sums = np.bincount(owner, np.where(wrong, -volume, volume), buildings)
    turned = np.bincount(owner[wrong], minlength=buildings) > 0
    return Oriented(faces, turned, rewound, np.where(whole & filled & (sums > 0), sums, np.nan), sums)


def _solids(faces: Surfaces, edges: Edges, patch: np.ndarray, single: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Number the units that are judged as one, and say which are closed.

    Patches that are closed by themselves are units, and so are open ones with a roof or a ground to judge them by; the
    others of one building make one unit together.
    """
    count = int(patch.max(initial=-1)) + 1
    loose = ~_balanced(edges, patch, count)
    telling = np.bincount(patch, single & ((faces.kind == ROOF) | (faces.kind == GROUND)), count) > 0
    unit = np.where((loose & ~telling)[patch], count + faces.building, patch)
    numbers, solid = np.unique(unit, return_inverse=True)
    solid = solid.reshape(-1)
    return solid, _balanced(edges, solid, len(numbers))


def _balanced(edges: Edges, group: np.ndarray, groups: int) -> np.ndarray:
    """Groups of surfaces whose sides run up and down every edge equally often: closed shells."""
    key = edges.edge * np.int64(max(groups, 1)) + group[edges.surface]
    found, inverse = np.unique(key, return_inverse=True)
    balance = np.bincount(inverse.reshape(-1), np.where(edges.start < edges.end, 1, -1), len(found))
    return np.bincount(found % max(groups, 1), balance != 0, groups) == 0


def _middles(faces: Surfaces, buildings: int) -> np.ndarray:
    """Mean corner of each building: volumes are summed about it, to keep their digits."""
    owner = faces.building[surface_of_corner(faces)]
    count = np.maximum(np.bincount(owner, minlength=buildings), 1)
    points = faces.vertices[faces.ring_vertices]
    return np.column_stack([np.bincount(owner, points[:, k], buildings) / count for k in range(3)])


def _cones(faces: Surfaces, middle: np.ndarray) -> np.ndarray:
    """Volume between each surface and the middle of its building, positive where the surface looks away. [m3]"""
    corner = faces.vertices[faces.triangles[:, 0]] - middle[faces.building[faces.triangle_surface]]
    each = (corner * triangle_vectors(faces)).sum(axis=1) / 3
    return np.bincount(faces.triangle_surface, each, len(faces))


def _hollow(faces: Surfaces, solid: np.ndarray, owner: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Solids whose box lies inside the box of a larger solid of the same building: courtyard voids and the like."""
    count = size.size
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    corner = solid[surface_of_corner(faces)]
    np.minimum.at(low, corner, faces.vertices[faces.ring_vertices])
    np.maximum.at(high, corner, faces.vertices[faces.ring_vertices])
    found = np.zeros(count, bool)
    several = np.flatnonzero(np.bincount(owner)[owner] > 1)
    for one in several.tolist():
        others = np.flatnonzero((owner == owner[one]) & (size > size[one]))
        found[one] = bool(((low[others] <= low[one]).all(axis=1) & (high[others] >= high[one]).all(axis=1)).any())
    return found
