"""Meters on the city's buildings: which site each stands in, what could be saved there, and what is wrong in words."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd

from kernels.quantities import Language
from twin.city import CRS, City, CityError
from twin.formats.meters_csv import Meter
from twin.monitoring import DAY, EnergyMeter, WaterMeter

COLUMNS = ("meter", "building", "name", "area_m2")
"""Of a file of sites; the last two may be missing or empty."""

RECENT = 30
"""A drift told within so many days of the last reading still lasts; assumed. [day]"""

YEAR = 365.25 * DAY
"""[s]"""

State = Literal["alarm", "before", "calm", "unknown"]

_KWH, _LITRE_PER_HOUR = 3.6e6, 1e-3 / 3600.0

_KINDS: dict[str, dict[Language, str]] = {
    "electricity": {"fr": "Électricité", "nl": "Elektriciteit", "en": "Electricity"},
    "heat": {"fr": "Chaleur", "nl": "Warmte", "en": "Heat"},
    "gas": {"fr": "Gaz", "nl": "Gas", "en": "Gas"},
}
_DRIFT: dict[Language, str] = {
    "fr": "{kind} : plus que prévu depuis le {day}, {kwh} kWh par an.",
    "nl": "{kind}: meer dan verwacht sinds {day}, {kwh} kWh per jaar.",
    "en": "{kind}: above what is expected since {day}, {kwh} kWh a year.",
}
_PAST: dict[Language, str] = {
    "fr": "{kind} : a dépassé le prévu dès le {day}, c'est fini.",
    "nl": "{kind}: lag boven het verwachte vanaf {day}, dat is voorbij.",
    "en": "{kind}: was above what is expected from {day}; it is over.",
}
_NIGHT: dict[Language, str] = {
    "fr": "{kind} : {watts} W de plus la nuit que la médiane par m², {kwh} kWh par an.",
    "nl": "{kind}: 's nachts {watts} W boven de mediaan per m², {kwh} kWh per jaar.",
    "en": "{kind}: {watts} W more at night than the median per m², {kwh} kWh a year.",
}
_LEAK: dict[Language, str] = {
    "fr": "Eau : fuite de {litres} l/h, signalée le {day}.",
    "nl": "Water: lek van {litres} l/u, gemeld op {day}.",
    "en": "Water: a leak of {litres} L/h, told on {day}.",
}
_OLD_LEAK: dict[Language, str] = {
    "fr": "Eau : fuite signalée le {day}, arrêtée depuis.",
    "nl": "Water: lek gemeld op {day}, intussen gestopt.",
    "en": "Water: a leak told on {day} has stopped.",
}
_STILL: dict[Language, str] = {
    "fr": "Eau : le compteur ne s'arrête jamais, {litres} l/h au moins.",
    "nl": "Water: de meter staat nooit stil, minstens {litres} l/u.",
    "en": "Water: the meter never stands still, {litres} L/h at least.",
}
_CALM: dict[Language, str] = {
    "fr": "Rien d'anormal.", "nl": "Niets abnormaals.", "en": "Nothing out of the ordinary.",
}  # fmt: skip
_UNKNOWN: dict[Language, str] = {
    "fr": "Trop peu de jours pour juger.", "nl": "Te weinig dagen om te oordelen.", "en": "Too few days to judge.",
}  # fmt: skip
_GROUPED: dict[Language, str] = {"fr": "\u202f", "nl": ".", "en": ","}
"""Between thousands."""


@dataclass(frozen=True)
class Place:
    """Where a meter stands.

    Attributes
    ----------
    building : str
        Id in the city; empty where the city has no such building.
    name : str
        Of the site; empty where nobody gave one.
    area : float
        Floor area, NaN where not known. [m²]
    """

    building: str
    name: str = ""
    area: float = np.nan


@dataclass(frozen=True)
class Site:
    """A building and its meters.

    Attributes
    ----------
    building, name : str
        The building is empty where the city has none for the meter.
    rank : int
        1 is where most could be saved.
    state : {"alarm", "before", "calm", "unknown"}
        Whether something is wrong now, was, or was never; unknown where no meter has days enough.
    saving : float
        What could be saved in a year: the largest reason of each meter of energy, summed over meters. [J]
    water_lost : float
        Through leaks that run now and meters that never stand still, a year of them. [m³]
    since : str
        Local day of the oldest trouble that lasts; empty where there is none.
    words : dict
        What is wrong, by language.
    energy, water : tuple
        The meters.
    """

    building: str
    name: str
    rank: int
    state: State
    saving: float
    water_lost: float
    since: str
    words: dict[Language, str]
    energy: tuple[EnergyMeter, ...]
    water: tuple[WaterMeter, ...]


def read_sites(path: str | Path) -> dict[str, Place]:
    """Read in which building each meter stands.

    Parameters
    ----------
    path : path
        CSV with the columns ``meter,building`` and, where known, ``name,area_m2``; a building is named by its id in the
        city or by that of the source it came from.

    Raises
    ------
    CityError
        A file, a column or an area that cannot be read, or a meter that stands there twice.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            heads, rows = list(reader.fieldnames or ()), list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CityError(f"{path}: not a CSV in UTF-8 that can be read ({error})") from error
    lacking = [name for name in COLUMNS[:2] if name not in heads]
    if lacking:
        raise CityError(f"{path}: lacks the column {lacking[0]!r}; needed are meter,building")
    found: dict[str, Place] = {}
    for number, row in enumerate(rows, 1):
        meter, building = (str(row[name] or "").strip() for name in COLUMNS[:2])
        if not meter or not building:
            raise CityError(f"{path}: row {number} names no {'building' if meter else 'meter'}")
        if meter in found:
            raise CityError(f"{path}: meter {meter} stands there twice; a meter stands in one building")
        text = str(row.get("area_m2") or "").strip()
        try:
            area = float(text) if text else np.nan
        except ValueError:
            area = -1.0
        if text and not 0.0 < area < np.inf:
            raise CityError(f"{path}: area_m2 in row {number} is {text!r}, expected a number above 0")
        found[meter] = Place(building, str(row.get("name") or "").strip(), area)
    return found


