"""Bare ground from laser scans (LAS, LAZ): the mean of the ground points of each cell."""

from pathlib import Path

import numpy as np
import pyproj

from twin.city import CityError, Terrain

try:
    import laspy
except ImportError:  # the extra "pointcloud" is not installed
    laspy = None

GROUND_CLASS = 2
"""Bare earth in the ASPRS LAS 1.4 specification, table 17."""

CHUNK = 5_000_000
"""Points held at a time. [1]"""

MAX_CELLS = 400_000_000
"""Cells of the grid. [1]"""


def read_ground(path: str | Path, cell_size: float = 1.0) -> tuple[Terrain, pyproj.CRS | None]:
    """Grid the ground points of a laser scan, in pieces, so that memory is that of the grid.

    Parameters
    ----------
    path : path
        ``.las`` or ``.laz``.
    cell_size : float
        [m]

    Returns
    -------
    Terrain
        Mean height of the points of class `GROUND_CLASS`; NaN where a cell has none (under buildings, on water). Its
        corner lies on whole multiples of ``cell_size``.
    CRS or None
        As the file states it.

    Raises
    ------
    CityError
        The extra is not installed, no such or a damaged file, or no ground point in it.
    """
    if laspy is None:
        raise CityError(f"{path}: laser scans need an extra package; install bxl-twin[pointcloud]")
    if not Path(path).is_file():
        raise CityError(f"{path}: there is no such file")
    try:
        with laspy.open(path) as scan:
            head = scan.header
            low = np.floor(np.array(head.mins[:2]) / cell_size)
            columns, rows = (np.floor(np.array(head.maxs[:2]) / cell_size) - low + 1).astype(int).tolist()
            if not 0 < columns * rows <= MAX_CELLS:
                raise CityError(
                    f"{path}: spans {columns} x {rows} cells of {cell_size:g} m; cut it or take wider cells"
                )
            total, number = np.zeros(columns * rows), np.zeros(columns * rows)
            for points in scan.chunk_iterator(CHUNK):
                ground = np.asarray(points.classification) == GROUND_CLASS
                column = np.floor(np.asarray(points.x)[ground] / cell_size).astype(np.int64) - int(low[0])
                row = np.floor(np.asarray(points.y)[ground] / cell_size).astype(np.int64) - int(low[1])
                if ((column < 0) | (column >= columns) | (row < 0) | (row >= rows)).any():
                    raise CityError(f"{path}: has points outside the bounds its header states; repair the file")
                cell = row * columns + column
                total += np.bincount(cell, np.asarray(points.z)[ground], minlength=total.size)
                number += np.bincount(cell, minlength=total.size)
            crs = head.parse_crs()
    except (laspy.errors.LaspyException, ValueError, OSError, EOFError) as error:
        if isinstance(error, CityError):
            raise
        raise CityError(f"{path}: is no laser scan this program can read ({error})") from error
    if not number.any():
        raise CityError(
            f"{path}: has no point of class {GROUND_CLASS} (ground); classify it first, with PDAL for instance"
        )
    with np.errstate(invalid="ignore"):
        mean = (total / number).astype(np.float32).reshape(rows, columns)
    west, south = (low * cell_size).tolist()
    return Terrain(mean, west, south, float(cell_size)), crs
