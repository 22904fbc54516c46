"""The quickest ways along streets between places that stand beside them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely.geometry import LineString, Point
from shapely.ops import substring

from twin.city import CityError
from twin.street_graph import StreetGraph

_LEAST = 1e-3
"""Two places at one spot are so far apart, so that a sparse matrix keeps the way. [s]"""


class StreetWays:
    """The quickest ways from each of some places to each other; streets are cut where these stand.

    Parameters
    ----------
    streets : StreetGraph
    places : sequence of Point
        Lambert 72. [m]
    mode : str
        Of `twin.street_access.MODES`.
    pace : float
        Speed, as part of the limit. [1]
    far : float
        What stands further than this from any street of the mode is at none. [m]

    Attributes
    ----------
    seconds : (place, place) float64
        From row to column; infinite where there is no way, NaN from and to what stands at no street. [s]

    Raises
    ------
    CityError
        A mode that is not there, or a street without a speed.

    Notes
    -----
    Along one-way streets, without turns that are barred and without traffic; a place is left from either side of it.
    """

    def __init__(
        self, streets: StreetGraph, places: Sequence[Point], mode: str, *, pace: float = 1.0, far: float = 100.0
    ) -> None:
        arcs = streets.arcs(mode)
        self._lines = streets.links.geometry.to_numpy()
        speed = streets.links["speed"].to_numpy(float) / 3.6 * pace
        if not np.all(speed[arcs.link] > 0):
            link = streets.links.index[arcs.link[int(np.argmin(np.nan_to_num(speed[arcs.link])))]]
            raise CityError(f"link {link!r} has no speed; give it one above zero")
        usable = np.unique(arcs.link)
        # where each place stands: on which link, at what part of it
        tree = shapely.STRtree(self._lines[usable])
        points = np.array(places, object)
        which, row = tree.query_nearest(points, max_distance=far, all_matches=False)
        link = np.full(points.size, -1, np.int64)
        link[which] = usable[row]
        part = np.full(points.size, np.nan)
        part[which] = shapely.line_locate_point(self._lines[link[which]], points[which], normalized=True)
        cuts: dict[int, list[tuple[float, int]]] = {}
        first = len(streets.nodes)
        for place in which.tolist():
            cuts.setdefault(int(link[place]), []).append((float(part[place]), first + place))
        tail, head, seconds, pieces = [], [], [], []
        length = shapely.length(self._lines)
        for start, end, along, street in zip(arcs.tail, arcs.head, arcs.along, arcs.link, strict=True):
            stops = sorted(cuts.get(int(street), ()), reverse=not along)
            near, far = (0.0, 1.0) if along else (1.0, 0.0)
            marks = [(near, int(start)), *stops, (far, int(end))]
            for (low, one), (high, other) in pairwise(marks):
                tail.append(one)
                head.append(other)
                seconds.append(max(abs(high - low) * length[street] / speed[street], _LEAST))
                pieces.append((int(street), low, high))
        self._first, self._there = first, link >= 0
        self._quickest(np.array(tail), np.array(head), np.array(seconds), pieces)

    def _quickest(
        self, tail: NDArray[np.int64], head: NDArray[np.int64], seconds: NDArray[np.float64],
        pieces: list[tuple[int, float, float]],
    ) -> None:  # fmt: skip
        # a sparse matrix would add up streets that join the same two nodes: the quickest stands
        order = np.lexsort((seconds, head, tail))
        fresh = np.ones(order.size, bool)
        fresh[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
        kept = order[fresh]
        self._piece = {(int(tail[one]), int(head[one])): pieces[one] for one in kept}
        nodes = self._first + self._there.size
        graph = csr_array((seconds[kept], (tail[kept], head[kept])), shape=(nodes, nodes))
        stops = self._first + np.arange(self._there.size)
        found, self._before = dijkstra(graph, indices=stops, return_predecessors=True)
        self.seconds = found[:, stops]
        self.seconds[~self._there] = np.nan
        self.seconds[:, ~self._there] = np.nan

    def line(self, stops: Sequence[int]) -> LineString:
        """The way along some places."""
        points: list[tuple[float, float]] = []
        for one, other in pairwise(stops):
            node, way = self._first + other, []
            while node != self._first + one:
                before = int(self._before[one, node])
                way.append(self._piece[before, node])
                node = before
            for street, low, high in reversed(way):
                points.extend(substring(self._lines[street], low, high, normalized=True).coords)
        clean = [point for number, point in enumerate(points) if number == 0 or point != points[number - 1]]
        return LineString(clean if len(clean) > 1 else clean * 2)
