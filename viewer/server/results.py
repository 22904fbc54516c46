"""Routes of finished results: facts, frames, series, files."""

import hashlib
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import xarray as xr
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from kernels.quantities import QUANTITIES
from twin.export import write_geotiff, write_netcdf
from twin.result import Result, StoreError
from viewer.server import fields, replay
from viewer.server.desk import Desk, desk_of
from viewer.server.problems import Problem, documented
from viewer.tiles import local_origin

router = APIRouter(tags=["results"], prefix="/api/results")
TheDesk = Annotated[Desk, Depends(desk_of)]
_PIECE = 1 << 18
_MOST_FIELDS = 8
"""Fields of one moment that one request may ask for."""


def _open(desk: Desk, digest: str) -> Result:
    try:
        return desk.store.open(digest)
    except StoreError as error:
        raise Problem(404, "no-result", f"there is no result {digest[:64]!r}; POST /api/jobs makes one") from error


@router.get("/{digest}", responses=documented(404))
def result(digest: str, desk: TheDesk) -> dict[str, Any]:
    """Say what a result holds, with its key figures and where it comes from."""
    found = _open(desk, digest)
    data = found.dataset
    return {
        "digest": digest,
        "manifest": found.manifest,
        "indicators": found.indicators,
        "times": replay.times(data).tolist(),
        "fields": replay.names(data),
        "along": {name: fields.LINK for name in replay.names(data) if fields.along_links(data, name)},
        "grid": fields.grid_of(data, local_origin(desk.city)),
    }


@router.get("/{digest}/frames/{field}/{index}", responses=documented(404))
def frame(digest: str, field: str, index: int, desk: TheDesk) -> Response:
    """Send one field at one output time as a key frame, or several, parted by commas, one frame after the other.

    A field of the whole run has index 0.
    """
    found = _open(desk, digest)
    names = field.split(",")
    if len(names) > _MOST_FIELDS:
        raise Problem(404, "no-frame", f"at most {_MOST_FIELDS} fields come together, got {len(names)}; ask twice")
    try:
        message = b"".join(replay.key_frame(digest, found, name, index) for name in names)
    except KeyError as error:
        raise Problem(404, "no-frame", str(error.args[0])) from error
    tag = hashlib.sha256(f"{digest} {field} {index}".encode()).hexdigest()[:24]
    headers = {"Cache-Control": "private, max-age=3600", "ETag": f'"{tag}"'}
    return Response(message, media_type="application/octet-stream", headers=headers)


@router.get("/{digest}/series", responses=documented(404))
def series(
    digest: str,
    field: str,
    desk: TheDesk,
    x: Annotated[float, Query(allow_inf_nan=False)],
    y: Annotated[float, Query(allow_inf_nan=False)],
) -> dict[str, Any]:
    """Send the course of a field at a point of the local frame."""
    data = _open(desk, digest).dataset
    if fields.along_links(data, field):
        raise Problem(
            404, "no-field", f"{field} goes along links; GET /api/results/DIGEST/street/STREET has its course"
        )
    here = _cell(data, desk, x, y)[[name for name in data.data_vars if data[name].dims[-2:] == ("y", "x")]].load()
    try:
        values = [float(replay.one_field(here, field, i)[0, 0]) for i in range(len(replay.times(data)))]
    except KeyError as error:
        raise Problem(404, "no-field", str(error.args[0])) from error
    return {
        "times": replay.times(data).tolist(),
        "values": [_known(value) for value in values],
        "units": QUANTITIES[field].units,
    }


@router.get("/{digest}/point", responses=documented(404))
def point(
    digest: str,
    desk: TheDesk,
    x: Annotated[float, Query(allow_inf_nan=False)],
    y: Annotated[float, Query(allow_inf_nan=False)],
) -> dict[str, Any]:
    """Send all that a result knows of the cell under a point of the local frame: summaries, and courses over time."""
    data = _open(desk, digest).dataset
    at = _cell(data, desk, x, y)
    here = at[[name for name in at.data_vars if at[name].dims[-2:] == ("y", "x")]].load()
    east, north = local_origin(desk.city)
    steps = replay.times(data)
    whole: dict[str, Any] = {}
    series: dict[str, Any] = {}
    for name in replay.names(here):
        units = QUANTITIES[name].units
        if name in here and "time" not in here[name].dims:
            whole[name] = {"value": _known(fields.values(here, name)[0, 0]), "units": units}
        else:
            values = [_known(replay.one_field(here, name, i)[0, 0]) for i in range(len(steps))]
            series[name] = {"values": values, "units": units}
    size = float(fields.grid_of(data, (east, north))["cell_size"])
    cell = {"x": float(at["x"][0]) - east, "y": float(at["y"][0]) - north, "size": size}
    return {"cell": cell, "times": steps.tolist(), "whole": whole, "series": series}


def _cell(data: xr.Dataset, desk: Desk, x: float, y: float) -> xr.Dataset:
    """The one cell of a result under a point of the local frame; both axes stay."""
    grid = fields.grid_of(data, local_origin(desk.city))
    column = int(np.floor((x - grid["west"]) / grid["cell_size"]))
    row = int(np.floor((y - grid["south"]) / grid["cell_size"]))
    if not (0 <= column < grid["nx"] and 0 <= row < grid["ny"]):
        raise Problem(404, "outside", f"({x:g}, {y:g}) is outside the grid of this result")
    return data.isel(x=[column], y=[row])


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


@router.get("/{digest}/download", responses=documented(404, 406))
def download(
    digest: str, desk: TheDesk, format: Literal["zarr", "netcdf", "geotiff"] = "zarr", field: str = "max_water_depth"
) -> Response:
    """Send a result as a file: zipped Zarr, NetCDF, or one field as GeoTIFF."""
    found = _open(desk, digest)
    name = f"{'demo-' if desk.city.demo else ''}{digest[:12]}"
    if format == "zarr":
        return _file(_zip(found.folder), f"{name}.zip", "application/zip")
    if format == "netcdf":
        return _file(_written(lambda path: write_netcdf(found, path)), f"{name}.nc", "application/x-netcdf")
    if field not in found.dataset:
        known = ", ".join(sorted(map(str, found.dataset.data_vars)))
        raise Problem(404, "no-field", f"there is no field {field!r}; there are {known}")
    return _file(_written(lambda path: write_geotiff(found, field, path)), f"{name}-{field}.tif", "image/tiff")


def _file(file: Any, name: str, kind: str) -> Response:
    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_PIECE):
                yield piece

    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(pieces(), media_type=kind, headers=headers)


def _zip(folder: Path) -> Any:
    """The result's folder as a ZIP, stored as it is: Zarr is packed already."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been sent)
    with zipfile.ZipFile(file, "w") as archive:
        for path in sorted(one for one in folder.rglob("*") if one.is_file()):
            archive.write(path, path.relative_to(folder).as_posix())
    file.seek(0)
    return file


def _written(write: Callable[[Path], None]) -> Any:
    """An open file with what an export writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        write(path)
        return path.open("rb")
