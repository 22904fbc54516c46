"""Tiles of the grid: which of them have, or may soon have, water; the others are left out of a step."""

import numpy as np

TILE_ROWS, TILE_COLUMNS = 32, 64
"""Cells of a tile. Tiles side by side are worked on as one strip: long rows are quick rows."""


class Tiles:
    """The tiles of a grid and which of them a step must visit.

    A tile is visited while it or a neighbour holds water, and once more after that, so that both halves of the double
    buffer are dry when it rests. Water crosses at most one face in a step, so nothing is missed: leaving tiles out
    changes no bit of the result.

    Parameters
    ----------
    rows, columns : int
        Cells of the grid, without ghosts.
    """

    def __init__(self, rows: int, columns: int) -> None:
        self.shape = -(-rows // TILE_ROWS), -(-columns // TILE_COLUMNS)
        self._rows, self._columns = rows, columns
        self._woken = np.zeros(self.shape, bool)
        self._before = np.ones(self.shape, bool)
        self._all = self._strips(np.ones(self.shape, bool))
        self.only: np.ndarray | None = None
        """(tile row, tile column) bool: tiles that a partial rerun is confined to; None is all."""

    @property
    def count(self) -> int:
        """Number of tiles."""
        return self.shape[0] * self.shape[1]

    def wake(self, rows: np.ndarray | int, columns: np.ndarray | int) -> None:
        """Visit the tiles of some cells (without ghosts) in the next step, whatever was there."""
        self._woken[rows // TILE_ROWS, columns // TILE_COLUMNS] = True

    def wake_all(self) -> None:
        """Visit all tiles in the next step."""
        self._woken[:] = True

    def wake_side(self, side: str) -> None:
        """Visit the tiles along a side in the next step."""
        place = {"west": np.s_[:, 0], "east": np.s_[:, -1], "south": np.s_[0], "north": np.s_[-1]}[side]
        self._woken[place] = True

    def due(self, tops: np.ndarray) -> np.ndarray:
        """The strips of tiles to visit.

        Parameters
        ----------
        tops : (tile row, tile column) int
            Bits of the highest wave speed of each tile after the last step; 0 is dry.

        Returns
        -------
        (strip, 5) int64
            Row of tiles, first row and one after the last, columns likewise, all in the padded grid.
        """
        if self.only is None and self._woken.all():
            self._woken[:] = False
            self._before[:] = True
            return self._all
        near = _dilated((tops != 0) | self._woken)
        chosen = near | self._before
        self._before, self._woken = near, np.zeros(self.shape, bool)
        if self.only is not None:
            chosen = chosen & self.only
        return self._all if chosen.all() else self._strips(chosen)

    def _strips(self, chosen: np.ndarray) -> np.ndarray:
        """Join chosen tiles that lie side by side; cells of each strip."""
        edge = np.diff(np.pad(chosen.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        row, first = np.nonzero(edge == 1)
        last = np.nonzero(edge == -1)[1]
        top = np.minimum(1 + TILE_ROWS * (row + 1), self._rows + 1)
        right = np.minimum(1 + TILE_COLUMNS * last, self._columns + 1)
        return np.column_stack([row, 1 + TILE_ROWS * row, top, 1 + TILE_COLUMNS * first, right]).astype(np.int64)


def _dilated(flags: np.ndarray) -> np.ndarray:
    """True where a flag or one of its eight neighbours is."""
    found = flags.copy()
    found[1:] |= flags[:-1]
    found[:-1] |= flags[1:]
    wide = found.copy()
    wide[:, 1:] |= found[:, :-1]
    wide[:, :-1] |= found[:, 1:]
    return wide
