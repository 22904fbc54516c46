"""A network of streets as arrays: links between nodes, what they carry, and who may pass where."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.hierarchy import Hierarchy


@dataclass(frozen=True)
class Network:
    """Links between nodes.

    Attributes
    ----------
    tail, head : (link,) int32
        Nodes where each link begins and ends, as places in ``node_id``.
    free_flow_time : (link,) float64
        Time along the empty link, zero or more. [one unit of time throughout, s inside the twin]
    capacity : (link,) float64
        Of the volume-delay function: flow in the period of the demand, in cars. [1]
    delay_factor, delay_power : (link,) float64
        Its shape, see `kernels.traffic.volume_delay`; the power is 0 or at least 1. [1]
    length : (link,) float64
        [one unit of length throughout, m inside the twin]
    toll : (link,) float64
        [any]
    node_id : (node,)
        Names of the nodes, all different.
    passable : (node,) bool
        False where trips only begin and end (a centroid).
    start : (node + 1,) int32
        Where the links of a node begin in ``order``.
    order : (link,) int64
        The links sorted by their tails.
    """

    tail: np.ndarray
    head: np.ndarray
    free_flow_time: np.ndarray
    capacity: np.ndarray
    delay_factor: np.ndarray
    delay_power: np.ndarray
    length: np.ndarray
    toll: np.ndarray
    node_id: np.ndarray
    passable: np.ndarray
    start: np.ndarray = field(init=False)
    order: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        _check(self)
        count = np.bincount(self.tail, minlength=self.nodes)
        object.__setattr__(self, "start", np.concatenate(([0], np.cumsum(count))).astype(np.int32))
        object.__setattr__(self, "order", np.argsort(self.tail, kind="stable"))

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return int(np.asarray(self.node_id).size)

    @property
    def links(self) -> int:
        """How many links there are."""
        return int(self.tail.size)

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """The order of its nodes for many shortest paths, made when first asked for: no cost or closure changes it."""
        return Hierarchy.of(self.start, self.head[self.order], self.passable)

    def name(self, link: int) -> str:
        """A link as people write it: ``from-to``."""
        return f"{self.node_id[self.tail[link]]}-{self.node_id[self.head[link]]}"

    def places(self, node_id: np.ndarray, what: str) -> np.ndarray:
        """Places of named nodes.

        Raises
        ------
        LayerError
            Names the nodes that the network does not have.
        """
        return _places(self.node_id, node_id, what)

    def fixed_cost(self, toll_weight: float = 0.0, distance_weight: float = 0.0) -> np.ndarray:
        """The part of the cost that does not depend on flow: weighted toll and length. (link,) float64 [time]"""
        return toll_weight * self.toll + distance_weight * self.length

    @classmethod
    def of(
        cls,
        from_node,
        to_node,
        *,
        free_flow_time,
        capacity,
        delay_factor=0.15,
        delay_power=4.0,
        length=0.0,
        toll=0.0,
        node_id=None,
        not_passable=(),
    ) -> "Network":
        """Make a network of links between named nodes.

        Parameters
        ----------
        from_node, to_node : (link,)
            Names of the nodes: numbers or words.
        free_flow_time, capacity, delay_factor, delay_power, length, toll : (link,) float64 or float
            See `Network`.
        node_id : (node,), optional
            All nodes; those of the links where not given.
        not_passable : sequence
            Names of nodes where trips only begin and end.

        Raises
        ------
        LayerError
            Names the link or node that does not fit, what was expected and the remedy.
        """
        from_node, to_node = np.asarray(from_node), np.asarray(to_node)
        names = np.unique(np.concatenate((from_node, to_node))) if node_id is None else np.asarray(node_id)
        tail = _places(names, from_node, "a link begins at")
        head = _places(names, to_node, "a link ends at")
        passable = np.ones(names.size, bool)
        passable[_places(names, np.asarray(not_passable, dtype=names.dtype), "not_passable names")] = False
        numbers = {
            "free_flow_time": free_flow_time, "capacity": capacity, "delay_factor": delay_factor,
            "delay_power": delay_power, "length": length, "toll": toll,
        }  # fmt: skip
        arrays = {
            name: np.array(np.broadcast_to(np.asarray(value, float), tail.shape)) for name, value in numbers.items()
        }
        return cls(tail=tail, head=head, node_id=names, passable=passable, **arrays)


def _places(names: np.ndarray, wanted: np.ndarray, what: str) -> np.ndarray:
    wanted = np.asarray(wanted)
    if wanted.size == 0:
        return np.zeros(0, np.int32)
    order = np.argsort(names, kind="stable")
    spot = np.minimum(np.searchsorted(names[order], wanted), names.size - 1)
    found = order[spot]
    absent = names[found] != wanted
    if absent.any():
        some = ", ".join(str(one) for one in np.unique(wanted[absent])[:8])
        raise LayerError(
            f"{what} node {some}, which is not among the {names.size} nodes of the network; add it or mend the name"
        )
    return found.astype(np.int32)


def _check(network: Network) -> None:
    names = np.asarray(network.node_id)
    if names.size == 0 or network.links == 0:
        raise LayerError(f"a network needs nodes and links, got {names.size} nodes and {network.links} links")
    values, count = np.unique(names, return_counts=True)
    if (count > 1).any():
        raise LayerError(f"node {values[count > 1][0]} stands {count.max()} times in the network; name each node once")
    for name in ("free_flow_time", "capacity", "delay_factor", "delay_power", "length", "toll"):
        value = getattr(network, name)
        if value.shape != network.tail.shape:
            raise LayerError(f"{name} has shape {value.shape}, expected one number for each of {network.links} links")
        _refuse(network, name, ~np.isfinite(value), "a finite number")
        if name in ("free_flow_time", "delay_factor", "length"):
            _refuse(network, name, value < 0, "zero or more")
    _refuse(network, "capacity", network.capacity < 0, "more than zero")
    bends = (network.delay_factor > 0) & (network.free_flow_time > 0)
    _refuse(network, "capacity", bends & (network.capacity <= 0), "more than zero, as the link has a delay_factor")
    power = network.delay_power
    _refuse(
        network, "delay_power", bends & ((power < 0) | ((power > 0) & (power < 1))),
        "0 or at least 1, else the slope of the time is infinite at zero flow",
    )  # fmt: skip


def _refuse(network: Network, name: str, bad: np.ndarray, expected: str) -> None:
    if bad.any():
        link = int(np.flatnonzero(bad)[0])
        value = getattr(network, name)[link]
        raise LayerError(
            f"{name} of link {network.name(link)} (row {link + 1}) is {value:g}, expected {expected}; "
            f"{int(bad.sum())} of {network.links} links are so"
        )
