"""Ways of vehicles that have none of their own: the next link from every place to every destination."""

import numpy as np

from kernels.crew import Crew
from kernels.traffic.queues_inputs import Streets
from kernels.traffic.queues_rules import TurnBans
from kernels.traffic.shortest_paths import grow_trees
from kernels.traffic.turn_table import take_apart

_ARRIVED = -2  # see `kernels.traffic.queues_links`
_SMALL = 100_000  # trees times places below which a second thread costs more than it brings


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
        back, shape = self._backwards, (kinds * targets, self.places)
        sources = np.tile(self._targets.astype(np.int32), kinds)
        kind = np.repeat(np.arange(kinds, dtype=np.int32), targets)
        tree = np.empty(shape, np.int32)
        all_costs = np.concatenate((costs, self._turn_cost), axis=1)
        cost = np.ascontiguousarray(all_costs[:, back])
        nothing, none, room = np.zeros(sources.size + 1, np.int64), np.zeros(0, np.int32), np.zeros(0)

        def work(first: int, last: int) -> None:
            grow_trees(
                first, last, sources, kind, nothing, none, self._start, self._from, cost, self._passable, tree, room
            )

        self._crew.share_out(sources.size, work, small=tree.size < _SMALL)
        found = back[tree]  # -1 reads the last link, and is put right; a table is large, so nothing wider is made of it
        found[tree < 0] = -1
        found[np.arange(sources.size), sources] = _ARRIVED
        if self._into.size:  # a turn is no link that anybody drives: whoever makes it takes the link after it
            own = found[:, self._into]
            turn = np.maximum(own - self._links, 0)
            after = np.take_along_axis(found, self._turn_head[turn].astype(np.int64), axis=1)
            found[:, self._into] = np.where(own >= self._links, after, own)
        self.table[group] = found.reshape(kinds, targets, self.places)
