"""A against B in energy: by carrier, by use, by building and sector, and what becomes of the verdicts."""

import json
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from kernels.energy.hub import KWH
from kernels.quantities import QUANTITIES
from scenarios.compare import Verdict
from scenarios.district_hours import HOUR, DistrictHours, hours_of_result
from scenarios.energy_balance import NO_CONTRACTS, Contracts, ped_table
from scenarios.exposure import sector_of
from scenarios.indicator import words
from scenarios.problem import ScenarioError
from scenarios.reopened import situation_of
from twin.city import CRS, City
from twin.result import Result

FELT = 0.02
"""Final energy by floor area that changes by a smaller part is the same. [1]"""
MOST = 20
"""Buildings that are named on either side."""
CARRIERS = {
    "bought": words("Électricité prélevée", "Elektriciteit van het net", "Electricity bought"),
    "given": words("Électricité injectée", "Elektriciteit naar het net", "Electricity given"),
    "photovoltaic": words("Production photovoltaïque", "Fotovoltaïsche productie", "Photovoltaic production"),
    "gas": words("Combustible des bâtiments", "Brandstof van gebouwen", "Fuel of buildings"),
    "plant_gas": words("Combustible des centrales", "Brandstof van centrales", "Fuel of plants"),
    "network_heat": words("Chaleur des réseaux", "Warmte van netten", "Heat of networks"),
    "ambient_heat": words("Chaleur ambiante", "Omgevingswarmte", "Ambient heat"),
}
"""Series of a district that are its carriers, with their words."""
USES = ("heating", "hot_water", "cooling", "appliances", "vehicles")
"""Series of a district that are what energy is for."""


@dataclass(frozen=True, eq=False)
class EnergyComparison:
    """What B does to the energy of A.

    Attributes
    ----------
    figures : dict
        Plain JSON: see `compare_results`.
    buildings : GeoDataFrame
        By building id, Lambert 72: ``final_a``, ``final_b``, ``change`` [kWh m⁻²], ``energy_change`` [kWh] and
        ``verdict``.
    """

    figures: dict[str, Any]
    buildings: gpd.GeoDataFrame

    def geojson(self) -> dict[str, Any]:
        """The buildings as a FeatureCollection in longitude and latitude, with ids."""
        found: dict[str, Any] = json.loads(self.buildings.to_crs(4326).to_json(na="null"))
        return found


def compare_results(
    a: Result,
    b: Result,
    city: City,
    context: float = 0.0,
    certificates: dict[str, float] | None = None,
    contracts: Contracts = NO_CONTRACTS,
) -> EnergyComparison:
    """Compare two results that were kept.

    Parameters
    ----------
    a, b : Result
        Over the same hours.
    city : City
        As imported, without the edits of either.
    context, certificates, contracts
        As `scenarios.energy_balance.ped_table`; the same for both.

    Returns
    -------
    EnergyComparison
        Its figures: ``carriers`` and ``uses`` [MWh], ``peaks`` [kW], ``money`` [EUR], ``carbon_dioxide`` [t],
        ``buildings`` (how many gain and lose, which most), ``sectors``, and ``ped``, the verdicts side by side. Pairs
        are under ``a`` and ``b``; what is not known is None.

    Raises
    ------
    ScenarioError
        A result is of another city or has no energy, or the two are of different hours.
    """
    first, second = hours_of_result(a), hours_of_result(b)
    if a.manifest["scenario"]["period"] != b.manifest["scenario"]["period"]:
        raise ScenarioError(
            f"{a.digest[:12]}… and {b.digest[:12]}… are of different hours; run both with the same period", "period"
        )
    tables = [ped_table(one, context, certificates, contracts) for one in (a, b)]
    buildings = _buildings(a, b, city)
    return EnergyComparison(
        {
            "carriers": [_series(key, label, first, second) for key, label in CARRIERS.items()],
            "uses": [_series(key, QUANTITIES[f"district_{key}"].label, first, second) for key in USES],
            "peaks": {
                key: _pair(*(_crossed(one)[key] for one in tables)) for key in ("peak_bought_kw", "peak_given_kw")
            },
            "self_consumption": _pair(*(_crossed(one)["self_consumption"] for one in tables)),
            "self_sufficiency": _pair(*(_crossed(one)["self_sufficiency"] for one in tables)),
            "cost_eur": _pair(*(_crossed(one)["cost_eur"] for one in tables)),
            "carbon_dioxide_t": _pair(*(_crossed(one)["carbon_dioxide_t"] for one in tables)),
            "buildings": _ranked(buildings),
            "sectors": _sectors(buildings, city),
            "ped": _side_by_side(*tables),
        },
        buildings,
    )


