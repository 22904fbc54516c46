"""Where trips go: the gravity model with both margins, balanced to them and calibrated to how long trips are."""

from dataclasses import dataclass

import numpy as np

from kernels.contract import KernelError, LayerError

_ROUNDS_OF_SEARCH = 60
_WIDEN = 2.0  # of the parameter, while the mean cost lies outside what was tried
_STEEPEST = 600.0  # greatest parameter times cost: beyond, the exponential is no more than rounding


@dataclass(frozen=True)
class Balanced:
    """A matrix of trips that meets its margins.

    Attributes
    ----------
    trips : (origin, destination) float64
        [1]
    row_factor, column_factor : (origin,), (destination,) float64
        ``trips = row_factor weight column_factor``; 1 where the margin is open. [1]
    rounds : int
        Of balancing.
    miss : float
        Greatest relative miss of a margin. [1]
    """

    trips: np.ndarray
    row_factor: np.ndarray
    column_factor: np.ndarray
    rounds: int
    miss: float


@dataclass(frozen=True)
class Calibrated:
    """A gravity model whose trips are as long as observed.

    Attributes
    ----------
    parameter : float
        Of the deterrence. [one over the unit of the cost]
    mean_cost : float
        Of the trips. [unit of the cost]
    found : Balanced
    tried : int
        Models that were balanced on the way.
    """

    parameter: float
    mean_cost: float
    found: Balanced
    tried: int


def deterrence(cost: np.ndarray, parameter: float, power: float = 0.0) -> np.ndarray:
    """Weight of a trip by its cost, ``cost^power exp(-parameter cost)``: exponential, or Tanner's with a power.

    Parameters
    ----------
    cost : (...) float64
        Travel time or another cost, zero or more; infinite where there is no way. [any unit]
    parameter : float
        Zero or more. [one over the unit of the cost]
    power : float
        0 is the exponential deterrence of an entropy maximum. [1]

    Returns
    -------
    (...) float64
        0 where there is no way. [1]

    Raises
    ------
    LayerError
        Negative or absent costs, a cost of zero with a negative power.

    Notes
    -----
    Wilson (1967), A statistical theory of spatial distribution models, Transportation Research 1,
    doi:10.1016/0041-1647(67)90035-4. Tanner (1961), Factors affecting the amount of travel, Road Research Technical
    Paper 51, HMSO.
    """
    cost = np.asarray(cost, float)
    if not (cost >= 0).all():
        raise LayerError("a cost between zones is negative or absent; expected zero or more, infinite for no way")
    if power < 0 and (cost == 0).any():
        raise LayerError("Tanner's deterrence with a negative power needs costs above zero; give zones a time within")
    way = np.isfinite(cost)
    there = np.where(way, cost, 1.0)
    return np.where(way, there**power * np.exp(-parameter * there), 0.0)


def balanced(
    weight: np.ndarray, produced: np.ndarray, attracted: np.ndarray, *, miss: float = 1e-10, rounds: int = 10_000
) -> Balanced:
    """Scale rows and columns of a matrix in turn until both margins are met.

    Parameters
    ----------
    weight : (origin, destination) float64
        Zero or more. [1]
    produced, attracted : (origin,), (destination,) float64
        Margins; NaN leaves one open: its row or column keeps its weights. With none open their sums are equal. [1]
    miss : float
        Relative miss of each margin to reach. [1]
    rounds : int
        At most.

    Returns
    -------
    Balanced

    Raises
    ------
    LayerError
        Margins that are negative, or whose sums differ, or a zone with trips and no way.
    KernelError
        No matrix with these zeros meets the margins.

    Notes
    -----
    Furness (1965), Time function iteration, Traffic Engineering and Control 7, 458-460.
    """
    weight = np.asarray(weight, float)
    produced, attracted = np.array(produced, float), np.array(attracted, float)
    _check(weight, produced, attracted)
    fixed_row, fixed_column = ~np.isnan(produced), ~np.isnan(attracted)
    a, b = np.ones(produced.size), np.ones(attracted.size)
    worst, count, reached = np.inf, 0, weight @ b
    while worst > miss and count < rounds:
        count += 1
        a[fixed_row] = _part(produced[fixed_row], reached[fixed_row])
        b[fixed_column] = _part(attracted[fixed_column], (a @ weight)[fixed_column])
        reached = weight @ b
        worst = _miss(produced[fixed_row], (a * reached)[fixed_row])
    if worst > miss:
        raise KernelError(
            f"balancing misses a margin by {worst:.3g} of it after {count} rounds; zones with trips must be able to "
            "reach zones that want them"
        )
    return Balanced(a[:, None] * weight * b, a, b, count, worst)


