"""Routes of what is known of the city's buildings for energy: the table, the same as a file, and a file read back."""

import asyncio
import tempfile
import threading
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Request, Response

from twin.building_facts import FACTS, read_facts, write_facts
from twin.city import BUILDING_COLUMNS, City, CityError, complete
from twin.energy_layers import assumed_facts
from twin.layers import remembered
from viewer.server.desk import Desk, desk_of
from viewer.server.limits import json_body
from viewer.server.problems import Problem, documented

router = APIRouter(tags=["energy"], prefix="/api/city/energy")
TheDesk = Annotated[Desk, Depends(desk_of)]

MOST = 20_000
"""Buildings that the table lists; of a larger city the file holds all."""
_one_at_a_time = threading.Lock()

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["csv"],
                    "properties": {"csv": {"description": "Text of a file of facts, as facts.csv", "type": "string"}},
                }
            }
        },
    }
}


@router.get("/facts")
def facts(desk: TheDesk) -> dict[str, Any]:
    """List what is known of each building, null where nobody knows, with the words and ranges of each fact.

    ``sector`` is that of the middle of the building. ``left_out`` counts the buildings that are not listed.
    """
    city = desk.city
    table = complete(city.buildings, BUILDING_COLUMNS).iloc[:MOST]
    names = ["name", "use", *(name for name in FACTS)]
    return {
        "facts": [
            {
                "key": one.column,
                "label": dict(one.label),
                "units": one.units,
                "low": one.low if one.is_number else None,
                "high": one.high if one.is_number else None,
                "choices": list(one.choices),
            }
            for one in FACTS.values()
        ],
        "ids": table.index.astype(str).tolist(),
        "columns": {name: [_known(one) for one in table[name]] for name in names if name in table},
        "sector": _sectors(city)[:MOST],
        "sectors": [
            {"id": str(name), "name_fr": str(row["name_fr"]), "name_nl": str(row["name_nl"])}
            for name, row in city.sectors.iterrows()
        ],
        "left_out": max(0, len(city.buildings) - MOST),
    }


@router.get("/facts.csv")
def facts_file(desk: TheDesk) -> Response:
    """Send the facts of all buildings as a CSV to fill in; what is worked with where nobody knows stands beside it."""
    name = f"{'demo-' if desk.city.demo else ''}facts.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    with tempfile.TemporaryDirectory() as folder, _one_at_a_time:
        path = Path(folder) / "facts.csv"
        write_facts(desk.city, path, assumed_facts(desk.city))
        return Response(path.read_bytes(), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/facts", openapi_extra=_BODY, responses=documented(415))
async def read(request: Request, desk: TheDesk) -> dict[str, Any]:
    """Read a file of facts: rows for the edit ``building_facts``, and names of which the city has no building."""
    body = await json_body(request, desk.limits)
    text = body.get("csv") if isinstance(body, dict) else None
    if not isinstance(text, str):
        raise Problem(422, "no-facts", "expected {csv: text} of a file of facts", pointer="/csv")
    return await asyncio.to_thread(_read, desk.city, text)


def _read(city: City, text: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.csv"
        path.write_text(text, "utf-8")
        try:
            found = read_facts(path, city)
        except CityError as error:
            # people know their file by its lines, not by where the server put it
            said = str(error).replace(f"{path}, ", "").replace(f"{path}: ", "")
            raise Problem(422, "no-facts", said, pointer="/csv") from error
    rows = []
    for name, row in found.table.iterrows():
        values = {str(key): one for key, value in row.items() if (one := _known(value)) is not None}
        if values:
            rows.append({"building": str(name), "values": values})
    return {"rows": rows, "unknown": list(found.unknown)}


def _sectors(city: City) -> list[str | None]:
    """The sector in which each building stands."""
    if len(city.sectors) == 0:
        return [None] * len(city.buildings)

    def make() -> np.ndarray:
        middles = city.buildings.geometry.representative_point()
        place, sector = city.sectors.sindex.query(middles, predicate="within")
        found = np.full(len(middles), -1)
        found[place] = sector
        return found

    with _one_at_a_time:
        rows = remembered(("energy sectors", city.digest), make)
    names = city.sectors.index.astype(str).tolist()
    return [names[row] if row >= 0 else None for row in rows]


def _known(value: Any) -> float | str | None:
    if isinstance(value, str):
        return value or None
    return round(float(value), 4) if np.isfinite(value) else None
