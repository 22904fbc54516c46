"""Demand adjusted to counts on streets: least squares between the counts and what was believed before."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from kernels.contract import KernelError, LayerError
from kernels.traffic.demand import Demand
from kernels.traffic.equilibrium import Equilibrium, assign
from kernels.traffic.network import Network

GEH_GOOD = 5.0
"""A count is met when its GEH is below this; a model is fit when 85 % are (UK Department for Transport, TAG unit M3.1,
Highway assignment modelling, 2020, table 2). [(vehicles/h)^½]"""
_STEPS = 100
_NEAR = 1e-10


@dataclass(frozen=True)
class Adjusted:
    """Trips that fit counts, given which part of each row passes each of them.

    Attributes
    ----------
    trips : (row,) float64
        [1]
    factor : (row,) float64
        Of the trips before; 1 where there were none. [1]
    passing : (count,) float64
        What now passes. [1]
    at_bound : int
        Rows that would have gone beyond the bounds.
    steps : int
        Of Newton.
    """

    trips: np.ndarray
    factor: np.ndarray
    passing: np.ndarray
    at_bound: int
    steps: int


@dataclass(frozen=True)
class Fit:
    """A demand that fits counts together with the equilibrium it leads to.

    Attributes
    ----------
    demand : Demand
        Rows of the equilibrium that were served, sorted by class, origin and destination.
    factor : (row,) float64
        Of the trips before. [1]
    found : Equilibrium
    before, after : (count,) float64
        GEH of each count at the first equilibrium and the last. [(vehicles/h)^½]
    held : (count,) bool
        Counts that were only looked at, not fitted to.
    rounds : int
    moved : float
        Greatest relative change of a counted flow in the last round. [1]
    """

    demand: Demand
    factor: np.ndarray
    found: Equilibrium
    before: np.ndarray
    after: np.ndarray
    held: np.ndarray
    rounds: int
    moved: float

    def good(self, held: bool = False) -> float:
        """Share of the fitted counts, or of the held ones, with a GEH below `GEH_GOOD`; NaN without any. [1]"""
        own = self.after[self.held == held]
        return float((own < GEH_GOOD).mean()) if own.size else float("nan")


def geh(modelled: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """How far a modelled flow is from a counted one, ``sqrt(2 (m - c)² / (m + c))``.

    Parameters
    ----------
    modelled, counted : (count,) float64
        Flows of one hour. [vehicles/h]

    Returns
    -------
    (count,) float64
        0 where both are 0. [(vehicles/h)^½]

    Notes
    -----
    After G. E. Havers; Highways England, Design Manual for Roads and Bridges 12.2.1 (1996).
    """
    m, c = np.asarray(modelled, float), np.asarray(counted, float)
    both = np.where(m + c > 0, m + c, 1.0)
    return np.sqrt(2.0 * (m - c) ** 2 / both)


def proportions(found: Equilibrium, links: np.ndarray) -> csr_matrix:
    """Which part of each row passes each counted link, of the paths of an equilibrium.

    Parameters
    ----------
    found : Equilibrium
    links : (count,) int

    Returns
    -------
    (count, row) sparse float64
        [1]
    """
    paths, links = found.paths, np.asarray(links, np.int64)
    counted = np.full(found.network.links, -1)
    counted[links] = np.arange(links.size)
    row = paths.rows()
    path = np.repeat(np.arange(paths.flow.size), np.diff(paths.begin))
    place = counted[paths.link]
    on = place >= 0
    part = paths.flow / np.where(found.rows.trips > 0, found.rows.trips, 1.0)[row]
    return csr_matrix((part[path[on]], (place[on], row[path[on]])), shape=(links.size, found.rows.trips.size))


def adjusted(
    part: csr_matrix,
    before: np.ndarray,
    counts: np.ndarray,
    *,
    trust: float = 1.0,
    most: float = 5.0,
    deviation: np.ndarray | None = None,
) -> Adjusted:
    """Find the trips nearest to those before that fit the counts.

    Parameters
    ----------
    part : (count, row) sparse float64
        Part of each row that passes each count. [1]
    before : (row,) float64
        Trips believed until now, zero or more. [1]
    counts : (count,) float64
        Zero or more. [1]
    trust : float
        In the trips before: their variance is ``before / trust``. 1 trusts them as counts of the same size; near 0
        lets the counts decide. [1]
    most : float
        No row grows more than so many times, nor shrinks to less than one over it; more than 1. [1]
    deviation : (count,) float64, optional
        Standard deviation of each count; its square root (Poisson), at least 1, where not given. [1]

    Returns
    -------
    Adjusted

    Raises
    ------
    LayerError
        Shapes that do not fit, negative counts or trips.

    Notes
    -----
    Generalised least squares of Cascetta (1984), Estimation of trip matrices from traffic counts and survey data,
    Transportation Research B 18, doi:10.1016/0191-2615(84)90012-2, with bounds on each row: least
    ``sum (P t - v)² / s² + trust sum (t - t0)² / t0``. Its dual has one unknown per count, y = (v - P t) / s², with
    t = t0 (1 + P' y / trust) kept within the bounds; the semismooth Newton method solves it exactly in few steps.
    """
    before, counts = np.asarray(before, float), np.asarray(counts, float)
    if part.shape != (counts.size, before.size):
        raise LayerError(f"the parts have shape {part.shape}, expected ({counts.size}, {before.size})")
    if not ((before >= 0).all() and (counts >= 0).all() and np.isfinite(counts).all()):
        raise LayerError("trips and counts must be zero or more; leave out counters that tell nothing")
    if not (trust > 0 and most > 1):
        raise LayerError(f"trust is {trust:g} and most {most:g}; expected more than 0 and more than 1")
    sigma = np.sqrt(np.maximum(counts, 1.0)) if deviation is None else np.asarray(deviation, float)
    variance = sigma**2

    def at(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        wish = 1.0 + (part.T @ y) / trust
        return np.clip(wish, 1.0 / most, most), (wish > 1.0 / most) & (wish < most)

    y = np.zeros(counts.size)
    factor, free = at(y)
    scale = float(np.max(counts, initial=1.0))
    for step in range(1, _STEPS + 1):
        miss = counts - part @ (before * factor) - variance * y
        if np.abs(miss).max(initial=0.0) <= _NEAR * scale:
            return Adjusted(before * factor, factor, part @ (before * factor), int((~free).sum()), step - 1)
        slope = (part.multiply((before * free / trust)[None, :]) @ part.T).toarray() + np.diag(variance)
        move = np.linalg.solve(slope, miss)
        size = 1.0
        while size > 1e-6:  # the miss shrinks along the step, or the bounds bent it: then a shorter one
            factor, free = at(y + size * move)
            left = counts - part @ (before * factor) - variance * (y + size * move)
            if np.linalg.norm(left / sigma) < (1 - 1e-4 * size) * np.linalg.norm(miss / sigma):
                break
            size /= 2
        y = y + size * move
        factor, free = at(y)
    raise KernelError(f"the trips were not fitted to {counts.size} counts in {_STEPS} steps; raise trust or most")


def fitted(
    network: Network,
    demand: Demand,
    links: Sequence[int] | np.ndarray,
    counts: np.ndarray,
    *,
    held: np.ndarray | None = None,
    trust: float = 1.0,
    most: float = 5.0,
    gap: float = 1e-5,
    rounds: int = 12,
    near: float = 1e-3,
    threads: int | None = None,
) -> Fit:
    """Adjust a demand to counts, and find the equilibrium again, in turn until neither moves.

    Parameters
    ----------
    network : Network
        Capacities of one hour.
    demand : Demand
        Vehicles of one hour, as believed before.
    links : (count,) int
        Counted links, each once.
    counts : (count,) float64
        In units of cars. [h⁻¹]
    held : (count,) bool, optional
        Counts that are kept out of the fit and only reported.
    trust, most
        As in `adjusted`; always against the trips believed before, so that rounds do not add up.
    gap, threads
        As in `kernels.traffic.equilibrium.assign`, which begins at the paths of the round before.
    rounds : int
        At most.
    near : float
        Relative change of the counted flows at which it ends. [1]

    Returns
    -------
    Fit

    Raises
    ------
    LayerError
        Links that are not there or stand twice.

    Notes
    -----
    In turn: the parts of the rows on the counted links by the paths of the present equilibrium, then `adjusted`; the
    bilevel problem of Spiess (1990), A gradient approach for the O-D matrix adjustment problem, EMME/2 Support Centre,
    solved for the fixed point. Like every method for it, it may stop where another split of paths would fit better; a
    counter on a link that no path uses yet moves nothing.
    """
    links, counts = np.asarray(links, np.int64), np.asarray(counts, float)
    if links.size != counts.size or links.size == 0:
        raise LayerError(f"{counts.size} counts on {links.size} links; give one count for each link, at least one")
    if links.min() < 0 or links.max() >= network.links or np.unique(links).size != links.size:
        raise LayerError(f"counted links must be 0 to {network.links - 1}, each once; add up counters of one link")
    out = np.zeros(links.size, bool) if held is None else np.asarray(held, bool)
    found = assign(network, demand, gap=gap, threads=threads)
    rows = found.rows
    start = rows.trips
    names, units = network.node_id, np.array([one.car_units for one in demand.classes])
    before = geh(found.flow[links], counts)
    believed, factor, moved, count, step, least = start, np.ones(start.size), np.inf, 0, 1.0, np.inf
    while moved > near and count < rounds:
        count += 1
        was = found.flow[links]
        miss = _misfit(was[~out], counts[~out]) + trust * float(((believed - start) ** 2 / start).sum())
        if miss > least:  # the paths answer the trips, and whole steps swing
            step /= 2
        least = min(least, miss)
        fit = adjusted(proportions(found, links[~out]), start, counts[~out], trust=trust, most=most)
        believed = believed + step * (fit.trips - believed)
        factor = believed / start
        now = Demand(
            names[rows.origin], names[rows.destination], believed / units[rows.kind], rows.kind, demand.classes
        )
        found = assign(network, now, gap=gap, begin=found.kept(), threads=threads)
        moved = float(np.max(np.abs(found.flow[links] - was) / np.maximum(was, 1.0)))
    return Fit(now, factor, found, before, geh(found.flow[links], counts), out, count, moved)


def _misfit(flow: np.ndarray, counts: np.ndarray) -> float:
    return float(((flow - counts) ** 2 / np.maximum(counts, 1.0)).sum())
