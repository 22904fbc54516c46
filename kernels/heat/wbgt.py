"""The Wet-Bulb Globe Temperature (WBGT): what a wet wick and a black globe would read where a person stands."""

import math

import numpy as np
from numba import njit

CELSIUS_0 = 273.15
_SIGMA = 5.670374419e-8

#: Globe of ISO 7243: diameter [m], emissivity, share of its skin that a beam strikes squarely [1].
_GLOBE, _GLOBE_EMISSIVITY, _GLOBE_BEAM = 0.15, 0.95, 0.25
#: Wick of Liljegren et al. (2008): diameter and length [m], emissivity, absorbed share of sunlight [1].
_WICK, _WICK_LENGTH, _WICK_EMISSIVITY, _WICK_ABSORBS = 0.007, 0.0254, 0.95, 0.60
_WICK_END = _WICK / (4 * _WICK_LENGTH)
#: Absorbed share of sunlight and of heat radiation of the person behind the mean radiant temperature: VDI 3787-2. [1]
_BODY_ABSORBS, _BODY_EMISSIVITY = 0.70, 0.97
#: Slowest wind at which the wick's transfer holds: Liljegren et al. (2008). [m s⁻¹]
_CALM = 0.13
#: Gas constant [J kg⁻¹ K⁻¹] and heat capacity [J kg⁻¹ K⁻¹] of air, molar mass of water over that of air [1].
_AIR_GAS, _AIR_CAPACITY, _WATER_OVER_AIR = 287.05, 1003.5, 0.622
#: Direct light from which on the World Meteorological Organization says the sun shines: WMO-No. 8. [W m⁻²]
_SUNSHINE = 120.0


@njit(nogil=True, cache=True)
def _saturation(kelvin):
    """Saturation vapour pressure over water: Buck (1981), doi:10.1175/1520-0450(1981)020<1527:NEFCVP>2.0.CO;2. [Pa]"""
    celsius = kelvin - CELSIUS_0
    return 611.21 * math.exp(17.502 * celsius / (240.97 + celsius))


@njit(nogil=True, cache=True)
def _globe(air, absorbed, wind):
    """Temperature of the globe [K]: ISO 7726, the larger of natural and forced convection."""
    forced = 6.3 * wind**0.6 / _GLOBE**0.4
    globe = air
    for _ in range(30):
        natural = 1.4 * (abs(globe - air) / _GLOBE) ** 0.25
        transfer = max(natural, forced)
        emitted = _GLOBE_EMISSIVITY * _SIGMA * globe**4
        slope = 4.0 * emitted / globe + transfer * (1.25 if natural > forced else 1.0)
        step = (absorbed - emitted - transfer * (globe - air)) / slope
        globe += step
        if abs(step) < 1e-5:
            break
    return globe


@njit(nogil=True, cache=True)
def _natural_wet_bulb(air, absorbed, wind, vapour, pressure):
    """Temperature of a wet wick that wind and sun reach [K]: Liljegren et al. (2008), eq. 6 to 14."""
    wet = air - 0.3 * max(air - 283.15, 0.0)
    for _ in range(30):
        film = 0.5 * (air + wet)
        viscosity = 1.458e-6 * film**1.5 / (film + 110.4)  # Sutherland, US Standard Atmosphere 1976
        conductivity = (_AIR_CAPACITY + 1.25 * _AIR_GAS) * viscosity  # Eucken
        diffusivity = 2.11e-5 * (film / CELSIUS_0) ** 1.94 * (101_325.0 / pressure)  # Hall and Pruppacher (1976)
        density = pressure / (_AIR_GAS * film)
        prandtl, schmidt = _AIR_CAPACITY * viscosity / conductivity, viscosity / (density * diffusivity)
        reynolds = density * max(wind, _CALM) * _WICK / viscosity
        transfer = 0.281 * reynolds**0.6 * prandtl**0.44 * conductivity / _WICK  # Bedingfield and Drew (1950)
        heat = 2.501e6 - 2370.0 * (wet - CELSIUS_0)
        mass = transfer * heat / _AIR_CAPACITY * _WATER_OVER_AIR * (prandtl / schmidt) ** 0.56
        saturated = _saturation(wet)
        emitted = _WICK_EMISSIVITY * _SIGMA * wet**4
        excess = absorbed - emitted - transfer * (wet - air) - mass * (saturated - vapour) / (pressure - saturated)
        rise = saturated * 4217.5 / (wet - 32.18) ** 2
        step = excess / (4.0 * emitted / wet + transfer + mass * rise / (pressure - saturated))
        wet += step
        if abs(step) < 1e-5:
            break
    return wet


