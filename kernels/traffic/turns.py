"""Turns that cost time or are forbidden: a network in which only the nodes that carry such turns are taken apart."""

from dataclasses import dataclass

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.equilibrium import Equilibrium
from kernels.traffic.network import Network
from kernels.traffic.turn_table import take_apart


@dataclass(frozen=True)
class Turned:
    """A network with turns, and the way back to the links of the plain one.

    Attributes
    ----------
    network : Network
        The links of the plain network come first, in their order; then the turns as links of constant time.
    links : int
        How many links the plain network has.
    """

    network: Network
    links: int

    def spread(self, values: np.ndarray, turns: float | bool = 0) -> np.ndarray:
        """Values of plain links on all links, ``turns`` on the turns: for closures, fixed costs, barred links.

        Parameters
        ----------
        values : (..., plain link)
        turns : float or bool

        Returns
        -------
        (..., link)
        """
        values = np.asarray(values)
        more = np.full((*values.shape[:-1], self.network.links - self.links), turns, values.dtype)
        return np.concatenate((values, more), axis=-1)

    def turn_flows(self, found: Equilibrium) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Flow of each turn that paths make: from link, to link, flow in units of cars [1].

        Flows of turns follow from those of paths, so they are one of many equally good splits.
        """
        paths = found.paths
        plain = paths.link < self.links
        path = np.repeat(np.arange(paths.flow.size), np.diff(paths.begin))[plain]
        link = paths.link[plain].astype(np.int64)
        on = path[1:] == path[:-1]
        pair, place = np.unique(link[:-1][on] * self.links + link[1:][on], return_inverse=True)
        flow = np.bincount(place, paths.flow[path[1:][on]], minlength=pair.size)
        return pair // self.links, pair % self.links, flow


def with_turns(network: Network, from_link: np.ndarray, to_link: np.ndarray, penalty: np.ndarray) -> Turned:
    """Take apart the nodes where a turn costs time or is forbidden.

    Parameters
    ----------
    network : Network
    from_link, to_link : (turn,) int
        Links, the second beginning where the first ends.
    penalty : (turn,) float64
        Time the turn takes, zero or more; infinite forbids it. Turns that are not named cost nothing.
        [unit of time of the network]

    Returns
    -------
    Turned

    Raises
    ------
    LayerError
        A turn that is none, named twice, or with a penalty below zero.

    Notes
    -----
    Nodes are taken apart as `kernels.traffic.turn_table` does it. Trips still begin and end at the node itself, which
    nobody passes any more.
    """
    from_link, to_link = np.asarray(from_link, np.int64), np.asarray(to_link, np.int64)
    penalty = np.asarray(penalty, float)
    _check(network, from_link, to_link, penalty)
    passed = network.passable[network.head[from_link]]  # elsewhere nobody turns
    apart = take_apart(network.tail, network.head, network.nodes, from_link[passed], to_link[passed], penalty[passed])
    open_turn = np.isfinite(apart.value)
    more, copies = int(open_turn.sum()), apart.nodes - network.nodes
    passable = network.passable.copy()
    passable[apart.closed] = False

    def longer(values: np.ndarray, rest: float) -> np.ndarray:
        return np.concatenate((values, np.full(more, rest)))

    turned = Network(
        tail=np.concatenate((apart.tail, apart.turn_tail[open_turn])),
        head=np.concatenate((apart.head, apart.turn_head[open_turn])),
        free_flow_time=np.concatenate((network.free_flow_time, apart.value[open_turn])),
        capacity=longer(network.capacity, 0.0), delay_factor=longer(network.delay_factor, 0.0),
        delay_power=longer(network.delay_power, 0.0), length=longer(network.length, 0.0),
        toll=longer(network.toll, 0.0), node_id=_names(network.node_id, copies),
        passable=np.concatenate((passable, np.ones(copies, bool))),
    )  # fmt: skip
    return Turned(turned, network.links)


def _names(known: np.ndarray, more: int) -> np.ndarray:
    """Names for copies of nodes, beside those that are taken."""
    if known.dtype.kind in "iu":
        return np.concatenate((known, known.max() + 1 + np.arange(more, dtype=known.dtype)))
    return np.concatenate((known, np.array([f"copy {number}" for number in range(more)], dtype=str)))


def _check(network: Network, from_link: np.ndarray, to_link: np.ndarray, penalty: np.ndarray) -> None:
    if not from_link.shape == to_link.shape == penalty.shape:
        raise LayerError(
            f"turns have {from_link.size} first links, {to_link.size} second links and {penalty.size} penalties; give "
            "one of each for every turn"
        )
    if from_link.size == 0:
        return
    low, high = min(from_link.min(), to_link.min()), max(from_link.max(), to_link.max())
    if low < 0 or high >= network.links:
        raise LayerError(f"a turn names link {low if low < 0 else high}, expected 0 to {network.links - 1}")
    loose = network.head[from_link] != network.tail[to_link]
    wrong = np.isnan(penalty) | (penalty < 0)
    for bad, words in (
        (loose, "is no turn: the second link must begin where the first ends"),
        (wrong, "has a penalty that is not zero or more"),
    ):
        if bad.any():
            turn = int(np.flatnonzero(bad)[0])
            raise LayerError(f"turn {network.name(from_link[turn])} to {network.name(to_link[turn])} {words}")
    pair, count = np.unique(from_link * network.links + to_link, return_counts=True)
    if (count > 1).any():
        first, second = divmod(int(pair[count > 1][0]), network.links)
        raise LayerError(f"turn {network.name(first)} to {network.name(second)} is named twice; keep one penalty")
