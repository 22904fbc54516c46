"""Routes of places: statistical sectors by vulnerability to heat, streets as heat islands, and whom B helps."""

import threading
from typing import Annotated, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from fastapi import APIRouter, Depends, Query

from scenarios.compare_heat import FELT, affected
from scenarios.heat_islands import heat_islands
from scenarios.problem import ScenarioError
from scenarios.reopened import heat_figures_of
from scenarios.vulnerability import LAYERS, checked_weights, parts, vulnerability
from twin.layers import remembered
from twin.result import Result, StoreError
from viewer.server.desk import Desk, desk_of
from viewer.server.problems import Problem, documented
from viewer.tiles import local_origin

router = APIRouter(tags=["places"], prefix="/api/results")
TheDesk = Annotated[Desk, Depends(desk_of)]
_MOST_WEIGHTS = 400
"""Letters that the weights of one request may take."""
_SIMPLER = 0.5
"""Outlines are sent to this. [m]"""
_one_at_a_time = threading.Lock()


def _open(desk: Desk, digest: str) -> Result:
    try:
        return desk.store.open(digest)
    except StoreError as error:
        raise Problem(404, "no-result", f"there is no result {digest[:64]!r}; POST /api/jobs makes one") from error


def _ranked(desk: Desk, digest: str, by: Literal["street", "sector"]) -> gpd.GeoDataFrame:
    """Islands of a result; a result never changes, so that they are made once."""
    found = _open(desk, digest)

    def make() -> gpd.GeoDataFrame:
        return heat_islands(heat_figures_of(found, desk.city).exposure, found.dataset, by)

    try:
        with _one_at_a_time:
            ranked: gpd.GeoDataFrame = remembered(("heat islands", desk.city.digest, digest, by), make)
    except ScenarioError as error:
        raise Problem(404, "no-heat", str(error)) from error
    return ranked


@router.get("/{digest}/sectors", responses=documented(404, 422))
def sectors(
    digest: str, desk: TheDesk, weights: Annotated[str, Query(max_length=_MOST_WEIGHTS)] = ""
) -> dict[str, Any]:
    """Send vulnerability to heat by statistical sector, the most vulnerable first, with all that went into it.

    ``weights`` names other weights than the usual ones: ``hazard:2,hours_above_38:0``.
    """
    islands = _ranked(desk, digest, "sector")
    try:
        used = checked_weights(dict(_weight(one) for one in weights.split(",") if one))
    except ScenarioError as error:
        raise Problem(422, "no-weight", str(error)) from error
    found = vulnerability(islands, desk.city.sectors, weights=used)
    numbers = ["vulnerability", *LAYERS, *(key for key, one in parts().items() if one.layer)]
    return {
        "parts": [
            {
                "key": one.key,
                "layer": one.layer,
                "weight": used[one.key],
                "units": one.units,
                "label": one.label,
                "source": one.source,
            }
            for one in parts().values()
        ],
        "unknown": list(found.unknown),
        "sectors": [
            _place(name, row, numbers) | {"rings": _rings(row.geometry, local_origin(desk.city))}
            for name, row in found.sectors.iterrows()
        ],
    }


@router.get("/{digest}/streets", responses=documented(404))
def streets(digest: str, desk: TheDesk, most: Annotated[int, Query(ge=1, le=200)] = 20) -> dict[str, Any]:
    """Send the critical heat islands by street, the worst first, each with a point to fly to."""
    found = _ranked(desk, digest, "street")
    numbers = ["residents", "person_hours_32", "hours_above_32", "hours_above_38", "max_utci"]
    east, north = local_origin(desk.city)
    rows = []
    for name, row in found.head(most).iterrows():
        middle = row.geometry.interpolate(0.5, normalized=True) if row.geometry.geom_type == "LineString" else None
        point = middle or row.geometry.representative_point()
        rows.append(_place(name, row, numbers) | {"point": [round(point.x - east, 1), round(point.y - north, 1)]})
    return {"streets": rows, "count": len(found)}


@router.get("/{digest}/affected/{other}", responses=documented(404))
def people(digest: str, other: str, desk: TheDesk) -> dict[str, Any]:
    """Say for how many residents B, ``other``, feels cooler or warmer around home than A in the hot hours."""
    try:
        found = affected(_open(desk, digest), _open(desk, other), desk.city)
    except ScenarioError as error:
        raise Problem(404, "no-comparison", str(error)) from error
    return {
        "people_cooler": _known(found.people_cooler),
        "people_warmer": _known(found.people_warmer),
        "mean_change": _known(found.mean_change),
        "person_degree_hours": _known(found.person_degree_hours),
        "felt": FELT,
    }


def _weight(said: str) -> tuple[str, float]:
    key, _, value = said.partition(":")
    try:
        return key, float(value)
    except ValueError as error:
        raise Problem(422, "no-weight", f"{said!r} is no weight; write it like hazard:2") from error


def _place(name: Any, row: pd.Series, numbers: list[str]) -> dict[str, Any]:
    values = {key: _known(row[key]) for key in numbers if key in row.index}
    return {"id": str(name), "rank": int(row["rank"]), "name_fr": row["name_fr"], "name_nl": row["name_nl"]} | {
        "values": values
    }


def _rings(shape: shapely.Geometry, origin: tuple[float, float]) -> list[list[list[float]]]:
    """Outer rings and holes of an outline in the local frame. [m]"""
    simple = shapely.simplify(shape, _SIMPLER)
    rings = [ring for part in shapely.get_parts(simple) for ring in (part.exterior, *part.interiors)]
    return [np.round(shapely.get_coordinates(ring) - origin, 1).tolist() for ring in rings]


def _known(value: Any) -> float | None:
    number = float(value)
    return round(number, 4) if np.isfinite(number) else None
