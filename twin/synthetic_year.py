"""A synthetic year of Brussels: the published normals of Uccle with drawn clouds and spells, for use without a file."""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import numpy as np
import xarray as xr
from scipy.special import ndtr, ndtri

from kernels.heat.evaporation import saturation_vapour_pressure
from kernels.heat.sky import diffuse_fraction
from kernels.heat.sky_longwave import downwelling_longwave
from kernels.quantities import attrs
from twin.heat_days import CELSIUS_0, HORIZON, HotDay, temperature_course
from twin.place import Place
from twin.sunlight import beyond_the_air, clear_sky, sun_of

TABLE = Path(__file__).parents[1] / "assets" / "weather_normals.csv"
YEAR = 2019
"""Calendar of the year; it has no leap day."""
ZONE = 1
"""Local standard time minus UTC: months are its months. [h]"""
HOURS = 8760
CLOUDLESS, OVERCAST = 0.75, 0.25
"""Global over extraterrestrial light of a day with all its sunshine, and with none: R. G. Allen, L. S. Pereira,
D. Raes, M. Smith (1998), FAO Irrigation and Drainage Paper 56, eq. 35, after Ångström and Prescott. [1]"""
CLOUD_LOSS, CLOUD_POWER = 0.75, 3.4
"""Light that a covered sky takes, and how it grows with the covered part: F. Kasten, G. Czeplak (1980), Solar Energy
24, 177-189, doi:10.1016/0038-092X(80)90391-6. [1]"""
SPELL = 2.9
"""Scatter of the daily mean temperature within a month: assumed, near that of Uccle's typical year. [K]"""
MEMORY = 0.8
"""How much of a day's anomaly stays to the next: assumed. [1]"""
CLEAR_IS_WARM = 0.5
"""Tie of a day's anomaly to its clearness at midsummer; in midwinter as much the other way: assumed. [1]"""
SWING = 0.35
"""Scatter of the day's range over that of its month; half of it by the clearness: assumed. [1]"""
CLOUD_MEMORY, CLOUD_DAY = 0.45, 0.75
"""Of the clouds from day to day, and the part of their scatter that is the day's, not the hour's: assumed. [1]"""
CLOUD_SPREAD = 2.0
"""Above 1 skies are more often clear or covered than half covered: assumed. [1]"""
GUSTS = 0.35
"""Scatter of the logarithm of the day's wind: assumed. [1]"""
AFTERNOON = 0.2
"""How much stronger the wind blows at 14 h than in the mean of the day: assumed. [1]"""
PREVAILING, TURNS = 225.0, 55.0
"""Where the wind comes from, and its scatter: assumed. [degree]"""


@dataclass(frozen=True)
class Normals:
    """Means of the months. (12,) float64 each

    Attributes
    ----------
    mean, lowest, highest : ndarray
        Of the air; the last two of the day. [K]
    sunshine : ndarray
        Sum of the month. [h]
    humidity, wind, turbidity : ndarray
        [1], [m s⁻¹], of Linke [1]
    """

    mean: np.ndarray
    lowest: np.ndarray
    highest: np.ndarray
    sunshine: np.ndarray
    humidity: np.ndarray
    wind: np.ndarray
    turbidity: np.ndarray


