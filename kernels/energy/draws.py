"""Habits that differ: what one building draws hour by hour, so that five hundred dwellings do not peak at once.

No state: every number comes from a hash of the building's seed, so no order of buildings and no thread counts.
"""

from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

APPLIANCES, HOT_WATER, VEHICLES, SHIFT = 0, 1, 2, 3
"""Streams of numbers of a building, each on its own."""

_GAINS, _BASE = 3, 4
"""Places of what comes evenly in a building's week, after the streams of draws."""

HOURS = 168
"""Of a week."""

HOT_WATER_DRAW = 0.816 * 3.6e6
"""Equal draw-offs that vary as much as real ones hold the mean of squares over the mean: the 23 draw-offs of tapping
cycle M (EN 16147:2017: 19 of 0.105, 0.315, 0.735 and 2 of 1.4 kWh) are as 7.2 of this. [J]"""

APPLIANCE_BURST = 0.8 * 3.6e6
"""What appliances of a dwelling take at once, assumed: a wash, or an oven for half an hour. [J]"""
BASE_SHARE = 0.4
"""Of appliances' mean that does not come in bursts: cold, standby, ventilation; assumed. [1]"""
WARMING_SHARE = 0.7
"""Of a burst that warms the rooms: ISO 13790:2008, table G.12, dwellings. [1]"""

VEHICLE_CHARGE = 3.7 * 3.6e6
"""An hour on a plug of 16 A. [J]"""

LEVEL_SPREAD = 0.5
"""Standard deviation of a dwelling's yearly use over its mean, at one floor area: assumed. [1]"""
OTHER_LEVEL_SPREAD = 0.25
"""The same for a building without dwellings: assumed. [1]"""
SHIFT_SPREAD = 1.0
"""Standard deviation of when a household does things; half of it without dwellings: assumed. [h]"""
GREATEST_SHIFT = 3.0
"""[h]"""

BUCKETS = 1024
"""Parts of equal chance of a distribution."""
_WORD, _SPARE = np.uint64(0xFFFFFFFF), np.uint64(22)
"""32 bits, and how many of them are more than tell a bucket."""
_LEAST, _MOST = -10, 10
"""Powers of two between which means of draws have rows, four to an octave."""
_LAST = 4 * (_MOST - _LEAST)

_GOLDEN = np.uint64(2654435769)
"""2³² over the golden ratio: multiples of it fill a ring most evenly (Knuth 1998, The Art of Computer Programming 3,
6.4), so that the weeks of a year meet every part of a distribution."""


