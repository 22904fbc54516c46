"""Ways of vehicles that have none of their own: the next link from every place to every destination."""

import numpy as np

from kernels.crew import Crew
from kernels.traffic.hierarchy import Hierarchy
from kernels.traffic.hierarchy_lanes import LANES
from kernels.traffic.hierarchy_sweep import Room
from kernels.traffic.hierarchy_trees import grow_side_by_side
from kernels.traffic.queues_inputs import Streets
from kernels.traffic.queues_rules import TurnBans
from kernels.traffic.shortest_paths import grow_trees
from kernels.traffic.turn_table import take_apart

_ARRIVED = -2  # see `kernels.traffic.queues_links`
_SMALL = 100_000  # trees times places below which a second thread costs more than it brings
_LARGE = 1_000_000  # trees times places from which on a hierarchy is worth its order


class NextLinks:
    """Trees of least cost towards each destination, as tables of next links.

    A place is a node. Where turns are banned, it is a node for those who begin there, and a copy of it for those who
    came along some links, who may not all go on into the same: only such nodes have copies.

    Parameters
    ----------
    streets : Streets
    bans : TurnBans
        Checked.
    kinds : (kind,) int
        The modes that drive.
    targets : (destination,) int
        Nodes.
    groups : int
        Parts of the fleet that have tables of their own.
    crew : Crew

    Attributes
    ----------
    places : int
    spot : (link,) int32
        Place of those who came along a link.
    table : (group, kind, destination, place) int32
        The next link, -1 where no way leads on, -2 at the destination.
    """

    def __init__(
        self, streets: Streets, bans: TurnBans, kinds: np.ndarray, targets: np.ndarray, groups: int, crew: Crew
    ) -> None:
        used = int(np.bitwise_or.reduce(1 << kinds)) if kinds.size else 0
        bits = bans.modes & used
        told = bits != 0  # a ban for those who do not drive takes nothing apart
        apart = take_apart(
            np.asarray(streets.tail), np.asarray(streets.head), streets.nodes, bans.from_link[told], bans.to_link[told],
            bits[told],
        )  # fmt: skip
        self._links, self._crew, self._targets = streets.links, crew, targets
        self.places, self.spot = apart.nodes, apart.head
        self.table = np.full((groups, kinds.size, targets.size, self.places), -1, np.int32)
        self._into = np.concatenate((apart.closed, np.arange(streets.nodes, apart.nodes)))
        self._turn_head = apart.turn_head
        self._turn_cost = np.where(apart.value >> kinds[:, None] & 1, np.inf, 0.0)
        tail, head = np.concatenate((apart.tail, apart.turn_tail)), np.concatenate((apart.head, apart.turn_head))
        self._backwards = np.argsort(head, kind="stable").astype(np.int32)
        count = np.bincount(head, minlength=self.places)
        self._start = np.concatenate(([0], np.cumsum(count))).astype(np.int32)
        self._from = np.ascontiguousarray(tail[self._backwards]).astype(np.int32)
        self._passable = np.ones(self.places, bool)
        self._passable[apart.closed] = False
        large = targets.size * self.places >= _LARGE
        hierarchy = Hierarchy.of(self._start, self._from, self._passable) if large else None
        self._hierarchy = hierarchy if hierarchy is not None and hierarchy.pays(targets.size) else None
        self.costs = np.full((groups, kinds.size, streets.links), np.inf)

    def grow(self, group: int, costs: np.ndarray) -> None:
        """Fill the tables of one part of the fleet.

        Parameters
        ----------
        group : int
        costs : (kind, link) float64
            Infinite where a kind may not enter. [s]
        """
        self.costs[group] = costs
        kinds, targets = self.table.shape[1:3]
        back = self._backwards
        tree = np.empty((kinds, targets, self.places), np.int32)
        all_costs = np.concatenate((costs, self._turn_cost), axis=1)
        for kind, cost in enumerate(np.ascontiguousarray(all_costs[:, back])):
            self._grow(cost, tree[kind])
        tree = tree.reshape(kinds * targets, self.places)
        sources = np.tile(self._targets, kinds)
        found = back[tree]  # -1 reads the last link, and is put right; a table is large, so nothing wider is made of it
        found[tree < 0] = -1
        found[np.arange(sources.size), sources] = _ARRIVED
        if self._into.size:  # a turn is no link that anybody drives: whoever makes it takes the link after it
            own = found[:, self._into]
            turn = np.maximum(own - self._links, 0)
            after = np.take_along_axis(found, self._turn_head[turn].astype(np.int64), axis=1)
            found[:, self._into] = np.where(own >= self._links, after, own)
        self.table[group] = found.reshape(kinds, targets, self.places)

    def _grow(self, cost: np.ndarray, tree: np.ndarray) -> None:
        """The trees of one kind. (link,) float64 [s] and (destination, place) int32, written"""
        sources, hierarchy = self._targets.astype(np.int32), self._hierarchy
        if hierarchy is None:
            kind, nothing = np.zeros(sources.size, np.int32), np.zeros(sources.size + 1, np.int64)
            none, room = np.zeros(0, np.int32), np.zeros(0)

            def work(first: int, last: int) -> None:
                grow_trees(
                    first, last, sources, kind, nothing, none, self._start, self._from, cost[None], self._passable,
                    tree, room,
                )  # fmt: skip

            self._crew.share_out(sources.size, work, small=tree.size < _SMALL)
            return
        weights = hierarchy.weights(cost)

        def sweep(first: int, last: int) -> None:
            end = min(last * LANES, sources.size)
            grow_side_by_side(first * LANES, end, sources, hierarchy, weights, Room.of(hierarchy), tree)

        self._crew.share_out(-(-sources.size // LANES), sweep, small=False)
