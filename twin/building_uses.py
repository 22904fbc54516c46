"""Twelve uses of buildings and the week of each: people, appliances, hot water, air, set points, charging."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from kernels.quantities import LANGUAGES, QUANTITIES, Language

_ASSETS = Path(__file__).parents[1] / "assets"

USES = (
    "dwelling_house", "dwelling_flats", "office", "retail", "restaurant", "hotel", "school", "university",
    "hospital_care", "sport", "culture_worship", "industry_storage",
)  # fmt: skip
"""Names of uses; their places are the codes of ``building_use``."""

SOURCES = {
    "ISO 13790 G.12": "ISO 13790:2008, annex G, table G.12: persons, their heat, electricity and the part of it that "
    "warms, hot water and set points by type of building",
    "EN 16798-1 C": "EN 16798-1:2019, annex C: 20 and 26 degrees Celsius when used, 16 and 32 when not; annex B, "
    "category II: 7 l/s of fresh air a person",
}
"""Works behind the short names of the table; what a row names as assumed is ours, and so are the courses of the day."""

STOREY_HEIGHT = 3.0
"""From floor to floor, assumed: turns fresh air by floor area into changes of the volume. [m]"""

HOUSE_AREA, HOUSE_STOREYS = 350.0, 4
"""A residential building up to this floor area [m²] and height is taken for a house: assumed."""

UNIVERSITY_AREA = 10_000.0
"""Education beyond this floor area is taken for higher education: assumed. [m²]"""

WARM_UP = 2
"""Set points rise evenly over so many hours before they must be met, as controls do: assumed. [h]"""

VEHICLE_YEAR = 2000.0
"""Charged where a vehicle stands most in a year: 15,000 km of 0.17 kWh, four fifths of it there; assumed. [kWh]"""

_CITY_USES = {
    "office": "office",
    "retail": "retail",
    "education": "school",
    "worship": "culture_worship",
    "transport": "industry_storage",
    "annex": "industry_storage",
}
_UNHEATED = ("annex",)
_HOURS_OF_YEAR, _CELSIUS_0 = 8760.0, 273.15
WORDS = (
    "occupied_gains", "appliance_power", "hot_water_heat", "heat_set_point", "cool_set_point", "fresh_air_change",
    "vehicle_charging",
)  # fmt: skip
"""What `weeks` tells."""


@dataclass(frozen=True)
class Use:
    """What people of a use do in a year.

    Attributes
    ----------
    key : str
    label : dict
        What people read, by language.
    person_area : float
        Floor area for each of the people there at full presence. [m²]
    person_heat : float
        Sensible. [W]
    electricity, hot_water : float
        Appliances and light; heat of hot water at the tap. [kWh m⁻² a⁻¹]
    idle_share : float
        Of the full load while nobody is there, where power follows presence. [1]
    warming_share : float
        Of electricity that warms the rooms. [1]
    person_air, least_air : float
        Fresh air for a person [m³ h⁻¹] and always [m³ h⁻¹ m⁻²].
    heat_set_point, heat_setback, cool_set_point, cool_setback : float
        [K]
    heated_from, heated_until, heated_days : int
        Hours between which the set point is met, and days from Monday.
    presence, power, hot_water_course, charging : str
        Profiles; empty: as presence goes.
    source : str
        Of what is not assumed.
    assumed : tuple of str
        Columns of the table that no source gives.
    """

    key: str
    label: dict[Language, str]
    person_area: float
    person_heat: float
    electricity: float
    idle_share: float
    warming_share: float
    hot_water: float
    person_air: float
    least_air: float
    heat_set_point: float
    heat_setback: float
    cool_set_point: float
    cool_setback: float
    heated_from: int
    heated_until: int
    heated_days: int
    presence: str
    power: str
    hot_water_course: str
    charging: str
    source: str
    assumed: tuple[str, ...]


@cache
def uses() -> tuple[Use, ...]:
    """All uses, in the order of their codes."""
    with (_ASSETS / "building_uses.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Use(
                key=row["use"],
                label={language: row[language] for language in LANGUAGES},
                person_area=float(row["person_area_m2"]),
                person_heat=float(row["person_heat_w"]),
                electricity=float(row["electricity_kwh_m2"]),
                idle_share=float(row["idle_share"]),
                warming_share=float(row["warming_share"]),
                hot_water=float(row["hot_water_kwh_m2"]),
                person_air=float(row["person_air_m3_h"]),
                least_air=float(row["least_air_m3_h_m2"]),
                heat_set_point=float(row["heat_set_point_c"]) + _CELSIUS_0,
                heat_setback=float(row["heat_setback_c"]) + _CELSIUS_0,
                cool_set_point=float(row["cool_set_point_c"]) + _CELSIUS_0,
                cool_setback=float(row["cool_setback_c"]) + _CELSIUS_0,
                heated_from=int(row["heated_from"]),
                heated_until=int(row["heated_until"]),
                heated_days=int(row["heated_days"]),
                presence=row["presence"],
                power=row["power"],
                hot_water_course=row["hot_water"],
                charging=row["charging"],
                source=row["source"],
                assumed=tuple(row["assumed"].split()),
            )
            for row in csv.DictReader(file)
        )


def use_of(
    city_use: ArrayLike, storeys: ArrayLike, floor_area: ArrayLike
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Codes of uses for what a city's table says.

    Parameters
    ----------
    city_use : (building,) str
        Column ``use`` of the city, or one of `USES`, which is taken as it is.
    storeys : (building,) float64
        NaN where unknown. [1]
    floor_area : (building,) float64
        Of all storeys. [m²]

    Returns
    -------
    code : (building,) int64
        Place in `USES`.
    assumed : (building,) bool
        Where the city's table says nothing, so that a dwelling is taken, as most buildings of the Region are.
    """
    given = np.atleast_1d(np.asarray(city_use, dtype=object))
    high, area = (np.broadcast_to(np.asarray(one, float), given.shape) for one in (storeys, floor_area))
    house = ~(high > HOUSE_STOREYS) & ~(area > HOUSE_AREA)
    code = np.where(house, USES.index("dwelling_house"), USES.index("dwelling_flats")).astype(np.int64)
    known = given == "residential"
    for word, use in (_CITY_USES | {one: one for one in USES}).items():
        here = given == word
        code[here], known[here] = USES.index(use), True
    code[(given == "education") & (area > UNIVERSITY_AREA)] = USES.index("university")
    return code, ~known


