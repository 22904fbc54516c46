"""Cross sections of conduits: area, width and wetted perimeter by depth, with a slot above the crown."""

import math

import numpy as np
from numba import njit

from kernels.flood.sewer_words import CIRCULAR, EGG, RECTANGULAR, RECTANGULAR_OPEN, TRAPEZOIDAL
from kernels.flood.shallow_water import GRAVITY

PRESSURE_WAVE_SPEED = 30.0
"""Speed of a pressure wave in a full conduit, which sets the width of the slot. [m s⁻¹]

The true speed in concrete is near 1000 m/s; water hammer is not asked of the sewer of a city, and a slow wave lets the
steps be long. Slots of 1 to 5 % of the diameter, as is usual, give 12 to 28 m/s in a pipe of 1 m.
"""
# the top half disc, the band between the side arcs less what lies beyond them, the bottom cap; see `_egg`
_EGG_AREA = 2.0 * (0.25 * math.pi + 4.5 * (0.6 * 0.8 + math.asin(0.6)) - 3.6 + 0.125 * (math.acos(0.6) - 0.6 * 0.8))


@njit(nogil=True, error_model="numpy", inline="always")
def is_open(shape):
    """Whether a shape has no crown."""
    return shape in (RECTANGULAR_OPEN, TRAPEZOIDAL)


@njit(nogil=True, error_model="numpy")
def _arc(y, centre, radius):
    """Primitive of ``sqrt(radius² - (y - centre)²)``: half the area under an arc. [m²]"""
    t = min(max((y - centre) / radius, -1.0), 1.0)
    return 0.5 * radius * radius * (t * math.sqrt(1.0 - t * t) + math.asin(t))


@njit(nogil=True, error_model="numpy")
def _egg(y, height):
    """Area, width and perimeter of the standard egg 2:3 up to depth ``y``.

    Notes
    -----
    DIN 4263: with ``r`` a third of the height, the top is a circle of radius r, the bottom one of r/2, the sides are
    arcs of 3r about points 2r beside the axis at the height of the top's centre; they meet at 0.2 r and at 2 r.
    Full area 4.594 r², perimeter 7.930 r.
    """
    r = height / 3.0
    low, side = min(y, 0.2 * r), min(max(y, 0.2 * r), 2.0 * r)
    half = _arc(low, 0.5 * r, 0.5 * r) - _arc(0.0, 0.5 * r, 0.5 * r)
    wet = 0.5 * r * (math.asin(min((low - 0.5 * r) / (0.5 * r), 1.0)) + 0.5 * math.pi)
    width = math.sqrt(max(0.25 * r * r - (low - 0.5 * r) ** 2, 0.0))
    if y > 0.2 * r:
        half += _arc(side, 2.0 * r, 3.0 * r) - _arc(0.2 * r, 2.0 * r, 3.0 * r) - 2.0 * r * (side - 0.2 * r)
        wet += 3.0 * r * (math.asin((side - 2.0 * r) / (3.0 * r)) - math.asin(-0.6))
        width = math.sqrt(9.0 * r * r - (side - 2.0 * r) ** 2) - 2.0 * r
    if y > 2.0 * r:
        half += _arc(y, 2.0 * r, r)
        wet += r * math.asin(min((y - 2.0 * r) / r, 1.0))
        width = math.sqrt(max(r * r - (y - 2.0 * r) ** 2, 0.0))
    return 2.0 * half, 2.0 * width, 2.0 * wet


