"""Who drives through: from the ways of all trips, flows by class, cut-through traffic and the traffic of one link."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from kernels.contract import LayerError


@dataclass(frozen=True)
class LoadedWays:
    """Ways along links with what goes on them: paths of an equilibrium, or vehicles of a queue model.

    Attributes
    ----------
    begin : (way + 1,) int64
        Way w is ``link[begin[w]]`` up to ``link[begin[w + 1]]``.
    link : (place,) int32
    flow : (way,) float64
        Vehicles. [1]
    start, end : (way,) int32
        Nodes of departure and arrival.
    kind : (way,) int32
        Class.
    links : int
        How many links there are.
    """

    begin: NDArray
    link: NDArray
    flow: NDArray
    start: NDArray
    end: NDArray
    kind: NDArray
    links: int

    @classmethod
    def of(
        cls, begin: ArrayLike, link: ArrayLike, flow: ArrayLike, start: ArrayLike, end: ArrayLike, links: int,
        kind: ArrayLike | None = None,
    ) -> "LoadedWays":  # fmt: skip
        """Check and keep.

        Raises
        ------
        LayerError
            Lengths that do not fit each other, a link that is not there, flows that are negative or not finite.
        """
        begin, link = np.asarray(begin, np.int64), np.asarray(link, np.int32)
        flow = np.asarray(flow, np.float64)
        start, end = np.asarray(start, np.int32), np.asarray(end, np.int32)
        kind = np.zeros(flow.size, np.int32) if kind is None else np.asarray(kind, np.int32)
        if not begin.size - 1 == flow.size == start.size == end.size == kind.size:
            raise LayerError(
                f"ways have {begin.size} begins, {flow.size} flows, {start.size} starts, {end.size} ends and "
                f"{kind.size} classes; expected one of each per way, and one begin more"
            )
        if begin.size and (begin[0] != 0 or begin[-1] != link.size or (np.diff(begin) < 0).any()):
            raise LayerError(
                f"the begins of ways must rise from 0 to {link.size}, got {begin[0]} to {begin[-1]}; give each way's "
                "place of its first link"
            )
        unknown = link[(link < 0) | (link >= links)]
        if unknown.size:
            raise LayerError(f"a way names link {unknown[0]}, but there are {links} links, from 0")
        bad = ~(np.isfinite(flow) & (flow >= 0.0))
        if bad.any():
            way = int(np.flatnonzero(bad)[0])
            raise LayerError(f"way {way} has the flow {flow[way]:g}, expected 0 or more")
        if kind.size and kind.min() < 0:
            raise LayerError(f"a way is of class {kind.min()}, expected 0 or more")
        return cls(begin, link, flow, start, end, kind, int(links))


def flows_by_kind(ways: LoadedWays, kinds: int | None = None) -> NDArray:
    """Flow of every link by class: (kind, link) float64. [1]"""
    count = int(ways.kind.max(initial=-1)) + 1 if kinds is None else kinds
    if ways.kind.size and ways.kind.max() >= count:
        raise LayerError(f"a way is of class {ways.kind.max()}, expected 0 to {count - 1}")
    return _by_kind(ways.begin, ways.link, ways.flow, ways.kind, np.zeros((count, ways.links)))


@dataclass(frozen=True)
class CutThrough:
    """Traffic that has no business in the neighbourhood it drives through.

    Attributes
    ----------
    flow, through : (link,) float64
        All of it, and that of trips that neither begin nor end in the link's neighbourhood; ``through`` is 0 on main
        streets. [1]
    share : (link,) float64
        Of the second in the first; NaN where nothing drives and on main streets. [1]
    """

    flow: NDArray
    through: NDArray
    share: NDArray


def cut_through(ways: LoadedWays, link_area: ArrayLike, node_area: ArrayLike) -> CutThrough:
    """Find, on every street of a neighbourhood, the traffic whose both ends lie outside it.

    Parameters
    ----------
    ways : LoadedWays
    link_area : (link,) int
        Number of the neighbourhood, -1 for a main street between them.
    node_area : (node,) int
        The same of nodes. A trip that sets out on a main street begins in no neighbourhood.

    Raises
    ------
    LayerError
        As many areas as there are links are not given, or a way begins or ends at a node without one.
    """
    link_area, node_area = np.asarray(link_area, np.int64), np.asarray(node_area, np.int64)
    if link_area.shape != (ways.links,):
        raise LayerError(f"link_area has the shape {link_area.shape}, expected ({ways.links},): one per link")
    for what, nodes in (("begins", ways.start), ("ends", ways.end)):
        wrong = (nodes < 0) | (nodes >= node_area.size)
        if wrong.any():
            way = int(np.flatnonzero(wrong)[0])
            raise LayerError(f"way {way} {what} at node {nodes[way]}, but node_area knows 0 to {node_area.size - 1}")
    flow, through = np.zeros(ways.links), np.zeros(ways.links)
    _through(ways.begin, ways.link, ways.flow, node_area[ways.start], node_area[ways.end], link_area, flow, through)
    known = (flow > 0.0) & (link_area >= 0)
    return CutThrough(flow, through, np.divide(through, flow, out=np.full(ways.links, np.nan), where=known))


def select_link(ways: LoadedWays, link: int) -> NDArray:
    """Where those who drive a link come from and go to: their flow on every link.

    Parameters
    ----------
    ways : LoadedWays
    link : int

    Returns
    -------
    (link,) float64
        Flow of the ways that use ``link``; on itself all of its flow where no way uses it twice. [1]

    Raises
    ------
    LayerError
        No such link.
    """
    if not 0 <= link < ways.links:
        raise LayerError(f"there is no link {link}; expected 0 to {ways.links - 1}")
    return _selected(ways.begin, ways.link, ways.flow, link, np.zeros(ways.links))


@njit(nogil=True, cache=True)
def _by_kind(begin, link, flow, kind, found):
    """Add the flow of every way to its links, by class."""
    for way in range(flow.size):
        for place in range(begin[way], begin[way + 1]):
            found[kind[way], link[place]] += flow[way]
    return found


@njit(nogil=True, cache=True)
def _through(begin, link, flow, start_area, end_area, link_area, total, through):
    """Add the flow of every way to its links, and apart where it is of another neighbourhood."""
    for way in range(flow.size):
        for place in range(begin[way], begin[way + 1]):
            at = link[place]
            total[at] += flow[way]
            area = link_area[at]
            if area >= 0 and area != start_area[way] and area != end_area[way]:
                through[at] += flow[way]


@njit(nogil=True, cache=True)
def _selected(begin, link, flow, wanted, found):
    """Add the flow of the ways that use one link to all of their links."""
    for way in range(flow.size):
        uses = False
        for place in range(begin[way], begin[way + 1]):
            if link[place] == wanted:
                uses = True
                break
        if uses:
            for place in range(begin[way], begin[way + 1]):
                found[link[place]] += flow[way]
    return found
