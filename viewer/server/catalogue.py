"""Routes of what can be shown and tried: quantities, land covers, ready scenarios."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from kernels.quantities import QUANTITIES
from scenarios.library import ready_for
from twin.land_covers import land_covers
from viewer.server.desk import Desk, desk_of
from viewer.server.fields import STREAMED

router = APIRouter(tags=["catalogue"])


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


@router.get("/api/library")
def library(desk: Annotated[Desk, Depends(desk_of)]) -> list[dict[str, Any]]:
    """List the ready scenarios that fit this city."""
    return [
        {
            "key": key,
            "name": one.name,
            "description": one.description or {},
            "scenario": one.canonical(),
        }
        for key, one in ready_for(desk.city).items()
    ]
