"""Grey massing: a city's buildings as extruded footprints, for the coarse tiles that appear first."""

import itertools

import geopandas as gpd
import mapbox_earcut
import numpy as np
import shapely

from twin.city import ROOF, WALL
from viewer.glb import BYTES_PER_FEATURE, BYTES_PER_TRIANGLE, BYTES_PER_VERTEX, Mesh

FOOT = 2.0
"""Walls are carried this far into the ground, so that no gap shows on a slope. [m]"""

WALL_COLOR = np.array([226, 217, 202], np.uint8)
ROOF_COLOR = np.array([197, 186, 168], np.uint8)
FOOT_SHADE = 0.72
"""Albedo at the foot of a wall relative to its top: a hint of ambient occlusion. [1]"""

_BYTES_PER_CORNER = 5 * BYTES_PER_VERTEX + 3 * BYTES_PER_TRIANGLE


def building_heights(buildings: gpd.GeoDataFrame) -> np.ndarray:
    """Height of a flat roof that stands for the building, between eaves and ridge. [m]"""
    ridge = np.nan_to_num(buildings["ridge_height"].to_numpy(float), nan=3.0)
    eaves = buildings["eaves_height"].to_numpy(float)
    eaves = np.where(np.isfinite(eaves), eaves, ridge)
    return np.maximum((eaves + ridge) / 2, 0.5)


def extrude(
    outlines: np.ndarray, low: np.ndarray, high: np.ndarray, origin: tuple[float, float], feature: np.ndarray | None
) -> Mesh | None:
    """Prisms over polygons.

    Parameters
    ----------
    outlines : (polygon,) object
        Polygons in Lambert 72; holes are left out.
    low, high : (polygon,) float64
        Height TAW of the foot and of the flat roof. [m]
    origin : tuple of float
        Easting and northing of the local frame. [m]
    feature : (polygon,) int or None
        Feature of each polygon.

    Returns
    -------
    Mesh or None
        None where nothing is left to draw. Vertices: four to each wall, then the corners of all roofs.
    """
    shells = shapely.get_exterior_ring(shapely.orient_polygons(outlines, exterior_cw=False))
    points, owner = shapely.get_coordinates(shells, return_index=True)
    if len(points) == 0:
        return None
    closing = np.r_[owner[1:] != owner[:-1], True]  # a ring repeats its first corner
    opening = np.r_[True, closing[:-1]]
    first = np.repeat(points[opening], np.diff(np.r_[np.flatnonzero(opening), len(points)]) - 1, axis=0)
    points, owner, last = points[~closing], owner[~closing], np.r_[closing[1:], True][~closing]
    points = points - np.asarray(origin)
    following = np.where(last[:, None], first - np.asarray(origin), np.roll(points, -1, axis=0))
    along = following - points
    outward = np.column_stack([along[:, 1], -along[:, 0]]) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]

    count = len(points)
    walls = np.empty((count, 4, 3))
    walls[:, 0, :2] = walls[:, 3, :2] = points
    walls[:, 1, :2] = walls[:, 2, :2] = following
    walls[:, :2, 2], walls[:, 2:, 2] = low[owner][:, None], high[owner][:, None]
    quads = (4 * np.arange(count)[:, None] + np.array([0, 1, 2, 0, 2, 3])).reshape(-1, 3)
    shade = np.tile([FOOT_SHADE, FOOT_SHADE, 1.0, 1.0], count)[:, None]
    features = None if feature is None else np.concatenate([np.repeat(feature[owner], 4), feature[owner]])
    return Mesh(
        np.concatenate([walls.reshape(-1, 3), np.column_stack([points, high[owner]])]),
        np.concatenate(
            [
                np.repeat(np.column_stack([outward, np.zeros(count)]), 4, axis=0),
                np.tile([0.0, 0.0, 1.0], (count, 1)),
            ]
        ),
        np.concatenate([quads, 4 * count + _caps(points, owner)]),
        np.repeat(np.array([WALL, ROOF], np.uint8), [4 * count, count]),
        np.concatenate([np.rint(WALL_COLOR * shade).astype(np.uint8), np.tile(ROOF_COLOR, (count, 1))]),
        features,
    )


