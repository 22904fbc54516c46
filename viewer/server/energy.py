"""Routes of runs of energy: balance, hours, buildings with their class, one building, and files of them."""

import csv
import io
import json
import threading
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import xarray as xr
from fastapi import APIRouter, Depends, Query, Response

from kernels.energy.carriers import HEAT_SOURCES
from scenarios.district_hours import HOUR, hours_of_result, start_of
from scenarios.energy_balance import ped_table
from scenarios.energy_courses import load_duration, monthly, sankey
from scenarios.problem import ScenarioError
from scenarios.reopened import situation_of
from scenarios.situation import Situation
from twin.building_facts import FACTS
from twin.city import City, CityError
from twin.energy_faces import ROOF_FACE, city_patches
from twin.energy_factors import read_factors
from twin.energy_layers import assumed_facts, energy_tags
from twin.energy_works import EnergyWorks
from twin.layers import remembered
from twin.result import Result, StoreError
from viewer.server.desk import Desk, desk_of
from viewer.server.problems import Problem, documented

router = APIRouter(tags=["energy"], prefix="/api/results")
TheDesk = Annotated[Desk, Depends(desk_of)]

CLASSES: tuple[tuple[str, float | None], ...] = (
    ("A++", 0.0), ("A+", 15.0), ("A", 45.0), ("B", 95.0), ("C", 150.0), ("D", 210.0), ("E", 275.0), ("F", 345.0),
    ("G", None),
)  # fmt: skip
"""Classes of the energy certificate of dwellings in the Brussels-Capital Region, each up to so much primary energy by
floor area and year, the best first. [kWh m⁻²]"""
PRIMARY = "f_el 2.5"
"""Factor set of the classes: the coefficient of electricity that certificates of the Region count with."""
MOST_HOURS = 31 * 24
"""Hours that one answer holds."""
GROUPS = {
    "shape": {"fr": "Forme", "nl": "Vorm", "en": "Shape"},
    "use": {"fr": "Usage", "nl": "Gebruik", "en": "Use"},
}
"""Words of the groups of inputs that are no fact of `twin.building_facts`."""

_KWH = 3.6e6
_PER_KWH = {"J": _KWH, "J m-2": _KWH, "J W-1": 3600.0, "W": 1e3}
"""What values are divided by on their way to the page: kWh, kWh/m², kWh/kWp, kW."""
_SUMS = ("electricity_used", "gas_used", "network_heat_used")
_SHOWN = (
    "final_energy_per_area", "heating_need_per_area", *_SUMS, "photovoltaic_energy", "grid_bought", "grid_given",
    "peak_heating_power", "peak_cooling_power", "peak_grid_power", "cooling_need", "hot_water_need",
)  # fmt: skip
_one_at_a_time = threading.Lock()


@router.get("/{digest}/energy", responses=documented(404))
def energy(digest: str, desk: TheDesk) -> dict[str, Any]:
    """Say what a run of energy amounts to: verdicts with their bands, flows, months, sorted loads, use and make by day.

    A part that a run is too short for, or does not tell, is null. `classes` are those of `energy/buildings`.
    """
    found = _open(desk, digest)
    hours = hours_of_result(found)
    whole = hours.count // 24 * 24

    def by_day(values: np.ndarray) -> list[float]:
        days: np.ndarray = values[:whole].reshape(-1, 24).sum(axis=1) * HOUR / _KWH
        return [round(float(one), 2) for one in days]

    def make() -> dict[str, Any]:
        return {
            "start": start_of(found).isoformat(),
            "hours": hours.count,
            "daily": {"used": by_day(hours.drawn), "made": by_day(hours.made)},
            "ped": _told(lambda: ped_table(found)),
            "sankey": _told(lambda: sankey(found)),
            "load": _told(lambda: load_duration(found)),
            "months": _told(lambda: monthly(found)),
            "classes": [{"letter": letter, "up_to": most} for letter, most in CLASSES],
        }

    with _one_at_a_time:
        said: dict[str, Any] = remembered(("energy", digest), make)
    return said


