"""Routes of the city itself: facts, tiles, ground, trees, streets, one building."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Request, Response

from twin.city import CRS
from viewer.server.desk import Desk, desk_of
from viewer.server.problems import Problem, documented
from viewer.tiles import local_origin

router = APIRouter(tags=["city"])
TheDesk = Annotated[Desk, Depends(desk_of)]

_TYPES = {
    ".json": "application/json",
    ".glb": "model/gltf-binary",
    ".png": "image/png",
    "": "application/octet-stream",
}


def _send(desk: Desk, request: Request, name: str) -> Response:
    """A published file: gzipped if the client takes that, 304 if it has it already."""
    gzipped = "gzip" in request.headers.get("accept-encoding", "")
    found = desk.published.file(name, gzipped=gzipped)
    if found is None:
        raise Problem(404, "not-found", f"there is no file {name!r} of this city; tileset.json lists the tiles")
    content, coding = found
    tag = f'"{desk.published.tags[name]}{"-gz" if coding else ""}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
    if tag in (part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=headers)
    if coding:
        headers["Content-Encoding"] = coding
    suffix = name[name.rfind(".") :] if "." in name else ""
    return Response(content, media_type=_TYPES[suffix], headers=headers)


@router.get("/api/city")
def city(desk: TheDesk) -> dict[str, Any]:
    """Say which city this is, where it lies and where its data come from."""
    city = desk.city
    return {
        "name": city.name,
        "digest": city.digest,
        "demo": city.demo,
        "bounds": [float(value) for value in city.bounds],
        "origin": list(local_origin(city)),
        "crs": CRS,
        "counts": {"buildings": len(city.buildings), "trees": len(city.trees), "links": len(city.links)},
        "sources": [
            {"part": one.part, "title": one.title, "licence": one.licence, "url": one.url, "vintage": one.vintage}
            for one in city.sources
        ],
        "population": float(city.sectors["population"].sum()) if len(city.sectors) else None,
    }


@router.get("/tiles/{name}", responses=documented(404))
def tiles(name: str, request: Request, desk: TheDesk) -> Response:
    """Send a file of the 3D Tiles 1.1 tileset: ``tileset.json`` or a GLB."""
    return _send(desk, request, f"tiles/{name}")


@router.get("/api/city/terrain.json")
def terrain_words(request: Request, desk: TheDesk) -> Response:
    """Send the frame of the terrain grid: nx, ny, west, south (local frame), cell_size, z_min, z_step."""
    return _send(desk, request, "terrain.json")


@router.get("/api/city/terrain")
def terrain(request: Request, desk: TheDesk) -> Response:
    """Send the terrain: uint16 little-endian, row 0 = south, height = z_min + z_step * value, 65535 = unknown."""
    return _send(desk, request, "terrain")


@router.get("/api/city/ground.png")
def ground_picture(request: Request, desk: TheDesk) -> Response:
    """Send the ground's picture, over the same extent as the terrain, north up."""
    return _send(desk, request, "ground.png")


@router.get("/api/city/trees.json")
def trees(request: Request, desk: TheDesk) -> Response:
    """Send the trees as columns, in the local frame."""
    return _send(desk, request, "trees.json")


@router.get("/api/city/streets.json")
def streets(request: Request, desk: TheDesk) -> Response:
    """Send the streets: lines in the local frame, names, kind, width [m], lanes, speed [km/h], whether one-way."""
    return _send(desk, request, "streets.json")


@router.get("/api/city/buildings/{name:path}", responses=documented(404))
def building(name: str, desk: TheDesk) -> dict[str, Any]:
    """Say everything known of one building."""
    table = desk.city.buildings
    if name not in table.index:
        raise Problem(404, "no-building", f"this city has no building {name!r}; its ids are in the tiles' metadata")
    row = table.loc[name]
    east, north = local_origin(desk.city)
    centre = row.geometry.representative_point()
    facts: dict[str, Any] = {
        "id": name,
        "row": int(table.index.get_loc(name)),
        "footprint_area": round(float(row.geometry.area), 2),
        "point": [round(centre.x - east, 2), round(centre.y - north, 2)],
    }
    for column in table.columns.drop(table.geometry.name):
        value = row[column]
        if isinstance(value, float | np.floating):
            facts[column] = float(value) if np.isfinite(value) else None
        else:
            facts[column] = value.item() if isinstance(value, np.generic) else value
    return facts
