"""Where street trees could stand, clear of facades, carriageways and other trees, and where that promises most."""

from dataclasses import dataclass

import numpy as np
import shapely
import xarray as xr
from scipy.ndimage import convolve, distance_transform_edt

from scenarios.heat_exposure import HeatExposure
from twin.land_covers import land_covers
from twin.rasterise import Grid

PLANTABLE = ("paving", "permeable_paving", "cobblestone", "asphalt", "gravel")
"""Kinds of ground of pavements, squares and car parks; carriageways are taken out of them."""
FACADE_CLEAR = 3.0
"""A trunk keeps this from every building. [m]"""
KERB_CLEAR = 1.0
"""A trunk keeps this from every carriageway. [m]"""
TREE_CLEAR = 6.0
"""A trunk keeps this from every other. [m]"""
LOWEST_SUN = 0.05
"""A sun lower than this casts shadows too long to place. [radian]"""


@dataclass(frozen=True)
class TreeSize:
    """The tree that is planted, of the size it will have.

    Attributes
    ----------
    height, crown_diameter, crown_base : float
        [m]
    transmissivity : float
        Share of the sun that passes its crown. [1]
    species : str
        Scientific name, or empty.
    """

    height: float = 10.0
    crown_diameter: float = 6.0
    crown_base: float = 3.0
    transmissivity: float = 0.03
    species: str = ""


@dataclass(frozen=True)
class Clearances:
    """Distances that a new trunk keeps; assumptions of practice, to be replaced by the city's own rules.

    Attributes
    ----------
    facade, kerb, tree : float
        [m]
    """

    facade: float = FACADE_CLEAR
    kerb: float = KERB_CLEAR
    tree: float = TREE_CLEAR


def plantable(
    exposure: HeatExposure, layers: xr.Dataset, clear: Clearances | None = None, grounds: tuple[str, ...] = PLANTABLE
) -> np.ndarray:
    """Cells whose centre can hold a trunk.

    Sewers, cables and cellars under the pavement are not known and not asked: each site is to be looked at before a
    spade is put in.

    Parameters
    ----------
    exposure : HeatExposure
    layers : xarray.Dataset
        Of `twin.layers.layers`, of the same situation.
    clear : Clearances, optional
    grounds : tuple of str
        Keys of land covers.

    Returns
    -------
    (y, x) bool
    """
    keep = clear or Clearances()
    covers = land_covers()
    codes = np.array([covers[key].code for key in grounds])
    cells = np.isin(layers["land_cover"].values, codes) & (layers["building_index"].values == -1)
    size = exposure.grid.cell_size
    cells &= _distance(exposure.streets.carriageways, size) >= keep.kerb
    cells &= away_from_trees(exposure, _trunks(exposure), keep.tree)
    # against the footprints themselves: a wide cell may have its centre in a building and still be mostly open
    row, column = np.nonzero(cells)
    points = shapely.points(exposure.grid.x[column], exposure.grid.y[row])
    tree = shapely.STRtree(exposure.city.buildings.geometry.to_numpy())
    near = np.unique(tree.query(points, predicate="dwithin", distance=keep.facade)[0])
    cells[row[near], column[near]] = False
    return cells


def away_from_trees(exposure: HeatExposure, trunks: np.ndarray, distance: float) -> np.ndarray:
    """Cells whose centre is at least a distance from every trunk.

    Parameters
    ----------
    trunks : (tree, 2) float64
        Lambert 72. [m]
    distance : float
        [m]

    Returns
    -------
    (y, x) bool
    """
    grid = exposure.grid
    free = np.ones(grid.shape, bool)
    reach = int(np.ceil(distance / grid.cell_size)) + 1
    for u, v in grid.units(trunks):
        column, row = int(np.floor(u)), int(np.floor(v))
        rows = np.arange(max(row - reach, 0), min(row + reach + 1, grid.rows))
        columns = np.arange(max(column - reach, 0), min(column + reach + 1, grid.columns))
        if rows.size and columns.size:
            off = np.hypot(rows[:, None] + 0.5 - v, columns[None, :] + 0.5 - u) * grid.cell_size
            free[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] &= off >= distance - 1e-9
    return free