@cache
def quantile_rows() -> NDArray[np.float32]:
    """Numbers of draws over their mean, as quantiles of Poisson's law.

    Returns
    -------
    (row * 1024,) float32
        Rows one after another, by mean, see `row_of`; the mean of each is 1. In the last, of great means, all is 1. [1]

    Notes
    -----
    A bucket holds the mean of the quantile function across it, so that no rounding moves the mean.
    """
    rows = np.ones((_LAST + 1, BUCKETS))
    edges = np.linspace(0.0, 1.0, BUCKETS + 1)
    for row in range(_LAST):
        mean = 2.0 ** (_LEAST + row // 4) * (1 + (row % 4 + 0.5) / 4)
        count = np.arange(int(mean + 12 * np.sqrt(mean) + 12))
        chance = np.exp(np.concatenate([[0.0], np.cumsum(np.log(mean / count[1:]))]) - mean)
        below, drawn = np.cumsum(chance), np.cumsum(chance * count)
        known = np.concatenate([[0.0], below / below[-1]])
        rows[row] = BUCKETS * np.diff(np.interp(edges, known, np.concatenate([[0.0], drawn / drawn[-1]])))
    found = rows.astype(np.float32).ravel()
    found.flags.writeable = False
    return found


@njit(nogil=True, cache=True)
def row_of(mean_draws):
    """Row of `quantile_rows` for a mean number of draws in an hour.

    Parameters
    ----------
    mean_draws : float
        [1]

    Returns
    -------
    int
        Four rows to an octave, told by the first bits of the number.
    """
    row = (np.float64(mean_draws).view(np.int64) >> 50) - ((1023 + _LEAST) << 2)
    return min(max(row, 0), _LAST)


@njit(nogil=True, cache=True)
def hash_of(seed, key):
    """Sixty-four even bits of a seed and a key.

    Parameters
    ----------
    seed, key : int64

    Returns
    -------
    uint64

    Notes
    -----
    Finaliser of SplitMix64, Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195, over the seed's own and the key.
    """
    found = np.uint64(seed)
    for more in (np.uint64(0), np.uint64(key)):
        found += (more + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        found ^= found >> np.uint64(31)
    return found


@njit(nogil=True, cache=True)
def normal_of(seed, key):
    """Standard normal number of a seed and a key.

    Parameters
    ----------
    seed, key : int64

    Returns
    -------
    float

    Notes
    -----
    Box and Muller (1958), doi:10.1214/aoms/1177706645.
    """
    bits = hash_of(seed, key)
    one = (np.float64(bits >> np.uint64(32)) + 0.5) / 4294967296.0
    two = np.float64(bits & _WORD) / 4294967296.0
    return np.sqrt(-2.0 * np.log(one)) * np.cos(2.0 * np.pi * two)


@njit(nogil=True, cache=True)
def shift_of(seed, dwellings):
    """How much later than its use's week a building does things.

    Parameters
    ----------
    seed : int64
    dwellings : float
        0 where nobody lives. [1]

    Returns
    -------
    float
        Negative is earlier; dwellings of one building even out. [h]
    """
    spread = (
        SHIFT_SPREAD / np.sqrt(dwellings)
        if dwellings >= 1.0
        else (SHIFT_SPREAD if dwellings > 0.0 else SHIFT_SPREAD / 2)
    )
    return min(max(spread * normal_of(seed, HOURS * (SHIFT + 1)), -GREATEST_SHIFT), GREATEST_SHIFT)


@njit(nogil=True, cache=True)
def level_of(seed, stream, dwellings):
    """How much more than its use's mean a building draws.

    Parameters
    ----------
    seed : int64
    stream : int
        `APPLIANCES` or `HOT_WATER`.
    dwellings : float
        0 where nobody lives. [1]

    Returns
    -------
    float
        Lognormal with mean 1, the variance shared by the number of dwellings. [1]
    """
    variance = LEVEL_SPREAD**2 / max(dwellings, 1.0) if dwellings > 0.0 else OTHER_LEVEL_SPREAD**2
    variance = np.log(1.0 + variance)
    return np.exp(np.sqrt(variance) * normal_of(seed, HOURS * (SHIFT + 2) + stream) - 0.5 * variance)


@njit(nogil=True, cache=True)
def shift_week(week, shift, out):
    """Move a week later on its ring.

    Parameters
    ----------
    week : (168,) float64
        Any unit.
    shift : float
        A part of an hour mixes two; the week's mean stays. [h]
    out : (168,) float64
        Filled.
    """
    whole = int(np.floor(shift))
    part = shift - whole
    for hour in range(HOURS):
        at = (hour - whole) % HOURS
        out[hour] = week[at] + part * (week[at - 1] - week[at])


def empty_week() -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    """Room for a building's week: ``mean`` (5, 168) and ``draws`` (3, 2, 168), see `fill_week`."""
    return np.zeros((5, HOURS)), np.zeros((3, 2, HOURS), np.uint64)


@njit(nogil=True, cache=True)
def fill_week(gains, appliances, hot_water, charging, seed, dwellings, area, vehicles, mean, draws):
    """Make the week of one building from that of its use.

    Parameters
    ----------
    gains, appliances, hot_water : (168,) float64
        Of the use: sensible gains, appliances and light, heat of hot water. [W m⁻²]
    charging : (168,) float64
        Of the use, a vehicle. [W]
    seed : int64
        Of the building.
    dwellings, area, vehicles : float
        [1], heated floor [m²], [1].
    mean : (5, 168) float64
        Filled: means of what comes in draws, by stream, then what does not, of appliances and of gains. [W]
    draws : (3, 2, 168) uint64
        Filled, by stream: where the row of `quantile_rows` begins in the flat table, and where the hour of the week
        begins in the row, in 32 bits.
    """
    shift = shift_of(seed, dwellings)
    shift_week(appliances, shift, mean[APPLIANCES])
    shift_week(hot_water, shift, mean[HOT_WATER])
    shift_week(charging, shift, mean[VEHICLES])
    shift_week(gains, shift, mean[_GAINS])
    level = area * level_of(seed, APPLIANCES, dwellings)
    warm = area * level_of(seed, HOT_WATER, dwellings)
    for hour in range(HOURS):
        power = level * mean[APPLIANCES, hour]
        mean[APPLIANCES, hour] = (1 - BASE_SHARE) * power
        mean[_BASE, hour] = BASE_SHARE * power
        mean[HOT_WATER, hour] *= warm
        mean[VEHICLES, hour] *= vehicles
        mean[_GAINS, hour] = level * mean[_GAINS, hour] - WARMING_SHARE * mean[APPLIANCES, hour]
        draws[APPLIANCES, 0, hour] = row_of(3600.0 / APPLIANCE_BURST * mean[APPLIANCES, hour]) * BUCKETS
        draws[HOT_WATER, 0, hour] = row_of(3600.0 / HOT_WATER_DRAW * mean[HOT_WATER, hour]) * BUCKETS
        draws[VEHICLES, 0, hour] = row_of(3600.0 / VEHICLE_CHARGE * mean[VEHICLES, hour]) * BUCKETS
        first, second = hash_of(seed, hour), hash_of(seed, hour + HOURS)
        draws[APPLIANCES, 1, hour] = first >> np.uint64(32)
        draws[HOT_WATER, 1, hour] = first & _WORD
        draws[VEHICLES, 1, hour] = second & _WORD


@njit(nogil=True, cache=True)
def fill_draws(week_hour, first_hour, mean, row, start, quantiles, out):
    """Draws of one kind in some hours.

    Parameters
    ----------
    week_hour, first_hour
        As of `fill_hours`.
    mean : (168,) float64
        [W]
    row, start : (168,) uint64
        See `fill_week`.
    quantiles : (row * 1024,) float32
        Of `quantile_rows`, flat. [1]
    out : (hour,) float64
        Filled. [W]
    """
    hour, week = 0, first_hour // HOURS
    end = HOURS - first_hour % HOURS
    while hour < week_hour.size:
        step = np.uint64(week) * _GOLDEN
        clock, piece = week_hour[hour:end], out[hour:end]
        for one in range(clock.size):
            at = np.uint64(clock[one])  # unsigned: an index that cannot be negative costs no look
            piece[one] = mean[at] * quantiles[row[at] + (((start[at] + step) & _WORD) >> _SPARE)]
        hour, end, week = end, end + HOURS, week + 1


@njit(nogil=True, cache=True)
def fill_hours(week_hour, first_hour, mean, draws, quantiles, gains, appliances, hot_water, charging):
    """What one building draws in some hours, all of the building; how hours are cut into pieces does not count.

    Parameters
    ----------
    week_hour : (hour,) int64
        From Monday 0 h on the local clock, 0 to 167.
    first_hour : int
        The first of these hours, since the start of the run. [h]
    mean, draws
        Of `fill_week`.
    quantiles : (row * 1024,) float32
        Of `quantile_rows`, flat. [1]
    gains, appliances, hot_water, charging : (hour,) float64
        Filled: sensible gains, electricity of appliances and light, heat of hot water, electricity that vehicles would
        take as they arrive. [W]

    Notes
    -----
    Draws follow Poisson's law with the hour's own mean, so that many even out as 1 / sqrt(n); what appliances take in
    bursts warms the rooms then, too. In each hour of the week the weeks of a year step evenly through the
    distribution, which holds the year to its mean.
    """
    fill_draws(
        week_hour, first_hour, mean[APPLIANCES], draws[APPLIANCES, 0], draws[APPLIANCES, 1], quantiles, appliances
    )
    for hour in range(week_hour.size):
        at = np.uint64(week_hour[hour])
        gains[hour] = mean[_GAINS, at] + WARMING_SHARE * appliances[hour]
        appliances[hour] += mean[_BASE, at]
    fill_draws(week_hour, first_hour, mean[HOT_WATER], draws[HOT_WATER, 0], draws[HOT_WATER, 1], quantiles, hot_water)
    if np.any(mean[VEHICLES] > 0.0):
        fill_draws(week_hour, first_hour, mean[VEHICLES], draws[VEHICLES, 0], draws[VEHICLES, 1], quantiles, charging)
    else:
        charging[:] = 0.0
