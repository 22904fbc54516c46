"""Readings held against those of the devices around them: the odd one out, and thermometers heated by the sun."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from kernels.heat.sun import sun_position
from twin.sensors.limits import Limits, limits_of
from twin.sensors.model import SECOND, Datastream, Readings, Thing
from twin.sensors.quality import Flag, usable

SLOT_S = 1800.0
"""Readings of one such slot are of one time; assumed. [s]"""
FEWEST = 3
"""So many others must tell before one is judged; assumed."""
ENOUGH = 5
"""From so many others on, their own spread is heard too; assumed."""
ROBUST = 3.5 * 1.4826
"""Of the median deviation from the median: B. Iglewicz, D. C. Hoaglin (1993), How to detect and handle outliers. [1]"""
SUN_UP = np.radians(5.0)
"""Above this elevation the sun heats what is not shielded; assumed. [rad]"""
_METRES_PER_DEGREE = 111_195.0
"""Of a great circle on a sphere of 6,371 km. [m degree⁻¹]"""


def compared(
    readings: Readings,
    streams: Mapping[str, Datastream],
    things: Mapping[str, Thing],
    *,
    table: Mapping[str, Limits] | None = None,
) -> Readings:
    """Readings with the flags that those around them give away.

    Parameters
    ----------
    readings : Readings
        Of all devices at about the same times, after `quality.checked`: faulty ones judge nobody.
    streams : mapping of str to Datastream
    things : mapping of str to Thing
        Those without a place are not judged.
    table : mapping of str to Limits, optional
        Of the city's own.

    Returns
    -------
    Readings
        The same rows, times and values; `Flag.NEIGHBOUR`, and `Flag.SUN_HEATED` in its stead where air is hotter than
        around while the sun is up.

    Notes
    -----
    A buddy check (L. Båserud et al. 2020, TITAN automatic spatial quality control of meteorological in-situ
    observations, Adv. Sci. Res. 17, 153-163, doi:10.5194/asr-17-153-2020) against the median of the others, so that one
    bad neighbour accuses nobody. That citizens' thermometers too warm by day stand in the sun: F. Meier et al. (2017),
    Crowdsourcing air temperature from citizen weather stations, Urban Climate 19, 170-191,
    doi:10.1016/j.uclim.2017.01.006. Where most of the neighbours stand in the sun as well, nothing is told.
    """
    flag = readings.flag.copy()
    code, names = pd.factorize(readings.datastream)
    rules = [limits_of(streams[name], table) for name in names]
    placed = [things.get(streams[name].thing) for name in names]
    quantity = np.array([rule.quantity for rule in rules], object)
    judged = np.array(
        [
            rule.neighbour is not None and rule.radius_m is not None and None not in _degrees(one)
            for rule, one in zip(rules, placed, strict=True)
        ],
        bool,
    )
    for name in dict.fromkeys(quantity[judged].tolist()):
        members = np.flatnonzero(judged & (quantity == name))
        rule = rules[members[0]]
        place = np.array([_degrees(placed[one]) for one in members], np.float64)
        local = np.full(len(names), -1)
        local[members] = np.arange(members.size)
        rows = np.flatnonzero((local[code] >= 0) & np.isfinite(readings.value))
        _judge(readings, flag, rows, local[code[rows]], place, rule)
    return Readings(readings.datastream, readings.time, readings.value, flag)


def _degrees(thing: Thing | None) -> tuple[float | None, float | None]:
    return (None, None) if thing is None else (thing.longitude, thing.latitude)


def _judge(
    readings: Readings,
    flag: NDArray[np.uint16],
    rows: NDArray[np.intp],
    station: NDArray[np.intp],
    place: NDArray[np.float64],
    rule: Limits,
) -> None:
    """Flag the readings of one quantity; ``place`` is (station, 2) [degree]."""
    limit = np.inf if rule.neighbour is None else rule.neighbour
    slots, slot = np.unique(readings.time[rows] // int(SLOT_S * SECOND), return_inverse=True)
    sound = usable(readings.flag[rows])
    shape = (slots.size, place.shape[0])
    cell = slot * shape[1] + station
    sums = np.bincount(cell[sound], readings.value[rows[sound]], minlength=shape[0] * shape[1])
    many = np.bincount(cell[sound], minlength=shape[0] * shape[1])
    with np.errstate(invalid="ignore"):
        means = (sums / np.where(many > 0, many, np.nan)).reshape(shape)
    scale = _METRES_PER_DEGREE * np.array([np.cos(np.radians(place[:, 1].mean())), 1.0])
    tree = cKDTree(place * scale)
    around = tree.query_ball_point(place * scale, rule.radius_m)
    elevation: NDArray[np.float64] | None = None
    if rule.quantity == "air_temperature":
        moments = readings.time[rows].astype("datetime64[ns]")
        elevation = sun_position(moments, float(place[:, 1].mean()), float(place[:, 0].mean()))[0]
    for mine, found in enumerate(around):
        others = [one for one in found if one != mine]
        here = np.flatnonzero(station == mine)
        if len(others) < FEWEST or not here.size:
            continue
        told = means[:, others]
        number = np.isfinite(told).sum(axis=1)
        heard = number >= FEWEST
        middle, spread = np.full(slots.size, np.nan), np.zeros(slots.size)
        middle[heard] = np.nanmedian(told[heard], axis=1)
        rich = number >= ENOUGH
        spread[rich] = ROBUST * np.nanmedian(np.abs(told[rich] - middle[rich, None]), axis=1)
        differs = readings.value[rows[here]] - middle[slot[here]]
        odd = np.abs(differs) > np.maximum(limit, spread[slot[here]])
        sunny = np.zeros(here.size, bool) if elevation is None else (differs > 0.0) & (elevation[here] > SUN_UP)
        flag[rows[here[odd & sunny]]] |= np.uint16(Flag.SUN_HEATED)
        flag[rows[here[odd & ~sunny]]] |= np.uint16(Flag.NEIGHBOUR)