def gravity(
    cost: np.ndarray, produced: np.ndarray, attracted: np.ndarray, parameter: float, *, power: float = 0.0
) -> Balanced:
    """Trips between zones that fall with the cost and meet both margins; see `deterrence` and `balanced`."""
    return balanced(deterrence(cost, parameter, power), produced, attracted)


def calibrated(
    cost: np.ndarray,
    produced: np.ndarray,
    attracted: np.ndarray,
    mean_cost: float,
    *,
    power: float = 0.0,
    near: float = 1e-6,
) -> Calibrated:
    """Find the parameter at which trips cost what was observed on average.

    Parameters
    ----------
    cost, produced, attracted, power
        As in `gravity`; all margins are given.
    mean_cost : float
        Observed. [unit of the cost]
    near : float
        Relative miss of the mean cost to reach. [1]

    Returns
    -------
    Calibrated

    Raises
    ------
    LayerError
        No parameter of zero or more gives such a mean cost; it names what can be reached.

    Notes
    -----
    The secant steps of Hyman (1969), The calibration of trip distribution models, Environment and Planning 1, 105-112,
    doi:10.1068/a010105, beginning at one over the mean cost; kept within what the tries before have bracketed.
    """
    if not mean_cost > 0:
        raise LayerError(f"the mean cost to reach is {mean_cost:g}; expected more than zero")
    tried = 0
    longest = float(np.max(np.asarray(cost, float), where=np.isfinite(cost), initial=0.0))

    def trial(parameter: float) -> tuple[Balanced, float]:
        nonlocal tried
        tried += 1
        found = gravity(cost, produced, attracted, parameter, power=power)
        way = found.trips > 0
        return found, float((found.trips[way] * np.asarray(cost, float)[way]).sum() / found.trips[way].sum())

    low, high = 0.0, np.inf  # parameters: the mean cost falls as they grow
    at_low = at_high = np.nan
    parameter = 1.0 / mean_cost
    for _ in range(_ROUNDS_OF_SEARCH):
        found, mean = trial(parameter)
        if abs(mean - mean_cost) <= near * mean_cost:
            return Calibrated(parameter, mean, found, tried)
        if mean > mean_cost:
            low, at_low = parameter, mean
        else:
            high, at_high = parameter, mean
        if np.isinf(high):
            parameter *= max(_WIDEN, mean / mean_cost)
            if parameter * longest > _STEEPEST:
                break
        else:
            if np.isnan(at_low):
                at_low = trial(0.0)[1]
                if at_low < mean_cost * (1 - near):
                    raise LayerError(
                        f"trips would cost {at_low:g} on average without any deterrence, but {mean_cost:g} is to be "
                        "reached; the area is too small for such trips, or the costs are in another unit"
                    )
            parameter = low + (high - low) * (at_low - mean_cost) / (at_low - at_high)
            edge = 0.01 * (high - low)
            parameter = min(max(parameter, low + edge), high - edge)
    raise LayerError(
        f"trips cost {mean:g} on average at best, but {mean_cost:g} is to be reached; their margins force longer ones"
    )


def _check(weight: np.ndarray, produced: np.ndarray, attracted: np.ndarray) -> None:
    if weight.shape != (produced.size, attracted.size):
        raise LayerError(
            f"the weights have shape {weight.shape}, expected ({produced.size}, {attracted.size}) by their margins"
        )
    if not (weight >= 0).all():
        raise LayerError("a weight between zones is negative or absent; expected zero or more")
    for what, margin, room in (
        ("produced", produced, weight.sum(axis=1)),
        ("attracted", attracted, weight.sum(axis=0)),
    ):
        if (margin < 0).any() or np.isinf(margin).any():
            zone = int(np.flatnonzero((margin < 0) | np.isinf(margin))[0])
            raise LayerError(f"trips {what} by zone {zone} are {margin[zone]:g}; expected zero or more, NaN for open")
        lost = (margin > 0) & (room == 0)
        if lost.any():
            zone = int(np.flatnonzero(lost)[0])
            raise LayerError(
                f"{margin[zone]:g} trips are {what} by zone {zone}, from which there is no way to any other; take them "
                "out, or tell them as not served"
            )
    if not np.isnan(produced).any() and not np.isnan(attracted).any():
        out, into = produced.sum(), attracted.sum()
        if abs(out - into) > 1e-9 * max(out, into):
            raise LayerError(f"{out:g} trips are produced but {into:g} attracted; scale one to the other")


def _part(wanted: np.ndarray, there: np.ndarray) -> np.ndarray:
    return np.divide(wanted, there, out=np.zeros_like(there), where=there > 0)


def _miss(wanted: np.ndarray, there: np.ndarray) -> float:
    some = wanted > 0
    return float(np.max(np.abs(there[some] / wanted[some] - 1.0), initial=0.0))
