"""The demand of a run that answers what a change of streets makes of its times."""

from dataclasses import dataclass

import numpy as np
import xarray as xr

from kernels.contract import LayerError
from kernels.traffic.elastic import Response, Steps
from kernels.traffic.hours import slices_of
from kernels.traffic.inputs import Inputs
from kernels.traffic.queues_inputs import mode_bits

HOUR = 3600.0


@dataclass(frozen=True)
class ElasticDemand:
    """Trips that agree with their times.

    Attributes
    ----------
    trips : (demand,) float64
        [1]
    factor : (demand,) float64
        Of the trips before. [1]
    cost_before, cost : (demand,) float64
        Time of a trip, NaN where no way serves it. [s]
    miss : float
        Sum of what the trips differ from those that their times ask for, of all trips. [1]
    rounds : int
    converged : bool
    """

    trips: np.ndarray
    factor: np.ndarray
    cost_before: np.ndarray
    cost: np.ndarray
    miss: float
    rounds: int
    converged: bool


def elastic_trips(
    layers: xr.Dataset,
    before: xr.Dataset,
    response: Response,
    *,
    modes: int | None = None,
    miss: float = 1e-3,
    rounds: int = 15,
    gap: float = 1e-4,
    iterations: int = 200,
    threads: int | None = None,
) -> ElasticDemand:
    """Let trips answer by how much longer they take than before.

    Parameters
    ----------
    layers : Dataset
        Of the traffic kernel: network and demand after the change; the demand is that of before.
    before : Dataset
        Network and the same rows of demand before the change.
    response : Response
        With costs in seconds.
    modes : int, optional
        Bits of the modes whose trips answer; cars by default.
    miss : float
        To reach, see `ElasticDemand`. [1]
    rounds : int
        At most.
    gap, iterations, threads
        Of the equilibria of the hours.

    Returns
    -------
    ElasticDemand
        Rows that no way served before, or that none serves now, keep their trips: the latter are for the run to report.

    Raises
    ------
    LayerError
        The two demands have other rows.
    """
    start = np.asarray(layers["demand_trips"].values, float)
    for name in ("demand_start_node", "demand_end_node", "demand_mode", "demand_begin"):
        if not np.array_equal(layers[name].values, before[name].values):
            raise LayerError(f"{name} is not the same before and after; change trips with factors, which keep the rows")
    answer = mode_bits("car") if modes is None else modes
    may = (answer >> layers["demand_mode"].values.astype(np.int64) & 1).astype(bool)

    def cost_of(network: xr.Dataset, trips: np.ndarray) -> np.ndarray:
        inputs = Inputs.of(network.assign(demand_trips=(network["demand_trips"].dims, trips)))
        whole, weight = np.zeros(start.size), np.zeros(start.size)
        for one in slices_of(inputs, HOUR, gap=gap, iterations=iterations, threads=threads):
            served = one.place >= 0
            row = one.row[served]
            whole[row] += one.trips[served] * one.found.shortest[one.place[served]]
            weight[row] += one.trips[served]
        return np.divide(whole, weight, out=np.full(start.size, np.nan), where=weight > 0)

    reference = cost_of(before, np.asarray(before["demand_trips"].values, float))
    trips, steps, count = start.copy(), Steps(start.size), 0
    while True:
        cost = cost_of(layers, trips)
        known = may & np.isfinite(reference) & np.isfinite(cost) & (reference > 0)
        wish = start.copy()
        wish[known] = response.trips(start[known], cost[known], reference[known])
        off = float(np.abs(wish - trips).sum() / max(trips.sum(), 1e-300))
        if off <= miss or count >= rounds:
            factor = np.divide(trips, start, out=np.ones_like(trips), where=start > 0)
            return ElasticDemand(trips, factor, reference, cost, off, count, off <= miss)
        count += 1
        trips = steps.next(trips, wish)