@njit(nogil=True, error_model="numpy")
def section(y, shape, height, width, slope, slot):
    """What a cross section offers the water at one depth.

    Parameters
    ----------
    y : float
        Depth above the invert. [m]
    shape : int
        One of `SHAPES`, by its place.
    height, width : float
        Inner height; inner width, of a trapezium at the bottom. [m]
    slope : float
        Side slope of a trapezium, horizontal per vertical. [1]
    slot : float
        Width of the slot above a crown. [m]

    Returns
    -------
    area, top, perimeter : float
        Wet area with that in the slot [m²], width of the surface and never less than the slot's [m], wetted
        perimeter, of the section alone [m].

    Notes
    -----
    Above the height an open section has upright walls. A full closed one is wet all round, crown too.
    """
    if y <= 0.0:
        return 0.0, slot, 0.0
    d = min(y, height)
    if shape == CIRCULAR:
        t = 1.0 - 2.0 * d / height
        half = math.acos(max(t, -1.0))
        sine = 2.0 * math.sqrt(max(d * (height - d), 0.0)) / height
        area, top, wet = 0.25 * height * height * (half - sine * t), height * sine, height * half
    elif shape == EGG:
        area, top, wet = _egg(d, height)
    elif shape == TRAPEZOIDAL:
        top = width + 2.0 * slope * d
        area, wet = 0.5 * (width + top) * d, width + 2.0 * d * math.sqrt(1.0 + slope * slope)
    else:
        area, top, wet = width * d, width, width + 2.0 * d
    if y > height:
        if is_open(shape):
            area += top * (y - height)
            wet += 2.0 * (y - height)
        else:
            area += slot * (y - height)
            top = slot
    if y >= height and shape == RECTANGULAR:
        wet = 2.0 * (width + height)
    return area, max(top, slot), wet


@njit(nogil=True, error_model="numpy")
def critical_depth(discharge, shape, height, width, slope, slot):
    """Depth at which a discharge runs at Froude number 1, at most the height of a closed section.

    Parameters
    ----------
    discharge : float
        Of one barrel, its sign is not looked at. [m³ s⁻¹]
    shape, height, width, slope, slot
        As in `section`.

    Returns
    -------
    float
        [m]

    Notes
    -----
    Root of ``A³/T = Q²/g`` (Chow 1959, Open-Channel Hydraulics, eq. 4-3), by Newton inside a bracket.
    """
    target = discharge * discharge / GRAVITY
    if target <= 0.0:
        return 0.0
    low, high = 0.0, height
    while is_open(shape):
        area, top, _ = section(high, shape, height, width, slope, slot)
        if area**3 >= target * top:
            break
        high *= 2.0
    y = 0.5 * high
    for _ in range(60):
        area, top, _ = section(y, shape, height, width, slope, slot)
        ratio = area**3 / (target * top)
        if ratio > 1.0:
            high = y
        else:
            low = y
        # the slope of ln(A³/T) is 3T/A but for the change of T
        new = y - math.log(ratio) * area / (3.0 * top) if ratio > 0.0 else 0.5 * (low + high)
        if not low < new < high:
            new = 0.5 * (low + high)
        if abs(new - y) <= 1e-9 * height:
            return new
        y = new
    return y


def full_areas(shape: np.ndarray, height: np.ndarray, width: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Area of each section filled to its height. [m²]

    Parameters
    ----------
    shape, height, width, slope : (conduit,) array
        As in `section`.
    """
    of = {
        CIRCULAR: 0.25 * math.pi * height**2,
        RECTANGULAR: width * height,
        RECTANGULAR_OPEN: width * height,
        TRAPEZOIDAL: (width + slope * height) * height,
        EGG: _EGG_AREA * (height / 3.0) ** 2,
    }
    return np.select([shape == one for one in of], list(of.values()), np.nan).astype(float)


def slot_widths(areas: np.ndarray) -> np.ndarray:
    """Width of the slot above the crown of sections of some full areas. [m]

    Notes
    -----
    ``g A / a²`` for the speed ``a`` of `PRESSURE_WAVE_SPEED`: water in a full pipe then moves like water under a free
    surface (Preissmann and Cunge 1961, Calcul du mascaret sur machine électronique, La Houille Blanche 5).
    """
    return GRAVITY * areas / PRESSURE_WAVE_SPEED**2
