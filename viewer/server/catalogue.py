"""Routes of what can be shown and tried: quantities, land covers, ready scenarios."""

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from kernels.quantities import QUANTITIES
from scenarios.library import ready_for
from scenarios.scenario import json_schema
from twin.land_covers import land_covers
from twin.tree_species import tree_species
from viewer.server.desk import Desk, desk_of
from viewer.server.fields import STREAMED

router = APIRouter(tags=["catalogue"])


@router.get("/api/catalogue")
def catalogue() -> dict[str, Any]:
    """List quantities with words and legends, fields that stream, land covers, trees, and what scenarios can say."""
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
        "species": [
            {"key": one.name, "label": one.label, "height": one.height, "crown_diameter": one.crown_diameter}
            for one in tree_species().values()
        ],
        **_sayable(),
    }


@cache
def _sayable() -> dict[str, list[str]]:
    """Edits, kinds of rain and parts that a scenario document can have."""
    schema = json_schema()
    return {
        "edits": _words_of(schema, "edit"),
        "rains": _words_of(schema, "kind", within="Forcing"),
        "parts": sorted(schema["properties"]),
    }


def _words_of(schema: dict[str, Any], field: str, *, within: str | None = None) -> list[str]:
    """The words that tell the alternatives of a scenario apart: those of ``field``, in the parts that ``within`` names.

    Parameters
    ----------
    schema : dict
        Of `scenarios.scenario.json_schema`.
    field : str
        ``edit`` or ``kind``.
    within : str, optional
        Name of a part of the schema; None takes every part.
    """
    parts: dict[str, Any] = schema["$defs"]
    names = set(parts) if within is None else _named_in(parts[within])
    found = (parts[name].get("properties", {}).get(field, {}).get("const") for name in names)
    return sorted(str(word) for word in found if word is not None)


def _named_in(part: Any) -> set[str]:
    """Names of the parts of a schema that one part refers to."""
    if isinstance(part, list):
        return set().union(*map(_named_in, part))
    if not isinstance(part, dict):
        return set()
    own = {str(part["$ref"]).rsplit("/", 1)[-1]} if "$ref" in part else set()
    return own.union(*map(_named_in, part.values()))


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
