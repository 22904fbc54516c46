"""Vapour in the air and at surfaces: what the columns need of the weather to let water evaporate.

A surface evaporates its wetness times what free water of its own temperature would: LE = wetness h / γ (e_s(T) - e),
with the same transfer for vapour as for heat (Monteith and Unsworth, Principles of Environmental Physics, 4th ed. 2013,
chapter 13, doi:10.1016/C2010-0-66393-0). It never takes dew. The wetness is the share of potential evaporation that
soil and leaves let through.
"""

import numpy as np

from kernels.heat.columns import saturation_pressure

SPECIFIC_HEAT = 1005.0
"""Of air at constant pressure. [J kg⁻¹ K⁻¹]"""
RATIO = 0.622
"""Of the molar masses of water and dry air. [1]"""


def saturation_vapour_pressure(temperature):
    """Saturation vapour pressure over water, the one the columns use.

    Parameters
    ----------
    temperature : float or array
        Within -40 to 75 °C; beyond, the tangent. [K]

    Returns
    -------
    float64 or array of float64
        [Pa]
    """
    kelvin = np.asarray(temperature, np.float32)
    found = np.empty(kelvin.size, np.float32)
    saturation_pressure(kelvin.reshape(-1), found)
    return found.reshape(kelvin.shape).astype(np.float64)[()]


def vapour_pressure(temperature, relative_humidity):
    """Vapour pressure of air. [Pa]

    Parameters
    ----------
    temperature : float or array
        [K]
    relative_humidity : float or array
        0 to 1, over water. [1]
    """
    return saturation_vapour_pressure(temperature) * relative_humidity


def latent_heat(temperature):
    """Latent heat of vaporisation of water, linear to 0.1 % from 0 to 50 °C. [J kg⁻¹]

    R. B. Stull, An Introduction to Boundary Layer Meteorology, 1988, doi:10.1007/978-94-009-3027-8, appendix C.

    Parameters
    ----------
    temperature : float or array
        [K]
    """
    return 2.501e6 - 2370.0 * (np.asarray(temperature, float)[()] - 273.15)


def psychrometric_constant(temperature, air_pressure):
    """γ = c_p p / (0.622 λ). [Pa K⁻¹]

    Monteith and Unsworth 2013, equation 13.17.

    Parameters
    ----------
    temperature : float or array
        Of the air. [K]
    air_pressure : float or array
        [Pa]
    """
    return SPECIFIC_HEAT * air_pressure / (RATIO * latent_heat(temperature))
