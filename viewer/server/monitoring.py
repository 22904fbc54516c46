"""Routes of monitoring: the sites whose meters lie in the server's folder, ranked, and the days of one meter."""

import threading
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends

from kernels.contract import LayerError
from kernels.energy.water import LITRE_PER_HOUR
from twin.city import CityError
from twin.formats import meters_csv
from twin.layers import remembered
from twin.monitoring import EnergyMeter, WaterMeter, watch_energy, watch_water
from twin.monitoring_sites import YEAR, Site, places_of, read_sites, reference_end, saving_of, sites_of
from viewer.server.desk import Desk, desk_of
from viewer.server.problems import Problem, documented
from viewer.tiles import local_origin

router = APIRouter(tags=["monitoring"], prefix="/api/monitoring")
TheDesk = Annotated[Desk, Depends(desk_of)]

FOLDER, SITES, AIR = "monitoring", "sites.csv", "air.csv"
"""In the server's state folder; every other CSV in it holds meters."""

ASSUMPTIONS = {
    "fr": (
        "Un jour compte avec neuf dixièmes de ses relevés ; les limites de la signature journalière se situent entre "
        "celles de la Guideline 14 de l'ASHRAE pour les mois et les heures.",
        "Là où les relevés couvrent plus de 13 mois, la signature repose sur les douze premiers.",
        "Une dérive dure encore si une alarme date de moins de 30 jours avant le dernier relevé.",
        "Où personne n'a donné de surface, c'est l'emprise multipliée par les niveaux.",
    ),
    "nl": (
        "Een dag telt met negen tienden van zijn metingen; de grenzen van de daghandtekening liggen tussen die van "
        "ASHRAE Guideline 14 voor maanden en uren.",
        "Waar de metingen meer dan 13 maanden beslaan, steunt de handtekening op de eerste twaalf.",
        "Een afwijking duurt nog als een alarm jonger is dan 30 dagen vóór de laatste meting.",
        "Waar niemand een oppervlakte gaf, is het de voetafdruk maal de bouwlagen.",
    ),
    "en": (
        "A day counts with nine tenths of its readings; the limits of the daily signature lie between those of ASHRAE "
        "Guideline 14 for months and hours.",
        "Where readings run over more than 13 months, the signature rests on the first twelve.",
        "A drift still lasts where an alarm is less than 30 days before the last reading.",
        "Where nobody gave an area it is the footprint by the storeys.",
    ),
}

_KWH = 3.6e6
_one_at_a_time = threading.Lock()


@router.get("", responses=documented(422))
def sites(desk: TheDesk) -> dict[str, Any]:
    """List the sites whose meters lie in the folder ``monitoring`` of the server, most to be saved first.

    Without such a folder, or without a meter in it, there is no site.
    """
    found, unmatched = _watched(desk)
    east, north = local_origin(desk.city)
    days = [day for one in found for day in _span(one)]
    rows = []
    for one in found:
        middle = desk.city.buildings.geometry[one.building].representative_point() if one.building else None
        rows.append({
            "building": one.building or None, "name": one.name,
            "point": middle and [round(middle.x - east, 1), round(middle.y - north, 1)],
            "rank": one.rank, "state": one.state, "saving_kwh_a": _known(one.saving / _KWH),
            "water_lost_m3_a": _known(one.water_lost), "since": one.since or None, "words": one.words,
            "meters": [*map(_energy, one.energy), *map(_water, one.water)],
        })  # fmt: skip
    return {
        "demo": desk.city.demo, "folder": _folder(desk).is_dir(), "from": min(days, default=None),
        "to": max(days, default=None), "sites": rows, "unmatched": unmatched, "assumptions": ASSUMPTIONS,
    }  # fmt: skip


