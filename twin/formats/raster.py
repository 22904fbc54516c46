"""Terrain from GeoTIFF, ESRI ASCII grids and clouds of ground points; GeoTIFF back."""

import io
import math
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import rasterio
from rasterio.errors import RasterioError
from rasterio.io import MemoryFile
from rasterio.windows import Window
from scipy.spatial import Delaunay, KDTree, QhullError

from twin.city import CRS, CityError, Terrain
from twin.formats.laz import read_ground
from twin.formats.packed import members, names, read_bytes, shown_name

MAX_CELLS = 400_000_000
"""A raster with more cells is refused (20 km by 20 km at 1 m). [1]"""

_POINTS_AT_ONCE = 4_000_000
_ENDINGS = (".tif", ".tiff", ".asc")
_BELGIUM = (0.0, 0.0, 310_000.0, 270_000.0)  # the span of Lambert 72 over the country, with room [m]

NEIGHBOURS = 24
OUTLIER_METRES = 3.0
"""A ground point is dropped when it lies this far from the median of its `NEIGHBOURS` nearest points. [m]"""


def read_terrain(
    path: str | Path,
    *,
    any_crs: bool = False,
    cell_size: float | None = None,
    bounds: tuple[float, float, float, float] | None = None,
) -> Terrain:
    """Read bare ground from GeoTIFF, ESRI ASCII grid (``.asc``), ground points (``.csv``) or a laser scan (``.laz``).

    All but laser scans may be packed with gzip, or lie in a zip that holds one raster.

    Parameters
    ----------
    path : path
    any_crs : bool
        Accept any CRS in metres; otherwise only Lambert 72 (EPSG:31370, also as the compound EPSG:6190). A file that
        states no CRS is taken for Lambert 72 if it lies in Belgium then.
    cell_size : float, optional
        Cell of the grid made from points: 5 m where not given, 1 m from laser scans. [m]
    bounds : tuple, optional
        West, south, east, north: only the cells that touch it are kept. Of a GeoTIFF that is not packed only these are
        read, so that a piece of a raster of any size can be had. [m]

    Returns
    -------
    Terrain
        Row 0 the southernmost, NaN where the file says nodata. [m TAW]

    Raises
    ------
    CityError
        Geographic, rotated or non-square grids, several bands, a foreign CRS, nothing within ``bounds``, or a file that
        is none of these.
    """
    name = shown_name(path)
    if name.endswith((".csv", ".txt", ".xyz")):
        return _cut(str(path), terrain_of_points(read_points(path), cell_size or 5.0), bounds)
    if name.endswith((".las", ".laz")):
        terrain, crs = read_ground(path, cell_size or 1.0)
        if crs is None:
            _check_place(str(path), terrain.bounds, any_crs)
        else:
            _check_crs(str(path), crs, any_crs)
        return _cut(str(path), terrain, bounds)
    try:
        with ExitStack() as opened:
            return _terrain(str(path), _open(path, opened), any_crs, bounds)
    except RasterioError as error:
        raise CityError(f"{path}: is not a raster this program can read ({error}); give GeoTIFF or .asc") from error


def _open(path: str | Path, opened: ExitStack) -> rasterio.DatasetReader:
    path = Path(path)
    if not path.is_file():
        raise CityError(f"{path}: there is no such file")
    inside = [name for name in names(path) if name.lower().endswith(_ENDINGS)]
    if len(inside) > 1:
        raise CityError(f"{path}: holds {len(inside)} rasters ({', '.join(inside[:5])}); unpack it and name one")
    name = Path(inside[0]).name.lower() if inside else shown_name(path)
    driver = "AAIGrid" if name.endswith(".asc") else "GTiff"
    if not inside and name == path.name.lower():
        return opened.enter_context(rasterio.open(path, driver=driver))
    data = next(found for one, found in members(path) if one == inside[0]) if inside else read_bytes(path)
    memory = opened.enter_context(MemoryFile(data, filename=name))
    return opened.enter_context(memory.open(driver=driver))