def heated(city_use: ArrayLike) -> NDArray[np.bool_]:
    """Whether buildings of a city's use are zones: annexes, such as garages and sheds, are not.

    Parameters
    ----------
    city_use : (building,) str

    Returns
    -------
    (building,) bool
    """
    return ~np.isin(np.atleast_1d(np.asarray(city_use, dtype=str)), _UNHEATED)


@cache
def weeks() -> xr.Dataset:
    """Weeks of all uses from Monday 0 h of the local clock, the same all year round.

    Returns
    -------
    xarray.Dataset
        `WORDS` along ``(use, week_hour)``; do not write into it.
    """
    rows: dict[str, list[NDArray[np.float64]]] = {word: [] for word in WORDS}
    for use in uses():
        for word, values in _week(use).items():
            rows[word].append(values)
    units = {word: QUANTITIES[word].units for word in WORDS}
    return xr.Dataset(
        {word: (("use", "week_hour"), np.array(rows[word]), {"units": units[word]}) for word in WORDS},
        coords={"use": list(USES)},
    )


def _week(use: Use) -> dict[str, NDArray[np.float64]]:
    """The week of one use."""
    presence = _profiles()[use.presence]
    course = _profiles()[use.power] if use.power else use.idle_share + (1 - use.idle_share) * presence
    warm = _profiles()[use.hot_water_course] if use.hot_water_course else presence
    power = _mean_of(course, use.electricity)
    persons = presence / use.person_area
    wanted = _wanted(use)
    charging = _profiles()[use.charging]
    return {
        "occupied_gains": persons * use.person_heat + use.warming_share * power,
        "appliance_power": power,
        "hot_water_heat": _mean_of(warm, use.hot_water),
        "heat_set_point": use.heat_setback + wanted * (use.heat_set_point - use.heat_setback),
        "cool_set_point": use.cool_setback + wanted * (use.cool_set_point - use.cool_setback),
        "fresh_air_change": np.maximum(persons * use.person_air, use.least_air) / STOREY_HEIGHT,
        "vehicle_charging": _mean_of(charging, VEHICLE_YEAR),
    }


def _mean_of(course: NDArray[np.float64], year: float) -> NDArray[np.float64]:
    """A course laid on a year's sum. [W] for [kWh a⁻¹]"""
    found: NDArray[np.float64] = course / course.mean() * (year * 1000 / _HOURS_OF_YEAR)
    return found


def _wanted(use: Use) -> NDArray[np.float64]:
    """How far from setback (0) to set point (1) in each hour of the week, warm-up included."""
    day, hour = np.divmod(np.arange(168), 24)
    on = (day < use.heated_days) & (hour >= use.heated_from) & (hour < use.heated_until)
    found = on.astype(float)
    for before in range(1, WARM_UP + 1):
        found = np.maximum(found, np.roll(on, -before) * (1 - before / (WARM_UP + 1)))
    return found


@cache
def _profiles() -> dict[str, NDArray[np.float64]]:
    """Courses of a week by name. (168,) [1]"""
    days: dict[tuple[str, str], list[float]] = {}
    with (_ASSETS / "building_weeks.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            days[row["profile"], row["day"]] = [float(row[f"{hour}h"]) for hour in range(24)]
    week = (*["weekday"] * 5, "saturday", "sunday")
    return {name: np.concatenate([days[name, day] for day in week]) for name in dict.fromkeys(one for one, _ in days)}
