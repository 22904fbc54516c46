"""Bulk laws of the air over a city: depth of its layer, exchange with the streets, heat of the grass outside."""

import numpy as np

from kernels.heat import wind_profile as profiles

HEAT_CAPACITY = 1206.0
"""Of a cubic metre of air at 20 °C. [J m⁻³ K⁻¹]"""
LEAST_WIND = 0.5
"""Calm air still mixes; a cup anemometer starts about here. [m s⁻¹]"""
SHALLOWEST_STREET = 10.0
"""Depth of the street layer where there are no buildings to give it one. [m]"""

_GRAVITY = 9.81
_STEFAN_BOLTZMANN = 5.670374419e-8
_LEAST_DEPTH = 50.0  # [m]
_LAPSE = 0.005  # K m⁻¹ above the mixed layer, a usual summer morning over the Low Countries
_ENTRAINED = 0.2  # share of the surface flux drawn down at the inversion, Tennekes (1973)
_GUST = 1.2  # Beljaars (1995)
_LEAST_DIFFUSIVITY = 0.1  # m² s⁻¹
_PERIOD_ALBEDO, _SURFACE_FEEDBACK, _TO_SOIL, _OFFSET = 0.23, 0.12, 0.1, 20.0


def mechanical_depth(friction_velocity: float) -> float:
    """Depth of a layer stirred by wind alone, 50 m at least. [m]

    Parameters
    ----------
    friction_velocity : float
        [m s⁻¹]

    Notes
    -----
    2400 u*^1.5, Venkatram (1980), doi:10.1007/BF00119502.
    """
    return max(_LEAST_DEPTH, 2400.0 * friction_velocity**1.5)


def convective_depth(heat: float) -> float:
    """Depth of a layer warmed from below since it began to grow. [m]

    Parameters
    ----------
    heat : float
        Sensible heat given to it since then. [J m⁻²]

    Notes
    -----
    h² = 2 (1 + 2 A) / gamma times the kinematic heat, A = 0.2, gamma = 5 K km⁻¹; Tennekes (1973),
    doi:10.1175/1520-0469(1973)030<0558:AMFTDO>2.0.CO;2.
    """
    return float(np.sqrt(2 * (1 + 2 * _ENTRAINED) * max(heat, 0.0) / (HEAT_CAPACITY * _LAPSE)))


def stirred_wind(wind_speed: float, sensible: float, depth: float, temperature: float) -> float:
    """Wind of the station with the gusts of convection added, as an exchange of heat feels it. [m s⁻¹]

    Parameters
    ----------
    wind_speed : float
        Of the station. [m s⁻¹]
    sensible : float
        Mean sensible heat of the city. [W m⁻²]
    depth, temperature : float
        Of the mixed layer [m], of the air [K].

    Notes
    -----
    Gusts are 1.2 w*, Beljaars (1995), doi:10.1002/qj.49712152203, at the blending height.
    """
    convection = (_GRAVITY / temperature * max(sensible, 0.0) / HEAT_CAPACITY * depth) ** (1 / 3)
    gust = _GUST * convection / float(profiles.station_to_blending(profiles.BLENDING_HEIGHT))
    return float(np.hypot(max(wind_speed, LEAST_WIND), gust))


def exchange_ratio(friction_ratio, height, displacement, roughness, street_depth):
    """Velocity at which street air is exchanged with the air at the blending height, per wind of the station. [1]

    Parameters
    ----------
    friction_ratio : (y, x) float
        See `wind_profile.friction_ratio`. [1]
    height, displacement, roughness, street_depth : (y, x) float
        Of the block and of its street air. [m]

    Notes
    -----
    The log law's conductance k u* / ln((zb - d)/z) from z = d + z0, or from the middle of the street layer where that
    is higher, as in a park.
    """
    blending = np.maximum(profiles.BLENDING_HEIGHT, 2 * height)
    start = np.maximum(np.maximum(roughness, profiles.STATION_ROUGHNESS), street_depth / 2 - displacement)
    return profiles.KARMAN * friction_ratio / np.log((blending - displacement) / start)


def grass_exchange_ratio() -> float:
    """`exchange_ratio` of open ground with the roughness of the weather station's grass. [1]"""
    none = np.zeros(())
    friction = profiles.friction_ratio(none, none, none)
    return float(exchange_ratio(friction, none, none, none, np.asarray(SHALLOWEST_STREET)))


def diffusivity(friction_velocity, street_depth):
    """Horizontal eddy diffusivity among buildings, k u* times the depth of the streets. [m² s⁻¹]"""
    return np.maximum(profiles.KARMAN * friction_velocity * street_depth, _LEAST_DIFFUSIVITY)


def grass_sensible(global_irradiance, longwave_down, air_temperature):
    """Sensible heat of the moist short grass of a weather station. [W m⁻²]

    Parameters
    ----------
    global_irradiance, longwave_down : float or array
        Short- and long-wave radiation from above. [W m⁻²]
    air_temperature : float or array
        [K]

    Notes
    -----
    Holtslag and van Ulden (1983), doi:10.1175/1520-0450(1983)022<0517:ASSFDE>2.0.CO;2: net radiation with albedo 0.23
    and feedback 0.12, a tenth of it to the soil, then the modified Priestley-Taylor share with alpha = 1 and
    beta = 20 W m⁻², which here never turns a positive net radiation into a downward flux.
    """
    t = np.asarray(air_temperature, float)
    net = (1 - _PERIOD_ALBEDO) * np.asarray(global_irradiance) + np.asarray(longwave_down) - _STEFAN_BOLTZMANN * t**4
    net = net / (1 + _SURFACE_FEEDBACK)
    celsius = t - 273.15
    saturation = 610.94 * np.exp(17.625 * celsius / (celsius + 243.04))  # Alduchov and Eskridge (1996)
    slope = saturation * 17.625 * 243.04 / (celsius + 243.04) ** 2
    ratio = 66.5 / slope  # psychrometric constant at sea level over the slope [1]
    share = ratio / (1 + ratio) * (1 - _TO_SOIL) * net
    return np.where(net > 0, np.maximum(share - _OFFSET, 0.0), share)
