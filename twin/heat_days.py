"""Hot days as they were measured, and the course of the air's temperature through them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from kernels.heat.sun import sun_position
from twin.place import Place
from twin.rainfall import rows_of

_TABLE = Path(__file__).parents[1] / "assets" / "heat_days.csv"
CELSIUS_0 = 273.15
"""0 degrees Celsius. [K]"""

MAX_AFTER_NOON = 1.86 * 3600
"""The air is hottest this long after solar noon. [s]"""
MIN_AFTER_SUNRISE = -0.17 * 3600
"""The air is coolest this long after sunrise. [s]"""
NIGHT_DECAY = 2.20
"""How fast the air cools from sunset to its minimum. [1]

These three: W. J. Parton, J. A. Logan (1981), A model for diurnal variation in soil and air temperature, Agric.
Meteorol. 23, 205-216, doi:10.1016/0002-1571(81)90105-9, for air at 1.5 m, fitted at Denver."""

HORIZON = np.radians(-0.833)
"""Elevation of the sun's centre when its upper edge rises or sets, refraction and radius included. [rad]"""


@dataclass(frozen=True)
class HotDay:
    """The temperatures of a day.

    Attributes
    ----------
    day : date
    lowest, highest : float
        [K]
    assumed : bool
        Whether the lowest was not measured: then the mean is taken to lie midway between the two.
    source, licence : str
    """

    day: date
    lowest: float
    highest: float
    assumed: bool
    source: str
    licence: str


@cache
def hot_days() -> dict[date, HotDay]:
    """Days that come with the project, in their order."""
    rows = rows_of(_TABLE.read_text(encoding="utf-8"))
    found = {}
    for values in rows[1:]:
        row = dict(zip(rows[0], values, strict=True))
        highest, known = float(row["max_temperature_c"]), row["min_temperature_c"]
        lowest = float(known) if known else 2 * float(row["mean_temperature_c"]) - highest
        day = date.fromisoformat(row["date"])
        found[day] = HotDay(day, lowest + CELSIUS_0, highest + CELSIUS_0, not known, row["source"], row["licence"])
    return found


def temperature_course(times: np.ndarray, days: Mapping[date, HotDay], place: Place) -> np.ndarray:
    """Temperature of the air through days whose lowest and highest are known.

    Parameters
    ----------
    times : (time,) datetime64
        [UTC]
    days : mapping of date to HotDay
        Of the place's own calendar; before the first and after the last these two repeat.
    place : Place

    Returns
    -------
    (time,) float64
        [K]

    Notes
    -----
    By day a sine from the minimum to `MAX_AFTER_NOON`, by night an exponential, as Parton and Logan (1981); the night's
    branch is shifted and stretched so that it ends on the next minimum, which theirs misses by a tenth of the fall.
    """
    when = np.asarray(times, dtype="datetime64[s]").astype(np.int64).astype(float)
    known = sorted(days)
    local = when + place.solar_offset
    first = date(1970, 1, 1) + timedelta(days=int(local.min() // 86400) - 1)
    count = int(local.max() // 86400) - int(local.min() // 86400) + 3
    calendar = [first + timedelta(days=number) for number in range(count)]
    bounds = [days[min(max(day, known[0]), known[-1])] for day in calendar]
    coolest, sunset, noon = (np.array(part) for part in zip(*(_turns(day, place) for day in calendar), strict=True))
    found = np.empty(when.size)
    for number, (low, peak) in enumerate(zip(coolest[:-1], noon[:-1] + MAX_AFTER_NOON, strict=True)):
        dark, dawn = sunset[number], coolest[number + 1]
        lowest, highest = bounds[number].lowest, bounds[number].highest
        end = lowest + (highest - lowest) * np.sin(np.pi / 2 * (dark - low) / (peak - low))
        by_day = (when >= low) & (when <= dark)
        found[by_day] = lowest + (highest - lowest) * np.sin(np.pi / 2 * (when[by_day] - low) / (peak - low))
        by_night = (when > dark) & (when < dawn)
        gone = (when[by_night] - dark) / (dawn - dark)
        share = (np.exp(-NIGHT_DECAY * gone) - np.exp(-NIGHT_DECAY)) / (1 - np.exp(-NIGHT_DECAY))
        after = bounds[number + 1].lowest
        found[by_night] = after + (end - after) * share
    return found


_COARSE = 20
"""Minutes between the first looks for the turns of a day. [min]"""


@cache
def _turns(day: date, place: Place) -> tuple[float, float, float]:
    """When the air is coolest, when the sun sets and when it is noon on a day, since 1970 (UTC). [s]"""
    midnight = (day - date(1970, 1, 1)).days * 86400 - place.solar_offset
    coarse = np.arange(0, 1441, _COARSE)
    seen = _elevations(midnight, coarse, place)
    up = np.flatnonzero(seen > HORIZON)
    if up.size and up.size < coarse.size:
        # every minute counts near the turns only
        turns = coarse[[up[0], up[-1], int(np.argmax(seen))]]
        near = (turns[:, None] + np.arange(-_COARSE, _COARSE + 1)).ravel()
        fine = np.unique(near[(near >= 0) & (near <= 1440)])
        seen = _elevations(midnight, fine, place)
        up = np.flatnonzero(seen > HORIZON)
    else:
        fine = np.arange(1441)
        seen = _elevations(midnight, fine, place)
        up = np.array([360, 1080])  # beyond the polar circles: as at the equinox
    minutes = midnight + 60.0 * fine
    rise, fall = float(minutes[up[0]]), float(minutes[up[-1]])
    return rise + MIN_AFTER_SUNRISE, fall, float(minutes[int(np.argmax(seen))])


def _elevations(midnight: float, minutes: np.ndarray, place: Place) -> np.ndarray:
    """Of the sun, so many minutes after a midnight. [rad]"""
    stamps = ((midnight + 60.0 * minutes) * 1e9).astype(np.int64).view("datetime64[ns]")
    return sun_position(stamps, place.latitude, place.longitude, place.altitude)[0]
