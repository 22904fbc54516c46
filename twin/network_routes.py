"""The way of a heat network's pipes: along streets from its plant to its buildings, as a tree."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from twin.city import CityError
from twin.street_cuts import Cuts
from twin.street_graph import StreetGraph
from twin.street_reach import StreetTimes

INDOORS = 5.0
"""From a facade to the exchanger: assumed. [m]"""
FAR = 500.0
"""A building further than this from any street is not connected. [m]"""


@dataclass(frozen=True, eq=False)
class Route:
    """The pipes of one network, each after the one that feeds it; the first comes from the plant.

    Attributes
    ----------
    above : (pipe,) int64
        Pipe that feeds each; -1 for the first.
    length : (pipe,) float64
        Of the trench. [m]
    lines : list of LineString
        From the plant outwards.
    consumer_pipe : (consumer,) int64
        Pipe that ends in each building.
    """

    above: NDArray[np.int64]
    length: NDArray[np.float64]
    lines: list[Any]
    consumer_pipe: NDArray[np.int64]


class StreetTrenches:
    """Streets as places for trenches: tunnels are none, and only the largest part that hangs together is read.

    Parameters
    ----------
    streets : StreetGraph

    Raises
    ------
    CityError
        There is no street in the open.
    """

    def __init__(self, streets: StreetGraph) -> None:
        start, end = streets.ends()
        fit = ~streets.links["below"].to_numpy(bool)
        nodes = len(streets.nodes)
        matrix = coo_matrix((np.ones(int(fit.sum())), (start[fit], end[fit])), shape=(nodes, nodes))
        part = connected_components(matrix, directed=False)[1]
        sizes = np.bincount(part[start[fit]]) if fit.any() else np.zeros(0)
        if not sizes.size:
            raise CityError("a heat network runs along streets and there are none in the open; import them")
        self.fit = np.flatnonzero(fit & (part[start] == int(np.argmax(sizes))))
        self.times = StreetTimes.of(streets)
        self.lines = streets.links.geometry.to_numpy()
        self._tree = shapely.STRtree(self.lines[self.fit])

    def route(self, plant: tuple[float, float], shapes: NDArray[Any], names: list[str]) -> Route:
        """The shortest ways from a plant to some buildings, merged where they run together.

        Parameters
        ----------
        plant : (float, float)
            [m]
        shapes : (consumer,) array of geometry
            Footprints of the buildings.
        names : list of str
            Of the buildings, for what is told.

        Returns
        -------
        Route

        Raises
        ------
        CityError
            The plant or a building further than `FAR` from any street.

        Notes
        -----
        Every building is reached from the nearest point of a street, at a right angle, and `INDOORS` more. All ways
        are shortest ones (Dijkstra 1959), so that they make a tree; a tree of least length may be shorter.
        """
        things = np.array([shapely.Point(plant), *shapes], object)
        link, part, lead = self._nearest(things, ["the plant", *names])
        cuts = Cuts(self.times, link, part)
        row, share = cuts.pieces()
        kept = np.isin(cuts.link[row], self.fit)
        row, share = row[kept], share[kept]
        long = np.maximum(share * shapely.length(self.lines[cuts.link[row]]), 1e-6)
        low, high = cuts.node[row], cuts.node[row + 1]
        # of two pieces between the same nodes the shorter counts
        first, last = np.minimum(low, high), np.maximum(low, high)
        order = np.lexsort((long, last, first))
        new = np.concatenate([[True], (np.diff(first[order]) != 0) | (np.diff(last[order]) != 0)])
        best = order[new]
        matrix = coo_matrix((long[best], (first[best], last[best])), shape=(cuts.nodes, cuts.nodes)).tocsr()
        at = cuts.node[cuts.row(link, part)]
        came = dijkstra(matrix, directed=False, indices=int(at[0]), return_predecessors=True)[1]
        piece = {(int(first[one]), int(last[one])): one for one in best.tolist()}

        def line(above: int, below: int) -> NDArray[np.float64]:
            one = piece[min(above, below), max(above, below)]
            whole, begin = self.lines[cuts.link[row[one]]], cuts.part[row[one]]
            cut = shapely.get_coordinates(_between(whole, begin, begin + share[one]))
            return cut if low[one] == above else cut[::-1]

        return _tree(int(at[0]), at[1:], came, line, lead)

    def _nearest(self, things: NDArray[Any], names: list[str]) -> tuple[NDArray[np.int64], NDArray[np.float64], list]:
        """Link and part of it nearest to each thing, and the line from there to it."""
        found, row = self._tree.query_nearest(things, max_distance=FAR, all_matches=True)
        if np.unique(found).size < things.size:
            gone = names[int(np.setdiff1d(np.arange(things.size), found)[0])]
            raise CityError(f"{gone!r} of a heat network is further than {FAR:g} m from any street; leave it out")
        # of equally near streets the first, whatever the order of the search
        order = np.lexsort((self.fit[row], found))
        row = self.fit[row[order][np.concatenate([[True], np.diff(found[order]) != 0])]]
        lead = shapely.shortest_line(self.lines[row], things)
        part = shapely.line_locate_point(self.lines[row], shapely.get_point(lead, 0), normalized=True)
        return row, np.clip(part, 0.0, 1.0), lead.tolist()


def _between(line: Any, begin: float, until: float) -> Any:
    """Part of a line between two parts of its length."""
    whole = shapely.get_coordinates(line)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(whole, axis=0).T))])
    a, b = begin * along[-1], until * along[-1]
    inner = whole[(along > a) & (along < b)]
    ends = shapely.get_coordinates(shapely.line_interpolate_point(line, [a, b]))
    return shapely.LineString(np.vstack([ends[:1], inner, ends[1:]]))


def _tree(root: int, at: NDArray[np.int64], came: NDArray[np.int32], line: Any, lead: list) -> Route:
    """Pipes of the shortest ways to all consumers; runs without a branch are one pipe."""
    parent: dict[int, int] = {}
    for node in at.tolist():
        while node != root and node not in parent:
            parent[node] = int(came[node])
            node = parent[node]
    children: dict[int, list[int]] = {node: [] for node in (root, *parent)}
    for node, feeder in parent.items():
        children[feeder].append(node)
    stops = set(at.tolist())
    plant = shapely.get_coordinates(lead[0])[::-1]
    above, lines, ends = [-1], [plant], {root: 0}
    length = [float(np.hypot(*np.diff(plant, axis=0).T).sum()) + INDOORS]
    todo = [root]
    for node in todo:
        for child in sorted(children[node]):
            coords, last = line(node, child), child
            while last not in stops and len(children[last]) == 1:
                after = children[last][0]
                coords = np.vstack([coords, line(last, after)[1:]])
                last = after
            above.append(ends[node])
            ends[last] = len(lines)
            lines.append(coords)
            length.append(float(np.hypot(*np.diff(coords, axis=0).T).sum()))
            todo.append(last)
    consumer = []
    for node, one in zip(at.tolist(), lead[1:], strict=True):
        consumer.append(len(lines))
        above.append(ends[node])
        lines.append(shapely.get_coordinates(one))
        length.append(float(shapely.length(one)) + INDOORS)
    return Route(
        np.array(above, np.int64), np.array(length), [shapely.LineString(one) for one in lines],
        np.array(consumer, np.int64),
    )  # fmt: skip
