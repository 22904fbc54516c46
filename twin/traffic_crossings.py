"""Which cells of the ground streets cross, and over what length: where the heat of traffic goes."""

import numpy as np
import shapely

from twin.rasterise import Grid, crossings


def crossings_of(
    lines: np.ndarray, street: np.ndarray, above: np.ndarray, grid: Grid
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Cut links at the edges of cells.

    Parameters
    ----------
    lines : (street,) array of LineString
    street : (link,) int
        Of each link.
    above : (link,) bool
        Links of which pieces are wanted; those in tunnels warm no street.
    grid : Grid

    Returns
    -------
    link, row, column : (crossing,) int32
        Each pair of link and cell once, by link and cell; pieces outside the grid are left out.
    length : (crossing,) float64
        [m]
    """
    wanted = np.unique(street[above])
    corners, of = shapely.get_coordinates(lines[wanted], return_index=True)
    points = grid.units(corners)
    same = of[1:] == of[:-1]
    start, end, owner = points[:-1][same], points[1:][same], wanted[of[1:][same]]
    segment = np.arange(owner.size)
    cuts = [crossings(start[:, axis], end[:, axis], 0.0) for axis in (0, 1)]
    which = np.concatenate([segment, *(one for one, _ in cuts), segment])
    t = np.concatenate([np.zeros(segment.size), *(one for _, one in cuts), np.ones(segment.size)])
    order = np.lexsort((t, which))
    which, t = which[order], t[order]
    piece = np.flatnonzero((which[1:] == which[:-1]) & (t[1:] > t[:-1]))
    one, middle, part = which[piece], (t[piece] + t[piece + 1]) / 2, t[piece + 1] - t[piece]
    centre = start[one] + middle[:, None] * (end - start)[one]
    column, row = np.floor(centre).astype(np.int64).T
    length = part * np.hypot(*(end - start)[one].T) * grid.cell_size
    inside = (row >= 0) & (row < grid.rows) & (column >= 0) & (column < grid.columns)
    cell = (row * grid.columns + column)[inside]
    key, place = np.unique(owner[one][inside] * (grid.rows * grid.columns) + cell, return_inverse=True)
    summed = np.bincount(place, length[inside], minlength=key.size)
    owners, cells = np.divmod(key, grid.rows * grid.columns)
    # each link takes the pieces of its street
    low, high = np.searchsorted(owners, street), np.searchsorted(owners, street, side="right")
    number = np.where(above, high - low, 0)
    link = np.repeat(np.arange(street.size), number)
    taken = low[link] + np.arange(link.size) - np.repeat(np.cumsum(number) - number, number)
    rows, columns = np.divmod(cells[taken], grid.columns)
    return link.astype(np.int32), rows.astype(np.int32), columns.astype(np.int32), summed[taken]
