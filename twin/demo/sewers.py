"""Sewers of the demo district: a gravity tree under its streets, sized by the rational method, ending in the lowest."""

import itertools

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from kernels.flood.sewer_words import CIRCULAR, JUNCTION, MANHOLE_AREA, OUTFALL_FREE
from kernels.quantities import attrs
from twin.city import Terrain
from twin.drains import frozen, with_inlets
from twin.streets import BELOW, FOOT

SPACING = 45.0
"""Longest stretch between two manholes. [m]"""
COVER = 2.2
"""Least depth of an invert under its street. [m]"""
LEAST_SLOPE = 0.003
"""[1] Self-cleansing for small pipes, as EN 752 (2017) asks; the demo keeps it everywhere."""
MANNING = 0.013
"""Concrete in use. [s m^(-1/3)] Chow (1959), table 5-6."""
DESIGN_RATE = 0.025 / 3600.0
"""Rain that a full pipe carries: 25 mm in an hour, the figure of the 10-year rule on one's own plot. [m s⁻¹]"""
RUNOFF = 0.7
"""Part of that rain that reaches the sewer of a dense district. [1]"""
SIZES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.5, 3.0)
"""Diameters one can buy. [m]"""


def make_sewers(links: gpd.GeoDataFrame, terrain: Terrain, bounds: tuple[float, float, float, float]) -> xr.Dataset:
    """Lay sewers under the streets.

    Parameters
    ----------
    links : GeoDataFrame
        Streets of the district; footpaths have no sewer.
    terrain : Terrain
    bounds : tuple of float
        West, south, east, north. [m]

    Returns
    -------
    xarray.Dataset
        As `twin.drains` knows a network. Every manhole drains an equal part of the district; each connected part of
        the streets has an outfall beside its lowest manhole.
    """
    streets = links[~(links["kind"].isin(FOOT) | links["kind"].str.endswith(BELOW))]
    points, pairs = _manholes(streets)
    ground = terrain.sample(points[:, 0], points[:, 1])
    length = np.hypot(*(points[pairs[:, 0]] - points[pairs[:, 1]]).T)
    down, order, lowest = _tree(len(points), pairs, length, ground)
    rank = np.argsort(-order, kind="stable")
    run = np.hypot(*(points - points[down]).T)
    invert, above = ground - COVER, np.ones(len(points))
    # from the leaves down, no pipe rises and each carries what those above it bring
    for n in rank:
        if down[n] != n:
            invert[down[n]] = min(invert[down[n]], invert[n] - LEAST_SLOPE * run[n])
            above[down[n]] += above[n]
    west, south, east, north = bounds
    flow = above * (east - west) * (north - south) / len(points) * RUNOFF * DESIGN_RATE
    has_pipe = np.flatnonzero(down != np.arange(len(points)))
    slope = np.append((invert - invert[down])[has_pipe] / run[has_pipe], np.full(lowest.size, LEAST_SLOPE))
    start = np.append(has_pipe, lowest)
    end = np.append(down[has_pipe], len(points) + np.arange(lowest.size))
    reach = np.append(run[has_pipe], np.full(lowest.size, SPACING))
    # Manning full: Q = (pi/4) D² (D/4)^(2/3) sqrt(S) / n
    full = np.array([np.pi / 4 * d**2 * (d / 4) ** (2 / 3) / MANNING for d in SIZES])
    need = np.searchsorted(full, flow[start] / np.sqrt(slope))
    size = np.array(SIZES)[np.minimum(need, len(SIZES) - 1)]
    # no pipe is narrower than one that runs into it
    wide = np.zeros(len(points) + lowest.size)
    for k in [*_place(has_pipe, rank), *range(has_pipe.size, start.size)]:
        size[k] = max(size[k], wide[start[k]])
        wide[end[k]] = max(wide[end[k]], size[k])
    mouth = invert[lowest] - LEAST_SLOPE * SPACING
    return _network(points, ground, invert, lowest, mouth, (start, end, reach, size))


def _place(has_pipe: np.ndarray, rank: np.ndarray) -> list[int]:
    """Pipes in the order in which water passes them."""
    number = {int(n): k for k, n in enumerate(has_pipe)}
    return [number[int(n)] for n in rank if int(n) in number]


def _manholes(streets: gpd.GeoDataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Places of manholes and the pairs of neighbours along the streets."""
    places: dict[tuple[float, float], int] = {}
    pairs: list[tuple[int, int]] = []
    for line in streets.geometry:
        pieces = max(int(np.ceil(line.length / SPACING)), 1)
        along = shapely.line_interpolate_point(line, np.linspace(0.0, line.length, pieces + 1))
        found = [places.setdefault((round(p.x, 2), round(p.y, 2)), len(places)) for p in along]
        pairs += [(a, b) for a, b in itertools.pairwise(found) if a != b]
    return np.array(list(places), float).reshape(-1, 2), np.array(pairs, int).reshape(-1, 2)


def _tree(
    count: int, pairs: np.ndarray, length: np.ndarray, ground: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Next manhole downstream (itself at an outfall), distance to the outfall, lowest manhole of each part.

    Going uphill costs twenty times the rise, so that pipes follow the valleys.
    """
    both = np.concatenate([pairs, pairs[:, ::-1]])
    rise = np.maximum(ground[both[:, 0]] - ground[both[:, 1]], 0.0)
    cost = np.tile(length, 2) + 20.0 * rise
    # from the outfall outward: stepping from a to b means that water runs from b to a, uphill where a is higher
    graph = coo_matrix((cost, (both[:, 0], both[:, 1])), (count, count)).tocsr()
    _, part = connected_components(graph, directed=False)
    lowest = np.array([np.flatnonzero(part == k)[np.argmin(ground[part == k])] for k in np.unique(part)])
    distance, before, _ = dijkstra(graph, indices=lowest, return_predecessors=True, min_only=True)
    return np.where(before < 0, np.arange(count), before), distance, lowest


def _network(
    points: np.ndarray,
    ground: np.ndarray,
    invert: np.ndarray,
    lowest: np.ndarray,
    mouth: np.ndarray,
    pipes: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> xr.Dataset:
    start, end, reach, size = pipes
    own, out = len(points), lowest.size
    bottom = np.concatenate([invert, mouth])
    tables = {
        "node": {
            "x": np.append(points[:, 0], points[lowest, 0]),
            "y": np.append(points[:, 1], points[lowest, 1]),
            "kind": np.repeat([JUNCTION, OUTFALL_FREE], [own, out]).astype(float),
            "invert": bottom,
            "rim": np.append(ground, mouth),
            "area": np.full(own + out, MANHOLE_AREA),
        },
        "conduit": {
            "start": start.astype(float),
            "end": end.astype(float),
            "length": reach,
            "shape": np.full(start.size, float(CIRCULAR)),
            "height": size,
            "width": size,
            "roughness": np.full(start.size, MANNING),
            "start_invert": bottom[start],
            "end_invert": bottom[end],
        },
    }
    variables = {
        f"{dim}_{key}": ((dim,), np.asarray(values, float), attrs(f"{dim}_{key}"))
        for dim, parts in tables.items()
        for key, values in parts.items()
    }
    names = {
        "node": [f"M{k:04d}" for k in range(own)] + [f"OUT{k}" for k in range(out)],
        "conduit": [f"P{k:04d}" for k in range(start.size)],
    }
    found = xr.Dataset(variables, coords={dim: (dim, np.array(ids, dtype=str)) for dim, ids in names.items()})
    return frozen(with_inlets(found))
