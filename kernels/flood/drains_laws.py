"""Laws of weirs, orifices and pumps between two nodes of a sewer."""

import math

from numba import njit

from kernels.flood.sewer_words import PUMP_CONSTANT, PUMP_IDEAL, PUMP_LIFT, PUMP_STEPS
from kernels.flood.shallow_water import GRAVITY


@njit(nogil=True, error_model="numpy")
def submergence(up, down):
    """Part of the free discharge of a weir that is left when the water behind stands above its crest.

    Parameters
    ----------
    up, down : float
        Heads above the crest, before and behind. [m]

    Returns
    -------
    float
        [1]

    Notes
    -----
    ``(1 - (h2/h1)^1.5)^0.385`` of Villemonte (1947), Submerged-weir discharge studies, Engineering News-Record 139.
    """
    if down <= 0.0:
        return 1.0
    if down >= up:
        return 0.0
    ratio = down / up
    return (1.0 - ratio * math.sqrt(ratio)) ** 0.385


@njit(nogil=True, error_model="numpy")
def weir_discharge(up, down, length, coefficient, side_slope, side_coefficient, height):
    """Discharge over a weir from the higher to the lower side.

    Parameters
    ----------
    up, down : float
        Heads above the crest, before and behind; ``down`` may be negative. [m]
    length : float
        Of the crest. [m]
    coefficient, side_coefficient : float
        C of ``C L h^1.5`` and of ``C S h^2.5`` for sloping sides. [m^0.5 s⁻¹]
    side_slope : float
        S of the sides, horizontal per vertical. [1]
    height : float
        Of the opening; a head above it works as on an orifice. [m]

    Returns
    -------
    float
        [m³ s⁻¹]

    Notes
    -----
    Chow (1959), Open-Channel Hydraulics, section 14-1; drowned after `submergence`. Above the opening the discharge
    goes with the root of the head over the middle of the opening, joined to the weir where it is just full.
    """
    if up <= 0.0:
        return 0.0
    h = min(up, height)
    free = h * math.sqrt(h) * (coefficient * length + side_coefficient * side_slope * h)
    if up > height:
        if down > 0.5 * height:
            return free * math.sqrt(max(up - down, 0.0) / (0.5 * height))
        return free * math.sqrt((up - 0.5 * height) / (0.5 * height))
    return free * submergence(up, down)


@njit(nogil=True, error_model="numpy")
def orifice_discharge(up, down, height, area, coefficient):
    """Discharge through an orifice from the higher to the lower side.

    Parameters
    ----------
    up, down : float
        Heads above its lowest edge, before and behind; ``down`` may be negative. [m]
    height : float
        Of the opening in a wall; 0 for one in a floor, which works under its whole head. [m]
    area : float
        [m²]
    coefficient : float
        Discharge coefficient. [1]

    Returns
    -------
    float
        [m³ s⁻¹]

    Notes
    -----
    ``C A sqrt(2 g h)`` with h over the middle of the opening, or over the water behind where that is higher. An
    opening in a wall that is partly full is a weir: its discharge falls with the 1.5th power of its filling, drowned
    after `submergence`.
    """
    if up <= 0.0:
        return 0.0
    middle = 0.5 * height
    if up >= height:
        return coefficient * area * math.sqrt(2.0 * GRAVITY * max(up - max(down, middle), 0.0))
    filling = up / height
    full = coefficient * area * math.sqrt(GRAVITY * height)
    return full * filling * math.sqrt(filling) * submergence(up, down)


@njit(nogil=True, error_model="numpy")
def _on_curve(x, heads, flows, first, last, steps):
    """Discharge on a curve whose points are ``first`` to ``last``; held beyond its ends. [m³ s⁻¹]"""
    for k in range(first, last):
        if x < heads[k]:
            if steps or k == first:
                return flows[k]
            part = (x - heads[k - 1]) / (heads[k] - heads[k - 1])
            return flows[k - 1] + part * (flows[k] - flows[k - 1])
    return flows[last - 1]


@njit(nogil=True, error_model="numpy")
def pump_discharge(law, depth, lift, capacity, heads, flows, first, last):
    """Discharge of a pump that is on.

    Parameters
    ----------
    law : int
        One of `PUMP_LAWS`, by its place.
    depth, lift : float
        Depth in the node it draws from; rise of head to the node it delivers to. [m]
    capacity : float
        Of a pump without a curve. [m³ s⁻¹]
    heads, flows : (point,) float64
        Curves of all pumps [m], [m³ s⁻¹]; a step's flow holds below its depth.
    first, last : int
        Points of this pump.

    Returns
    -------
    float
        [m³ s⁻¹]
    """
    if law in (PUMP_CONSTANT, PUMP_IDEAL) or last <= first:
        return capacity
    x = max(lift, 0.0) if law == PUMP_LIFT else depth
    return max(_on_curve(x, heads, flows, first, last, law == PUMP_STEPS), 0.0)


@njit(nogil=True, error_model="numpy", inline="always")
def even_out(discharge, fall, room_up, room_down, dt):
    """Keep a discharge from doing more in a step than making two levels equal.

    Parameters
    ----------
    discharge : float
        By its law. [m³ s⁻¹]
    fall : float
        Of the levels between which it runs. [m]
    room_up, room_down : float
        Free surfaces on both sides. [m²]
    dt : float
        [s]

    Returns
    -------
    float
        [m³ s⁻¹]
    """
    return min(discharge, fall / (dt * (1.0 / room_up + 1.0 / room_down)))
