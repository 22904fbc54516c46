"""Polygons, discs and lines onto a regular grid: exact coverage, and walls on the faces between cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import xarray as xr
from rasterio.features import rasterize
from rasterio.transform import Affine

from twin.city import CityError

MAX_CELLS = 100_000_000
"""A grid with more cells is refused (10 km by 10 km at 1 m). [1]"""


@dataclass(frozen=True)
class Grid:
    """A regular grid of square cells, row 0 the southernmost.

    Attributes
    ----------
    west, south : float
        Outer corner of the first cell. [m]
    columns, rows : int
    cell_size : float
        [m]
    """

    west: float
    south: float
    columns: int
    rows: int
    cell_size: float

    @classmethod
    def over(cls, window: tuple[float, float, float, float], cell_size: float) -> "Grid":
        """The grid that covers a window, its lines on whole multiples of the cell size so that all windows nest.

        Raises
        ------
        CityError
            The window or the cell size makes no grid, or one of more than `MAX_CELLS`.
        """
        west, south, east, north = map(float, window)
        if not (np.isfinite([west, south, east, north]).all() and west < east and south < north):
            raise CityError(f"the window {window} is empty; give west, south, east, north in metres")
        if not (np.isfinite(cell_size) and cell_size > 0):
            raise CityError(f"the cell size is {cell_size} m, expected a positive length")
        slack = 1e-6  # an edge that misses its line by rounding does not buy another row
        left, low = np.floor(np.array([west, south]) / cell_size + slack)
        right, high = np.ceil(np.array([east, north]) / cell_size - slack)
        columns, rows = int(max(right - left, 1)), int(max(high - low, 1))
        if columns * rows > MAX_CELLS:
            raise CityError(
                f"{columns} x {rows} cells of {cell_size:g} m are more than {MAX_CELLS:,}; take wider cells or a window"
            )
        return cls(float(left * cell_size), float(low * cell_size), columns, rows, float(cell_size))

    @classmethod
    def of(cls, ground: xr.Dataset) -> "Grid":
        """The grid of a city's layers, as `twin.layers.layers` makes them."""
        size = float(ground.attrs["cell_size"])
        west, south = float(ground["x"][0]) - size / 2, float(ground["y"][0]) - size / 2
        return cls(west, south, ground.sizes["x"], ground.sizes["y"], size)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, columns."""
        return self.rows, self.columns

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the outer edges. [m]"""
        return (
            self.west,
            self.south,
            self.west + self.columns * self.cell_size,
            self.south + self.rows * self.cell_size,
        )

    @property
    def x(self) -> np.ndarray:
        """Cell centres, ascending. [m]"""
        return self.west + (np.arange(self.columns) + 0.5) * self.cell_size

    @property
    def y(self) -> np.ndarray:
        """Cell centres, ascending. [m]"""
        return self.south + (np.arange(self.rows) + 0.5) * self.cell_size

    def units(self, points: np.ndarray) -> np.ndarray:
        """Coordinates in cells from the south-west corner, (..., 2). [1]"""
        return (points - (self.west, self.south)) / self.cell_size