@njit(nogil=True, cache=True)
def wbgt_of(
    air_temperature,
    mean_radiant_temperature,
    wind_speed,
    vapour_pressure,
    air_pressure,
    beam,
    beam_share,
    sine,
):
    """WBGT, natural wet bulb and globe at one place.

    Parameters
    ----------
    air_temperature, mean_radiant_temperature : float
        [K]
    wind_speed : float
        At the person, 1.1 m. [m s⁻¹]
    vapour_pressure, air_pressure : float
        [Pa]
    beam : float
        Direct normal irradiance that reaches the person. [W m⁻²]
    beam_share : float
        Of the beam, what the person behind the mean radiant temperature receives: `kernels.heat.patches.beam_weight`.
        [1]
    sine : float
        Of the sun's elevation. [1]

    Returns
    -------
    wbgt, natural_wet_bulb, globe : float
        NaN where an input is. [K]

    Notes
    -----
    ISO 7243: 0.7 wet bulb + 0.3 globe, and in the sun 0.2 globe + 0.1 air; between, by the beam's share of the
    120 W m⁻² that count as sunshine. The globe after ISO 7726, the wick after Liljegren et al. (2008),
    doi:10.1080/15459620802310770. The person's beam is taken off the mean radiant temperature and the globe's or the
    wick's put in its place, for a black ball takes up more of it than a person does; diffuse and reflected sunlight
    stay as the person absorbs them, which cools the globe by some 0.15 K per 10 W m⁻² of it.
    """
    around = _SIGMA * mean_radiant_temperature**4 - _BODY_ABSORBS / _BODY_EMISSIVITY * beam_share * beam
    globe = _globe(air_temperature, _GLOBE_EMISSIVITY * (around + _GLOBE_BEAM * beam), max(wind_speed, 0.0))
    cosine = math.sqrt(max(1.0 - sine * sine, 0.0))
    struck = (cosine / math.pi + _WICK_END * sine) / (1.0 + _WICK_END)
    absorbed = _WICK_EMISSIVITY * around + _WICK_ABSORBS * struck * beam
    wet = _natural_wet_bulb(air_temperature, absorbed, wind_speed, vapour_pressure, air_pressure)
    sunny = 0.1 * min(max(beam / _SUNSHINE, 0.0), 1.0)
    felt = 0.7 * wet + (0.3 - sunny) * globe + sunny * air_temperature
    if not (felt == felt and wind_speed == wind_speed):
        return np.nan, np.nan, np.nan
    return felt, wet, globe


@njit(nogil=True, cache=True)
def wbgt_block(
    air_temperature,
    mean_radiant_temperature,
    wind_speed,
    vapour_pressure,
    air_pressure,
    shadow,
    direct_normal,
    beam_share,
    sine,
    out,
    first,
    last,
):
    """WBGT of the cells first … last − 1; about a microsecond a cell.

    Parameters
    ----------
    air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure : (cell,) float32
        As in `wbgt_of`.
    air_pressure : float
        [Pa]
    shadow : (cell,) float32
        Share of the beam kept out. [1]
    direct_normal : float
        Above the roofs. [W m⁻²]
    beam_share, sine : float
        As in `wbgt_of`.
    out : (cell,) float32
        WBGT, written. [K]
    first, last : int
        Cells of this block.
    """
    for cell in range(first, last):
        felt, _, _ = wbgt_of(
            float(air_temperature[cell]),
            float(mean_radiant_temperature[cell]),
            float(wind_speed[cell]),
            float(vapour_pressure[cell]),
            air_pressure,
            direct_normal * (1.0 - float(shadow[cell])),
            beam_share,
            sine,
        )
        out[cell] = felt
