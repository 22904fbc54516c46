"""The walls of each block: how much there is of each aspect, and what they send each other, the ground and the sky.

Walls hide from the cells of a block a share of their sky, and by the reciprocity of view factors see as much of the
ground, and of the sky, as the ground sees of them: area of walls · view of the ground = area of ground · view of the
walls. What is left of the view of a wall is other walls.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import uniform_filter

from kernels.heat.sky_tables import ASPECTS

LOWEST_WALL = 1.0
"""Steps between cells lower than this are slope, not wall. [m]"""
NORMALS = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [-1.0, 0.0]])
"""East and north of the outward normals of the aspects north, east, south, west. [1]"""


def wall_areas(height: np.ndarray, building: np.ndarray, cell_size: float, size: int) -> np.ndarray:
    """Area of the walls in each block, by aspect.

    Parameters
    ----------
    height : (y, x) float32
        Of roofs and ground. [m]
    building : (y, x) bool
    cell_size : float
        [m]
    size : int
        Cells along a block.

    Returns
    -------
    (block row, block column, aspect) float64
        [m²]

    Notes
    -----
    On a raster an oblique wall is a staircase, longer than the wall by |cos| + |sin| of its angle. Each face is counted
    by its part along the wall, whose direction is that of the smoothed outline.
    """
    smooth = uniform_filter(building.astype(np.float32), 5, mode="nearest")
    north, east = np.gradient(smooth)
    length = np.hypot(north, east)
    length[length == 0] = 1.0
    along = {0: np.abs(north) / length, 1: np.abs(east) / length}
    rows, columns = height.shape
    blocks = -(-rows // size), -(-columns // size)
    found = np.zeros((*blocks, ASPECTS))
    for axis in (0, 1):
        ahead = np.diff(height, axis=axis)
        low, high = (np.s_[:-1], np.s_[1:]) if axis == 0 else (np.s_[:, :-1], np.s_[:, 1:])
        part = np.maximum(along[axis][low], along[axis][high])
        # where the outline has no direction (a lone cell) the face counts whole
        part = np.where(part > 0, part, 1.0)
        # a rise towards the north is a wall that looks south
        for facing, step, owner in (
            ((2, ahead, high), (0, -ahead, low)) if axis == 0 else ((3, ahead, high), (1, -ahead, low))
        ):
            area = np.where((step > LOWEST_WALL) & building[owner], step * part * cell_size, 0.0)
            row, column = np.nonzero(area)
            shift = (1, 0) if owner is high and axis == 0 else (0, 1) if owner is high else (0, 0)
            np.add.at(found, ((row + shift[0]) // size, (column + shift[1]) // size, facing), area[row, column])
    return found


@dataclass(eq=False)
class Facades:
    """Walls by block and aspect.

    Attributes
    ----------
    area : (block, 4) float64
        Never less than twice ``view``. [m²]
    view : (block, 4) float64
        Area of ground times its share of sky hidden by these walls: what they see of the ground, and of the sky. [m²]
    again : dict of (block, 4, 4) float64
        What comes back from the ground per exitance of the walls, for ``shortwave`` and ``longwave``: ground reflects
        to walls what it received from walls. [m²]
    reflectance : dict of float
        Of the walls, for both. [1]
    """

    area: np.ndarray
    view: np.ndarray
    again: dict[str, np.ndarray]
    reflectance: dict[str, float]

    def __post_init__(self) -> None:
        self.area = np.maximum(self.area, 2 * self.view)
        self.other = np.where(self.area > 0, 1 - 2 * self.view / np.maximum(self.area, 1e-9), 0.0)
        self._inverse = {kind: self._solver(kind) for kind in self.again}

    def _solver(self, kind: str) -> np.ndarray:
        """(block, 4, 4): from what first arrives at the walls to what leaves them after all reflections."""
        area = np.maximum(self.area, 1e-9)
        to_others = self.area * self.other
        total = np.maximum(to_others.sum(axis=1), 1e-9)
        # arriving flux of aspect a from the exitance of aspect b, per area of a
        between = (to_others[:, :, None] * to_others[:, None, :]) / total[:, None, None]
        back = (between + self.again[kind]) / area[:, :, None]
        matrix = np.eye(ASPECTS) - self.reflectance[kind] * back
        return np.linalg.inv(matrix)

    def exitance(
        self, kind: str, arriving: np.ndarray, emitted: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """What leaves the walls and what falls on them, all reflections between walls and ground included.

        Parameters
        ----------
        kind : {"shortwave", "longwave"}
        arriving : (block, 4) float64
            From sky, sun and ground, before any of it comes back. [W]
        emitted : (block, 4) float64
            By the walls themselves. [W m⁻²]

        Returns
        -------
        exitance, incoming : (block, 4) float64
            [W m⁻²]
        """
        area = np.maximum(self.area, 1e-9)
        first = np.where(self.area > 0, arriving / area, 0.0)
        mirror = self.reflectance[kind]
        leaving = (self._inverse[kind] @ (emitted + mirror * first)[:, :, None])[:, :, 0]
        incoming = (leaving - emitted) / mirror if mirror > 0 else first
        return leaving, np.where(self.area > 0, incoming, 0.0)
