"""Hourly regression of meters on the hour of the week and the air temperature: what each hour should use."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.special import stdtrit

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.energy.signature import Amount, correlation_of

WEEK = 168
"""Hours of a week, Monday 00 h local time first."""

PIECES = 6
"""Pieces of equal width of the temperature, as Mathieu et al. (2011) take."""

OCCUPIED_SHARE = 0.65
"""An hour of the week is one of use if more of its readings than this lie above what weather alone explains: CalTRACK
2.0, 3.9.1.2."""

_BALANCE_COLD, _BALANCE_HOT = 283.15, 291.48
"""Change points of "weather alone", 50 and 65 °F: CalTRACK 2.0, 3.9.1.2. [K]"""


@dataclass(frozen=True)
class HourlyModels:
    """Hourly models of meters; a meter without readings has NaN.

    Attributes
    ----------
    edges : (PIECES + 1,) float64
        Ends of the pieces of temperature; beyond them the last piece goes on. [K]
    occupied : (meter, WEEK) bool
        Hours of use.
    power : (meter, WEEK) float64
        Mean power of the hour of the week; NaN of an hour that was never read. [W]
    columns : (meter, WEEK, PIECES + 1) float64
        Mean of the temperature columns in that hour. [K]
    slopes : (meter, PIECES + 1) float64
        Of the pieces in hours of use, and of the whole temperature in the others. [W K⁻¹]
    covariance : (meter, PIECES + 1, PIECES + 1) float64
        Of the slopes, of independent residuals.
    counts : (meter, WEEK) int
        Readings of each hour of the week.
    residual : (meter,) float64
        Standard deviation of the residuals, n - p degrees of freedom. [W]
    correlation : (meter,) float64
        Of a residual with the next one.
    cv_rmse, nmbe : (meter,) float64
        Over the readings used, ASHRAE Guideline 14 definitions.
    """

    edges: np.ndarray
    occupied: np.ndarray
    power: np.ndarray
    columns: np.ndarray
    slopes: np.ndarray
    covariance: np.ndarray
    counts: np.ndarray
    residual: np.ndarray
    correlation: np.ndarray
    cv_rmse: np.ndarray
    nmbe: np.ndarray

    def expected(self, air_temperature: np.ndarray, hour_of_week: np.ndarray) -> np.ndarray:
        """Expected power; NaN in hours of the week that were never read. (meter, time) [W]"""
        pieces = _pieces(air_temperature, self.edges)
        found = np.empty((self.power.shape[0], pieces.shape[0]))
        for meter in range(found.shape[0]):
            used = self.occupied[meter, hour_of_week]
            columns = _columns(pieces, air_temperature - self.edges[0], used)
            columns -= self.columns[meter, hour_of_week]
            found[meter] = self.power[meter, hour_of_week] + columns @ self.slopes[meter]
        return found

    def savings(
        self,
        air_temperature: np.ndarray,
        hour_of_week: np.ndarray,
        power: np.ndarray,
        step: float,
        *,
        confidence: float = 0.9,
    ) -> Amount:
        """Energy saved against what was expected, as `kernels.energy.signature.savings` says."""
        errors = self.expected(air_temperature, hour_of_week) - power
        known = np.isfinite(errors)
        pieces = _pieces(air_temperature, self.edges)
        width = np.empty(power.shape[0])
        for meter in range(width.size):
            hours = hour_of_week[known[meter]]
            many = np.bincount(hours, minlength=WEEK)
            columns = _columns(pieces, air_temperature - self.edges[0], self.occupied[meter, hour_of_week])[
                known[meter]
            ]
            total = (columns - self.columns[meter, hours]).sum(axis=0)
            counts = np.maximum(self.counts[meter], 1)
            one = self.residual[meter] ** 2
            variance = total @ self.covariance[meter] @ total + one * ((many**2 / counts).sum() + many.sum())
            inflation = (1 + self.correlation[meter]) / (1 - self.correlation[meter])
            free = max(self.counts[meter].sum() / inflation - (self.counts[meter] > 0).sum() - PIECES - 1, 1.0)
            width[meter] = stdtrit(free, 0.5 + 0.5 * confidence) * np.sqrt(max(variance, 0.0) * inflation)
        return Amount(np.where(known, errors, 0.0).sum(axis=1) * step, width * step, known.sum(axis=1))


def fit_hourly(
    air_temperature: np.ndarray, hour_of_week: np.ndarray, power: np.ndarray, *, threads: int | None = 1
) -> HourlyModels:
    """Fit the hourly model of every meter.

    Parameters
    ----------
    air_temperature : (time,) float64
        NaN where not known. [K]
    hour_of_week : (time,) int
        0 to 167, local time; the clock's change needs no care, an hour read twice or never just counts as such.
    power : (meter, time) float64
        NaN where not known. [W]
    threads : int or None
        None takes every processor.

    Raises
    ------
    LayerError
        Shapes that do not belong together, hours outside the week, or no temperature at all.

    Notes
    -----
    Mathieu, Price, Kiliccote and Piette (2011), doi:10.1109/TSG.2011.2145010: one level for each hour of the week and
    the temperature piecewise in hours of use, by one slope in the others. The levels are taken out first (Frisch and
    Waugh 1933, doi:10.2307/1907330), so that a meter asks for a system of 7, not of 175.
    """
    temperature, hours = np.asarray(air_temperature, float), np.asarray(hour_of_week)
    power = np.ascontiguousarray(power, dtype=np.float64)
    if power.ndim != 2 or temperature.shape != power.shape[1:] or hours.shape != temperature.shape:
        raise LayerError(
            f"power must be (meter, time), temperature and hour of the week (time,); got {power.shape}, "
            f"{temperature.shape} and {hours.shape}"
        )
    if hours.size and not ((hours >= 0) & (hours < WEEK)).all():
        raise LayerError(f"hours of the week run from 0 to {WEEK - 1}; got {hours.min()} to {hours.max()}")
    if not np.isfinite(temperature).any():
        raise LayerError("the air temperature has no known step; give the weather of the same time as the meters")
    hours = hours.astype(np.int64)
    edges = np.linspace(np.nanmin(temperature), np.nanmax(temperature), PIECES + 1)
    pieces, whole = _pieces(temperature, edges), temperature - edges[0]
    known = np.isfinite(temperature) & np.isfinite(power)
    occupied = _occupied(temperature, hours, power, known)
    meters, width = power.shape[0], PIECES + 1
    counts, level = np.zeros((meters, WEEK), np.int64), np.zeros((meters, WEEK))
    columns, normal = np.zeros((meters, WEEK, width)), np.zeros((meters, width, width))
    right = np.zeros((meters, width))
    Crew(threads).share_out(
        meters,
        lambda a, b: _moments(pieces, whole, hours, occupied, power, a, b, counts, level, columns, normal, right),
        small=meters < 4,
    )
    inverse = np.linalg.pinv(normal, rcond=1e-10, hermitian=True)
    slopes = np.einsum("mij,mj->mi", inverse, right)
    level[counts == 0] = np.nan
    blank = np.full(meters, np.nan)
    draft = HourlyModels(edges, occupied, level, columns, slopes, inverse, counts, blank, blank, blank, blank)
    errors = power - draft.expected(temperature, hours)
    many = np.isfinite(errors).sum(axis=1)
    used = (counts > 0).sum(axis=1) + (np.einsum("mii->mi", normal) > 0).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        free = np.where(many > used, many - used, np.nan)
        residual = np.sqrt(np.nansum(errors**2, axis=1) / free)
        mean = np.where(known, power, 0.0).sum(axis=1) / many
        mean = np.where(mean != 0.0, mean, np.nan)
        cv, nmbe = residual / np.abs(mean), np.nansum(errors, axis=1) / (free * mean)
    covariance = inverse * (residual**2)[:, None, None]
    return HourlyModels(
        edges, occupied, level, columns, slopes, covariance, counts, residual, correlation_of(errors), cv, nmbe
    )


def _pieces(temperature: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How far the temperature reaches into each piece; the last goes on above, the first below. (time, PIECES) [K]"""
    found = np.clip(temperature[:, None] - edges[:-1], 0.0, np.diff(edges))
    found[:, 0] += np.minimum(temperature - edges[0], 0.0)
    found[:, -1] += np.maximum(temperature - edges[-1], 0.0)
    return found


