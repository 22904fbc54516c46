"""A neighbourhood as cars see it: its local streets, and the gates where they meet the streets around it."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial.distance import squareform
from shapely.geometry.base import BaseGeometry

from scenarios.problem import ScenarioError
from scenarios.street_picking import streets_inside
from twin.city import City
from twin.street_access import CAR
from twin.street_classes import class_of, of_classes
from twin.street_graph import StreetGraph, graph_of

STRAIGHT = 1.2
"""Two gates are on one boundary street where the way along it is no longer than so many beelines: who then drives
through the neighbourhood gains little. An assumption. [1]"""


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """Local streets and gates.

    Attributes
    ----------
    streets : (street,) int64
        Rows of ``city.links``.
    ends : (street, 2) int64
        Nodes where each starts and ends, numbered from 0 in the neighbourhood.
    allowed : (street, 2) bool
        Whether cars may drive along the line, and against it.
    nodes : int
    gates : dict
        Number of the boundary street by node.
    boundary_streets : int
    """

    streets: np.ndarray
    ends: np.ndarray
    allowed: np.ndarray
    nodes: int
    gates: dict[int, int]
    boundary_streets: int


def neighbourhood_of(city: City, polygon: BaseGeometry, sides: BaseGeometry | None = None) -> Neighbourhood:
    """The neighbourhood inside a polygon, and what hangs on it alone.

    Main streets inside the polygon are no part of it; a local street outside that is reached through it alone is.

    Parameters
    ----------
    city : City
    polygon : Polygon
    sides : Polygon, optional
        Of few corners: then main streets inside belong to it as well, and a gate is on the nearest of these sides
        instead of on the street that runs through it. For a whole town centre inside a ring.

    Raises
    ------
    ScenarioError
        No local street lies inside, or none meets a street outside.
    """
    if not len(city.links):
        raise ScenarioError("the city has no streets; import them with --streets", "polygon")
    graph = graph_of(city)
    start, end = graph.ends()
    arcs = graph.arcs("car")
    allowed = np.zeros((len(graph.links), 2), bool)
    allowed[arcs.link, np.where(arcs.along, 0, 1)] = True
    driven = allowed.any(axis=1)
    main = of_classes("main", class_of(graph.links["kind"].to_numpy(object)))
    inside = np.zeros(len(graph.links), bool)
    inside[graph.links.index.get_indexer(streets_inside(polygon, city, CAR))] = True
    inside &= driven & (~main if sides is None else True)
    if not inside.any():
        raise ScenarioError("no local street for cars lies inside it; draw it around some", "polygon")
    inside |= _hanging_on(inside, driven & ~inside, start, end, len(graph.nodes))
    outside = driven & ~inside
    mine = np.zeros(len(graph.nodes), bool)
    mine[start[inside]] = mine[end[inside]] = True
    around = np.zeros(len(graph.nodes), bool)
    around[start[outside]] = around[end[outside]] = True
    gates = np.flatnonzero(mine & around)
    if not gates.size:
        raise ScenarioError("none of its streets meets a street outside; draw it inside the city's streets", "polygon")
    number = np.cumsum(mine) - 1
    streets = np.flatnonzero(inside)
    if sides is None:
        group = _boundary_streets(graph, gates, outside, start, end)
    else:
        group = _sides(sides, np.column_stack([graph.nodes.geometry.x, graph.nodes.geometry.y])[gates])
    return Neighbourhood(
        streets,
        number[np.column_stack([start[streets], end[streets]])],
        allowed[streets],
        int(mine.sum()),
        {int(number[node]): street for node, street in zip(gates, group, strict=True)},
        len(set(group)),
    )


def _hanging_on(inside: np.ndarray, outside: np.ndarray, start: np.ndarray, end: np.ndarray, nodes: int) -> np.ndarray:
    """Streets outside that are apart from the largest part of what is outside, and touch the neighbourhood."""
    rows = np.flatnonzero(outside)
    if not rows.size:
        return np.zeros_like(inside)
    matrix = coo_matrix((np.ones(rows.size), (start[rows], end[rows])), shape=(nodes, nodes))
    _, part = connected_components(matrix, directed=False)
    touched = set(part[start[inside]]) | set(part[end[inside]])
    sizes = np.bincount(part[start[rows]])
    found = np.zeros_like(inside)
    found[rows] = np.isin(part[start[rows]], list(touched)) & (part[start[rows]] != sizes.argmax())
    return found


def _sides(sides: BaseGeometry, gates: np.ndarray) -> list[int]:
    """Number from 0 of the side of a polygon that is nearest to each gate; sides without a gate have no number."""
    corners = shapely.get_coordinates(shapely.get_exterior_ring(sides))
    lines = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
    nearest = shapely.distance(shapely.points(gates)[:, None], lines).argmin(axis=1)
    number: list[int] = np.unique(nearest, return_inverse=True)[1].tolist()
    return number


def _boundary_streets(
    graph: StreetGraph, gates: np.ndarray, outside: np.ndarray, start: np.ndarray, end: np.ndarray
) -> list[int]:
    """Number of the boundary street of each gate.

    A gate is on the street whose name runs through its crossing outside; gates of one name are one boundary street as
    long as it is straight between each two of them (complete linkage). A gate on none, or on two, is one by itself.
    """
    rows = np.flatnonzero(outside)
    names = graph.links["name_fr"].to_numpy(object)
    at: dict[int, list[str]] = {int(node): [] for node in gates}
    for row in rows:
        for node in (int(start[row]), int(end[row])):
            if node in at and names[row]:
                at[node].append(names[row])
    by_name: dict[str, list[int]] = {}
    group: dict[int, int] = {}
    for node, found in at.items():
        through = sorted({name for name in found if found.count(name) > 1})
        if len(through) == 1:
            by_name.setdefault(through[0], []).append(node)
        else:
            group[node] = len(group)
    total = len(group)
    for name in sorted(by_name):
        for node, number in zip(by_name[name], _straight(graph, name, by_name[name], rows, start, end), strict=True):
            group[node] = total + number
        total = max(group.values()) + 1
    return [group[int(node)] for node in gates]


def _straight(
    graph: StreetGraph, name: str, gates: list[int], rows: np.ndarray, start: np.ndarray, end: np.ndarray
) -> list[int]:
    """Number from 0 of the straight stretch of a street on which each gate is."""
    if len(gates) == 1:
        return [0]
    mine = rows[(graph.links["name_fr"].to_numpy(object) == name)[rows]]
    lengths = graph.links.geometry.length.to_numpy()[mine]
    matrix = coo_matrix((lengths, (start[mine], end[mine])), shape=(len(graph.nodes),) * 2)
    way = dijkstra(_shortest(matrix), directed=False, indices=gates)[:, gates]
    xy = np.column_stack([graph.nodes.geometry.x, graph.nodes.geometry.y])[gates]
    beeline = np.hypot(*(xy[:, None] - xy[None]).transpose(2, 0, 1))
    bend = np.where(np.isfinite(way), way / np.maximum(beeline, 1e-9), 1e6)
    np.fill_diagonal(bend, 0.0)
    labels = fcluster(linkage(squareform(np.minimum(bend, 1e6), checks=False), "complete"), STRAIGHT, "distance")
    places = {label: place for place, label in enumerate(dict.fromkeys(labels.tolist()))}
    return [places[label] for label in labels.tolist()]


def _shortest(matrix: coo_matrix) -> coo_matrix:
    """Of streets between the same two crossings only the shortest: a sparse matrix would add them up."""
    low, high = np.minimum(matrix.row, matrix.col), np.maximum(matrix.row, matrix.col)
    order = np.lexsort((matrix.data, high, low))
    kept = [order[0]] if order.size else []
    kept += [b for a, b in pairwise(order) if (low[a], high[a]) != (low[b], high[b])]
    return coo_matrix((matrix.data[kept], (low[kept], high[kept])), shape=matrix.shape)
