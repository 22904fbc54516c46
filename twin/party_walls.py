"""Walls that neighbours share, and what is left of them as facade."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely

from twin.city import WALL, City, Surfaces
from twin.faces import closed_rings, corner_range, ramp, surface_areas, surface_vectors
from twin.mesh import copies_of
from twin.roofs import azimuth_and_tilt

GAP = 0.05
"""Two walls stand in one plane when no corner of either lies further than this from the plane of the other. [m]"""

SLANT = 0.02
"""Walls are compared when their normals are opposite within this (about 1.1 degrees) and this level. [1]"""

SECTORS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
"""Eight directions a facade may look, each 45 degrees wide, N centred on 0."""


@dataclass(frozen=True, eq=False)
class PartyWalls:
    """Where buildings touch.

    Attributes
    ----------
    pairs : DataFrame
        One row per pair of walls that overlap: ``surface``, ``other`` (numbers, ``surface`` < ``other``), ``building``,
        ``neighbour`` (rows), ``area`` of the overlap. [m2]
    shared : (surface,) float64
        Part of each surface that touches any neighbour; where two neighbours overlap it counts once. [m2]
    """

    pairs: pd.DataFrame
    shared: np.ndarray


def party_walls(city: City) -> PartyWalls:
    """Find the walls that stand against a wall of another building, and how much of them.

    Two walls touch where they are vertical, look at each other, stand in one plane within `GAP`, and their polygons,
    laid into that plane, overlap. Overlaps are exact polygon intersections. A wall that repeats another one of its
    building counts once.

    Returns
    -------
    PartyWalls
    """
    faces = city.surfaces
    which = _vertical_walls(faces)
    if not len(which):
        return PartyWalls(_pairs([], [], [], faces), np.zeros(len(faces)))
    normals = surface_vectors(faces)[which]
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    lines = _spans(faces, which)
    one, other = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=GAP)
    pick = (one < other) & (faces.building[which[one]] != faces.building[which[other]])
    pick[pick] &= (normals[one[pick]] * normals[other[pick]]).sum(axis=1) < -(1 - SLANT**2)
    one, other = one[pick], other[pick]
    near = _off_plane(faces, which, normals, one, other) <= GAP
    one, other = one[near], other[near]
    if not len(one):
        return PartyWalls(_pairs([], [], [], faces), np.zeros(len(faces)))
    left = _in_plane(faces, which[one], which[one], normals[one])
    right = _in_plane(faces, which[other], which[one], normals[one])
    overlap = shapely.intersection(left, right)
    area = shapely.area(overlap)
    touch = area > 1e-6
    one, other, overlap, area = one[touch], other[touch], overlap[touch], area[touch]
    shared = np.zeros(len(faces))
    _add_shared(shared, which[one], overlap)
    mirrored = shapely.intersection(
        _in_plane(faces, which[one], which[other], normals[other]),
        _in_plane(faces, which[other], which[other], normals[other]),
    )
    _add_shared(shared, which[other], mirrored)
    return PartyWalls(_pairs(which[one], which[other], area, faces), np.minimum(shared, surface_areas(faces)))


def facade_areas(city: City, walls: PartyWalls | None = None) -> pd.DataFrame:
    """Area of outer wall by direction, party walls taken off.

    Returns
    -------
    DataFrame
        One row per building, in table order; columns `SECTORS` and ``party``. [m2]
    """
    faces = city.surfaces
    walls = walls or party_walls(city)
    wall = np.flatnonzero((faces.kind == WALL) & (copies_of(faces) == np.arange(len(faces))))
    azimuth, _ = azimuth_and_tilt(surface_vectors(faces)[wall])
    free = np.maximum(surface_areas(faces)[wall] - walls.shared[wall], 0)
    known = np.isfinite(azimuth)
    sector = np.zeros(len(wall), int)
    sector[known] = (np.rint(azimuth[known] / 45) % 8).astype(int)
    count = len(city.buildings)
    cells = np.bincount(faces.building[wall] * 8 + sector, np.where(known, free, 0), count * 8).reshape(count, 8)
    table = pd.DataFrame(cells, index=city.buildings.index, columns=list(SECTORS))
    table["party"] = np.bincount(faces.building, walls.shared, count)
    return table


def _vertical_walls(faces: Surfaces) -> np.ndarray:
    vectors = surface_vectors(faces)
    size = np.linalg.norm(vectors, axis=1)
    upright = (faces.kind == WALL) & (size > 1e-4) & (np.abs(vectors[:, 2]) < SLANT * size)
    return np.flatnonzero(upright & (copies_of(faces) == np.arange(len(faces))))


def _corner_lists(faces: Surfaces, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All ring corners of some surfaces in one row, and how many each has."""
    first, last = corner_range(faces)
    counts = last[which] - first[which]
    place = np.repeat(first[which], counts) + ramp(counts)
    return faces.vertices[faces.ring_vertices[place]], counts


