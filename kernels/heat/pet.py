"""The Physiological Equivalent Temperature (PET): the room in which a body has the same skin and core as out here."""

import math

import numpy as np
from numba import njit

CELSIUS_0 = 273.15
_SIGMA = 5.670374419e-8

# The person of Höppe (1999), doi:10.1007/s004840050118, and VDI 3787-2: a man of 35 years, 1.75 m and 75 kg,
# standing, who works 80 W above rest, in 0.9 clo.
_HEIGHT, _MASS, _AGE, _WORK, _CLO = 1.75, 75.0, 35.0, 80.0, 0.9
#: Area of the skin: Du Bois and Du Bois (1916). [m²]
_SKIN = 0.203 * _MASS**0.425 * _HEIGHT**0.725
#: Metabolism at rest [W], and with the work per area of skin [W m⁻²]: Höppe (1999).
_REST = 3.45 * _MASS**0.75 * (1 + 0.004 * (30 - _AGE) + 0.010 * (100 * _HEIGHT / _MASS ** (1 / 3) - 43.4))
_HEAT = (_REST + _WORK) / _SKIN
#: Share of the skin that radiates when standing, emissivities of skin and clothing. [1]
_RADIATES, _SKIN_EMISSIVITY, _CLOTH_EMISSIVITY = 0.725, 0.99, 0.95
#: Share of the skin that is clothed; area of the clothed body per area of skin (Burton's factor 0.31); their
#: outside area per area of skin. [1]
_CLOTHED = (173.51 * _CLO - 2.36 - 100.76 * _CLO**2 + 19.28 * _CLO**3) / 100
_GROWTH = 1 + 0.31 * _CLO
_OUTSIDE = _CLOTHED + _GROWTH - 1
#: Insulation of the clothing. [K m² W⁻¹]
_INSULATION = 0.155 * _CLO
#: Lewis' ratio [K hPa⁻¹], and what Woodcock's index of clothing leaves of it [1].
_LEWIS, _PERMEABILITY = 1.67, 0.38
#: Heat of evaporation [J kg⁻¹], heat capacity of air [J kg⁻¹ K⁻¹], heat that a litre of blood carries [J K⁻¹].
_EVAPORATION, _AIR_CAPACITY, _BLOOD = 2.42e6, 1010.0, 1.06 * 3640.0
#: Temperatures the body holds to: core, skin, their mean 0.9 to 0.1. [°C]
_CORE_SET, _SKIN_SET = 36.6, 34.0
_BODY_SET = 0.9 * _CORE_SET + 0.1 * _SKIN_SET
#: Core to skin: conductance without blood [W m⁻² K⁻¹]; flow at rest, per kelvin of core, and at most [L m⁻² h⁻¹].
_TISSUE, _FLOW, _DILATES, _FLOW_MOST = 5.28, 6.3, 75.0, 90.0
#: Sweat per kelvin of body above its set point, and at most. [kg m⁻² s⁻¹]
_SWEAT, _SWEAT_MOST = 304.94e-3 / 3600, 500e-3 / 3600
#: The reference room: wind [m s⁻¹], vapour pressure [hPa]; standard pressure [hPa].
_ROOM_WIND, _ROOM_VAPOUR, _STANDARD = 0.1, 12.0, 1013.25
#: Skin temperatures between which the balance is sought. [°C]
_COLDEST_SKIN, _HOTTEST_SKIN = -40.0, 60.0


@njit(nogil=True, cache=True)
def _saturation(celsius):
    """Saturation vapour pressure by Magnus' formula, as in VDI 3787-2. [hPa]"""
    return 6.11 * 10.0 ** (7.45 * celsius / (235.0 + celsius))


@njit(nogil=True, cache=True)
def _breath(air, vapour, pressure):
    """Heat lost by breathing, per area of skin. [W m⁻²]"""
    out = 0.47 * air + 21.0
    moist = 0.623 * _EVAPORATION / pressure * (_saturation(out) - vapour)
    return _HEAT * 1.44e-6 * (_AIR_CAPACITY * (out - air) + moist)


