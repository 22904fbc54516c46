"""Signals at crossings: where a map has them or main streets meet, in two phases whose green follows the classes."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

CYCLE = 90.0
"""Length of all cycles, assumed: usual in cities, RiLSA 2015 section 2.5 recommends at most 90 s. [s]"""
BETWEEN = 5.0
"""Between the green of one phase and that of the next: yellow and red for all, assumed. [s]"""
SHORTEST = 15.0
"""Least green, so that people on foot come across beside it, assumed. [s]"""
ON_FOOT = 25.0
"""What people on foot take of the cycle at a signal between crossings, assumed. [s]"""
NEAR = 60.0
"""Signals whose links are shorter than this are one crossing: cars stop where they enter it, not within. [m]"""


@dataclass(frozen=True, eq=False)
class Signals:
    """Signals at the ends of links, and how they came about.

    Attributes
    ----------
    cycle, green, offset : (link,) float64
        0 where there is none. [s]
    counts : dict
        In words.
    """

    cycle: np.ndarray
    green: np.ndarray
    offset: np.ndarray
    counts: dict[str, int]


def signals(
    tail: np.ndarray, head: np.ndarray, length: np.ndarray, bearing: np.ndarray, weight: np.ndarray,
    large: np.ndarray, driven: np.ndarray, capacity: np.ndarray, known: np.ndarray,
) -> Signals:  # fmt: skip
    """Plan the signals.

    Parameters
    ----------
    tail, head : (link,) int
        Nodes, from 0.
    length : (link,) float64
        [m]
    bearing : (link,) float64
        Direction in which a link arrives at its end. [rad]
    weight : (link,) float64
        Claim of its class on green, times its lanes. [1]
    large, driven : (link,) bool
        Primary and secondary streets; links that motors use.
    capacity : (link,) float64
        [h⁻¹]
    known : (node,) bool
        Nodes where the map has a signal.

    Returns
    -------
    Signals
        A signal that the map puts before a crossing belongs to the crossing; one that has none within `NEAR` is for
        people on foot. A crossing of primary and secondary streets gets one also where the map has none. All cycles
        begin together.
    """
    nodes = known.size
    arms = _arms(tail, head, driven, nodes)
    crossing = arms >= 3
    lit = known & crossing
    near = driven & (length < NEAR)
    moved = np.zeros(nodes, bool)
    for one, other in ((tail, head), (head, tail)):
        step = near & known[one] & ~crossing[one] & crossing[other]
        lit[other[step]] = True
        moved[one[step]] = True
    on_foot = known & ~crossing & ~moved & (arms == 2)
    assumed = crossing & ~lit & _two_axes(head, bearing, driven & large, nodes)
    lit |= assumed
    cluster = _clusters(tail, head, near, lit)
    # cars stop where they enter a crossing: nobody stops on a link within it
    stops = driven & lit[head] & ~(lit[tail] & near & (cluster[tail] == cluster[head]))
    cycle, green, offset = (np.zeros(tail.size) for _ in range(3))
    order = np.flatnonzero(stops)[np.argsort(cluster[head[stops]], kind="stable")]
    for links in np.split(order, np.flatnonzero(np.diff(cluster[head[order]])) + 1):
        if links.size:
            cycle[links] = CYCLE
            green[links], offset[links] = _plan(bearing[links], weight[links], capacity[links])
    walked = driven & on_foot[head]
    cycle[walked], green[walked] = CYCLE, CYCLE - ON_FOOT - 2 * BETWEEN
    counts = {
        "signals at crossings": int(np.unique(cluster[lit & ~assumed]).size),
        "signals for people on foot": int(on_foot.sum()),
        "assumed signals": int(np.unique(cluster[assumed]).size),
    }
    return Signals(cycle, green, offset, {words: number for words, number in counts.items() if number})


def _arms(tail: np.ndarray, head: np.ndarray, driven: np.ndarray, nodes: int) -> np.ndarray:
    """Nodes next to each that motors come from or go to. (node,) int"""
    one, other = tail[driven].astype(np.int64), head[driven].astype(np.int64)
    pairs = np.unique(np.concatenate([one * nodes + other, other * nodes + one]))
    return np.bincount(pairs // nodes, minlength=nodes)


def _axis(bearing: np.ndarray, main: float) -> np.ndarray:
    """Whether links arrive along an axis, in either sense: within 45 degrees of it."""
    away = np.abs((bearing - main + np.pi / 2) % np.pi - np.pi / 2)
    return away <= np.pi / 4 + 1e-9


def _two_axes(head: np.ndarray, bearing: np.ndarray, large: np.ndarray, nodes: int) -> np.ndarray:
    """Nodes where large streets arrive along two axes. (node,) bool"""
    rows = np.flatnonzero(large)
    rows = rows[np.argsort(head[rows], kind="stable")]
    first = np.full(nodes, np.nan)
    first[head[rows[::-1]]] = bearing[rows[::-1]]  # of several the first stays
    across = rows[~_axis(bearing[rows], first[head[rows]])]
    found = np.zeros(nodes, bool)
    found[head[across]] = True
    return found


def _clusters(tail: np.ndarray, head: np.ndarray, near: np.ndarray, lit: np.ndarray) -> np.ndarray:
    """Number of the crossing that each node is part of. (node,) int"""
    tied = near & lit[tail] & lit[head]
    matrix = coo_matrix((np.ones(int(tied.sum())), (tail[tied], head[tied])), shape=(lit.size, lit.size))
    return np.asarray(connected_components(matrix, directed=False)[1])


def _plan(bearing: np.ndarray, weight: np.ndarray, capacity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Green and its begin for the links that enter one crossing: the axis of the heaviest, then the other."""
    first = _axis(bearing, bearing[int(np.argmax(weight))])
    shortest = np.maximum(SHORTEST, 1.05 * 3600.0 / capacity)  # one car must come through
    if first.all():
        return np.full(weight.size, CYCLE - ON_FOOT - 2 * BETWEEN), np.zeros(weight.size)
    whole = CYCLE - 2 * BETWEEN
    share = weight[first].max() / (weight[first].max() + weight[~first].max())
    green = min(max(share * whole, shortest[first].max()), whole - shortest[~first].max())
    return np.where(first, green, whole - green), np.where(first, 0.0, green + BETWEEN)