def _spans(faces: Surfaces, which: np.ndarray) -> np.ndarray:
    """Each wall seen from above, as the line between its two outermost corners."""
    points, counts = _corner_lists(faces, which)
    starts = np.cumsum(counts) - counts
    vectors = surface_vectors(faces)[which]
    along = np.column_stack([-vectors[:, 1], vectors[:, 0]])
    along /= np.linalg.norm(along, axis=1)[:, None]
    origin = points[starts, :2]
    reach = ((points[:, :2] - np.repeat(origin, counts, axis=0)) * np.repeat(along, counts, axis=0)).sum(axis=1)
    low, high = np.minimum.reduceat(reach, starts), np.maximum.reduceat(reach, starts)
    ends = np.stack([origin + low[:, None] * along, origin + high[:, None] * along], axis=1)
    return np.asarray(shapely.linestrings(ends))


def _off_plane(
    faces: Surfaces, which: np.ndarray, normals: np.ndarray, one: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Largest distance of a corner of either wall from the plane of the other. [m]"""
    first, _ = corner_range(faces)
    worst = np.zeros(len(one))
    for plane, wall in ((one, other), (other, one)):
        if not len(wall):
            return worst
        points, counts = _corner_lists(faces, which[wall])
        offset = points - np.repeat(faces.vertices[faces.ring_vertices[first[which[plane]]]], counts, axis=0)
        off = np.abs((offset * np.repeat(normals[plane], counts, axis=0)).sum(axis=1))
        worst = np.maximum(worst, np.maximum.reduceat(off, np.cumsum(counts) - counts))
    return worst


def _in_plane(faces: Surfaces, walls: np.ndarray, frames: np.ndarray, normals: np.ndarray) -> np.ndarray:
    """Walls as polygons in the plane of the walls ``frames``: along it, and up."""
    first, _ = corner_range(faces)
    vertex, owner, ring_offsets, polygon_offsets = closed_rings(faces, walls)
    offset = faces.vertices[vertex] - faces.vertices[faces.ring_vertices[first[frames]]][owner]
    along = np.column_stack([-normals[:, 1], normals[:, 0]])
    along /= np.linalg.norm(along, axis=1)[:, None]
    flat = np.column_stack([(offset[:, :2] * along[owner]).sum(axis=1), offset[:, 2]])
    found = np.asarray(
        shapely.from_ragged_array(shapely.GeometryType.POLYGON, flat, (ring_offsets, polygon_offsets)), dtype=object
    )
    bad = ~shapely.is_valid(found)
    found[bad] = shapely.make_valid(found[bad])
    return found


def _add_shared(shared: np.ndarray, surface: np.ndarray, overlap: np.ndarray) -> None:
    """Area of the union of all overlaps of each surface."""
    order = np.argsort(surface, kind="stable")
    numbers, starts = np.unique(surface[order], return_index=True)
    stops = np.append(starts[1:], len(surface))
    for number, start, stop in zip(numbers.tolist(), starts.tolist(), stops.tolist(), strict=True):
        parts = overlap[order[start:stop]]
        shared[number] = parts[0].area if len(parts) == 1 else shapely.union_all(parts).area


def _pairs(one: object, other: object, area: object, faces: Surfaces) -> pd.DataFrame:
    first, second = np.asarray(one, np.int64), np.asarray(other, np.int64)
    return pd.DataFrame(
        {
            "surface": first,
            "other": second,
            "building": faces.building[first].astype(np.int64),
            "neighbour": faces.building[second].astype(np.int64),
            "area": np.asarray(area, float),
        }
    )
