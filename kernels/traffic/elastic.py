"""Elastic demand: fewer drive where driving takes longer, and the flows and the trips settle together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from kernels.contract import LayerError
from kernels.traffic.demand import Demand
from kernels.traffic.equilibrium import Equilibrium, assign
from kernels.traffic.network import Network
from kernels.traffic.path_store import PathStore

_LEAST_STEP = 0.02


@dataclass(frozen=True)
class Response:
    """How the trips of a row answer their cost.

    Attributes
    ----------
    kind : {"power", "logit"}
        ``power``: constant elasticity, ``trips = before (cost / cost before)^elasticity``. ``logit``: drivers and
        others of the row choose anew, by how much the cost of driving changed.
    elasticity : float
        Of ``power``, zero or less. Goodwin (1996), Empirical evidence on induced traffic, Transportation 23,
        doi:10.1007/BF00166218, finds -0.5 of traffic to its travel time in the short term, up to -1 in the long. [1]
    sensitivity : float
        Of ``logit``, zero or more. [one over the unit of the cost]
    share : float
        Of ``logit``: those who drove before among all of the row. [1]
    """

    kind: Literal["power", "logit"] = "power"
    elasticity: float = -0.5
    sensitivity: float = 0.0
    share: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in ("power", "logit"):
            raise LayerError(f"trips answer their cost as {self.kind!r}; expected power or logit")
        if not (self.elasticity <= 0 and self.sensitivity >= 0 and 0 < self.share < 1):
            raise LayerError(
                f"elasticity {self.elasticity:g}, sensitivity {self.sensitivity:g}, share {self.share:g}; expected "
                "zero or less, zero or more, and between 0 and 1"
            )

    def trips(self, before: np.ndarray, cost: np.ndarray, cost_before: np.ndarray) -> np.ndarray:
        """Trips at a cost.

        Parameters
        ----------
        before : (row,) float64
            Trips at ``cost_before``. [1]
        cost, cost_before : (row,) float64
            More than zero for ``power``. [any]

        Returns
        -------
        (row,) float64
            [1]

        Notes
        -----
        The logit is the incremental one: Kumar (1980), Pivot-point modeling procedures in demand estimation,
        Transportation Engineering Journal of ASCE 106; UK Department for Transport, TAG unit M2.1 (2020), appendix B.
        """
        if self.kind == "power":
            return before * (cost / cost_before) ** self.elasticity
        odds = (1.0 - self.share) / self.share * np.exp(np.minimum(self.sensitivity * (cost - cost_before), 700.0))
        return before / self.share / (1.0 + odds)


@dataclass(frozen=True)
class Settled:
    """Trips and flows that answer each other.

    Attributes
    ----------
    found : Equilibrium
        Its rows carry the trips that settled.
    before : (row,) float64
        Trips of the same rows before. [1]
    miss : float
        Sum of what the trips differ from those that their cost asks for, of all trips. [1]
    rounds : int
    converged : bool
    """

    found: Equilibrium
    before: np.ndarray
    miss: float
    rounds: int
    converged: bool


class Steps:
    """Steps of trips towards what their cost asks for, each row as far as a secant says.

    Wishes fall as trips rise, so that a step is between 0 and all of the way: with the slope s of a wish to its trips,
    ``1 / (1 - s)`` of it. On one street this is Newton's method.
    """

    def __init__(self, rows: int) -> None:
        self._trips: np.ndarray | None = None
        self._wish = np.zeros(rows)
        self._part = np.full(rows, 0.5)

    def next(self, trips: np.ndarray, wish: np.ndarray) -> np.ndarray:
        """Trips to try next, from those tried and what they then wished. (row,) float64 [1]"""
        if self._trips is not None:
            change = trips - self._trips
            told = np.abs(change) > 1e-9 * trips
            slope = np.zeros_like(trips)
            slope[told] = ((wish - self._wish)[told] / change[told]).clip(max=0.0)
            self._part[told] = np.clip(1.0 / (1.0 - slope[told]), _LEAST_STEP, 1.0)
        self._trips, self._wish = trips, wish
        return trips + self._part * (wish - trips)


def settled(
    network: Network,
    demand: Demand,
    response: Response,
    cost_before: Callable[[Equilibrium], np.ndarray] | Equilibrium,
    *,
    closed: np.ndarray | None = None,
    miss: float = 1e-4,
    rounds: int = 40,
    gap: float = 1e-6,
    begin: PathStore | None = None,
    threads: int | None = None,
) -> Settled:
    """Find the equilibrium at which the trips of each row are those that its cost asks for.

    Parameters
    ----------
    network, demand, closed, gap, begin, threads
        As in `kernels.traffic.equilibrium.assign`; the demand is that of before.
    response : Response
    cost_before : Equilibrium, or function of one
        The equilibrium before, on the same nodes, whose costs the trips of ``demand`` belong to; or a function that
        gives the costs of the rows of an equilibrium. Rows that were not there before keep their trips.
    miss : float
        To reach, see `Settled`. [1]
    rounds : int
        At most.

    Returns
    -------
    Settled

    Notes
    -----
    Rows move by `Steps`. The demand with the cost it meets is the elastic equilibrium of Beckmann, McGuire and Winsten
    (1956), Studies in the Economics of Transportation, Yale University Press.
    """
    found = assign(network, demand, gap=gap, closed=closed, begin=begin, threads=threads)
    rows = found.rows
    before, names = rows.trips, network.node_id
    units = np.array([one.car_units for one in demand.classes])[rows.kind]
    reference = _costs_of(found, cost_before) if isinstance(cost_before, Equilibrium) else cost_before(found)
    if reference.shape != before.shape:
        raise LayerError(f"the costs before have shape {reference.shape}, expected one for each of {before.size} rows")
    if response.kind == "power" and before.size and not (np.nanmin(reference, initial=1.0) > 0):
        raise LayerError("a trip cost nothing before, which no elasticity can answer; use logit")
    known = np.isfinite(reference)
    trips, count, steps = before.copy(), 0, Steps(before.size)
    while True:
        wish = before.copy()
        wish[known] = response.trips(before[known], found.shortest[known], reference[known])
        off = float(np.abs(wish - trips).sum() / trips.sum()) if trips.size else 0.0
        if off <= miss or count >= rounds:
            return Settled(found, before, off, count, off <= miss)
        count += 1
        trips = steps.next(trips, wish)
        now = Demand(names[rows.origin], names[rows.destination], trips / units, rows.kind, demand.classes)
        found = assign(network, now, gap=gap, closed=closed, begin=found.kept(), threads=threads)


def _costs_of(now: Equilibrium, before: Equilibrium) -> np.ndarray:
    """Costs before of the rows of now, NaN for those that were not there. (row,) float64"""
    size = np.int64(now.network.nodes)

    def key(one: Equilibrium) -> np.ndarray:
        rows = one.rows
        return (rows.kind.astype(np.int64) * size + rows.origin) * size + rows.destination

    if before.network.nodes != now.network.nodes or (before.network.node_id != now.network.node_id).any():
        raise LayerError("the equilibrium before is of a network with other nodes; find it again on these")
    own, wanted = key(before), key(now)
    costs = np.full(wanted.size, np.nan)
    if own.size:
        spot = np.minimum(np.searchsorted(own, wanted), own.size - 1)
        there = own[spot] == wanted
        costs[there] = before.shortest[spot[there]]
    return costs
