"""Anyone's raw files for ``bxl-twin flood``: footprints, walls and series, read and checked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
import xarray as xr
from rasterio.features import rasterize
from rasterio.transform import Affine

from kernels.quantities import attrs
from twin.rasterise import faces
from viewer.cli.raw_files import InputError, Raster, read_table

SIDES = ("west", "east", "south", "north")


def read_vectors(path: Path, like: Raster, kinds: tuple[str, ...], what: str) -> gpd.GeoDataFrame:
    """Features of some geometry types, in the terrain's CRS where both are known."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        table = gpd.read_file(f"/vsigzip/{path.absolute()}" if path.suffix == ".gz" else path)
    except Exception as error:  # pyogrio wraps whatever its drivers raise
        raise InputError(f"{path}: not a vector file that can be read ({error}); give GeoJSON") from error
    table = table[table.geometry.notna() & ~table.geometry.is_empty]
    wrong = ~table.geom_type.isin(kinds)
    if table.empty or wrong.any():
        first = "nothing" if table.empty else table.geom_type[wrong].iloc[0]
        raise InputError(f"{path}: {what} must be {' or '.join(kinds)}, got {first}")
    west, south, east, north = table.total_bounds
    degrees = -180 <= west <= east <= 180 and -90 <= south <= north <= 90
    # GeoJSON without a CRS member is read as WGS84, also where its numbers cannot be degrees
    if like.crs is not None and table.crs is not None and (degrees or not table.crs.is_geographic):
        table = table.to_crs(like.crs)
    return table


def read_buildings(path: Path, like: Raster) -> tuple[np.ndarray, int]:
    """Building number per cell by its centre, -1 outside, and how many footprints cover no centre at all."""
    table = read_vectors(path, like, ("Polygon", "MultiPolygon"), "buildings")
    grid = like.grid
    shapes = shapely.make_valid(table.geometry.to_numpy())
    top = Affine(grid.cell_size, 0, grid.west, 0, -grid.cell_size, grid.south + grid.rows * grid.cell_size)
    burnt = rasterize(
        ((shape, number) for number, shape in enumerate(shapes)),
        out_shape=grid.shape, fill=-1, transform=top, dtype="int32",
    )[::-1]  # fmt: skip
    covered = np.unique(burnt[burnt >= 0])
    if not covered.size:
        raise InputError(f"{path}: none of its {len(shapes)} footprints covers a cell of the terrain; check its CRS")
    return np.ascontiguousarray(burnt), len(shapes) - covered.size


def read_walls(path: Path, like: Raster) -> tuple[np.ndarray, np.ndarray]:
    """Crests of walls on the faces across x and across y. [m]

    A wall has ``crest_m``, the height of its crest in the terrain's own heights, or ``height_m`` above the higher of
    the two cells of each face; where both are given the crest counts. A crest below both cells does nothing.
    """
    table = read_vectors(path, like, ("LineString", "MultiLineString"), "walls")
    known = {
        name: pd.to_numeric(table[name], errors="coerce").to_numpy(float)
        if name in table
        else np.full(len(table), np.nan)
        for name in ("crest_m", "height_m")
    }
    crests, heights = known["crest_m"], known["height_m"]
    if not {"crest_m", "height_m"} & set(table):
        raise InputError(
            f"{path}: a wall needs the property height_m or crest_m; there are {sorted(set(table) - {'geometry'})}"
        )
    grid, bed = like.grid, like.values
    lines = table.geometry.to_numpy()
    window = shapely.box(*grid.bounds)
    for number, (line, crest, height) in enumerate(zip(lines, crests, heights, strict=True)):
        if not np.isfinite(crest) and not (np.isfinite(height) and height > 0):
            raise InputError(
                f"{path}: wall {number} has height_m {height:g}, expected a positive number, or crest_m, a level"
            )
        if not window.covers(line):
            raise InputError(f"{path}: wall {number} leaves the grid {window.bounds}; cut it at the edge")
    crest_x, crest_y = np.full((grid.rows, grid.columns + 1), np.nan), np.full((grid.rows + 1, grid.columns), np.nan)
    for found, tops, axis in zip(faces(lines, grid), (crest_x, crest_y), (1, 0), strict=True):
        place = [found.row, found.column]
        sides = [place.copy(), place.copy()]
        sides[0][axis] = np.maximum(place[axis] - 1, 0)
        sides[1][axis] = np.minimum(place[axis], bed.shape[axis] - 1)
        foot = np.fmax(bed[tuple(sides[0])], bed[tuple(sides[1])])
        crest, height = crests[found.line], heights[found.line]
        top = np.where(np.isfinite(crest), crest, foot + height)
        np.fmax.at(tops, tuple(place), np.where(top > foot, top, np.nan))
    return crest_x, crest_y


