"""Routes of finished results: facts, frames, series, files."""

import io
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from kernels.quantities import QUANTITIES
from twin.city import CRS
from twin.result import Result, StoreError
from viewer.server import replay
from viewer.server.desk import Desk, desk_of
from viewer.server.problems import Problem, documented
from viewer.server.worker import grid_of
from viewer.tiles import local_origin

router = APIRouter(tags=["results"], prefix="/api/results")
TheDesk = Annotated[Desk, Depends(desk_of)]
_PIECE = 1 << 18


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
        "grid": grid_of(data, local_origin(desk.city)),
    }


@router.get("/{digest}/frames/{field}/{index}", responses=documented(404))
def frame(digest: str, field: str, index: int, desk: TheDesk) -> Response:
    """Send one field at one output time as a key frame; a field of the whole run has index 0."""
    found = _open(desk, digest)
    try:
        message = replay.key_frame(digest, found, field, index)
    except KeyError as error:
        raise Problem(404, "no-frame", str(error.args[0])) from error
    headers = {"Cache-Control": "private, max-age=3600", "ETag": f'"{digest[:24]}-{field}-{index}"'}
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
    grid = grid_of(data, local_origin(desk.city))
    column = int(np.floor((x - grid["west"]) / grid["cell_size"]))
    row = int(np.floor((y - grid["south"]) / grid["cell_size"]))
    if not (0 <= column < grid["nx"] and 0 <= row < grid["ny"]):
        raise Problem(404, "outside", f"({x:g}, {y:g}) is outside the grid of this result")
    here = data.isel(x=[column], y=[row]).load()
    try:
        values = [float(replay.one_field(here, field, i)[0, 0]) for i in range(len(replay.times(data)))]
    except KeyError as error:
        raise Problem(404, "no-field", str(error.args[0])) from error
    known = [value if np.isfinite(value) else None for value in values]
    return {"times": replay.times(data).tolist(), "values": known, "units": QUANTITIES[field].units}


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
        return _file(_netcdf(found), f"{name}.nc", "application/x-netcdf")
    try:
        picture = _geotiff(found, field)
    except KeyError as error:
        raise Problem(404, "no-field", str(error.args[0])) from error
    return _file(io.BytesIO(picture), f"{name}-{field}.tif", "image/tiff")


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


def _netcdf(found: Result) -> Any:
    """The result as NetCDF-3 with 64-bit offsets, which every reader knows."""
    data = found.dataset.load()
    for one in (*data.data_vars.values(), *data.coords.values()):
        one.encoding = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "result.nc"
        data.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")
        file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it has been sent)
        file.write(path.read_bytes())
    file.seek(0)
    return file


def _geotiff(found: Result, field: str) -> bytes:
    """One field as a cloud-optimised GeoTIFF, a band per output time."""
    data = found.dataset
    count = 1 if field in data and "time" not in data[field].dims else len(replay.times(data))
    bands = [replay.one_field(data, field, index)[::-1] for index in range(count)]
    x, y = data["x"].values, data["y"].values
    size = float(x[1] - x[0])
    frame = Affine(size, 0, float(x[0]) - size / 2, 0, -size, float(y[-1]) + size / 2)
    rows, columns = bands[0].shape
    profile = {"width": columns, "height": rows, "count": count, "dtype": "float32", "crs": CRS, "transform": frame}
    with MemoryFile() as memory:
        with memory.open(driver="COG", nodata=float("nan"), compress="deflate", **profile) as file:
            for number, band in enumerate(bands, start=1):
                file.write(band, number)
            file.update_tags(units=QUANTITIES[field].units, field=field)
        return bytes(memory.read())
