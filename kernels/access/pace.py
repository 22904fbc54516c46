"""How fast people walk and cycle on a slope."""

import numpy as np

WALK_UP_STAIRS = 0.5
"""Horizontal speed on stairs, whichever way. Fruin 1971, Pedestrian Planning and Design, gives about 0.5 up and 0.65
down; the slower of the two is taken, rounded. [m s⁻¹]"""

RIDER_POWER = 75.0
"""Easy riding, assumed: what nearly anyone holds for an hour, after the curves of Wilson and Schmidt 2020, Bicycling
Science, 4th ed. [W]"""
RIDER_MASS = 95.0
"""Rider 75, bicycle 17, bag 3; assumed. [kg]"""
ROLLING = 0.008
"""Rolling resistance of utility tyres, assumed in the span of Wilson and Schmidt 2020. [1]"""
DRAG_AREA = 0.63
"""Drag coefficient by frontal area of an upright utility bicycle, about 1.15 by 0.55 m² as in Wilson and Schmidt 2020.
[m²]"""
AIR_DENSITY = 1.2
"""At 20 degrees and sea level. [kg m⁻³]"""
GRAVITY = 9.81
"""[m s⁻²]"""
FASTEST_RIDE = 25.0 / 3.6
"""A rider brakes downhill: no faster than a supported bicycle may go, 25 km/h. [m s⁻¹]"""


def walking_speed(slope: np.ndarray) -> np.ndarray:
    """Tobler's hiking function: 5.04 km/h on the flat, 6 km/h at most, down a slope of 5 %.

    Parameters
    ----------
    slope : array_like
        Rise over run in the way of walking. [1]

    Returns
    -------
    ndarray
        [m s⁻¹]

    Notes
    -----
    Tobler (1993), Three presentations on geographical analysis and modeling, NCGIA technical report 93-1:
    ``W = 6 exp(-3.5 |S + 0.05|)`` km/h.
    """
    return 6.0 / 3.6 * np.exp(-3.5 * np.abs(np.asarray(slope, float) + 0.05))


def cycling_speed(slope: np.ndarray) -> np.ndarray:
    """Speed at which easy riding holds a slope; where that is slower than walking, the bicycle is pushed.

    Parameters
    ----------
    slope : array_like
        Rise over run in the way of riding. [1]

    Returns
    -------
    ndarray
        [m s⁻¹]

    Notes
    -----
    The balance ``P = v (m g (sin a + C cos a) + rho A v² / 2)`` without wind, Wilson and Schmidt (2020), solved by
    Newton's method from above, where it falls monotonously to the one positive root; `RIDER_POWER`, `RIDER_MASS`,
    `ROLLING` and `DRAG_AREA` are constant.
    """
    slope = np.asarray(slope, float)
    along = 1.0 / np.sqrt(1.0 + slope**2)
    force = RIDER_MASS * GRAVITY * along * (slope + ROLLING)
    drag = 0.5 * AIR_DENSITY * DRAG_AREA
    # above every root: where the slope brakes, drag alone; where it pushes, drag against twice the push
    speed = np.cbrt(2 * RIDER_POWER / drag) + np.sqrt(2 * np.maximum(-force, 0.0) / drag)
    for _ in range(60):
        left = speed * (force + drag * speed**2) - RIDER_POWER
        speed = speed - left / np.maximum(force + 3 * drag * speed**2, 1e-9)
    return np.maximum(np.minimum(speed, FASTEST_RIDE), np.minimum(walking_speed(slope), FASTEST_RIDE))