def read_series(path: Path, value: str, negative: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Times [s] that increase, and values."""
    table = read_table(path, ("time_s", value))
    times, values = table["time_s"].to_numpy(float), table[value].to_numpy(float)
    back = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        row = int(back[0])
        raise InputError(f"{path}: time_s must increase, but row {row + 2} has {times[row + 1]:g} after {times[row]:g}")
    if not negative and (values < 0).any():
        row = int(np.flatnonzero(values < 0)[0])
        raise InputError(f"{path}: {value} in row {row + 1} is {values[row]:g}; it must be 0 or more")
    return times, values


def join_series(
    rain: tuple[np.ndarray, np.ndarray] | xr.DataArray | None,
    inflows: Sequence[tuple[float, float, np.ndarray, np.ndarray]],
    levels: Sequence[tuple[str, np.ndarray, np.ndarray]],
) -> xr.Dataset:
    """All drivers on one time axis, without changing any of them.

    Parameters
    ----------
    rain : times [s] and intensities [mm h⁻¹], a step function that its last row ends (a single row holds for ever);
        or a field (time, y, x) [m s⁻¹] whose entries hold until the next, the last for ever
    inflows : x, y [m], times [s], discharges [m³ s⁻¹]; linear, nothing outside its rows (a single row holds for ever)
    levels : side, times [s], levels [m]; linear, held outside its rows
    """
    falls = np.zeros(0) if rain is None else rain["time"].values if isinstance(rain, xr.DataArray) else rain[0]
    own = [*([falls] if falls.size else []), *(one[2] for one in inflows), *(one[1] for one in levels)]
    if not own:
        return xr.Dataset()
    if any(times.size == 1 for _, _, times, _ in inflows):
        own.append(np.array([0.0, 1e12]))  # for ever, on an axis that others may have too
    # a hydrograph that starts or ends above zero jumps: the jump gets its two times, next to each other
    jumps = [np.nextafter(times[[0, -1]], [-np.inf, np.inf]) for _, _, times, _ in inflows if times.size > 1]
    times = np.unique(np.concatenate([*own, *jumps]))
    forcing: dict[str, Any] = {}
    coords: dict[str, Any] = {"time": times}
    if isinstance(rain, xr.DataArray):
        entry = np.searchsorted(falls, times, side="right") - 1
        rates = rain.values if np.array_equal(times, falls) else rain.values[np.maximum(entry, 0)]
        rates = rates * (entry >= 0)[:, None, None].astype(rates.dtype) if (entry < 0).any() else rates
        forcing["rainfall_rate"] = (("time", "y", "x"), rates, attrs("rainfall_rate"))
    elif rain is not None:
        when, what = rain
        entry = np.searchsorted(when, times, side="right") - 1
        rate = np.where(entry >= 0, what[entry], 0.0)
        if when.size > 1:
            rate[times >= when[-1]] = 0.0
        forcing["rainfall_rate"] = (("time",), rate / 3.6e6, attrs("rainfall_rate"))
    if inflows:
        flows = [
            np.interp(times, t, q, left=0.0, right=0.0) if t.size > 1 else np.full(times.size, q[0])
            for _, _, t, q in inflows
        ]
        forcing["river_discharge"] = (("time", "inflow"), np.column_stack(flows), attrs("river_discharge"))
        coords |= {f"inflow_{axis}": ("inflow", [one[k] for one in inflows]) for k, axis in enumerate("xy")}
    if levels:
        held = [np.interp(times, t, z) for _, t, z in levels]
        forcing["boundary_level"] = (("time", "side"), np.column_stack(held), attrs("boundary_level"))
        coords["side"] = [side for side, _, _ in levels]
    return xr.Dataset(forcing, coords=coords)