def _columns(pieces: np.ndarray, whole: np.ndarray, used: np.ndarray) -> np.ndarray:
    return np.concatenate([np.where(used[:, None], pieces, 0.0), np.where(used, 0.0, whole)[:, None]], axis=1)


def _occupied(temperature: np.ndarray, hours: np.ndarray, power: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Hours of the week that mostly lie above a regression on weather alone. (meter, WEEK)"""
    columns = np.stack(
        [
            np.ones_like(temperature),
            np.maximum(_BALANCE_COLD - temperature, 0.0),
            np.maximum(temperature - _BALANCE_HOT, 0.0),
        ],
        axis=1,
    )
    found = np.zeros((power.shape[0], WEEK), bool)
    for meter, rows in enumerate(known):
        if not rows.any():
            continue
        solved, *_ = np.linalg.lstsq(columns[rows], power[meter, rows], rcond=None)
        above = power[meter, rows] > columns[rows] @ solved
        many = np.bincount(hours[rows], minlength=WEEK)
        found[meter] = np.bincount(hours[rows], above, WEEK) > OCCUPIED_SHARE * many
    return found


@njit(nogil=True, cache=True)
def _moments(pieces, whole, hours, occupied, power, first, last, counts, level, columns, normal, right):
    """Means of power and columns by hour of the week, and the normal equations of what is left around them."""
    steps, width = pieces.shape[0], pieces.shape[1] + 1
    row = np.empty(width)
    for meter in range(first, last):
        for turn in range(2):  # means, then products around them
            for t in range(steps):
                y, hour = power[meter, t], hours[t]
                if not (np.isfinite(y) and np.isfinite(whole[t])):
                    continue
                used = occupied[meter, hour]
                for k in range(width - 1):
                    row[k] = pieces[t, k] if used else 0.0
                row[width - 1] = 0.0 if used else whole[t]
                if turn == 0:
                    counts[meter, hour] += 1
                    level[meter, hour] += y
                    for k in range(width):
                        columns[meter, hour, k] += row[k]
                    continue
                y -= level[meter, hour]
                for k in range(width):
                    row[k] -= columns[meter, hour, k]
                for k in range(width):
                    right[meter, k] += row[k] * y
                    for j in range(width):
                        normal[meter, k, j] += row[k] * row[j]
            if turn == 0:
                for hour in range(counts.shape[1]):
                    if counts[meter, hour] > 0:
                        level[meter, hour] /= counts[meter, hour]
                        for k in range(width):
                            columns[meter, hour, k] /= counts[meter, hour]