def normals(path: Path = TABLE) -> Normals:
    """The table of normals."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    columns = {
        name: np.array([float(row[name]) for row in rows]) for name in rows[0] if name not in ("month", "source")
    }
    return Normals(
        columns["mean_temperature_c"] + CELSIUS_0, columns["min_temperature_c"] + CELSIUS_0,
        columns["max_temperature_c"] + CELSIUS_0, columns["sunshine_h"], columns["relative_humidity_pct"] / 100,
        columns["wind_speed_m_s"], columns["linke_turbidity"],
    )  # fmt: skip


@lru_cache(maxsize=4)
def synthetic_year(place: Place, seed: int = 0) -> xr.Dataset:
    """A year of hours that has the months of Uccle's normals, and weather of its own within them.

    Parameters
    ----------
    place : Place
        Whose sun shines.
    seed : int
        Other seeds draw other spells and clouds with the same months.

    Returns
    -------
    xarray.Dataset
        Along ``time``, the UTC start of each hour of `YEAR`, as `twin.formats.epw.read` gives it; the sun stands in
        the middle of each hour. It is shared: do not change it.

    Notes
    -----
    Months have the normals' mean temperature, and the global light that their sunshine makes by Ångström and Prescott
    (Allen et al. 1998). The day's course of the air is that of Parton and Logan (1981), clouds dim a clear sky of
    Ineichen and Perez (2002) as Kasten and Czeplak (1980), the diffuse part is that of Erbs et al. (1982), the sky's
    long waves those of Prata, and Crawford and Duchon. Clear days are warmer in summer and colder in winter, and have a
    wider range.
    """
    drawn, known = _Drawn(seed), normals()
    begins = (
        np.datetime64(f"{YEAR}-01-01", "ns") - np.timedelta64(ZONE, "h") + np.arange(HOURS) * np.timedelta64(1, "h")
    )
    month = (begins + np.timedelta64(ZONE, "h")).astype("datetime64[M]").astype(int) % 12
    grey = drawn.course(HOURS // 24, CLOUD_MEMORY)  # above nil days are more covered than their month
    air = _air(begins, month, known, place, grey, drawn)
    cloud, whole, diffuse, direct = _light(begins, month, known, place, grey, drawn)
    wet = np.minimum(_vapour(air, month, known), saturation_vapour_pressure(air))
    fields = {
        "air_temperature": air,
        "relative_humidity": wet / saturation_vapour_pressure(air),
        "wind_speed": _wind(month, known, drawn),
        "wind_from_direction": _whence(drawn),
        "global_horizontal_irradiance": whole,
        "diffuse_horizontal_irradiance": diffuse,
        "direct_normal_irradiance": direct,
        "downwelling_longwave_irradiance": downwelling_longwave(air, wet, cloud),
    }
    return xr.Dataset(
        {name: ("time", values, attrs(name)) for name, values in fields.items()},
        coords={"time": ("time", begins, {"long_name": "Start of the hour (UTC)"})},
        attrs={"place": "Uccle, synthetic", "source": "synthetic, of published normals", "sun_offset_min": 0.0},
    )


class _Drawn:
    """Normal numbers whose stream is the same with every version of numpy: raw bits are, its normals need not be."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def normal(self, count: int) -> np.ndarray:
        raw = self._bits.random_raw(count) >> np.uint64(11)
        found: np.ndarray = ndtri((raw.astype(np.float64) + 0.5) * 2.0**-53)
        return found

    def course(self, count: int, memory: float) -> np.ndarray:
        """A course with mean 0, variance 1 and so much memory of the step before."""
        fresh = self.normal(count)
        found = np.empty(count)
        found[0] = fresh[0]
        for step in range(1, count):
            found[step] = memory * found[step - 1] + np.sqrt(1 - memory**2) * fresh[step]
        return found


def _smooth(monthly: np.ndarray, count: int) -> np.ndarray:
    """Straight from the middle of a month to that of the next, round the year. (count,)"""
    at = (np.arange(count) + 0.5) * 12 / count
    return np.interp(at, np.arange(-1, 13) + 0.5, np.concatenate([monthly[-1:], monthly, monthly[:1]]))


