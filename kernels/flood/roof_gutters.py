"""Roofs that drain to the ground around them: which cells a building has, which cells it drains to."""

import numpy as np
from scipy import ndimage

from kernels.contract import LayerError

OPEN_GROUND, OUTSIDE = -1, -2
"""Values of ``building_index`` for ground under the sky and for cells of which nothing is known."""


class RoofGutters:
    """Leads the rain of each building to the ground around it, in equal shares; the sum is kept.

    Parameters
    ----------
    building : (y, x) int
        Building number, `OPEN_GROUND` or `OUTSIDE`.

    Notes
    -----
    A building with no ground of its own around it (a courtyard house in a closed block) drains with all of the block
    it touches. A block with no ground around it at all is refused: its rain would have nowhere to go.
    """

    def __init__(self, building: np.ndarray) -> None:
        self._shape = building.shape
        roof = building >= 0
        self._cells = np.flatnonzero(roof)
        owner = building.ravel()[self._cells].astype(np.int64)
        self._names, owner = np.unique(owner, return_inverse=True)
        pairs = self._ring(building, owner)
        count = int(owner.max()) + 1 if owner.size else 0
        alone = np.setdiff1d(np.arange(count), pairs[:, 0])
        if alone.size:
            block = ndimage.label(roof)[0].ravel()
            around = self._ring(building, block[self._cells])
            for one in alone:
                home = block[self._cells[np.argmax(owner == one)]]
                ground = around[around[:, 0] == home, 1]
                if not ground.size:
                    row, column = np.unravel_index(self._cells[np.argmax(owner == one)], self._shape)
                    raise LayerError(
                        f"flood: the building at cell y {row}, x {column} has no open ground around it, so its rain "
                        "has nowhere to go; mark it as outside (building_index -2) or widen the grid"
                    )
                pairs = np.concatenate([pairs, np.column_stack([np.full(ground.size, one), ground])])
        self._owner, self._pairs = owner, pairs
        self._share = 1.0 / np.maximum(np.bincount(pairs[:, 0], minlength=count), 1)

    def _ring(self, building: np.ndarray, owner: np.ndarray) -> np.ndarray:
        """Pairs (owner, ground cell) of all ground cells that touch a roof by a face."""
        whose = np.full(building.size, -1, np.int64)
        whose[self._cells] = owner
        whose = whose.reshape(self._shape)
        ground = building == OPEN_GROUND
        number = np.arange(building.size).reshape(self._shape)
        found = []
        for axis in (0, 1):
            one = tuple(slice(None, -1) if a == axis else slice(None) for a in (0, 1))
            two = tuple(slice(1, None) if a == axis else slice(None) for a in (0, 1))
            for roof, street in ((one, two), (two, one)):
                touch = (whose[roof] >= 0) & ground[street]
                found.append(np.column_stack([whose[roof][touch], number[street][touch]]))
        return np.unique(np.concatenate(found), axis=0)

    def __call__(self, rain: np.ndarray) -> np.ndarray:
        """Rain per cell as it reaches the ground; same units, same sum over roofs and ground."""
        reached = rain.astype(float).copy()
        if self._cells.size:
            caught = np.bincount(self._owner, weights=reached.ravel()[self._cells], minlength=self._share.size)
            share = (caught * self._share)[self._pairs[:, 0]]
            reached.ravel()[self._cells] = 0.0
            reached += np.bincount(self._pairs[:, 1], weights=share, minlength=reached.size).reshape(self._shape)
        return reached

    def cells_of(self, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cells of some buildings: (place in ``names``, number of the cell in the flattened grid)."""
        return self._under(names, self._owner, self._cells)

    def around(self, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Ground cells that some buildings drain to, in equal shares: (place in ``names``, number of the cell)."""
        return self._under(names, self._pairs[:, 0], self._pairs[:, 1])

    def _under(self, names: np.ndarray, owner: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        place = np.full(self._names.size, -1)
        known = np.searchsorted(self._names, names)
        found = known < self._names.size
        found[found] = self._names[known[found]] == names[found]
        place[known[found]] = np.flatnonzero(found)
        mine = place[owner] >= 0
        return place[owner[mine]], cells[mine]
