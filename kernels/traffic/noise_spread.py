"""How the noise of streets reaches a facade: lines seen under an angle, reflections, and what buildings hide."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kernels.contract import LayerError

#: Height of the source of road vehicles above the road: Directive 2002/49/EC, annex II, 2.2.1. [m]
SOURCE_HEIGHT = 0.05
#: Height at which noise is assessed on facades: Directive 2002/49/EC, annex I, 1. [m]
RECEIVER_HEIGHT = 4.0
#: Energy that a wall with windows and small bays sends back: ISO 9613-2:1996, table 4. [1]
REFLECTED = 0.8
#: Walls from which a sound may come back before it is left out: further ones add a third of a decibel at most.
ORDERS = 4
#: What a closed row of buildings takes off: ISO 9613-2:1996, eq. A.3, -10 lg(1 - p), with the greatest part p = 0.9 of
#: the row that the standard lets count. Whole blocks hide more; beyond this it says nothing. [dB]
BEHIND_BUILDINGS = 10.0
#: A line is not heard from nearer than this: its vehicles have a width. [m]
NEAREST = 1.0
#: Hours of the day, evening and night, and what is added to each in Lden: Directive 2002/49/EC, annex I, 1. [h], [dB]
PERIODS = {"day": (12.0, 0.0), "evening": (4.0, 5.0), "night": (8.0, 10.0)}


def line_gain(across: ArrayLike, first: ArrayLike, last: ArrayLike, height: float | None = None) -> NDArray:
    """What arrives of a straight stretch of a line source, as part of its power.

    Parameters
    ----------
    across : (…) float
        Distance between the receiver and the line, seen from above. [m]
    first, last : (…) float
        Where the stretch begins and ends along the line, from the foot of the receiver's perpendicular. [m]
    height : float, optional
        Of the receiver above the source; that of facades if left out. [m]

    Returns
    -------
    (…) float64
        ``L = L' + 10 lg(gain)`` with L' in dB re 1 pW/m. [m⁻¹]

    Notes
    -----
    A point of power W on hard ground sends ``W / (2 pi r²)`` to r: geometrical divergence and 3 dB of hard ground, both
    of Directive 2002/49/EC, annex II, 2.5.6. Incoherent points along a line give its integral,
    ``W' angle / (2 pi d)`` at the distance d under the angle of view; an endless line ``W' / (2 d)``. Air takes less
    than 0.5 dB over 100 m at 1 kHz (ISO 9613-1) and is left out; so are wind and warmth of the air.
    """
    height = RECEIVER_HEIGHT - SOURCE_HEIGHT if height is None else height
    distance = np.maximum(np.hypot(np.asarray(across, np.float64), height), NEAREST)
    angle = np.abs(np.arctan2(last, distance) - np.arctan2(first, distance))
    return angle / (2.0 * np.pi * distance)


def facade_gain(
    receiver: NDArray, begin: NDArray, end: NDArray, left: NDArray, right: NDArray, hidden: NDArray
) -> NDArray:
    """What arrives of pieces of streets at facades, without what the facade itself sends back.

    Parameters
    ----------
    receiver : (pair, 2) float
        Where the facade is. [m]
    begin, end : (pair, 2) float
        Ends of the straight piece of street. [m]
    left, right : (pair,) float
        Distance from the piece to the facades on its left and right; infinite where it is open. [m]
    hidden : (pair,) bool
        Whether buildings stand between.

    Returns
    -------
    (pair,) float64
        See `line_gain`; per metre of power on both directions together. [m⁻¹]

    Raises
    ------
    LayerError
        A piece of no length.

    Notes
    -----
    The facade across the street sends back `REFLECTED` of the sound of a source mirrored in it, Directive 2002/49/EC
    annex II, 2.5.6. Where both sides are built the sound goes to and fro, up to `ORDERS` times: each image is one wall
    further. The last wall is always the one across, as the Directive assesses what arrives at a facade without what the
    facade itself sends back.
    """
    along = end - begin
    length = np.hypot(along[:, 0], along[:, 1])
    if not (length > 0.0).all():
        pair = int(np.flatnonzero(~(length > 0.0))[0])
        raise LayerError(f"pair {pair}: the piece of street has no length; leave it out")
    unit = along / length[:, None]
    off = receiver - begin
    foot = (off * unit).sum(axis=1)
    side = unit[:, 0] * off[:, 1] - unit[:, 1] * off[:, 0]  # positive on the left
    across, first, last = np.abs(side), -foot, length - foot
    gain = line_gain(across, first, last)
    own, facing = np.where(side > 0.0, left, right), np.where(side > 0.0, right, left)
    across_it = np.isfinite(facing) & ~hidden
    between = across_it & np.isfinite(own)
    facing, width = np.where(across_it, facing, 0.0), np.where(between, own + facing, 0.0)
    for order in range(1, ORDERS + 1):
        off = across + (2.0 * facing + (order - 1) * width if order % 2 else order * width)
        seen = across_it if order == 1 else between
        gain += np.where(seen, REFLECTED**order * line_gain(off, first, last), 0.0)
    return np.where(hidden, gain * 10.0 ** (-BEHIND_BUILDINGS / 10.0), gain)


def day_evening_night(day: ArrayLike, evening: ArrayLike, night: ArrayLike) -> NDArray:
    """The level of a whole day in which evenings and nights weigh more, Lden.

    Parameters
    ----------
    day, evening, night : (…) float
        Mean levels from 7 to 19 h, 19 to 23 h and 23 to 7 h. [dB(A)]

    Returns
    -------
    (…) float64
        [dB(A)]

    Notes
    -----
    Directive 2002/49/EC, annex I, 1.
    """
    whole = 0.0
    for level, (hours, added) in zip((day, evening, night), PERIODS.values(), strict=True):
        whole = whole + hours * 10.0 ** ((np.asarray(level, np.float64) + added) / 10.0)
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(np.asarray(whole) / 24.0)
