"""The energy signature of many meters: power over air temperature, how well it fits, and what was saved since."""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from kernels.contract import LayerError
from kernels.crew import Crew
from kernels.energy.signature_loops import COOLING, FIVE, FOUR, HEATING, LEAST, LINE, MEAN, fit_models

MODELS = ("mean", "line", "3p_heating", "3p_cooling", "4p", "5p")
"""Names of the models of `kernels.energy.signature_loops`, in their order."""

PARAMETERS = np.array([1, 2, 3, 3, 4, 5])
"""Free parameters of each model; a change point is one."""

CV_RMSE_LIMIT = {"monthly": 0.15, "daily": 0.25, "hourly": 0.30}
"""Largest CV(RMSE) by month and by hour: ASHRAE Guideline 14-2014, calibrated models; by day assumed between them."""

NMBE_LIMIT = {"monthly": 0.05, "daily": 0.05, "hourly": 0.10}
"""Largest absolute NMBE by month and by hour: ASHRAE Guideline 14-2014, calibrated models; by day that of months."""

MOST_CORRELATED = 0.99
"""Correlation of a residual with the next one is taken as this at most, so that some independent readings are left."""


@dataclass(frozen=True)
class Signatures:
    """Signatures of meters; a meter without enough readings has model -1 and NaN.

    Attributes
    ----------
    model : (meter,) int
        Index into `MODELS`.
    parameters : (meter, 5) float64
        Base [W], slope below [W K⁻¹], its change point [K], slope above [W K⁻¹], its change point [K]. The expected
        power is base + below · max(change - T, 0) + above · max(T - change, 0).
    covariance : (meter, 5, 5) float64
        Of those parameters as the model frees them (of 4P the change point is the third, of a line the slope the
        fourth); rows of parameters it does not free are 0. Of independent residuals.
    residual : (meter,) float64
        Standard deviation of the residuals, n - p degrees of freedom. [W]
    readings : (meter,) int
        Steps used.
    correlation : (meter,) float64
        Of a residual with that of the next step, 0 to `MOST_CORRELATED`.
    cv_rmse, nmbe, r2 : (meter,) float64
        Over the readings used, ASHRAE Guideline 14 definitions; NaN where the mean power is 0.
    rss : (meter, model) float64
        Squares that every model leaves. [W²]
    """

    model: np.ndarray
    parameters: np.ndarray
    covariance: np.ndarray
    residual: np.ndarray
    readings: np.ndarray
    correlation: np.ndarray
    cv_rmse: np.ndarray
    nmbe: np.ndarray
    r2: np.ndarray
    rss: np.ndarray

    @property
    def standard_errors(self) -> np.ndarray:
        """Of the parameters, widened for correlated residuals; 0 of those not free. (meter, 5)"""
        variances = np.einsum("mii->mi", self.covariance) * self.inflation[:, None]
        return np.sqrt(np.maximum(variances, 0.0))

    @property
    def inflation(self) -> np.ndarray:
        """Variance of a mean of correlated residuals over that of independent ones, (1 + ρ)/(1 - ρ). (meter,)"""
        return (1.0 + self.correlation) / (1.0 - self.correlation)

    @property
    def freedom(self) -> np.ndarray:
        """Degrees of freedom left, after correlation; 1 at least. (meter,)"""
        used = np.where(self.model < 0, 1, PARAMETERS[self.model])
        return np.maximum(self.readings / self.inflation - used, 1.0)


@dataclass(frozen=True)
class Amount:
    """Energies of meters with the half-width of their interval. [J]"""

    value: np.ndarray
    half_width: np.ndarray
    steps: np.ndarray