def _terrain(
    path: str, file: rasterio.DatasetReader, any_crs: bool, bounds: tuple[float, float, float, float] | None
) -> Terrain:
    if file.count != 1:
        raise CityError(f"{path}: has {file.count} bands, a terrain has one; extract it with gdal_translate -b 1")
    frame = file.transform
    if frame.is_identity:
        raise CityError(f"{path}: has no georeference; give a GeoTIFF with one, or add a .tfw and gdal_translate it")
    if frame.b or frame.d or frame.e > 0:
        raise CityError(f"{path}: is rotated or south-up; warp it with gdalwarp -t_srs {CRS}")
    if file.crs is None:
        _check_place(path, tuple(file.bounds), any_crs)
    else:
        _check_crs(path, pyproj.CRS.from_user_input(file.crs), any_crs)
    if abs(frame.a + frame.e) > 1e-6 * frame.a:
        raise CityError(
            f"{path}: has cells of {frame.a:g} by {-frame.e:g} m, expected square ones; resample it with gdalwarp -tr "
            f"{frame.a:g} {frame.a:g}"
        )
    west, south = frame.c, frame.f + file.height * frame.e
    rows, columns = _span(path, (west, south), frame.a, (file.height, file.width), bounds)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    if width * height > MAX_CELLS:
        raise CityError(f"{path}: has {width} x {height} cells, more than {MAX_CELLS:,}; clip it first")
    values = file.read(1, window=Window(columns.start, file.height - rows.stop, width, height))
    precise = np.float64 if values.dtype.itemsize == 8 else np.float32
    elevation = values.astype(precise)
    if file.nodata is not None and not np.isnan(file.nodata):
        elevation[values == file.nodata] = np.nan
    elevation[~np.isfinite(elevation)] = np.nan
    if not np.isfinite(elevation).any():
        raise CityError(f"{path}: every cell is nodata; is it the right tile?")
    return Terrain(
        np.ascontiguousarray(elevation[::-1]), west + columns.start * frame.a, south + rows.start * frame.a, frame.a
    )


def _span(
    path: str,
    corner: tuple[float, float],
    cell_size: float,
    shape: tuple[int, int],
    bounds: tuple[float, float, float, float] | None,
) -> tuple[slice, slice]:
    """Rows from the south and columns from the west that touch the bounds."""
    if bounds is None:
        return slice(0, shape[0]), slice(0, shape[1])
    found = []
    for axis, cells in ((1, shape[0]), (0, shape[1])):
        low = max(math.floor((bounds[axis] - corner[axis]) / cell_size), 0)
        high = min(math.ceil((bounds[axis + 2] - corner[axis]) / cell_size), cells)
        if low >= high:
            raise CityError(
                f"{path}: has no cell within {tuple(bounds)}; its south-west corner is {corner}; wrong tile?"
            )
        found.append(slice(low, high))
    return found[0], found[1]


def _cut(path: str, terrain: Terrain, bounds: tuple[float, float, float, float] | None) -> Terrain:
    if bounds is None:
        return terrain
    rows, columns = _span(path, (terrain.west, terrain.south), terrain.cell_size, terrain.elevation.shape, bounds)
    return Terrain(
        np.ascontiguousarray(terrain.elevation[rows, columns]),
        terrain.west + columns.start * terrain.cell_size,
        terrain.south + rows.start * terrain.cell_size,
        terrain.cell_size,
    )


def _check_place(path: str, bounds: tuple[float, float, float, float], any_crs: bool) -> None:
    """Whether a file that states no CRS may be in Lambert 72."""
    west, south, east, north = bounds
    if -180 <= west < east <= 180 and -90 <= south < north <= 90:
        raise CityError(f"{path}: its bounds {tuple(bounds)} look like degrees; warp it with gdalwarp -t_srs {CRS}")
    left, low, right, high = _BELGIUM
    if not any_crs and not (left <= west < east <= right and low <= south < north <= high):
        raise CityError(
            f"{path}: states no CRS and its bounds {tuple(bounds)} are outside Belgium in Lambert 72; "
            f"state its CRS with gdal_edit -a_srs and warp it with gdalwarp -t_srs {CRS}"
        )


def _check_crs(path: str, crs: pyproj.CRS, any_crs: bool) -> None:
    plane = crs.sub_crs_list[0] if crs.is_compound else crs
    if plane.is_geographic:
        raise CityError(f"{path}: is in degrees ({plane.name}), expected metres; warp it with gdalwarp -t_srs {CRS}")
    if plane.axis_info[0].unit_conversion_factor != 1.0:
        raise CityError(f"{path}: is in {plane.axis_info[0].unit_name}, expected metres; warp it to {CRS}")
    if not any_crs and plane.to_epsg(min_confidence=70) != 31370:
        raise CityError(f"{path}: is in {plane.name}, expected Belgian Lambert 72; warp it with gdalwarp -t_srs {CRS}")


def read_points(path: str | Path) -> np.ndarray:
    """Ground points of a text file with one header line and the columns easting, northing, height.

    Returns
    -------
    (point, 3) float64
        Lambert 72 and TAW. [m]

    Raises
    ------
    CityError
        Not three columns of numbers, or fewer than three points.
    """
    text = io.BytesIO(read_bytes(path))
    try:
        points = pd.read_csv(text, usecols=[0, 1, 2], dtype=float).to_numpy()
    except (ValueError, IndexError, pd.errors.ParserError) as error:
        raise CityError(f"{path}: expected the columns E,N,z as numbers under one header line ({error})") from error
    points = points[np.isfinite(points).all(axis=1)]
    if len(points) < 3:
        raise CityError(f"{path}: has {len(points)} ground points, at least 3 make a terrain")
    return points


