"""People on foot in streets: how many walk where, adjusted to counters, and how crowded that is."""

from dataclasses import dataclass

import numpy as np

from kernels.access.reach import Graph, in_reach
from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.traffic.pedestrian_loop import walk
from kernels.traffic.pedestrians import CRITICAL_DENSITY, GREATEST_FLOW, density_of_flow, walking_speed

DECAY = 300.0
"""Time after which a place draws 1 / e of what it draws next door: with it a walk takes 5 to 7 minutes on average where
places lie everywhere, as walked trips do; assumed. [s]"""
SHARPNESS = 0.05
"""A way that takes 20 s longer is 1 / e as likely; assumed. [s⁻¹]"""
_LEAST = 1e-6
"""What an arc must take, so that every way leads on. [s]"""
_CHUNK = 64
"""Sources whose flows are added up in one go: the order of the sums does not depend on the number of threads."""


@dataclass(frozen=True, eq=False)
class Walked:
    """Who walks where.

    Attributes
    ----------
    flow : (class, arc) float64
        In the order of the rows the graph was made of. [h⁻¹]
    sent : (source, class) float64
        People by what they go to. [h⁻¹]
    unserved : (source, class) float64
        People for whom nothing lies in reach. [h⁻¹]
    inside : (source, class) float64
        People whose way ends at the node where it begins: they walk in no street. [h⁻¹]
    """

    flow: np.ndarray
    sent: np.ndarray
    unserved: np.ndarray
    inside: np.ndarray


def walked(
    graph: Graph, source: np.ndarray, produced: np.ndarray, attraction: np.ndarray, *, limit: float = 900.0,
    decay: float = DECAY, sharpness: float = SHARPNESS, threads: int | None = None,
) -> Walked:  # fmt: skip
    """Send people from sources to all that attracts within a limit, by gravity and over all ways that lead on.

    Parameters
    ----------
    graph : Graph
        Costs of more than 0, or infinite where closed. [s]
    source : (source,) int
        Nodes.
    produced : (source, class) or (source,) float
        People that set out for each class of places; as many for every class where only one number is given. [h⁻¹]
    attraction : (class, node) float
        Weights, zero or more; only those of one class compete. [1]
    limit, decay : float
        [s]
    sharpness : float
        [s⁻¹]
    threads : int, optional
        No result depends on it.

    Raises
    ------
    LayerError
        A source at a node that is not there, people or weights that are negative, an arc without length.
    """
    source, attraction = np.asarray(source, np.int32).reshape(-1), np.atleast_2d(np.asarray(attraction, np.float64))
    produced = np.asarray(produced, np.float64)
    if produced.ndim == 1:
        produced = np.repeat(produced[:, None], attraction.shape[0], axis=1)
    _refuse(graph, source, produced, attraction, limit, decay, sharpness)
    tails = np.repeat(np.arange(graph.nodes, dtype=np.int32), np.diff(graph.first))
    arc_in = np.argsort(graph.head, kind="stable").astype(np.int32)
    first_in = np.zeros(graph.nodes + 1, np.int32)
    np.cumsum(np.bincount(graph.head, minlength=graph.nodes), out=first_in[1:])
    classes, arcs, size = attraction.shape[0], graph.head.size, source.size
    sent, inside = np.zeros((size, classes)), np.zeros((size, classes))
    whole = np.zeros((classes, arcs))
    crew = Crew(threads)
    chunks = [slice(begin, min(begin + _CHUNK, size)) for begin in range(0, size, _CHUNK)]
    for begin in range(0, len(chunks), crew.threads):
        now = chunks[begin : begin + crew.threads]
        flows = np.zeros((len(now), classes, arcs))

        def work(low: int, high: int, now: list[slice] = now, flows: np.ndarray = flows) -> None:
            for number in range(low, high):
                one = now[number]
                near = in_reach(graph, source[one], limit, pairs=True, threads=1)
                walk(
                    graph.first, graph.head, graph.cost, first_in, tails[arc_in], arc_in, source[one], produced[one],
                    attraction, float(decay), float(sharpness), near.offsets, near.node, near.seconds, flows[number],
                    sent[one], inside[one],
                )  # fmt: skip

        crew.share_out(len(now), work, small=size < _CHUNK)
        for one in flows:
            whole += one
    flow = np.empty_like(whole)
    flow[:, graph.order] = whole
    return Walked(flow, sent, np.where(sent > 0, 0.0, produced), inside)


def _refuse(
    graph: Graph, source: np.ndarray, produced: np.ndarray, attraction: np.ndarray, limit: float, decay: float,
    sharpness: float,
) -> None:  # fmt: skip
    for what, value in (("limit", limit), ("decay", decay), ("sharpness", sharpness)):
        if not value > 0:
            raise LayerError(f"{what} is {value:g}, expected more than 0")
    if produced.shape != (source.size, attraction.shape[0]):
        raise LayerError(
            f"people have the shape {produced.shape}, expected ({source.size}, {attraction.shape[0]}): sources, classes"
        )
    if attraction.shape[1] != graph.nodes:
        raise LayerError(f"attraction knows {attraction.shape[1]} nodes, expected {graph.nodes}: one weight for each")
    unknown = (source < 0) | (source >= graph.nodes)
    if unknown.any():
        row = int(np.argmax(unknown))
        raise LayerError(f"source {row} is at node {source[row]}, expected 0 to {graph.nodes - 1}")
    short = ~(graph.cost > _LEAST)
    if short.any():
        arc = int(graph.order[int(np.argmax(short))])
        raise LayerError(f"arc {arc} takes {graph.cost[short][0]:g} s, expected more than {_LEAST:g}; join its ends")
    for what, values in (
        ("attraction of class {} at node {}", attraction),
        ("people of source {} for class {}", produced),
    ):
        wrong = ~(values >= 0) | ~np.isfinite(values)
        if wrong.any():
            first = tuple(int(one) for one in np.argwhere(wrong)[0])
            raise LayerError(f"{what.format(*first)} is {values[first]:g}, expected 0 or more")


@dataclass(frozen=True, eq=False)
class Crowd:
    """How people walk in streets.

    Attributes
    ----------
    density : (street,) float64
        NaN where more want to pass than can. [m⁻²]
    speed : (street,) float64
        At the most what the greatest flow allows, where more want to pass than can. [m s⁻¹]
    saturation : (street,) float64
        Flow by the greatest that the width lets pass. [1]
    """

    density: np.ndarray
    speed: np.ndarray
    saturation: np.ndarray


def crowd(flow: np.ndarray, width: np.ndarray) -> Crowd:
    """Density and speed of people who walk evenly spread over a width, by Weidmann's fundamental diagram.

    Parameters
    ----------
    flow : (street,) float
        Both ways together. [h⁻¹]
    width : (street,) float
        What is left to walk on; more than 0. [m]

    Raises
    ------
    LayerError
        A flow below 0, or a width that is not more than 0.
    """
    people, wide = np.asarray(flow, np.float64), np.asarray(width, np.float64)
    for what, values, wrong in (("flow", people, ~(people >= 0)), ("width", wide, ~(wide > 0))):
        if wrong.any():
            row = int(np.argmax(wrong))
            raise LayerError(f"{what} of street {row} is {values[row]:g}, expected more than 0")
    specific = people / 3600.0 / wide
    density = density_of_flow(specific)
    speed = walking_speed(np.where(np.isnan(density), CRITICAL_DENSITY, density))
    return Crowd(density, speed, specific / GREATEST_FLOW)
