"""The Universal Thermal Climate Index (UTCI): what a walking person feels, from air, radiation, wind and humidity."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from kernels.heat.utci_polynomial import COEFFICIENTS, COEFFICIENTS_32, offset
from kernels.quantities import Language

CELSIUS_0 = 273.15

#: Where the polynomial holds, Bröde et al. (2012): air [K], radiant minus air temperature [K], wind at 10 m [m s⁻¹],
#: vapour pressure [Pa].
AIR_RANGE = (223.15, 323.15)
RADIANT_RANGE = (-30.0, 70.0)
WIND_RANGE = (0.5, 17.0)
HIGHEST_VAPOUR_PRESSURE = 5000.0

#: Saturation over water of the operational procedure: Hardy (1998), ITS-90 formulations for vapor pressure, 3rd Int.
#: Symposium on Humidity and Moisture, London, 214-221. Powers −2 to 4 of the temperature [K], and its logarithm.
_HARDY = (-2836.5744, -6028.076559, 19.54263612, -0.02737830188, 1.6261698e-5, 7.0229056e-10, -1.8680009e-13)
_HARDY_LOG = 2.7150305


@dataclass(frozen=True)
class Stress:
    """One category of thermal stress.

    Attributes
    ----------
    above : float
        UTCI from which on it holds, up to the next. [K]
    label : dict
        Words for people, by language.
    """

    above: float
    label: dict[Language, str]


def _stress(celsius: float, fr: str, nl: str, en: str) -> Stress:
    return Stress(CELSIUS_0 + celsius, {"fr": fr, "nl": nl, "en": en})


#: Assessment scale of Bröde et al. (2012), table 1, from cold to hot.
STRESS = (
    _stress(-np.inf, "Stress froid extrême", "Extreme koudestress", "Extreme cold stress"),
    _stress(-40, "Stress froid très fort", "Zeer sterke koudestress", "Very strong cold stress"),
    _stress(-27, "Stress froid fort", "Sterke koudestress", "Strong cold stress"),
    _stress(-13, "Stress froid modéré", "Matige koudestress", "Moderate cold stress"),
    _stress(0, "Stress froid léger", "Lichte koudestress", "Slight cold stress"),
    _stress(9, "Pas de stress thermique", "Geen thermische stress", "No thermal stress"),
    _stress(26, "Stress de chaleur modéré", "Matige hittestress", "Moderate heat stress"),
    _stress(32, "Stress de chaleur fort", "Sterke hittestress", "Strong heat stress"),
    _stress(38, "Stress de chaleur très fort", "Zeer sterke hittestress", "Very strong heat stress"),
    _stress(46, "Stress de chaleur extrême", "Extreme hittestress", "Extreme heat stress"),
)


def saturation_vapour_pressure(temperature: np.ndarray) -> np.ndarray:
    """Saturation vapour pressure over water, as the UTCI's own procedure takes it.

    Parameters
    ----------
    temperature : float or array
        [K]

    Returns
    -------
    float64, shaped like the temperature
        [Pa]
    """
    kelvin = np.asarray(temperature, dtype=float)
    powers = sum(factor * kelvin ** (power - 2) for power, factor in enumerate(_HARDY))
    return np.exp(powers + _HARDY_LOG * np.log(kelvin))


@njit(nogil=True, cache=True)
def utci_of(air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure):
    """UTCI of one person in float64.

    Parameters
    ----------
    air_temperature, mean_radiant_temperature : float
        [K]
    wind_speed : float
        At 10 m, held to `WIND_RANGE`. [m s⁻¹]
    vapour_pressure : float
        [Pa]

    Returns
    -------
    float
        NaN where air, radiation or vapour leave the polynomial's range. [K]

    Notes
    -----
    Bröde et al. (2012), doi:10.1007/s00484-011-0454-1.
    """
    radiant = mean_radiant_temperature - air_temperature
    ok = (air_temperature >= AIR_RANGE[0]) & (air_temperature <= AIR_RANGE[1]) & (radiant >= RADIANT_RANGE[0])
    ok &= (
        (wind_speed == wind_speed)
        & (radiant <= RADIANT_RANGE[1])
        & (vapour_pressure >= 0.0)
        & (vapour_pressure <= HIGHEST_VAPOUR_PRESSURE)
    )
    wind = min(max(wind_speed, WIND_RANGE[0]), WIND_RANGE[1])
    felt = air_temperature + offset(COEFFICIENTS, air_temperature - CELSIUS_0, wind, radiant, vapour_pressure * 1e-3)
    return felt if ok else np.nan


@njit(nogil=True, cache=True)
def _utci_all(air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure, out):
    """`utci_of` of every entry of flat float64 arrays."""
    for one in range(out.size):
        out[one] = utci_of(air_temperature[one], mean_radiant_temperature[one], wind_speed[one], vapour_pressure[one])


def utci(
    air_temperature: np.ndarray,
    mean_radiant_temperature: np.ndarray,
    wind_speed: np.ndarray,
    relative_humidity: np.ndarray,
) -> np.ndarray:
    """UTCI in float64, for stations and tests; the kernel's maps take `utci_block`.

    Parameters
    ----------
    air_temperature, mean_radiant_temperature : float or array
        [K]
    wind_speed : float or array
        At 10 m, held to `WIND_RANGE`. [m s⁻¹]
    relative_humidity : float or array
        [1]

    Returns
    -------
    float64, of the shape all four broadcast to
        NaN where `utci_of` says so. [K]
    """
    vapour = np.asarray(relative_humidity) * saturation_vapour_pressure(air_temperature)
    given = np.broadcast_arrays(air_temperature, mean_radiant_temperature, wind_speed, vapour)
    out = np.empty(given[0].shape)
    _utci_all(*(np.ascontiguousarray(one, dtype=float).ravel() for one in given), out.reshape(-1))
    return out


def outside(
    air_temperature: np.ndarray,
    mean_radiant_temperature: np.ndarray,
    wind_speed: np.ndarray,
    vapour_pressure: np.ndarray,
) -> dict[str, int]:
    """How many entries leave the range of the polynomial, for a run's remarks.

    Parameters
    ----------
    air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure : float or array
        As in `utci_of`; entries that are NaN are not counted.

    Returns
    -------
    dict of str to int
        By what was done: ``wind held`` to its range, or left ``without UTCI``.
    """
    air, radiant, wind, vapour = np.broadcast_arrays(
        air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure
    )
    there = ~(np.isnan(air) | np.isnan(radiant) | np.isnan(wind) | np.isnan(vapour))
    difference = radiant - air
    fits = (air >= AIR_RANGE[0]) & (air <= AIR_RANGE[1]) & (vapour >= 0) & (vapour <= HIGHEST_VAPOUR_PRESSURE)
    fits &= (difference >= RADIANT_RANGE[0]) & (difference <= RADIANT_RANGE[1])
    held = (wind < WIND_RANGE[0]) | (wind > WIND_RANGE[1])
    return {"wind held": int((there & fits & held).sum()), "without UTCI": int((there & ~fits).sum())}


@njit(nogil=True, cache=True)
def utci_block(air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure, out, first, last):
    """UTCI of the cells first … last − 1, in float32.

    Parameters
    ----------
    air_temperature, mean_radiant_temperature : (cell,) float32
        [K]
    wind_speed : (cell,) float32
        At 10 m, held to `WIND_RANGE`. [m s⁻¹]
    vapour_pressure : (cell,) float32
        [Pa]
    out : (cell,) float32
        UTCI, written; NaN where an input is, or leaves the polynomial's range as in `utci_of`. [K]
    first, last : int
        Cells of this block.
    """
    zero, coldest, hottest = np.float32(CELSIUS_0), np.float32(AIR_RANGE[0]), np.float32(AIR_RANGE[1])
    shadiest, sunniest = np.float32(RADIANT_RANGE[0]), np.float32(RADIANT_RANGE[1])
    calmest, windiest = np.float32(WIND_RANGE[0]), np.float32(WIND_RANGE[1])
    wettest, kilo, nothing = np.float32(HIGHEST_VAPOUR_PRESSURE), np.float32(1e-3), np.float32(np.nan)
    # Slices, so that the index counts from 0 and no sign need be tested: only so do the loads run side by side.
    airs, radiants, winds = air_temperature[first:last], mean_radiant_temperature[first:last], wind_speed[first:last]
    vapours, felts = vapour_pressure[first:last], out[first:last]
    for cell in range(felts.size):
        air, vapour, wind = airs[cell], vapours[cell], winds[cell]
        radiant = radiants[cell] - air
        ok = (wind == wind) & (air >= coldest) & (air <= hottest) & (radiant >= shadiest) & (radiant <= sunniest)
        ok = ok & (vapour >= np.float32(0.0)) & (vapour <= wettest)
        wind = min(max(wind, calmest), windiest)
        felt = air + offset(COEFFICIENTS_32, air - zero, wind, radiant, vapour * kilo)
        felts[cell] = felt if ok else nothing
