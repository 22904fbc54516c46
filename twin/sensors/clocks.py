"""Clocks of devices that are whole hours off: told by when their readings come, or by how a neighbour's go.

The two changes of the clock on the wall are read by `twin.sensors.feeds.payloads.WallClock`.
"""

import numpy as np
from numpy.typing import NDArray

from twin.sensors.model import SECOND

HOUR = 3600.0
"""[s]"""
NEAR_HOUR = 600.0
"""A clock is whole hours off if what is left is at most this: what a feed takes to come; assumed. [s]"""
BETTER = 0.1
"""By so much must a course fit better when moved; assumed. [1]"""


def hours_late(time: NDArray[np.int64], received: NDArray[np.int64]) -> int:
    """Whole hours by which a device that tells at once is late, from when its readings came.

    Parameters
    ----------
    time, received : (reading,) int64
        [ns, UTC]

    Returns
    -------
    int
        Positive where its times are too early, as of a clock in UTC taken for that of the wall; 0 where it is right, or
        where its readings come so irregularly that nobody can know. [h]

    Notes
    -----
    A device that has stopped grows older from one reading to the next; one whose clock is off stays as late as it is.
    """
    lag = (np.asarray(received) - np.asarray(time)) / SECOND
    if lag.size < 3:
        return 0
    middle = float(np.median(lag))
    steady = float(np.quantile(lag, 0.9) - np.quantile(lag, 0.1)) <= NEAR_HOUR
    hours = round(middle / HOUR)
    return hours if steady and abs(middle - hours * HOUR) <= NEAR_HOUR else 0


def hours_moved(
    time: NDArray[np.int64],
    value: NDArray[np.float64],
    other_time: NDArray[np.int64],
    other: NDArray[np.float64],
    most: int = 3,
) -> int:
    """Whole hours by which a course has to be moved to go with another of the same quantity.

    Parameters
    ----------
    time, other_time : (reading,) int64
        [ns, UTC]
    value, other : (reading,) float64
        [unit of the quantity]
    most : int
        Farthest that is tried, both ways. [h]

    Returns
    -------
    int
        Negative where the first is ahead of the other; 0 if no move betters their correlation by `BETTER`, or if fewer
        than a day of hours are common. [h]
    """
    mine, theirs = _hourly(time, value), _hourly(other_time, other)
    found: dict[int, float] = {}
    for move in range(-most, most + 1):
        common = [(one, theirs[hour + move]) for hour, one in mine.items() if hour + move in theirs]
        if len(common) >= 24:
            a, b = np.array(common).T
            if a.std() > 0.0 and b.std() > 0.0:
                found[move] = float(np.corrcoef(a, b)[0, 1])
    if 0 not in found:
        return 0
    best = max(found, key=lambda move: (found[move], -abs(move)))
    return best if found[best] >= found[0] + BETTER else 0


def _hourly(time: NDArray[np.int64], value: NDArray[np.float64]) -> dict[int, float]:
    """Mean of each hour, by its number since 1970."""
    known = np.isfinite(value)
    hours, which = np.unique(np.asarray(time)[known] // (3600 * SECOND), return_inverse=True)
    means = np.bincount(which, np.asarray(value)[known]) / np.maximum(np.bincount(which), 1)
    return dict(zip(hours.tolist(), means.tolist(), strict=True))