def _lifted(values: np.ndarray, month: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """A course moved smoothly until each month has its mean."""
    days = np.bincount(month, minlength=12)
    for _ in range(60):
        lacks = wanted - np.bincount(month, values, 12) / days
        values = values + _smooth(lacks, values.size)
    return values


def _air(
    begins: np.ndarray, month: np.ndarray, known: Normals, place: Place, grey: np.ndarray, drawn: _Drawn
) -> np.ndarray:
    """Temperature at the end of each hour. [K]"""
    days = HOURS // 24
    tie = -CLEAR_IS_WARM * np.cos(2 * np.pi * (np.arange(days) - 15) / days)
    middle = _smooth(known.mean, days) + SPELL * (np.sqrt(1 - tie**2) * drawn.course(days, MEMORY) - tie * grey)
    range_of_day = np.clip(1 + SWING * np.sqrt(0.5) * (drawn.normal(days) - grey), 0.2, 2.0)
    swing = _smooth(known.highest - known.lowest, days) * range_of_day
    first = date(YEAR, 1, 1)
    calendar = {
        first + timedelta(days=number): HotDay(
            first + timedelta(days=number), float(mid - 0.5 * span), float(mid + 0.5 * span), True, "synthetic", ""
        )
        for number, (mid, span) in enumerate(zip(middle, swing, strict=True))
    }
    return _lifted(temperature_course(begins + np.timedelta64(1, "h"), calendar, place), month, known.mean)


def _light(
    begins: np.ndarray, month: np.ndarray, known: Normals, place: Place, grey: np.ndarray, drawn: _Drawn
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Covered part of the sky, and global, diffuse and direct light. [1], [W m⁻²]"""
    middle = begins + np.timedelta64(30, "m")
    elevation, _ = sun_of(middle, place)
    outside = beyond_the_air(middle)
    clear = np.zeros(HOURS)
    for number, turbidity in enumerate(known.turbidity):
        mine = month == number
        clear[mine] = clear_sky(middle[mine], place, float(turbidity)).global_horizontal
    chance = np.sqrt(CLOUD_DAY) * np.repeat(grey, 24) + np.sqrt(1 - CLOUD_DAY) * drawn.course(HOURS, 0.7)
    cloud = np.empty(HOURS)
    for number, sunshine in enumerate(known.sunshine):
        mine = month == number
        light_hours = _light_hours(middle[mine], place)
        share = OVERCAST + (CLOUDLESS - OVERCAST) * min(sunshine / light_hours, 1.0)
        wanted = share * float((outside[mine] * np.maximum(np.sin(elevation[mine]), 0.0)).sum())
        cloud[mine] = _covered(chance[mine], clear[mine], wanted)
    whole = clear * (1 - CLOUD_LOSS * cloud**CLOUD_POWER)
    part = diffuse_fraction(whole, elevation, "erbs", outside)
    sine = np.maximum(np.sin(elevation), 1e-6)
    direct = np.where(elevation > 0, whole * (1 - part) / sine, 0.0)
    return cloud, whole, whole - direct * np.where(elevation > 0, sine, 0.0), direct


def _covered(chance: np.ndarray, clear: np.ndarray, wanted: float) -> np.ndarray:
    """Clouds by a normal course, as many as leave the light that is wanted: their mean is found by halving."""
    low, high = -12.0, 12.0
    for _ in range(60):
        mean = 0.5 * (low + high)
        light = float((clear * (1 - CLOUD_LOSS * ndtr(mean + CLOUD_SPREAD * chance) ** CLOUD_POWER)).sum())
        low, high = (mean, high) if light > wanted else (low, mean)
    found: np.ndarray = ndtr(0.5 * (low + high) + CLOUD_SPREAD * chance)
    return found


def _light_hours(middle: np.ndarray, place: Place) -> float:
    """Hours from sunrise to sunset, by the six minutes. [h]"""
    parts = np.concatenate([middle + np.timedelta64(minute, "m") for minute in range(-27, 30, 6)])
    return float((sun_of(parts, place)[0] > HORIZON).sum() / 10)


def _vapour(air: np.ndarray, month: np.ndarray, known: Normals) -> np.ndarray:
    """Vapour that the day's mean air holds at the month's humidity. [as `saturation_vapour_pressure`]"""
    mean = np.repeat(air.reshape(-1, 24).mean(axis=1), 24)
    found: np.ndarray = known.humidity[month] * saturation_vapour_pressure(mean)
    return found


def _wind(month: np.ndarray, known: Normals, drawn: _Drawn) -> np.ndarray:
    """[m s⁻¹]"""
    hour = np.arange(HOURS) % 24
    drawn_day = np.exp(GUSTS * np.repeat(drawn.course(HOURS // 24, 0.5), 24))
    speed = drawn_day * (1 + AFTERNOON * np.cos(2 * np.pi * (hour - 14) / 24))
    mean = np.bincount(month, speed, 12) / np.bincount(month, minlength=12)
    found: np.ndarray = speed * (known.wind / mean)[month]
    return found


def _whence(drawn: _Drawn) -> np.ndarray:
    found: np.ndarray = (PREVAILING + TURNS * np.repeat(drawn.course(HOURS // 24, 0.6), 24)) % 360
    return found
