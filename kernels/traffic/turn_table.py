"""Nodes taken apart where turns are told apart: copies for links in and out, and the turns between them as links."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Apart:
    """Ends of links after some nodes were taken apart, and the links that turns became.

    Attributes
    ----------
    tail, head : (link,) int32
        Nodes or their copies.
    turn_tail, turn_head : (turn,) int32
    value : (turn,)
        Of the turn; 0 of the links by which trips begin and end at the node itself.
    nodes : int
        With all copies.
    closed : (some,) int64
        Nodes that were taken apart: trips begin and end there, nobody passes.
    """

    tail: np.ndarray
    head: np.ndarray
    turn_tail: np.ndarray
    turn_head: np.ndarray
    value: np.ndarray
    nodes: int
    closed: np.ndarray


def take_apart(
    tail: np.ndarray, head: np.ndarray, nodes: int, from_link: np.ndarray, to_link: np.ndarray, value: np.ndarray
) -> Apart:
    """Take apart the nodes at which some turns have a value.

    Parameters
    ----------
    tail, head : (link,) int
        Nodes, from 0.
    nodes : int
    from_link, to_link : (turn,) int
        Each turn once, the second link beginning where the first ends.
    value : (turn,)
        Of these turns; of all others 0.

    Notes
    -----
    Links into a node that see the same values share one copy of it, and so do links out of it: a compressed turn
    table, as in Delling et al. (2017), doi:10.1287/trsc.2014.0579.
    """
    value = np.asarray(value)
    tail, head = tail.astype(np.int32), head.astype(np.int32)
    by_head, by_tail = np.argsort(head, kind="stable"), np.argsort(tail, kind="stable")
    heads, tails, at = head[by_head], tail[by_tail], head[from_link]
    new_tail: list[int] = []
    new_head: list[int] = []
    values = [np.zeros(0, value.dtype)]
    closed = np.unique(at)
    for node in closed:
        inward = by_head[slice(*np.searchsorted(heads, (node, node + 1)))]
        outward = by_tail[slice(*np.searchsorted(tails, (node, node + 1)))]
        table = np.zeros((inward.size, outward.size), value.dtype)
        here = at == node
        table[np.searchsorted(inward, from_link[here]), np.searchsorted(outward, to_link[here])] = value[here]
        rows, row_of = np.unique(table, axis=0, return_inverse=True)
        small, column_of = np.unique(rows, axis=1, return_inverse=True)
        into = nodes + np.arange(small.shape[0])
        out = into[-1] + 1 + np.arange(small.shape[1])
        nodes = int(out[-1]) + 1
        head[inward], tail[outward] = into[row_of.ravel()], out[column_of.ravel()]
        new_tail += [*np.repeat(into, out.size), *into, *np.full(out.size, node)]
        new_head += [*np.tile(out, into.size), *np.full(into.size, node), *out]
        values += [small.ravel(), np.zeros(into.size + out.size, value.dtype)]
    return Apart(
        tail, head, np.array(new_tail, np.int32), np.array(new_head, np.int32), np.concatenate(values), nodes,
        closed.astype(np.int64),
    )  # fmt: skip
