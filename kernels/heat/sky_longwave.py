"""The warmth of the sky: what the air and the clouds radiate down, and from which height above the horizon."""

import numpy as np

from kernels.heat.patches import PATCHES
from kernels.heat.sky import clear_sky_global

#: Stefan and Boltzmann's constant, CODATA 2018. [W m⁻² K⁻⁴]
STEFAN_BOLTZMANN = 5.670374419e-8

#: Rise of a clear sky's emissivity with the logarithm of the path: Unsworth and Monteith (1975). [1]
_LIMB = 0.09
#: Share of the sky's emissivity that full cloud makes black: Unsworth and Monteith (1975), eq. of the summary. [1]
_CLOUD_SHARE = 0.84
#: Below this sun the ratio to a clear sky tells little of clouds. [rad]
_LOW_SUN = np.radians(10.0)


def clear_sky_emissivity(air_temperature: np.ndarray, vapour_pressure: np.ndarray) -> np.ndarray:
    """Emissivity of a cloudless sky.

    Parameters
    ----------
    air_temperature : float or array
        Near the ground. [K]
    vapour_pressure : float or array
        Near the ground. [Pa]

    Returns
    -------
    float64
        [1]

    Notes
    -----
    Prata (1996), doi:10.1002/qj.49712253306: 1 − (1 + w) exp(−√(1.2 + 3 w)), w the precipitable water [cm].
    """
    water = 0.465 * np.asarray(vapour_pressure) / air_temperature
    return 1 - (1 + water) * np.exp(-np.sqrt(1.2 + 3 * water))


def cloud_fraction(global_horizontal: np.ndarray, elevation: np.ndarray) -> np.ndarray:
    """Cloud seen by what it keeps from the sun; the night keeps what was last seen by day.

    Parameters
    ----------
    global_horizontal : (time,) float64
        [W m⁻²]
    elevation : (time,) float64
        Of the sun, in order of time. [rad]

    Returns
    -------
    (time,) float64
        In 0 … 1. Hours before the first with the sun above 10° take that one's; without any such hour the sky is
        taken as clear. [1]

    Notes
    -----
    Crawford and Duchon (1999), doi:10.1175/1520-0450(1999)038<0474:AIPFES>2.0.CO;2: one minus the ratio to the clear
    sky's irradiance, here that of Haurwitz (1945).
    """
    elevation = np.asarray(elevation)
    seen = np.flatnonzero(elevation > _LOW_SUN)
    if seen.size == 0:
        return np.zeros(elevation.shape)
    here = np.asarray(global_horizontal)[seen]
    found = np.clip(1 - here / clear_sky_global(elevation[seen]), 0.0, 1.0)
    last = np.searchsorted(seen, np.arange(elevation.size), side="right") - 1
    return found[np.maximum(last, 0)]


def downwelling_longwave(
    air_temperature: np.ndarray, vapour_pressure: np.ndarray, cloud: float | np.ndarray
) -> np.ndarray:
    """Long-wave irradiance from the whole sky.

    Parameters
    ----------
    air_temperature, vapour_pressure : float or array
        Near the ground. [K], [Pa]
    cloud : float or array
        Fraction, 0 … 1. [1]

    Returns
    -------
    float64
        [W m⁻²]

    Notes
    -----
    Crawford and Duchon (1999), doi:10.1175/1520-0450(1999)038<0474:AIPFES>2.0.CO;2, eq. 20: cloud is black at the
    air's temperature; the clear part has the emissivity of Prata (1996).
    """
    clear = clear_sky_emissivity(air_temperature, vapour_pressure)
    return (cloud + (1 - np.asarray(cloud)) * clear) * STEFAN_BOLTZMANN * np.asarray(air_temperature) ** 4


def cloud_from_longwave(longwave: np.ndarray, air_temperature: np.ndarray, vapour_pressure: np.ndarray) -> np.ndarray:
    """The cloud with which `downwelling_longwave` gives a measured irradiance, held to 0 … 1. [1]"""
    clear = clear_sky_emissivity(air_temperature, vapour_pressure)
    seen = np.asarray(longwave) / (STEFAN_BOLTZMANN * np.asarray(air_temperature) ** 4)
    return np.clip((seen - clear) / (1 - clear), 0.0, 1.0)


def _mean_log_path() -> np.ndarray:
    """Mean over each patch of ln(1 / sin elevation), weighted as a level plane sees it; 1/2 over the whole sky. [1]"""

    def until(sine: np.ndarray) -> np.ndarray:
        square = sine**2
        return 0.25 * square - 0.5 * square * np.log(np.where(sine > 0, sine, 1.0))

    low, high = np.sin(PATCHES.low), np.sin(PATCHES.high)
    return 2 * (until(high) - until(low)) / (high**2 - low**2)


_LOG_PATH = _mean_log_path()


def longwave_patches(longwave: np.ndarray, air_temperature: np.ndarray, cloud: float | np.ndarray) -> np.ndarray:
    """Exitance of every patch of the sky (its radiance times π): warmer towards the horizon, more so when clear.

    Parameters
    ----------
    longwave : (time,) float64
        Downwelling irradiance. [W m⁻²]
    air_temperature : (time,) float64
        [K]
    cloud : float or (time,) float64
        Fraction, 0 … 1. [1]

    Returns
    -------
    (time, patch) float64
        ``result @ PATCHES.horizontal`` is the downwelling irradiance. [W m⁻²]

    Notes
    -----
    Unsworth and Monteith (1975), doi:10.1002/qj.49710142703: under a clear sky the emissivity at zenith angle Z is
    that of the hemisphere plus 0.09 (ln sec Z − 1/2), whose mean over the hemisphere is exact; cloud leaves
    1 − 0.84 c of it. No patch is warmer than the air, unless the sky as a whole is.
    """
    longwave, air_temperature = (np.atleast_1d(np.asarray(one, dtype=float)) for one in (longwave, air_temperature))
    black = STEFAN_BOLTZMANN * air_temperature[:, None] ** 4
    limb = _LIMB * (1 - _CLOUD_SHARE * np.broadcast_to(np.asarray(cloud, dtype=float), longwave.shape))
    whole = longwave[:, None]
    risen = whole + black * limb[:, None] * (_LOG_PATH - 0.5)
    # What the cap takes off the lowest ring is given to the whole sky: some watts of several hundred.
    held = np.minimum(risen, np.maximum(black, whole))
    return held * (longwave / (held @ PATCHES.horizontal))[:, None]
