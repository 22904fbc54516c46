"""Alarms on meters that drift from what is expected of them, the load of the night, and sites ranked by saving."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from kernels.contract import LayerError

SLACK = 0.5
"""Half of the drift to be found soonest, one standard deviation: Page (1954), doi:10.1093/biomet/41.1-2.100. [1]"""

LIMIT = 5.0
"""Sum at which an alarm is raised: one false alarm in 465 steps, a drift of one standard deviation found after 10.4
(Lucas and Crosier 1982, doi:10.1080/00401706.1982.10487759). [1]"""

NIGHT = (1, 5)
"""Local hours in which a building of day use should rest, first included, last not; assumed."""


@dataclass(frozen=True)
class Alarms:
    """What the sums did.

    Attributes
    ----------
    upper, lower : (meter, time) float64
        Sums of what is above and below the expected, in standard deviations; back to 0 after an alarm.
    alarm : (meter, time) int8
        1 where too much was found, -1 where too little, else 0.
    since : (meter, time) int64
        At an alarm the step at which its sum left 0, the best guess of when the drift began; else -1.
    """

    upper: np.ndarray
    lower: np.ndarray
    alarm: np.ndarray
    since: np.ndarray


def standardised(errors: np.ndarray, residual: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Residuals in their standard deviations, freed of what the step before foretells.

    Parameters
    ----------
    errors : (meter, time) float64
        Measured less expected; NaN where not known.
    residual, correlation : (meter,) float64
        Of the model fitted before.

    Notes
    -----
    (e_t - ρ e_t-1) / (s √(1 - ρ²)); after a gap e_t / s. A lasting drift of d standard deviations is one of
    d √((1 - ρ)/(1 + ρ)) in these.
    """
    before = np.full_like(errors, np.nan)
    before[:, 1:] = errors[:, :-1]
    rho = np.where(np.isfinite(before), correlation[:, None], 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (errors - rho * np.where(np.isfinite(before), before, 0.0)) / (residual[:, None] * np.sqrt(1 - rho**2))
    return np.where(residual[:, None] > 0.0, found, np.nan)


def cusum(scores: np.ndarray, *, slack: float = SLACK, limit: float = LIMIT) -> Alarms:
    """Sum up, each way, what goes beyond the slack, and raise an alarm at the limit.

    Parameters
    ----------
    scores : (meter, time) float64
        Of mean 0 and standard deviation 1 while nothing drifts; a NaN leaves the sums as they are.
    slack, limit : float
        In standard deviations.

    Raises
    ------
    LayerError
        Another shape, or a slack or limit that is not positive.
    """
    scores = np.ascontiguousarray(scores, dtype=np.float64)
    if scores.ndim != 2:
        raise LayerError(f"scores must be (meter, time), got {scores.shape}; try scores[None, :] for one meter")
    if not (slack > 0.0 and limit > 0.0):
        raise LayerError(f"slack and limit of a cusum must be above 0, got {slack} and {limit}")
    upper, lower = np.zeros_like(scores), np.zeros_like(scores)
    alarm, since = np.zeros(scores.shape, np.int8), np.full(scores.shape, -1)
    _sum_up(scores, slack, limit, upper, lower, alarm, since)
    return Alarms(upper, lower, alarm, since)


@njit(nogil=True, cache=True)
def _sum_up(scores, slack, limit, upper, lower, alarm, since):
    for meter in range(scores.shape[0]):
        up, down, up_since, down_since = 0.0, 0.0, 0, 0
        for t in range(scores.shape[1]):
            z = scores[meter, t]
            if np.isfinite(z):
                if up == 0.0:
                    up_since = t
                if down == 0.0:
                    down_since = t
                up, down = max(0.0, up + z - slack), max(0.0, down - z - slack)
            upper[meter, t], lower[meter, t] = up, down
            if up > limit:
                alarm[meter, t], since[meter, t], up = 1, up_since, 0.0
            elif down > limit:
                alarm[meter, t], since[meter, t], down = -1, down_since, 0.0


@dataclass(frozen=True)
class NightLoads:
    """Loads of the night.

    Attributes
    ----------
    base : (meter,) float64
        Median over days of the mean of the night; NaN where no night was read. [W]
    per_area : (meter,) float64
        [W m⁻²]
    share : (meter,) float64
        Of all that is used, were it on all the time.
    rank : (meter,) int
        1 for the highest per area; 0 where not known. Equals share the better rank.
    excess : (meter,) float64
        Above what the median meter of its class takes per area, never below 0. [W]
    """

    base: np.ndarray
    per_area: np.ndarray
    share: np.ndarray
    rank: np.ndarray
    excess: np.ndarray


def night_loads(power: np.ndarray, hour_of_week: np.ndarray, area: np.ndarray, kind: np.ndarray) -> NightLoads:
    """Rank meters by what they take while nobody is there.

    Parameters
    ----------
    power : (meter, time) float64
        Steps of a whole hour or less, NaN where not known. [W]
    hour_of_week : (time,) int
        Local, of `kernels.energy.readings.hour_of_week`.
    area : (meter,) float64
        Floor area; 0 or NaN is not ranked. [m²]
    kind : (meter,) int
        Class of use: a swimming pool is not held against a school.
    """
    hour = hour_of_week % 24
    asleep = (hour >= NIGHT[0]) & (hour < NIGHT[1])
    starts = asleep & ~np.concatenate([[False], asleep[:-1]])
    night = np.cumsum(starts)[asleep] - 1
    many = int(night.max()) + 1 if night.size else 0
    means = np.full((power.shape[0], max(many, 1)), np.nan)
    for meter, row in enumerate(power[:, asleep]):
        known = np.isfinite(row)
        count = np.bincount(night[known], minlength=many)
        total = np.bincount(night[known], row[known], many)
        means[meter, : count.size][count > 0] = total[count > 0] / count[count > 0]
    base = _median(means)
    known = np.isfinite(power)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, power, 0.0).sum(axis=1) / known.sum(axis=1)
        share = np.where(mean > 0.0, base / mean, np.nan)
        per_area = np.where(area > 0.0, base / area, np.nan)
    rank = np.zeros(base.size, np.int64)
    usable = np.flatnonzero(np.isfinite(per_area))
    rank[usable] = 1 + (per_area[usable][None, :] > per_area[usable][:, None]).sum(axis=1)
    excess = np.zeros(base.size)
    for one in np.unique(kind[usable]):
        rows = usable[kind[usable] == one]
        excess[rows] = np.maximum(per_area[rows] - np.median(per_area[rows]), 0.0) * area[rows]
    return NightLoads(base, per_area, share, rank, excess)


def ranked_by_saving(*savings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Sites by what could be saved, most first; of several reasons the largest counts, for they overlap.

    Parameters
    ----------
    *savings : (site,) float64
        One for each reason, such as the excess since an alarm or at night [J]; NaN is none.

    Returns
    -------
    order : (site,) int
        Sites, most first; equals in their order.
    saving : (site,) float64
        Of each site, in the order of the sites, 0 at least. [J]
    """
    saving = np.maximum(np.nan_to_num(np.stack(savings), nan=0.0).max(axis=0), 0.0)
    return np.argsort(-saving, kind="stable"), saving


def _median(rows: np.ndarray) -> np.ndarray:
    found = np.full(rows.shape[0], np.nan)
    for k, row in enumerate(rows):
        known = row[np.isfinite(row)]
        if known.size:
            found[k] = np.median(known)
    return found
