"""Rain that differs from place to place: from files or gauges, or a storm cell that moves, on the cells of a run."""

import io
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyproj
import xarray as xr
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile

from kernels.quantities import attrs
from twin.city import CRS
from twin.rainfall import RainError
from twin.rasterise import Grid

MAX_VALUES = 200_000_000
"""Entries that a field may have on the cells of a run: 0.8 GB in float32."""

Interpolation = Literal["nearest", "bilinear"]
Units = Literal["mm h-1", "m s-1"]

_RATES = {"mm h-1": 1 / 3.6e6, "mm/h": 1 / 3.6e6, "mm hr-1": 1 / 3.6e6, "kg m-2 s-1": 1e-3, "m s-1": 1.0, "m/s": 1.0}


def read_rain_field(
    path: str | Path,
    grid: Grid,
    *,
    interpolation: Interpolation = "bilinear",
    units: Units = "mm h-1",
    step_s: float | None = None,
    data: bytes | None = None,
) -> xr.DataArray:
    """Read rain through time and space, onto the cells of a grid.

    Parameters
    ----------
    path : path
        NetCDF-3 or Zarr (``rainfall_rate`` along time, y, x in Lambert 72), GeoTIFF with one band per step, or a CSV
        of gauges with the columns ``time_s``, ``x``, ``y``, ``rate``.
    grid : Grid
    interpolation : {"nearest", "bilinear"}
        Of gauges, ``nearest`` is Thiessen's way and ``bilinear`` weighs by the inverse square of the distance.
    units : {"mm h-1", "m s-1"}
        Of a file that does not say so itself.
    step_s : float, optional
        Time between the bands of a GeoTIFF. [s]
    data : bytes, optional
        Content of the file where it was read already.

    Returns
    -------
    (time, y, x) DataArray, float32
        ``rainfall_rate``; each entry holds until the next, the last as long as the one before and then no more.
        [m s⁻¹]

    Raises
    ------
    RainError
        Names the file, what is wrong in it and the remedy.
    """
    place = Path(path)
    ending = place.suffix.lower()
    try:
        if ending == ".csv":
            times, values = _gauges(place, grid, interpolation, units, place.read_bytes() if data is None else data)
            return _field(str(path), times, values, grid)
        if ending in (".tif", ".tiff"):
            times, rates, x, y = _bands(place, units, step_s, place.read_bytes() if data is None else data)
        elif ending in (".nc", ".zarr"):
            times, rates, x, y = _gridded(place, units, data)
        else:
            raise RainError(f"{path}: rain is read from .nc, .zarr, .tif or .csv; convert it")
    except (OSError, RasterioError, pd.errors.ParserError, UnicodeDecodeError) as error:
        raise RainError(f"{path}: cannot be read ({error})") from error
    _refuse_size(str(path), times.size, grid)
    return _field(str(path), times, _onto(str(path), rates, x, y, grid, interpolation), grid)


def moving_cell(
    grid: Grid,
    *,
    peak: float,
    radius: float,
    start: tuple[float, float],
    speed: float,
    direction: float,
    duration_s: float,
    step_s: float = 60.0,
    start_s: float = 0.0,
) -> xr.DataArray:
    """A synthetic storm cell: rain as a bell over the ground that moves on a straight line. An assumption, no event.

    Parameters
    ----------
    grid : Grid
    peak : float
        In the middle. [m s⁻¹]
    radius : float
        Standard deviation of the bell. [m]
    start : tuple of float
        Middle at ``start_s``, in Lambert 72. [m]
    speed : float
        [m s⁻¹]
    direction : float
        Whereto it moves, clockwise from north. [degree]
    duration_s, step_s, start_s : float
        Each step has the rain of its middle. [s]

    Returns
    -------
    (time, y, x) DataArray, float32
        ``rainfall_rate``; 0 from the end on. [m s⁻¹]

    Raises
    ------
    RainError
    """
    steps = int(np.ceil(duration_s / step_s * (1 - 1e-12)))
    _refuse_size("the moving cell", steps + 2, grid)
    angle = np.radians(direction)
    edges = np.minimum(step_s * np.arange(steps + 1), duration_s)
    middle = (edges[:-1] + edges[1:]) / 2
    values = np.zeros((steps, *grid.shape), np.float32)
    for number, time in enumerate(middle):
        x, y = start[0] + speed * time * np.sin(angle), start[1] + speed * time * np.cos(angle)
        along_x = np.exp(-((grid.x - x) ** 2) / (2 * radius**2))
        along_y = np.exp(-((grid.y - y) ** 2) / (2 * radius**2))
        values[number] = peak * along_y[:, None] * along_x
    times, values = start_s + edges, np.concatenate([values, np.zeros((1, *grid.shape), np.float32)])
    if start_s > 0:
        times, values = np.append(0.0, times), np.concatenate([values[-1:], values])
    return _array(times, values, grid)


