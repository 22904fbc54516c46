"""The demand of a run adjusted to what counters saw, by hour and mode, with the equilibria of its hours."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from scipy.sparse import coo_matrix, csr_matrix

from kernels.contract import LayerError
from kernels.traffic.counts import GEH_GOOD, adjusted, geh, proportions
from kernels.traffic.hours import Slice, slices_of
from kernels.traffic.inputs import Inputs
from kernels.traffic.queues_inputs import MODE_NAMES

HOUR = 3600.0


@dataclass(frozen=True)
class Counter:
    """What one counter saw in one stretch of time.

    Attributes
    ----------
    id : str
    links : tuple of int
        Numbers of the links whose vehicles it adds up.
    modes : int
        Bits of the modes that it counts.
    begin, until : float
        Since the start of the run. [s]
    count : float
        Vehicles. [1]
    held : bool
        Whether it is kept out of the fit, and only looked at.
    """

    id: str
    links: tuple[int, ...]
    modes: int
    begin: float
    until: float
    count: float
    held: bool = False


@dataclass(frozen=True)
class CounterFit:
    """How near the model is to one counter.

    Attributes
    ----------
    id : str
    counted, before, after : float
        Seen, modelled before the fit and after it. [h⁻¹]
    geh_before, geh_after : float
        [(vehicles/h)^½]
    held : bool
    """

    id: str
    counted: float
    before: float
    after: float
    geh_before: float
    geh_after: float
    held: bool


@dataclass(frozen=True)
class CountedDemand:
    """A demand that fits counters.

    Attributes
    ----------
    trips : (demand,) float64
        [1]
    factor : (demand,) float64
        Of the trips before. [1]
    counters : tuple of CounterFit
        In the order given.
    rounds : int
    """

    trips: np.ndarray
    factor: np.ndarray
    counters: tuple[CounterFit, ...]
    rounds: int

    def good(self, held: bool = False, *, before: bool = False) -> float:
        """Share of the fitted counters, or of the held ones, with a GEH below `GEH_GOOD`; NaN without any. [1]"""
        own = [one.geh_before if before else one.geh_after for one in self.counters if one.held == held]
        return float(np.mean(np.array(own) < GEH_GOOD)) if own else float("nan")


def fit_to_counters(
    layers: xr.Dataset,
    counters: Sequence[Counter],
    *,
    trust: float = 1.0,
    most: float = 5.0,
    gap: float = 1e-4,
    iterations: int = 200,
    rounds: int = 8,
    near: float = 0.01,
    threads: int | None = None,
) -> CountedDemand:
    """Adjust the rows of a demand to counters.

    Parameters
    ----------
    layers : Dataset
        Of the traffic kernel: network and demand.
    counters : sequence of Counter
    trust, most
        As in `kernels.traffic.counts.adjusted`: trust in the trips before, and how often a row may multiply.
    gap, iterations, threads
        Of the equilibria.
    rounds : int
        At most.
    near : float
        Relative change of the modelled counts at which it ends. [1]

    Returns
    -------
    CountedDemand
        Rows that pass no counter in its time keep their trips.

    Raises
    ------
    LayerError
        A counter on a link that is not there, or with a time or a number that makes no sense, or no counter to fit.
    """
    links = layers.sizes["link"]
    for one in counters:
        _check(one, links)
    held = np.array([one.held for one in counters], bool)
    if not counters or held.all():
        raise LayerError(f"{len(counters)} counters, {int(held.sum())} of them held out; give one at least to fit to")
    seen = np.array([one.count for one in counters])
    hours = np.array([(one.until - one.begin) / HOUR for one in counters])
    start = np.asarray(layers["demand_trips"].values, float)
    trips, first, was, moved, count = start.copy(), None, None, np.inf, 0
    while True:
        inputs = Inputs.of(layers.assign(demand_trips=(layers["demand_trips"].dims, trips)))
        slices = slices_of(inputs, HOUR, gap=gap, iterations=iterations, threads=threads)
        part = _parts(slices, counters, start.size, inputs)
        modelled = part @ trips
        first = modelled if first is None else first
        moved = np.inf if was is None else float(np.max(np.abs(modelled - was) / np.maximum(was, 1.0)))
        if moved <= near or count >= rounds:
            break
        was, count = modelled, count + 1
        fit = adjusted(part[~held], start, seen[~held], trust=trust, most=most)
        trips = fit.trips if count == 1 else (trips + fit.trips) / 2
    found = tuple(
        CounterFit(one.id, *values, one.held)
        for one, *values in zip(
            counters, seen / hours, first / hours, modelled / hours, geh(first / hours, seen / hours),
            geh(modelled / hours, seen / hours), strict=True,
        )
    )  # fmt: skip
    factor = np.divide(trips, start, out=np.ones_like(trips), where=start > 0)
    return CountedDemand(trips, factor, found, count)


def _parts(slices: list[Slice], counters: Sequence[Counter], rows: int, inputs: Inputs) -> csr_matrix:
    """Which part of the trips of each row of the demand each counter sees. (counter, demand) sparse [1]"""
    all_trips = np.asarray(inputs.demand.trips, float)
    mode = np.asarray(inputs.demand.mode, np.int64)
    unique = np.unique(np.concatenate([np.asarray(one.links, np.int64) for one in counters]))
    place = np.concatenate([np.full(len(one.links), number) for number, one in enumerate(counters)])
    link = np.searchsorted(unique, np.concatenate([np.asarray(one.links, np.int64) for one in counters]))
    adds = csr_matrix((np.ones(place.size), (place, link)), shape=(len(counters), unique.size))
    bits = np.array([one.modes for one in counters], np.int64)
    begin, until = (np.array([getattr(one, name) for one in counters]) for name in ("begin", "until"))
    total = csr_matrix((len(counters), rows))
    for one in slices:
        overlap = np.maximum(np.minimum(until, one.until) - np.maximum(begin, one.begin), 0.0) / (one.until - one.begin)
        served = one.place >= 0
        if not overlap.any() or not served.any():
            continue
        row, at = one.row[served], one.place[served]
        # the path of a row of the equilibrium is that of all rows of the demand in it; each in its part of the slice
        here = (adds @ proportions(one.found, unique)).tocsc()[:, at].tocoo()
        demand = row[here.col]
        counts = (bits[here.row] >> mode[demand] & 1).astype(bool)
        in_slice = one.trips[served][here.col] / np.maximum(all_trips[demand], 1e-300)
        value = here.data * in_slice * overlap[here.row] * counts
        total = total + coo_matrix((value, (here.row, demand)), shape=total.shape).tocsr()
    return total


def _check(one: Counter, links: int) -> None:
    if not one.links or min(one.links) < 0 or max(one.links) >= links:
        raise LayerError(f"counter {one.id} stands on links {list(one.links)}; expected some of 0 to {links - 1}")
    if not (0 <= one.begin < one.until < np.inf):
        raise LayerError(f"counter {one.id} counts from {one.begin:g} to {one.until:g} s of the run; expected later")
    if not (0 <= one.count < np.inf):
        raise LayerError(
            f"counter {one.id} saw {one.count:g} vehicles; expected zero or more, leave it out if it failed"
        )
    if not 0 < one.modes < 1 << len(MODE_NAMES):
        raise LayerError(f"counter {one.id} counts no known mode; expected some of {', '.join(MODE_NAMES)}")