def places_of(meters: Iterable[str], city: City, given: dict[str, Place] | None = None) -> dict[str, Place]:
    """Where meters stand: as a file of sites says, else in the building that bears the meter's own name.

    Parameters
    ----------
    meters : iterable of str
    city : City
    given : dict, optional
        Of `read_sites`.

    Returns
    -------
    dict of str to Place
        The building is empty where the city has none. A floor area that nobody gave is that of the building's storeys.

    Raises
    ------
    CityError
        An id of the source that several buildings of the city share.
    """
    table = city.buildings
    origins = table.index.to_series().groupby(table["origin"].to_numpy()).agg(list).to_dict() if len(table) else {}
    found = {}
    for meter in meters:
        place = (given or {}).get(meter, Place(meter))
        building = place.building
        if building not in table.index:
            same = origins.get(building, [])
            if len(same) > 1:
                raise CityError(f"meter {meter}: {len(same)} buildings come from {building!r}; give the id in the city")
            building = str(same[0]) if same else ""
        name, area = place.name, place.area
        if building:
            row = table.loc[building]
            name = name or str(row["name"])
            storeys = float(row["geometry"].area * max(int(row["storeys"]), 1))
            known = float(row.get("floor_area", np.nan))
            area = next(one for one in (area, known, storeys) if np.isfinite(one))
        found[meter] = Place(building, name, area)
    return found


def reference_end(meters: Sequence[Meter]) -> str | None:
    """Day that ends the year on which signatures rest, where every meter has that year and a month more; else None.

    So a fault of today is held against the time before it, and does not hide in the signature.
    """
    if not meters:
        return None
    begin = max(float(one.utc.min()) for one in meters)
    end = min(float(one.utc.max()) for one in meters)
    first = min(float(one.utc.min()) for one in meters)
    if begin - first > RECENT * DAY or end - begin < YEAR + RECENT * DAY:
        return None
    return str(np.datetime64(int(begin + YEAR), "s").astype("datetime64[D]"))


def sites_of(energy: Sequence[EnergyMeter], water: Sequence[WaterMeter], places: dict[str, Place]) -> list[Site]:
    """Meters by site, where most could be saved first.

    Sites of the same saving stand by the water they lose, then by name.
    """
    gathered: dict[str, tuple[list[EnergyMeter], list[WaterMeter]]] = {}
    for heat in energy:
        gathered.setdefault(_key(heat.name, places), ([], []))[0].append(heat)
    for tap in water:
        gathered.setdefault(_key(tap.name, places), ([], []))[1].append(tap)
    found = [_site(tuple(of_energy), tuple(of_water), places) for of_energy, of_water in gathered.values()]
    found.sort(key=lambda one: (-one.saving, -one.water_lost, one.name, one.building))
    return [replace(one, rank=number) for number, one in enumerate(found, 1)]


def table_of(sites: Sequence[Site], city: City) -> gpd.GeoDataFrame:
    """Sites as a table with the outlines of their buildings: (site,); without building there is no outline."""
    rows = pd.DataFrame({
        "building": [one.building for one in sites], "name": [one.name for one in sites],
        "rank": [one.rank for one in sites], "state": [one.state for one in sites],
        "saving_kwh_a": [one.saving / _KWH for one in sites], "water_lost_m3_a": [one.water_lost for one in sites],
        "since": [one.since for one in sites],
        **{f"words_{tongue}": [one.words[tongue] for one in sites] for tongue in ("fr", "nl", "en")},
        "meters": [" ".join(_names(one.energy, one.water)) for one in sites],
        "demo": [city.demo] * len(sites),
    }, index=pd.Index([f"site-{one.rank}" for one in sites], name="id"))  # fmt: skip
    outlines = [city.buildings.geometry[one.building] if one.building else None for one in sites]
    return gpd.GeoDataFrame(rows, geometry=gpd.GeoSeries(outlines, index=rows.index, crs=CRS))