def _field(name: str, times: np.ndarray, values: np.ndarray, grid: Grid) -> xr.DataArray:
    """Checked, with an end: the last entry lasts as long as the one before it."""
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any() or times.size < 1:
        raise RainError(f"{name}: its times must be seconds that increase, got {times[:6].tolist()}")
    if not np.isfinite(values).all():
        raise RainError(f"{name}: has no rain given for some cells of the run; it must cover them, with 0 where dry")
    if (values < 0).any():
        raise RainError(f"{name}: holds negative rain; put 0 where it does not rain")
    if times.size > 1:
        times = np.append(times, 2 * times[-1] - times[-2])
        values = np.concatenate([values, np.zeros((1, *grid.shape), np.float32)])
    if times[0] > 0:
        times, values = np.append(0.0, times), np.concatenate([np.zeros((1, *grid.shape), np.float32), values])
    return _array(times, values.astype(np.float32, copy=False), grid)


def _array(times: np.ndarray, values: np.ndarray, grid: Grid) -> xr.DataArray:
    coords = {"time": ("time", times, {"units": "s"}), "y": grid.y, "x": grid.x}
    return xr.DataArray(
        values, dims=("time", "y", "x"), coords=coords, name="rainfall_rate", attrs=attrs("rainfall_rate")
    )


def _refuse_size(name: str, times: int, grid: Grid) -> None:
    count = times * grid.rows * grid.columns
    if count > MAX_VALUES:
        raise RainError(
            f"{name}: {times} times by {grid.rows} x {grid.columns} cells are {count:,} values, more than "
            f"{MAX_VALUES:,}; take longer steps, wider cells or a window"
        )


def _rate(name: str, said: str | None, assumed: str) -> float:
    units = said or assumed
    if units not in _RATES:
        raise RainError(f"{name}: its units are {units!r}, expected one of {', '.join(_RATES)}")
    return _RATES[units]


Stack = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _gridded(path: Path, units: str, data: bytes | None) -> Stack:
    """Times [s], rates [m s⁻¹] along (time, y, x), and ascending centres [m] of a NetCDF or Zarr file."""
    try:
        if path.suffix.lower() == ".zarr":
            found = xr.open_dataset(path, engine="zarr", chunks=None, consolidated=False, decode_times=False)
        else:
            source = path if data is None else io.BytesIO(data)
            found = xr.open_dataset(source, engine="scipy", decode_times=False)
        found = found.load()
    except (ValueError, TypeError, KeyError) as error:
        raise RainError(f"{path}: cannot be read ({error}); NetCDF-4 becomes NetCDF-3 with nccopy -3") from error
    if "rainfall_rate" not in found:
        raise RainError(f"{path}: has no rainfall_rate; it holds {sorted(map(str, found.data_vars))}; rename it")
    rate = found["rainfall_rate"]
    if set(rate.dims) != {"time", "y", "x"} or any(dim not in rate.coords for dim in rate.dims):
        raise RainError(f"{path}: rainfall_rate goes along {rate.dims}, expected time, y and x with their coordinates")
    rate = rate.transpose("time", "y", "x").sortby(["y", "x"])
    scale = _rate(str(path), rate.attrs.get("units"), units)
    clock = str(rate["time"].attrs.get("units", "s")).split(" ")[0].rstrip("s") or "s"
    seconds = {"s": 1.0, "second": 1.0, "sec": 1.0, "minute": 60.0, "min": 60.0, "hour": 3600.0, "h": 3600.0}
    if clock not in seconds:
        raise RainError(f"{path}: its times are in {rate['time'].attrs.get('units')!r}, expected seconds or minutes")
    times = rate["time"].values.astype(float) * seconds[clock]
    if "since" in str(rate["time"].attrs.get("units", "")):
        times = times - times[0]  # a date: the first entry is the start of the period
    return times, rate.values * scale, rate["x"].values.astype(float), rate["y"].values.astype(float)