@njit(nogil=True, cache=True)
def _convection(wind, pressure):
    """Transfer coefficient of a standing person. [W m⁻² K⁻¹]"""
    return (2.26 + 7.42 * wind**0.67) * (pressure / _STANDARD) ** 0.55


@njit(nogil=True, cache=True)
def _core(skin, heat):
    """Core temperature at which tissue and blood carry the heat to a skin of this temperature. [°C]"""
    narrowed = 1.0 + 0.5 * max(_SKIN_SET - skin, 0.0)
    rest, rise = _BLOOD / 3600.0 * _FLOW / narrowed, _BLOOD / 3600.0 * _DILATES / narrowed
    core = skin + heat / (_TISSUE + rest)
    if core > _CORE_SET:
        # The flow rises with the core: (tissue + rest + rise (core − set)) (core − skin) = heat.
        still = _TISSUE + rest - rise * _CORE_SET
        b, c = still - rise * skin, -still * skin - heat
        core = (-b + math.sqrt(b * b - 4.0 * rise * c)) / (2.0 * rise)
        if (_FLOW + _DILATES * (core - _CORE_SET)) / narrowed > _FLOW_MOST:
            core = skin + heat / (_TISSUE + _BLOOD / 3600.0 * _FLOW_MOST)
    return core


@njit(nogil=True, cache=True)
def _clothing(skin, air, radiant, convection):
    """Temperature of the clothing's outside, where what passes it leaves it; ``radiant`` is σ Tmrt⁴. [°C]"""
    passes = _CLOTHED / _INSULATION / _OUTSIDE
    outside = 0.5 * (skin + air)
    for _ in range(4):
        kelvin = outside + CELSIUS_0
        emitted = _RADIATES * _CLOTH_EMISSIVITY * _SIGMA * kelvin**4
        excess = passes * (skin - outside) + convection * (air - outside)
        excess += _RADIATES * _CLOTH_EMISSIVITY * radiant - emitted
        outside += excess / (passes + convection + 4.0 * emitted / kelvin)
    return outside


@njit(nogil=True, cache=True)
def _evaporation(skin, core, vapour, convection):
    """Heat of sweat, and of vapour that diffuses through the dry part of the skin, per area of skin. [W m⁻²]"""
    deficit = _saturation(skin) - vapour
    most = _LEWIS * convection * deficit / (1.0 + 0.92 * convection * _INSULATION)
    if most <= 0.0:
        return most
    above = max(0.1 * skin + 0.9 * core - _BODY_SET, 0.0)
    wet = min(_EVAPORATION * min(_SWEAT * above, _SWEAT_MOST) / most, 1.0)
    resistance = (1.0 / (_GROWTH * convection) + _INSULATION) / (_LEWIS * _PERMEABILITY)
    return wet * most + (1.0 - wet) * deficit / resistance


@njit(nogil=True, cache=True)
def _dry(skin, outside, air, radiant, convection):
    """Heat lost by radiation and convection, from bare skin and from clothing, per area of skin. [W m⁻²]"""
    bare = _RADIATES * _SKIN_EMISSIVITY * (_SIGMA * (skin + CELSIUS_0) ** 4 - radiant) + convection * (skin - air)
    clad = _RADIATES * _CLOTH_EMISSIVITY * (_SIGMA * (outside + CELSIUS_0) ** 4 - radiant)
    return (1.0 - _CLOTHED) * bare + _OUTSIDE * (clad + convection * (outside - air))


@njit(nogil=True, cache=True)
def _excess(skin, heat, air, radiant, vapour, convection):
    """Heat that a skin of this temperature cannot get rid of, per area of skin. [W m⁻²]"""
    outside = _clothing(skin, air, radiant, convection)
    lost = _evaporation(skin, _core(skin, heat), vapour, convection)
    return heat - lost - _dry(skin, outside, air, radiant, convection)


