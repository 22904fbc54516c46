"""Routes of changed streets: filters for a neighbourhood, what a ready scenario changes, and A against B in traffic."""

import asyncio
import threading
from typing import Annotated, Any

import numpy as np
import pandas as pd
import shapely
from fastapi import APIRouter, Depends, Request

from scenarios.compare_traffic import SAME, TrafficComparison, compare_results
from scenarios.library import ready_for
from scenarios.neighbourhood_filters import Proposal, proposed_filters
from scenarios.problem import ScenarioError
from scenarios.situation import STREET_PARTS
from twin.city import City
from twin.layers import remembered
from twin.result import Result, StoreError
from twin.street_works import DemandChange, StreetClosure
from viewer.server.desk import Desk, desk_of
from viewer.server.limits import json_body
from viewer.server.problems import Problem, documented
from viewer.tiles import local_origin

router = APIRouter(tags=["traffic"])
TheDesk = Annotated[Desk, Depends(desk_of)]

MOST_CORNERS = 200
"""Of the polygon around a neighbourhood."""
LARGEST = 6e6
"""Neighbourhood for which filters are looked for while somebody waits; the Pentagon has 4.6 km². [m²]"""
_SIMPLER = 0.5
"""Outlines are sent to this. [m]"""
_one_at_a_time = threading.Lock()

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["polygon"],
                    "properties": {
                        "polygon": {
                            "description": "Corners around the neighbourhood in the local frame [m]",
                            "type": "array",
                            "minItems": 3,
                            "maxItems": MOST_CORNERS,
                            "items": {
                                "type": "array",
                                "items": {"type": "number"},
                                "minItems": 2,
                                "maxItems": 2,
                            },
                        }
                    },
                }
            }
        },
    }
}


@router.post("/api/city/filters", openapi_extra=_BODY, responses=documented(415))
async def filters(request: Request, desk: TheDesk) -> dict[str, Any]:
    """Propose the streets to close so that no car drives through a neighbourhood and all are still reached.

    ``filters`` and ``both_ways`` are ids for the edit ``low_traffic_neighbourhood``; ``fewest`` says that fewer are
    proved not to do.
    """
    shape = _polygon(await json_body(request, desk.limits), local_origin(desk.city))
    found = await asyncio.to_thread(_proposed, desk.city, shape)
    east, north = local_origin(desk.city)
    return {
        "filters": [
            {
                "street": one.street,
                "name_fr": one.name_fr,
                "name_nl": one.name_nl,
                "end": one.end,
                "point": [round(one.x - east, 1), round(one.y - north, 1)],
            }
            for one in found.filters
        ],
        "both_ways": list(found.both_ways),
        "gates": found.gates,
        "boundary_streets": found.boundary_streets,
        "fewest": found.fewest,
    }


def _polygon(body: Any, origin: tuple[float, float]) -> shapely.Polygon:
    """The polygon of a request in Lambert 72."""
    said = body.get("polygon") if isinstance(body, dict) else None
    expected = f"expected {{polygon: [[x, y], ...]}} of 3 to {MOST_CORNERS} corners in metres of the local frame"
    if not isinstance(said, list) or not 3 <= len(said) <= MOST_CORNERS:
        raise Problem(422, "no-polygon", expected, pointer="/polygon")
    for number, one in enumerate(said):
        pair = isinstance(one, list) and len(one) == 2
        if not pair or not all(type(value) in (int, float) and abs(value) < 1e7 for value in one):
            raise Problem(422, "no-polygon", f"got {str(one)[:60]!r}; {expected}", pointer=f"/polygon/{number}")
    shape = shapely.Polygon(np.array(said, float) + origin)
    if not shape.is_valid:
        raise Problem(422, "no-polygon", "the polygon crosses itself; draw it around once", pointer="/polygon")
    if shape.area > LARGEST:
        size = f"{shape.area / 1e6:.1f} km² are more than the {LARGEST / 1e6:g} km²"
        raise Problem(422, "no-polygon", f"{size} of one neighbourhood; draw less", pointer="/polygon")
    return shape


