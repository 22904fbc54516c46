"""The pack of maps and figures that article 6 of the Floods Directive (2007/60/EC) asks for one flood."""

import csv
import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pyogrio
import shapely
from rasterio.features import shapes
from rasterio.transform import Affine

from scenarios.exposure import Exposure
from scenarios.impacts import FLOODED
from scenarios.problem import ScenarioError
from scenarios.reopened import figures_of
from twin.city import CRS, City
from twin.export import write_geotiff
from twin.result import Result, StoreError

Probability = Literal["high", "medium", "low"]

PROBABILITIES: dict[Probability, str] = {
    "high": "article 6(3)(c): floods with a high probability, where appropriate",
    "medium": "article 6(3)(b): floods with a medium probability (likely return period of 100 years or more)",
    "low": "article 6(3)(a): floods with a low probability, or extreme event scenarios",
}
MEDIUM_YEARS = 100.0
"""Shortest return period of the class ``medium``, article 6(3)(b). [a]"""
LOW_YEARS = 1000.0
"""Return period from which on a flood is taken for extreme; the Directive names none. [a]"""
DEPTHS = (FLOODED, 0.25, 0.5, 1.0, np.inf)
"""Bounds of the classes of depth of the extent. [m]"""
RASTERS = {
    "depth.tif": "max_water_depth",
    "velocity.tif": "max_water_speed",
    "hazard.tif": "max_hazard_rating",
    "arrival.tif": "arrival_time",
}
"""Files of the pack by the field they hold; those a run does not have are left out."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def probability_of(return_period_years: float) -> Probability:
    """Class of article 6(3) of a return period: medium from `MEDIUM_YEARS`, low from `LOW_YEARS` on (assumption)."""
    if return_period_years < MEDIUM_YEARS:
        return "high"
    return "medium" if return_period_years < LOW_YEARS else "low"


def write_pack(
    result: Result,
    city: City,
    path: str | Path,
    *,
    probability: Probability,
    return_period_years: float | None = None,
) -> Path:
    """Write the pack: rasters of depth and velocity, extents, inhabitants, economic activity, points that are touched.

    Parameters
    ----------
    result : Result
    city : City
        As imported, without the edits of the result.
    path : path
        A folder that is not there yet, or a file that ends in ``.zip`` (replaced where it is there).
    probability : {"high", "medium", "low"}
        The class of article 6(3) this flood stands for.
    return_period_years : float, optional
        Of the rain or the discharge, where it has one. [a]

    Returns
    -------
    Path
        ``sheet.json`` with the figures and what is assumed, ``inhabitants.csv`` by statistical sector,
        ``activities.csv`` by use, ``floods.gpkg`` (``extent`` by class of depth, ``buildings``, ``amenities``,
        ``sectors``), and the rasters of `RASTERS`.

    Raises
    ------
    ScenarioError
        The result is of another city, or the return period does not fit the class.
    twin.result.StoreError
        The pack cannot be written.
    """
    place = Path(path)
    if probability not in PROBABILITIES:
        raise ScenarioError(f"{probability!r} is no class of article 6(3); take one of {', '.join(PROBABILITIES)}")
    if probability == "medium" and return_period_years is not None and return_period_years < MEDIUM_YEARS:
        raise ScenarioError(
            f"a flood of {return_period_years:g} years is not of the class medium, which begins at {MEDIUM_YEARS:g} "
            "years; call it high"
        )
    if place.suffix != ".zip" and place.exists():
        raise ScenarioError(f"{place} is already there; name a new folder, or a .zip")
    if "max_water_depth" not in result.dataset:
        raise ScenarioError(f"the result {result.digest[:12]}… has no max_water_depth; run the flood kernel")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".pack-") as held:
            folder = Path(held) / place.stem
            folder.mkdir()
            _fill(folder, result, city, probability, return_period_years)
            if place.suffix == ".zip":
                _zip(folder, Path(held) / "pack.zip")
                (Path(held) / "pack.zip").replace(place)
            else:
                shutil.move(folder, place)
    except (OSError, pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
        raise StoreError(f"{place}: cannot be written ({error}); check space and rights") from error
    return place


def _fill(folder: Path, result: Result, city: City, probability: Probability, years: float | None) -> None:
    figures = figures_of(result, city)
    summary = result.dataset[[name for name in result.manifest["summary"] if name in result.dataset]].load()
    impacts, exposure = figures.impacts, figures.exposure
    deepest = exposure.flood_depth(summary["max_water_depth"].values)
    by_building = impacts.buildings(summary).to_dataframe()
    touched = (by_building["water_depth_inside"] > 0).to_numpy()
    sectors = impacts.sectors(summary)
    hit = impacts.amenities(deepest, touched)
    rasters = {name: field for name, field in RASTERS.items() if field in summary}
    for name, field in rasters.items():
        write_geotiff(result, field, folder / name)
    extent = extents(deepest, exposure)
    edited = exposure.city
    buildings = gpd.GeoDataFrame(
        by_building.reset_index(names="id")[touched],
        geometry=edited.buildings.geometry.to_numpy()[touched],
        crs=CRS,
    ).assign(use=edited.buildings["use"].to_numpy()[touched])
    by_sector = gpd.GeoDataFrame(sectors.reset_index(names="id"), geometry=edited.sectors.geometry.to_numpy(), crs=CRS)
    amenities = edited.amenities.reset_index(names="id")[hit]
    tables = {"extent": extent, "buildings": buildings, "amenities": amenities, "sectors": by_sector}
    drawn = folder / "floods.gpkg"
    for name, table in tables.items():
        if len(table):
            pyogrio.write_dataframe(table, drawn, layer=name, driver="GPKG", append=drawn.exists())
    activities = _activities(buildings)
    _csv(folder / "inhabitants.csv", sectors.reset_index(names="id").to_dict("records"))
    _csv(folder / "activities.csv", activities)
    indicators = {one["key"]: one["value"] for one in result.indicators}
    sheet = {
        "directive": "2007/60/EC, article 6",
        "probability": {"class": probability, "words": PROBABILITIES[probability], "return_period_years": years},
        "kind": _kinds(result.manifest["scenario"]),
        "scenario": {
            "name": result.manifest["scenario"]["name"],
            "result": result.digest,
            "rain_mm": result.manifest["rain"]["total_mm"],
            "edits": len(result.manifest["scenario"]["edits"]),
        },
        "crs": f"{CRS}, heights TAW (EPSG:5710)",
        "extent": {"deeper_than_m": FLOODED, "area_m2": indicators.get("flooded_area"), "layer": "floods.gpkg|extent"},
        "rasters": {name: {"field": field, "units": summary[field].attrs["units"]} for name, field in rasters.items()},
        "inhabitants_touched": indicators.get("people_touched"),
        "economic_activity": activities,
        "installations": {
            "industrial_emissions": None,
            "protected_areas": None,
            "note": "no register of installations (Directive 2010/75/EU) and of protected areas was given; unknown, "
            "not none",
            "amenities_touched": int(hit.sum()),
        },
        "figures": result.indicators,
        "closure": result.manifest["closure"],
        "assumptions": result.manifest["assumptions"],
        "sources": result.manifest["city"]["sources"],
        "demo": result.manifest["city"]["demo"],
    }
    if sheet["demo"]:
        sheet["comment"] = "demo data, not the cadastre"
    (folder / "sheet.json").write_text(json.dumps(sheet, indent=1, ensure_ascii=False, allow_nan=False), "utf-8")


def extents(water: np.ndarray, exposure: Exposure) -> gpd.GeoDataFrame:
    """The flooded ground as polygons, one row per class of `DEPTHS`; neither permanent water nor works count.

    Parameters
    ----------
    water : (y, x) float
        Of `Exposure.flood_depth`. [m]
    exposure : Exposure

    Returns
    -------
    GeoDataFrame
        ``deeper_than_m``, ``up_to_m`` (NaN without bound), ``area_m2``; empty where nothing is flooded.
    """
    grid = exposure.grid
    classes = np.digitize(water, DEPTHS[:-1], right=True).astype(np.uint8)
    frame = Affine(grid.cell_size, 0, grid.west, 0, -grid.cell_size, grid.bounds[3])
    found: dict[int, list[Any]] = {}
    for shape, value in shapes(classes[::-1].copy(), mask=classes[::-1] > 0, transform=frame):
        found.setdefault(int(value), []).append(shapely.geometry.shape(shape))
    rows = sorted(found)
    merged = [shapely.MultiPolygon(found[number]) for number in rows]
    return gpd.GeoDataFrame(
        {
            "deeper_than_m": [DEPTHS[number - 1] for number in rows],
            "up_to_m": [DEPTHS[number] if np.isfinite(DEPTHS[number]) else np.nan for number in rows],
            "area_m2": [one.area for one in merged],
        },
        geometry=merged,
        crs=CRS,
    )


def _activities(buildings: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """Touched buildings and their damage by use."""
    found = []
    for use, own in buildings.groupby("use"):
        costs = {name: round(float(own[f"flood_{name}"].sum()), 2) for name in ("damage_low", "damage", "damage_high")}
        found.append({"use": str(use), "buildings_touched": len(own), **costs})
    return found


def _kinds(document: dict[str, Any]) -> list[str]:
    """Where the water of a run comes from."""
    forcing = document["forcing"]
    found = ["pluvial"] if forcing.get("rain") or any(one["edit"] == "storm" for one in document["edits"]) else []
    return found + (["fluvial"] if forcing.get("rivers") or forcing.get("stages") else [])


def _csv(path: Path, rows: Iterable[dict[Any, Any]]) -> None:
    rows = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]) if rows else ["none"])
        table.writeheader()
        table.writerows(rows)


def _zip(folder: Path, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(f"{folder.name}/{one.name}", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, one.read_bytes())
