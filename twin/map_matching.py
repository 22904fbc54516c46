"""A drawn line onto the links of a network: the likeliest way in the sense of a hidden Markov model."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

STEP = 40.0
"""Points along the line are this far apart. [m]"""
FAR = 35.0
"""Links further than this from a point are no candidates: a line is drawn within a street's width and error. [m]"""
SPREAD = 10.0
"""Standard deviation of a drawn line about its street; vertices of the lines at hand lie within this. [m]"""
DETOUR = 20.0
"""Mean difference between the way along links and along the line, from one point to the next. [m]"""
LONGEST = 400.0
"""A way between two points that is longer than this does not count as one. [m]"""


@dataclass(frozen=True, eq=False)
class Way:
    """A stretch of a line that follows links without a gap.

    Attributes
    ----------
    links : (leg,) int64
        In their order.
    place : (leg,) float64
        Where the link begins, along the line; not decreasing. [m]
    begin, until : float
        Stretch of the line. [m]
    """

    links: np.ndarray
    place: np.ndarray
    begin: float
    until: float


def matched(
    line: shapely.LineString, shapes: np.ndarray, tail: np.ndarray, head: np.ndarray, open_to: np.ndarray
) -> list[Way]:
    """Ways along the links of a network that a line most likely takes.

    Parameters
    ----------
    line : LineString
        In the direction of travel. [m]
    shapes : (link,) array of LineString
        In the direction of the links.
    tail, head : (link,) int
        Nodes.
    open_to : (link,) bool
        Links that may be part of a way.

    Returns
    -------
    list of Way
        None where the line leaves the network or no way follows it; in their order.

    Notes
    -----
    P. Newson and J. Krumm (2009), Hidden Markov map matching through noise and sparseness, doi:10.1145/1653771.1653818:
    normal distances between points and links, exponential differences of lengths, the best sequence by Viterbi.
    """
    at = np.linspace(0.0, line.length, max(int(np.ceil(line.length / STEP)), 1) + 1)
    points = shapely.line_interpolate_point(line, at)
    some = np.flatnonzero(open_to)
    _, touched = shapely.STRtree(shapes[some]).query(points, predicate="dwithin", distance=LONGEST / 4)
    if not touched.size:
        return []
    near = some[np.unique(touched)]
    lines = shapes[near]
    nodes, ends = np.unique(np.concatenate([tail[near], head[near]]), return_inverse=True)
    first, last = ends[: near.size], ends[near.size :]
    length = shapely.length(lines)
    point, link = shapely.STRtree(lines).query(points, predicate="dwithin", distance=FAR)
    if not point.size:
        return []
    order = np.lexsort((link, point))
    point, link = point[order], link[order]
    off = shapely.distance(points[point], lines[link])
    along = shapely.line_locate_point(lines[link], points[point])
    between, before = _distances(first, last, length, nodes.size, np.unique(last[link]))
    row_of = np.full(nodes.size, -1)
    row_of[np.unique(last[link])] = np.arange(np.unique(last[link]).size)
    edges = np.searchsorted(point, np.arange(at.size + 1))
    cost = 0.5 * (off / SPREAD) ** 2
    total, back = cost.copy(), np.full(point.size, -1)
    chains: list[np.ndarray] = []
    for step in range(1, at.size):
        old, new = (np.arange(edges[one], edges[one + 1]) for one in (step - 1, step))
        if not old.size or not new.size:
            continue
        i, j = link[old][:, None], link[new][None, :]
        forward = along[new][None, :] - along[old][:, None]
        round_about = length[i] - along[old][:, None] + between[row_of[last[i]], first[j]] + along[new][None, :]
        driven = np.where((i == j) & (forward >= -1.0), np.maximum(forward, 0.0), round_about)
        moved = np.where(driven <= LONGEST, np.abs(driven - (at[step] - at[step - 1])) / DETOUR, np.inf)
        whole = total[old][:, None] + moved
        best = np.argmin(whole, axis=0)
        value = whole[best, np.arange(new.size)]
        reached = np.isfinite(value)
        if reached.any():  # else the line begins anew here
            back[new[reached]] = old[best[reached]]
            total[new] = np.where(reached, value + cost[new], np.inf)
    taken = np.full(at.size, -1)
    for step in range(at.size - 1, -1, -1):  # from the end: a state that none leads on from begins a chain behind it
        here = np.arange(edges[step], edges[step + 1])
        if taken[step] < 0 and here.size:
            taken[step] = here[int(np.argmin(total[here]))] if np.isfinite(total[here]).any() else here[0]
        if taken[step] >= 0 and step and back[taken[step]] >= 0:
            taken[step - 1] = back[taken[step]]
    chain: list[int] = []
    for step in range(at.size):
        state = taken[step]
        if chain and (state < 0 or back[state] != chain[-1]):
            chains.append(np.array(chain))
            chain = []
        if state >= 0:
            chain.append(int(state))
    if chain:
        chains.append(np.array(chain))
    quickest = _quickest(first, last, length, nodes.size)
    found = [_way(one, link, at[point], first, last, before, row_of, quickest, nodes.size) for one in chains]
    return [Way(near[one.links], one.place, one.begin, one.until) for one in found]


def _distances(
    first: np.ndarray, last: np.ndarray, length: np.ndarray, nodes: int, sources: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Ways from some nodes to all up to `LONGEST` [m], and the node before each on them. (source, node)"""
    keys = first * nodes + last
    order = np.lexsort((length, keys))
    kept = order[np.unique(keys[order], return_index=True)[1]]  # of parallel links the shortest
    matrix = coo_matrix((np.maximum(length[kept], 1e-6), (first[kept], last[kept])), shape=(nodes, nodes))
    return dijkstra(matrix.tocsr(), indices=sources, limit=LONGEST, return_predecessors=True)


def _quickest(first: np.ndarray, last: np.ndarray, length: np.ndarray, nodes: int) -> dict[int, int]:
    """The shortest link from one node to the next, by ``first * nodes + last``."""
    found: dict[int, int] = {}
    for row in np.argsort(-length, kind="stable").tolist():
        found[int(first[row]) * nodes + int(last[row])] = row
    return found


def _way(
    chain: np.ndarray, link: np.ndarray, place: np.ndarray, first: np.ndarray, last: np.ndarray, before: np.ndarray,
    row_of: np.ndarray, quickest: dict[int, int], nodes: int,
) -> Way:  # fmt: skip
    """Links from state to state, with those between them."""
    links, places = [int(link[chain[0]])], [float(place[chain[0]])]
    for old, new in pairwise(chain.tolist()):
        i, j = int(link[old]), int(link[new])
        if i == j:
            continue
        node, source = int(first[j]), row_of[last[i]]
        between: list[int] = []
        while node != last[i]:
            previous = int(before[source, node])
            between.append(quickest[previous * nodes + node])
            node = previous
        step = [*reversed(between), j]
        links += step
        gap = (float(place[new]) - float(place[old])) / len(step)
        places += [float(place[old]) + gap * (number + 1) for number in range(len(step))]
    return Way(np.array(links), np.array(places), float(place[chain[0]]), float(place[chain[-1]]))
