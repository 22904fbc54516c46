"""Reach: times from every node of a graph to the nearest place of each category, and who lies in reach of a place."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kernels.access.search import NONE, one_by_one, repair, spread
from kernels.contract import LayerError
from kernels.crew import Crew

BUCKET = 0.35
"""Width of a bucket of the search by the mean cost of an arc; changes the speed alone. [1]"""
MOST_BUCKETS = 4096
"""That the dearest arc may span."""


@dataclass(frozen=True, eq=False)
class Graph:
    """Directed arcs with costs, sorted by the node they leave.

    Attributes
    ----------
    first : (node + 1,) int32
        Arcs of node ``n`` are ``first[n]:first[n + 1]``.
    head : (arc,) int32
        Node that each arc enters.
    cost : (arc,) float64
        Zero or more; infinite where closed. [s]
    order : (arc,) int64
        Row of each arc in what the graph was made of.
    """

    first: np.ndarray
    head: np.ndarray
    cost: np.ndarray
    order: np.ndarray

    @classmethod
    def of(cls, tail: np.ndarray, head: np.ndarray, cost: np.ndarray, nodes: int) -> "Graph":
        """Sort arcs into a graph.

        Parameters
        ----------
        tail, head : (arc,) int
            Numbers of nodes from 0.
        cost : (arc,) float64
            Zero or more; infinite where closed. [s]
        nodes : int
            How many there are; one without arcs is reached by nothing.

        Raises
        ------
        LayerError
            A node that is not there, or a cost that is negative or not a number; the text names the arc.
        """
        tail, head, cost = np.asarray(tail), np.asarray(head), np.asarray(cost, np.float64)
        if not tail.shape == head.shape == cost.shape or tail.ndim != 1:
            raise LayerError(
                f"tail, head and cost must be of one length, got {tail.shape}, {head.shape}, {cost.shape}; give one "
                "of each per arc"
            )
        for name, ends in (("tail", tail), ("head", head)):
            wrong = (ends < 0) | (ends >= nodes)
            if wrong.any():
                arc = int(np.argmax(wrong))
                raise LayerError(f"arc {arc} has the {name} {ends[arc]}, expected a node of 0 to {nodes - 1}; mend it")
        wrong = ~(cost >= 0)
        if wrong.any():
            arc = int(np.argmax(wrong))
            raise LayerError(f"arc {arc} costs {cost[arc]} s, expected 0 or more; close an arc with infinity")
        order = np.argsort(tail, kind="stable")
        first = np.zeros(nodes + 1, np.int32)
        np.cumsum(np.bincount(tail, minlength=nodes), out=first[1:])
        return cls(first, head[order].astype(np.int32), cost[order], order)

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return int(self.first.size - 1)

    @cached_property
    def buckets(self) -> tuple[float, int]:
        """Buckets in a second, and how many the ring of the search has: a power of two that the dearest arc fits in."""
        finite = self.cost[np.isfinite(self.cost)]
        dearest = float(finite.max(initial=0.0))
        width = max(BUCKET * float(finite.mean()) if finite.size else 0.0, dearest / MOST_BUCKETS)
        spanned = int(dearest / width) + 2 if width > 0 else 2
        return 1.0 / width if width > 0 else 1.0, 1 << (spanned - 1).bit_length()

    def room(self) -> tuple[np.ndarray, np.ndarray]:
        """Room for one search at a time: for every node twice, as most wait once, and the arcs of any one."""
        size = 2 * self.nodes + int(np.diff(self.first).max(initial=0)) + 1
        return np.empty(size, np.int32), np.empty(size, np.int32)

    def reversed(self) -> "Graph":
        """The graph with every arc the other way round: a search in it tells the time *to* its sources."""
        tails = np.repeat(np.arange(self.nodes), np.diff(self.first))
        turned = Graph.of(self.head, tails, self.cost, self.nodes)
        return Graph(turned.first, turned.head, turned.cost, self.order[turned.order])


@dataclass(frozen=True, eq=False)
class Seeds:
    """Where a search begins: the places of one category, as nodes beside them.

    Attributes
    ----------
    node : (seed,) int32
    cost : (seed,) float64
        From the place to the node, or the other way. [s]
    place : (seed,) int64
        Which place it is; one between two nodes has two seeds.
    """

    node: np.ndarray
    cost: np.ndarray
    place: np.ndarray

    @classmethod
    def at(cls, node: np.ndarray, cost: np.ndarray | None = None, place: np.ndarray | None = None) -> "Seeds":
        """Seeds at nodes; without costs they lie on the nodes, without places each is one."""
        node = np.asarray(node, np.int32).reshape(-1)
        return cls(
            node,
            np.zeros(node.size) if cost is None else np.asarray(cost, np.float64).reshape(-1),
            np.arange(node.size) if place is None else np.asarray(place, np.int64).reshape(-1),
        )


@dataclass(frozen=True, eq=False)
class Nearest:
    """What a search found.

    Attributes
    ----------
    seconds : (category, node) float64
        To the nearest place; infinite where none is within the limit. [s]
    via : (category, node) int32
        The next node on the way there; ``-1 - seed`` at the last, the least integer where none is reached.
    searched : int
        Nodes at which a repair began, all categories together; all nodes for a fresh search.
    graph : Graph
    seeds : tuple of Seeds
    limits : (category,) float64
        What was searched. [s]
    """

    seconds: np.ndarray
    via: np.ndarray
    searched: int
    graph: Graph
    seeds: tuple[Seeds, ...]
    limits: np.ndarray

    def holds(self, category: int, graph: Graph, seeds: Seeds, limit: float) -> bool:
        """Whether a category was searched in this very graph from these very seeds."""
        before = self.seeds[category]
        return (
            self.graph is graph
            and self.limits[category] == limit
            and np.array_equal(before.node, seeds.node)
            and np.array_equal(before.cost, seeds.cost)
        )

    def place(self, category: int, seeds: Seeds) -> np.ndarray:
        """The place that is nearest to each node, (node,) int64, -1 where none is reached."""
        via = self.via[category]
        last = np.where(via >= 0, via, np.arange(via.size))
        while (step := last[last] != last).any():  # pointer doubling: the number of rounds is a logarithm
            last[step] = last[last[step]]
        seed = -1 - via[last].astype(np.int64)
        known = via != NONE
        found = np.full(via.size, -1, np.int64)
        found[known] = seeds.place[seed[known]]
        return found


def nearest(graph: Graph, seeds: Sequence[Seeds], limit: float | Sequence[float] = np.inf,
            threads: int | None = None) -> Nearest:  # fmt: skip
    """Search from all places of each category at once.

    Parameters
    ----------
    graph : Graph
        Searched along its arcs: `Graph.reversed` gives the time from a node to a place.
    seeds : sequence of Seeds
        One per category; a category may have none.
    limit : float or (category,) float
        Nodes further away are not reached. [s]
    threads : int, optional
        None takes every processor; the result does not depend on it.

    Raises
    ------
    LayerError
        A seed at a node that is not there, or with a cost that is negative or not a number.
    """
    limits = _limits(graph, seeds, limit)
    seconds = np.full((len(seeds), graph.nodes), np.inf)
    via = np.full((len(seeds), graph.nodes), NONE, np.int32)

    def work(begin: int, end: int) -> None:
        room = graph.room()
        for number in range(begin, end):
            spread(
                graph.first, graph.head, graph.cost, limits[number], *graph.buckets, seeds[number].node,
                seeds[number].cost, seconds[number], via[number], *room,
            )  # fmt: skip

    Crew(threads).share_out(len(seeds), work, small=graph.nodes < 2000)
    return Nearest(seconds, via, seconds.size, graph, tuple(seeds), limits)


def repaired(graph: Graph, seeds: Sequence[Seeds], before: Nearest, limit: float | Sequence[float] = np.inf,
             threads: int | None = None) -> Nearest:  # fmt: skip
    """The same as `nearest`, to the bit, from an earlier search of a graph or of places that have changed since.

    Parameters
    ----------
    graph : Graph
        As it is now. Nodes keep their numbers; new ones come behind.
    seeds : sequence of Seeds
        As they are now.
    before : Nearest
        Left as it is.
    limit, threads
        See `nearest`.

    Notes
    -----
    Whatever has changed is found by one pass over nodes and arcs, so that nobody needs to say what an edit did; the
    search itself runs only where a way no longer holds or a shorter one has appeared. A category whose graph, places
    and limit are the very same is taken over.
    """
    limits = _limits(graph, seeds, limit)
    kept = before.seconds.shape[1]
    if before.seconds.shape[0] != len(seeds) or kept > graph.nodes:
        raise LayerError(
            f"the earlier search has {before.seconds.shape} categories and nodes, expected {len(seeds)} and at most "
            f"{graph.nodes}; search anew"
        )
    seconds = np.full((len(seeds), graph.nodes), np.inf)
    via = np.full((len(seeds), graph.nodes), NONE, np.int32)
    seconds[:, :kept], via[:, :kept] = before.seconds, before.via
    touched = np.zeros(len(seeds), np.int64)

    def work(begin: int, end: int) -> None:
        room = graph.room()
        for number in range(begin, end):
            if before.holds(number, graph, seeds[number], float(limits[number])):
                continue
            touched[number] = repair(
                graph.first, graph.head, graph.cost, limits[number], *graph.buckets, seeds[number].node,
                seeds[number].cost, seconds[number], via[number], *room,
            )  # fmt: skip

    Crew(threads).share_out(len(seeds), work, small=graph.nodes < 2000)
    return Nearest(seconds, via, int(touched.sum()), graph, tuple(seeds), limits)


@dataclass(frozen=True, eq=False)
class InReach:
    """What lies in reach of each source.

    Attributes
    ----------
    total : (source,) float64
        Weight of all nodes in reach.
    offsets : (source + 1,) int64
        Nodes of source ``s`` are ``offsets[s]:offsets[s + 1]`` of the next two; all zero where only totals were asked.
    node : (pair,) int32
    seconds : (pair,) float64
        [s]
    """

    total: np.ndarray
    offsets: np.ndarray
    node: np.ndarray
    seconds: np.ndarray


def in_reach(graph: Graph, sources: np.ndarray, limit: float, weight: np.ndarray | None = None, *,
             pairs: bool = False, threads: int | None = None) -> InReach:  # fmt: skip
    """Search from each source alone.

    Parameters
    ----------
    graph : Graph
    sources : (source,) int
        Nodes.
    limit : float
        [s]
    weight : (node,) float64, optional
        What is added up, for instance people; 1 for every node if left out.
    pairs : bool
        Keep every node in reach and its time; without it only totals are kept.
    threads : int, optional
    """
    sources = np.asarray(sources, np.int32).reshape(-1)
    _limits(graph, [Seeds.at(sources)], limit)
    weights = np.ones(graph.nodes) if weight is None else np.asarray(weight, np.float64)
    if weights.shape != (graph.nodes,):
        raise LayerError(f"weight has the shape {weights.shape}, expected ({graph.nodes},): one per node")
    total, ends = np.zeros(sources.size), np.zeros(sources.size, np.int64)
    parts: dict[int, tuple[int, np.ndarray, np.ndarray]] = {}

    def work(begin: int, end: int) -> None:
        room = 256 * (end - begin) if pairs else 0
        while True:
            node, seconds = np.empty(room, np.int32), np.empty(room)
            wanted = one_by_one(
                graph.first, graph.head, graph.cost, float(limit), *graph.buckets, sources[begin:end], weights,
                total[begin:end], node, seconds, ends[begin:end], *graph.room(),
            )  # fmt: skip
            if not pairs or wanted <= room:
                break
            room = wanted
        parts[begin] = (end, node[:wanted].copy(), seconds[:wanted].copy())

    if sources.size:
        Crew(threads).share_out(sources.size, work, small=sources.size < 8)
    offsets = np.zeros(sources.size + 1, np.int64)
    nodes, times, behind = [np.zeros(0, np.int32)], [np.zeros(0)], 0
    for begin in sorted(parts):
        end, node, seconds = parts[begin]
        nodes.append(node)
        times.append(seconds)
        if pairs:
            offsets[begin + 1 : end + 1] = behind + ends[begin:end]
            behind += node.size
    return InReach(total, offsets, np.concatenate(nodes), np.concatenate(times))


def _limits(graph: Graph, seeds: Sequence[Seeds], limit: float | Sequence[float]) -> np.ndarray:
    """A limit per category; refuses seeds that cannot be."""
    limits = np.broadcast_to(np.asarray(limit, np.float64), (len(seeds),))
    if not (limits >= 0).all():
        raise LayerError(f"a limit is {limits.min()} s, expected 0 or more; leave it out for none")
    for number, one in enumerate(seeds):
        wrong = (one.node < 0) | (one.node >= graph.nodes)
        if wrong.any():
            raise LayerError(
                f"category {number} has a place at node {one.node[wrong][0]}, expected one of 0 to {graph.nodes - 1}"
            )
        if not (one.cost >= 0).all():
            raise LayerError(f"category {number} has a place with a cost of {one.cost.min()} s, expected 0 or more")
    return limits