def _caps(points: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Triangles over rings, counter-clockwise seen from above."""
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1], True])
    found = [
        mapbox_earcut.triangulate_float64(points[a:b], np.array([b - a], np.uint32)).astype(np.int64) + a
        for a, b in itertools.pairwise(starts)
    ]
    caps = np.concatenate(found).reshape(-1, 3)
    a, b, c = (points[caps[:, corner]] for corner in range(3))
    turned = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) < (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    caps[turned] = caps[turned][:, ::-1]
    return caps


def each_building(buildings: gpd.GeoDataFrame, budget: int, origin: tuple[float, float]) -> Mesh | None:
    """One prism per building part, as fine as the budget allows.

    Parameters
    ----------
    buildings : GeoDataFrame
        Rows of the city's buildings table; a feature is a position in it.
    budget : int
        Largest size of the mesh in a tile. [byte]
    origin : tuple of float
        Easting and northing of the local frame. [m]

    Returns
    -------
    Mesh or None
        None where even outlines simplified to 2 m do not fit.
    """
    parts, owner = shapely.get_parts(buildings.geometry.to_numpy(), return_index=True)
    ground = buildings["ground_z"].to_numpy(float)[owner]
    for tolerance in (0.3, 0.7, 1.2, 2.0):
        plain = shapely.simplify(parts, tolerance)
        plain = np.where(shapely.is_empty(plain), parts, plain)
        if _BYTES_PER_CORNER * _corners(plain) + BYTES_PER_FEATURE * 2 * len(buildings) < budget:
            return extrude(plain, ground - FOOT, ground + building_heights(buildings)[owner], origin, owner)
    return None


def _corners(outlines: np.ndarray) -> int:
    return int(shapely.get_num_coordinates(shapely.get_exterior_ring(outlines)).sum()) - len(outlines)


def dissolved(buildings: gpd.GeoDataFrame, budget: int, origin: tuple[float, float]) -> Mesh | None:
    """Neighbours of similar height as one prism, without features, as fine as the budget allows.

    Parameters
    ----------
    buildings, budget, origin
        As `each_building`.

    Returns
    -------
    Mesh or None
        None where there is no building of a size to be drawn.
    """
    ground = buildings["ground_z"].to_numpy(float)
    top = ground + building_heights(buildings)
    area = np.maximum(shapely.area(buildings.geometry.to_numpy()), 1e-6)
    tolerance = max(1.0, 1.2 * np.sqrt(4 * _BYTES_PER_CORNER * len(buildings) / budget))
    while True:
        plain = shapely.simplify(buildings.geometry.to_numpy(), tolerance / 2)
        near = shapely.buffer(plain, tolerance, join_style="mitre")
        outlines, feet, tops = [], [], []
        classes = np.rint(top / (2.5 * tolerance)).astype(int)
        for level in np.unique(classes):
            chosen = classes == level
            joined = shapely.buffer(shapely.union_all(near[chosen]), -0.8 * tolerance, join_style="mitre")
            parts = shapely.get_parts(shapely.simplify(joined, tolerance))
            parts = parts[(shapely.get_type_id(parts) == 3) & (shapely.area(parts) > 2 * tolerance**2)]
            outlines.append(parts)
            feet.append(np.full(len(parts), ground[chosen].min() - FOOT))
            tops.append(np.full(len(parts), np.average(top[chosen], weights=area[chosen])))
        shapes = np.concatenate(outlines)
        if _BYTES_PER_CORNER * _corners(shapes) < budget:
            return extrude(shapes, np.concatenate(feet), np.concatenate(tops), origin, None)
        tolerance *= 1.6
