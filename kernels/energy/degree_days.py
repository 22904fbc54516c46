"""Degree days, and the use of a year as it would have been in a normal one."""

import numpy as np

from kernels.contract import LayerError

BASE = 289.65
"""Outdoor temperature from which nothing is heated, 16.5 °C, as the Belgian gas sector counts. [K]"""

WEIGHTS = (0.6, 0.3, 0.1)
"""Of the day, the day before and the one before that in the equivalent temperature of the Belgian gas sector. [1]"""


def equivalent_temperature(daily: np.ndarray) -> np.ndarray:
    """Daily temperatures that remember the two days before, for the heat that walls hold.

    Parameters
    ----------
    daily : (day,) float64
        Means of days; NaN where not known. [K]

    Returns
    -------
    (day,) float64
        NaN where one of the three days is not known; the first two days know those they have. [K]
    """
    daily = np.asarray(daily, float)
    if daily.ndim != 1:
        raise LayerError(f"daily temperatures must be (day,), got {daily.shape}")
    total, weight = np.zeros(daily.size), np.zeros(daily.size)
    for back, share in enumerate(WEIGHTS[: daily.size]):
        total[back:] += share * daily[: daily.size - back]
        weight[back:] += share
    return total / weight


def degree_days(daily: np.ndarray, *, base: float = BASE, cooling: bool = False) -> np.ndarray:
    """Degree days of each day, below the base or, for cooling, above it; NaN where not known. (day,) [K d]"""
    beyond = np.asarray(daily, float) - base if cooling else base - np.asarray(daily, float)
    return np.maximum(beyond, 0.0)


def corrected_use(use: np.ndarray, base_use: np.ndarray, measured: float, normal: float) -> np.ndarray:
    """Use in a normal year: what does not hang on the weather stays, the rest goes with the degree days.

    Parameters
    ----------
    use, base_use : (meter,) float64
        Of the period, all of it and what does not hang on the weather (the base of the signature). [J]
    measured, normal : float
        Degree days of the period, and of the same days of a normal year. [K d]

    Raises
    ------
    LayerError
        No degree days in the period: nothing of it tells of a winter.
    """
    if not measured > 0.0 or not normal >= 0.0:
        raise LayerError(
            f"use cannot be corrected from {measured:g} to {normal:g} degree days; take a period in which it was heated"
        )
    return base_use + np.maximum(np.asarray(use) - base_use, 0.0) * normal / measured