@njit(nogil=True, cache=True)
def _skin(heat, air, radiant, vapour, convection):
    """Skin temperature in balance, by false position that halves a stubborn end (Illinois); NaN without one. [°C]"""
    low, high = _COLDEST_SKIN, _HOTTEST_SKIN
    above = _excess(low, heat, air, radiant, vapour, convection)
    below = _excess(high, heat, air, radiant, vapour, convection)
    if not (above > 0.0 and below < 0.0):
        return np.nan
    side = 0
    for _ in range(60):
        skin = (low * below - high * above) / (below - above)
        excess = _excess(skin, heat, air, radiant, vapour, convection)
        if abs(excess) < 1e-4:
            return skin
        if excess > 0.0:
            low, above = skin, excess
            below *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            high, below = skin, excess
            above *= 0.5 if side == -1 else 1.0
            side = -1
    return 0.5 * (low + high)


@njit(nogil=True, cache=True)
def _room(skin, outside, evaporated):
    """Temperature of the still room in which a body of these temperatures is in balance. [°C]"""
    convection = _convection(_ROOM_WIND, _STANDARD)
    radiates = _RADIATES * ((1.0 - _CLOTHED) * _SKIN_EMISSIVITY + _OUTSIDE * _CLOTH_EMISSIVITY)
    room = skin - 10.0
    for _ in range(20):
        radiant = _SIGMA * (room + CELSIUS_0) ** 4
        excess = _HEAT - _breath(room, _ROOM_VAPOUR, _STANDARD) - evaporated
        excess -= _dry(skin, outside, room, radiant, convection)
        step = excess / (4.0 * radiates * radiant / (room + CELSIUS_0) + convection * (1.0 - _CLOTHED + _OUTSIDE))
        room -= step
        if abs(step) < 1e-4:
            break
    return room


@njit(nogil=True, cache=True)
def pet_of(air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure, air_pressure):
    """PET of one person.

    Parameters
    ----------
    air_temperature, mean_radiant_temperature : float
        [K]
    wind_speed : float
        At the person, 1.1 m. [m s⁻¹]
    vapour_pressure, air_pressure : float
        [Pa]

    Returns
    -------
    float
        NaN where an input is, or where no skin between −40 and 60 °C is in balance. [K]

    Notes
    -----
    Höppe (1999), doi:10.1007/s004840050118, with the model of vapour through skin and clothing and the simultaneous
    solution of core, skin and clothing of Walther and Goestchel (2018), doi:10.1016/j.buildenv.2018.04.021. The three
    temperatures found outdoors are carried into the room, where the body's whole balance gives the air's temperature;
    sweat is what the room lets evaporate. Clothing is a plane layer. Where those sources leave a choice (permeation of
    clothing, set point of sweat, the clothing's temperature in the room) it was made by what an independent program
    of the corrected model gives.
    """
    air, vapour, pressure = air_temperature - CELSIUS_0, vapour_pressure * 0.01, air_pressure * 0.01
    radiant = _SIGMA * mean_radiant_temperature**4
    convection = _convection(max(wind_speed, 0.0), pressure)
    heat = _HEAT - _breath(air, vapour, pressure)
    skin = _skin(heat, air, radiant, vapour, convection)
    if not (wind_speed == wind_speed and skin == skin):
        return np.nan
    outside = _clothing(skin, air, radiant, convection)
    evaporated = _evaporation(skin, _core(skin, heat), _ROOM_VAPOUR, _convection(_ROOM_WIND, _STANDARD))
    return _room(skin, outside, evaporated) + CELSIUS_0


@njit(nogil=True, cache=True)
def pet_block(air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure, air_pressure, out, first, last):
    """PET of the cells first … last − 1; some microseconds a cell.

    Parameters
    ----------
    air_temperature, mean_radiant_temperature, wind_speed, vapour_pressure : (cell,) float32
        As in `pet_of`.
    air_pressure : float
        [Pa]
    out : (cell,) float32
        PET, written. [K]
    first, last : int
        Cells of this block.
    """
    for cell in range(first, last):
        out[cell] = pet_of(
            float(air_temperature[cell]),
            float(mean_radiant_temperature[cell]),
            float(wind_speed[cell]),
            float(vapour_pressure[cell]),
            air_pressure,
        )