def fit(
    air_temperature: np.ndarray, power: np.ndarray, *, model: str | None = None, threads: int | None = 1
) -> Signatures:
    """Fit every meter's signature; the model is that of the least BIC, or the one asked for.

    Parameters
    ----------
    air_temperature : (time,) or (meter, time) float64
        Mean of each step; NaN where not known. [K]
    power : (meter, time) float64
        Mean of each step; NaN where not known. [W]
    model : str or None
        One of `MODELS`; None chooses by BIC (Schwarz 1978, doi:10.1214/aos/1176344136).
    threads : int or None
        None takes every processor.

    Raises
    ------
    LayerError
        Shapes that do not belong together, or a model that does not exist.
    """
    temperature, power = _together(air_temperature, power)
    if model is not None and model not in MODELS:
        raise LayerError(f"there is no signature {model!r}; expected one of {', '.join(MODELS)}")
    meters = power.shape[0]
    rss, found = np.empty((meters, len(MODELS))), np.empty((meters, len(MODELS), 5))
    Crew(threads).share_out(meters, lambda a, b: fit_models(temperature, power, a, b, rss, found), small=meters < 8)
    known = np.isfinite(temperature) & np.isfinite(power)
    readings = known.sum(axis=1)
    chosen = _chosen(rss, readings, power, known) if model is None else np.full(meters, MODELS.index(model))
    rows = np.arange(meters)
    squares = rss[rows, chosen]
    chosen = np.where(np.isfinite(squares) & (readings > PARAMETERS[chosen]), chosen, -1)
    parameters = np.where(chosen[:, None] >= 0, found[rows, chosen], np.nan)
    free = np.where(chosen >= 0, readings - PARAMETERS[chosen], 1)
    residual = np.sqrt(np.where(chosen >= 0, squares, np.nan) / free)
    errors = np.where(known, power - _power(parameters, temperature), np.nan)
    mean = _mean(np.where(known, power, np.nan))
    spread = np.nansum((np.where(known, power, np.nan) - mean[:, None]) ** 2, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = np.where(mean != 0.0, residual / np.abs(mean), np.nan)
        nmbe = np.where((mean != 0.0) & (chosen >= 0), np.nansum(errors, axis=1) / (free * mean), np.nan)
        r2 = np.where(spread > 0.0, 1.0 - squares / spread, np.nan)
    slopes = np.where(known[:, :, None], _jacobian(chosen, parameters, temperature), 0.0)
    normal = np.einsum("mti,mtj->mij", slopes, slopes)
    covariance = np.zeros_like(normal)
    usable = chosen >= 0
    covariance[usable] = np.linalg.pinv(normal[usable], rcond=1e-12, hermitian=True)
    covariance *= np.where(usable, residual**2, np.nan)[:, None, None]
    return Signatures(
        chosen, parameters, covariance, residual, readings, correlation_of(errors), cv, nmbe,
        np.where(usable, r2, np.nan), rss,
    )  # fmt: skip


def expected(signatures: Signatures, air_temperature: np.ndarray) -> np.ndarray:
    """Power that the signatures expect at these temperatures. (meter, time) [W]"""
    temperature = np.broadcast_to(air_temperature, (signatures.model.size, np.shape(air_temperature)[-1]))
    return _power(signatures.parameters, temperature)


def energy_expected(
    signatures: Signatures, air_temperature: np.ndarray, step: float, *, confidence: float = 0.9
) -> Amount:
    """Energy of a normal year, or of any other weather: what the weather-corrected figures compare.

    Parameters
    ----------
    signatures : Signatures
    air_temperature : (time,) or (meter, time) float64
        NaN steps are left out and not counted in ``steps``. [K]
    step : float
        Length of a step. [s]
    confidence : float
        Of the interval, two-sided. It is that of the expected mean: no noise of single steps is added.
    """
    temperature = np.broadcast_to(air_temperature, (signatures.model.size, np.shape(air_temperature)[-1]))
    known = np.isfinite(temperature)
    value = np.where(known, _power(signatures.parameters, temperature), 0.0).sum(axis=1) * step
    width = _half_width(signatures, temperature, known, confidence, noise=False) * step
    return Amount(value, width, known.sum(axis=1))


def savings(
    signatures: Signatures, air_temperature: np.ndarray, power: np.ndarray, step: float, *, confidence: float = 0.9
) -> Amount:
    """Energy saved against what the signatures expect of the same weather; negative is more used.

    Parameters
    ----------
    signatures : Signatures
        Of the time before the measure.
    air_temperature, power : (time,) or (meter, time), (meter, time) float64
        Of the time after it [K], [W]; steps with NaN are left out.
    step : float
        Length of a step. [s]
    confidence : float
        Of the interval, two-sided.

    Notes
    -----
    The variance of the sum of m steps is that of the sum of the expected mean plus m times that of a residual, both
    times (1 + ρ)/(1 - ρ): what ASHRAE Guideline 14-2014, annex B, and Reddy and Claridge (2000), HVAC&R Research 6(1),
    doi:10.1080/10789669.2000.10391247, approximate by 1.26 times the mean model's.
    """
    temperature, power = _together(air_temperature, power)
    known = np.isfinite(temperature) & np.isfinite(power)
    saved = np.where(known, _power(signatures.parameters, temperature) - power, 0.0).sum(axis=1) * step
    return Amount(saved, _half_width(signatures, temperature, known, confidence, noise=True) * step, known.sum(axis=1))


def agreement(measured: np.ndarray, expected: np.ndarray, parameters: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """CV(RMSE) and NMBE of ASHRAE Guideline 14-2014, along time: (measured - expected), n - p, over the mean measured.

    Parameters
    ----------
    measured, expected : (meter, time) float64
        Pairs with NaN are left out.
    parameters : int
        p: those of the model over the readings it was fitted to, 0 over others.

    Returns
    -------
    tuple of (meter,) float64
        NaN with p readings or fewer, or a mean of 0.
    """
    known = np.isfinite(measured) & np.isfinite(expected)
    errors = np.where(known, measured - expected, 0.0)
    many = known.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(known, measured, 0.0).sum(axis=1) / many
        free = np.where(many > parameters, many - parameters, np.nan) * 1.0
        mean = np.where(mean != 0.0, mean, np.nan)
        return np.sqrt((errors**2).sum(axis=1) / free) / np.abs(mean), errors.sum(axis=1) / (free * mean)


def correlation_of(errors: np.ndarray) -> np.ndarray:
    """Correlation of each residual with the next, along time; 0 where it is negative or not known. (meter,)"""
    left, right = errors[:, :-1], errors[:, 1:]
    both = np.isfinite(left) & np.isfinite(right)
    squares = np.where(np.isfinite(errors), errors, 0.0) ** 2
    many = np.maximum(np.isfinite(errors).sum(axis=1), 1)
    covariance = np.where(both, left * right, 0.0).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    variance = squares.sum(axis=1) / many
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(variance > 0.0, covariance / variance, 0.0)
    return np.clip(found, 0.0, MOST_CORRELATED)


def _together(air_temperature: np.ndarray, power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    power = np.ascontiguousarray(power, dtype=np.float64)
    if power.ndim != 2:
        raise LayerError(f"power of meters must be (meter, time), got {power.shape}; try power[None, :] for one meter")
    shape = np.shape(air_temperature)
    if shape not in ((power.shape[1],), power.shape):
        raise LayerError(f"air temperature must be {power.shape[1:]} or {power.shape} as the power, got {shape}")
    return np.ascontiguousarray(np.broadcast_to(air_temperature, power.shape), dtype=np.float64), power


def _chosen(rss: np.ndarray, readings: np.ndarray, power: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Least BIC; squares below rounding count as nothing, so that of two exact models the simpler is taken."""
    floor = 1e-20 * np.where(known, power, 0.0).__pow__(2).sum(axis=1)[:, None] + np.finfo(float).tiny
    many = np.maximum(readings, 1)[:, None]
    bic = many * np.log(np.maximum(rss, floor) / many) + PARAMETERS * np.log(many)
    enough = readings[:, None] > PARAMETERS
    return np.argmin(np.where(np.isfinite(rss) & enough, bic, np.inf), axis=1)


def _power(parameters: np.ndarray, temperature: np.ndarray) -> np.ndarray:
    base, below, cold, above, hot = (parameters[:, k, None] for k in range(5))
    return base + below * np.maximum(cold - temperature, 0.0) + above * np.maximum(temperature - hot, 0.0)


def _jacobian(model: np.ndarray, parameters: np.ndarray, temperature: np.ndarray) -> np.ndarray:
    """Derivatives of the expected power by the parameters a model frees; 0 by those it does not. (meter, time, 5)"""
    below, cold, above, hot = (parameters[:, k, None] for k in range(1, 5))
    code = model[:, None]
    found = np.zeros((*temperature.shape, 5))
    under, over = temperature < cold, temperature > hot
    by_cold, by_hot = np.where(under, below, 0.0), np.where(over, -above, 0.0)
    found[:, :, 0] = code != -1
    found[:, :, 1] = np.where(np.isin(code, (HEATING, FOUR, FIVE)), np.maximum(cold - temperature, 0.0), 0.0)
    found[:, :, 2] = np.where(np.isin(code, (HEATING, FIVE)), by_cold, 0.0) + np.where(
        code == FOUR, by_cold + by_hot, 0.0
    )
    found[:, :, 3] = np.where(np.isin(code, (COOLING, FOUR, FIVE)), np.maximum(temperature - hot, 0.0), 0.0)
    found[:, :, 3] += np.where(code == LINE, temperature - hot, 0.0)
    found[:, :, 4] = np.where(np.isin(code, (COOLING, FIVE)), by_hot, 0.0)
    return found


def _half_width(
    signatures: Signatures, temperature: np.ndarray, known: np.ndarray, confidence: float, *, noise: bool
) -> np.ndarray:
    total = np.where(known[:, :, None], _jacobian(signatures.model, signatures.parameters, temperature), 0.0).sum(
        axis=1
    )
    variance = np.einsum("mi,mij,mj->m", total, signatures.covariance, total)
    if noise:
        variance = variance + known.sum(axis=1) * signatures.residual**2
    return stdtrit(signatures.freedom, 0.5 + 0.5 * confidence) * np.sqrt(
        np.maximum(variance, 0.0) * signatures.inflation
    )


def _mean(values: np.ndarray) -> np.ndarray:
    many = np.isfinite(values).sum(axis=1)
    return np.where(many > 0, np.nansum(values, axis=1) / np.maximum(many, 1), np.nan)


__all__ = [
    "LEAST",
    "MEAN",
    "MODELS",
    "Amount",
    "Signatures",
    "agreement",
    "energy_expected",
    "expected",
    "fit",
    "savings",
]
