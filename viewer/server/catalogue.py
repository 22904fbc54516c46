"""Routes of what can be shown and tried: quantities, land covers, ready scenarios."""

from typing import Any

from fastapi import APIRouter

from kernels.quantities import QUANTITIES
from twin.land_covers import land_covers
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