def _bands(path: Path, units: str, step_s: float | None, data: bytes) -> Stack:
    if step_s is None:
        raise RainError(f"{path}: a GeoTIFF does not say when its bands hold; give step_s, the time between them")
    with MemoryFile(data) as memory, memory.open(driver="GTiff") as file:
        if file.crs is None or pyproj.CRS.from_user_input(file.crs) != pyproj.CRS(CRS):
            raise RainError(f"{path}: is in {file.crs}, expected {CRS}; warp it with gdalwarp -t_srs {CRS}")
        frame = file.transform
        if frame.b or frame.d or frame.e > 0:
            raise RainError(f"{path}: is rotated or south-up; warp it with gdalwarp -t_srs {CRS}")
        values = file.read().astype(np.float64)
        if file.nodata is not None:
            values[values == file.nodata] = np.nan
        scale = _rate(str(path), file.tags().get("units"), units)
        x = frame.c + (np.arange(file.width) + 0.5) * frame.a
        y = frame.f + (np.arange(file.height) + 0.5) * frame.e
    return step_s * np.arange(len(values)), values[:, ::-1] * scale, x, y[::-1]


def _onto(name: str, rates: np.ndarray, x: np.ndarray, y: np.ndarray, grid: Grid, how: str) -> np.ndarray:
    """Rates on the cells of the grid, held constant within half a step beyond the outer centres, NaN further out."""
    (low, below, share_x), (left, before, share_y) = (
        _between(axis, wanted, how) for axis, wanted in ((x, grid.x), (y, grid.y))
    )
    found = np.empty((len(rates), *grid.shape), np.float32)
    for number, one in enumerate(rates):
        rows = one[left] + share_y[:, None] * (one[before] - one[left])
        found[number] = rows[:, low] + share_x * (rows[:, below] - rows[:, low])
    if not (np.isfinite(share_x).all() and np.isfinite(share_y).all()):
        raise RainError(
            f"{name}: reaches over x {x[0]:g} to {x[-1]:g}, y {y[0]:g} to {y[-1]:g}, the run over {grid.bounds}; give "
            "rain that covers the run"
        )
    return found


def _between(axis: np.ndarray, wanted: np.ndarray, how: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Neighbours of each wanted place along an axis, and the share of the second; NaN beyond half a step."""
    if axis.size == 1:
        return np.zeros(wanted.size, int), np.zeros(wanted.size, int), np.zeros(wanted.size)
    first = np.clip(np.searchsorted(axis, wanted, side="right") - 1, 0, axis.size - 2)
    share = (wanted - axis[first]) / (axis[first + 1] - axis[first])
    off = (share < -0.5 - 1e-9) | (share > 1.5 + 1e-9)
    share = np.clip(share, 0.0, 1.0)
    if how == "nearest":
        share = np.where(share < 0.5, 0.0, 1.0)
    return first, first + 1, np.where(off, np.nan, share)


def _gauges(path: Path, grid: Grid, how: str, units: str, data: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Times, and rates of gauges spread over the cells."""
    table = pd.read_csv(io.BytesIO(data), comment="#", skipinitialspace=True)
    table.columns = pd.Index([str(one).strip() for one in table.columns])
    wanted = ["time_s", "x", "y", "rate"]
    if sorted(table.columns) != sorted(wanted) or table.empty:
        raise RainError(f"{path}: expected the columns {', '.join(wanted)} and rows, got {', '.join(table.columns)}")
    table = table.apply(pd.to_numeric, errors="coerce")
    if table.isna().any(axis=None):
        row = int(np.flatnonzero(table.isna().any(axis=1))[0])
        raise RainError(f"{path}: row {row + 1} holds something that is no number")
    if table.duplicated(["time_s", "x", "y"]).any():
        raise RainError(f"{path}: a gauge reports twice at one time; keep one row")
    wide = table.pivot(index="time_s", columns=["x", "y"], values="rate").sort_index()
    if wide.isna().any(axis=None):
        gauge = wide.columns[wide.isna().any(axis=0)][0]
        raise RainError(f"{path}: the gauge at {gauge} has no rate at some times of the others; give all, 0 where dry")
    _refuse_size(str(path), len(wide) + 2, grid)
    points = np.array(wide.columns.tolist(), float)
    east, north = np.meshgrid(grid.x, grid.y)
    square = np.stack([(east - x) ** 2 + (north - y) ** 2 for x, y in points])
    if how == "nearest":
        weights = (np.arange(len(points))[:, None, None] == square.argmin(axis=0)).astype(float)
    else:
        weights = 1.0 / np.maximum(square, 1e-6)
        weights /= weights.sum(axis=0)
    rates = wide.to_numpy(float) * _rate(str(path), None, units)
    return wide.index.to_numpy(float), np.einsum("tg,gyx->tyx", rates, weights).astype(np.float32)
