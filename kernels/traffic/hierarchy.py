"""Many shortest paths: an order of the nodes that holds whatever the costs, and weights at the costs of now."""

from typing import NamedTuple

import numpy as np
from numba import njit

from kernels.traffic.hierarchy_order import skeleton

NOWHERE = np.int64(np.iinfo(np.int64).max)
"""Of a link that lies on no arc: a loop, or one with an end at which paths only begin and end."""


class Weights(NamedTuple):
    """Costs of the links of a network, and of the arcs of its hierarchy.

    Attributes
    ----------
    cost : (link,) float64
        [any]
    into_cost : (link,) float64
        The same in the order of `Hierarchy.into`.
    up, down : (arc,) float64
        From the lower end to the upper one, and back; infinite where no way leads.
    up_by, down_by : (arc, 2) int32
        The link it is, and -1; or the arc down and the arc up that it is made of, by way of a node below both ends.
    """

    cost: np.ndarray
    into_cost: np.ndarray
    up: np.ndarray
    down: np.ndarray
    up_by: np.ndarray
    down_by: np.ndarray


class Hierarchy(NamedTuple):
    """Nodes in an order, each with arcs and shortcuts to some above it; a closure is an infinite cost, the order stays.

    Attributes
    ----------
    row_of : (node,) int32
        Place of each node in the order; after all of them, those that are not passable.
    first : (rank + 1,) int64
        Arcs ``first[v]`` up to ``first[v + 1]`` join v with nodes above it.
    other, owner : (arc,) int32
        The upper and the lower end of each arc.
    below_first, below : (rank + 1,), (arc,) int64
        Arcs by their upper ends.
    arc_of : (link,) int64
        The arc on which a link lies; as ``-1 - arc`` where it leads downwards; `NOWHERE` where it has none.
    start : (node + 1,) int32
        Links ``start[n]`` up to ``start[n + 1]`` leave node n.
    tail, head : (link,) int32
    into_start, into, into_row : (row + 1,) int64, (link,) int32, (link,) int32
        Links ``into[into_start[r]]`` up to ``into_start[r + 1]`` end at the node of row r; the row where each begins.
    """

    row_of: np.ndarray
    first: np.ndarray
    other: np.ndarray
    owner: np.ndarray
    below_first: np.ndarray
    below: np.ndarray
    arc_of: np.ndarray
    start: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    into_start: np.ndarray
    into: np.ndarray
    into_row: np.ndarray

    @classmethod
    def of(cls, start: np.ndarray, head: np.ndarray, passable: np.ndarray) -> "Hierarchy":
        """Order a network.

        Parameters
        ----------
        start, head : (node + 1,) int32, (link,) int32
            Links sorted by their tails, as of `kernels.traffic.shortest_paths.grow_tree`.
        passable : (node,) bool
            False where paths only begin and end: such nodes are left out of the order.
        """
        nodes, ranks = passable.size, int(passable.sum())
        tail = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(start))
        place = np.cumsum(passable) - 1
        inner = passable[tail] & passable[head] & (tail != head)
        row_of = np.empty(nodes, np.int32)
        row_of[passable], first, other = skeleton(ranks, place[tail[inner]], place[head[inner]])
        row_of[~passable] = np.arange(ranks, nodes)
        owner = np.repeat(np.arange(ranks, dtype=np.int32), np.diff(first))
        ends = row_of[tail[inner]], row_of[head[inner]]
        low = np.minimum(*ends).astype(np.int64)
        arc = np.searchsorted(owner.astype(np.int64) * ranks + other, low * ranks + np.maximum(*ends))
        arc_of = np.full(head.size, NOWHERE)
        arc_of[inner] = np.where(ends[0] == low, arc, -1 - arc)
        into = np.argsort(row_of[head], kind="stable").astype(np.int32)
        return cls(
            row_of, first, other, owner, _begins(other, ranks), np.argsort(other, kind="stable"), arc_of, start, tail,
            head, _begins(row_of[head], nodes), into, row_of[tail[into]],
        )  # fmt: skip

    @property
    def ranks(self) -> int:
        """Nodes in the order."""
        return int(self.first.size - 1)

    @property
    def arcs(self) -> int:
        """Arcs and shortcuts, each for both directions."""
        return int(self.other.size)

    @property
    def triangles(self) -> int:
        """Ways by a lower node that new costs are compared with, in each direction."""
        above = np.diff(self.first)
        return int((above * (above - 1) // 2).sum())

    def pays(self, trees: int) -> bool:
        """Whether new weights and sweeps from so many nodes take less time than as many of Dijkstra's trees.

        By what was measured: a triangle of the weights 6 ns, an arc of a sweep 1.2 ns, a node of a tree 60 ns.
        """
        return 6.0 * self.triangles + 1.2 * trees * self.arcs < 60.0 * trees * self.row_of.size

    def weights(self, cost: np.ndarray) -> Weights:
        """Find what each arc costs.

        Parameters
        ----------
        cost : (link,) float64
            Zero or more, infinite where closed; links in the order of their tails. [any]
        """
        size = self.arcs
        found = Weights(
            cost, cost[self.into], np.full(size, np.inf), np.full(size, np.inf), np.full((size, 2), -1, np.int32),
            np.full((size, 2), -1, np.int32),
        )  # fmt: skip
        weigh(self, found)
        return found


def _begins(groups: np.ndarray, many: int) -> np.ndarray:
    """Where each of ``many`` groups begins once sorted. (group + 1,) int64"""
    return np.concatenate(([0], np.cumsum(np.bincount(groups, minlength=many)))).astype(np.int64)


@njit(nogil=True, cache=True)
def weigh(hierarchy, weights):
    """Set the weights of all arcs, shortcuts from the lowest on.

    Parameters
    ----------
    hierarchy : Hierarchy
    weights : Weights
        Costs of links given; arcs infinite and made of -1 at first, written.

    Notes
    -----
    The customization of Dibbelt, Strasser and Wagner (2016), doi:10.1145/2886843, section 5: an arc is no longer than
    the way by any node below its two ends. Those nodes are taken from the lowest on, and of equal ways the first holds,
    so that ties fall the same way always.
    """
    first, other, owner = hierarchy.first, hierarchy.other, hierarchy.owner
    below_first, below, arc_of = hierarchy.below_first, hierarchy.below, hierarchy.arc_of
    cost, up, down, up_by, down_by = weights.cost, weights.up, weights.down, weights.up_by, weights.down_by
    for link in range(arc_of.size):
        arc = arc_of[link]
        if arc == NOWHERE:
            continue
        if arc >= 0:
            if cost[link] < up[arc]:
                up[arc] = cost[link]
                up_by[arc, 0] = link
        elif cost[link] < down[-1 - arc]:
            down[-1 - arc] = cost[link]
            down_by[-1 - arc, 0] = link
    nodes = first.size - 1
    place = np.zeros(nodes, np.uint32)  # unsigned, as the others below: a loop then spares a look for negative places
    for node in range(nodes):
        for arc in range(first[node], first[node + 1]):
            place[np.uint32(other[arc])] = arc
        for spot in range(below_first[node], below_first[node + 1]):
            under = np.uint32(below[spot])  # joins ``node`` with a lower one, whose further arcs lead above ``node``
            from_node, to_node = down[under], up[under]
            for number in range(np.int64(under) + 1, first[owner[under] + 1]):
                further = np.uint32(number)
                arc = place[np.uint32(other[further])]
                way = from_node + up[further]
                if way < up[arc]:
                    up[arc] = way
                    up_by[arc, 0], up_by[arc, 1] = under, further
                way = down[further] + to_node
                if way < down[arc]:
                    down[arc] = way
                    down_by[arc, 0], down_by[arc, 1] = further, under
