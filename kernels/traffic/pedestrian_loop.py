"""The loop of people on foot: from each source to all that attracts, shared over ways that lead on."""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def walk(
    first, head, cost, first_in, tail_in, arc_in, source, produced, attraction, decay, sharpness, offsets, reached,
    seconds, flow, sent, inside,
):  # fmt: skip
    """Send people from some sources to all that attracts in their reach.

    Parameters
    ----------
    first, head, cost : (node + 1,) int32, (arc,) int32, (arc,) float64
        Arcs by the node they leave; costs of more than 0. [s]
    first_in, tail_in, arc_in : (node + 1,) int32, (arc,) int32, (arc,) int32
        The same arcs by the node they enter, and their rows above.
    source : (source,) int32
    produced : (source, class) float64
        People that set out for each class. [h⁻¹]
    attraction : (class, node) float64
        Weights of what draws people to each node. [1]
    decay : float
        Time after which a weight counts ``1 / e``. [s]
    sharpness : float
        How strongly detours are avoided; infinite takes least times alone. [s⁻¹]
    offsets : (source + 1,) int64
        Nodes in reach of source ``s`` are ``offsets[s]:offsets[s + 1]`` of the next two.
    reached, seconds : (pair,) int32, float64
        Node and time. [s]
    flow : (class, arc) float64
        Added to. [h⁻¹]
    sent : (source, class) float64
        Written: people by what they go to; none where nothing of it is in reach. [h⁻¹]
    inside : (source, class) float64
        Written: of these, those who go to their own node. [h⁻¹]

    Notes
    -----
    Destinations: gravity that keeps what is produced, with an exponential in time (Wilson 1971,
    doi:10.1068/a030001). Ways: Dial (1971), doi:10.1016/0041-1647(71)90012-8, on arcs that lead away from the source: a
    way that takes ``d`` longer is ``exp(-sharpness d)`` times as likely, without any list of ways.
    """
    classes, nodes = attraction.shape
    time, weight = np.full(nodes, np.inf), np.zeros(nodes)
    through = np.zeros((nodes, classes))
    share, drawn, scale = np.empty(head.size), np.empty(classes), np.empty(classes)
    for row in range(source.size):
        begin, end = offsets[row], offsets[row + 1]
        order = np.argsort(seconds[begin:end])
        drawn[:] = 0.0
        for one in order:
            node = reached[begin + one]
            time[node] = seconds[begin + one]
            weight[node] = 0.0
            near = np.exp(-time[node] / decay)
            for kind in range(classes):
                through[node, kind] = attraction[kind, node] * near
                drawn[kind] += through[node, kind]
        sent[row], inside[row] = 0.0, 0.0
        for kind in range(classes):
            scale[kind] = produced[row, kind] / drawn[kind] if drawn[kind] > 0.0 else 0.0
            sent[row, kind] = drawn[kind] * scale[kind]
            inside[row, kind] = through[source[row], kind] * scale[kind]
        if sent[row].any():
            weight[source[row]] = 1.0
            for one in order:
                node = reached[begin + one]
                for arc in range(first[node], first[node + 1]):
                    other = head[arc]
                    if time[other] < np.inf and time[other] > time[node]:
                        longer = time[node] + cost[arc] - time[other]
                        share[arc] = weight[node] * (1.0 if longer <= 0.0 else np.exp(-sharpness * longer))
                        weight[other] += share[arc]
            for back in range(order.size - 1, -1, -1):
                node = reached[begin + order[back]]
                for entry in range(first_in[node], first_in[node + 1]):
                    other, arc = tail_in[entry], arc_in[entry]
                    if time[other] < time[node]:
                        part = share[arc] / weight[node]
                        for kind in range(classes):
                            going = through[node, kind] * part
                            through[other, kind] += going
                            flow[kind, arc] += going * scale[kind]
        for one in range(begin, end):
            node = reached[one]
            time[node] = np.inf
