"""Anyone's raw files for the commands without a city: grids and tables, read and checked."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from twin.rasterise import Grid


class InputError(ValueError):
    """A raw file or an option that cannot be used; the text names it, what was expected and the remedy."""


@dataclass(frozen=True)
class Raster:
    """One band of a file on its grid, row 0 the southernmost.

    Attributes
    ----------
    values : (y, x) float64
        NaN where the file says nodata.
    grid : Grid
    crs : pyproj.CRS or None
    """

    values: np.ndarray
    grid: Grid
    crs: pyproj.CRS | None

    def coords(self) -> dict[str, np.ndarray]:
        """Centres of the cells. [m]"""
        grid = self.grid
        return {
            "x": grid.west + (np.arange(grid.columns) + 0.5) * grid.cell_size,
            "y": grid.south + (np.arange(grid.rows) + 0.5) * grid.cell_size,
        }


def read_raster(path: Path) -> Raster:
    """Read the one band of a GeoTIFF or ESRI ASCII grid (also ``.gz``) in metres, any projected CRS or none.

    Raises
    ------
    InputError
        Missing, unreadable, several bands, degrees or feet, rotated, cells that are not square.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    name = f"/vsigzip/{path.absolute()}" if path.suffix == ".gz" else str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)
            with rasterio.open(name) as file:
                count, frame, wkt, bounds = file.count, file.transform, file.crs, tuple(file.bounds)
                band = file.read(1).astype(np.float64) if count == 1 else np.zeros((0, 0))
                known = file.read_masks(1) > 0 if count == 1 else band > 0
    except RasterioError as error:
        raise InputError(f"{path}: not a raster that can be read ({error}); give GeoTIFF or .asc") from error
    if count != 1:
        raise InputError(f"{path}: has {count} bands, expected one; extract it with gdal_translate -b 1")
    crs = None if wkt is None else pyproj.CRS.from_user_input(wkt)
    if crs is not None:
        plane = crs.sub_crs_list[0] if crs.is_compound else crs
        if plane.is_geographic:
            raise InputError(
                f"{path}: is in degrees ({plane.name}), expected metres; warp it, for instance with "
                "gdalwarp -t_srs EPSG:31370 (Belgium) or the UTM zone of the place"
            )
        if plane.axis_info and plane.axis_info[0].unit_conversion_factor != 1.0:
            raise InputError(f"{path}: is in {plane.axis_info[0].unit_name}, expected metres; warp it with gdalwarp")
    if frame.is_identity:
        raise InputError(f"{path}: has no georeference, so its cell size is unknown; add one with gdal_edit -a_ullr")
    if frame.b or frame.d or frame.a <= 0:
        raise InputError(f"{path}: is rotated or mirrored; straighten it with gdalwarp")
    if abs(frame.a - abs(frame.e)) > 1e-6 * frame.a:
        raise InputError(
            f"{path}: has cells of {frame.a:g} by {abs(frame.e):g} m, expected square ones; resample it with "
            f"gdalwarp -tr {frame.a:g} {frame.a:g}"
        )
    values = np.where(known & np.isfinite(band), band, np.nan)
    upward = frame.e < 0
    grid = Grid(frame.c, min(bounds[1], bounds[3]), band.shape[1], band.shape[0], frame.a)
    return Raster(np.ascontiguousarray(values[::-1] if upward else values), grid, crs)


def read_aligned(path: Path, like: Raster, what: str) -> Raster:
    """A raster on the very grid of the terrain.

    Raises
    ------
    InputError
        As `read_raster`, and another grid.
    """
    found = read_raster(path)
    ours, theirs = like.grid, found.grid
    near = 1e-3 * ours.cell_size
    same = theirs.shape == ours.shape and all(
        abs(getattr(ours, side) - getattr(theirs, side)) < near for side in ("west", "south", "cell_size")
    )
    if not same:
        raise InputError(
            f"{path}: the {what} must lie on the terrain's grid ({ours.columns} x {ours.rows} cells of "
            f"{ours.cell_size:g} m from {ours.west:g}, {ours.south:g}); got {theirs.columns} x {theirs.rows} of "
            f"{theirs.cell_size:g} m from {theirs.west:g}, {theirs.south:g}; align it with gdalwarp -te … -tr …"
        )
    return found


def number_or_raster(text: str, like: Raster, what: str) -> np.ndarray:
    """A number for every cell, or a raster on the very grid of the terrain."""
    try:
        value = float(text)
    except ValueError:
        return read_aligned(Path(text), like, what).values
    if not np.isfinite(value) or value < 0:
        raise InputError(f"the {what} must be a number of 0 or more or a raster, got {text!r}")
    return np.full(like.grid.shape, value)


def read_table(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A CSV with exactly these columns; all but ``name`` finite numbers."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    try:
        table = pd.read_csv(path, skipinitialspace=True, comment="#", dtype={"name": str})
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a CSV that can be read ({error})") from error
    found = [str(column).strip() for column in table.columns]
    if sorted(found) != sorted(columns):
        raise InputError(f"{path}: expected the columns {','.join(columns)}, got {','.join(found)}")
    table.columns = pd.Index(found)
    if table.empty:
        raise InputError(f"{path}: has no row")
    for column in columns:
        if column == "name":
            continue
        numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(float)
        if not np.isfinite(numbers).all():
            line = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise InputError(
                f"{path}: {column} in row {line + 1} is {str(table[column].iloc[line])!r}, expected a number"
            )
        table[column] = numbers
    return table
