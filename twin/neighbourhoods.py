"""Neighbourhoods of traffic: the parts of the local streets that main streets keep apart."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


def neighbourhoods(
    start: np.ndarray, end: np.ndarray, main: np.ndarray, driven: np.ndarray, nodes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Number the parts that local streets fall into when main streets and their nodes are taken out.

    Parameters
    ----------
    start, end : (street,) int
        Nodes, from 0.
    main, driven : (street,) bool
        Streets that bound neighbourhoods, and those that some motor may use: a footpath does not join two.
    nodes : int

    Returns
    -------
    of_street : (street,) int32
        Neighbourhood, from 0 in the order of their first streets; -1 for main streets and for what no motor uses.
    of_node : (node,) int32
        -1 on main streets and where no street of a neighbourhood ends.

    Notes
    -----
    A local street between two main streets that meets no other local street is a neighbourhood of its own.
    """
    local = driven & ~main
    bounding = np.zeros(nodes, bool)
    bounding[start[main]] = bounding[end[main]] = True
    streets = start.size
    # streets and nodes in one graph: a street is tied to those of its ends that no main street touches
    ties = [np.flatnonzero(local & ~bounding[ends]) for ends in (start, end)]
    row = np.concatenate(ties)
    column = streets + np.concatenate([start[ties[0]], end[ties[1]]])
    size = streets + nodes
    _, part = connected_components(coo_matrix((np.ones(row.size), (row, column)), shape=(size, size)), directed=False)
    own = part[:streets][local]
    kept, first, place = np.unique(own, return_index=True, return_inverse=True)
    rank = np.empty(kept.size, np.int32)
    rank[np.argsort(first)] = np.arange(kept.size, dtype=np.int32)
    of_street = np.full(streets, -1, np.int32)
    of_street[local] = rank[place]
    of_node = np.full(nodes, -1, np.int32)
    for ends, tied in zip((start, end), ties, strict=True):
        of_node[ends[tied]] = of_street[tied]
    return of_street, of_node