@router.get("/meters/{meter:path}", responses=documented(404, 422))
def days(meter: str, desk: TheDesk) -> dict[str, Any]:
    """Send the days of a meter of energy: power, what its signature expects, and the outdoor air."""
    found = {each.name: each for one in _watched(desk)[0] for each in one.energy}.get(meter)
    if found is None:
        raise Problem(404, "no-meter", f"there is no meter of energy {meter[:64]!r}; GET /api/monitoring lists them")
    course = found.course
    first = np.datetime64(course.first_day)
    base, below, cold, above, hot = found.parameters
    return {
        "meter": found.name, "kind": found.kind,
        "days": [str(first + day) for day in range(course.measured.size)],
        "outdoor_c": [_known(one - 273.15) for one in course.outdoor],
        "measured_w": [_known(one) for one in course.measured],
        "expected_w": [_known(one) for one in course.expected],
        "alarm": course.drift.tolist(),
        "signature": {
            "model": found.model, "base_w": _known(base), "heating_slope_w_k": _known(below),
            "heating_change_c": _known(cold - 273.15), "cooling_slope_w_k": _known(above),
            "cooling_change_c": _known(hot - 273.15),
        },
    }  # fmt: skip


def _folder(desk: Desk) -> Path:
    return desk.store.root.parent / FOLDER


def _watched(desk: Desk) -> tuple[list[Site], list[str]]:
    """Sites and meters without a building, worked out once for each state of the files."""
    folder = _folder(desk)
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    stamps = tuple((path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files)
    try:
        with _one_at_a_time:
            found: tuple[list[Site], list[str]] = remembered(
                ("monitoring", desk.city.digest, str(folder), stamps), lambda: _watch(desk, folder, files)
            )
    except (CityError, LayerError, OSError) as error:
        raise Problem(422, "no-readings", str(error)) from error
    return found


def _watch(desk: Desk, folder: Path, files: list[Path]) -> tuple[list[Site], list[str]]:
    meters = [one for path in files if path.name not in (SITES, AIR) for one in meters_csv.read(path)]
    twice = {one.name for one in meters if sum(one.name == other.name for other in meters) > 1}
    if twice:
        raise CityError(f"{folder}: meter {min(twice)} stands in two files; name each once")
    energy = [one for one in meters if one.kind != "water"]
    if energy and not (folder / AIR).is_file():
        raise CityError(f"{folder}: meters of energy need {AIR} with the columns time,air_temperature_c")
    given = read_sites(folder / SITES) if (folder / SITES).is_file() else None
    places = places_of([one.name for one in meters], desk.city, given)
    outdoor = meters_csv.read_temperatures(folder / AIR) if energy else (np.zeros(0), np.zeros(0))
    areas = {name: place.area for name, place in places.items()}
    watched, _ = watch_energy(energy, outdoor, since=reference_end(energy), areas=areas)
    water = watch_water([one for one in meters if one.kind == "water"])
    return sites_of(watched, water, places), [name for name, place in places.items() if not place.building]


def _span(site: Site) -> list[str]:
    """First and last local day of each meter."""
    spans = [(one.first_day, one.last_day) for one in site.water]
    for one in site.energy:
        first = np.datetime64(one.course.first_day)
        spans.append((str(first), str(first + max(one.course.measured.size - 1, 0))))
    return [day for span in spans for day in span]


def _energy(one: EnergyMeter) -> dict[str, Any]:
    return {
        "meter": one.name, "kind": one.kind, "model": one.model, "days": one.days, "base_w": _known(one.parameters[0]),
        "slope_w_k": _known(one.parameters[1]), "cv_rmse": _known(one.cv_rmse), "nmbe": _known(one.nmbe),
        "within_limits": one.within_limits, "saving_kwh_a": _known(saving_of(one) / _KWH),
        "excess_kwh_a": _known(one.excess / _KWH), "night_load_w": _known(one.night_load),
        "night_excess_kwh_a": _known(one.night_excess * YEAR / _KWH), "night_rank": one.night_rank,
        "alarms": [{"day": day, "since": since, "sign": sign} for day, since, sign in one.alarms],
    }  # fmt: skip


def _water(one: WaterMeter) -> dict[str, Any]:
    return {
        "meter": one.name, "kind": "water", "nights": one.nights, "leaking": one.leaking,
        "leak_flow_l_h": _known(one.leak_flow / LITRE_PER_HOUR),
        "night_flow_l_h": _known(one.night_flow / LITRE_PER_HOUR),
        "findable_l_h": _known(one.findable / LITRE_PER_HOUR),
        "never_still_l_h": _known(one.never_still / LITRE_PER_HOUR), "lost_m3": _known(one.lost), "alarms": one.alarms,
    }  # fmt: skip


def _known(value: Any) -> float | None:
    number = float(value)
    return round(number, 4) if np.isfinite(number) else None
