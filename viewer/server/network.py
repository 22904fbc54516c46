"""Routes of what a result knows along streets: its links, the course of one street, and the ways of traced vehicles."""

from typing import Annotated, Any

import numpy as np
import xarray as xr
from fastapi import APIRouter, Depends, Query, Response

from kernels.quantities import QUANTITIES
from twin.result import StoreError
from viewer.server import fields, replay
from viewer.server.desk import Desk, desk_of
from viewer.server.problems import Problem, documented

router = APIRouter(tags=["traffic"], prefix="/api/results")
TheDesk = Annotated[Desk, Depends(desk_of)]

ALONG, AGAINST = ">", "<"
"""Last letter of a link: along the line of its street, or against it."""
MOST_LEGS = 400_000
"""That one answer may hold; each is 20 bytes."""
_LEG = ("vehicle_leg_link", "vehicle_leg_vehicle", "vehicle_leg_begin", "vehicle_leg_until")


def _data(desk: Desk, digest: str) -> xr.Dataset:
    try:
        return desk.store.open(digest).dataset
    except StoreError as error:
        raise Problem(404, "no-result", f"there is no result {digest[:64]!r}; POST /api/jobs makes one") from error


@router.get("/{digest}/links", responses=documented(404))
def links(digest: str, desk: TheDesk) -> dict[str, Any]:
    """List the ids of the links in the order of the values along them: a street's id and ``>`` along it, ``<`` against.

    A result without streets has none.
    """
    return {"links": fields.links_of(_data(desk, digest))}


@router.get("/{digest}/street/{street:path}", responses=documented(404))
def street(digest: str, street: str, desk: TheDesk) -> dict[str, Any]:
    """Send all that a result knows of both directions of one street: summaries, and courses over time."""
    data = _data(desk, digest)
    known = fields.links_of(data)
    found = [(known.index(link), link) for link in (street + ALONG, street + AGAINST) if link in known]
    if not found:
        raise Problem(404, "no-street", f"no link of this result is of the street {street[:64]!r}; see its links")
    names = [name for name in replay.names(data) if fields.along_links(data, name)]
    here = data[names].isel(link=[row for row, _ in found]).load()
    directions = []
    for place, (_, link) in enumerate(found):
        whole: dict[str, Any] = {}
        series: dict[str, Any] = {}
        for name in names:
            values = np.asarray(here[name].isel(link=place).values, float)
            units = QUANTITIES[name].units
            if values.ndim:
                series[name] = {"values": [_known(one) for one in values], "units": units}
            else:
                whole[name] = {"value": _known(float(values)), "units": units}
        directions.append({"link": link, "along": link.endswith(ALONG), "whole": whole, "series": series})
    return {"times": replay.times(data).tolist(), "directions": directions}


@router.get("/{digest}/vehicles", responses=documented(404, 422))
def vehicles(
    digest: str,
    desk: TheDesk,
    begin: Annotated[float, Query(alias="from", ge=0, allow_inf_nan=False)] = 0.0,
    until: Annotated[float | None, Query(ge=0, allow_inf_nan=False)] = None,
) -> Response:
    """Send the legs of traced vehicles that touch a span of model time, in seconds since the start.

    Little-endian: the number of legs as uint32, then, each for all legs by their begin: link (int32, its place among
    the links), vehicle (int32), mode (int32, its place among car, van, truck, bus, bike, foot), begin and until
    (float32, s). A result without traced vehicles has no legs.
    """
    data = _data(desk, digest)
    if not set(_LEG) <= set(map(str, data.data_vars)):
        return _columns([np.zeros(0, "<i4")] * 3 + [np.zeros(0, "<f4")] * 2)
    link, vehicle, entry, leave = (np.asarray(data[name].values, float) for name in _LEG)
    leave = np.where(np.isnan(leave), np.inf, leave)  # who has not left is still there
    kept = (leave >= begin) & (entry <= (np.inf if until is None else until)) & np.isfinite(entry)
    if (count := int(kept.sum())) > MOST_LEGS:
        raise Problem(
            422, "too-many", f"{count} legs lie in that span, {MOST_LEGS} may come together; ask for a shorter one"
        )
    rows = np.flatnonzero(kept)
    rows = rows[np.argsort(entry[rows], kind="stable")]
    mode = np.asarray(data["vehicle_mode"].values, float)[vehicle[rows].astype(np.int64)]
    return _columns(
        [one.astype("<i4") for one in (link[rows], vehicle[rows], mode)]
        + [one.astype("<f4") for one in (entry[rows], leave[rows])]
    )


def _columns(columns: list[np.ndarray]) -> Response:
    body = np.array([columns[0].size], "<u4").tobytes() + b"".join(one.tobytes() for one in columns)
    return Response(body, media_type="application/octet-stream", headers={"Cache-Control": "private, max-age=3600"})


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
