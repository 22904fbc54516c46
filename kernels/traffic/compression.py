"""A smaller network with the same equilibrium: streets that only lead on become one link, dead ends go."""

from dataclasses import dataclass

import numpy as np

from kernels.traffic.network import Network


@dataclass(frozen=True)
class Compressed:
    """A network without dead ends and points on the way, and the way back.

    Attributes
    ----------
    network : Network
        Its nodes are some of those of the plain one, by the same names.
    chain : (plain link,) int64
        Link of ``network`` that a plain link is part of, -1 for those that no trip can use.
    """

    network: Network
    chain: np.ndarray

    def gather(self, values: np.ndarray) -> np.ndarray:
        """Sums over the plain links of each link, for lengths, times and fixed costs.

        Parameters
        ----------
        values : (plain link,)

        Returns
        -------
        (link,) float64
        """
        used = self.chain >= 0
        return np.bincount(self.chain[used], np.asarray(values, float)[used], minlength=self.network.links)

    def any(self, values: np.ndarray) -> np.ndarray:
        """Whether any plain link of each link is so, for closures and bans. (link,) bool"""
        return self.gather(np.asarray(values, bool)) > 0

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Values of links on the plain ones, 0 where no trip can go, for flows. (plain link,) float64"""
        values = np.asarray(values, float)
        return np.where(self.chain >= 0, values[np.maximum(self.chain, 0)], 0.0)


def compress(network: Network, kept: np.ndarray) -> Compressed:
    """Make a network smaller without changing any equilibrium.

    Parameters
    ----------
    network : Network
    kept : (some,)
        Names of nodes that must stay: where trips begin and end, and where turns are told apart.

    Returns
    -------
    Compressed

    Raises
    ------
    LayerError
        A name that the network does not have.

    Notes
    -----
    A node that is not kept is left out where every path through it can only go on: one neighbour in and one out, or
    two neighbours joined by streets in both directions (turning back there helps nobody, as no cost is negative). The
    flow is the same on all links of such a chain, so that their times add up to one function of the same form where
    all powers are equal: ``sum(free) + flow^power sum(free factor / capacity^power)``. Links of other powers are not
    joined. Links on which no trip can be (into a dead end, out of nowhere) are dropped first.
    """
    stay = np.zeros(network.nodes, bool)
    stay[network.places(np.asarray(kept), "kept names")] = True
    stay |= ~network.passable
    alive = _drop_dead_ends(network, stay)
    tail, head = network.tail.tolist(), network.head.tolist()
    into: list[set[int]] = [set() for _ in range(network.nodes)]
    out: list[set[int]] = [set() for _ in range(network.nodes)]
    for link in np.flatnonzero(alive).tolist():
        out[tail[link]].add(link)
        into[head[link]].add(link)
    parts: dict[int, list[int]] = {link: [link] for link in np.flatnonzero(alive).tolist()}
    bends = (network.delay_factor > 0) & (network.free_flow_time > 0) & (network.delay_power > 0)
    power = np.where(bends, network.delay_power, np.nan).tolist()
    for node in np.flatnonzero(~stay).tolist():
        joined = _pairs(node, into[node], out[node], tail, head)
        if joined is None or any(_differ(power[one], power[other]) for one, other in joined):
            continue
        for one, other in joined:  # the second link is swallowed by the first
            parts[one] += parts.pop(other)
            power[one] = power[other] if np.isnan(power[one]) else power[one]
            head[one] = head[other]
            into[head[other]].discard(other)
            into[head[other]].add(one)
        into[node].clear()
        out[node].clear()
    return _build(network, stay, parts, tail, head, power)


def _drop_dead_ends(network: Network, stay: np.ndarray) -> np.ndarray:
    """Which links a trip may use: those that lead on and come from somewhere. (link,) bool"""
    alive = network.tail != network.head
    while True:
        led_to = np.bincount(network.head[alive], minlength=network.nodes) > 0
        leads = np.bincount(network.tail[alive], minlength=network.nodes) > 0
        # a street in both directions to a node with no other neighbour is a dead end too
        ends = np.concatenate((network.tail[alive], network.head[alive]))
        others = np.concatenate((network.head[alive], network.tail[alive]))
        pairs = np.unique(ends.astype(np.int64) * network.nodes + others)
        lonely = np.bincount(pairs // network.nodes, minlength=network.nodes) < 2
        useless = ~stay & (~led_to | ~leads | lonely)
        dropped = alive & (useless[network.tail] | useless[network.head])
        if not dropped.any():
            return alive
        alive &= ~dropped


def _pairs(node, into, out, tail, head) -> list[tuple[int, int]] | None:
    """Links in and out that are one street, or None where the node is more than a point on the way."""
    if not into or len(into) != len(out) or len(into) > 2:
        return None
    pairs = [(one, other) for one in sorted(into) for other in sorted(out) if tail[one] != head[other]]
    around = {tail[one] for one in into} | {head[one] for one in out}
    if len(around) != 2 or node in around or len(pairs) != len(into):
        return None
    return pairs if len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(into) else None


def _differ(one: float, other: float) -> bool:
    return not (np.isnan(one) or np.isnan(other)) and one != other


def _build(network: Network, stay: np.ndarray, parts, tail, head, power) -> Compressed:
    chain = np.full(network.links, -1, np.int64)
    links = np.array(sorted(parts), np.int64)
    for number, link in enumerate(links.tolist()):
        chain[parts[link]] = number
    used = chain >= 0
    flat = np.array([np.isnan(power[link]) for link in links.tolist()], bool)
    powers = np.where(flat, 1.0, np.array([power[link] for link in links.tolist()], float))

    def gather(values: np.ndarray) -> np.ndarray:
        return np.bincount(chain[used], values[used], minlength=links.size)

    bends = used & (network.delay_factor > 0) & (network.free_flow_time > 0) & (network.delay_power > 0)
    # a factor with the power 0 is a constant part of the time
    still = np.where(
        network.delay_power == 0, network.free_flow_time * (1 + network.delay_factor), network.free_flow_time
    )
    least = np.full(links.size, np.inf)
    np.minimum.at(least, chain[bends], network.capacity[bends])
    least = np.where(np.isfinite(least), least, 1.0)
    raised = np.zeros(network.links)
    at = chain[bends]
    raised[bends] = network.free_flow_time[bends] * network.delay_factor[bends] * (
        least[at] / network.capacity[bends]
    ) ** powers[at]  # fmt: skip
    free, grown = gather(still), gather(raised)
    factor = np.divide(grown, free, out=np.zeros_like(grown), where=free > 0)
    tails, heads = np.array(tail)[links], np.array(head)[links]
    nodes = np.union1d(np.union1d(tails, heads), np.flatnonzero(stay))  # a kept node may have lost all its streets
    names = network.node_id
    small = Network.of(
        names[tails], names[heads], free_flow_time=free, capacity=least, delay_factor=np.where(flat, 0.0, factor),
        delay_power=powers, length=gather(network.length), toll=gather(network.toll), node_id=names[nodes],
        not_passable=names[nodes[~network.passable[nodes]]],
    )  # fmt: skip
    return Compressed(small, chain)