def promising(
    cells: np.ndarray,
    utci: np.ndarray,
    weights: np.ndarray,
    hours: np.ndarray,
    air: np.ndarray,
    sun: np.ndarray,
    *,
    grid: Grid,
    size: TreeSize,
    most: int,
    spacing: float = TREE_CLEAR / 2,
) -> np.ndarray:
    """Choose the sites that are worth a rerun: where a crown's shadow falls on sunny ground near many homes.

    Parameters
    ----------
    cells : (y, x) bool
        Where a trunk could stand.
    utci : (time, y, x) float
        In the hot hours. [K]
    weights : (y, x) float64
        Residents each cell stands for.
    hours : (time,) float64
        For how long each of those times counts. [h]
    air : (time,) float64
        Temperature of the air. [K]
    sun : (time, 2) float64
        Elevation, and azimuth from grid north clockwise. [degree]
    grid : Grid
    size : TreeSize
    most : int
        Sites wanted.
    spacing : float
        Least distance between them. [m]

    Returns
    -------
    (site, 2) float64
        Lambert 72, the most promising first. [m]

    Notes
    -----
    A site is worth the sum, over the hot hours, of residents times the UTCI above the air's own temperature, which is
    about what full shade leaves, under the crown's shadow. The shadow lies at (middle of the crown) / tan(elevation)
    away from the sun. That ranks sites only; what a tree brings is computed by the kernel.
    """
    radius = size.crown_diameter / 2 / grid.cell_size
    reach = int(np.ceil(radius))
    steps = np.arange(-reach, reach + 1)
    disc = (np.hypot(*np.meshgrid(steps, steps)) <= radius).astype(float)
    disc[reach, reach] = 1.0
    rows, columns = np.nonzero(cells)
    score = np.zeros(rows.size)
    middle = 0.5 * (size.height + size.crown_base)
    for felt, long, shade, (elevation, azimuth) in zip(utci, hours, air, np.radians(sun), strict=True):
        known = np.isfinite(felt)
        if elevation <= LOWEST_SUN:
            continue
        worth = convolve(np.where(known, np.maximum(felt - shade, 0.0), 0.0) * weights, disc, mode="constant")
        away = middle / np.tan(elevation) / grid.cell_size
        row = np.rint(rows - away * np.cos(azimuth)).astype(int)
        column = np.rint(columns - away * np.sin(azimuth)).astype(int)
        inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
        score[inside] += long * worth[row[inside], column[inside]]
    x, y = grid.x[columns], grid.y[rows]
    chosen: list[int] = []
    free = np.ones(grid.shape, bool)
    near = int(np.ceil(spacing / grid.cell_size))
    around = np.arange(-near, near + 1)
    close = np.hypot(around[:, None], around[None, :]) * grid.cell_size < spacing - 1e-9
    for number in np.argsort(-score, kind="stable"):
        if len(chosen) >= most or score[number] <= 0:
            break
        row, column = int(rows[number]), int(columns[number])
        if not free[row, column]:
            continue
        chosen.append(int(number))
        low, left = max(row - near, 0), max(column - near, 0)
        window = free[low : row + near + 1, left : column + near + 1]
        window &= ~close[low - row + near :, left - column + near :][: window.shape[0], : window.shape[1]]
    return np.column_stack([x[chosen], y[chosen]]) if chosen else np.zeros((0, 2))


def _trunks(exposure: HeatExposure) -> np.ndarray:
    return shapely.get_coordinates(exposure.city.trees.geometry.to_numpy())


def _distance(cells: np.ndarray, size: float) -> np.ndarray:
    """From each cell's centre to the nearest edge of the cells of a mask, measured to their centres less half a cell.

    [m]
    """
    if not cells.any():
        return np.full(cells.shape, np.inf)
    return distance_transform_edt(~cells, sampling=size) - size / 2