def terrain_of_points(points: np.ndarray, cell_size: float = 5.0) -> Terrain:
    """Interpolate ground points linearly over their Delaunay triangles.

    Points of equal easting and northing count once, with their mean height. A point further than `OUTLIER_METRES` from
    the median height of its `NEIGHBOURS` nearest points is dropped (basement floors, roofs taken for ground).

    Parameters
    ----------
    points : (point, 3) float64
        Easting, northing, height. [m]
    cell_size : float
        [m]

    Returns
    -------
    Terrain
        NaN outside the points' convex hull. Its corner lies on whole multiples of ``cell_size``.

    Raises
    ------
    CityError
        Fewer than three points are left, or all lie on one line.
    """
    plane, where = np.unique(points[:, :2].round(2), axis=0, return_inverse=True)
    heights = np.bincount(where, points[:, 2]) / np.bincount(where)
    if len(plane) > NEIGHBOURS:
        _, near = KDTree(plane).query(plane, NEIGHBOURS + 1)
        good = np.abs(heights - np.median(heights[near[:, 1:]], axis=1)) <= OUTLIER_METRES
        plane, heights = plane[good], heights[good]
    low = np.floor(plane.min(axis=0) / cell_size)
    columns, rows = (np.ceil(plane.max(axis=0) / cell_size) - low).astype(int)
    west, south = (low * cell_size).tolist()
    # in cells from the first cell's centre
    places = (plane - (west, south)) / cell_size - 0.5
    grid = np.full((rows, columns), np.nan, np.float32)
    try:
        triangles = Delaunay(places).simplices
    except QhullError as error:
        raise CityError(f"the {len(places)} ground points lie on one line; a terrain needs a surface") from error
    _fill_triangles(places[triangles], heights[triangles], grid)
    return Terrain(grid, west, south, float(cell_size))


def _fill_triangles(corners: np.ndarray, heights: np.ndarray, grid: np.ndarray) -> None:
    """Write the plane of each triangle into the grid points it holds.

    Parameters
    ----------
    corners : (triangle, 3, 2) float64
        Column and row. [cells]
    heights : (triangle, 3) float64
        [m]
    grid : (y, x) float32
        Changed in place where a triangle lies.
    """
    low = np.maximum(np.ceil(corners.min(axis=1)), 0).astype(np.int64)
    high = np.minimum(np.floor(corners.max(axis=1)), np.array(grid.shape[::-1]) - 1).astype(np.int64)
    across, down = np.maximum(high - low + 1, 0).T
    edges = corners[:, 1:] - corners[:, :1]
    size = edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0]
    number = across * down * (size != 0)
    slack = 1e-9
    for piece in np.array_split(np.arange(len(corners)), max(int(number.sum()) // _POINTS_AT_ONCE, 1)):
        which = np.repeat(piece, number[piece])
        step = np.arange(which.size) - np.repeat(np.cumsum(number[piece]) - number[piece], number[piece])
        row, column = np.divmod(step, across[which])
        row, column = row + low[which, 1], column + low[which, 0]
        x, y = column - corners[which, 0, 0], row - corners[which, 0, 1]
        second = (x * edges[which, 1, 1] - y * edges[which, 1, 0]) / size[which]
        third = (y * edges[which, 0, 0] - x * edges[which, 0, 1]) / size[which]
        inside = (second >= -slack) & (third >= -slack) & (second + third <= 1 + slack)
        rise = heights[which, 1:] - heights[which, :1]
        value = heights[which, 0] + second * rise[:, 0] + third * rise[:, 1]
        grid[row[inside], column[inside]] = value[inside]


def write_terrain(terrain: Terrain, path: str | Path) -> None:
    """Write a terrain as GeoTIFF: Lambert 72, north up, NaN as nodata, tiled and deflated without loss."""
    rows, columns = terrain.elevation.shape
    west, _, _, north = terrain.bounds
    size = terrain.cell_size
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=columns,
        height=rows,
        count=1,
        dtype=terrain.elevation.dtype.name,
        crs=CRS,
        transform=rasterio.transform.Affine(size, 0, west, 0, -size, north),
        nodata=np.nan,
        compress="deflate",
        predictor=3,
        tiled=True,
    ) as file:
        file.write(terrain.elevation[::-1], 1)