def coverage(polygons: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which part of which cell each polygon covers, exactly.

    Every edge is cut at the grid lines; a piece takes from its cell the area to its right and from all cells further
    east in its row its full height, so a sum along the row is the covered area. Holes and parts need no special case.

    Parameters
    ----------
    polygons : (polygon,) array of (Multi)Polygon
        [m]
    grid : Grid

    Returns
    -------
    which : (entry,) int64
        Row of ``polygons``.
    cell : (entry,) int64
        Row-major number of the cell.
    part : (entry,) float64
        Covered part of the cell, above 0. [1]
    """
    polygons = np.asarray(polygons, dtype=object)
    near, shapes = _within(polygons, grid)
    u0, v0, u1, v1, owner = _edges(shapes, grid)
    u0, v0, u1, v1, owner = _cut(u0, v0, u1, v1, owner)
    rise = v1 - v0
    middle = (u0 + u1) / 2
    column = np.floor(middle).astype(np.int64)
    row = np.floor((v0 + v1) / 2).astype(np.int64)
    key = (owner * grid.rows + row) * (grid.columns + 1) + column
    order = np.argsort(key, kind="stable")
    key, rise = key[order], rise[order]
    right = rise * (column[order] + 1 - middle[order])
    if key.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0)
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    key = key[starts]
    rise, right = np.add.reduceat(rise, starts), np.add.reduceat(right, starts)
    passed = np.cumsum(rise)  # returns to zero at the end of every row of every polygon
    line, column = np.divmod(key, grid.columns + 1)
    part = -(right + passed - rise)
    # the untouched cells between one cut cell and the next of the same row
    gap = np.append(np.where(line[1:] == line[:-1], column[1:] - column[:-1] - 1, 0), 0)
    gap[np.abs(passed) < 1e-9] = 0
    filler = np.repeat(np.arange(key.size), gap)
    step = np.arange(filler.size) - np.repeat(np.cumsum(gap) - gap, gap) + 1
    line = np.concatenate([line, line[filler]])
    column = np.concatenate([column, column[filler] + step])
    part = np.concatenate([part, -passed[filler]])
    good = (part > 1e-9) & (column < grid.columns)
    owner, row = np.divmod(line[good], grid.rows)
    return near[owner], row * grid.columns + column[good], part[good]


def centres_in(polygons: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Cells whose centre lies in a polygon; where many polygons lie on each other, far quicker than `coverage`.

    Parameters
    ----------
    polygons : (polygon,) array of (Multi)Polygon
        [m]
    grid : Grid

    Returns
    -------
    which, cell : (entry,) int64
        Row of ``polygons`` and row-major number of the cell, sorted by them. Centres on an outline belong to the
        polygon north or east of it.
    """
    near, shapes = _within(np.asarray(polygons, dtype=object), grid)
    u0, v0, u1, v1, owner = _edges(shapes, grid)
    edge, t = crossings(v0, v1, 0.5)
    row = np.rint(v0[edge] + t * (v1 - v0)[edge] - 0.5).astype(np.int64)
    u = u0[edge] + t * (u1 - u0)[edge]
    inside = (row >= 0) & (row < grid.rows)
    row, u, which = row[inside], u[inside], owner[edge[inside]]
    order = np.lexsort((u, row, which))  # a line of centres enters a polygon and leaves it, in turn
    first = np.maximum(np.ceil(u[order[::2]] - 0.5).astype(np.int64), 0)
    last = np.minimum(np.ceil(u[order[1::2]] - 0.5).astype(np.int64), grid.columns)
    number = np.maximum(last - first, 0)
    start = row[order[::2]] * grid.columns + first
    step = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number)
    return near[np.repeat(which[order[::2]], number)], np.repeat(start, number) + step


def filled_by(shape: Any, free: np.ndarray, grid: Grid) -> tuple[np.ndarray, float]:
    """Free cells of a shape, as many as its area fills: those it covers most.

    Parameters
    ----------
    shape : (Multi)Polygon
        [m]
    free : (y, x) bool
        Cells it may take.
    grid : Grid

    Returns
    -------
    cell : (entry,) int64
        Row-major numbers.
    inside : float
        Part of the shape that lies on the grid. [1]
    """
    _, cell, part = coverage(np.array([shape]), grid)
    inside = float(part.sum()) * grid.cell_size**2 / shape.area
    open_cells = free.ravel()[cell]
    cell, part = cell[open_cells], part[open_cells]
    order = np.lexsort((cell, -np.round(part, 9)))
    return cell[order][: max(round(float(part.sum())), 1)], inside


def burnt(shapes: Sequence[tuple[Any, float]], under: np.ndarray, grid: Grid) -> np.ndarray:
    """Values of shapes where they hold the cell centre, later ones on top of earlier ones and of ``under`` (y, x)."""
    if not shapes:
        return under
    north_up = under[::-1].copy()
    rasterize(shapes, out=north_up, transform=Affine(grid.cell_size, 0, grid.west, 0, -grid.cell_size, grid.bounds[3]))
    return north_up[::-1].copy()


