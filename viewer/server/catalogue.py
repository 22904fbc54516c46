"""Routes of what can be shown and tried: quantities, land covers, ready scenarios."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends

import scenarios
from kernels.quantities import QUANTITIES
from scenarios.scenario import Scenario
from twin.land_covers import land_covers
from viewer.server.desk import Desk, desk_of
from viewer.server.fields import STREAMED

router = APIRouter(tags=["catalogue"])

LIBRARY = Path(scenarios.__file__).parent / "library"


@router.get("/api/catalogue")
def catalogue() -> dict[str, Any]:
    """List quantities with their words and legends, the fields that stream, and the land covers."""
    return {
        "quantities": {
            name: {
                "units": one.units,
                "label": one.label,
                "palette": one.palette,
                "range": one.range,
                "scale": one.scale,
            }
            for name, one in QUANTITIES.items()
        },
        "fields": list(STREAMED),
        "covers": [
            {"key": cover.key, "label": cover.label, "color": cover.color}
            for cover in land_covers().values()
            if cover.key != "roof"
        ],
    }


@cache
def _library(folder: Path) -> tuple[tuple[str, Scenario], ...]:
    return tuple((path.stem, Scenario.load(path)) for path in sorted(folder.glob("*.yaml")))


@router.get("/api/library")
def library(desk: Annotated[Desk, Depends(desk_of)]) -> list[dict[str, Any]]:
    """List the ready scenarios that fit this city."""
    west, south, east, north = desk.city.bounds
    found = []
    for key, scenario in _library(LIBRARY):
        window = scenario.window or [west, south, east, north]
        here = window[0] >= west - 1 and window[1] >= south - 1 and window[2] <= east + 1 and window[3] <= north + 1
        if here and scenario.city in (None, desk.city.digest):
            found.append(
                {
                    "key": key,
                    "name": scenario.name,
                    "description": scenario.description or {},
                    "scenario": scenario.canonical(),
                }
            )
    return found