def _told(make: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """A part of the answer; None where the run cannot tell it."""
    try:
        return make()
    except ScenarioError:
        return None


@router.get("/{digest}/energy/hours", responses=documented(404))
def hours(
    digest: str,
    desk: TheDesk,
    begin: Annotated[int, Query(alias="from", ge=0)] = 0,
    count: Annotated[int, Query(alias="hours", ge=1, le=MOST_HOURS)] = 168,
) -> dict[str, Any]:
    """Send some hours of the district, mean powers in kW, energies in kWh; what is nil all through is left out."""
    found = hours_of_result(_open(desk, digest))
    first = min(begin, max(found.count - 1, 0))
    last = min(first + count, found.count)
    shown = {name: values[first:last] for name, values in found.series.items() if values[first:last].any()}
    return {
        "from": first,
        "hours": last - first,
        "series": {
            f"district_{name}": np.round(values / (_KWH if _is_energy(name) else 1e3), 3).tolist()
            for name, values in shown.items()
        },
    }


def _is_energy(name: str) -> bool:
    return name in ("battery_energy", "heat_stored")


@router.get("/{digest}/energy/buildings", responses=documented(404))
def buildings(digest: str, desk: TheDesk) -> dict[str, Any]:
    """Send columns along buildings: kWh, kWh/m², kWh/kWp and kW of the run, the class, and the source of heat.

    Values are those of the run, of a year where it lasted one. A building that is not heated has neither class nor
    values by area.
    """
    table = _table(desk, digest)
    numbers = [name for name in table.columns if name not in ("class", "heat_source")]
    return {
        "ids": table.index.astype(str).tolist(),
        "values": {name: [_known(one) for one in table[name].to_numpy()] for name in numbers},
        "classes": [one or None for one in table["class"]],
        "sources": [one or None for one in table["heat_source"]],
    }


@router.get("/{digest}/energy/building/{name:path}", responses=documented(404))
def building(digest: str, name: str, desk: TheDesk) -> dict[str, Any]:
    """Say what a run knows of one building, and who says each of its inputs: measured, edited, archetype or assumed."""
    table = _table(desk, digest)
    if name not in table.index:
        raise Problem(404, "no-building", f"this result has no building {name[:64]!r}; energy/buildings lists them")
    row = table.loc[name].to_dict()
    situation = _situation(desk, digest)

    def make() -> pd.DataFrame:
        return energy_tags(situation.city, situation.energy_works)

    with _one_at_a_time:
        tags: pd.DataFrame = remembered(("energy tags", desk.city.digest, situation.energy_works.digest, digest), make)
    groups = [group for group in tags.columns if group in FACTS or group in GROUPS]
    return {
        "id": name,
        "class": row["class"] or None,
        "source": row["heat_source"] or None,
        "values": {one: _known(float(row[one])) for one in table.columns if one not in ("class", "heat_source")},
        "tags": [
            {
                "key": group,
                "label": dict(FACTS[group].label if group in FACTS else GROUPS[group]),
                "tag": str(tags.loc[name, group]),
            }
            for group in groups
        ],
    }


@router.get("/{digest}/energy/export", responses=documented(404))
def export(digest: str, desk: TheDesk, format: Literal["csv", "geojson"] = "csv") -> Response:
    """Send the buildings of a run as a file: CSV, or GeoJSON with outlines in WGS 84 as RFC 7946 has it."""
    table = _table(desk, digest)
    name = f"{'demo-' if desk.city.demo else ''}{digest[:12]}-energy"
    if format == "csv":
        text = io.StringIO()
        out = csv.writer(text, lineterminator="\n")
        out.writerow(["id", *(f"{one} [{_UNITS[one]}]" if one in _UNITS else one for one in table.columns)])
        for key, row in zip(table.index, table.itertuples(index=False), strict=True):
            out.writerow([key, *("" if isinstance(one, float) and one != one else one for one in row)])
        return _file(text.getvalue(), f"{name}.csv", "text/csv; charset=utf-8")
    outlines = _situation(desk, digest).city.buildings.geometry
    outlines = outlines[outlines.index.isin(table.index)].to_crs(4326)
    features = [
        {
            "type": "Feature",
            "id": str(key),
            "geometry": shape.__geo_interface__,
            "properties": {one: _plain(table.loc[key, one]) for one in table.columns},
        }
        for key, shape in outlines.items()
    ]
    words = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, allow_nan=False)
    return _file(words, f"{name}.geojson", "application/geo+json")


_UNITS = {
    "final_energy_per_area": "kWh/m2", "heating_need_per_area": "kWh/m2", "primary_energy_per_area": "kWh/m2",
    "heated_floor_area": "m2", "specific_yield": "kWh/kWp", "solar_irradiation": "kWh/m2", "peak_heating_power": "kW",
    "peak_cooling_power": "kW", "peak_grid_power": "kW",
    **dict.fromkeys((*_SUMS, "photovoltaic_energy", "grid_bought", "grid_given", "cooling_need", "hot_water_need"),
                    "kWh"),
}  # fmt: skip
"""Units of the columns of a file."""