def _within(polygons: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    west, south, east, north = grid.bounds
    box = shapely.bounds(polygons).reshape(-1, 4)
    near = np.flatnonzero((box[:, 0] < east) & (box[:, 2] > west) & (box[:, 1] < north) & (box[:, 3] > south))
    shapes, box = polygons[near], box[near]
    across = (box[:, 0] < west) | (box[:, 2] > east) | (box[:, 1] < south) | (box[:, 3] > north)
    if across.any():
        shapes = shapes.copy()
        shapes[across] = shapely.intersection(shapely.buffer(shapes[across], 0), shapely.box(west, south, east, north))
    return near, shapes


def _edges(shapes: np.ndarray, grid: Grid) -> tuple[np.ndarray, ...]:
    parts, owner = shapely.get_parts(shapes, return_index=True)
    flat = shapely.get_type_id(parts) == 3
    parts, owner = parts[flat], owner[flat]
    rings, part_of = shapely.get_rings(parts, return_index=True)
    points, ring_of = shapely.get_coordinates(rings, return_index=True)
    points = grid.units(points)
    points[:, 0] = np.clip(points[:, 0], 0, grid.columns)
    points[:, 1] = np.clip(points[:, 1], 0, grid.rows)
    same = ring_of[1:] == ring_of[:-1]
    start, end, ring = points[:-1][same], points[1:][same], ring_of[1:][same]
    # outlines are walked counter-clockwise and holes clockwise, however the file has them
    area = np.bincount(ring, start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0], minlength=len(rings))
    outline = np.diff(part_of, prepend=-1) != 0
    turned = ((area > 0) != outline)[ring]
    start[turned], end[turned] = end[turned], start[turned]
    steep = start[:, 1] != end[:, 1]
    start, end, whose = start[steep], end[steep], owner[part_of[ring[steep]]]
    return start[:, 0], start[:, 1], end[:, 0], end[:, 1], whose.astype(np.int64)


def _cut(u0: np.ndarray, v0: np.ndarray, u1: np.ndarray, v1: np.ndarray, owner: np.ndarray) -> tuple[np.ndarray, ...]:
    """Cut segments at all whole numbers of u and v."""
    edge = np.arange(u0.size)
    at_u, t_u = crossings(u0, u1, 0.0)
    at_v, t_v = crossings(v0, v1, 0.0)
    which = np.concatenate([edge, at_u, at_v, edge])
    t = np.concatenate([np.zeros(edge.size), t_u, t_v, np.ones(edge.size)])
    order = np.lexsort((t, which))
    which, t = which[order], t[order]
    u = u0[which] + t * (u1 - u0)[which]
    v = v0[which] + t * (v1 - v0)[which]
    pair = (which[1:] == which[:-1]) & (v[1:] != v[:-1])
    return u[:-1][pair], v[:-1][pair], u[1:][pair], v[1:][pair], owner[which[1:][pair]]


def crossings(start: np.ndarray, end: np.ndarray, offset: float) -> tuple[np.ndarray, np.ndarray]:
    """Where segments cross the values ``offset + whole number``; a value met by an end belongs to the segment above it.

    Parameters
    ----------
    start, end : (segment,) float64
    offset : float

    Returns
    -------
    which : (crossing,) int64
        Segment.
    t : (crossing,) float64
        Place along it, 0..1. [1]
    """
    first = np.floor(np.minimum(start, end) - offset).astype(np.int64) + 1
    last = np.floor(np.maximum(start, end) - offset).astype(np.int64)
    number = np.maximum(last - first + 1, 0)
    which = np.repeat(np.arange(start.size), number)
    value = first[which] + np.arange(which.size) - np.repeat(np.cumsum(number) - number, number) + offset
    t = (value - start[which]) / (end - start)[which]
    return which, np.clip(t, 0.0, 1.0)