def _crossed(table: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = table["exchange"][0]
    return found


def _series(key: str, label: Any, a: DistrictHours, b: DistrictHours) -> dict[str, Any]:
    one, other = (float(hours[key].sum()) * HOUR / KWH / 1e3 for hours in (a, b))
    return {"key": key, "label": dict(label), "units": "MWh", **_pair(one, other)}


def _buildings(a: Result, b: Result, city: City) -> gpd.GeoDataFrame:
    """Buildings of either run: final energy by floor area, its change, and who gains."""
    cities = [situation_of(one, city).city for one in (a, b)]
    tables = [_by_building(one, edited) for one, edited in zip((a, b), cities, strict=True)]
    found = tables[0].add_suffix("_a").join(tables[1].add_suffix("_b"), how="outer")
    found.index.name = "id"
    found["change"] = found["final_b"] - found["final_a"]
    found["energy_change"] = found["energy_b"] - found["energy_a"]
    change, before = found["change"].to_numpy(), found["final_a"].to_numpy()
    felt = np.abs(change) > FELT * np.maximum(np.abs(before), 1.0)
    verdict = np.where(felt & (change < 0), "better", np.where(felt & (change > 0), "worse", "same"))
    found["verdict"] = np.where(np.isfinite(change), verdict, "unknown")
    shapes = pd.concat([one.buildings.geometry for one in (city, *cities)])
    shapes = shapes[~shapes.index.duplicated()].reindex(found.index)
    return gpd.GeoDataFrame(found, geometry=shapes.to_numpy(), crs=CRS)


def _by_building(result: Result, city: City) -> pd.DataFrame:
    """Final energy of the buildings of a run in its city, by floor area [kWh m⁻²] and in all [kWh]."""
    data = result.dataset
    if "final_energy_per_area" not in data:
        raise ScenarioError(f"{result.digest[:12]}… has no energy of buildings; run the kernel energy", "kernels")
    names = city.buildings.index
    if data["final_energy_per_area"].size != len(names):
        raise ScenarioError(
            f"{result.digest[:12]}… has {data['final_energy_per_area'].size} buildings, not {len(names)}"
        )
    used = sum(data[name].values.astype(float) for name in ("electricity_used", "gas_used", "network_heat_used"))
    area = data["final_energy_per_area"].values.astype(float)
    return pd.DataFrame({"final": area / KWH, "energy": used / KWH}, index=names)


def _ranked(buildings: gpd.GeoDataFrame) -> dict[str, Any]:
    counts = buildings["verdict"].value_counts()

    def most(which: str, up: bool) -> list[dict[str, Any]]:
        rows = buildings[buildings["verdict"] == which].sort_values("energy_change", ascending=not up, kind="stable")[
            :MOST
        ]
        return [
            {
                "id": str(name),
                "kwh_m2": _pair(row["final_a"], row["final_b"]),
                "kwh_change": _known(row["energy_change"]),
            }
            for name, row in rows.iterrows()
        ]

    return {
        **{one: int(counts.get(one, 0)) for one in ("better", "worse", "same", "unknown")},
        "gain": most("better", up=False),
        "lose": most("worse", up=True),
    }


def _sectors(buildings: gpd.GeoDataFrame, city: City) -> list[dict[str, Any]]:
    """Winners and losers by statistical sector: those of the buildings that stood before either edit."""
    row = pd.Series(sector_of(city), index=city.buildings.index).reindex(buildings.index).fillna(-1).astype(int)
    found = []
    for number, (name, sector) in enumerate(city.sectors.iterrows()):
        here = buildings[(row == number).to_numpy()]
        known = here[np.isfinite(here["change"].to_numpy(float))]
        if known.empty:
            continue
        before, after = (float(known[f"energy_{one}"].sum()) for one in "ab")
        areas = known["energy_a"] / known["final_a"].where(known["final_a"] > 0)
        floor = float(areas.sum())
        verdict: Verdict = "same"
        if abs(after - before) > FELT * max(before, after, 1.0):
            verdict = "better" if after < before else "worse"
        found.append(
            {
                "sector": str(name),
                "name_fr": str(sector["name_fr"]),
                "name_nl": str(sector["name_nl"]),
                "mwh": _pair(before / 1e3, after / 1e3),
                "kwh_m2": _pair(before / floor, after / floor) if floor > 0.0 else _pair(None, None),
                "better": int((known["verdict"] == "better").sum()),
                "worse": int((known["verdict"] == "worse").sum()),
                "verdict": verdict,
            }
        )
    return found


def _side_by_side(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """The verdicts of both, in pairs, with what of them changed."""
    rows = [
        {
            **{name: one[name] for name in ("type", "boundary", "factors", "unit")},
            "a": {name: one[name] for name in ("positive", "balance", "low", "high", "why")},
            "b": {name: other[name] for name in ("positive", "balance", "low", "high", "why")},
            "change": _known(other["balance"] - one["balance"]),
            "turned": one["positive"] != other["positive"],
        }
        for one, other in zip(a["verdicts"], b["verdicts"], strict=True)
    ]
    return {
        "verdicts": rows,
        "turned": sum(row["turned"] for row in rows),
        "positive": {"a": a["positive"], "b": b["positive"]},
        **{name: a[name] for name in ("types", "boundaries", "factor_sets", "uncertainty", "notes")},
    }


def _pair(a: float | None, b: float | None) -> dict[str, float | None]:
    one, other = _known(a), _known(b)
    return {"a": one, "b": other, "change": _known(other - one) if one is not None and other is not None else None}


def _known(value: float | None) -> float | None:
    """A number for JSON; None where it is not known."""
    return round(float(value), 6) + 0.0 if value is not None and np.isfinite(value) else None
