"""Trips of a day between zones: gravity within the area, out through its gates and in again, and through it."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import dijkstra

from kernels.traffic.gravity import balanced, deterrence
from kernels.traffic.queues_inputs import MODE_NAMES, MODES
from twin.travel_tables import Day, TravelMode, purposes, rates, travel_modes
from twin.travel_zones import Zones

OUTSIDE_CELL = 500.0
"""Side of the cells in which what lies beyond the gates is added up. [m]"""
REACH = 3.0
"""How far they go: so many mean trips. [1]"""
LEAST_TIME = 60.0
"""Of a trip within a zone. [s]"""
_NEAR_ALL = 0.98


@dataclass(frozen=True)
class Outside:
    """What lies beyond the gates, as if the Region went on evenly.

    Attributes
    ----------
    area : (gate,) float64
        Beyond each gate, each part of it weighed by the deterrence of the way to it. [km²]
    """

    area: np.ndarray


def zone_times(network: xr.Dataset, zones: Zones, mode: str) -> np.ndarray:
    """Times between zones on empty streets, between their nodes with most trips.

    Returns
    -------
    (zone, zone) float64
        Infinite where there is no way; within a zone half that to the nearest. [s]
    """
    kind = "car" if mode == "car" else "bike"
    allowed = (network["allowed_modes"].values >> MODE_NAMES.index(kind) & 1).astype(bool)
    own = MODES[MODE_NAMES.index(mode)].speed
    time = np.maximum(network["street_length"].values / np.minimum(network["free_speed"].values, own), 0.1)
    tail, head = network["link_start_node"].values, network["link_end_node"].values
    size = network.sizes["node"]
    order = np.lexsort((time, head, tail))
    order = order[allowed[order]]
    first = np.ones(order.size, bool)
    first[1:] = (np.diff(tail[order]) != 0) | (np.diff(head[order]) != 0)
    order = order[first]  # of parallel links the quickest: a sparse matrix would add them up
    graph = coo_matrix((time[order], (tail[order], head[order])), shape=(size, size)).tocsr()
    places = zones.places[kind]
    spot = np.array(
        [places.node[a + np.argmax(places.share[a:b])] if b > a else 0
         for a, b in zip(places.first[:-1], places.first[1:], strict=True)]
    )  # fmt: skip
    unique, back = np.unique(spot, return_inverse=True)
    times = dijkstra(graph, indices=unique)[:, spot][back]
    np.fill_diagonal(times, np.inf)
    nearest = times.min(axis=1, initial=np.inf)
    within = np.where(np.isfinite(nearest), np.maximum(nearest / 2, LEAST_TIME), LEAST_TIME)
    times = np.maximum(times, LEAST_TIME)  # zones may share a node
    np.fill_diagonal(times, within)
    return times


def outside_of(network: xr.Dataset, zones: Zones, mode: TravelMode, weight: np.ndarray) -> Outside:
    """What lies beyond each gate.

    Parameters
    ----------
    network, zones
    mode : TravelMode
    weight : (gate,) float64
        What passes each gate; cells share their trips out by it and by how near the gates are. [any]

    Notes
    -----
    With an exponential deterrence the weight of a way is the product of those of its parts, so that all that lies
    beyond a gate is one number: the area of the cells, each times the deterrence from the gate to it.
    """
    if weight.size == 0 or not weight.any():
        return Outside(np.zeros(weight.size))
    parameter = 2.0 / mode.mean_time
    node = zones.gates.node
    x, y = network["node_x"].values, network["node_y"].values
    far = REACH * mode.mean_time * mode.speed_outside / mode.detour
    easting = np.arange(x.min() - far, x.max() + far, OUTSIDE_CELL) + OUTSIDE_CELL / 2
    northing = np.arange(y.min() - far, y.max() + far, OUTSIDE_CELL) + OUTSIDE_CELL / 2
    e, n = (one.ravel() for one in np.meshgrid(easting, northing))
    out = (e < x.min()) | (e > x.max()) | (n < y.min()) | (n > y.max())
    distance = np.hypot(e[out][:, None] - x[node], n[out][:, None] - y[node])
    closeness = np.exp(-parameter * distance * mode.detour / mode.speed_outside)
    share = closeness * weight
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
    return Outside((share * closeness).sum(axis=0) * OUTSIDE_CELL**2 * 1e-6)


def attracted_trips(
    zones: Zones, mode: str, day: Day, shares: dict[str, float], from_home: np.ndarray, purpose: str
) -> np.ndarray:
    """Trips to each sector for a purpose. (sector,) float64 [d⁻¹]

    To work as many come as there are jobs, by the shares of modes of those who work in Brussels; else as many as leave.
    """
    known = rates()
    if purposes()[purpose].attracted == "jobs":
        share = known[f"work_{mode}_share"] * shares[mode] / travel_modes()[mode].share
        work = zones.jobs * known["persons_per_job"] * share
        return work if day == "weekday" else work * known["weekend_jobs"]
    visits = zones.visits[purpose]
    return from_home.sum() * visits / visits.sum()


def day_matrix(
    zones: Zones, times: np.ndarray, mode: TravelMode, produced: np.ndarray, attracted: np.ndarray,
    out: Outside, into: Outside, density_out: float, density_in: float,
) -> np.ndarray:  # fmt: skip
    """Trips from where they are produced to where they are attracted, sectors and gates.

    Parameters
    ----------
    zones, times, mode
    produced, attracted : (sector,) float64
        [d⁻¹]
    out, into : Outside
        Beyond the gates by which one leaves, and by which one enters.
    density_out, density_in : float
        What attracts outside, and what is produced there. [d⁻¹ km⁻²]

    Returns
    -------
    (zone, zone) float64
        Both margins of the sectors are exact; those of gates follow. Between gates there is nothing. [d⁻¹]

    Notes
    -----
    Doubly constrained gravity with the deterrence exp(-2 t / mean time), whose mean on an even plane is the mean time;
    gates stand for the plane beyond them with open margins. Weights: ``P A f / (K K')^½`` within, ``P M f / K`` out and
    ``N A f / K'`` in, where K is all that a resident can choose from and K' all from whom a goal can be chosen.
    """
    sectors = zones.sectors
    if not (produced.any() or attracted.any() or density_out or density_in):
        return np.zeros((len(zones), len(zones)))  # a mode that nobody takes
    if sectors == len(zones):
        attracted = attracted * produced.sum() / max(attracted.sum(), 1e-300)
    weight = deterrence(times, 2.0 / mode.mean_time)
    # with open margins the size of a weight counts: each is the trips it stands for where no margin corrects it
    goals = weight[:sectors, :sectors] @ attracted + weight[:sectors, sectors:] @ (density_out * out.area)
    homes = produced @ weight[:sectors, :sectors] + (density_in * into.area) @ weight[sectors:, :sectors]
    choice_out = max(float(produced @ goals) / max(produced.sum(), 1e-300), 1e-300)
    choice_in = max(float(homes @ attracted) / max(attracted.sum(), 1e-300), 1e-300)
    weight[:sectors, :sectors] *= np.outer(produced, attracted) / np.sqrt(choice_out * choice_in)
    weight[:sectors, sectors:] *= np.outer(produced, density_out * out.area / choice_out)
    weight[sectors:, :sectors] *= np.outer(density_in * into.area / choice_in, attracted)
    weight[sectors:, sectors:] = 0.0
    # zones that nothing leads to or from keep their trips to themselves only where that is possible
    open_to = np.full(len(zones) - sectors, np.nan)
    rows = np.where(weight[:sectors].sum(axis=1) > 0, produced, 0.0)
    columns = np.where(weight[:, :sectors].sum(axis=0) > 0, attracted, 0.0)
    if sectors == len(zones):
        columns = columns * rows.sum() / max(columns.sum(), 1e-300)
    return balanced(weight, np.concatenate((rows, open_to)), np.concatenate((columns, open_to)), miss=1e-7).trips


def through_matrix(network: xr.Dataset, zones: Zones, coming: np.ndarray, going: np.ndarray) -> np.ndarray:
    """Traffic from gate to gate that begins and ends outside.

    Parameters
    ----------
    coming, going : (gate,) float64
        Through traffic that enters and leaves at each gate; the greater sum is scaled to the smaller. [d⁻¹]

    Returns
    -------
    (gate, gate) float64
        [d⁻¹]

    Notes
    -----
    Weights are the squared distance of the gates, so that few drive in and out on the same side: assumed.
    """
    node, gates = zones.gates.node, zones.gates.node.size
    x, y = network["node_x"].values[node], network["node_y"].values[node]
    weight = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    np.fill_diagonal(weight, 0.0)
    coming, going = coming.copy(), going.copy()
    for _ in range(100):  # no gate may hold more than all others take
        whole = min(coming.sum(), going.sum())
        if gates < 2 or whole <= 0:
            return np.zeros((gates, gates))
        coming *= whole / coming.sum()
        going *= whole / going.sum()
        most = np.minimum(coming, _NEAR_ALL * (whole - going)), np.minimum(going, _NEAR_ALL * (whole - coming))
        if (most[0] == coming).all() and (most[1] == going).all():
            break
        coming, going = np.maximum(most[0], 0.0), np.maximum(most[1], 0.0)
    weight[coming == 0] = 0.0
    weight[:, going == 0] = 0.0
    return balanced(weight / max(weight.max(), 1e-300), coming, going, miss=1e-6).trips