def saving_of(meter: EnergyMeter) -> float:
    """The larger of what a drift that lasts and what the night take above the usual; they overlap. [J a⁻¹]

    A drift of a few weeks says little of a year: its days stand for the year by their mean excess, or by their share
    above what was expected of them times what is expected of a mean day, whichever is less.
    """
    night = float(np.nan_to_num(meter.night_excess)) * YEAR
    since, lasts = drift_of(meter)
    if not lasts:
        return max(night, 0.0)
    course = meter.course
    usual = course.expected[np.isfinite(course.expected)].mean()
    begin = int((np.datetime64(since) - np.datetime64(course.first_day)).astype(int))
    measured, expected = course.measured[max(begin, 0) :], course.expected[max(begin, 0) :]
    known = np.isfinite(measured) & np.isfinite(expected)
    above, foreseen = (measured - expected)[known].sum(), expected[known].sum()
    share = above / foreseen * usual if foreseen > 0.0 else np.inf
    return max(float(min(above / max(known.sum(), 1), share)) * YEAR, night, 0.0)


def drift_of(meter: EnergyMeter) -> tuple[str, bool]:
    """Begin of the last drift upwards and whether it lasts; an empty day where there was none."""
    upwards = [(day, since) for day, since, sign in meter.alarms if sign > 0]
    if not upwards:
        return "", False
    told, since = upwards[-1]
    last = np.datetime64(meter.course.first_day) + meter.course.measured.size - 1
    lasts = bool(last - np.datetime64(told) <= RECENT)
    # a drift that is told again and again began where the first of the unbroken row of alarms says
    for (earlier, begin), (later, _) in zip(upwards[-2::-1], upwards[:0:-1], strict=True):
        if np.datetime64(later) - np.datetime64(earlier) > np.timedelta64(RECENT, "D"):
            break
        since = begin
    return since, lasts


def _names(energy: tuple[EnergyMeter, ...], water: tuple[WaterMeter, ...]) -> list[str]:
    return [*(one.name for one in energy), *(one.name for one in water)]


def _key(meter: str, places: dict[str, Place]) -> str:
    return places[meter].building or f" {meter}"  # no id begins with a blank


def _site(energy: tuple[EnergyMeter, ...], water: tuple[WaterMeter, ...], places: dict[str, Place]) -> Site:
    first = _names(energy, water)[0]
    place, lines = places[first], list[dict[Language, str]]()
    states, begins = set[State](), list[str]()
    for heat in energy:
        said, state, since = _of_energy(heat)
        lines, states, begins = lines + said, states | {state}, begins + since
    for tap in water:
        said, state, since = _of_water(tap)
        lines, states, begins = lines + said, states | {state}, begins + since
    worst: State = next(one for one in ("alarm", "before", "calm", "unknown") if one in states)  # type: ignore[assignment]
    if not lines:
        lines = [_CALM if worst == "calm" else _UNKNOWN]
    return Site(
        building=place.building, name=place.name or first, rank=0, state=worst,
        saving=sum(map(saving_of, energy)),
        water_lost=YEAR * sum(one.leak_flow if one.leaking else max(one.never_still, 0.0) for one in water),
        since=min(begins, default=""),
        words={tongue: " ".join(line[tongue] for line in lines) for tongue in _GROUPED},
        energy=energy, water=water,
    )  # fmt: skip


def _of_energy(meter: EnergyMeter) -> tuple[list[dict[Language, str]], State, list[str]]:
    since, lasts = drift_of(meter)
    lines, night = [], float(np.nan_to_num(meter.night_excess))
    if since:
        lines.append(_say(_DRIFT if lasts else _PAST, kind=meter.kind, day=since, kwh=saving_of(meter) / _KWH))
    if night > 0.0:
        lines.append(_say(_NIGHT, kind=meter.kind, watts=night, kwh=night * YEAR / _KWH))
    if meter.model == "none":
        return lines, "unknown", []
    state: State = "alarm" if lasts else "before" if since else "calm"
    return lines, state, [since] if lasts else []


def _of_water(meter: WaterMeter) -> tuple[list[dict[Language, str]], State, list[str]]:
    told = meter.alarms[-1] if meter.alarms else ""
    if meter.leaking:
        return [_say(_LEAK, litres=meter.leak_flow / _LITRE_PER_HOUR, day=told)], "alarm", [told] if told else []
    if meter.never_still > 0.0:
        return [_say(_STILL, litres=meter.never_still / _LITRE_PER_HOUR)], "alarm", []
    if told:
        return [_say(_OLD_LEAK, day=told)], "before", []
    return [], "calm" if meter.nights else "unknown", []


def _say(words: dict[Language, str], *, kind: str = "", day: str = "", **numbers: float) -> dict[Language, str]:
    """Fill a sentence in, numbers and days as each language writes them."""
    said: dict[Language, str] = {}
    for tongue, text in words.items():
        parts = {name: f"{value:,.0f}".replace(",", _GROUPED[tongue]) for name, value in numbers.items()}
        when = day if tongue == "en" or not day else "/".join(reversed(day.split("-")))
        said[tongue] = text.format(kind=_KINDS[kind][tongue] if kind else "", day=when, **parts)
    return said
