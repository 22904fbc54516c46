"""Sensors that a program made up, for any city: seeded, the same whatever part of time is asked for, labelled demo."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyproj
import shapely
from numpy.typing import NDArray

from kernels.quantities import Language
from twin.city import CRS, City
from twin.sensors.model import SECOND, Datastream, Parsed, Readings, SensorError, Thing
from twin.sensors.recordings import Arrival
from twin.street_works import BRUSSELS

FEED = "demo"
HOUR, DAY = 3600.0, 86_400.0
"""[s]"""
SILENT = 0.01
"""Share of the blocks of two hours in which a device says nothing, as real ones do; assumed. [1]"""

Values = NDArray[np.float64]
Words = dict[Language, str]
KINDS: Mapping[str, Words] = {
    "traffic": {"fr": "Comptage de véhicules", "nl": "Voertuigtelling", "en": "Vehicle counter"},
    "bicycles": {"fr": "Comptage de vélos", "nl": "Fietstelling", "en": "Bicycle counter"},
    "air": {"fr": "Station de l'air", "nl": "Luchtmeetstation", "en": "Air station"},
    "rain": {"fr": "Pluviomètre", "nl": "Regenmeter", "en": "Rain gauge"},
    "parking": {"fr": "Parking", "nl": "Parking", "en": "Car park"},
    "bin": {"fr": "Poubelle connectée", "nl": "Slimme vuilnisbak", "en": "Smart bin"},
    "meter": {"fr": "Compteurs du bâtiment", "nl": "Meters van het gebouw", "en": "Meters of the building"},
}
"""What is made up, in words for people."""
MADE_UP: Words = {"fr": "démonstration", "nl": "demonstratie", "en": "demo"}


@dataclass(frozen=True, eq=False)
class Moments:
    """Ends of what is measured, by the clock of Brussels.

    Attributes
    ----------
    slot : (time,) int64
        Number of the period since 1970.
    hour, weekday, yearday, day : (time,) float64
        Of the day [h], 0 Monday [d], of the year [d], since 1970 [d].
    """

    slot: NDArray[np.int64]
    hour: Values
    weekday: Values
    yearday: Values
    day: Values

    @classmethod
    def of(cls, ends: NDArray[np.int64], period: float) -> "Moments":
        """From times. [ns, UTC]"""
        wall = pd.DatetimeIndex(ends, tz="UTC").tz_convert(BRUSSELS)
        naive = wall.tz_localize(None).to_numpy("datetime64[ns]").astype(np.int64) / SECOND
        return cls(ends // int(period * SECOND), naive % DAY / HOUR, wall.day_of_week.to_numpy(float),
                   wall.day_of_year.to_numpy(float), np.floor(naive / DAY))  # fmt: skip


def uniform(key: NDArray[np.uint64], number: NDArray[np.int64]) -> Values:
    """Numbers from 0 to 1 that depend on nothing but key and number.

    Notes
    -----
    The finaliser of SplitMix64: G. L. Steele et al. (2014), Fast splittable pseudorandom number generators,
    doi:10.1145/2660193.2660195.
    """
    with np.errstate(over="ignore"):
        mixed = key[:, None] + (number[None, :].astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53


def _trait(key: NDArray[np.uint64], least: float, most: float, which: int = -1) -> Values:
    """A lasting trait of each device, (device, 1)."""
    return least + (most - least) * uniform(key, np.array([which], np.int64))


def _normal(key: NDArray[np.uint64], number: NDArray[np.int64]) -> Values:
    """Nearly normal numbers of variance 1: a sum of four uniform ones."""
    parts = sum(uniform(key ^ np.uint64(salt), number) for salt in (1, 2, 3, 4))
    return np.asarray((parts - 2.0) * np.sqrt(3.0))


def busy(when: Moments) -> Values:
    """Share of the busiest hour, with the peaks of a working day at 8:30 and 17:30 and one hump on other days. [1]"""
    hour = when.hour

    def hump(middle: float, width: float) -> Values:
        away = np.abs(hour - middle)
        return np.exp(-((np.minimum(away, 24.0 - away) / width) ** 2))

    work = 0.06 + 0.9 * hump(8.5, 1.6) + 0.45 * hump(13.0, 3.5) + 0.85 * hump(17.5, 2.0) + 0.15 * hump(21.0, 2.5)
    rest = 0.06 + 0.6 * hump(15.5, 4.5) + 0.12 * hump(0.0, 2.0)
    return np.minimum(1.0, np.where(when.weekday < 5, work, rest))


def _vehicles(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    mean = size[:, None] * _trait(key, 0.5, 1.0) * busy(when) / 12.0
    return np.maximum(0.0, np.rint(mean + np.sqrt(mean) * _normal(key, when.slot)))


def _speed(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    free = _trait(key, 25.0, 40.0) / 3.6
    return free * (1.0 - 0.45 * busy(when) ** 2) + 0.4 * _normal(key, when.slot)


def _bicycles(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    warm = 0.55 - 0.45 * np.cos(2 * np.pi * (when.yearday - 20) / 365.25)
    mean = size[:, None] * _trait(key, 0.4, 1.0) * busy(when) * (0.3 + 0.7 * warm) / 4.0
    return np.maximum(0.0, np.rint(mean + np.sqrt(mean) * _normal(key, when.slot)))


def _weather(when: Moments, seed: int) -> Values:
    """Departure of each day from its season, the same for the whole city, without a jump at midnight. [1]"""
    city = np.array([seed], np.uint64)
    today, next_day = (_normal(city, (when.day + k).astype(np.int64))[0] for k in (0, 1))
    return today + (next_day - today) * when.hour / 24.0


def _temperature(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    season = 11.0 - 8.0 * np.cos(2 * np.pi * (when.yearday - 20) / 365.25)
    day = -4.0 * np.cos(2 * np.pi * (when.hour - 3.0) / 24.0)
    return 273.15 + season + day + 2.0 * _weather(when, 7) + _trait(key, -0.6, 0.6) + 0.1 * _normal(key, when.slot)


def _humidity(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    day = 0.14 * np.cos(2 * np.pi * (when.hour - 3.0) / 24.0)
    return np.clip(0.74 + day - 0.04 * _weather(when, 7) + 0.01 * _normal(key, when.slot), 0.2, 1.0)


def _dioxide(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    still = 1.0 + 0.25 * _weather(when, 9)
    return 1e-9 * np.maximum(1.0, (8.0 + 32.0 * busy(when)) * still * _trait(key, 0.7, 1.3) + _normal(key, when.slot))


def _particles(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    winter = 1.0 + 0.4 * np.cos(2 * np.pi * (when.yearday - 20) / 365.25)
    still = 1.0 + 0.3 * _weather(when, 9)
    return 1e-9 * np.maximum(0.5, (9.0 + 5.0 * busy(when)) * winter * still + 0.5 * _normal(key, when.slot))


def _rain(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    """Spells of six hours, one in six wet; every gauge sees them, each a little otherwise."""
    slots = int(6 * HOUR / 300.0)
    spell, place = when.slot // slots, (when.slot % slots + 0.5) / slots
    city = np.array([11], np.uint64)
    wet = uniform(city, spell)[0] < 1 / 6
    total = 0.001 + 0.009 * uniform(city ^ np.uint64(5), spell)[0] ** 3
    shape = np.sin(np.pi * place) ** 2 * 2.0 / slots
    return np.where(wet, total * shape, 0.0) * _trait(key, 0.85, 1.15)


def _free(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    taken = np.clip(0.15 + 0.7 * busy(when) * _trait(key, 0.7, 1.1) + 0.01 * _normal(key, when.slot), 0.0, 1.0)
    return np.rint(size[:, None] * (1.0 - taken))


def _fill(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    """Filling by so much a day, emptied at six in the morning every two to four days."""
    every = np.floor(_trait(key, 2.0, 5.0))
    since = (when.day + (when.hour - 6.0) / 24.0 + np.floor(_trait(key, 0.0, 4.0, -2))) % every
    return np.minimum(1.1, since * _trait(key, 0.12, 0.4, -3))


def _electricity(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    power = size[:, None] * (2.0 + 8.0 * busy(when)) * _trait(key, 0.7, 1.3)
    return power * 900.0 * (1.0 + 0.03 * _normal(key, when.slot))


def _water(key: NDArray[np.uint64], when: Moments, size: Values) -> Values:
    mean = size[:, None] * 2e-5 * busy(when) * _trait(key, 0.5, 1.5)
    return np.maximum(0.0, np.rint(mean * (1.0 + 0.3 * _normal(key, when.slot)) * 1000.0) / 1000.0)


Course = Callable[[NDArray[np.uint64], Moments, Values], Values]
COURSES: Mapping[str, tuple[tuple[str, float, Course], ...]] = {
    "traffic": (("vehicle_count", 300.0, _vehicles), ("traffic_speed", 300.0, _speed)),
    "bicycles": (("bicycle_count", 900.0, _bicycles),),
    "air": (("nitrogen_dioxide", HOUR, _dioxide), ("particles_2_5", HOUR, _particles),
            ("air_temperature", 600.0, _temperature), ("relative_humidity", 600.0, _humidity)),
    "rain": (("rain_depth", 300.0, _rain),),
    "parking": (("free_places", 300.0, _free),),
    "bin": (("bin_fill", HOUR, _fill),),
    "meter": (("metered_electricity", 900.0, _electricity), ("metered_water", 900.0, _water)),
}  # fmt: skip
"""What each kind tells, how often [s], and its course."""
MOST: Mapping[str, int] = {"traffic": 12, "bicycles": 4, "air": 4, "rain": 3, "parking": 3, "bin": 12, "meter": 8}
"""So many of each, where the city has places for them."""
HOURLY = {"primary": 1600.0, "secondary": 1100.0, "tertiary": 600.0}
"""Vehicles in the busiest hour of a street by its kind, others 200; assumed. [h-1]"""


def demo_sensors(city: City, seed: int = 0) -> Parsed:
    """Sensors on the streets and buildings of a city.

    Parameters
    ----------
    city : City
    seed : int
        Another puts them elsewhere and makes other readings.

    Returns
    -------
    Parsed
        Things and datastreams without readings; all of them bear ``demo`` in their properties and in their names.

    Raises
    ------
    SensorError
        The city has neither streets nor buildings.
    """
    rng = np.random.default_rng(seed)
    things: list[Thing] = []
    to_degrees = pyproj.Transformer.from_crs(CRS, "EPSG:4326", always_xy=True)
    streets = city.links.sort_index()
    streets = streets.iloc[np.argsort([-HOURLY.get(kind, 200.0) for kind in streets["kind"]], kind="stable")]
    large = city.buildings.sort_values("volume", ascending=False, kind="stable")
    large = large[~large["use"].isin(["annex", ""])]
    for kind, words in KINDS.items():
        table = large if kind in ("meter", "rain") else streets
        where = table.iloc[: 4 * MOST[kind]] if kind in ("traffic", "meter") else table
        if where.empty:
            continue
        chosen = np.sort(rng.permutation(len(where))[: MOST[kind]])
        for number, place in enumerate(chosen.tolist(), 1):
            row = where.iloc[place]
            middle = row.geometry.interpolate(0.5, normalized=True) if table is streets else _inside(row.geometry)
            longitude, latitude = to_degrees.transform(middle.x, middle.y)
            names = {language: f"{word} {number} ({MADE_UP[language]})" for language, word in words.items()}
            properties: dict[str, Any] = {"demo": True, "kind": kind, "names": names, "seed": seed, "size": 1.0}
            properties["building" if table is large else "link"] = str(where.index[place])
            if kind in ("traffic", "bicycles"):
                properties["size"] = HOURLY.get(str(row["kind"]), 200.0) * (1.0 if kind == "traffic" else 0.2)
            elif kind == "parking":
                properties["size"] = properties["capacity"] = float(rng.integers(60, 400))
            elif kind == "meter":
                volume = float(row["volume"])
                properties["size"] = max(100.0, volume / 3.0) if np.isfinite(volume) else 300.0
            things.append(Thing(f"{FEED}:{kind}/{number}", names["en"], longitude, latitude, properties))
    if not things:
        raise SensorError(f"{city.name}: has neither streets nor buildings to put demo sensors on; import some")
    streams = [
        Datastream(f"{one.id}/{quantity}", one.id, quantity, period, FEED, 31.0, {"demo": True})
        for one in things
        for quantity, period, _ in COURSES[one.properties["kind"]]
    ]
    return Parsed(tuple(things), tuple(streams), Readings.none())


def _inside(shape: Any) -> shapely.Point:
    return shape.representative_point()


def readings_of(sensors: Parsed, start: int, end: int) -> Readings:
    """Readings whose time lies after ``start`` and not after ``end``. [ns, UTC]

    They are the same whatever is asked for along with them. A device is silent now and then: it has no reading there.
    """
    things = {one.id: one for one in sensors.things}
    by_course: dict[tuple[str, str], list[Datastream]] = {}
    for stream in sensors.datastreams:
        by_course.setdefault((things[stream.thing].properties["kind"], stream.quantity), []).append(stream)
    parts = []
    for (kind, quantity), streams in by_course.items():
        period, course = next((period, course) for name, period, course in COURSES[kind] if name == quantity)
        step = int(period * SECOND)
        ends = np.arange(start // step + 1, end // step + 1, dtype=np.int64) * step
        if not ends.size:
            continue
        when = Moments.of(ends, period)
        devices = [things[one.thing] for one in streams]
        device_key = np.array([_key(one.id, one.properties["seed"]) for one in devices], np.uint64)
        key = np.array([_key(one.id, things[one.thing].properties["seed"]) for one in streams], np.uint64)
        value = course(key, when, np.array([one.properties["size"] for one in devices], np.float64))
        spoken = uniform(device_key, ends // int(2 * HOUR * SECOND)) >= SILENT
        names = np.empty(len(streams), object)
        names[:] = [one.id for one in streams]
        every, times = np.repeat(names, ends.size), np.tile(ends, len(streams))
        told = np.broadcast_to(value, spoken.shape).ravel()
        some = spoken.ravel()
        parts.append(Readings(every[some], times[some], told[some], np.zeros(int(some.sum()), np.uint16)))
    whole = Readings.joined(parts)
    order = np.argsort(whole.time, kind="stable")
    return Readings(whole.datastream[order], whole.time[order], whole.value[order], whole.flag[order])


def _key(name: str, seed: int) -> int:
    """A number of 64 bits for a name: FNV-1a."""
    key = (14695981039346656037 ^ seed) & 0xFFFFFFFFFFFFFFFF
    for byte in name.encode():
        key = ((key ^ byte) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return key


def demo_arrivals(sensors: Parsed, start: int, end: int, step_s: float) -> Iterator[Arrival]:
    """Readings of each step as they would come, from ``start`` to ``end`` [ns, UTC]."""
    step = int(step_s * SECOND)
    for begin in range(start, end, step):
        until = min(end, begin + step)
        some = readings_of(sensors, begin, until)
        if len(some):
            yield Arrival(until, FEED, Parsed(sensors.things, sensors.datastreams, some))