def _file(words: str, name: str, kind: str) -> Response:
    return Response(words, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _open(desk: Desk, digest: str) -> Result:
    try:
        found = desk.store.open(digest)
    except StoreError as error:
        raise Problem(404, "no-result", f"there is no result {digest[:64]!r}; POST /api/jobs makes one") from error
    if "district_appliances" not in found.dataset:
        raise Problem(404, "no-energy", f"the result {digest[:12]} has no energy; run the kernel energy")
    return found


def _situation(desk: Desk, digest: str) -> Situation:
    found = _open(desk, digest)
    try:
        return situation_of(found, desk.city)
    except ScenarioError as error:
        raise Problem(404, "no-result", str(error)) from error


def _table(desk: Desk, digest: str) -> pd.DataFrame:
    """All buildings of a run: its numbers for people, class and source of heat, by id."""
    found = _open(desk, digest)

    def make() -> pd.DataFrame:
        return _made(found, _situation(desk, digest))

    with _one_at_a_time:
        table: pd.DataFrame = remembered(("energy buildings", desk.city.digest, digest), make)
    return table


def _made(found: Result, situation: Situation) -> pd.DataFrame:
    data = found.dataset
    ids = _ids(data)
    columns: dict[str, Any] = {}
    for name in _SHOWN:
        if name in data:
            values = np.asarray(data[name].values, float)
            columns[name] = values / _PER_KWH[str(data[name].attrs["units"])]
    table = pd.DataFrame(columns, index=pd.Index(ids, dtype=object))
    used = table[list(_SUMS)].sum(axis=1)
    final = table["final_energy_per_area"]
    area = used / final.where(final > 0.0)
    table["heated_floor_area"] = area
    # A building needs a whole year before a class means anything.
    primary = _primary(found, table) / area if hours_of_result(found).count >= 8760 else area * np.nan
    table["primary_energy_per_area"] = primary
    table = table.join(_roofs(data, situation.city, ids))
    table["class"] = [class_of(one) for one in primary]
    table["heat_source"] = _sources(situation).reindex(table.index).fillna("").to_numpy(dtype=object)
    return table


def class_of(primary: float) -> str:
    """The class of so much primary energy by floor area and year; empty where it is not known. [kWh m⁻²]"""
    if primary != primary:
        return ""
    return next(letter for letter, most in CLASSES if most is None or primary <= most)


def _primary(found: Result, table: pd.DataFrame) -> pd.Series:
    """Primary energy of each building: what it buys less what it gives away. [kWh]

    Heat of a network counts with what all plants of the run take for each unit that they deliver.
    """
    factors = next(one for one in read_factors() if one.name == PRIMARY)
    electricity, gas = (float(np.mean(factors.delivered[name])) for name in ("electricity", "gas"))
    given = float(np.mean(factors.exported["electricity"]))
    hours = hours_of_result(found)
    delivered = hours.total("network_heat")
    plants = hours.total("plant_electricity") * electricity + hours.total("plant_gas") * gas
    network = plants / delivered if delivered > 0.0 else 0.0
    return (
        table["grid_bought"] * electricity
        - table["grid_given"] * given
        + table["gas_used"] * gas
        + table["network_heat_used"] * network
    )


def _roofs(data: xr.Dataset, city: City, ids: list[str]) -> pd.DataFrame:
    """Sun on the roofs of each building [kWh m⁻²], and what its modules give by peak power [kWh/kWp]; means by area."""
    names = [name for name in ("solar_irradiation", "specific_yield") if name in data]
    empty = pd.DataFrame(np.nan, index=pd.Index(ids, dtype=object), columns=["solar_irradiation", "specific_yield"])
    if not names:
        return empty
    patches = city_patches(city)
    if patches.area.size != data.sizes["patch"] or list(city.buildings.index.astype(str)) != ids:
        return empty
    for name in names:
        values = np.asarray(data[name].values, float) / _PER_KWH[str(data[name].attrs["units"])]
        use = np.isfinite(values) & ((patches.kind == ROOF_FACE) | (name == "specific_yield"))
        weight = np.bincount(patches.building[use], patches.area[use], len(ids))
        total = np.bincount(patches.building[use], (values * patches.area)[use], len(ids))
        with np.errstate(invalid="ignore"):
            empty[name] = total / np.where(weight > 0.0, weight, np.nan)
    return empty


def _sources(situation: Situation) -> pd.Series:
    """The source of heat of each building after all works: a network holds over a supply, a later one over others."""
    works: EnergyWorks = situation.energy_works
    try:
        found = assumed_facts(situation.city)["heat_source"].astype(object).copy()
    except CityError:
        return pd.Series(dtype=object)
    for fact in works.facts:
        said = dict(fact.values).get("heat_source")
        if said in HEAT_SOURCES and fact.building in found.index:
            found.loc[fact.building] = said
    for source, members in (
        *((one.source, one.buildings) for one in works.supplies),
        *(("network", one.buildings) for one in works.networks),
    ):
        if source is not None:
            found.loc[found.index.intersection(list(members))] = source
    return found


def _ids(data: xr.Dataset) -> list[str]:
    """Ids of buildings in the order of the values; a stored result keeps them as meanings of their numbers."""
    numbered = data["building"].attrs.get("flag_meanings")
    return str(numbered).split(" ") if numbered else [str(one) for one in data["building"].values]


def _plain(value: Any) -> Any:
    return _known(value) if isinstance(value, float) else (value or None)


def _known(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None
