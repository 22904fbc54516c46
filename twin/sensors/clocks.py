"""Times of devices: the clock on the wall of Brussels through both its changes, and clocks whole hours off."""

from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from twin.sensors.model import SECOND
from twin.sensors.quality import AHEAD_S, Flag
from twin.street_works import BRUSSELS

_QUARTER = 900 * SECOND
"""Every clock of the world differs from UTC by whole quarters, and changes at one. [ns]"""
HOUR = 3600.0
"""[s]"""
NEAR_HOUR = 600.0
"""A clock is whole hours off if what is left is at most this: what a feed takes to come; assumed. [s]"""
BETTER = 0.1
"""By so much must a course fit better when moved; assumed. [1]"""


def utc_of_wall(
    wall: NDArray[np.int64], *, group: NDArray[np.intp] | None = None, received: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """Times told by the clock on the wall of Brussels, without their zone.

    Parameters
    ----------
    wall : (reading,) int64
        What the clock shows, since 1970 as if it were UTC, in the order in which a device tells it. [ns]
    group : (reading,) int, optional
        Number of the device, where rows of several are mixed.
    received : int, optional
        When it came: nothing was measured later. [ns, UTC]

    Returns
    -------
    time : (reading,) int64
        [ns, UTC]
    flag : (reading,) uint16
        `Flag.CLOCK` where nobody can know.

    Notes
    -----
    The hour that is twice in autumn is told apart by the order of a device's rows: where the clock goes back, or stays,
    the second begins. If it never does, the reading is of the first hour unless ``received`` leaves the second one
    possible, and is flagged if both are. An hour that never is, in spring, is put forward and flagged.
    """
    wall = np.asarray(wall, np.int64)
    quarters, which = np.unique(wall // _QUARTER, return_inverse=True)
    first, second = (np.array([_offset(int(one), fold) for one in quarters], np.int64)[which] for fold in (0, 1))
    time, flag = wall - first, np.zeros(wall.size, np.uint16)
    flag[first < second] = np.uint16(Flag.CLOCK)
    twice = np.flatnonzero(first > second)
    if twice.size:
        owner = np.zeros(wall.size, np.intp) if group is None else np.asarray(group)
        rows = twice[np.argsort(owner[twice], kind="stable")]
        new = np.ones(rows.size, bool)
        new[1:] = (np.diff(owner[rows]) != 0) | (np.diff(wall[rows] // (86_400 * SECOND)) != 0)
        night = np.cumsum(new) - 1
        back = np.zeros(rows.size, bool)
        back[1:] = ~new[1:] & (np.diff(wall[rows]) <= 0)
        gone = np.cumsum(back)
        begun = gone - gone[np.flatnonzero(new)][night]
        told = np.zeros(night[-1] + 1, bool)
        told[night[back]] = True
        later = begun > 0
        if received is not None:
            possible = wall[rows] - second[rows] <= received + int(AHEAD_S * SECOND)
            later |= ~told[night] & possible
            flag[rows[~told[night] & possible]] = np.uint16(Flag.CLOCK)
        else:
            flag[rows[~told[night]]] = np.uint16(Flag.CLOCK)
        time[rows[later]] = (wall - second)[rows[later]]
    return time, flag


def _offset(quarter: int, fold: int) -> int:
    """The wall's clock less UTC when it shows so many quarters since 1970. [ns]"""
    shown = datetime(1970, 1, 1) + timedelta(seconds=900 * quarter)
    offset = shown.replace(tzinfo=BRUSSELS, fold=fold).utcoffset() or timedelta()
    return round(offset.total_seconds()) * SECOND


def wall_of(text: str, pattern: str) -> int:
    """What a clock shows, since 1970 as if it were UTC, from a text in a pattern of `datetime.strptime`. [ns]"""
    shown = datetime.strptime(text, pattern).replace(tzinfo=UTC)
    return round(shown.timestamp()) * SECOND


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