def _proposed(city: City, shape: shapely.Polygon) -> Proposal:
    try:
        with _one_at_a_time:
            return proposed_filters(city, shape)
    except ScenarioError as error:
        raise Problem(422, "no-neighbourhood", str(error), pointer="/polygon") from error


@router.get("/api/library/{key}/streets", responses=documented(404))
def ready(key: str, desk: TheDesk) -> dict[str, Any]:
    """Say which streets the edits of a ready scenario close, and which they change otherwise, edit by edit."""
    found = ready_for(desk.city)
    if key not in found:
        raise Problem(404, "no-scenario", f"there is no ready scenario {key[:64]!r}; GET /api/library lists them")

    def make() -> list[dict[str, Any]]:
        situation = found[key].situation(desk.city)
        return [
            {
                "id": one.id,
                "edit": str(getattr(one.edit, "edit", part)),
                "closed": sorted({street for work in closures(one.columns["works"]) for street in work.streets}),
                "changed": sorted({street for work in others(one.columns["works"]) for street in work.streets}),
            }
            for part in STREET_PARTS
            for one in situation.added_to(part)
        ]

    def closures(works: tuple[Any, ...]) -> list[Any]:
        return [work for work in works if isinstance(work, StreetClosure)]

    def others(works: tuple[Any, ...]) -> list[Any]:
        return [work for work in works if not isinstance(work, StreetClosure | DemandChange)]

    try:
        with _one_at_a_time:
            edits: list[dict[str, Any]] = remembered(("ready streets", desk.city.digest, key), make)
    except ScenarioError as error:
        raise Problem(404, "no-scenario", str(error)) from error
    return {"edits": edits}


@router.get("/api/results/{digest}/traffic/{other}", responses=documented(404))
def compare(digest: str, other: str, desk: TheDesk) -> dict[str, Any]:
    """Compare the traffic of A with that of B, ``other``: figures, who gains and loses by sector, changed streets.

    ``figures`` are those of `scenarios.compare_traffic`. Sectors come with their outlines in the local frame; streets
    by id with vehicles an hour of both directions, those that changed by more than a fiftieth.
    """
    a, b = _open(desk, digest), _open(desk, other)

    def make() -> TrafficComparison:
        return compare_results(a, b, desk.city)

    try:
        with _one_at_a_time:
            found: TrafficComparison = remembered(("traffic compared", desk.city.digest, digest, other), make)
    except ScenarioError as error:
        raise Problem(404, "no-comparison", str(error)) from error
    origin = local_origin(desk.city)
    numbers = ["population", "change", "people_better", "people_worse", "people_loud_a", "people_loud_b"]
    numbers += ["help_minutes_a", "help_minutes_b"]
    streets = found.streets
    moved = streets["vehicle_km_change"].abs() > SAME * np.maximum(streets["vehicle_km_a"], streets["vehicle_km_b"])
    return {
        "figures": found.figures,
        "sectors": [
            {
                "id": str(name),
                "name_fr": row["name_fr"],
                "name_nl": row["name_nl"],
                "verdict": row["verdict"],
                "values": {key: _known(row[key]) for key in numbers if key in row.index},
                "rings": _rings(row.geometry, origin),
            }
            for name, row in found.sectors.iterrows()
        ],
        "streets": [
            {"id": str(name), "a": _known(row["flow_a"]), "b": _known(row["flow_b"])}
            for name, row in streets[moved].iterrows()
        ],
    }


def _open(desk: Desk, digest: str) -> Result:
    try:
        return desk.store.open(digest)
    except StoreError as error:
        raise Problem(404, "no-result", f"there is no result {digest[:64]!r}; POST /api/jobs makes one") from error


def _rings(shape: shapely.Geometry, origin: tuple[float, float]) -> list[list[list[float]]]:
    """Outer rings and holes of an outline in the local frame. [m]"""
    simple = shapely.simplify(shape, _SIMPLER)
    rings = [ring for part in shapely.get_parts(simple) for ring in (part.exterior, *part.interiors)]
    return [np.round(shapely.get_coordinates(ring) - origin, 1).tolist() for ring in rings]


def _known(value: Any) -> float | None:
    return round(float(value), 4) if pd.notna(value) and np.isfinite(float(value)) else None