def discs(x: np.ndarray, y: np.ndarray, radius: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Cells whose centre lies in a disc, and always the cell of the disc's own centre.

    Returns
    -------
    which, cell : (entry,) int64
        Disc and row-major number of the cell.
    """
    u, v = grid.units(np.column_stack([x, y])).T
    r = np.asarray(radius, float) / grid.cell_size
    reach = np.ceil(r).astype(np.int64)
    side = 2 * reach + 1
    which = np.repeat(np.arange(u.size), side**2)
    step = np.arange(which.size) - np.repeat(np.cumsum(side**2) - side**2, side**2)
    down, across = np.divmod(step, side[which])
    column = np.floor(u[which]).astype(np.int64) + across - reach[which]
    row = np.floor(v[which]).astype(np.int64) + down - reach[which]
    inside = (column + 0.5 - u[which]) ** 2 + (row + 0.5 - v[which]) ** 2 <= r[which] ** 2
    own = (across == reach[which]) & (down == reach[which])
    good = (inside | own) & (column >= 0) & (column < grid.columns) & (row >= 0) & (row < grid.rows)
    return which[good], row[good] * grid.columns + column[good]


@dataclass(frozen=True)
class Faces:
    """Faces between cells that lines pass over.

    Attributes
    ----------
    line, row, column : (face,) int64
        Line, and the face's place in a (y, x_face) or (y_face, x) array.
    x, y : (face,) float64
        Where the line crosses. [m]
    """

    line: np.ndarray
    row: np.ndarray
    column: np.ndarray
    x: np.ndarray
    y: np.ndarray


def faces(lines: np.ndarray, grid: Grid) -> tuple[Faces, Faces]:
    """The faces that separate what lines separate: those whose two cell centres lie on either side.

    The faces of one line form one unbroken chain, so nothing that moves over faces can slip through it, and lines that
    meet in a point give chains that meet.

    Parameters
    ----------
    lines : (line,) array of (Multi)LineString
        [m]
    grid : Grid

    Returns
    -------
    along_x : Faces
        Between west and east cells: ``column`` 0..columns, the face west of that cell.
    along_y : Faces
        Between south and north cells: ``row`` 0..rows, the face south of that cell.
    """
    parts, owner = shapely.get_parts(np.asarray(lines, dtype=object), return_index=True)
    points, part_of = shapely.get_coordinates(parts, return_index=True)
    points = grid.units(points)
    same = part_of[1:] == part_of[:-1]
    start, end, whose = points[:-1][same], points[1:][same], owner[part_of[1:][same]]
    # A line is followed from one nearest grid corner to the next: it steps east or west where it passes the middle of a
    # column, north or south where it passes the middle of a row. Adding whole steps, no rounding can break the chain.
    found = [crossings(start[:, axis], end[:, axis], 0.5) for axis in (0, 1)]
    segment = np.concatenate([which for which, _ in found])
    t = np.concatenate([t for _, t in found])
    axis = np.repeat([0, 1], [which.size for which, _ in found])
    order = np.lexsort((axis, t, segment))
    segment, t, axis = segment[order], t[order], axis[order]
    step = np.zeros((segment.size, 2), np.int64)
    step[np.arange(segment.size), axis] = np.sign((end - start)[segment, axis]).astype(np.int64)
    gone = np.cumsum(step, axis=0) - step
    first = np.flatnonzero(np.diff(segment, prepend=-1))
    run = np.cumsum(np.diff(segment, prepend=-1) != 0) - 1
    corner = np.floor(start[segment] + 0.5).astype(np.int64) + gone - gone[first][run]
    cell = corner + np.minimum(step, 0)
    place = (grid.west, grid.south) + (start[segment] + t[:, None] * (end - start)[segment]) * grid.cell_size

    def on(moved: int, rows: int, columns: int) -> Faces:
        column, row = cell[:, 0], cell[:, 1]
        good = (axis == moved) & (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        return Faces(whose[segment[good]], row[good], column[good], place[good, 0], place[good, 1])

    return on(1, grid.rows, grid.columns + 1), on(0, grid.rows + 1, grid.columns)
